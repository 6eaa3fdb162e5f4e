/* SPDX-License-Identifier: MIT */
/* The state of a rate control object; docs/rate-control.md explains the quantities. */
#ifndef LIBSL_RC_INTERNAL_H
#define LIBSL_RC_INTERNAL_H

#include <stdbool.h>

#include "libsl/rc_model.h"

#define RC_MAX_PENDING 64 /* a caller in CQP mode may run far ahead */

/* A picture between sl_rc_begin() and sl_rc_end(). */
struct rc_pending {
	enum sl_rc_picture type;
	uint8_t qp;
	uint8_t attempts;	 /* retries so far */
	double bits;		 /* expected */
	double wanted;		 /* bits aimed at by a guess; 0: it was none */
	uint32_t since_i_before; /* what sl_rc_cancel() restores */
	int last_qp_before;
};

struct sl_rc {
	struct sl_rc_params params; /* defaults filled in */
	struct rc_model model;

	double per_picture; /* bits of bit_rate a picture */
	double refill;	    /* bits that enter the VBV a picture */
	double fps;
	double fullness; /* VBV before the oldest pending picture is taken out */
	uint64_t underflows;
	uint64_t filler;

	/* CBR: where fullness is kept so that every 10 s window is within the tolerance. */
	double set_point, band;
	double low, high; /* bounds of fullness before any picture is taken out */
	double reserve;	  /* bits that always stay, for the HRD's rounded delays */

	/* VBR: the account of bits sent above the average. */
	double account;
	double i_excess;  /* part of it that an I picture may spend and the next pictures pay */
	double i_payment; /* of each picture until i_excess is 0 */

	uint64_t begun, ended; /* pictures since the start or the last change of rates */
	uint32_t since_i;      /* pictures begun since the last I picture */
	double qp_p_mean;      /* of the last P pictures; below 0: none yet */
	int last_qp;	       /* chosen last; below 0: none yet */
	double qp_shift;       /* mean QP of pictures minus the QP chosen: ROI */

	struct rc_pending pending[RC_MAX_PENDING];
	unsigned int first_pending, num_pending;
};

/* Derive bands and set point from params (rc_target.c). */
void rc_target_setup(struct sl_rc *rc);
/* Choose the QP of a picture in CBR or VBR mode; *wanted: bits aimed at when that was a guess. */
int rc_target_qp(struct sl_rc *rc, enum sl_rc_picture type, double *wanted);
/* VBV fullness expected before the picture after all pending ones is taken out. */
double rc_expected_fullness(const struct sl_rc *rc);
/* Largest size in bits that picture number index may have when taken out at this fullness. */
double rc_size_limit(const struct sl_rc *rc, double fullness, uint64_t index);
/* The nearest QP in qp_min..qp_max. */
int rc_clip_qp(const struct sl_rc *rc, double qp);

#endif
