// SPDX-License-Identifier: MIT
/* Rate control: parameters, pictures and their reports, and the VBV (docs/rate-control.md). */
#include <math.h>
#include <stdlib.h>

#include "libsl/error.h"
#include "libsl/rc_internal.h"

#define MAX_BIT_RATE (4ull << 30) /* bits a second; five times what level 6.2 allows */
#define MAX_VBV_SIZE (40ull << 30)
#define MAX_FPS 1000
#define MAX_RETRIES 12
#define HOLD_MIN 4    /* pictures */
#define CREDIT_S 10.0 /* VBR: bits that easy content leaves are kept for that time */
#define I_PAY_S 2.0   /* VBR: time in which an I picture is paid */

static int check_qps(const struct sl_rc_params *p)
{
	if (p->qp_max > 51 || p->qp_min > p->qp_max)
		return sl_fail(SL_ERR_INVALID,
			       "rate control: qp_min..qp_max %u..%u is not in 0..51", p->qp_min,
			       p->qp_max);
	if (p->qp_i > 51 || p->qp_p > 51 || p->qp_b > 51 || p->initial_qp > 51)
		return sl_fail(SL_ERR_INVALID, "rate control: a QP is above 51");
	return 0;
}

static int check_rates(const struct sl_rc_params *p)
{
	double per_picture = (double)p->bit_rate * p->fps_den / p->fps_num;

	if (!p->bit_rate || p->bit_rate > MAX_BIT_RATE || p->max_bit_rate > MAX_BIT_RATE)
		return sl_fail(SL_ERR_INVALID, "rate control: bit_rate is not in 1..%llu",
			       MAX_BIT_RATE);
	if (p->mode == SL_RC_VBR && p->max_bit_rate < p->bit_rate)
		return sl_fail(SL_ERR_INVALID, "rate control: max_bit_rate is below bit_rate");
	if (p->vbv_size > MAX_VBV_SIZE || (double)p->vbv_size < per_picture)
		return sl_fail(SL_ERR_INVALID,
			       "rate control: vbv_size %llu holds less than a picture at bit_rate, "
			       "or more than %llu bits",
			       (unsigned long long)p->vbv_size, MAX_VBV_SIZE);
	if (p->vbv_initial > p->vbv_size)
		return sl_fail(SL_ERR_INVALID, "rate control: vbv_initial is above vbv_size");
	if (p->rate_tolerance > 1000)
		return sl_fail(SL_ERR_INVALID, "rate control: rate_tolerance is above 1000");
	return 0;
}

/* Check params, and fill in what 0 stands for. */
static int resolve(const struct sl_rc_params *params, struct sl_rc_params *p)
{
	int ret;

	*p = *params;
	if (!p->qp_min && !p->qp_max) {
		p->qp_min = p->mode == SL_RC_CQP ? 0 : 1;
		p->qp_max = 51;
	}
	ret = check_qps(p);
	if (ret)
		return ret;
	if (p->mode == SL_RC_CQP)
		return 0;
	if (p->mode != SL_RC_CBR && p->mode != SL_RC_VBR)
		return sl_fail(SL_ERR_INVALID, "rate control: mode %d is unknown", (int)p->mode);
	if (!p->width_mbs || !p->height_mbs || p->width_mbs > 4096 || p->height_mbs > 4096)
		return sl_fail(SL_ERR_INVALID, "rate control: width_mbs x height_mbs %ux%u",
			       p->width_mbs, p->height_mbs);
	if (!p->fps_num || !p->fps_den || p->fps_num / p->fps_den > MAX_FPS)
		return sl_fail(SL_ERR_INVALID, "rate control: frame rate %u/%u", p->fps_num,
			       p->fps_den);
	if (p->mode == SL_RC_VBR && !p->max_bit_rate)
		p->max_bit_rate = p->bit_rate + p->bit_rate / 2;
	if (!p->vbv_size) {
		uint64_t rate = p->mode == SL_RC_VBR ? p->max_bit_rate : p->bit_rate;

		/* A second, or two pictures where that is more. */
		p->vbv_size = rate;
		if ((uint64_t)p->fps_num < 2ull * p->fps_den && rate <= MAX_BIT_RATE)
			p->vbv_size = (uint64_t)(2.0 * (double)rate * p->fps_den / p->fps_num);
	}
	if (!p->vbv_initial)
		p->vbv_initial = p->vbv_size - p->vbv_size / 4;
	if (!p->rate_tolerance)
		p->rate_tolerance = 10;
	ret = check_rates(p);
	if (ret)
		return ret;
	/* Filler comes in whole bytes, so a buffer of exactly one picture has no size that fits. */
	p->vbv_size = (uint64_t)fmax((double)p->vbv_size,
				     ceil((double)p->bit_rate * p->fps_den / p->fps_num) +
					     2 * SL_RC_FILLER_MIN);
	return 0;
}

