/* SPDX-License-Identifier: MIT */
/*
 * Rate control: chooses the QP of each picture. Used by encoder sessions and by the VA-API backend.
 * Feedback is taken in coding order with a fixed delay, so that results do not depend on timing.
 * Not thread-safe; one object serves one stream.
 */
#ifndef SL_RATE_CONTROL_H
#define SL_RATE_CONTROL_H

#include "sl200/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sl_rc_mode {
	SL_RC_CQP = 0,
	SL_RC_CBR = 1, /* constant rate; the VBV is neither emptied nor overfilled */
	SL_RC_VBR = 2, /* average rate, below max_bit_rate */
};

struct sl_rc_params {
	enum sl_rc_mode mode;
	uint32_t width_mbs, height_mbs;
	uint32_t fps_num, fps_den;
	uint8_t qp_i, qp_p, qp_b; /* CQP */
	uint8_t qp_min, qp_max; /* 0, 0: 1..51 */
	uint8_t initial_qp; /* 0: estimated */
	uint64_t bit_rate; /* CBR, VBR: target, bits a second */
	uint64_t max_bit_rate; /* VBR: peak; 0: 1.5 times bit_rate */
	uint64_t vbv_size; /* bits; 0: one second at bit_rate (max_bit_rate for VBR) */
	uint64_t vbv_initial; /* bits in it at the start; 0: three quarters */
	uint32_t gop_size; /* distance of IDR pictures; 0: unknown or infinite */
};

enum sl_rc_picture {
	SL_RC_I = 0,
	SL_RC_P = 1,
	SL_RC_B = 2,
};

/*
 * How many pictures may be between choosing a QP and its feedback: before sl_rc_begin() of
 * picture n, sl_rc_end() of picture n - 1 - SL_RC_DELAY has been called.
 */
#define SL_RC_DELAY 1

struct sl_rc;

SL_API int sl_rc_create(const struct sl_rc_params *params, struct sl_rc **rc);
SL_API void sl_rc_destroy(struct sl_rc *rc);
/* Change rates or QPs from the next picture on; state is kept where it still means something. */
SL_API int sl_rc_update(struct sl_rc *rc, const struct sl_rc_params *params);

struct sl_rc_decision {
	uint8_t qp; /* of the picture */
	uint32_t max_bytes; /* a picture larger than this breaks the VBV; 0: no bound */
};
/* Choose the QP of the next picture in coding order. */
SL_API void sl_rc_begin(struct sl_rc *rc, enum sl_rc_picture type, struct sl_rc_decision *decision);

/* Report the oldest picture not yet reported: its size as coded, and the mean QP it used. */
SL_API void sl_rc_end(struct sl_rc *rc, uint64_t bits, double mean_qp);

/*
 * Bits of filler data (NAL type 12) that must follow the picture just ended so that a CBR buffer
 * does not overflow; 0 mostly, and always 0 in other modes.
 */
SL_API uint64_t sl_rc_filler_bits(const struct sl_rc *rc);

#ifdef __cplusplus
}
#endif
#endif
