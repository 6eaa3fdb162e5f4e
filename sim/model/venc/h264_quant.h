/* SPDX-License-Identifier: MIT */
/*
 * Quantisation with rate-distortion decisions, and the fixed model of residual rates behind it.
 *
 * Rates are in 1/16 bit. Quantisation costs are in 2^-16 of a squared quantiser step, so that one
 * weight of a bit serves every QP.
 */
#ifndef H264_QUANT_H
#define H264_QUANT_H

#include <stdint.h>

enum h264_block_cat { /* ctxBlockCat, Table 9-42 */
		      H264_CAT_LUMA_DC,
		      H264_CAT_LUMA_AC,
		      H264_CAT_LUMA_4X4,
		      H264_CAT_CHROMA_DC,
		      H264_CAT_CHROMA_AC,
		      H264_CAT_LUMA_8X8,
		      H264_CATS,
};

struct h264_residual_rates {
	uint8_t cbf[2];	     /* coded_block_flag 0 and 1 */
	uint8_t sig[64][2];  /* significant_coeff_flag 0 and 1, by scan index in the block */
	uint8_t last[64][2]; /* last_significant_coeff_flag */
	uint8_t level[16]; /* coeff_abs_level_minus1 and sign for |level| 1..15; [0]: 16 and more */
};

#define H264_RATE_CLASSES 4

/* By class of the luma QP, intra (1) or inter (0), and category */
extern const struct h264_residual_rates h264_residual_rates[H264_RATE_CLASSES][2][H264_CATS];

static inline int h264_rate_class(int qp)
{
	return qp < 25 ? 0 : qp < 30 ? 1 : qp < 35 ? 2 : 3;
}

/* Largest |level| that Baseline and Main CAVLC can code (level_prefix <= 15, 9.2.2.1). */
#define H264_LEVEL_MAX 2063

/* How a block is quantised. */
struct h264_quantiser {
	const int32_t *mf; /* by coefficient index, or one value for DC blocks */
	int mf_step;	   /* 1, or 0 for DC blocks */
	int shift;	   /* |coef| * mf is 2^shift times the level */
	const uint8_t *scan;
	int count; /* coefficients in scan order */
	const struct h264_residual_rates *rates;
	int rdo;       /* choose levels by cost, else by dead zone */
	int dead_zone; /* rounding offset in 1/64 steps, without rdo */
};

struct h264_quantised {
	int nnz;
	uint32_t rate; /* with coded_block_flag */
	int64_t gain;  /* cost saved against an all-zero block, >= 0 */
};

/* Weight of 1/16 bit in quantisation cost */
#define H264_QUANT_LAMBDA 500

/* Quantise coef; level[0..count) in scan order. */
struct h264_quantised h264_quantise(const struct h264_quantiser *q, const int16_t *coef,
				    int16_t *level);

#endif
