/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_deblock_filter.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* The lines of an edge stay in registers only when all steps are one function. */
#define INLINE inline __attribute__((always_inline))

/*
 * A vector holds one line of samples along the edge: 16 luma, or 8 chroma in its low half. Vertical
 * edges are transposed on the way in and out.
 */
struct lines {
	__m128i p3, p2, p1, p0, q0, q1, q2, q3;
};

static INLINE __m128i absdiff(__m128i a, __m128i b)
{
	return _mm_or_si128(_mm_subs_epu8(a, b), _mm_subs_epu8(b, a));
}

/* 0xff where |a - b| < limit, 1 <= limit <= 255 */
static INLINE __m128i closer(__m128i a, __m128i b, int limit)
{
	__m128i d = absdiff(a, b);

	return _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8((char)(limit - 1))), d);
}

/* (a + b) >> 1 */
static INLINE __m128i average_down(__m128i a, __m128i b)
{
	__m128i odd = _mm_and_si128(_mm_xor_si128(a, b), _mm_set1_epi8(1));

	return _mm_sub_epi8(_mm_avg_epu8(a, b), odd);
}

static INLINE __m128i pick(__m128i mask, __m128i a, __m128i b)
{
	return _mm_or_si128(_mm_and_si128(mask, a), _mm_andnot_si128(mask, b));
}

/* filterSamplesFlag (8.7.2.2) as far as samples decide it */
static INLINE __m128i filter_mask(const struct lines *l, const struct h264_edge *edge)
{
	return _mm_and_si128(
		closer(l->p0, l->q0, edge->alpha),
		_mm_and_si128(closer(l->p1, l->p0, edge->beta), closer(l->q1, l->q0, edge->beta)));
}

/*
 * p0 and q0 of 8.7.2.3 with tC in tc (0..27; 0 leaves them). With d = q0 - p0 and e = p1 - q1,
 * (4d + e + 4) >> 3 is (d + ((e + 4) >> 2)) >> 1. Both fit 8 bits signed wherever |d| <= 86; beyond
 * that saturation keeps the result outside +-27, as |e + d| <= 34 follows from beta, and clipping
 * gives +-tC either way. Shifts are done on values biased to be positive.
 */
static INLINE void filter_p0_q0(struct lines *l, __m128i tc)
{
	const __m128i sign = _mm_set1_epi8((char)0x80), mid = _mm_set1_epi8(64);
	__m128i d = _mm_subs_epi8(_mm_xor_si128(l->q0, sign), _mm_xor_si128(l->p0, sign));
	__m128i e = _mm_subs_epi8(_mm_xor_si128(l->p1, sign), _mm_xor_si128(l->q1, sign));
	__m128i t, up, down;

	e = _mm_xor_si128(_mm_adds_epi8(e, _mm_set1_epi8(4)), sign);
	e = _mm_and_si128(_mm_srli_epi16(e, 2), _mm_set1_epi8(0x3f));
	t = _mm_adds_epi8(d, _mm_sub_epi8(e, _mm_set1_epi8(32)));
	t = _mm_and_si128(_mm_srli_epi16(_mm_xor_si128(t, sign), 1), _mm_set1_epi8(0x7f));
	t = _mm_min_epu8(_mm_max_epu8(t, _mm_sub_epi8(mid, tc)), _mm_add_epi8(mid, tc));
	up = _mm_subs_epu8(t, mid);
	down = _mm_subs_epu8(mid, t);
	l->p0 = _mm_subs_epu8(_mm_adds_epu8(l->p0, up), down);
	l->q0 = _mm_adds_epu8(_mm_subs_epu8(l->q0, up), down);
}

/* p1 (or q1) of 8.7.2.3 from p2 and the average of p0 and q0; tc0: 0 leaves it */
static INLINE __m128i filter_p1(__m128i p1, __m128i p2, __m128i average, __m128i tc0)
{
	__m128i v = average_down(p2, average);

	return _mm_min_epu8(_mm_max_epu8(v, _mm_subs_epu8(p1, tc0)), _mm_adds_epu8(p1, tc0));
}

