/* SPDX-License-Identifier: MIT */
/*
 * Motion search: full search at quarter size, full-sample refinement for all partitions at once,
 * sub-sample refinement by SATD. docs/h264-encoder.md gives the order of every step.
 */
#include <string.h>

#include "sim/model/venc/h264_motion.h"
#include "sim/model/venc/h264_tables.h"

#define COARSE_X 16	/* quarter-size samples: +-64 */
#define COARSE_GROUPS 5 /* of 8 positions: -16 .. 23 */
#define COARSE_Y 12	/* +-48 */

/* Partitions tracked in the full-sample search: 16x16, two 16x8, two 8x16, four 8x8 */
enum { P16, P16X8, P8X16 = 3, P8X8 = 5, TRACKED = 9 };

struct tracker {
	const struct h264_ref_picture *ref;
	const uint8_t *origin; /* of the macroblock in the reference */
	struct h264_mv mvp;
	uint32_t cost[TRACKED];
	int16_t x[TRACKED], y[TRACKED]; /* full samples */
};

static const struct {
	uint8_t first, parts, w, h, size;
} shapes[] = {
	[H264_MB_P16X16 - H264_MB_P16X16] = {P16, 1, 16, 16, H264_16X16},
	[H264_MB_P16X8 - H264_MB_P16X16] = {P16X8, 2, 16, 8, H264_16X8},
	[H264_MB_P8X16 - H264_MB_P16X16] = {P8X16, 2, 8, 16, H264_8X16},
	[H264_MB_P8X8 - H264_MB_P16X16] = {P8X8, 4, 8, 8, H264_8X8},
};

const uint8_t h264_shape_rate[4] = {8, 40, 40, 72};

static uint32_t mv_rate(struct h264_mv mv, struct h264_mv mvp)
{
	return h264_mvd_rate(mv.x - mvp.x) + h264_mvd_rate(mv.y - mvp.y);
}

/* The best of all displacements in range at quarter size, by SAD; the first in raster order. */
static struct h264_mv coarse_search(const struct h264_macroblock *m,
				    const struct h264_ref_picture *ref)
{
	uint8_t src[16];
	uint16_t sad[8 * COARSE_GROUPS];
	const uint8_t *at = ref->quarter + 4 * (int)m->mb_y * ref->stride_quarter + 4 * m->mb_x;
	int best = 1 << 30, bx = 0, by = 0;
	int x0 = (m->mv_min[0] - 3) / 4, x1 = (m->mv_max[0] + 3) / 4;
	int y0 = (m->mv_min[1] - 3) / 4, y1 = (m->mv_max[1] + 3) / 4;

	x0 = x0 > -COARSE_X ? x0 : -COARSE_X;
	x1 = x1 < COARSE_X ? x1 : COARSE_X;
	y0 = y0 > -COARSE_Y ? y0 : -COARSE_Y;
	y1 = y1 < COARSE_Y ? y1 : COARSE_Y;
	for (int y = 0; y < 4; y++)
		m->dsp->downscale4(src + 4 * y, m->src_y + 64 * y, H264_MB_STRIDE, 4);
	m->dsp->sad4x4_line(src, at, ref->stride_quarter, 1, sad);
	best = sad[0];
	for (int y = y0; y <= y1; y++) {
		m->dsp->sad4x4_line(src, at + y * ref->stride_quarter + x0, ref->stride_quarter,
				    (x1 - x0) / 8 + 1, sad);
		for (int x = x0; x <= x1; x++) {
			if (sad[x - x0] < best) {
				best = sad[x - x0];
				bx = x;
				by = y;
			}
		}
	}
	return (struct h264_mv){(int16_t)(16 * bx), (int16_t)(16 * by)};
}

static bool in_range(const struct h264_macroblock *m, int x, int y)
{
	return x >= m->mv_min[0] && x <= m->mv_max[0] && y >= m->mv_min[1] && y <= m->mv_max[1];
}

/* Try a full-sample displacement for all partitions; true if it is the best for 16x16. */
static bool probe(const struct h264_macroblock *m, struct tracker *t, int x, int y)
{
	uint32_t q[4], sum[TRACKED], rate;
	bool better;

	if (!in_range(m, x, y))
		return false;
	m->dsp->sad_quads(m->src_y, t->origin + y * t->ref->stride + x, t->ref->stride, q);
	rate = mv_rate((struct h264_mv){(int16_t)(4 * x), (int16_t)(4 * y)}, t->mvp);
	rate = (m->lambda_sad * rate + 8) >> 4;
	sum[P16X8] = q[0] + q[1];
	sum[P16X8 + 1] = q[2] + q[3];
	sum[P8X16] = q[0] + q[2];
	sum[P8X16 + 1] = q[1] + q[3];
	sum[P16] = sum[P16X8] + sum[P16X8 + 1];
	for (int i = 0; i < 4; i++)
		sum[P8X8 + i] = q[i];
	better = 16 * sum[P16] + rate < t->cost[P16];
	for (int i = 0; i < TRACKED; i++) {
		uint32_t cost = 16 * sum[i] + rate;

		if (cost < t->cost[i]) {
			t->cost[i] = cost;
			t->x[i] = (int16_t)x;
			t->y[i] = (int16_t)y;
		}
	}
	return better;
}

