// SPDX-License-Identifier: MIT
#include <math.h>

#include "libsl/rc_model.h"

/* Typical camera content: bits per luma sample of an I picture at QP 26, and what P and B are of I.
 */
#define GUESS_QP 26.0
#define GUESS_BITS_PER_SAMPLE 0.7
#define GUESS_P_OF_I 0.35
#define GUESS_B_OF_P 0.6

#define FAST_WEIGHT 0.4 /* of the newest picture */
#define I_WEIGHT 0.8	/* I pictures are far apart: the newest one says most */
#define SURPRISE 3.0	/* ratio of found to foreseen bits that marks a scene cut or a still */

/* The quantiser step doubles every 6 QP; noise that falls into the dead zone is far steeper. */
#define HALVING 6.0
#define HALVING_MIN 1.2
#define SLOPE_MEMORY 0.95 /* of the regression, a picture */
#define SLOPE_PRIOR 8.0	  /* QP steps squared of pictures with the usual slope, put before it */

void rc_model_init(struct rc_model *m, double pixels, double pictures_per_s)
{
	*m = (struct rc_model){
		.guess = {GUESS_QP, pixels * GUESS_BITS_PER_SAMPLE},
		.slow_weight = fmin(0.25, 2 / fmax(1, pictures_per_s)),
	};
}

/* QP steps that halve the bits of P pictures. */
static double halving(const struct rc_model *m)
{
	double slope = (m->sum_qp_bits - SLOPE_PRIOR / HALVING) / (m->sum_qp_qp + SLOPE_PRIOR);

	return fmin(fmax(-1 / fmin(slope, -1e-3), HALVING_MIN), HALVING);
}

static double steps(const struct rc_model *m, enum sl_rc_picture type)
{
	return type == SL_RC_I ? HALVING : halving(m);
}

static struct rc_point scaled(struct rc_point p, double factor)
{
	p.bits *= factor;
	return p;
}

static struct rc_point expectation(const struct rc_model *m, enum sl_rc_picture type)
{
	if (m->fast[type].bits > 0)
		return m->fast[type];
	switch (type) {
	case SL_RC_I:
		return m->fast[SL_RC_P].bits > 0 ? scaled(m->fast[SL_RC_P], 1 / GUESS_P_OF_I)
						 : m->guess;
	case SL_RC_P:
		return scaled(expectation(m, SL_RC_I), GUESS_P_OF_I);
	default:
		return scaled(expectation(m, SL_RC_P), GUESS_B_OF_P);
	}
}

static double bits_at(struct rc_point p, double qp, double halving_steps)
{
	return p.bits * exp2((p.qp - qp) / halving_steps);
}

double rc_model_bits(const struct rc_model *m, enum sl_rc_picture type, double qp)
{
	return bits_at(expectation(m, type), qp, steps(m, type));
}

static double qp_for(struct rc_point p, double bits, double halving_steps)
{
	return p.qp + halving_steps * log2(p.bits / fmax(bits, 1));
}

double rc_model_qp(const struct rc_model *m, enum sl_rc_picture type, double bits)
{
	return qp_for(expectation(m, type), bits, steps(m, type));
}

double rc_model_slow_qp(const struct rc_model *m, double bits)
{
	return m->slow.bits > 0 ? qp_for(m->slow, bits, HALVING) : rc_model_qp(m, SL_RC_P, bits);
}

/* Move a point to the QP of a new picture and towards its bits. */
static void blend(struct rc_point *p, double qp, double bits, double weight, double halving_steps)
{
	double old = bits_at(*p, qp, halving_steps);

	p->bits = p->bits > 0 ? old + weight * (bits - old) : bits;
	p->qp = qp;
}

static void learn_slope(struct rc_model *m, double qp, double bits)
{
	double d_qp = qp - m->last.qp, d_bits = log2(bits / m->last.bits);

	m->sum_qp_bits = SLOPE_MEMORY * m->sum_qp_bits + d_qp * d_bits;
	m->sum_qp_qp = SLOPE_MEMORY * m->sum_qp_qp + d_qp * d_qp;
}

static void learn_p(struct rc_model *m, double qp, double bits)
{
	double expected = bits_at(m->fast[SL_RC_P], qp, halving(m));
	double ratio = bits / expected;
	int surprise = ratio > SURPRISE ? 1 : ratio < 1 / SURPRISE ? -1 : 0;

	/*
	 * One picture far off the line is a scene cut or a repeated picture, and says little about
	 * those after it; two in a row do.
	 */
	if (surprise && surprise != m->surprise)
		bits = expected * (surprise > 0 ? SURPRISE / 1.5 : 1.5 / SURPRISE);
	m->surprise = surprise;
	blend(&m->fast[SL_RC_P], qp, bits, FAST_WEIGHT, halving(m));
}

void rc_model_learn(struct rc_model *m, enum sl_rc_picture type, double qp, double bits)
{
	bits = fmax(bits, 1);
	if (type != SL_RC_P) {
		blend(&m->fast[type], qp, bits, type == SL_RC_I ? I_WEIGHT : FAST_WEIGHT,
		      steps(m, type));
		return;
	}
	blend(&m->slow, qp, bits, fmax(m->slow_weight, 1.0 / ++m->slow_count), HALVING);
	if (m->fast[SL_RC_P].bits <= 0) {
		m->fast[SL_RC_P] = (struct rc_point){qp, bits};
	} else {
		learn_p(m, qp, bits);
		if (!m->surprise)
			learn_slope(m, qp, bits);
		/* A scene cut costs what an I picture of the new scene would. */
		if (m->surprise > 0 && bits > rc_model_bits(m, SL_RC_I, qp))
			m->fast[SL_RC_I] = (struct rc_point){qp, bits};
	}
	m->last = (struct rc_point){qp, bits};
}
