/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_residual.h"

#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_quant.h"
#include "sim/model/venc/h264_tables.h"

/* Rounding of the dead zone quantiser, in 1/64 steps */
#define DEAD_ZONE_INTRA 21
#define DEAD_ZONE_INTER 11
/* A level below this, in 1/64 steps, is never worth its rate: such blocks are not looked at. */
#define LEVEL_THRESHOLD 38
/* What an 8x8 block must gain to be coded at all: 2 bits */
#define GAIN_8X8 (32 * H264_QUANT_LAMBDA)

static const struct h264_residual_rates *rates(const struct h264_macroblock *m, int cat, bool intra)
{
	return &h264_residual_rates[h264_rate_class(m->qp)][intra][cat];
}

static struct h264_quantiser quantiser(const struct h264_macroblock *m, int cat, int qp, bool intra)
{
	struct h264_quantiser q = {
		.mf = h264_quant4x4[qp % 6],
		.mf_step = 1,
		.shift = 15 + qp / 6,
		.scan = h264_scan4x4,
		.count = 16,
		.rates = rates(m, cat, intra),
		.rdo = m->effort->rdo_quant,
		.dead_zone = intra ? DEAD_ZONE_INTRA : DEAD_ZONE_INTER,
	};

	switch (cat) {
	case H264_CAT_LUMA_DC:
		q.mf_step = 0;
		q.shift++;
		break;
	case H264_CAT_LUMA_AC:
	case H264_CAT_CHROMA_AC:
		q.scan++;
		q.count = 15;
		break;
	case H264_CAT_LUMA_8X8:
		q.mf = h264_quant8x8[qp % 6];
		q.shift++;
		q.scan = h264_scan8x8;
		q.count = 64;
		break;
	default:
		break;
	}
	return q;
}

/* Bit per block: does it hold a coefficient worth quantising? */
static uint32_t busy_blocks(const struct h264_macroblock *m, const int16_t (*coef)[16], int blocks,
			    int qp)
{
	int shift = 15 + qp / 6;

	return m->dsp->quant_test(coef, blocks, h264_quant4x4[qp % 6],
				  (int32_t)(((64ll - LEVEL_THRESHOLD) << shift) >> 6), shift);
}

static bool busy8x8(const struct h264_macroblock *m, const int16_t coef[64])
{
	int shift = 16 + m->qp / 6;
	int32_t bias = (int32_t)(((64ll - LEVEL_THRESHOLD) << shift) >> 6);

	for (int i = 0; i < 4; i++)
		if (m->dsp->quant_test((const int16_t(*)[16])coef + i, 1,
				       h264_quant8x8[m->qp % 6] + 16 * i, bias, shift))
			return true;
	return false;
}

/* 8.5.12.1 with flat scaling: levels in scan order from `first` on; the rest is cleared. */
static void dequantise4x4(int16_t coef[16], const int16_t level[16], int first, int qp)
{
	const uint8_t *v = h264_dequant4x4[qp % 6];

	for (int i = first; i < 16; i++) {
		int at = h264_scan4x4[i];

		coef[at] = (int16_t)(level[i] * v[at] * (1 << (qp / 6)));
	}
}

static void dequantise8x8(int16_t coef[64], const int16_t level[64], int qp)
{
	const uint8_t *v = h264_dequant8x8[qp % 6];
	int shift = qp / 6;

	for (int i = 0; i < 64; i++) {
		int at = h264_scan8x8[i];
		int x = level[i] * v[at];

		/* 8.5.13.1: LevelScale8x8 is 16 * v; (x * 16 << shift) in 1/64 */
		if (shift >= 2)
			coef[at] = (int16_t)(x * (1 << (shift - 2)));
		else
			coef[at] = (int16_t)((x + (1 << (1 - shift))) >> (2 - shift));
	}
}

