/* SPDX-License-Identifier: MIT */
/*
 * Mode decision: skip, inter and intra candidates of a macroblock, compared by SSD and modelled
 * rate. docs/h264-encoder.md is the specification.
 */
#include <string.h>

#include "sim/model/venc/h264_macroblock.h"
#include "sim/model/venc/h264_motion.h"
#include "sim/model/venc/h264_residual.h"
#include "sim/model/venc/h264_tables.h"

/* Rates in 1/16 bit */
#define RATE_SKIP 5	 /* mb_skip_flag 1 */
#define RATE_NOT_SKIP 12 /* mb_skip_flag 0 and mb_qp_delta 0 */
/* No macroblock with motion, or intra, costs less: what is below needs no search */
#define RATE_LEAST_INTER 92
#define RATE_LEAST_INTRA 190
#define RATE_I16_IN_P 104
#define RATE_INXN_IN_P 80
#define RATE_I16_IN_I 40
#define RATE_INXN_IN_I 12
#define RATE_TRANSFORM_8X8 16  /* transform_size_8x8_flag */
#define RATE_MODE_PREDICTED 10 /* prev_intra4x4_pred_mode_flag */
#define RATE_MODE_CODED 60     /* with rem_intra4x4_pred_mode */
#define RATE_PCM (3104 * 16)
/* Macroblocks beyond this modelled rate become I_PCM: A.3.1 allows 3200 bits */
#define RATE_LIMIT (2900 * 16)

static const uint8_t cbp_chroma_rate[3] = {8, 30, 32};
static const uint8_t i16_mode_rate[4] = {32, 32, 32, 32};
static const uint8_t chroma_mode_rate[4] = {10, 36, 44, 44};

static uint32_t cbp_luma_rate(const struct h264_mb *mb)
{
	return 40 + 5 * (uint32_t)__builtin_popcount(mb->cbp_luma);
}

static uint32_t cbp_rate(const struct h264_mb *mb)
{
	return cbp_chroma_rate[mb->cbp_chroma] + cbp_luma_rate(mb);
}

static bool transform_8x8(const struct h264_macroblock *m)
{
	return m->pic->desc->flags & SL200_H264_F_TRANSFORM_8X8;
}

static void finish(const struct h264_macroblock *m, struct h264_candidate *c)
{
	uint32_t ssd = m->dsp->ssd16(m->src_y, c->y, 16) + m->dsp->ssd16(m->src_c, c->c, 8);

	c->cost = h264_rd_cost(m, ssd, c->rate);
}

static void clear(const struct h264_macroblock *m, struct h264_candidate *c, uint8_t type)
{
	memset(&c->mb, 0, sizeof(c->mb));
	c->mb.type = type;
	c->mb.qp = (uint8_t)m->qp;
	c->mb.slice = m->slice_index;
	memset(c->mb.ref_idx, -1, sizeof(c->mb.ref_idx));
	memset(c->mb.ref_pic, 0xff, sizeof(c->mb.ref_pic));
	memset(c->mb.intra_mode, H264_I4_DC, sizeof(c->mb.intra_mode));
	memset(c->levels.dc_nnz, 0, sizeof(c->levels.dc_nnz));
}

static void set_motion(const struct h264_macroblock *m, struct h264_mb *mb,
		       const struct h264_partition *p)
{
	struct h264_mv mvd = {(int16_t)(p->mv.x - p->mvp.x), (int16_t)(p->mv.y - p->mvp.y)};

	for (int y = p->y / 4; y < (p->y + p->h) / 4; y++) {
		for (int x = p->x / 4; x < (p->x + p->w) / 4; x++) {
			int b8 = 2 * (y >> 1) + (x >> 1);

			mb->mv[0][4 * y + x] = p->mv;
			mb->mvd[0][4 * y + x] = mvd;
			mb->ref_idx[0][b8] = p->ref;
			mb->ref_pic[0][b8] = m->slice->ref_l0[p->ref];
		}
	}
}

