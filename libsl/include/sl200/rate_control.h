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
	uint8_t qp_i, qp_p, qp_b; /* CQP; each 0..51 */
	uint8_t qp_min, qp_max; /* 0, 0: 1..51, in CQP 0..51; they bind all modes */
	uint8_t initial_qp; /* 0: estimated */
	uint64_t bit_rate; /* CBR, VBR: target, bits a second */
	uint64_t max_bit_rate; /* VBR: peak; 0: 1.5 times bit_rate */
	uint64_t vbv_size; /* bits; 0: one second at bit_rate (max_bit_rate for VBR) */
	uint64_t vbv_initial; /* bits in it at the start, vbv_size at most; 0: three quarters */
	uint32_t gop_size; /* distance of I pictures; 0: unknown or infinite */
	/*
	 * CBR: how far the bits of any 10 s may be from bit_rate, in permille; 0: 10. A higher
	 * value lets I pictures be larger.
	 */
	uint32_t rate_tolerance;
};

enum sl_rc_picture {
	SL_RC_I = 0,
	SL_RC_P = 1,
	SL_RC_B = 2,
};

/*
 * How many pictures may be between choosing a QP and its feedback: before sl_rc_begin() of
 * picture n, sl_rc_end() of picture n - 1 - SL_RC_DELAY has been called. Later pictures may be
 * reported already; decisions do not look at them.
 */
#define SL_RC_DELAY 1

struct sl_rc;

/*
 * SL_ERR_INVALID: a field out of range, which sl_last_error() names. *rc is the caller's to
 * destroy.
 */
SL_API int sl_rc_create(const struct sl_rc_params *params, struct sl_rc **rc);
/* NULL is allowed. */
SL_API void sl_rc_destroy(struct sl_rc *rc);
/*
 * Change the mode, rates or QPs from the next picture on; what was learnt of the content is kept.
 * SL_ERR_INVALID as above, and then nothing changes.
 */
SL_API int sl_rc_update(struct sl_rc *rc, const struct sl_rc_params *params);

struct sl_rc_decision {
	uint8_t qp; /* of the picture */
	/*
	 * A picture larger than this breaks the VBV; 0: no bound. An estimate while the size of the
	 * picture before is not known.
	 */
	uint32_t max_bytes;
};
/* Choose the QP of the next picture in coding order. */
SL_API void sl_rc_begin(struct sl_rc *rc, enum sl_rc_picture type, struct sl_rc_decision *decision);

/*
 * Whether the oldest picture not yet reported, coded in this many bits, breaks a bound and is
 * better coded again. Returns 1 with the QP for that, which is higher, or 0: report it with
 * sl_rc_end(). A caller that codes it again also codes all later pictures again, after
 * sl_rc_cancel() and a new sl_rc_begin() for each.
 */
SL_API int sl_rc_retry(struct sl_rc *rc, uint64_t bits, double mean_qp,
		       struct sl_rc_decision *decision);

/*
 * Report the oldest picture not yet reported: its size as coded, and the mean QP it used. bits 0:
 * nothing came out, the picture was lost.
 */
SL_API void sl_rc_end(struct sl_rc *rc, uint64_t bits, double mean_qp);

/* Forget the pictures begun and not yet reported, except the oldest keep of them. */
SL_API void sl_rc_cancel(struct sl_rc *rc, unsigned int keep);

/*
 * Bits of filler data (NAL unit type 12) that must follow the picture just reported so that a CBR
 * buffer does not overflow: 0, or a multiple of 8 that is at least SL_RC_FILLER_MIN. Always 0 in
 * other modes. They count as sent.
 */
#define SL_RC_FILLER_MIN 48 /* start code of 4 bytes, NAL unit header, trailing bits */
SL_API uint64_t sl_rc_filler_bits(const struct sl_rc *rc);

/* The decoder's buffer as it is when the oldest picture not yet reported is taken out. */
struct sl_rc_vbv {
	uint64_t rate; /* bits a second at which it fills */
	uint64_t size; /* bits; 0: CQP, no buffer */
	uint64_t fullness; /* bits, before that picture is taken out */
	uint64_t underflows; /* pictures that were too large even at qp_max */
};
SL_API void sl_rc_vbv(const struct sl_rc *rc, struct sl_rc_vbv *vbv);

#ifdef __cplusplus
}
#endif
#endif
