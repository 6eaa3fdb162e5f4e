/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_quant.h"

#include <stdlib.h>
#include <string.h>

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
	const struct h264_residual_rates *r = &h264_residual_rates[q->cat];
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
	const struct h264_residual_rates *r = &h264_residual_rates[q->cat];
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
 * the position of the last level, or none, is chosen by the cost of the whole block.
 */
static struct h264_quantised by_cost(const struct h264_quantiser *q, const int16_t *coef,
				     int16_t *level)
{
	const struct h264_residual_rates *r = &h264_residual_rates[q->cat];
	int64_t zero_cost[64], coded_cost[64];
	int16_t coded[64];
	int64_t tail = 0, acc, best, none;
	struct h264_quantised out = {0};
	int last = -1, top = -1;
	int32_t offset = (int32_t)((26ll << q->shift) >> 6);

	for (int i = 0; i < q->count; i++) {
		int32_t a = abs(coef[q->scan[i]]) * q->mf[q->mf_step * q->scan[i]];
		int64_t d0 = a >> (q->shift - 8), d1;
		int l = (a + offset) >> q->shift;
		uint32_t sig = i < q->count - 1 ? r->sig[i][1] : 0;

		zero_cost[i] = d0 * d0;
		tail += zero_cost[i];
		coded[i] = 0;
		if (!l)
			continue;
		top = i;
		if (l > H264_LEVEL_MAX)
			l = H264_LEVEL_MAX;
		d1 = d0 - 256 * l;
		coded[i] = (int16_t)l;
		coded_cost[i] = d1 * d1 + (int64_t)(level_rate(r, l) + sig) * H264_QUANT_LAMBDA;
		if (l > 1) {
			int64_t d2 = d1 + 256;
			int64_t lower =
				d2 * d2 + (int64_t)(level_rate(r, l - 1) + sig) * H264_QUANT_LAMBDA;

			if (lower <= coded_cost[i]) {
				coded[i] = (int16_t)(l - 1);
				coded_cost[i] = lower;
			}
		}
	}
	out.rate = r->cbf[0];
	memset(level, 0, (size_t)q->count * sizeof(*level));
	if (top < 0)
		return out;

	none = tail + (int64_t)r->cbf[0] * H264_QUANT_LAMBDA;
	best = none;
	acc = (int64_t)r->cbf[1] * H264_QUANT_LAMBDA;
	for (int i = 0; i <= top; i++) {
		int end = i == q->count - 1;
		int64_t zero = zero_cost[i] + (end ? 0 : r->sig[i][0]) * H264_QUANT_LAMBDA;
		int64_t more;

		tail -= zero_cost[i];
		if (!coded[i]) {
			acc += zero;
			continue;
		}
		more = acc + coded_cost[i] + tail + (end ? 0 : r->last[i][1]) * H264_QUANT_LAMBDA;
		if (more < best) {
			best = more;
			last = i;
		}
		more = coded_cost[i] + (end ? 0 : r->last[i][0]) * H264_QUANT_LAMBDA;
		if (more < zero) {
			acc += more;
			level[i] = coded[i];
		} else {
			acc += zero;
		}
	}
	if (last < 0) {
		memset(level, 0, (size_t)q->count * sizeof(*level));
		return out;
	}
	level[last] = coded[last];
	for (int i = 0; i < q->count; i++) {
		if (i > last)
			level[i] = 0;
		if (!level[i])
			continue;
		out.nnz++;
		if (coef[q->scan[i]] < 0)
			level[i] = (int16_t)-level[i];
	}
	out.rate = block_rate(q, level, last);
	out.gain = none - best;
	return out;
}

struct h264_quantised h264_quantise(const struct h264_quantiser *q, const int16_t *coef,
				    int16_t *level)
{
	return q->rdo ? by_cost(q, coef, level) : by_dead_zone(q, coef, level);
}
