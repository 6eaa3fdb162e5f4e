/* SPDX-License-Identifier: MIT */
/* The state of a rate control object; docs/rate-control.md explains the quantities. */
#ifndef LIBSL_RC_INTERNAL_H
#define LIBSL_RC_INTERNAL_H

#include <stdbool.h>

#include "libsl/rc_model.h"

#define RC_MAX_PICTURES 64 /* a caller in CQP mode may run far ahead */

/* A picture from sl_rc_begin() until its report is taken into account. */
struct rc_picture {
	enum sl_rc_picture type;
	uint8_t qp;
	uint8_t attempts;	 /* retries so far */
	double expected;	 /* bits */
	double wanted;		 /* bits aimed at by a guess; 0: it was none */
	uint32_t since_i_before; /* what sl_rc_cancel() restores */

	/* Set by sl_rc_end(). */
	double bits, mean_qp; /* bits 0: lost */
	uint64_t filler;
};

struct sl_rc {
	struct sl_rc_params params; /* defaults filled in */

	double per_picture; /* bits of bit_rate a picture */
	double refill;	    /* bits that enter the VBV a picture */
	double fps;

	/* CBR: where fullness is kept so that every 10 s window is within the tolerance. */
	double set_point, band;
	double low, high; /* bounds of fullness before any picture is taken out */
	double reserve;	  /* bits that always stay, for the HRD's rounded delays */

	/* As reported: the VBV before the picture after the newest reported one is taken out. */
	double fullness;
	uint64_t underflows;
	uint64_t filler; /* of the newest reported picture */
	/* Where retries follow each other the QP is held for longer and longer before it may fall.
	 */
	uint64_t last_retry, hold_until; /* picture numbers */
	uint32_t hold;			 /* pictures */

	/*
	 * As decisions see it: reports are taken into account SL_RC_DELAY pictures late even when
	 * they come earlier, so that results do not depend on timing.
	 */
	struct rc_model model;
	double seen_fullness;
	double account;	  /* VBR: bits sent above the average */
	double i_excess;  /* part of it that an I picture may spend and the next pictures pay */
	double i_payment; /* of each picture until i_excess is 0 */
	double qp_p_mean; /* of the last P pictures; below 0: none yet */
	double qp_shift;  /* mean QP of pictures minus the QP chosen: ROI */

	uint32_t since_i; /* pictures begun since the last I picture */
	int last_qp;	  /* chosen last; below 0: none yet */

	/* Pictures seen <= ended <= begun, counted since the start; picture n is in [n % MAX]. */
	uint64_t seen, ended, begun;
	struct rc_picture pictures[RC_MAX_PICTURES];
};

static inline const struct rc_picture *rc_picture(const struct sl_rc *rc, uint64_t number)
{
	return &rc->pictures[number % RC_MAX_PICTURES];
}

/* Derive bands and set point from params (rc_target.c). */
void rc_target_setup(struct sl_rc *rc);
/* Choose the QP of a picture in CBR or VBR mode; *wanted: bits aimed at when that was a guess. */
int rc_target_qp(struct sl_rc *rc, enum sl_rc_picture type, double *wanted);
/* VBV fullness expected before the picture that is begun next is taken out. */
double rc_expected_fullness(const struct sl_rc *rc);
/* Largest size in bits that picture number index may have when taken out at this fullness. */
double rc_size_limit(const struct sl_rc *rc, double fullness, uint64_t index);
/* The nearest QP in qp_min..qp_max. */
int rc_clip_qp(const struct sl_rc *rc, double qp);

#endif
