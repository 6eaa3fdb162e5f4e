/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_cabac_mb.h"

#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_entropy_priv.h"

/* ctxIdxOffset, Table 9-34 */
enum {
	CTX_MB_TYPE_I = 3,
	CTX_MB_SKIP_P = 11,
	CTX_MB_TYPE_P = 14,
	CTX_MB_TYPE_P_INTRA = 17,
	CTX_SUB_MB_TYPE_P = 21,
	CTX_MB_SKIP_B = 24,
	CTX_MB_TYPE_B = 27,
	CTX_MB_TYPE_B_INTRA = 32,
	CTX_SUB_MB_TYPE_B = 36,
	CTX_MVD_X = 40,
	CTX_MVD_Y = 47,
	CTX_REF_IDX = 54,
	CTX_MB_QP_DELTA = 60,
	CTX_INTRA_CHROMA_PRED_MODE = 64,
	CTX_PREV_INTRA_PRED_MODE = 68,
	CTX_REM_INTRA_PRED_MODE = 69,
	CTX_CBP_LUMA = 73,
	CTX_CBP_CHROMA = 77,
	CTX_TRANSFORM_8X8 = 399,
};

static void bin(struct h264_entropy *e, unsigned int ctx, unsigned int value)
{
	h264_cabac_bin(&e->cabac, ctx, value);
}

static bool is_skip(const struct h264_mb *mb)
{
	return mb->type == H264_MB_P_SKIP || mb->type == H264_MB_B_SKIP;
}

static void put_mb_skip_flag(struct h264_entropy *e, unsigned int skip)
{
	unsigned int inc = (e->mb_a && !is_skip(e->mb_a)) + (e->mb_b && !is_skip(e->mb_b));

	bin(e, (e->slice->slice_type == SL200_H264_SLICE_B ? CTX_MB_SKIP_B : CTX_MB_SKIP_P) + inc,
	    skip);
}

/*
 * The bins of an Intra mb_type behind any prefix (Table 9-36). first: ctxIdx of the first bin;
 * ctx[]: those of the luma coefficients' bin, the two of chroma, the two of the prediction mode.
 */
static void put_intra_mb_type(struct h264_entropy *e, unsigned int first, const uint8_t ctx[5])
{
	const struct h264_mb *mb = e->mb;

	if (mb->type <= H264_MB_I8X8) {
		bin(e, first, 0);
		return;
	}
	bin(e, first, 1);
	h264_cabac_terminate(&e->cabac, mb->type == H264_MB_I_PCM);
	if (mb->type == H264_MB_I_PCM)
		return;
	bin(e, ctx[0], mb->cbp_luma != 0);
	bin(e, ctx[1], mb->cbp_chroma != 0);
	if (mb->cbp_chroma)
		bin(e, ctx[2], mb->cbp_chroma == 2);
	bin(e, ctx[3], mb->intra16x16_mode >> 1);
	bin(e, ctx[4], mb->intra16x16_mode & 1);
}

static void put_mb_type_i(struct h264_entropy *e)
{
	static const uint8_t ctx[5] = {3 + 3, 3 + 4, 3 + 5, 3 + 6, 3 + 7};
	unsigned int inc = (e->mb_a && e->mb_a->type > H264_MB_I8X8) +
			   (e->mb_b && e->mb_b->type > H264_MB_I8X8);

	put_intra_mb_type(e, CTX_MB_TYPE_I + inc, ctx);
}

static void put_mb_type_p(struct h264_entropy *e)
{
	static const uint8_t ctx[5] = {17 + 1, 17 + 2, 17 + 2, 17 + 3, 17 + 3};
	unsigned int type = e->mb->type;

	if (h264_mb_is_intra(e->mb->type)) {
		bin(e, CTX_MB_TYPE_P, 1);
		put_intra_mb_type(e, CTX_MB_TYPE_P_INTRA, ctx);
		return;
	}
	/* Table 9-37: 16x16 000, 8x8 001, 8x16 010, 16x8 011 */
	bin(e, CTX_MB_TYPE_P, 0);
	if (type == H264_MB_P16X16 || type == H264_MB_P8X8) {
		bin(e, CTX_MB_TYPE_P + 1, 0);
		bin(e, CTX_MB_TYPE_P + 2, type == H264_MB_P8X8);
	} else {
		bin(e, CTX_MB_TYPE_P + 1, 1);
		bin(e, CTX_MB_TYPE_P + 3, type == H264_MB_P16X8);
	}
}

