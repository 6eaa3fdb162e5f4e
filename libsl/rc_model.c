// SPDX-License-Identifier: MIT
#include <math.h>

#include "libsl/rc_model.h"

/* Typical camera content: bits per luma sample of an I picture at QP 26, and what P and B are of I.
 */
#define GUESS_BITS_PER_SAMPLE 0.7
#define GUESS_P_OF_I 0.35
#define GUESS_B_OF_P 0.6

#define FAST_WEIGHT 0.4 /* of the newest picture */
#define SURPRISE 3.0 /* ratio of found to foreseen complexity that marks a scene cut or a still */

void rc_model_init(struct rc_model *m, double pixels, double pictures_per_s)
{
	*m = (struct rc_model){
		.guess = pixels * GUESS_BITS_PER_SAMPLE * exp2(26.0 / 6),
		.slow_weight = fmin(0.25, 2 / fmax(1, pictures_per_s)),
	};
}

double rc_model_complexity(const struct rc_model *m, enum sl_rc_picture type)
{
	if (m->fast[type] > 0)
		return m->fast[type];
	switch (type) {
	case SL_RC_I:
		return m->fast[SL_RC_P] > 0 ? m->fast[SL_RC_P] / GUESS_P_OF_I : m->guess;
	case SL_RC_P:
		return rc_model_complexity(m, SL_RC_I) * GUESS_P_OF_I;
	default:
		return rc_model_complexity(m, SL_RC_P) * GUESS_B_OF_P;
	}
}

double rc_model_bits(const struct rc_model *m, enum sl_rc_picture type, double qp)
{
	return rc_model_complexity(m, type) * exp2(-qp / 6);
}

double rc_model_qp(double k, double bits)
{
	return 6 * log2(k / fmax(bits, 1));
}

static void learn_p(struct rc_model *m, double k)
{
	double ratio = k / m->fast[SL_RC_P];
	int surprise = ratio > SURPRISE ? 1 : ratio < 1 / SURPRISE ? -1 : 0;

	/*
	 * One picture far off the line is a scene cut or a repeated picture, and says little about
	 * those after it; two in a row do.
	 */
	if (surprise && surprise != m->surprise)
		k = m->fast[SL_RC_P] * (surprise > 0 ? SURPRISE / 1.5 : 1.5 / SURPRISE);
	m->surprise = surprise;
	m->fast[SL_RC_P] += FAST_WEIGHT * (k - m->fast[SL_RC_P]);
}

void rc_model_learn(struct rc_model *m, enum sl_rc_picture type, double qp, double bits)
{
	double k = fmax(bits, 1) * exp2(qp / 6);

	if (type == SL_RC_P) {
		double weight = fmax(m->slow_weight, 1.0 / ++m->slow_count);

		m->slow += weight * (k - m->slow);
	}
	if (m->fast[type] <= 0) {
		m->fast[type] = k;
		return;
	}
	if (type == SL_RC_P) {
		learn_p(m, k);
		/* A scene cut costs what an I picture of the new scene would. */
		if (m->surprise > 0 && k > m->fast[SL_RC_I])
			m->fast[SL_RC_I] = k;
		return;
	}
	/* I pictures are far apart: the newest one says most. */
	m->fast[type] += (type == SL_RC_I ? 0.8 : FAST_WEIGHT) * (k - m->fast[type]);
}