static INLINE __m128i load_tc0(const struct h264_edge *edge)
{
	int32_t bytes;
	__m128i v;

	memcpy(&bytes, edge->tc0, sizeof(bytes));
	v = _mm_cvtsi32_si128(bytes);
	return _mm_unpacklo_epi8(v, v);
}

/* Filters p1..q1; false when there is nothing to filter. */
static INLINE int luma(struct lines *l, const struct h264_edge *edge)
{
	__m128i tc0 = load_tc0(edge), mask, ap, aq, average, tc;

	tc0 = _mm_unpacklo_epi16(tc0, tc0);
	mask = filter_mask(l, edge);
	mask = _mm_and_si128(mask, _mm_cmpgt_epi8(tc0, _mm_set1_epi8(-1)));
	if (!_mm_movemask_epi8(mask))
		return 0;
	ap = _mm_and_si128(mask, closer(l->p2, l->p0, edge->beta));
	aq = _mm_and_si128(mask, closer(l->q2, l->q0, edge->beta));
	average = _mm_avg_epu8(l->p0, l->q0);
	tc = _mm_sub_epi8(_mm_sub_epi8(_mm_and_si128(tc0, mask), ap), aq);
	filter_p0_q0(l, tc);
	l->p1 = filter_p1(l->p1, l->p2, average, _mm_and_si128(tc0, ap));
	l->q1 = filter_p1(l->q1, l->q2, average, _mm_and_si128(tc0, aq));
	return 1;
}

static INLINE int chroma(struct lines *l, const struct h264_edge *edge)
{
	__m128i tc0 = load_tc0(edge), mask = filter_mask(l, edge);

	mask = _mm_and_si128(mask, _mm_cmpgt_epi8(tc0, _mm_set1_epi8(-1)));
	if (!(_mm_movemask_epi8(mask) & 0xff))
		return 0;
	filter_p0_q0(l, _mm_and_si128(_mm_add_epi8(tc0, _mm_set1_epi8(1)), mask));
	return 1;
}

/* (2 * x1 + x0 + y1 + 2) >> 2 */
static INLINE __m128i weak(__m128i x1, __m128i x0, __m128i y1)
{
	return _mm_avg_epu8(x1, average_down(x0, y1));
}

static INLINE int chroma4(struct lines *l, const struct h264_edge *edge)
{
	__m128i mask = filter_mask(l, edge), p0, q0;

	if (!(_mm_movemask_epi8(mask) & 0xff))
		return 0;
	p0 = weak(l->p1, l->p0, l->q1);
	q0 = weak(l->q1, l->q0, l->p1);
	l->p0 = pick(mask, p0, l->p0);
	l->q0 = pick(mask, q0, l->q0);
	return 1;
}

/* The long filters of one side (8.7.2.4), on eight 16-bit samples. */
static INLINE void strong8(__m128i out[3], __m128i x3, __m128i x2, __m128i x1, __m128i x0,
			   __m128i y0, __m128i y1)
{
	const __m128i two = _mm_set1_epi16(2), four = _mm_set1_epi16(4);
	__m128i s = _mm_add_epi16(_mm_add_epi16(x1, x0), y0), t = _mm_add_epi16(s, x2);

	out[1] = _mm_srli_epi16(_mm_add_epi16(t, two), 2);
	t = _mm_add_epi16(t, four);
	out[0] = _mm_srli_epi16(_mm_add_epi16(_mm_add_epi16(t, s), y1), 3);
	s = _mm_slli_epi16(_mm_add_epi16(x3, x2), 1);
	out[2] = _mm_srli_epi16(_mm_add_epi16(t, s), 3);
}

