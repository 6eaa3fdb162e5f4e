// SPDX-License-Identifier: MIT
/* How many bits a picture should have, and so its QP: CBR and VBR (docs/rate-control.md). */
#include <math.h>

#include "libsl/rc_internal.h"

/* Parts of the CBR band, relative to the set point. */
#define BAND_HIGH 0.42 /* above: filler */
#define BAND_LOW 0.52  /* below: code the picture again */
#define BAND_I 0.48    /* how far down an I picture may aim */
#define BAND_AIM 0.05  /* P pictures aim that much below */
#define BAND_SAVE 0.25 /* before a known I picture they aim this much above */

#define SAVE_S 0.5	   /* time in which bits for a known I picture are saved */
#define START_S 1.5	   /* time in which the first I picture is paid */
#define START_EXCESS_S 0.2 /* what it may have, in time at bit_rate */
#define CORRECT_S 0.4	   /* time constant of the correction towards the set point */
#define MARGIN 0.85	   /* part of a limit that is aimed at, as predictions err */

#define I_BELOW_P 3 /* QP of I pictures below the mean of P pictures */
#define B_ABOVE_P 2
#define MAX_QP_FALL 2	   /* from one P picture to the next: fine detail comes back by and by */
#define FIRST_I_PICTURES 8 /* a first I picture is given the bits of as many pictures */

#define VBR_HORIZON_S 1.0     /* in which the account is evened out, at least */
#define VBR_HORIZON_PART 0.03 /* or this part of the time gone */
#define VBR_HORIZON_MAX_S 30.0
#define VBR_I_PART 0.4 /* of the bits of its group of pictures that an I picture may take */

