/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_deblock.h"

#include <stdbool.h>
#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* 8.7.2.2 for one plane and one pair of QPs: alpha or beta 0 means that nothing is filtered */
struct thresholds {
	uint8_t alpha, beta;
	const int8_t *tc0; /* by bS 0..3 */
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

static void thresholds_init(struct thresholds t[3], const struct h264_deblock_picture *pic,
			    const struct h264_mb *p, const struct h264_mb *q)
{
	const struct sl200_h264_slice *slice = &pic->slices[q->slice];

	for (unsigned int plane = 0; plane < 3; plane++) {
		int qp = (plane_qp(pic, p, plane) + plane_qp(pic, q, plane) + 1) >> 1;
		int index_a = clip3(0, 51, qp + slice->slice_alpha_c0_offset_div2 * 2);
		int index_b = clip3(0, 51, qp + slice->slice_beta_offset_div2 * 2);

		t[plane].alpha = alpha_table[index_a];
		t[plane].beta = beta_table[index_b];
		t[plane].tc0 = tc0_table[index_a];
	}
}

/* Bit r: 4x4 block r (raster) is in a transform block with coefficients (8.7.2.1). */
static unsigned int coded_blocks(const struct h264_mb *mb)
{
	unsigned int mask = 0;

#ifdef __SSE2__
	__m128i zero =
		_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)mb->nnz), _mm_setzero_si128());

	mask = (unsigned int)_mm_movemask_epi8(zero) ^ 0xffff;
#else
	for (unsigned int i = 0; i < 16; i++)
		mask |= (unsigned int)(mb->nnz[i] != 0) << i;
#endif
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

	if (p1 == 0xff && q1 == 0xff)
		return p0 != q0 || mv_differs(p->mv[0][bp], q->mv[0][bq]);
	if (p0 == q0 && p1 == q1)
		straight = (p0 != 0xff && mv_differs(p->mv[0][bp], q->mv[0][bq])) ||
			   (p1 != 0xff && mv_differs(p->mv[1][bp], q->mv[1][bq]));
	if (p0 == q1 && p1 == q0)
		crossed = (p0 != 0xff && mv_differs(p->mv[0][bp], q->mv[1][bq])) ||
			  (p1 != 0xff && mv_differs(p->mv[1][bp], q->mv[0][bq]));
	return straight && crossed;
}

/*
 * Bit n: block columns (vertical) or rows n - 1 and n of the macroblock may move apart. Direct
 * prediction moves 8x8 quadrants as one (direct_8x8_inference_flag 1).
 */
static unsigned int motion_edges(const struct h264_mb *mb, bool vertical)
{
	switch (mb->type) {
	case H264_MB_P16X8:
		return vertical ? 0 : 1 << 2;
	case H264_MB_P8X16:
		return vertical ? 1 << 2 : 0;
	case H264_MB_P8X8:
		for (unsigned int i = 0; i < 4; i++)
			if (mb->sub_type[i] != H264_SUB_8X8 && mb->sub_type[i] != H264_SUB_DIRECT)
				return 1 << 1 | 1 << 2 | 1 << 3;
		return 1 << 2;
	case H264_MB_B_SKIP:
	case H264_MB_B_DIRECT16X16:
		return 1 << 2;
	default:
		return 0;
	}
}

/* bS of edge n of Inter macroblock q, whose other side is p; coded: per block pair on it. */
static void inter_strengths(uint8_t bs[4], const struct h264_mb *p, const struct h264_mb *q,
			    unsigned int coded, unsigned int n, bool vertical, bool motion)
{
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bq = vertical ? 4 * i + n : 4 * n + i;
		unsigned int bp = vertical ? 4 * i + ((n + 3) & 3) : 4 * ((n + 3) & 3) + i;

		if (coded >> bq & 1)
			bs[i] = 2;
		else
			bs[i] = motion && motion_differs(p, bp, q, bq);
	}
}