static INLINE void strong(__m128i out[3], __m128i x3, __m128i x2, __m128i x1, __m128i x0,
			  __m128i y0, __m128i y1)
{
	const __m128i z = _mm_setzero_si128();
	__m128i lo[3], hi[3];

	strong8(lo, _mm_unpacklo_epi8(x3, z), _mm_unpacklo_epi8(x2, z), _mm_unpacklo_epi8(x1, z),
		_mm_unpacklo_epi8(x0, z), _mm_unpacklo_epi8(y0, z), _mm_unpacklo_epi8(y1, z));
	strong8(hi, _mm_unpackhi_epi8(x3, z), _mm_unpackhi_epi8(x2, z), _mm_unpackhi_epi8(x1, z),
		_mm_unpackhi_epi8(x0, z), _mm_unpackhi_epi8(y0, z), _mm_unpackhi_epi8(y1, z));
	for (int i = 0; i < 3; i++)
		out[i] = _mm_packus_epi16(lo[i], hi[i]);
}

static INLINE int luma4(struct lines *l, const struct h264_edge *edge)
{
	__m128i mask = filter_mask(l, edge), step, ap, aq, p[3], q[3], p0, q0;

	if (!_mm_movemask_epi8(mask))
		return 0;
	step = _mm_and_si128(mask, closer(l->p0, l->q0, (edge->alpha >> 2) + 2));
	ap = _mm_and_si128(step, closer(l->p2, l->p0, edge->beta));
	aq = _mm_and_si128(step, closer(l->q2, l->q0, edge->beta));
	strong(p, l->p3, l->p2, l->p1, l->p0, l->q0, l->q1);
	strong(q, l->q3, l->q2, l->q1, l->q0, l->p0, l->p1);
	p0 = pick(ap, p[0], weak(l->p1, l->p0, l->q1));
	q0 = pick(aq, q[0], weak(l->q1, l->q0, l->p1));
	l->p0 = pick(mask, p0, l->p0);
	l->q0 = pick(mask, q0, l->q0);
	l->p1 = pick(ap, p[1], l->p1);
	l->q1 = pick(aq, q[1], l->q1);
	l->p2 = pick(ap, p[2], l->p2);
	l->q2 = pick(aq, q[2], l->q2);
	return 1;
}

static INLINE __m128i load16(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

static INLINE void store16(uint8_t *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)p, v);
}

static INLINE __m128i load8(const uint8_t *p)
{
	return _mm_loadl_epi64((const __m128i *)p);
}

static INLINE void store8(uint8_t *p, __m128i v)
{
	_mm_storel_epi64((__m128i *)p, v);
}

static INLINE __m128i load4(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return _mm_cvtsi32_si128(v);
}

static INLINE void store4(uint8_t *p, __m128i v)
{
	int32_t bytes = _mm_cvtsi128_si32(v);

	memcpy(p, &bytes, sizeof(bytes));
}

/* Four rows of four samples, in the 32-bit lanes of v. */
static INLINE void store4x4(uint8_t *p, ptrdiff_t stride, __m128i v)
{
	for (int i = 0; i < 4; i++) {
		store4(p + i * stride, v);
		v = _mm_srli_si128(v, 4);
	}
}

void h264_deblock_luma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	struct lines l = {
		.p2 = load16(pix - 3 * stride),
		.p1 = load16(pix - 2 * stride),
		.p0 = load16(pix - stride),
		.q0 = load16(pix),
		.q1 = load16(pix + stride),
		.q2 = load16(pix + 2 * stride),
	};

	if (!luma(&l, edge))
		return;
	store16(pix - 2 * stride, l.p1);
	store16(pix - stride, l.p0);
	store16(pix, l.q0);
	store16(pix + stride, l.q1);
}