static void predict_inter(struct h264_macroblock *m, const struct h264_motion *mo)
{
	for (int i = 0; i < mo->parts; i++) {
		const struct h264_partition *p = &mo->part[i];
		const struct h264_ref_picture *ref = m->pic->ref[m->slice->ref_l0[p->ref]];
		int x = 16 * (int)m->mb_x + p->x, y = 16 * (int)m->mb_y + p->y;

		h264_mc_luma_copy(ref, m->dsp, x, y, p->mv, p->w, p->h,
				  m->pred_y + p->y * H264_MB_STRIDE + p->x);
		h264_mc_chroma(ref, m->dsp, x, y, p->mv, p->w, p->h,
			       m->pred_c + p->y / 2 * H264_MB_STRIDE + p->x / 2);
	}
}

static struct h264_motion whole(struct h264_mv mv)
{
	return (struct h264_motion){
		.type = H264_MB_P16X16,
		.parts = 1,
		.part = {{.w = 16, .h = 16, .size = H264_16X16, .mv = mv, .mvp = mv}},
	};
}

static void make_skip(const struct h264_macroblock *m, struct h264_candidate *c,
		      const struct h264_motion *skip)
{
	clear(m, c, H264_MB_P_SKIP);
	set_motion(m, &c->mb, &skip->part[0]);
	memcpy(c->y, m->pred_y, sizeof(c->y));
	memcpy(c->c, m->pred_c, sizeof(c->c));
	c->rate = RATE_SKIP;
	finish(m, c);
}

/* Luma with the cheaper transform size; spare is scratch. Returns the rate. */
static uint32_t code_inter_luma(struct h264_macroblock *m, struct h264_candidate *c,
				struct h264_candidate *spare)
{
	uint32_t rate = h264_residual_inter(m, c), rate8;

	/* transform_size_8x8_flag exists only with luma levels (7.3.5) */
	if (!transform_8x8(m) || !c->mb.cbp_luma)
		return rate;
	spare->mb.transform_8x8 = 1;
	rate8 = h264_residual_inter(m, spare);
	if (h264_rd_cost(m, m->dsp->ssd16(m->src_y, spare->y, 16),
			 rate8 + cbp_luma_rate(&spare->mb)) >=
	    h264_rd_cost(m, m->dsp->ssd16(m->src_y, c->y, 16), rate + cbp_luma_rate(&c->mb)))
		return rate + RATE_TRANSFORM_8X8;
	c->mb.transform_8x8 = spare->mb.cbp_luma != 0;
	c->mb.cbp_luma = spare->mb.cbp_luma;
	memcpy(c->mb.nnz, spare->mb.nnz, 16);
	memcpy(c->levels.luma, spare->levels.luma, sizeof(c->levels.luma));
	memcpy(c->y, spare->y, sizeof(c->y));
	return rate8 + (c->mb.transform_8x8 ? RATE_TRANSFORM_8X8 : 0);
}

static void make_inter(struct h264_macroblock *m, struct h264_candidate *c,
		       struct h264_candidate *spare, const struct h264_motion *mo,
		       const struct h264_motion *skip)
{
	const struct h264_partition *first = &mo->part[0];

	clear(m, c, mo->type);
	predict_inter(m, mo);
	c->rate = RATE_NOT_SKIP + h264_shape_rate[mo->type - H264_MB_P16X16];
	for (int i = 0; i < mo->parts; i++) {
		const struct h264_partition *p = &mo->part[i];

		set_motion(m, &c->mb, p);
		c->rate += h264_mvd_rate(p->mv.x - p->mvp.x) + h264_mvd_rate(p->mv.y - p->mvp.y);
		c->rate += h264_ref_rate(m, p->ref);
	}
	c->rate += code_inter_luma(m, c, spare);
	c->rate += h264_residual_chroma(m, c);
	c->rate += cbp_rate(&c->mb);
	if (skip && mo->type == H264_MB_P16X16 && !c->mb.cbp_luma && !c->mb.cbp_chroma &&
	    first->ref == 0 && first->mv.x == skip->part[0].mv.x &&
	    first->mv.y == skip->part[0].mv.y) {
		c->mb.type = H264_MB_P_SKIP;
		memset(c->mb.mvd, 0, sizeof(c->mb.mvd));
		c->rate = RATE_SKIP;
	}
	finish(m, c);
}

