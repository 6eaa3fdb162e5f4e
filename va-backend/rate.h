/* SPDX-License-Identifier: MIT */
/*
 * Rate control of a context: what the client's buffers ask for, and libsl's controller fed with
 * what comes out. A controller outlives its context while a coded buffer refers to its jobs.
 *
 * Feedback: a picture is reported at the latest before the second one after it is begun. With
 * constant rate it is reported earlier if the client maps its coded buffer earlier, because only
 * then is known how much filler data must follow it.
 */
#ifndef SLVA_RATE_H
#define SLVA_RATE_H

#include "va-backend/job.h"

/* What the client has asked for, kept between pictures. 0: not said. */
struct slva_rate_request {
	uint32_t mode; /* VA_RC_* of the configuration */
	uint32_t bits_per_second, target_percentage;
	uint32_t initial_qp, min_qp, max_qp;
	uint32_t hrd_size, hrd_fullness;
	uint32_t fps_num, fps_den;
	uint32_t gop_size;
	bool disable_bit_stuffing;
	bool reset; /* start anew with the next picture */
};

struct slva_rate;

struct slva_rate *slva_rate_create(void);
struct slva_rate *slva_rate_ref(struct slva_rate *rate);
void slva_rate_put(struct slva_rate *rate);

/*
 * Choose the QP of the next picture; waits for earlier ones as far as their size must be known.
 * Not for constant QP. VA_STATUS_ERROR_INVALID_PARAMETER: the request makes no sense.
 */
VAStatus slva_rate_begin(struct slva_rate *rate, struct slva_driver *drv,
			 const struct slva_rate_request *request, uint32_t width_mbs,
			 uint32_t height_mbs, enum sl_rc_picture type,
			 struct sl_rc_decision *decision);
/* The picture begun last is this job; remembers it until it is reported. */
void slva_rate_submitted(struct slva_rate *rate, struct slva_job *job);
/* The picture begun last was not submitted. */
void slva_rate_cancelled(struct slva_rate *rate);

/* No more pictures: wait for those in flight and let go of them. */
void slva_rate_finish(struct slva_rate *rate);

/* Could the picture begun last break a bound, so that it should be looked at before the next? */
bool slva_rate_is_risky(const struct slva_rate *rate, enum sl_rc_picture type,
			const struct sl_rc_decision *decision);
/*
 * The picture begun last, done but not yet submitted to slva_rate_submitted(): is it better coded
 * again, and with which QP? All earlier ones are done, too.
 */
bool slva_rate_retry(struct slva_rate *rate, struct slva_job *job, struct sl_rc_decision *decision);

/* A finished job whose coded buffer the client is about to see: settles its filler data. */
void slva_rate_settle(struct slva_rate *rate, struct slva_job *job);

#endif
