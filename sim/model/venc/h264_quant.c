/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_quant.h"

#include <stdlib.h>

static uint32_t level_rate(const struct h264_residual_rates *r, int level)
{
	uint32_t prefix_bits;

	if (level < 16)
		return r->level[level];
	/* Exp-Golomb suffix of order 0 (9.3.2.5): 2 * floor(log2(level - 14)) + 1 bits */
	prefix_bits = 31u - (uint32_t)__builtin_clz((unsigned int)level - 14);
	return r->level[0] + 32 * prefix_bits + 16;
}

static uint32_t block_rate(const struct h264_quantiser *q, const int16_t *level, int last)
{
	const struct h264_residual_rates *r = q->rates;
	uint32_t rate = r->cbf[1];

	for (int i = 0; i <= last; i++) {
		int nonzero = level[i] != 0;

		if (i < q->count - 1) {
			rate += r->sig[i][nonzero];
			if (nonzero)
				rate += r->last[i][i == last];
		}
		if (nonzero)
			rate += level_rate(r, abs(level[i]));
	}
	return rate;
}

static struct h264_quantised by_dead_zone(const struct h264_quantiser *q, const int16_t *coef,
					  int16_t *level)
{
	const struct h264_residual_rates *r = q->rates;
	struct h264_quantised out = {0};
	int32_t offset = (int32_t)(((int64_t)q->dead_zone << q->shift) >> 6);
	int64_t gain = 0;
	int last = -1;

	for (int i = 0; i < q->count; i++) {
		int c = coef[q->scan[i]];
		int32_t a = abs(c) * q->mf[q->mf_step * q->scan[i]];
		int l = (a + offset) >> q->shift;

		if (l > H264_LEVEL_MAX)
			l = H264_LEVEL_MAX;
		level[i] = (int16_t)(c < 0 ? -l : l);
		if (l) {
			int64_t d0 = a >> (q->shift - 8), d1 = d0 - 256 * l;

			gain += d0 * d0 - d1 * d1;
			last = i;
			out.nnz++;
		}
	}
	out.rate = r->cbf[0];
	if (!out.nnz)
		return out;
	out.rate = block_rate(q, level, last);
	gain -= (int64_t)(out.rate - r->cbf[0]) * H264_QUANT_LAMBDA;
	out.gain = gain > 0 ? gain : 0;
	return out;
}

/*
 * Each coefficient is rounded to one of the two nearest levels or to zero by its own cost; then
 * the position of the last level, or none, is chosen by the cost of the whole block. Costs are
 * relative to that of an all-zero block's coefficients.
 */
static struct h264_quantised by_cost(const struct h264_quantiser *q, const int16_t *coef,
				     int16_t *level)
{
	const struct h264_residual_rates *r = q->rates;
	const int end = q->count - 1;
	int32_t offset = (int32_t)((26ll << q->shift) >> 6);
	struct h264_quantised out = {.rate = r->cbf[0]};
	int64_t acc = (int64_t)(r->cbf[1] - r->cbf[0]) * H264_QUANT_LAMBDA, best = 0;
	int16_t last_level = 0;
	int last = -1;

	for (int i = 0; i <= end; i++) {
		int c = coef[q->scan[i]], l;
		int32_t a = abs(c) * q->mf[q->mf_step * q->scan[i]];
		int64_t d0, d1, cost, zero;

		level[i] = 0;
		l = (a + offset) >> q->shift;
		zero = i < end ? r->sig[i][0] * H264_QUANT_LAMBDA : 0;
		if (!l) {
			acc += zero;
			continue;
		}
		if (l > H264_LEVEL_MAX)
			l = H264_LEVEL_MAX;
		d0 = a >> (q->shift - 8);
		d1 = d0 - 256 * l;
		cost = d1 * d1 + (int64_t)level_rate(r, l) * H264_QUANT_LAMBDA;
		if (l > 1) {
			int64_t d2 = d1 + 256;
			int64_t lower = d2 * d2 + (int64_t)level_rate(r, l - 1) * H264_QUANT_LAMBDA;

			if (lower <= cost) {
				l--;
				cost = lower;
			}
		}
		cost -= d0 * d0;
		if (i < end)
			cost += r->sig[i][1] * H264_QUANT_LAMBDA;
		l = c < 0 ? -l : l;
		if (acc + cost + (i < end ? r->last[i][1] * H264_QUANT_LAMBDA : 0) < best) {
			best = acc + cost + (i < end ? r->last[i][1] * H264_QUANT_LAMBDA : 0);
			last = i;
			last_level = (int16_t)l;
		}
		if (i < end)
			cost += r->last[i][0] * H264_QUANT_LAMBDA;
		if (cost < zero) {
			acc += cost;
			level[i] = (int16_t)l;
		} else {
			acc += zero;
		}
	}
	for (int i = last + 1; i <= end; i++)
		level[i] = 0;
	if (last < 0)
		return out;
	level[last] = last_level;
	for (int i = 0; i <= last; i++)
		out.nnz += level[i] != 0;
	out.rate = block_rate(q, level, last);
	out.gain = -best;
	return out;
}

struct h264_quantised h264_quantise(const struct h264_quantiser *q, const int16_t *coef,
				    int16_t *level)
{
	return q->rdo ? by_cost(q, coef, level) : by_dead_zone(q, coef, level);
}
