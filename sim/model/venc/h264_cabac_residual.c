/* SPDX-License-Identifier: MIT */
/* residual_block_cabac(), H.264 7.3.5.3.3, with the contexts of 9.3.3.1.1.9 and 9.3.3.1.3. */
#include "sim/model/venc/h264_cabac_mb.h"
#include "sim/model/venc/h264_entropy_priv.h"

enum ctx_block_cat {		  /* Table 9-42 */
		     CAT_LUMA_DC, /* Intra16x16DCLevel */
		     CAT_LUMA_AC, /* Intra16x16ACLevel */
		     CAT_LUMA_4X4,
		     CAT_CHROMA_DC,
		     CAT_CHROMA_AC,
		     CAT_LUMA_8X8,
};

/* ctxIdxOffset + ctxBlockCatOffset, Tables 9-34 and 9-40, frame macroblocks */
static const uint16_t ctx_flag[5] = {85, 85 + 4, 85 + 8, 85 + 12, 85 + 16};
static const uint16_t ctx_sig[6] = {105, 105 + 15, 105 + 29, 105 + 44, 105 + 47, 402};
static const uint16_t ctx_last[6] = {166, 166 + 15, 166 + 29, 166 + 44, 166 + 47, 417};
static const uint16_t ctx_abs[6] = {227, 227 + 10, 227 + 20, 227 + 30, 227 + 39, 426};

/* ctxIdxInc of significant_coeff_flag and last_significant_coeff_flag, Table 9-43 */
static const uint8_t sig_inc_8x8[63] = {
	0,  1,	2, 3, 4, 5,  5,	 4,  4,	 3, 3, 4,  4,  4,  5,  5,  4,  4,  4,  4,  3,
	3,  6,	7, 7, 7, 8,  9,	 10, 9,	 8, 7, 7,  6,  11, 12, 13, 11, 6,  7,  8,  9,
	14, 10, 9, 8, 6, 11, 12, 13, 11, 6, 9, 14, 10, 9,  11, 12, 13, 11, 14, 10, 12,
};
static const uint8_t last_inc_8x8[63] = {
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4,
	4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8, 8, 8,
};

/* coeff_abs_level_minus1: UEG0, uCoff 14 (9.3.2.3); gt1 and eq1 count the levels before it. */
static void put_level(struct h264_cabac *c, enum ctx_block_cat cat, int level, unsigned int *gt1,
		      unsigned int *eq1)
{
	unsigned int value = (unsigned int)(level < 0 ? -level : level) - 1, ctx = ctx_abs[cat];

	h264_cabac_bin(c, ctx + (*gt1 ? 0 : *eq1 < 3 ? *eq1 + 1 : 4), value != 0);
	if (!value) {
		(*eq1)++;
	} else {
		unsigned int prefix = value < 14 ? value : 14;

		/* the lower limit of ctxBlockCat 3 is never reached with 4 levels */
		ctx += 5 + (*gt1 < 4 ? *gt1 : 4);
		(*gt1)++;
		for (unsigned int i = 1; i < prefix; i++)
			h264_cabac_bin(c, ctx, 1);
		if (value < 14)
			h264_cabac_bin(c, ctx, 0);
		else
			h264_cabac_exp_golomb(c, value - 14, 0);
	}
	h264_cabac_bypass(c, 1, level < 0);
}

/* A block with coefficients: of max_coeff levels those in mask are not zero. */
static void put_coeffs(struct h264_cabac *c, enum ctx_block_cat cat, const int16_t *levels,
		       uint64_t mask, unsigned int max_coeff)
{
	unsigned int last = 63 - (unsigned int)__builtin_clzll(mask), gt1 = 0, eq1 = 0;
	unsigned int sig = ctx_sig[cat], end = ctx_last[cat];

	for (unsigned int i = 0; i <= last && i + 1 < max_coeff; i++) {
		unsigned int coded = mask >> i & 1, eight = cat == CAT_LUMA_8X8;

		h264_cabac_bin(c, sig + (eight ? sig_inc_8x8[i] : i), coded);
		if (coded)
			h264_cabac_bin(c, end + (eight ? last_inc_8x8[i] : i), i == last);
	}
	while (mask) {
		unsigned int i = 63 - (unsigned int)__builtin_clzll(mask);

		put_level(c, cat, levels[i], &gt1, &eq1);
		mask ^= (uint64_t)1 << i;
	}
}

/*
 * coded_block_flag with ctxIdxInc (9.3.3.1.1.9) from the flags of blocks A and B, then the block.
 * Of Intra macroblocks' neighbours that are not available the flag counts as set.
 */