/* Chroma prediction by SATD of both planes, into pred_c; returns the mode. */
static int choose_chroma(struct h264_macroblock *m)
{
	uint8_t pred[128] __attribute__((aligned(32)));
	uint32_t best = UINT32_MAX;
	int mode = H264_IC_DC;

	for (int k = H264_IC_DC; k <= H264_IC_PLANE; k++) {
		uint32_t cost;

		if (!h264_intra_chroma_usable(&m->edges_c[0], k))
			continue;
		h264_intra_chroma(pred, &m->edges_c[0], k);
		h264_intra_chroma(pred + 8, &m->edges_c[1], k);
		cost = h264_search_cost(m, m->dsp->satd[H264_16X8](m->src_c, pred, H264_MB_STRIDE),
					chroma_mode_rate[k]);
		if (cost < best) {
			best = cost;
			mode = k;
			memcpy(m->pred_c, pred, sizeof(pred));
		}
	}
	return mode;
}

/* Best Intra 16x16 prediction by SATD, into pred_y. */
static uint32_t choose_intra16x16(struct h264_macroblock *m, int *mode)
{
	uint8_t pred[256] __attribute__((aligned(32)));
	uint32_t best = UINT32_MAX;

	for (int k = H264_I16_VERTICAL; k <= H264_I16_PLANE; k++) {
		uint32_t cost;

		if (!h264_intra16x16_usable(&m->edges, k))
			continue;
		h264_intra16x16(pred, &m->edges, k);
		cost = h264_search_cost(m, m->dsp->satd[H264_16X16](m->src_y, pred, H264_MB_STRIDE),
					i16_mode_rate[k]);
		if (cost < best) {
			best = cost;
			*mode = k;
			memcpy(m->pred_y, pred, sizeof(pred));
		}
	}
	return best;
}

static void make_intra16x16(struct h264_macroblock *m, struct h264_candidate *c, int mode,
			    int chroma_mode, bool in_p)
{
	clear(m, c, H264_MB_I16X16);
	c->mb.intra16x16_mode = (uint8_t)mode;
	c->mb.intra_chroma_mode = (uint8_t)chroma_mode;
	c->rate = in_p ? RATE_I16_IN_P : RATE_I16_IN_I;
	c->rate += i16_mode_rate[mode] + chroma_mode_rate[chroma_mode];
	c->rate += h264_residual_intra16x16(m, c);
	c->rate += h264_residual_chroma(m, c);
	c->rate += cbp_chroma_rate[c->mb.cbp_chroma];
	finish(m, c);
}

/* Intra4x4PredMode of a neighbour for prediction (8.3.1.1); -1: dcPredModePredictedFlag. */
static int neighbour_mode(const struct h264_macroblock *m, const struct h264_mb *mb, int blk)
{
	if (!mb)
		return -1;
	if (!h264_mb_is_intra(mb->type))
		return m->pic->desc->flags & SL200_H264_F_CONSTRAINED_INTRA ? -1 : H264_I4_DC;
	if (mb->type != H264_MB_I4X4 && mb->type != H264_MB_I8X8)
		return H264_I4_DC;
	return mb->intra_mode[blk];
}

static const uint8_t blk_of[4][4] = {{0, 1, 4, 5}, {2, 3, 6, 7}, {8, 9, 12, 13}, {10, 11, 14, 15}};

/* predIntra4x4PredMode of the block at (x, y) in 4x4 blocks; of 8x8 blocks alike (8.3.2.1) */
static int predicted_mode(const struct h264_macroblock *m, const struct h264_candidate *c, int x,
			  int y)
{
	int a, b;

	if (x > 0)
		a = c->mb.intra_mode[blk_of[y][x - 1]];
	else
		a = neighbour_mode(m, m->left, blk_of[y][3]);
	if (y > 0)
		b = c->mb.intra_mode[blk_of[y - 1][x]];
	else
		b = neighbour_mode(m, m->top, blk_of[3][x]);
	if (a < 0 || b < 0)
		return H264_I4_DC;
	return a < b ? a : b;
}