/* The 4x4 DC transform (8.5.10); its own inverse up to scale. Sums are divided by 2^shift. */
static void hadamard4x4(int16_t dc[16], int shift)
{
	int t[16];

	for (int i = 0; i < 4; i++) {
		int a = dc[4 * i], b = dc[4 * i + 1], c = dc[4 * i + 2], d = dc[4 * i + 3];

		t[4 * i] = a + b + c + d;
		t[4 * i + 1] = a + b - c - d;
		t[4 * i + 2] = a - b - c + d;
		t[4 * i + 3] = a - b + c - d;
	}
	for (int i = 0; i < 4; i++) {
		int a = t[i], b = t[4 + i], c = t[8 + i], d = t[12 + i];

		dc[i] = (int16_t)((a + b + c + d) >> shift);
		dc[4 + i] = (int16_t)((a + b - c - d) >> shift);
		dc[8 + i] = (int16_t)((a - b - c + d) >> shift);
		dc[12 + i] = (int16_t)((a - b + c - d) >> shift);
	}
}

static void clear_luma(struct h264_candidate *c, int blk8)
{
	memset(c->levels.luma[4 * blk8], 0, 4 * sizeof(c->levels.luma[0]));
	for (int i = 4 * blk8; i < 4 * blk8 + 4; i++)
		c->mb.nnz[h264_blk_to_raster[i]] = 0;
}

static void copy8x8(uint8_t *dst, const uint8_t *src)
{
	for (int y = 0; y < 8; y++)
		memcpy(dst + y * H264_MB_STRIDE, src + y * H264_MB_STRIDE, 8);
}

static uint32_t inter8x8(struct h264_macroblock *m, struct h264_candidate *c)
{
	struct h264_quantiser q = quantiser(m, H264_CAT_LUMA_8X8, m->qp, false);
	uint32_t rate = 0;

	c->mb.cbp_luma = 0;
	for (int b = 0; b < 4; b++) {
		int at = 8 * (b >> 1) * H264_MB_STRIDE + 8 * (b & 1);
		int16_t *coef = m->coef[4 * b];
		int16_t *level = c->levels.luma[4 * b];
		struct h264_quantised r;

		m->dsp->fdct8x8(m->src_y + at, m->pred_y + at, coef);
		r = busy8x8(m, coef) ? h264_quantise(&q, coef, level) : (struct h264_quantised){0};
		if (!r.nnz || r.gain <= GAIN_8X8) {
			clear_luma(c, b);
			copy8x8(c->y + at, m->pred_y + at);
			continue;
		}
		c->mb.cbp_luma |= (uint8_t)(1 << b);
		for (int i = 4 * b; i < 4 * b + 4; i++)
			c->mb.nnz[h264_blk_to_raster[i]] = (uint8_t)(r.nnz > 16 ? 16 : r.nnz);
		rate += r.rate;
		dequantise8x8(coef, level, m->qp);
		m->dsp->idct8x8(c->y + at, m->pred_y + at, coef);
	}
	return rate;
}

uint32_t h264_residual_inter(struct h264_macroblock *m, struct h264_candidate *c)
{
	struct h264_quantiser q = quantiser(m, H264_CAT_LUMA_4X4, m->qp, false);
	uint32_t busy, rate = 0;

	if (c->mb.transform_8x8)
		return inter8x8(m, c);

	for (int y = 0; y < 4; y++)
		m->dsp->fdct4x4_x4(m->src_y + 64 * y, m->pred_y + 64 * y, m->coef + 4 * y);
	busy = busy_blocks(m, m->coef, 16, m->qp);
	c->mb.cbp_luma = 0;
	for (int b = 0; b < 4; b++) {
		uint32_t part = 0;
		int64_t gain = 0;

		for (int i = 4 * b; i < 4 * b + 4; i++) {
			int raster = h264_blk_to_raster[i];
			struct h264_quantised r;

			if (!(busy >> raster & 1)) {
				memset(c->levels.luma[i], 0, sizeof(c->levels.luma[i]));
				c->mb.nnz[raster] = 0;
				part += q.rates->cbf[0];
				continue;
			}
			r = h264_quantise(&q, m->coef[raster], c->levels.luma[i]);
			c->mb.nnz[raster] = (uint8_t)r.nnz;
			part += r.rate;
			gain += r.gain;
		}
		if (gain <= GAIN_8X8) {
			clear_luma(c, b);
			continue;
		}
		c->mb.cbp_luma |= (uint8_t)(1 << b);
		rate += part;
	}
	if (!c->mb.cbp_luma) {
		memcpy(c->y, m->pred_y, sizeof(c->y));
		return 0;
	}
	for (int i = 0; i < 16; i++)
		dequantise4x4(m->coef[h264_blk_to_raster[i]], c->levels.luma[i], 0, m->qp);
	for (int y = 0; y < 4; y++)
		m->dsp->idct4x4_x4(c->y + 64 * y, m->pred_y + 64 * y, m->coef + 4 * y);
	return rate;
}

