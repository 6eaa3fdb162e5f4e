/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_cavlc.h"

#include <string.h>

#include "sim/model/venc/h264_cavlc_tables.h"
#include "sim/model/venc/h264_entropy_priv.h"

static void put_vlc(struct h264_bits *b, struct vlc v)
{
	h264_bits_put(b, v.len, v.bits);
}

/* level_prefix and level_suffix (9.2.2.1) of levelCode, with suffixLength before its update. */
static void put_level(struct h264_bits *b, unsigned int code, unsigned int suffix_length)
{
	unsigned int escape = suffix_length ? 15u << suffix_length : 30, prefix;

	if (!suffix_length && code < 14) {
		h264_bits_put(b, code + 1, 1);
	} else if (!suffix_length && code < 30) {
		h264_bits_put(b, 15 + 4, 1 << 4 | (code - 14));
	} else if (code < escape) {
		prefix = code >> suffix_length;
		h264_bits_put(b, prefix + 1 + suffix_length,
			      1u << suffix_length | (code & ((1u << suffix_length) - 1)));
	} else {
		code -= escape;
		/* prefix p holds the 2^(p-3) codes from 2^(p-3) - 4096 on */
		prefix = 31 - (unsigned int)__builtin_clz(code + 4096) + 3;
		h264_bits_put(b, prefix + 1, 1);
		h264_bits_put(b, prefix - 3, code + 4096 - (1u << (prefix - 3)));
	}
}

static unsigned int level_code(int level)
{
	return level > 0 ? 2u * (unsigned int)level - 2 : 2u * (unsigned int)-level - 1;
}

/*
 * residual_block_cavlc(), 7.3.5.3.2: of the max_coeff levels those in mask are not zero. tokens is
 * coeff_token's table for nC. Returns total_coeff.
 */
static unsigned int put_residual(struct h264_bits *b, const struct vlc (*tokens)[4],
				 const int16_t *levels, uint32_t mask, unsigned int max_coeff)
{
	unsigned int total = 0, ones = 0, zeros_left, suffix_length, last;
	int level[16];
	uint8_t run[16];

	if (!mask) {
		put_vlc(b, tokens[0][0]);
		return 0;
	}
	last = 31 - (unsigned int)__builtin_clz(mask);
	zeros_left = last + 1;
	while (mask) {
		unsigned int next;

		level[total] = levels[last];
		mask ^= 1u << last;
		next = mask ? 31 - (unsigned int)__builtin_clz(mask) : 0;
		run[total++] = (uint8_t)(last - next - 1);
		last = next;
	}
	zeros_left -= total;
	while (ones < 3 && ones < total && (level[ones] == 1 || level[ones] == -1))
		ones++;
	put_vlc(b, tokens[total][ones]);
	for (unsigned int i = 0; i < ones; i++)
		h264_bits_put(b, 1, level[i] < 0); /* trailing_ones_sign_flag */

	suffix_length = total > 10 && ones < 3;
	for (unsigned int i = ones; i < total; i++) {
		unsigned int code = level_code(level[i]);
		unsigned int magnitude = (code >> 1) + 1;

		/* a first level after fewer than three ones is not +-1 */
		put_level(b, i == ones && ones < 3 ? code - 2 : code, suffix_length);
		if (!suffix_length)
			suffix_length = 1;
		if (suffix_length < 6 && magnitude > 3u << (suffix_length - 1))
			suffix_length++;
	}

	if (total < max_coeff)
		put_vlc(b, max_coeff == 4 ? total_zeros_dc[total - 1][zeros_left]
					  : total_zeros[total - 1][zeros_left]);
	for (unsigned int i = 0; i + 1 < total && zeros_left; i++) {
		put_vlc(b, run_before[zeros_left > 6 ? 6 : zeros_left - 1][run[i]]);
		zeros_left -= run[i];
	}
	return total;
}

/*
 * The table for nC (9.2.1) of block (x, y) in a grid of w x h blocks whose total_coeff are at
 * first in struct h264_coded.
 */
static const struct vlc (*tokens_for(const struct h264_entropy *e, unsigned int first,
				     unsigned int x, unsigned int y, unsigned int w))[4]
{
	const struct h264_coded *a = x ? &e->current : e->coded_a;
	const struct h264_coded *b = y ? &e->current : e->coded_b;
	unsigned int at = first + y * w + x, nc = 0;

	if (a)
		nc = a->nnz[x ? at - 1 : at + w - 1];
	if (b)
		nc += b->nnz[y ? at - w : at + w * (w - 1)];
	if (a && b)
		nc = (nc + 1) >> 1;
	return coeff_token[nc < 2 ? 0 : nc < 4 ? 1 : nc < 8 ? 2 : 3];
}