/* Samples around the n x n block at (x, y) of the macroblock, from the candidate and outside. */
static void block_edges(const struct h264_macroblock *m, const struct h264_candidate *c, int x,
			int y, int n, struct h264_edges *e)
{
	const uint8_t *rec = c->y + y * H264_MB_STRIDE + x;
	/* Blocks in decoding order: what lies right above inside the macroblock and is done */
	bool done = n == 4 ? x != 12 && !(x == 4 && (y & 4)) : x == 0;

	e->has_left = x > 0 || m->edges.has_left;
	e->has_top = y > 0 || m->edges.has_top;
	if (x > 0 && y > 0)
		e->has_corner = true;
	else
		e->has_corner = x > 0	? m->edges.has_top
				: y > 0 ? m->edges.has_left
					: m->edges.has_corner;
	if (y > 0)
		memcpy(e->top, rec - H264_MB_STRIDE, (size_t)n);
	else
		memcpy(e->top, m->edges.top + x, (size_t)n);
	if (y > 0)
		e->has_top_right = done && x + n < 16;
	else
		e->has_top_right = x + n < 16 ? m->edges.has_top : m->edges.has_top_right;
	if (e->has_top_right)
		memcpy(e->top + n, y > 0 ? rec - H264_MB_STRIDE + n : m->edges.top + x + n,
		       (size_t)n);
	for (int i = 0; i < n; i++)
		e->left[i] = x > 0 ? rec[i * H264_MB_STRIDE - 1] : m->edges.left[y + i];
	if (x > 0 && y > 0)
		e->corner = rec[-H264_MB_STRIDE - 1];
	else
		e->corner = x > 0   ? m->edges.top[x - 1]
			    : y > 0 ? m->edges.left[y - 1]
				    : m->edges.corner;
	h264_edges_fill(e, n);
}

/*
 * Intra 4x4, block by block in decoding order: the mode by SATD, or by cost among the best few.
 * False: given up, as its search cost passed the limit.
 */
static bool make_intra4x4(struct h264_macroblock *m, struct h264_candidate *c, int chroma_mode,
			  bool in_p, uint32_t limit)
{
	uint32_t search = 0;

	clear(m, c, H264_MB_I4X4);
	c->mb.intra_chroma_mode = (uint8_t)chroma_mode;
	c->rate = in_p ? RATE_INXN_IN_P : RATE_INXN_IN_I;
	if (transform_8x8(m))
		c->rate += RATE_TRANSFORM_8X8;
	for (int blk = 0; blk < 16; blk++) {
		int x = h264_blk_x[blk], y = h264_blk_y[blk];
		uint8_t pred[3][64] __attribute__((aligned(32)));
		const uint8_t *src = m->src_y + 4 * y * H264_MB_STRIDE + 4 * x;
		uint32_t satd[12], best = UINT32_MAX;
		struct h264_edges e;
		struct h264_intra_line line;
		int predicted = predicted_mode(m, c, x, y), mode = H264_I4_DC;

		block_edges(m, c, 4 * x, 4 * y, 4, &e);
		h264_intra_prepare(&line, &e, 4);
		for (int k = 0; k < H264_I4_MODES; k++)
			if (h264_intra4x4_usable(&e, k))
				h264_intra4x4(pred[k >> 2] + 4 * (k & 3), &line, k);
		for (int i = 0; i < 3; i++)
			m->dsp->satd4x4_x4(src, pred[i], satd + 4 * i);
		for (int k = 0; k < H264_I4_MODES; k++) {
			uint32_t cost;

			if (!h264_intra4x4_usable(&e, k))
				continue;
			cost = h264_search_cost(
				m, satd[k], k == predicted ? RATE_MODE_PREDICTED : RATE_MODE_CODED);
			if (cost < best) {
				best = cost;
				mode = k;
			}
		}
		search += best;
		if (search > limit)
			return false;
		c->mb.intra_mode[blk] = (uint8_t)mode;
		c->rate += mode == predicted ? RATE_MODE_PREDICTED : RATE_MODE_CODED;
		c->rate += h264_residual_intra4x4(m, c, blk, pred[mode >> 2] + 4 * (mode & 3));
		if (c->mb.nnz[h264_blk_to_raster[blk]])
			c->mb.cbp_luma |= (uint8_t)(1 << (blk >> 2));
	}
	c->rate += h264_residual_chroma(m, c);
	c->rate += cbp_rate(&c->mb);
	finish(m, c);
	return true;
}