static double clip(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

int rc_clip_qp(const struct sl_rc *rc, double qp)
{
	return (int)clip(floor(qp + 0.5), rc->params.qp_min, rc->params.qp_max);
}

void rc_target_setup(struct sl_rc *rc)
{
	const struct sl_rc_params *p = &rc->params;
	double size = (double)p->vbv_size;
	double rate = (double)(p->mode == SL_RC_VBR ? p->max_bit_rate : p->bit_rate);

	rc->fps = (double)p->fps_num / p->fps_den;
	rc->per_picture = (double)p->bit_rate / rc->fps;
	rc->refill = rate / rc->fps;
	rc->reserve = fmin(rate / 90000 + 64, 0.05 * rc->refill);
	rc->band = p->rate_tolerance * 0.01 * (double)p->bit_rate;
	/* Below some 20 pictures a second a picture is too large a part of 10 s for less. */
	rc->band = fmin(fmax(rc->band, 2 * rc->per_picture), size);
	rc->set_point = clip((double)p->vbv_initial, rc->refill + BAND_LOW * rc->band,
			     fmax(size - BAND_HIGH * rc->band, rc->refill));
	rc->low = fmax(rc->set_point - BAND_LOW * rc->band, rc->refill + rc->reserve);
	rc->high = fmin(rc->set_point + BAND_HIGH * rc->band, size);
}

double rc_expected_fullness(const struct sl_rc *rc)
{
	double high = rc->params.mode == SL_RC_CBR ? rc->high : (double)rc->params.vbv_size;
	double fullness = rc->seen_fullness;

	for (uint64_t n = rc->seen; n < rc->begun; n++) {
		fullness = fmax(fullness - rc_picture(rc, n)->expected, 0) + rc->refill;
		fullness = fmin(fullness, fmax(high, rc->refill));
	}
	return fullness;
}

double rc_size_limit(const struct sl_rc *rc, double fullness, uint64_t index)
{
	double vbv = fullness - rc->reserve;
	double start = 1 - (double)index / (START_S * rc->fps);
	double low = rc->low;

	if (rc->params.mode != SL_RC_CBR)
		return vbv;
	if (start > 0)
		low = fmin(low,
			   rc->set_point - start * START_EXCESS_S * (double)rc->params.bit_rate);
	/* An average picture is never too large, wherever the buffer stands. */
	return fmin(vbv, fmax(fullness + rc->refill - low, rc->refill));
}

/* Bits an I picture in CBR mode may aim at. */
static double cbr_i_bits(const struct sl_rc *rc, double fullness)
{
	double down = fmin(BAND_I * rc->band, rc->set_point - rc->low);
	double bits = fullness + rc->refill - (rc->set_point - down);

	if (!rc->begun)
		bits = fmin(rc_size_limit(rc, fullness, 0), FIRST_I_PICTURES * rc->per_picture);
	return MARGIN * fmin(fmax(bits, rc->refill), fullness - rc->reserve);
}

static double cbr_p_bits(const struct sl_rc *rc, double fullness)
{
	double aim = rc->set_point - BAND_AIM * rc->band;
	double correct = fmax(4, CORRECT_S * rc->fps);
	double bits;

	if (rc->params.gop_size > rc->since_i) {
		double save = fmin(SAVE_S * rc->fps, rc->params.gop_size / 2.0);
		double left = (double)(rc->params.gop_size - rc->since_i);

		if (left < save)
			aim += (BAND_AIM + BAND_SAVE) * rc->band * (1 - left / save);
	}
	bits = rc->per_picture + (fullness - aim) / correct;
	bits = fmin(bits, MARGIN * rc_size_limit(rc, fullness, rc->begun));
	return fmax(bits, 0.2 * rc->per_picture);
}

/* Bits an I picture in VBR mode may aim at: the P pictures must be able to pay for it. */
static double vbr_i_bits(const struct sl_rc *rc, double fullness)
{
	double bits = MARGIN * (fullness - rc->reserve);

	if (rc->params.gop_size > 1)
		bits = fmin(bits, fmax(VBR_I_PART * rc->params.gop_size, 1) * rc->per_picture);
	return bits;
}

static double vbr_p_bits(const struct sl_rc *rc)
{
	double elapsed = (double)rc->begun / rc->fps;
	double horizon = clip(VBR_HORIZON_PART * elapsed, VBR_HORIZON_S, VBR_HORIZON_MAX_S);
	double account = rc->account;
	double owed = rc->i_excess;

	for (uint64_t n = rc->seen; n < rc->begun; n++) {
		double excess = rc_picture(rc, n)->expected - rc->per_picture;

		account += excess;
		if (rc_picture(rc, n)->type == SL_RC_I)
			owed += fmax(excess, 0);
	}
	return clip(rc->per_picture - (owed > 0 ? rc->i_payment : 0) -
			    (account - owed) / (horizon * rc->fps),
		    0.25 * rc->per_picture, 3 * rc->per_picture);
}

static int i_qp(struct sl_rc *rc, double fullness, double *wanted)
{
	double limit =
		rc->params.mode == SL_RC_CBR ? cbr_i_bits(rc, fullness) : vbr_i_bits(rc, fullness);
	double qp_limit = rc_model_qp(&rc->model, SL_RC_I, limit) - rc->qp_shift;

	if (rc->qp_p_mean >= 0)
		return rc_clip_qp(rc, ceil(fmax(qp_limit, rc->qp_p_mean - I_BELOW_P) - 0.5));
	if (rc->params.initial_qp)
		return rc_clip_qp(rc, rc->params.initial_qp);
	*wanted = fmin(limit, FIRST_I_PICTURES * rc->per_picture);
	return rc_clip_qp(rc, rc_model_qp(&rc->model, SL_RC_I, *wanted));
}

static int p_qp(struct sl_rc *rc, enum sl_rc_picture type, double fullness)
{
	double limit = MARGIN * rc_size_limit(rc, fullness, rc->begun);
	double qp;

	if (rc->params.mode == SL_RC_CBR) {
		qp = rc_model_qp(&rc->model, type, cbr_p_bits(rc, fullness));
	} else {
		qp = type == SL_RC_P ? rc_model_slow_qp(&rc->model, vbr_p_bits(rc))
				     : rc_model_qp(&rc->model, type, vbr_p_bits(rc));
		qp = fmax(qp, rc_model_qp(&rc->model, type, limit));
	}
	if (type == SL_RC_B)
		qp = fmax(qp, rc->qp_p_mean + B_ABOVE_P);
	qp -= rc->qp_shift;
	if (rc->last_qp >= 0)
		qp = fmax(qp, rc->last_qp - (rc->begun < rc->hold_until ? 0 : MAX_QP_FALL));
	return rc_clip_qp(rc, qp);
}

int rc_target_qp(struct sl_rc *rc, enum sl_rc_picture type, double *wanted)
{
	double fullness = rc_expected_fullness(rc);

	*wanted = 0;
	/* Where all pictures are I pictures, they are steered as P pictures are. */
	if (type == SL_RC_I && rc->params.gop_size == 1 && rc->begun)
		return p_qp(rc, type, fullness);
	return type == SL_RC_I ? i_qp(rc, fullness, wanted) : p_qp(rc, type, fullness);
}