static void put_luma_8x8(struct h264_entropy *e, const int16_t *levels64, unsigned int blk8)
{
	int16_t levels[16];

	/* 7.3.5.3.1: 4x4 block i takes every fourth level from i on */
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int raster = h264_blk_raster[4 * blk8 + i];

		for (unsigned int k = 0; k < 16; k++)
			levels[k] = levels64[4 * k + i];
		e->current.nnz[raster] = (uint8_t)put_residual(
			&e->bits, tokens_for(e, 0, raster & 3, raster >> 2, 4), levels,
			h264_level_mask(levels), 16);
	}
}

static void put_luma_4x4(struct h264_entropy *e, const struct h264_levels *lv, unsigned int blk)
{
	unsigned int raster = h264_blk_raster[blk];
	const struct vlc(*tokens)[4] = tokens_for(e, 0, raster & 3, raster >> 2, 4);
	uint32_t mask = e->mb->nnz[raster] ? h264_level_mask(lv->luma[blk]) : 0;
	unsigned int total;

	if (e->mb->type == H264_MB_I16X16)
		total = put_residual(&e->bits, tokens, lv->luma[blk] + 1, mask >> 1, 15);
	else
		total = put_residual(&e->bits, tokens, lv->luma[blk], mask, 16);
	e->current.nnz[raster] = (uint8_t)total;
}

