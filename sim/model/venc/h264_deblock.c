/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_deblock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_deblock_filter.h"

/* Table 8-16: alpha' by indexA, beta' by indexB */
static const uint8_t alpha_table[52] = {
	0,  0,	0,  0,	0,  0,	0,   0,	  0,   0,   0,	 0,   0,   0,	0,   0,	  4,  4,
	5,  6,	7,  8,	9,  10, 12,  13,  15,  17,  20,	 22,  25,  28,	32,  36,  40, 45,
	50, 56, 63, 71, 80, 90, 101, 113, 127, 144, 162, 182, 203, 226, 255, 255,
};
static const uint8_t beta_table[52] = {
	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	2,  2,
	2,  3,	3,  3,	3,  4,	4,  4,	6,  6,	7,  7,	8,  8,	9,  9,	10, 10,
	11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18,
};

/* Table 8-17: tC0 by indexA for bS 0 (not filtered), 1, 2, 3 */
static const int8_t tc0_table[52][4] = {
	{-1, 0, 0, 0},	  {-1, 0, 0, 0},    {-1, 0, 0, 0},   {-1, 0, 0, 0},   {-1, 0, 0, 0},
	{-1, 0, 0, 0},	  {-1, 0, 0, 0},    {-1, 0, 0, 0},   {-1, 0, 0, 0},   {-1, 0, 0, 0},
	{-1, 0, 0, 0},	  {-1, 0, 0, 0},    {-1, 0, 0, 0},   {-1, 0, 0, 0},   {-1, 0, 0, 0},
	{-1, 0, 0, 0},	  {-1, 0, 0, 0},    {-1, 0, 0, 1},   {-1, 0, 0, 1},   {-1, 0, 0, 1},
	{-1, 0, 0, 1},	  {-1, 0, 1, 1},    {-1, 0, 1, 1},   {-1, 1, 1, 1},   {-1, 1, 1, 1},
	{-1, 1, 1, 1},	  {-1, 1, 1, 1},    {-1, 1, 1, 2},   {-1, 1, 1, 2},   {-1, 1, 1, 2},
	{-1, 1, 1, 2},	  {-1, 1, 2, 3},    {-1, 1, 2, 3},   {-1, 2, 2, 3},   {-1, 2, 2, 4},
	{-1, 2, 3, 4},	  {-1, 2, 3, 4},    {-1, 3, 3, 5},   {-1, 3, 4, 6},   {-1, 3, 4, 6},
	{-1, 4, 5, 7},	  {-1, 4, 5, 8},    {-1, 4, 6, 9},   {-1, 5, 7, 10},  {-1, 6, 8, 11},
	{-1, 6, 8, 13},	  {-1, 7, 10, 14},  {-1, 8, 11, 16}, {-1, 9, 12, 18}, {-1, 10, 13, 20},
	{-1, 11, 15, 23}, {-1, 13, 17, 25},
};

/* QPC by qPI - 30, Table 8-15 */
static const uint8_t qpc_table[22] = {29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36,
				      36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39};

/* The four blocks on each side of an edge share bS by pairs (8.7.2.1). */
struct strengths {
	uint8_t bs[4];
};

static int clip3(int lo, int hi, int v)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* qPp or qPq (8.7.2.2): plane 0 luma, else chroma */
static int plane_qp(const struct h264_deblock_picture *pic, const struct h264_mb *mb,
		    unsigned int plane)
{
	int qp = mb->type == H264_MB_I_PCM ? 0 : mb->qp;

	if (!plane)
		return qp;
	qp = clip3(0, 51, qp + pic->chroma_qp_index_offset[plane - 1]);
	return qp < 30 ? qp : qpc_table[qp - 30];
}

/* The thresholds of an edge between p and q; false where they leave all samples as they are. */
static bool edge_init(struct h264_edge *edge, const struct sl200_h264_slice *slice, int qp_p,
		      int qp_q, const struct strengths *s)
{
	int qp = (qp_p + qp_q + 1) >> 1;
	int index_a = clip3(0, 51, qp + slice->slice_alpha_c0_offset_div2 * 2);
	int index_b = clip3(0, 51, qp + slice->slice_beta_offset_div2 * 2);

	edge->alpha = alpha_table[index_a];
	edge->beta = beta_table[index_b];
	for (unsigned int i = 0; i < 4; i++)
		edge->tc0[i] = tc0_table[index_a][s->bs[i] & 3];
	return edge->alpha && edge->beta;
}

/* Bit r: 4x4 block r (raster) is in a transform block with coefficients (8.7.2.1). */
static unsigned int coded_blocks(const struct h264_mb *mb)
{
	unsigned int mask = 0;

	for (unsigned int i = 0; i < 16; i++)
		mask |= (unsigned int)(mb->nnz[i] != 0) << i;
	if (mb->transform_8x8) {
		mask |= (mask & 0x5555) << 1 | (mask & 0xaaaa) >> 1;
		mask |= (mask & 0x0f0f) << 4 | (mask & 0xf0f0) >> 4;
	}
	return mask;
}

static bool mv_differs(struct h264_mv a, struct h264_mv b)
{
	return abs(a.x - b.x) >= 4 || abs(a.y - b.y) >= 4;
}

