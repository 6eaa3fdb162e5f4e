/* SPDX-License-Identifier: MIT */
/*
 * What a picture will cost: bits = K * 2^(-QP/6), with a complexity K for each picture type that
 * follows the content. Pure arithmetic on the caller's struct; not thread-safe.
 */
#ifndef LIBSL_RC_MODEL_H
#define LIBSL_RC_MODEL_H

#include "sl200/rate_control.h"

#define RC_TYPES 3

struct rc_model {
	double fast[RC_TYPES]; /* K of the last few pictures; 0: none seen */
	double slow;	       /* K of the P pictures of about half a second; 0: none seen */
	double slow_weight;    /* of the newest picture in slow, once enough are seen */
	unsigned int slow_count;
	int surprise; /* the last P picture was far larger (1) or smaller (-1) than foreseen */
	double guess; /* K of an I picture before anything is known */
};

/* pixels: luma samples of a picture; pictures_per_s: frame rate. */
void rc_model_init(struct rc_model *m, double pixels, double pictures_per_s);

/* Expected bits of a picture of this type at qp. */
double rc_model_bits(const struct rc_model *m, enum sl_rc_picture type, double qp);

/* The QP at which a picture of complexity k has this many bits (at least 1); not clipped. */
double rc_model_qp(double k, double bits);

/* Complexity of the next picture of a type. */
double rc_model_complexity(const struct rc_model *m, enum sl_rc_picture type);

/* Learn from a picture. */
void rc_model_learn(struct rc_model *m, enum sl_rc_picture type, double qp, double bits);

#endif