static void put_luma(struct h264_entropy *e, const struct h264_levels *lv)
{
	const struct h264_mb *mb = e->mb;

	if (mb->type == H264_MB_I16X16)
		put_residual(&e->bits, tokens_for(e, 0, 0, 0, 4), lv->luma_dc,
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
}

static void put_chroma(struct h264_entropy *e, const struct h264_levels *lv)
{
	const struct h264_mb *mb = e->mb;

	for (unsigned int c = 0; c < 2 && mb->cbp_chroma; c++) {
		uint32_t mask = 0;

		for (unsigned int i = 0; i < 4 && lv->dc_nnz[1 + c]; i++)
			mask |= (uint32_t)(lv->chroma_dc[c][i] != 0) << i;
		put_residual(&e->bits, coeff_token_dc, lv->chroma_dc[c], mask, 4);
	}
	for (unsigned int i = 0; i < 8 && mb->cbp_chroma == 2; i++) {
		unsigned int c = i >> 2, blk = i & 3, at = 16 + i;
		uint32_t mask = mb->nnz[at] ? h264_level_mask(lv->chroma_ac[c][blk]) : 0;

		e->current.nnz[at] = (uint8_t)put_residual(
			&e->bits, tokens_for(e, 16 + 4 * c, blk & 1, blk >> 1, 2),
			lv->chroma_ac[c][blk] + 1, mask >> 1, 15);
	}
}

static void put_pcm(struct h264_entropy *e, const struct h264_levels *lv)
{
	h264_bits_align(&e->bits, false); /* pcm_alignment_zero_bit */
	for (unsigned int i = 0; i < sizeof(lv->pcm); i++)
		h264_nal_put(&e->nal, lv->pcm[i]);
	memset(e->current.nnz, 16, sizeof(e->current.nnz));
	e->current.cbp = 0x2f;
}

static void put_intra_modes(struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;
	unsigned int step = mb->type == H264_MB_I8X8 ? 4 : 1;

	for (unsigned int blk = 0; blk < 16 && mb->type != H264_MB_I16X16; blk += step) {
		unsigned int raster = h264_blk_raster[blk], mode = mb->intra_mode[blk];
		unsigned int pred = h264_pred_intra_mode(e, raster & 3, raster >> 2);

		if (mode == pred)
			h264_bits_put(&e->bits, 1, 1);
		else /* prev_intra_pred_mode_flag 0, rem_intra_pred_mode */
			h264_bits_put(&e->bits, 4, mode - (mode > pred));
	}
	h264_bits_ue(&e->bits, mb->intra_chroma_mode);
}

static void put_ref_idx(struct h264_entropy *e, unsigned int list, unsigned int part)
{
	unsigned int active = list ? e->slice->num_ref_idx_l1 : e->slice->num_ref_idx_l0;
	unsigned int ref_idx = (unsigned int)e->mb->ref_idx[list][part];

	if (active == 2) /* te(v), 9.1 */
		h264_bits_put(&e->bits, 1, !ref_idx);
	else if (active > 2)
		h264_bits_ue(&e->bits, ref_idx);
}

static void put_mvd(struct h264_entropy *e, unsigned int list, unsigned int raster)
{
	h264_bits_se(&e->bits, e->mb->mvd[list][raster].x);
	h264_bits_se(&e->bits, e->mb->mvd[list][raster].y);
}

static void put_sub_mb_mvds(struct h264_entropy *e, unsigned int list, unsigned int part)
{
	unsigned int raster = h264_blk_raster[4 * part], sub = e->mb->sub_type[part];

	put_mvd(e, list, raster);
	if (sub == H264_SUB_4X8 || sub == H264_SUB_4X4)
		put_mvd(e, list, raster + 1);
	if (sub == H264_SUB_8X4 || sub == H264_SUB_4X4)
		put_mvd(e, list, raster + 4);
	if (sub == H264_SUB_4X4)
		put_mvd(e, list, raster + 5);
}

/* mb_pred() and sub_mb_pred() of an Inter macroblock, 7.3.5.1 and 7.3.5.2. */
static void put_inter_pred(struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;
	bool b_slice = e->slice->slice_type == SL200_H264_SLICE_B;
	unsigned int parts = h264_partitions(mb);

	for (unsigned int part = 0; part < 4 && mb->type == H264_MB_P8X8; part++)
		h264_bits_ue(&e->bits, b_slice ? h264_b_sub_mb_type(mb, part) : mb->sub_type[part]);
	for (unsigned int list = 0; list < 2; list++)
		for (unsigned int part = 0; part < 4; part++)
			if (parts >> part & 1 && h264_part_uses_list(mb, part, list))
				put_ref_idx(e, list, part);
	for (unsigned int list = 0; list < 2; list++)
		for (unsigned int part = 0; part < 4; part++) {
			if (!(parts >> part & 1) || !h264_part_uses_list(mb, part, list))
				continue;
			if (mb->type == H264_MB_P8X8)
				put_sub_mb_mvds(e, list, part);
			else
				put_mvd(e, list, h264_blk_raster[4 * part]);
		}
}

static unsigned int mb_type(const struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;

	switch (e->slice->slice_type) {
	case SL200_H264_SLICE_I:
		return h264_intra_mb_type(mb);
	case SL200_H264_SLICE_P:
		return h264_mb_is_intra(mb->type) ? 5 + h264_intra_mb_type(mb)
						  : (unsigned int)mb->type - H264_MB_P16X16;
	default:
		return h264_mb_is_intra(mb->type) ? 23 + h264_intra_mb_type(mb)
						  : h264_b_mb_type(mb);
	}
}

void h264_cavlc_mb(struct h264_entropy *e, const struct h264_levels *levels)
{
	const struct h264_mb *mb = e->mb;
	struct h264_bits *b = &e->bits;
	bool intra = h264_mb_is_intra(mb->type), flag = h264_codes_transform_flag(e);

	if (mb->type == H264_MB_P_SKIP || mb->type == H264_MB_B_SKIP) {
		e->mb_skip_run++;
		return;
	}
	if (e->slice->slice_type != SL200_H264_SLICE_I)
		h264_bits_ue(b, e->mb_skip_run);
	e->mb_skip_run = 0;
	h264_bits_ue(b, mb_type(e));
	if (mb->type == H264_MB_I_PCM) {
		put_pcm(e, levels);
		return;
	}

	e->current.cbp = (uint8_t)(mb->cbp_luma | mb->cbp_chroma << 4);
	e->current.transform_8x8 = flag && (intra ? mb->type == H264_MB_I8X8 : mb->transform_8x8);
	if (intra && flag)
		h264_bits_put(b, 1, e->current.transform_8x8);
	if (intra)
		put_intra_modes(e);
	else if (mb->type != H264_MB_B_DIRECT16X16)
		put_inter_pred(e);
	if (mb->type != H264_MB_I16X16)
		h264_bits_ue(b, cbp_code[!intra][e->current.cbp]);
	if (!intra && flag)
		h264_bits_put(b, 1, e->current.transform_8x8);
	if (!e->current.cbp && mb->type != H264_MB_I16X16)
		return;
	h264_bits_se(b, h264_next_qp_delta(e));
	put_luma(e, levels);
	put_chroma(e, levels);
}