/* Intra 8x8, alike. */
static bool make_intra8x8(struct h264_macroblock *m, struct h264_candidate *c, int chroma_mode,
			  bool in_p, uint32_t limit)
{
	uint32_t search = 0;

	clear(m, c, H264_MB_I8X8);
	c->mb.transform_8x8 = 1;
	c->mb.intra_chroma_mode = (uint8_t)chroma_mode;
	c->rate = in_p ? RATE_INXN_IN_P : RATE_INXN_IN_I;
	c->rate += RATE_TRANSFORM_8X8;
	for (int b = 0; b < 4; b++) {
		int x = 8 * (b & 1), y = 8 * (b >> 1);
		uint8_t pred[2][128] __attribute__((aligned(32)));
		const uint8_t *src = m->src_y + y * H264_MB_STRIDE + x;
		uint32_t best = UINT32_MAX;
		struct h264_edges e, filtered;
		struct h264_intra_line line;
		int predicted = predicted_mode(m, c, x / 4, y / 4), mode = H264_I4_DC, kept = 0;

		block_edges(m, c, x, y, 8, &e);
		h264_edges_filter8x8(&filtered, &e);
		h264_intra_prepare(&line, &filtered, 8);
		for (int k = 0; k < H264_I4_MODES; k++) {
			uint8_t *p = pred[!kept];
			uint32_t cost;

			if (!h264_intra4x4_usable(&e, k))
				continue;
			h264_intra8x8(p, &line, k);
			cost = h264_search_cost(m, m->dsp->satd[H264_8X8](src, p, H264_MB_STRIDE),
						k == predicted ? RATE_MODE_PREDICTED
							       : RATE_MODE_CODED);
			if (cost < best) {
				best = cost;
				mode = k;
				kept = !kept;
			}
		}
		search += best;
		if (search > limit)
			return false;
		memset(c->mb.intra_mode + 4 * b, mode, 4);
		c->rate += mode == predicted ? RATE_MODE_PREDICTED : RATE_MODE_CODED;
		c->rate += h264_residual_intra8x8(m, c, b, pred[kept]);
		if (c->mb.nnz[h264_blk_to_raster[4 * b]])
			c->mb.cbp_luma |= (uint8_t)(1 << b);
	}
	c->rate += h264_residual_chroma(m, c);
	c->rate += cbp_rate(&c->mb);
	finish(m, c);
	return true;
}

static void make_pcm(struct h264_macroblock *m, struct h264_candidate *c)
{
	clear(m, c, H264_MB_I_PCM);
	memset(c->mb.nnz, 16, sizeof(c->mb.nnz));
	memcpy(c->y, m->src_y, sizeof(c->y));
	memcpy(c->c, m->src_c, sizeof(c->c));
	memcpy(c->levels.pcm, m->src_y, 256);
	for (int y = 0; y < 8; y++) {
		memcpy(c->levels.pcm + 256 + 8 * y, m->src_c + 16 * y, 8);
		memcpy(c->levels.pcm + 320 + 8 * y, m->src_c + 16 * y + 8, 8);
	}
	c->rate = RATE_PCM;
	finish(m, c);
}

static uint16_t variance16(const struct h264_macroblock *m)
{
	uint32_t sum = 0, square = 0, v;

	for (int i = 0; i < 256; i++) {
		sum += m->src_y[i];
		square += (uint32_t)m->src_y[i] * m->src_y[i];
	}
	v = (square - (uint32_t)(((uint64_t)sum * sum) >> 8)) >> 4;
	return (uint16_t)(v > UINT16_MAX ? UINT16_MAX : v);
}

static void store_stats(const struct h264_macroblock *m, const struct h264_candidate *c)
{
	static const uint8_t kind[] = {
		[H264_MB_I4X4] = 2,  [H264_MB_I8X8] = 3,   [H264_MB_I16X16] = 4,
		[H264_MB_I_PCM] = 4, [H264_MB_P_SKIP] = 0, [H264_MB_P16X16] = 1,
		[H264_MB_P16X8] = 1, [H264_MB_P8X16] = 1,  [H264_MB_P8X8] = 1,
	};
	struct sl200_mb_stats *s = &m->pic->stats[m->addr];
	uint64_t cost = c->cost >> 8;

	memset(s, 0, sizeof(*s));
	s->cost = cost > UINT32_MAX ? UINT32_MAX : (uint32_t)cost;
	s->variance = variance16(m);
	s->mv[0] = c->mb.mv[0][0].x;
	s->mv[1] = c->mb.mv[0][0].y;
	s->qp = c->mb.qp;
	s->mb_type = kind[c->mb.type];
}