void h264_deblock_luma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	struct lines l = {
		.p3 = load16(pix - 4 * stride),
		.p2 = load16(pix - 3 * stride),
		.p1 = load16(pix - 2 * stride),
		.p0 = load16(pix - stride),
		.q0 = load16(pix),
		.q1 = load16(pix + stride),
		.q2 = load16(pix + 2 * stride),
		.q3 = load16(pix + 3 * stride),
	};

	if (!luma4(&l, edge))
		return;
	store16(pix - 3 * stride, l.p2);
	store16(pix - 2 * stride, l.p1);
	store16(pix - stride, l.p0);
	store16(pix, l.q0);
	store16(pix + stride, l.q1);
	store16(pix + 2 * stride, l.q2);
}

/* Eight columns of 8 rows from p; out[i] holds columns 2i in its low and 2i + 1 in its high half.
 */
static INLINE void transpose8x8(__m128i out[4], const uint8_t *p, ptrdiff_t stride)
{
	__m128i a[4], b[4];

	for (int i = 0; i < 4; i++) /* rows i and i + 4, interleaved */
		a[i] = _mm_unpacklo_epi8(load8(p + i * stride), load8(p + (i + 4) * stride));
	b[0] = _mm_unpacklo_epi8(a[0], a[2]); /* rows 0 2 4 6, columns 0..3 */
	b[1] = _mm_unpackhi_epi8(a[0], a[2]);
	b[2] = _mm_unpacklo_epi8(a[1], a[3]);
	b[3] = _mm_unpackhi_epi8(a[1], a[3]);
	out[0] = _mm_unpacklo_epi8(b[0], b[2]);
	out[1] = _mm_unpackhi_epi8(b[0], b[2]);
	out[2] = _mm_unpacklo_epi8(b[1], b[3]);
	out[3] = _mm_unpackhi_epi8(b[1], b[3]);
}

static INLINE void load_columns(struct lines *l, const uint8_t *pix, ptrdiff_t stride)
{
	__m128i lo[4], hi[4];

	transpose8x8(lo, pix - 4, stride);
	transpose8x8(hi, pix - 4 + 8 * stride, stride);
	l->p3 = _mm_unpacklo_epi64(lo[0], hi[0]);
	l->p2 = _mm_unpackhi_epi64(lo[0], hi[0]);
	l->p1 = _mm_unpacklo_epi64(lo[1], hi[1]);
	l->p0 = _mm_unpackhi_epi64(lo[1], hi[1]);
	l->q0 = _mm_unpacklo_epi64(lo[2], hi[2]);
	l->q1 = _mm_unpackhi_epi64(lo[2], hi[2]);
	l->q2 = _mm_unpacklo_epi64(lo[3], hi[3]);
	l->q3 = _mm_unpackhi_epi64(lo[3], hi[3]);
}

void h264_deblock_luma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	struct lines l;
	__m128i p, q;

	load_columns(&l, pix, stride);
	if (!luma(&l, edge))
		return;
	p = _mm_unpacklo_epi8(l.p1, l.p0);
	q = _mm_unpacklo_epi8(l.q0, l.q1);
	store4x4(pix - 2, stride, _mm_unpacklo_epi16(p, q));
	store4x4(pix - 2 + 4 * stride, stride, _mm_unpackhi_epi16(p, q));
	p = _mm_unpackhi_epi8(l.p1, l.p0);
	q = _mm_unpackhi_epi8(l.q0, l.q1);
	store4x4(pix - 2 + 8 * stride, stride, _mm_unpacklo_epi16(p, q));
	store4x4(pix - 2 + 12 * stride, stride, _mm_unpackhi_epi16(p, q));
}

/* Eight rows of eight samples from the low halves of the eight lines. */
static INLINE void store_columns8(uint8_t *p, ptrdiff_t stride, const struct lines *l)
{
	__m128i a = _mm_unpacklo_epi8(l->p3, l->p2), b = _mm_unpacklo_epi8(l->p1, l->p0);
	__m128i c = _mm_unpacklo_epi8(l->q0, l->q1), d = _mm_unpacklo_epi8(l->q2, l->q3);
	__m128i left[2] = {_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)};
	__m128i right[2] = {_mm_unpacklo_epi16(c, d), _mm_unpackhi_epi16(c, d)};

	for (int i = 0; i < 2; i++) {
		__m128i lo = _mm_unpacklo_epi32(left[i], right[i]);
		__m128i hi = _mm_unpackhi_epi32(left[i], right[i]);

		store8(p, lo);
		store8(p + stride, _mm_srli_si128(lo, 8));
		store8(p + 2 * stride, hi);
		store8(p + 3 * stride, _mm_srli_si128(hi, 8));
		p += 4 * stride;
	}
}