static bool is_direct(const struct h264_mb *mb)
{
	return mb->type == H264_MB_B_SKIP || mb->type == H264_MB_B_DIRECT16X16;
}

static void put_mb_type_b(struct h264_entropy *e)
{
	static const uint8_t ctx[5] = {32 + 1, 32 + 2, 32 + 2, 32 + 3, 32 + 3};
	/* Table 9-37, bins from the third on as a number, for mb_type 3..22 */
	static const uint8_t code[] = {0,  1,  2,  3,  4,  5,  6,  7,  14, 16,
				       17, 18, 19, 20, 21, 22, 23, 24, 25, 15};
	bool intra = h264_mb_is_intra(e->mb->type);
	unsigned int type = intra ? 0 : h264_b_mb_type(e->mb), bits, v;
	unsigned int inc = (e->mb_a && !is_direct(e->mb_a)) + (e->mb_b && !is_direct(e->mb_b));

	bin(e, CTX_MB_TYPE_B + inc, intra || type != 0);
	if (!intra && type == 0)
		return;
	bin(e, CTX_MB_TYPE_B + 3, intra || type > 2);
	if (!intra && type <= 2) {
		bin(e, CTX_MB_TYPE_B + 5, type == 2);
		return;
	}
	v = intra ? 13 : code[type - 3];
	bits = v < 16 ? 4 : 5;
	for (unsigned int i = 0; i < bits; i++)
		bin(e, CTX_MB_TYPE_B + (i == 0 ? 4 : 5), v >> (bits - 1 - i) & 1);
	if (intra)
		put_intra_mb_type(e, CTX_MB_TYPE_B_INTRA, ctx);
}

static void put_sub_mb_type_p(struct h264_entropy *e, unsigned int type)
{
	/* Table 9-38: 8x8 1, 8x4 00, 4x8 011, 4x4 010 */
	bin(e, CTX_SUB_MB_TYPE_P, type == H264_SUB_8X8);
	if (type == H264_SUB_8X8)
		return;
	bin(e, CTX_SUB_MB_TYPE_P + 1, type != H264_SUB_8X4);
	if (type != H264_SUB_8X4)
		bin(e, CTX_SUB_MB_TYPE_P + 2, type == H264_SUB_4X8);
}

static void put_sub_mb_type_b(struct h264_entropy *e, unsigned int type)
{
	bin(e, CTX_SUB_MB_TYPE_B, type != 0);
	if (type == 0)
		return;
	bin(e, CTX_SUB_MB_TYPE_B + 1, type > 2);
	if (type <= 2) {
		bin(e, CTX_SUB_MB_TYPE_B + 3, type == 2);
		return;
	}
	/* Table 9-38: 3..6 are 110xx, 7..10 1110xx, 11 and 12 1111x */
	bin(e, CTX_SUB_MB_TYPE_B + 2, type > 6);
	if (type > 6)
		bin(e, CTX_SUB_MB_TYPE_B + 3, type > 10);
	if (type <= 10)
		bin(e, CTX_SUB_MB_TYPE_B + 3, (type - 3) >> 1 & 1);
	bin(e, CTX_SUB_MB_TYPE_B + 3, (type - 3) & 1);
}

static void put_intra_modes(struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;
	unsigned int step = mb->type == H264_MB_I8X8 ? 4 : 1, chroma = mb->intra_chroma_mode, inc;

	for (unsigned int blk = 0; blk < 16 && mb->type != H264_MB_I16X16; blk += step) {
		unsigned int raster = h264_blk_raster[blk], mode = mb->intra_mode[blk];
		unsigned int pred = h264_pred_intra_mode(e, raster & 3, raster >> 2);

		bin(e, CTX_PREV_INTRA_PRED_MODE, mode == pred);
		if (mode == pred)
			continue;
		mode -= mode > pred;
		for (unsigned int i = 0; i < 3; i++)
			bin(e, CTX_REM_INTRA_PRED_MODE, mode >> i & 1);
	}

	e->current.chroma_mode = (uint8_t)chroma;
	inc = (e->coded_a && e->coded_a->chroma_mode) + (e->coded_b && e->coded_b->chroma_mode);
	bin(e, CTX_INTRA_CHROMA_PRED_MODE + inc, chroma > 0);
	if (chroma > 0)
		bin(e, CTX_INTRA_CHROMA_PRED_MODE + 3, chroma > 1);
	if (chroma > 1)
		bin(e, CTX_INTRA_CHROMA_PRED_MODE + 3, chroma > 2);
}