static void probe_mv(const struct h264_macroblock *m, struct tracker *t, struct h264_mv mv)
{
	probe(m, t, h264_clip((mv.x + 2) >> 2, m->mv_min[0], m->mv_max[0]),
	      h264_clip((mv.y + 2) >> 2, m->mv_min[1], m->mv_max[1]));
}

static void full_search(const struct h264_macroblock *m, struct tracker *t)
{
	static const int8_t hex[6][2] = {{-2, 0}, {-1, -2}, {1, -2}, {2, 0}, {1, 2}, {-1, 2}};
	static const int8_t square[8][2] = {{0, -1},  {-1, 0}, {1, 0},	{0, 1},
					    {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
	int x, y;

	memset(t->cost, 0xff, sizeof(t->cost));
	probe_mv(m, t, t->mvp);
	probe(m, t, h264_clip(0, m->mv_min[0], m->mv_max[0]),
	      h264_clip(0, m->mv_min[1], m->mv_max[1]));
	if (m->left && !h264_mb_is_intra(m->left->type))
		probe_mv(m, t, m->left->mv[0][3]);
	if (m->top && !h264_mb_is_intra(m->top->type))
		probe_mv(m, t, m->top->mv[0][12]);
	if (m->top_right && !h264_mb_is_intra(m->top_right->type))
		probe_mv(m, t, m->top_right->mv[0][12]);
	probe_mv(m, t, m->coarse);

	for (int step = 0; step < m->effort->hex_steps; step++) {
		bool moved = false;

		x = t->x[P16];
		y = t->y[P16];
		for (int i = 0; i < 6; i++)
			moved |= probe(m, t, x + hex[i][0], y + hex[i][1]);
		if (!moved)
			break;
	}
	x = t->x[P16];
	y = t->y[P16];
	for (int i = 0; i < 8; i++)
		probe(m, t, x + square[i][0], y + square[i][1]);
}

/* Full-sample refinement of one 8x8 partition around where the common search left it. */
static void refine8x8(struct h264_macroblock *m, const struct h264_ref_picture *ref,
		      struct h264_partition *p, int x, int y, int steps)
{
	static const int8_t cross[4][2] = {{0, -1}, {-1, 0}, {1, 0}, {0, 1}};
	const uint8_t *src = m->src_y + p->y * H264_MB_STRIDE + p->x;
	const uint8_t *at =
		ref->luma[0] + (16 * (int)m->mb_y + p->y) * ref->stride + 16 * (int)m->mb_x + p->x;
	uint32_t best = UINT32_MAX;
	int cx = x, cy = y;

	for (int step = 0; step <= steps; step++) {
		int bx = cx, by = cy;

		for (int i = step ? 0 : -1; i < 4; i++) {
			int px = cx + (i < 0 ? 0 : cross[i][0]),
			    py = cy + (i < 0 ? 0 : cross[i][1]);
			struct h264_mv mv = {(int16_t)(4 * px), (int16_t)(4 * py)};
			uint32_t cost;

			if (!in_range(m, px, py))
				continue;
			cost = h264_search_cost(
				m, m->dsp->sad8x8(src, at + py * ref->stride + px, ref->stride),
				mv_rate(mv, p->mvp));
			if (cost < best) {
				best = cost;
				bx = px;
				by = py;
			}
		}
		if (bx == cx && by == cy)
			break;
		cx = bx;
		cy = by;
	}
	p->mv = (struct h264_mv){(int16_t)(4 * cx), (int16_t)(4 * cy)};
}

static uint32_t sub_cost(struct h264_macroblock *m, const struct h264_ref_picture *ref,
			 const struct h264_partition *p, struct h264_mv mv)
{
	ptrdiff_t stride;
	const uint8_t *pred =
		h264_mc_luma(ref, m->dsp, 16 * (int)m->mb_x + p->x, 16 * (int)m->mb_y + p->y, mv,
			     p->w, p->h, m->tmp, &stride);

	return h264_search_cost(
		m, m->dsp->satd[p->size](m->src_y + p->y * H264_MB_STRIDE + p->x, pred, stride),
		mv_rate(mv, p->mvp));
}

/* Half- then quarter-sample refinement by SATD, from p->mv. */
static void sub_search(struct h264_macroblock *m, const struct h264_ref_picture *ref,
		       struct h264_partition *p)
{
	static const int8_t around[8][2] = {{0, -1},  {-1, 0}, {1, 0},	{0, 1},
					    {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
	int neighbours = m->effort->square ? 8 : 4;

	p->cost = sub_cost(m, ref, p, p->mv);
	/* The predictor often is the true motion, with its fraction */
	if ((p->mvp.x & 3 || p->mvp.y & 3) && h264_motion_allowed(m, p->mvp)) {
		uint32_t cost = sub_cost(m, ref, p, p->mvp);

		if (cost < p->cost) {
			p->cost = cost;
			p->mv = p->mvp;
		}
	}
	for (int unit = 2; unit >= 1; unit--) {
		int steps = unit == 2 ? m->effort->half_steps : m->effort->quarter_steps;
		int from = -1;

		for (int step = 0; step < steps; step++) {
			struct h264_mv centre = p->mv;
			int moved = -1;

			for (int i = 0; i < neighbours; i++) {
				struct h264_mv mv = {(int16_t)(centre.x + unit * around[i][0]),
						     (int16_t)(centre.y + unit * around[i][1])};
				uint32_t cost;

				if (from >= 0 && around[i][0] == -around[from][0] &&
				    around[i][1] == -around[from][1])
					continue; /* where it came from */
				if (!h264_motion_allowed(m, mv))
					continue;
				cost = sub_cost(m, ref, p, mv);
				if (cost < p->cost) {
					p->cost = cost;
					p->mv = mv;
					moved = i;
				}
			}
			if (moved < 0)
				break;
			from = moved;
		}
	}
}

static const struct h264_ref_picture *list0(const struct h264_macroblock *m, int ref)
{
	return m->pic->ref[m->slice->ref_l0[ref]];
}

/* Sub-sample search of one shape from the tracked displacements. */
static void search_shape(struct h264_macroblock *m, const struct tracker *t, int shape, int ref,
			 struct h264_motion *mo)
{
	const struct h264_ref_picture *pic = list0(m, ref);
	uint32_t bits = h264_shape_rate[shape];

	mo->type = (uint8_t)(H264_MB_P16X16 + shape);
	mo->parts = shapes[shape].parts;
	mo->cost = 0;
	for (int i = 0; i < mo->parts; i++) {
		struct h264_partition *p = &mo->part[i];
		int k = shapes[shape].first + i;

		p->w = shapes[shape].w;
		p->h = shapes[shape].h;
		p->size = shapes[shape].size;
		p->x = (uint8_t)(p->w == 8 ? 8 * (i & 1) : 0);
		p->y = (uint8_t)(p->w == 8 ? 8 * (i >> 1) : 8 * i);
		p->ref = (int8_t)ref;
		p->mvp = h264_motion_predict(m, mo, i, ref);
		p->mv = (struct h264_mv){(int16_t)(4 * t->x[k]), (int16_t)(4 * t->y[k])};
		if (shape == H264_MB_P8X8 - H264_MB_P16X16)
			refine8x8(m, pic, p, t->x[k], t->y[k], 2);
		sub_search(m, pic, p);
		h264_motion_enter(m, p);
		mo->cost += p->cost;
		bits += h264_ref_rate(m, ref);
	}
	mo->cost += (m->lambda_sad * bits + 8) >> 4;
}

int h264_motion_search(struct h264_macroblock *m, struct h264_motion best[2])
{
	struct tracker tracker[H264_SEARCH_REFS];
	struct h264_motion mo;
	uint32_t cheapest[4];
	int refs = m->slice->num_ref_idx_l0 < m->effort->refs ? m->slice->num_ref_idx_l0
							      : m->effort->refs;
	int ref = 0, count = 1;

	best[0].cost = UINT32_MAX;
	for (int r = 0; r < refs; r++) {
		struct tracker *t = &tracker[r];
		const struct h264_motion whole = {
			.type = H264_MB_P16X16,
			.part = {{.w = 16, .h = 16}},
		};

		t->ref = list0(m, r);
		t->origin =
			t->ref->luma[0] + 16 * (int)m->mb_y * t->ref->stride + 16 * (int)m->mb_x;
		t->mvp = h264_motion_predict(m, &whole, 0, r);
		m->coarse = coarse_search(m, t->ref);
		full_search(m, t);
		search_shape(m, t, 0, r, &mo);
		if (mo.cost < best[0].cost) {
			best[0] = mo;
			ref = r;
		}
	}

	/* Shapes in the order of their full-sample costs, while these promise something */
	for (int s = 0; s < 4; s++) {
		cheapest[s] = (m->lambda_sad * h264_shape_rate[s] + 8) >> 4;
		for (int i = 0; i < shapes[s].parts; i++)
			cheapest[s] += tracker[ref].cost[shapes[s].first + i];
	}
	for (int n = 0; n < m->effort->shapes; n++) {
		int s = 0;

		for (int k = 1; k < 4; k++)
			if (cheapest[k] < cheapest[s])
				s = k;
		if (s == 0)
			break;
		cheapest[s] = UINT32_MAX;
		search_shape(m, &tracker[ref], s, ref, &mo);
		if (mo.cost < best[0].cost) {
			best[1] = best[0];
			best[0] = mo;
			count = 2;
		} else if (count < 2 || mo.cost < best[1].cost) {
			best[1] = mo;
			count = 2;
		}
	}
	return m->effort->rd_both ? count : 1;
}