/* Whether the motion of block bp of p and bq of q gives bS 1 (8.7.2.1); raster block indices. */
static bool motion_differs(const struct h264_mb *p, unsigned int bp, const struct h264_mb *q,
			   unsigned int bq)
{
	unsigned int p8 = (bp >> 3 << 1) | (bp >> 1 & 1), q8 = (bq >> 3 << 1) | (bq >> 1 & 1);
	uint8_t p0 = p->ref_pic[0][p8], p1 = p->ref_pic[1][p8];
	uint8_t q0 = q->ref_pic[0][q8], q1 = q->ref_pic[1][q8];
	bool straight = true, crossed = true; /* differs when lists pair up like this */

	if (p0 == q0 && p1 == q1)
		straight = (p0 != 0xff && mv_differs(p->mv[0][bp], q->mv[0][bq])) ||
			   (p1 != 0xff && mv_differs(p->mv[1][bp], q->mv[1][bq]));
	if (p0 == q1 && p1 == q0)
		crossed = (p0 != 0xff && mv_differs(p->mv[0][bp], q->mv[1][bq])) ||
			  (p1 != 0xff && mv_differs(p->mv[1][bp], q->mv[0][bq]));
	return straight && crossed;
}

/* bS of the edge at block column or row n of q, whose other side is p (q itself for n > 0). */
static struct strengths edge_strengths(const struct h264_mb *p, const struct h264_mb *q,
				       unsigned int coded_p, unsigned int coded_q, unsigned int n,
				       bool vertical)
{
	struct strengths s;

	if (h264_mb_is_intra(p->type) || h264_mb_is_intra(q->type)) {
		memset(s.bs, n ? 3 : 4, sizeof(s.bs));
		return s;
	}
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bq = vertical ? 4 * i + n : 4 * n + i;
		unsigned int bp = vertical ? 4 * i + ((n + 3) & 3) : 4 * ((n + 3) & 3) + i;

		if ((coded_q >> bq | coded_p >> bp) & 1)
			s.bs[i] = 2;
		else
			s.bs[i] = motion_differs(p, bp, q, bq);
	}
	return s;
}

static void filter_edge(const struct h264_deblock_picture *pic, const struct h264_mb *p,
			const struct h264_mb *q, const struct strengths *s, unsigned int n,
			bool vertical, uint8_t *const pix[3])
{
	static h264_deblock_fn *const fn[2][2][2] = {
		{{h264_deblock_luma_h, h264_deblock_luma4_h},
		 {h264_deblock_luma_v, h264_deblock_luma4_v}},
		{{h264_deblock_chroma_h, h264_deblock_chroma4_h},
		 {h264_deblock_chroma_v, h264_deblock_chroma4_v}},
	};
	const struct sl200_h264_slice *slice = &pic->slices[q->slice];

	for (unsigned int plane = 0; plane < 3; plane++) {
		struct h264_edge edge;
		ptrdiff_t at = plane ? 2 * n : 4 * n;

		if (plane ? n & 1 : n & 1 && q->transform_8x8)
			continue;
		if (!edge_init(&edge, slice, plane_qp(pic, p, plane), plane_qp(pic, q, plane), s))
			continue;
		at *= vertical ? 1 : pic->stride[plane];
		fn[plane != 0][vertical][s->bs[0] == 4](pix[plane] + at, pic->stride[plane], &edge);
	}
}

static void filter_direction(const struct h264_deblock_picture *pic, const struct h264_mb *q,
			     const struct h264_mb *neighbour, bool vertical, uint8_t *const pix[3])
{
	unsigned int coded_q = coded_blocks(q);
	unsigned int coded_p = neighbour ? coded_blocks(neighbour) : 0;

	for (unsigned int n = neighbour ? 0 : 1; n < 4; n++) {
		const struct h264_mb *p = n ? q : neighbour;
		struct strengths s =
			edge_strengths(p, q, n ? coded_q : coded_p, coded_q, n, vertical);

		if (s.bs[0] | s.bs[1] | s.bs[2] | s.bs[3])
			filter_edge(pic, p, q, &s, n, vertical, pix);
	}
}

/* filterLeftMbEdgeFlag and filterTopMbEdgeFlag (8.7): NULL where that edge is not filtered. */
static const struct h264_mb *edge_neighbour(const struct h264_mb *q, const struct h264_mb *p,
					    const struct sl200_h264_slice *slice)
{
	return slice->disable_deblocking_filter_idc == 2 && p->slice != q->slice ? NULL : p;
}

void h264_deblock_row(const struct h264_deblock_picture *pic, unsigned int mb_y)
{
	const struct h264_mb *q = pic->mbs + (size_t)mb_y * pic->width_mbs;

	for (unsigned int x = 0; x < pic->width_mbs; x++, q++) {
		const struct sl200_h264_slice *slice = &pic->slices[q->slice];
		const struct h264_mb *left = NULL, *top = NULL;
		uint8_t *const pix[3] = {
			pic->plane[0] + (ptrdiff_t)(16 * mb_y) * pic->stride[0] + 16 * x,
			pic->plane[1] + (ptrdiff_t)(8 * mb_y) * pic->stride[1] + 8 * x,
			pic->plane[2] + (ptrdiff_t)(8 * mb_y) * pic->stride[2] + 8 * x,
		};

		if (slice->disable_deblocking_filter_idc == 1)
			continue;
		if (x)
			left = edge_neighbour(q, q - 1, slice);
		if (mb_y)
			top = edge_neighbour(q, q - pic->width_mbs, slice);
		filter_direction(pic, q, left, true, pix);
		filter_direction(pic, q, top, false, pix);
	}
}