static void store(const struct h264_macroblock *m, const struct h264_candidate *c)
{
	const struct h264_picture *pic = m->pic;
	struct h264_row_store *row = h264_row_store(pic, m->mb_y);
	uint8_t *rec = pic->recon[0] + (ptrdiff_t)(16 * m->mb_y) * pic->stride[0] + 16 * m->mb_x;

	pic->mbs[m->addr] = c->mb;
	if (c->mb.type == H264_MB_I_PCM)
		memcpy(row->levels[m->mb_x].pcm, c->levels.pcm, sizeof(c->levels.pcm));
	else if (c->mb.type != H264_MB_P_SKIP)
		memcpy(&row->levels[m->mb_x], &c->levels, offsetof(struct h264_levels, pcm));
	for (int y = 0; y < 16; y++)
		memcpy(rec + y * pic->stride[0], c->y + 16 * y, 16);
	memcpy(row->line[0] + 16 * m->mb_x, c->y + 240, 16);
	for (int p = 1; p < 3; p++) {
		rec = pic->recon[p] + (ptrdiff_t)(8 * m->mb_y) * pic->stride[p] + 8 * m->mb_x;
		for (int y = 0; y < 8; y++)
			memcpy(rec + y * pic->stride[p], c->c + 16 * y + 8 * (p - 1), 8);
		memcpy(row->line[p] + 8 * m->mb_x, c->c + 112 + 8 * (p - 1), 8);
	}
	if (pic->stats)
		store_stats(m, c);
}

struct choice {
	struct h264_candidate *best, *spare[2];
};

/* Keep the spare candidate 0 if it is cheaper. */
static void compare(struct choice *ch)
{
	if (ch->spare[0]->cost < ch->best->cost) {
		struct h264_candidate *c = ch->best;

		ch->best = ch->spare[0];
		ch->spare[0] = c;
	}
}

static void try_intra(struct h264_macroblock *m, struct choice *ch, bool in_p, uint32_t inter_cost)
{
	int mode = H264_I16_DC, chroma_mode;
	uint32_t cost16 = choose_intra16x16(m, &mode), limit;

	/* Where motion predicts far better, intra is not tried */
	if (in_p && cost16 > inter_cost + inter_cost / 4)
		return;
	chroma_mode = choose_chroma(m);
	make_intra16x16(m, ch->spare[0], mode, chroma_mode, in_p);
	compare(ch);
	limit = cost16 < inter_cost ? cost16 : inter_cost;
	if (!in_p)
		limit += limit / 4;
	if (transform_8x8(m)) {
		if (make_intra8x8(m, ch->spare[0], chroma_mode, in_p, limit))
			compare(ch);
		else if (in_p)
			return; /* 4x4 hardly does better */
	}
	if (make_intra4x4(m, ch->spare[0], chroma_mode, in_p, limit))
		compare(ch);
}

static void decide_p(struct h264_macroblock *m, struct choice *ch)
{
	struct h264_motion skip, best[2];
	bool may_skip;
	int count;

	h264_motion_load(m);
	skip = whole(h264_motion_skip(m));
	may_skip = h264_motion_allowed(m, skip.part[0].mv);
	if (may_skip) {
		predict_inter(m, &skip);
		make_skip(m, ch->best, &skip);
		if (ch->best->cost <= h264_rd_cost(m, 0, RATE_LEAST_INTER) ||
		    h264_residual_vanishes(m))
			return;
	}
	count = h264_motion_search(m, best);
	for (int i = 0; i < count; i++) {
		make_inter(m, ch->spare[0], ch->spare[1], &best[i], may_skip ? &skip : NULL);
		compare(ch);
	}
	if (ch->best->cost > h264_rd_cost(m, 0, RATE_LEAST_INTRA))
		try_intra(m, ch, true, best[0].cost);
}

void h264_macroblock_code(struct h264_macroblock *m)
{
	struct choice ch = {&m->candidate[0], {&m->candidate[1], &m->candidate[2]}};

	ch.best->cost = UINT64_MAX;
	if (m->slice->slice_type == SL200_H264_SLICE_P)
		decide_p(m, &ch);
	else
		try_intra(m, &ch, false, UINT32_MAX / 2);
	if (ch.best->rate > RATE_LIMIT) {
		make_pcm(m, ch.spare[0]);
		ch.best = ch.spare[0];
	}
	store(m, ch.best);
}