static void filter_edge(const struct h264_deblock_picture *pic, const struct thresholds t[3],
			const uint8_t bs[4], unsigned int n, bool vertical, uint8_t *const pix[3])
{
	static h264_deblock_fn *const fn[2][2][2] = {
		{{h264_deblock_luma_h, h264_deblock_luma4_h},
		 {h264_deblock_luma_v, h264_deblock_luma4_v}},
		{{h264_deblock_chroma_h, h264_deblock_chroma4_h},
		 {h264_deblock_chroma_v, h264_deblock_chroma4_v}},
	};

	/* chroma has the edges of every second block */
	for (unsigned int plane = 0; plane < (n & 1 ? 1 : 3); plane++) {
		struct h264_edge edge = {.alpha = t[plane].alpha, .beta = t[plane].beta};
		ptrdiff_t at = (plane ? 2 : 4) * (ptrdiff_t)n;

		if (!edge.alpha || !edge.beta)
			continue;
		for (unsigned int i = 0; i < 4; i++)
			edge.tc0[i] = t[plane].tc0[bs[i] & 3];
		at *= vertical ? 1 : pic->stride[plane];
		fn[plane != 0][vertical][bs[0] == 4](pix[plane] + at, pic->stride[plane], &edge);
	}
}

static void filter_mb_edge(const struct h264_deblock_picture *pic, const struct h264_mb *p,
			   const struct h264_mb *q, unsigned int coded_q, bool vertical,
			   uint8_t *const pix[3])
{
	struct thresholds t[3];
	uint8_t bs[4] = {4, 4, 4, 4};

	if (!h264_mb_is_intra(p->type) && !h264_mb_is_intra(q->type)) {
		unsigned int coded = coded_q | coded_blocks(p) >> (vertical ? 3 : 12);

		inter_strengths(bs, p, q, coded, 0, vertical, true);
		if (!(bs[0] | bs[1] | bs[2] | bs[3]))
			return;
	}
	thresholds_init(t, pic, p, q);
	filter_edge(pic, t, bs, 0, vertical, pix);
}

static void filter_inner_edges(const struct h264_deblock_picture *pic, const struct thresholds t[3],
			       const struct h264_mb *q, unsigned int coded_q, bool vertical,
			       uint8_t *const pix[3])
{
	/* bit r: block r or the one before it across the edge is coded */
	unsigned int coded = coded_q | coded_q << (vertical ? 1 : 4);
	unsigned int motion = motion_edges(q, vertical);
	bool intra = h264_mb_is_intra(q->type);

	for (unsigned int n = 1; n < 4; n++) {
		uint8_t bs[4] = {3, 3, 3, 3};

		if (n & 1 && q->transform_8x8)
			continue;
		if (!intra) {
			inter_strengths(bs, q, q, coded, n, vertical, motion >> n & 1);
			if (!(bs[0] | bs[1] | bs[2] | bs[3]))
				continue;
		}
		filter_edge(pic, t, bs, n, vertical, pix);
	}
}

/* filterLeftMbEdgeFlag and filterTopMbEdgeFlag (8.7), inside the picture */
static bool filters_mb_edge(const struct h264_mb *q, const struct h264_mb *p,
			    const struct sl200_h264_slice *slice)
{
	return slice->disable_deblocking_filter_idc != 2 || p->slice == q->slice;
}

static void filter_mb(const struct h264_deblock_picture *pic, unsigned int x, unsigned int y)
{
	const struct h264_mb *q = &pic->mbs[(size_t)y * pic->width_mbs + x];
	const struct sl200_h264_slice *slice = &pic->slices[q->slice];
	unsigned int coded = coded_blocks(q);
	struct thresholds t[3];
	bool inner = coded || h264_mb_is_intra(q->type) || motion_edges(q, true) ||
		     motion_edges(q, false);
	uint8_t *const pix[3] = {
		pic->plane[0] + (ptrdiff_t)(16 * y) * pic->stride[0] + 16 * x,
		pic->plane[1] + (ptrdiff_t)(8 * y) * pic->stride[1] + 8 * x,
		pic->plane[2] + (ptrdiff_t)(8 * y) * pic->stride[2] + 8 * x,
	};

	if (slice->disable_deblocking_filter_idc == 1)
		return;
	if (inner)
		thresholds_init(t, pic, q, q);
	if (x && filters_mb_edge(q, q - 1, slice))
		filter_mb_edge(pic, q - 1, q, coded, true, pix);
	if (inner)
		filter_inner_edges(pic, t, q, coded, true, pix);
	if (y && filters_mb_edge(q, q - pic->width_mbs, slice))
		filter_mb_edge(pic, q - pic->width_mbs, q, coded, false, pix);
	if (inner)
		filter_inner_edges(pic, t, q, coded, false, pix);
}

void h264_deblock_row(const struct h264_deblock_picture *pic, unsigned int mb_y)
{
	for (unsigned int x = 0; x < pic->width_mbs; x++)
		filter_mb(pic, x, mb_y);
}