uint32_t h264_residual_intra16x16(struct h264_macroblock *m, struct h264_candidate *c)
{
	struct h264_quantiser q = quantiser(m, H264_CAT_LUMA_AC, m->qp, true);
	struct h264_quantised r;
	int16_t dc[16];
	uint32_t busy, rate = 0;
	int64_t gain = 0;
	int v = h264_dequant4x4[m->qp % 6][0];

	for (int y = 0; y < 4; y++)
		m->dsp->fdct4x4_x4(m->src_y + 64 * y, m->pred_y + 64 * y, m->coef + 4 * y);
	/* DC blocks as a matrix in the column-wise order of coefficients */
	for (int i = 0; i < 16; i++) {
		dc[4 * (i & 3) + (i >> 2)] = m->coef[i][0];
		m->coef[i][0] = 0;
	}
	busy = busy_blocks(m, m->coef, 16, m->qp);
	for (int i = 0; i < 16; i++) {
		int raster = h264_blk_to_raster[i];

		c->levels.luma[i][0] = 0;
		if (!(busy >> raster & 1)) {
			memset(c->levels.luma[i], 0, sizeof(c->levels.luma[i]));
			c->mb.nnz[raster] = 0;
			rate += q.rates->cbf[0];
			continue;
		}
		r = h264_quantise(&q, m->coef[raster], c->levels.luma[i] + 1);
		c->mb.nnz[raster] = (uint8_t)r.nnz;
		rate += r.rate;
		gain += r.gain;
	}
	c->mb.cbp_luma = 15;
	if (gain <= GAIN_8X8) {
		c->mb.cbp_luma = 0;
		rate = 0;
		for (int b = 0; b < 4; b++)
			clear_luma(c, b);
	}
	hadamard4x4(dc, 1); /* keeps 16 bits */
	q = quantiser(m, H264_CAT_LUMA_DC, m->qp, true);
	r = h264_quantise(&q, dc, c->levels.luma_dc);
	c->levels.dc_nnz[0] = (uint8_t)r.nnz;
	rate += r.rate;
	if (!r.nnz && !c->mb.cbp_luma) {
		memcpy(c->y, m->pred_y, sizeof(c->y));
		return rate;
	}
	/* 8.5.10 */
	for (int i = 0; i < 16; i++)
		dc[h264_scan4x4[i]] = c->levels.luma_dc[i];
	hadamard4x4(dc, 0);
	for (int i = 0; i < 16; i++) {
		int shift = m->qp / 6, x = dc[4 * (i & 3) + (i >> 2)] * v;
		int16_t *coef = m->coef[i];

		for (int k = 0; k < 16; k++)
			if (h264_blk_to_raster[k] == i)
				dequantise4x4(coef, c->levels.luma[k], 1, m->qp);
		if (shift >= 2)
			coef[0] = (int16_t)(x * (1 << (shift - 2)));
		else
			coef[0] = (int16_t)((x + (1 << (1 - shift))) >> (2 - shift));
	}
	for (int y = 0; y < 4; y++)
		m->dsp->idct4x4_x4(c->y + 64 * y, m->pred_y + 64 * y, m->coef + 4 * y);
	return rate;
}

