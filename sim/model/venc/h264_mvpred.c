/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_motion.h"

#include <string.h>

#include "sim/model/venc/h264_tables.h"

static void take(struct h264_macroblock *m, int x, int y, const struct h264_mb *mb, int bx, int by)
{
	int at = H264_MV_AT(x, y), b8 = 2 * (by >> 1) + (bx >> 1);

	m->mv_cache[at] = (struct h264_mv){0, 0};
	if (!mb) {
		m->ref_cache[at] = H264_REF_UNAVAILABLE;
	} else if (h264_mb_is_intra(mb->type) || mb->ref_idx[0][b8] < 0) {
		m->ref_cache[at] = H264_REF_NONE;
	} else {
		m->ref_cache[at] = mb->ref_idx[0][b8];
		m->mv_cache[at] = mb->mv[0][4 * by + bx];
	}
}

void h264_motion_load(struct h264_macroblock *m)
{
	memset(m->ref_cache, H264_REF_UNAVAILABLE, sizeof(m->ref_cache));
	take(m, -1, -1, m->top_left, 3, 3);
	for (int i = 0; i < 4; i++) {
		take(m, i, -1, m->top, i, 3);
		take(m, -1, i, m->left, 3, i);
	}
	take(m, 4, -1, m->top_right, 0, 3);
}

static int16_t median(int a, int b, int c)
{
	int lo = a < b ? a : b, hi = a < b ? b : a;

	return (int16_t)(c < lo ? lo : c > hi ? hi : c);
}

/* 8.4.1.3 for a partition of width w, all in 4x4 blocks; shape steers the directional cases. */
static struct h264_mv predict(const struct h264_macroblock *m, int x, int y, int w, int ref,
			      uint8_t type)
{
	int a = H264_MV_AT(x - 1, y), b = H264_MV_AT(x, y - 1), c = H264_MV_AT(x + w, y - 1);
	const int8_t *r = m->ref_cache;
	const struct h264_mv *v = m->mv_cache;
	int match;

	if (r[c] == H264_REF_UNAVAILABLE)
		c = H264_MV_AT(x - 1, y - 1);
	if (type == H264_MB_P16X8) {
		if (y == 0 && r[b] == ref)
			return v[b];
		if (y == 2 && r[a] == ref)
			return v[a];
	} else if (type == H264_MB_P8X16) {
		if (x == 0 && r[a] == ref)
			return v[a];
		if (x == 2 && r[c] == ref)
			return v[c];
	}
	if (r[b] == H264_REF_UNAVAILABLE && r[c] == H264_REF_UNAVAILABLE &&
	    r[a] != H264_REF_UNAVAILABLE)
		return v[a];
	match = (r[a] == ref) + (r[b] == ref) + (r[c] == ref);
	if (match == 1)
		return r[a] == ref ? v[a] : r[b] == ref ? v[b] : v[c];
	return (struct h264_mv){median(v[a].x, v[b].x, v[c].x), median(v[a].y, v[b].y, v[c].y)};
}

struct h264_mv h264_motion_predict(const struct h264_macroblock *m, const struct h264_motion *mo,
				   int index, int ref)
{
	const struct h264_partition *p = &mo->part[index];

	return predict(m, p->x / 4, p->y / 4, p->w / 4, ref, mo->type);
}

static bool still(const struct h264_macroblock *m, int at)
{
	return m->ref_cache[at] == 0 && m->mv_cache[at].x == 0 && m->mv_cache[at].y == 0;
}

struct h264_mv h264_motion_skip(const struct h264_macroblock *m)
{
	int a = H264_MV_AT(-1, 0), b = H264_MV_AT(0, -1);

	if (m->ref_cache[a] == H264_REF_UNAVAILABLE || m->ref_cache[b] == H264_REF_UNAVAILABLE ||
	    still(m, a) || still(m, b))
		return (struct h264_mv){0, 0};
	return predict(m, 0, 0, 4, 0, H264_MB_P16X16);
}

void h264_motion_enter(struct h264_macroblock *m, const struct h264_partition *part)
{
	for (int y = part->y / 4; y < (part->y + part->h) / 4; y++) {
		for (int x = part->x / 4; x < (part->x + part->w) / 4; x++) {
			m->ref_cache[H264_MV_AT(x, y)] = part->ref;
			m->mv_cache[H264_MV_AT(x, y)] = part->mv;
		}
	}
}

bool h264_motion_allowed(const struct h264_macroblock *m, struct h264_mv mv)
{
	return mv.x >= 4 * m->mv_min[0] && mv.x <= 4 * m->mv_max[0] && mv.y >= 4 * m->mv_min[1] &&
	       mv.y <= 4 * m->mv_max[1];
}

/* 1 bit for zero, else near 2 * log2(d + 1) + 1.7 with the logarithm made of straight pieces */
uint32_t h264_mvd_rate(int d)
{
	uint32_t v = (uint32_t)(d < 0 ? -d : d) + 1, n;

	if (v == 1)
		return 12;
	n = 31u - (uint32_t)__builtin_clz(v);
	return 27 + 32 * n + ((v - (1u << n)) << 5 >> n);
}
