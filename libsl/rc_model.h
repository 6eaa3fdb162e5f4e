/* SPDX-License-Identifier: MIT */
/*
 * What a picture will cost: from the last pictures of its type, a point (QP, bits), and the number
 * of QP steps that halve the bits. Pure arithmetic on the caller's struct; not thread-safe.
 */
#ifndef LIBSL_RC_MODEL_H
#define LIBSL_RC_MODEL_H

#include "sl200/rate_control.h"

#define RC_TYPES 3

struct rc_point {
	double qp, bits; /* bits 0: nothing seen */
};

struct rc_model {
	struct rc_point fast[RC_TYPES]; /* the last few pictures */
	struct rc_point slow;		/* the P pictures of about half a second */
	double slow_weight;		/* of the newest picture in slow, once enough are seen */
	unsigned int slow_count;
	int surprise; /* the last P picture was far larger (1) or smaller (-1) than foreseen */
	struct rc_point guess; /* an I picture before anything is known */

	/* Regression of the change of log2(bits) on the change of QP, P picture to P picture. */
	double sum_qp_bits, sum_qp_qp;
	struct rc_point last; /* the newest P picture */
};

/* pixels: luma samples of a picture; pictures_per_s: frame rate. */
void rc_model_init(struct rc_model *m, double pixels, double pictures_per_s);

/* Expected bits of a picture of this type at qp. */
double rc_model_bits(const struct rc_model *m, enum sl_rc_picture type, double qp);

/* The QP, not clipped, at which the next picture of this type is expected to have this many bits.
 */
double rc_model_qp(const struct rc_model *m, enum sl_rc_picture type, double bits);

/* The same for P pictures from what they were over a longer time. */
double rc_model_slow_qp(const struct rc_model *m, double bits);

/* Learn from a picture. */
void rc_model_learn(struct rc_model *m, enum sl_rc_picture type, double qp, double bits);

#endif