static void put_block(struct h264_entropy *e, enum ctx_block_cat cat, unsigned int flag_a,
		      unsigned int flag_b, const int16_t *levels, uint32_t mask,
		      unsigned int max_coeff)
{
	h264_cabac_bin(&e->cabac, ctx_flag[cat] + flag_a + 2 * flag_b, mask != 0);
	if (mask)
		put_coeffs(&e->cabac, cat, levels, mask, max_coeff);
}

static void put_dc(struct h264_entropy *e, enum ctx_block_cat cat, unsigned int index,
		   const int16_t *levels, uint32_t mask, unsigned int max_coeff)
{
	unsigned int outside = h264_mb_is_intra(e->mb->type);

	put_block(e, cat, e->coded_a ? e->coded_a->dc_flags >> index & 1 : outside,
		  e->coded_b ? e->coded_b->dc_flags >> index & 1 : outside, levels, mask,
		  max_coeff);
	e->current.dc_flags |= (uint8_t)((mask != 0) << index);
}

/* Block (x, y) of a grid of w x w blocks whose total_coeff begin at first. */
static void put_grid_block(struct h264_entropy *e, enum ctx_block_cat cat, unsigned int first,
			   unsigned int x, unsigned int y, unsigned int w, const int16_t *levels,
			   uint32_t mask, unsigned int max_coeff)
{
	const struct h264_coded *a = x ? &e->current : e->coded_a;
	const struct h264_coded *b = y ? &e->current : e->coded_b;
	unsigned int at = first + y * w + x, outside = h264_mb_is_intra(e->mb->type);

	put_block(e, cat, a ? a->nnz[x ? at - 1 : at + w - 1] != 0 : outside,
		  b ? b->nnz[y ? at - w : at + w * (w - 1)] != 0 : outside, levels, mask,
		  max_coeff);
	e->current.nnz[at] = mask != 0; /* all that contexts ask for */
}

static void put_luma_8x8(struct h264_entropy *e, const int16_t *levels, unsigned int blk8)
{
	uint64_t mask = 0;

	for (unsigned int i = 0; i < 4; i++)
		mask |= (uint64_t)h264_level_mask(levels + 16 * i) << 16 * i;
	/* no coded_block_flag (4:2:0): the block has coefficients, and its four 4x4 count as such
	 */
	put_coeffs(&e->cabac, CAT_LUMA_8X8, levels, mask, 64);
	for (unsigned int i = 0; i < 4; i++)
		e->current.nnz[h264_blk_raster[4 * blk8 + i]] = 1;
}

static void put_luma_4x4(struct h264_entropy *e, const struct h264_levels *lv, unsigned int blk)
{
	unsigned int raster = h264_blk_raster[blk], x = raster & 3, y = raster >> 2;
	uint32_t mask = e->mb->nnz[raster] ? h264_level_mask(lv->luma[blk]) : 0;

	if (e->mb->type == H264_MB_I16X16)
		put_grid_block(e, CAT_LUMA_AC, 0, x, y, 4, lv->luma[blk] + 1, mask >> 1, 15);
	else
		put_grid_block(e, CAT_LUMA_4X4, 0, x, y, 4, lv->luma[blk], mask, 16);
}

void h264_cabac_residual(struct h264_entropy *e, const struct h264_levels *lv)
{
	const struct h264_mb *mb = e->mb;

	if (mb->type == H264_MB_I16X16)
		put_dc(e, CAT_LUMA_DC, 0, lv->luma_dc,
		       lv->dc_nnz[0] ? h264_level_mask(lv->luma_dc) : 0, 16);
	for (unsigned int blk8 = 0; blk8 < 4; blk8++) {
		if (!(mb->cbp_luma >> blk8 & 1))
			continue;
		if (e->current.transform_8x8) {
			put_luma_8x8(e, lv->luma[4 * blk8], blk8);
			continue;
		}
		for (unsigned int i = 0; i < 4; i++)
			put_luma_4x4(e, lv, 4 * blk8 + i);
	}
	for (unsigned int c = 0; c < 2 && mb->cbp_chroma; c++) {
		uint32_t mask = 0;

		for (unsigned int i = 0; i < 4 && lv->dc_nnz[1 + c]; i++)
			mask |= (uint32_t)(lv->chroma_dc[c][i] != 0) << i;
		put_dc(e, CAT_CHROMA_DC, 1 + c, lv->chroma_dc[c], mask, 4);
	}
	for (unsigned int i = 0; i < 8 && mb->cbp_chroma == 2; i++) {
		unsigned int c = i >> 2, blk = i & 3;
		const int16_t *levels = lv->chroma_ac[c][blk];
		uint32_t mask = mb->nnz[16 + i] ? h264_level_mask(levels) : 0;

		put_grid_block(e, CAT_CHROMA_AC, 16 + 4 * c, blk & 1, blk >> 1, 2, levels + 1,
			       mask >> 1, 15);
	}
}