uint32_t h264_residual_intra4x4(struct h264_macroblock *m, struct h264_candidate *c, int blk,
				const uint8_t *pred)
{
	struct h264_quantiser q = quantiser(m, H264_CAT_LUMA_4X4, m->qp, true);
	int at = 4 * h264_blk_y[blk] * H264_MB_STRIDE + 4 * h264_blk_x[blk];
	int16_t coef[16] __attribute__((aligned(32)));
	struct h264_quantised r;

	m->dsp->fdct4x4(m->src_y + at, pred, coef);
	r = h264_quantise(&q, coef, c->levels.luma[blk]);
	c->mb.nnz[h264_blk_to_raster[blk]] = (uint8_t)r.nnz;
	if (r.nnz) {
		dequantise4x4(coef, c->levels.luma[blk], 0, m->qp);
		m->dsp->idct4x4(c->y + at, pred, coef);
	} else {
		for (int y = 0; y < 4; y++)
			memcpy(c->y + at + y * H264_MB_STRIDE, pred + y * H264_MB_STRIDE, 4);
	}
	return r.rate;
}

uint32_t h264_residual_intra8x8(struct h264_macroblock *m, struct h264_candidate *c, int blk8,
				const uint8_t *pred)
{
	struct h264_quantiser q = quantiser(m, H264_CAT_LUMA_8X8, m->qp, true);
	int at = 8 * (blk8 >> 1) * H264_MB_STRIDE + 8 * (blk8 & 1);
	int16_t coef[64] __attribute__((aligned(32)));
	int16_t *level = c->levels.luma[4 * blk8];
	struct h264_quantised r;

	m->dsp->fdct8x8(m->src_y + at, pred, coef);
	r = busy8x8(m, coef) ? h264_quantise(&q, coef, level) : (struct h264_quantised){0};
	if (!r.nnz) {
		clear_luma(c, blk8);
		copy8x8(c->y + at, pred);
		return 0;
	}
	for (int i = 4 * blk8; i < 4 * blk8 + 4; i++)
		c->mb.nnz[h264_blk_to_raster[i]] = (uint8_t)(r.nnz > 16 ? 16 : r.nnz);
	dequantise8x8(coef, level, m->qp);
	m->dsp->idct8x8(c->y + at, pred, coef);
	return r.rate;
}

/* One plane's 2x2 DC transform, its own inverse up to scale (8.5.11.1) */
static void hadamard2x2(const int in[4], int out[4])
{
	int a = in[0], b = in[1], c = in[2], d = in[3];

	out[0] = a + b + c + d;
	out[1] = a - b + c - d;
	out[2] = a + b - c - d;
	out[3] = a - b - c + d;
}