/* 9.3.3.1.1.6: the partition of mb over 8x8 quadrant part counts as one with refIdx > 0. */
static unsigned int ref_idx_flag(const struct h264_mb *mb, unsigned int part, unsigned int list)
{
	return mb && !h264_mb_is_intra(mb->type) && !is_direct(mb) &&
	       !(mb->type == H264_MB_P8X8 && mb->sub_type[part] == H264_SUB_DIRECT) &&
	       mb->ref_idx[list][part] > 0;
}

static void put_ref_idx(struct h264_entropy *e, unsigned int list, unsigned int part)
{
	unsigned int active = list ? e->slice->num_ref_idx_l1 : e->slice->num_ref_idx_l0;
	int ref_idx = e->mb->ref_idx[list][part];
	unsigned int ctx;

	if (active < 2)
		return;
	ctx = ref_idx_flag(part & 1 ? e->mb : e->mb_a, part ^ 1, list) +
	      2 * ref_idx_flag(part & 2 ? e->mb : e->mb_b, part ^ 2, list);
	/* unary (9.3.2.1) */
	for (; ref_idx > 0; ref_idx--) {
		bin(e, CTX_REF_IDX + ctx, 1);
		ctx = ctx < 4 ? 4 : 5;
	}
	bin(e, CTX_REF_IDX + ctx, 0);
}

/* One component, 9.3.2.3 (UEG3, signedValFlag 1, uCoff 9); sum: absMvdComp of A and B. */
static void put_mvd_comp(struct h264_entropy *e, unsigned int ctx, int mvd, unsigned int sum)
{
	unsigned int value = (unsigned int)abs(mvd);
	unsigned int inc = sum < 3 ? 0 : sum <= 32 ? 1 : 2;

	for (unsigned int i = 0; i < 9; i++) {
		bin(e, ctx + inc, i < value);
		if (i >= value)
			break;
		inc = i < 3 ? i + 3 : 6;
	}
	if (value >= 9)
		h264_cabac_exp_golomb(&e->cabac, value - 9, 3);
	if (value)
		h264_cabac_bypass(&e->cabac, 1, mvd < 0);
}

static const struct h264_mv no_mvd;

static void put_mvd(struct h264_entropy *e, unsigned int list, unsigned int raster)
{
	const struct h264_mv *mvd = e->mb->mvd[list], *a = &no_mvd, *b = &no_mvd;

	if (raster & 3)
		a = &mvd[raster - 1];
	else if (e->mb_a && !h264_mb_is_intra(e->mb_a->type))
		a = &e->mb_a->mvd[list][raster + 3];
	if (raster & 12)
		b = &mvd[raster - 4];
	else if (e->mb_b && !h264_mb_is_intra(e->mb_b->type))
		b = &e->mb_b->mvd[list][raster + 12];
	put_mvd_comp(e, CTX_MVD_X, mvd[raster].x, (unsigned int)(abs(a->x) + abs(b->x)));
	put_mvd_comp(e, CTX_MVD_Y, mvd[raster].y, (unsigned int)(abs(a->y) + abs(b->y)));
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
	unsigned int parts = h264_partitions(mb);

	for (unsigned int part = 0; part < 4 && mb->type == H264_MB_P8X8; part++) {
		if (e->slice->slice_type == SL200_H264_SLICE_B)
			put_sub_mb_type_b(e, h264_b_sub_mb_type(mb, part));
		else
			put_sub_mb_type_p(e, mb->sub_type[part]);
	}
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

/* coded_block_pattern: the luma prefix and the chroma suffix (9.3.2.6, 9.3.3.1.1.4). */
static void put_cbp(struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;
	unsigned int a = e->coded_a ? e->coded_a->cbp : 0x0f;
	unsigned int b = e->coded_b ? e->coded_b->cbp : 0x0f;
	unsigned int luma = mb->cbp_luma, chroma = mb->cbp_chroma;

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int left = (i & 1 ? luma : a) >> (i ^ 1) & 1;
		unsigned int up = (i & 2 ? luma : b) >> (i ^ 2) & 1;

		bin(e, CTX_CBP_LUMA + !left + 2 * !up, luma >> i & 1);
	}
	a >>= 4;
	b >>= 4;
	bin(e, CTX_CBP_CHROMA + (a != 0) + 2 * (b != 0), chroma != 0);
	if (chroma)
		bin(e, CTX_CBP_CHROMA + 4 + (a == 2) + 2 * (b == 2), chroma == 2);
}