int sl_rc_create(const struct sl_rc_params *params, struct sl_rc **out)
{
	struct sl_rc_params p;
	struct sl_rc *rc;
	int ret = resolve(params, &p);

	if (ret)
		return ret;
	rc = calloc(1, sizeof(*rc));
	if (!rc)
		return sl_fail(SL_ERR_NO_MEMORY, "rate control: out of memory");
	rc->params = p;
	rc->qp_p_mean = -1;
	rc->last_qp = -1;
	if (p.mode != SL_RC_CQP) {
		rc_target_setup(rc);
		rc_model_init(&rc->model, p.width_mbs * 256.0 * p.height_mbs, rc->fps);
		rc->fullness = rc->seen_fullness = (double)p.vbv_initial;
	}
	*out = rc;
	return 0;
}

void sl_rc_destroy(struct sl_rc *rc)
{
	free(rc);
}

static int cqp(const struct sl_rc *rc, enum sl_rc_picture type)
{
	const struct sl_rc_params *p = &rc->params;

	return rc_clip_qp(rc, type == SL_RC_I ? p->qp_i : type == SL_RC_P ? p->qp_p : p->qp_b);
}

/* The VBR account: I pictures may spend ahead, and are paid in equal parts by those after them. */
static void settle(struct sl_rc *rc, const struct rc_picture *p)
{
	double excess = p->bits - rc->per_picture;

	rc->account = fmax(rc->account + excess, -CREDIT_S * (double)rc->params.bit_rate);
	rc->i_excess = fmax(rc->i_excess - rc->i_payment, 0);
	if (p->type == SL_RC_I && excess > 0 && rc->params.gop_size != 1) {
		double pictures = I_PAY_S * rc->fps;

		if (rc->params.gop_size)
			pictures = fmin(pictures, rc->params.gop_size);
		rc->i_excess += excess;
		rc->i_payment = rc->i_excess / fmax(pictures - 1, 1);
	}
}

/* VBV fullness after a picture and its filler are taken out and the next one's time has gone. */
static double vbv_step(const struct sl_rc *rc, double fullness, double bits)
{
	fullness = fmax(fullness - bits, 0) + rc->refill;
	return rc->params.mode == SL_RC_VBR ? fmin(fullness, (double)rc->params.vbv_size)
					    : fullness;
}

/* Let decisions see the oldest report they have not seen. */
static void see(struct sl_rc *rc)
{
	const struct rc_picture *p = rc_picture(rc, rc->seen++);

	if (rc->params.mode == SL_RC_CQP)
		return;
	rc->seen_fullness = vbv_step(rc, rc->seen_fullness, p->bits) - (double)p->filler;
	settle(rc, p);
	if (p->bits <= 0)
		return;
	rc_model_learn(&rc->model, p->type, p->mean_qp, p->bits);
	rc->qp_shift += 0.5 * (p->mean_qp - p->qp - rc->qp_shift);
	if (p->type == SL_RC_P)
		rc->qp_p_mean =
			rc->qp_p_mean < 0 ? p->qp : rc->qp_p_mean + 0.2 * (p->qp - rc->qp_p_mean);
}

int sl_rc_update(struct sl_rc *rc, const struct sl_rc_params *params)
{
	bool had_rate = rc->params.mode != SL_RC_CQP;
	struct sl_rc_params p;
	int ret = resolve(params, &p);

	if (ret)
		return ret;
	while (!had_rate && rc->seen < rc->ended)
		see(rc);
	rc->params = p;
	rc->filler = 0;
	if (p.mode == SL_RC_CQP)
		return 0;
	rc_target_setup(rc);
	if (had_rate) {
		rc->fullness = fmin(rc->fullness, (double)p.vbv_size);
		rc->seen_fullness = fmin(rc->seen_fullness, (double)p.vbv_size);
	} else {
		rc->fullness = rc->seen_fullness = (double)p.vbv_initial;
		rc_model_init(&rc->model, p.width_mbs * 256.0 * p.height_mbs, rc->fps);
	}
	rc->account = rc->i_excess = rc->i_payment = 0;
	return 0;
}

static void set_qp(struct sl_rc *rc, struct rc_picture *p, int qp, double fullness,
		   struct sl_rc_decision *decision)
{
	p->qp = (uint8_t)qp;
	decision->qp = p->qp;
	decision->max_bytes = 0;
	if (rc->params.mode != SL_RC_CQP)
		decision->max_bytes =
			(uint32_t)fmin(fmax((fullness - rc->reserve) / 8, 1), UINT32_MAX);
}