uint32_t h264_residual_chroma(struct h264_macroblock *m, struct h264_candidate *c)
{
	static const uint8_t dc_scan[4] = {0, 1, 2, 3};
	uint32_t rate_dc = 0, rate_ac = 0;
	int64_t gain = 0;
	bool any_dc = false, any_ac = false;
	bool intra = h264_mb_is_intra(c->mb.type);
	int dc[2][4];

	/* Blocks in the strips: Cb 0, Cb 1, Cr 0, Cr 1; then 2 and 3 of each */
	for (int y = 0; y < 2; y++)
		m->dsp->fdct4x4_x4(m->src_c + 64 * y, m->pred_c + 64 * y, m->coef + 4 * y);
	for (int p = 0; p < 2; p++) {
		struct h264_quantiser q = quantiser(m, H264_CAT_CHROMA_DC, m->qp_c[p], intra);
		struct h264_quantised r;
		int16_t dc16[4];

		for (int i = 0; i < 4; i++) {
			int16_t *coef = m->coef[4 * (i >> 1) + 2 * p + (i & 1)];

			dc[p][i] = coef[0];
			coef[0] = 0;
		}
		hadamard2x2(dc[p], dc[p]);
		for (int i = 0; i < 4; i++)
			dc16[i] = (int16_t)dc[p][i];
		q.mf_step = 0;
		q.shift++;
		q.scan = dc_scan;
		q.count = 4;
		r = h264_quantise(&q, dc16, c->levels.chroma_dc[p]);
		c->levels.dc_nnz[1 + p] = (uint8_t)r.nnz;
		rate_dc += r.rate;
		any_dc |= r.nnz != 0;
	}
	for (int p = 0; p < 2; p++) {
		struct h264_quantiser q = quantiser(m, H264_CAT_CHROMA_AC, m->qp_c[p], intra);
		uint32_t busy = busy_blocks(m, m->coef, 8, m->qp_c[p]);

		for (int i = 0; i < 4; i++) {
			int b = 4 * (i >> 1) + 2 * p + (i & 1);
			int16_t *level = c->levels.chroma_ac[p][i];
			struct h264_quantised r = {.rate = q.rates->cbf[0]};

			level[0] = 0;
			if (busy >> b & 1)
				r = h264_quantise(&q, m->coef[b], level + 1);
			else
				memset(level, 0, 16 * sizeof(*level));
			c->mb.nnz[16 + 4 * p + i] = (uint8_t)r.nnz;
			rate_ac += r.rate;
			gain += r.gain;
		}
	}
	any_ac = gain > GAIN_8X8;
	if (!any_ac) {
		memset(c->levels.chroma_ac, 0, sizeof(c->levels.chroma_ac));
		memset(c->mb.nnz + 16, 0, 8);
	}
	c->mb.cbp_chroma = any_ac ? 2 : any_dc ? 1 : 0;
	if (!c->mb.cbp_chroma) {
		memcpy(c->c, m->pred_c, sizeof(c->c));
		return 0;
	}
	for (int p = 0; p < 2; p++) {
		int qp = m->qp_c[p];

		for (int i = 0; i < 4; i++)
			dc[p][i] = c->levels.chroma_dc[p][i];
		hadamard2x2(dc[p], dc[p]);
		for (int i = 0; i < 4; i++) {
			int16_t *coef = m->coef[4 * (i >> 1) + 2 * p + (i & 1)];

			dequantise4x4(coef, c->levels.chroma_ac[p][i], 1, qp);
			/* 8.5.11.2 with LevelScale 16 * v */
			coef[0] =
				(int16_t)(dc[p][i] * h264_dequant4x4[qp % 6][0] * (1 << (qp / 6)) >>
					  1);
		}
	}
	for (int y = 0; y < 2; y++)
		m->dsp->idct4x4_x4(c->c + 64 * y, m->pred_c + 64 * y, m->coef + 4 * y);
	return rate_dc + (any_ac ? rate_ac : 0);
}

bool h264_residual_vanishes(struct h264_macroblock *m)
{
	int dc[4];

	for (int y = 0; y < 4; y++)
		m->dsp->fdct4x4_x4(m->src_y + 64 * y, m->pred_y + 64 * y, m->coef + 4 * y);
	if (busy_blocks(m, m->coef, 16, m->qp))
		return false;
	for (int y = 0; y < 2; y++)
		m->dsp->fdct4x4_x4(m->src_c + 64 * y, m->pred_c + 64 * y, m->coef + 4 * y);
	for (int p = 0; p < 2; p++) {
		int qp = m->qp_c[p], shift = 16 + qp / 6;
		int32_t bias = (int32_t)(((64ll - LEVEL_THRESHOLD) << shift) >> 6);

		for (int i = 0; i < 4; i++) {
			int16_t *coef = m->coef[4 * (i >> 1) + 2 * p + (i & 1)];

			dc[i] = coef[0];
			coef[0] = 0;
		}
		hadamard2x2(dc, dc);
		for (int i = 0; i < 4; i++)
			if ((abs(dc[i]) * h264_quant4x4[qp % 6][0] + bias) >> shift)
				return false;
	}
	/* Both planes are tested with the finer step where they differ */
	return !busy_blocks(m, m->coef, 8, m->qp_c[0] < m->qp_c[1] ? m->qp_c[0] : m->qp_c[1]);
}