/* mb_qp_delta: unary of its mapped value (9.3.2.7, 9.3.3.1.1.5). */
static void put_mb_qp_delta(struct h264_entropy *e)
{
	int delta = h264_next_qp_delta(e);
	unsigned int value = delta > 0 ? 2u * (unsigned int)delta - 1 : 2u * (unsigned int)-delta;
	unsigned int ctx = CTX_MB_QP_DELTA + e->qp_delta_coded;

	e->qp_delta_coded = delta != 0;
	for (unsigned int i = 0; i < value; i++) {
		bin(e, ctx, 1);
		ctx = CTX_MB_QP_DELTA + (i == 0 ? 2 : 3);
	}
	bin(e, ctx, 0);
}

static void put_transform_flag(struct h264_entropy *e)
{
	unsigned int inc = (e->coded_a && e->coded_a->transform_8x8) +
			   (e->coded_b && e->coded_b->transform_8x8);

	bin(e, CTX_TRANSFORM_8X8 + inc, e->current.transform_8x8);
}

static void put_pcm(struct h264_entropy *e, const struct h264_levels *lv)
{
	for (unsigned int i = 0; i < sizeof(lv->pcm); i++)
		h264_nal_put(&e->nal, lv->pcm[i]);
	h264_cabac_start(&e->cabac, &e->nal);
	memset(e->current.nnz, 16, sizeof(e->current.nnz));
	e->current.cbp = 0x2f;
	e->current.dc_flags = 7;
}

void h264_cabac_mb(struct h264_entropy *e, const struct h264_levels *levels)
{
	const struct h264_mb *mb = e->mb;
	bool intra = h264_mb_is_intra(mb->type), flag = h264_codes_transform_flag(e);

	if (e->mb_coded)
		h264_cabac_terminate(&e->cabac, 0); /* end_of_slice_flag of the one before */
	e->mb_coded = true;
	if (e->slice->slice_type != SL200_H264_SLICE_I)
		put_mb_skip_flag(e, is_skip(mb));
	if (is_skip(mb)) {
		e->qp_delta_coded = false;
		return;
	}
	if (e->slice->slice_type == SL200_H264_SLICE_I)
		put_mb_type_i(e);
	else if (e->slice->slice_type == SL200_H264_SLICE_P)
		put_mb_type_p(e);
	else
		put_mb_type_b(e);
	if (mb->type == H264_MB_I_PCM) {
		e->qp_delta_coded = false;
		put_pcm(e, levels);
		return;
	}

	e->current.cbp = (uint8_t)(mb->cbp_luma | mb->cbp_chroma << 4);
	e->current.transform_8x8 = flag && (intra ? mb->type == H264_MB_I8X8 : mb->transform_8x8);
	if (intra && flag)
		put_transform_flag(e);
	if (intra)
		put_intra_modes(e);
	else if (mb->type != H264_MB_B_DIRECT16X16)
		put_inter_pred(e);
	if (mb->type != H264_MB_I16X16)
		put_cbp(e);
	if (!intra && flag)
		put_transform_flag(e);
	if (!e->current.cbp && mb->type != H264_MB_I16X16) {
		e->qp_delta_coded = false;
		return;
	}
	put_mb_qp_delta(e);
	h264_cabac_residual(e, levels);
}