void sl_rc_begin(struct sl_rc *rc, enum sl_rc_picture type, struct sl_rc_decision *decision)
{
	bool rated = rc->params.mode != SL_RC_CQP;
	struct rc_picture *p;
	double wanted = 0;
	int qp;

	/* A caller that never reports loses the oldest, not memory. */
	if (rc->begun - rc->ended == RC_MAX_PICTURES)
		sl_rc_end(rc, 0, 0);
	while (rc->seen < rc->ended && rc->seen + SL_RC_DELAY < rc->begun)
		see(rc);
	p = &rc->pictures[rc->begun % RC_MAX_PICTURES];
	*p = (struct rc_picture){
		.type = type,
		.since_i_before = rc->since_i,
	};
	if (type == SL_RC_I)
		rc->since_i = 0;
	qp = rated ? rc_target_qp(rc, type, &wanted) : cqp(rc, type);
	set_qp(rc, p, qp, rc_expected_fullness(rc), decision);
	p->wanted = wanted;
	p->expected = rated ? rc_model_bits(&rc->model, type, qp + rc->qp_shift) : 0;
	rc->begun++;
	rc->since_i++;
	rc->last_qp = qp;
}

/*
 * A picture was too large because its QP fell too far: where the content leaves no step between
 * too small and too large, trying at each picture would code everything twice.
 */
static void hold_qp(struct sl_rc *rc)
{
	bool again = rc->ended <= rc->last_retry + 2 * rc->hold + HOLD_MIN;
	uint32_t most = (uint32_t)fmax(rc->fps, HOLD_MIN);

	rc->hold = !again ? 0 : rc->hold < HOLD_MIN ? HOLD_MIN : 2 * rc->hold;
	rc->hold = rc->hold > most ? most : rc->hold;
	rc->last_retry = rc->ended;
	rc->hold_until = rc->ended + 1 + rc->hold;
}

int sl_rc_retry(struct sl_rc *rc, uint64_t bits, double mean_qp, struct sl_rc_decision *decision)
{
	struct rc_picture *p = &rc->pictures[rc->ended % RC_MAX_PICTURES];
	double limit, ratio;
	int qp;

	if (rc->ended == rc->begun || rc->params.mode == SL_RC_CQP || !bits ||
	    p->attempts >= MAX_RETRIES)
		return 0;
	limit = rc_size_limit(rc, rc->fullness, rc->ended);
	ratio = (double)bits / fmax(limit, 1);
	if (ratio > 1) {
		/* Twice by the model; then the content does not follow it, and steps grow. */
		qp = p->qp + (int)ceil(6 * log2(ratio) + 0.5) + (p->attempts > 1 ? p->attempts : 0);
		if (!p->attempts && rc->ended)
			hold_qp(rc);
	} else if (p->wanted > 0 && !p->attempts && (double)bits < 0.5 * p->wanted) {
		/* The first picture's QP was a guess from its size alone. */
		qp = p->qp + (int)ceil(6 * log2((double)bits / p->wanted));
	} else {
		return 0;
	}
	qp = rc_clip_qp(rc, qp);
	if (qp == p->qp)
		return 0;
	p->attempts++;
	p->expected = (double)bits * exp2((p->qp - qp) / 6.0);
	rc->last_qp = qp;
	set_qp(rc, p, qp, rc->fullness, decision);
	return 1;
}

/* Bits of filler without which the next picture's time would overfill a CBR buffer. */
static uint64_t filler_for(const struct sl_rc *rc, double fullness)
{
	double excess = fullness - fmax(rc->high, rc->refill);

	if (rc->params.mode != SL_RC_CBR || excess <= 0)
		return 0;
	return (uint64_t)fmax(8 * ceil(excess / 8), SL_RC_FILLER_MIN);
}

void sl_rc_end(struct sl_rc *rc, uint64_t bits, double mean_qp)
{
	struct rc_picture *p = &rc->pictures[rc->ended % RC_MAX_PICTURES];

	rc->filler = 0;
	if (rc->ended == rc->begun)
		return;
	rc->ended++;
	p->bits = (double)bits;
	p->mean_qp = mean_qp;
	if (rc->params.mode == SL_RC_CQP)
		return;
	rc->underflows += p->bits > rc->fullness;
	rc->fullness = vbv_step(rc, rc->fullness, p->bits);
	rc->filler = p->filler = filler_for(rc, rc->fullness);
	rc->fullness -= (double)rc->filler;
}

void sl_rc_cancel(struct sl_rc *rc, unsigned int keep)
{
	while (rc->begun - rc->ended > keep) {
		rc->since_i = rc_picture(rc, --rc->begun)->since_i_before;
		rc->last_qp = rc->begun ? rc_picture(rc, rc->begun - 1)->qp : -1;
	}
}

uint64_t sl_rc_filler_bits(const struct sl_rc *rc)
{
	return rc->filler;
}

void sl_rc_vbv(const struct sl_rc *rc, struct sl_rc_vbv *vbv)
{
	*vbv = (struct sl_rc_vbv){0};
	if (rc->params.mode == SL_RC_CQP)
		return;
	vbv->rate = rc->params.mode == SL_RC_VBR ? rc->params.max_bit_rate : rc->params.bit_rate;
	vbv->size = rc->params.vbv_size;
	vbv->fullness = (uint64_t)rc->fullness;
	vbv->underflows = rc->underflows;
}