void h264_deblock_luma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	struct lines l;

	load_columns(&l, pix, stride);
	if (!luma4(&l, edge))
		return;
	store_columns8(pix - 4, stride, &l);
	l.p3 = _mm_srli_si128(l.p3, 8);
	l.p2 = _mm_srli_si128(l.p2, 8);
	l.p1 = _mm_srli_si128(l.p1, 8);
	l.p0 = _mm_srli_si128(l.p0, 8);
	l.q0 = _mm_srli_si128(l.q0, 8);
	l.q1 = _mm_srli_si128(l.q1, 8);
	l.q2 = _mm_srli_si128(l.q2, 8);
	l.q3 = _mm_srli_si128(l.q3, 8);
	store_columns8(pix - 4 + 8 * stride, stride, &l);
}

static INLINE void chroma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge,
			    int (*fn)(struct lines *, const struct h264_edge *))
{
	struct lines l = {
		.p1 = load8(pix - 2 * stride),
		.p0 = load8(pix - stride),
		.q0 = load8(pix),
		.q1 = load8(pix + stride),
	};

	if (!fn(&l, edge))
		return;
	store8(pix - stride, l.p0);
	store8(pix, l.q0);
}

static INLINE void chroma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge,
			    int (*fn)(struct lines *, const struct h264_edge *))
{
	const uint8_t *in = pix - 2;
	__m128i a[4], lo, hi, p, q;
	struct lines l = {0};

	for (int i = 0; i < 4; i++) /* rows i and i + 4, interleaved: 8 bytes */
		a[i] = _mm_unpacklo_epi8(load4(in + i * stride), load4(in + (i + 4) * stride));
	lo = _mm_unpacklo_epi8(a[0], a[2]);
	hi = _mm_unpacklo_epi8(a[1], a[3]);
	p = _mm_unpacklo_epi8(lo, hi);
	q = _mm_unpackhi_epi8(lo, hi);
	l.p1 = p;
	l.p0 = _mm_srli_si128(p, 8);
	l.q0 = q;
	l.q1 = _mm_srli_si128(q, 8);
	if (!fn(&l, edge))
		return;
	p = _mm_unpacklo_epi8(l.p1, l.p0);
	q = _mm_unpacklo_epi8(l.q0, l.q1);
	store4x4(pix - 2, stride, _mm_unpacklo_epi16(p, q));
	store4x4(pix - 2 + 4 * stride, stride, _mm_unpackhi_epi16(p, q));
}

void h264_deblock_chroma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	chroma_h(pix, stride, edge, chroma);
}

void h264_deblock_chroma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	chroma_v(pix, stride, edge, chroma);
}

void h264_deblock_chroma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	chroma_h(pix, stride, edge, chroma4);
}

void h264_deblock_chroma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	chroma_v(pix, stride, edge, chroma4);
}

#else

void h264_deblock_luma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma_c(pix, 1, stride, edge);
}

void h264_deblock_luma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma_c(pix, stride, 1, edge);
}

void h264_deblock_chroma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma_c(pix, 1, stride, edge);
}

void h264_deblock_chroma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma_c(pix, stride, 1, edge);
}

void h264_deblock_luma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma4_c(pix, 1, stride, edge);
}

void h264_deblock_luma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma4_c(pix, stride, 1, edge);
}

void h264_deblock_chroma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma4_c(pix, 1, stride, edge);
}

void h264_deblock_chroma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma4_c(pix, stride, 1, edge);
}

#endif
