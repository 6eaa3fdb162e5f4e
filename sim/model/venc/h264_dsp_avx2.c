/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_dsp.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "sim/model/venc/h264_dsp_rows.h"

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m128i load16(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

AVX2 static inline __m128i load8(const uint8_t *p)
{
	return _mm_loadl_epi64((const __m128i *)p);
}

/* Rows at p and p + step side by side */
AVX2 static inline __m256i load16x2(const uint8_t *p, ptrdiff_t step)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load16(p)), load16(p + step), 1);
}

AVX2 static inline uint32_t sum32(__m256i v)
{
	__m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
	return (uint32_t)_mm_cvtsi128_si32(s);
}

AVX2 static void sad_quads_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride,
				uint32_t sad[4])
{
	for (int half = 0; half < 2; half++) {
		__m256i s = _mm256_setzero_si256();
		__m128i t;

		for (int y = 0; y < 8; y += 2) {
			s = _mm256_add_epi32(
				s, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)src),
						   load16x2(ref, stride)));
			src += 2 * H264_MB_STRIDE;
			ref += 2 * stride;
		}
		t = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
		sad[2 * half] = (uint32_t)_mm_cvtsi128_si32(t);
		sad[2 * half + 1] = (uint32_t)_mm_extract_epi32(t, 2);
	}
}

AVX2 static uint32_t sad8x8_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	__m128i s = _mm_setzero_si128();

	for (int y = 0; y < 8; y += 2) {
		__m128i a = _mm_unpacklo_epi64(load8(src), load8(src + H264_MB_STRIDE));
		__m128i b = _mm_unpacklo_epi64(load8(ref), load8(ref + stride));

		s = _mm_add_epi32(s, _mm_sad_epu8(a, b));
		src += 2 * H264_MB_STRIDE;
		ref += 2 * stride;
	}
	return (uint32_t)(_mm_cvtsi128_si32(s) + _mm_extract_epi32(s, 2));
}

AVX2 static inline __m256i diff16(const uint8_t *a, const uint8_t *b)
{
	return _mm256_sub_epi16(_mm256_cvtepu8_epi16(load16(a)), _mm256_cvtepu8_epi16(load16(b)));
}

/* Rows y (low half) and y + 4 (high half) of an 8-sample wide block */
AVX2 static inline __m256i diff8x2(const uint8_t *a, ptrdiff_t as, const uint8_t *b, ptrdiff_t bs)
{
	__m128i x = _mm_unpacklo_epi64(load8(a), load8(a + 4 * as));
	__m128i y = _mm_unpacklo_epi64(load8(b), load8(b + 4 * bs));

	return _mm256_sub_epi16(_mm256_cvtepu8_epi16(x), _mm256_cvtepu8_epi16(y));
}

/*
 * Half the last Hadamard stage's absolute sums of two rows: |a + b| + |a - b| is twice the larger
 * magnitude. p and q hold two vertically transformed rows.
 */
AVX2 static inline __m256i horizontal_max(__m256i p, __m256i q)
{
	__m256i even = _mm256_blend_epi16(p, _mm256_slli_epi32(q, 16), 0xaa);
	__m256i odd = _mm256_blend_epi16(_mm256_srli_epi32(p, 16), q, 0xaa);
	__m256i s = _mm256_add_epi16(even, odd), d = _mm256_sub_epi16(even, odd);
	__m256i first = _mm256_blend_epi32(s, _mm256_slli_epi64(d, 32), 0xaa);
	__m256i second = _mm256_blend_epi32(_mm256_srli_epi64(s, 32), d, 0xaa);

	return _mm256_max_epi16(_mm256_abs_epi16(first), _mm256_abs_epi16(second));
}

/* Four 4x4 blocks, a lane of 64 bits each: 16-bit sums that add up to SATD per block */
AVX2 static inline __m256i satd_rows(__m256i r0, __m256i r1, __m256i r2, __m256i r3)
{
	__m256i s0 = _mm256_add_epi16(r0, r1), d0 = _mm256_sub_epi16(r0, r1);
	__m256i s1 = _mm256_add_epi16(r2, r3), d1 = _mm256_sub_epi16(r2, r3);

	return _mm256_add_epi16(horizontal_max(_mm256_add_epi16(s0, s1), _mm256_sub_epi16(s0, s1)),
				horizontal_max(_mm256_add_epi16(d0, d1), _mm256_sub_epi16(d0, d1)));
}

AVX2 static inline __m256i widen(__m256i v)
{
	return _mm256_madd_epi16(v, _mm256_set1_epi16(1));
}

AVX2 static inline uint32_t satd16xh(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride,
				     int h)
{
	__m256i sum = _mm256_setzero_si256();

	for (int y = 0; y < h; y += 4) {
		sum = _mm256_add_epi16(sum,
				       satd_rows(diff16(src, ref), diff16(src + 16, ref + stride),
						 diff16(src + 32, ref + 2 * stride),
						 diff16(src + 48, ref + 3 * stride)));
		src += 4 * H264_MB_STRIDE;
		ref += 4 * stride;
	}
	return sum32(widen(sum));
}

AVX2 static uint32_t satd16x16_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd16xh(src, ref, stride, 16);
}

AVX2 static uint32_t satd16x8_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd16xh(src, ref, stride, 8);
}

AVX2 static inline __m256i satd8x8_rows(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd_rows(diff8x2(src, H264_MB_STRIDE, ref, stride),
			 diff8x2(src + 16, H264_MB_STRIDE, ref + stride, stride),
			 diff8x2(src + 32, H264_MB_STRIDE, ref + 2 * stride, stride),
			 diff8x2(src + 48, H264_MB_STRIDE, ref + 3 * stride, stride));
}

AVX2 static uint32_t satd8x8_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return sum32(widen(satd8x8_rows(src, ref, stride)));
}

AVX2 static uint32_t satd8x16_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	__m256i a = satd8x8_rows(src, ref, stride);
	__m256i b = satd8x8_rows(src + 8 * H264_MB_STRIDE, ref + 8 * stride, stride);

	return sum32(widen(_mm256_add_epi16(a, b)));
}

AVX2 static inline __m256i four_times(const uint8_t *src, const uint8_t *pred)
{
	uint32_t v;

	memcpy(&v, src, sizeof(v));
	return _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_set1_epi32((int)v)),
				_mm256_cvtepu8_epi16(load16(pred)));
}

AVX2 static void satd4x4_x4_avx2(const uint8_t *src, const uint8_t *pred, uint32_t satd[4])
{
	__m256i v =
		widen(satd_rows(four_times(src, pred), four_times(src + 16, pred + 16),
				four_times(src + 32, pred + 32), four_times(src + 48, pred + 48)));

	v = _mm256_add_epi32(v, _mm256_srli_epi64(v, 32));
	satd[0] = (uint32_t)_mm256_extract_epi32(v, 0);
	satd[1] = (uint32_t)_mm256_extract_epi32(v, 2);
	satd[2] = (uint32_t)_mm256_extract_epi32(v, 4);
	satd[3] = (uint32_t)_mm256_extract_epi32(v, 6);
}

AVX2 static uint32_t ssd16_avx2(const uint8_t *a, const uint8_t *b, int rows)
{
	__m256i sum = _mm256_setzero_si256();

	for (int y = 0; y < rows; y++) {
		__m256i d = diff16(a + 16 * y, b + 16 * y);

		sum = _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
	}
	return sum32(sum);
}

AVX2 static uint64_t ssd_row_avx2(const uint8_t *a, const uint8_t *b, unsigned int n)
{
	uint64_t total = 0;
	unsigned int x = 0;

	while (x + 16 <= n) {
		unsigned int end = n - x > 4096 ? x + 4096 : n;
		__m256i sum = _mm256_setzero_si256();

		for (; x + 16 <= end; x += 16) {
			__m256i d = diff16(a + x, b + x);

			sum = _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
		}
		total += sum32(sum);
	}
	return total + h264_rows_ssd(a + x, b + x, n - x);
}

/* Transpose 4x4 blocks, one per 64 bits of the four rows */
AVX2 static inline void transpose4(__m256i r[4])
{
	__m256i a = _mm256_unpacklo_epi16(r[0], r[1]), b = _mm256_unpacklo_epi16(r[2], r[3]);
	__m256i c = _mm256_unpackhi_epi16(r[0], r[1]), d = _mm256_unpackhi_epi16(r[2], r[3]);
	__m256i e = _mm256_unpacklo_epi32(a, b), f = _mm256_unpackhi_epi32(a, b);
	__m256i g = _mm256_unpacklo_epi32(c, d), h = _mm256_unpackhi_epi32(c, d);

	r[0] = _mm256_unpacklo_epi64(e, g);
	r[1] = _mm256_unpackhi_epi64(e, g);
	r[2] = _mm256_unpacklo_epi64(f, h);
	r[3] = _mm256_unpackhi_epi64(f, h);
}

AVX2 static inline void forward4(__m256i r[4])
{
	__m256i s03 = _mm256_add_epi16(r[0], r[3]), d03 = _mm256_sub_epi16(r[0], r[3]);
	__m256i s12 = _mm256_add_epi16(r[1], r[2]), d12 = _mm256_sub_epi16(r[1], r[2]);

	r[0] = _mm256_add_epi16(s03, s12);
	r[1] = _mm256_add_epi16(_mm256_add_epi16(d03, d03), d12);
	r[2] = _mm256_sub_epi16(s03, s12);
	r[3] = _mm256_sub_epi16(d03, _mm256_add_epi16(d12, d12));
}

AVX2 static inline void inverse4(__m256i r[4])
{
	__m256i e = _mm256_add_epi16(r[0], r[2]), f = _mm256_sub_epi16(r[0], r[2]);
	__m256i g = _mm256_sub_epi16(_mm256_srai_epi16(r[1], 1), r[3]);
	__m256i h = _mm256_add_epi16(r[1], _mm256_srai_epi16(r[3], 1));

	r[0] = _mm256_add_epi16(e, h);
	r[1] = _mm256_add_epi16(f, g);
	r[2] = _mm256_sub_epi16(f, g);
	r[3] = _mm256_sub_epi16(e, h);
}

AVX2 static void fdct4x4_x4_avx2(const uint8_t *src, const uint8_t *pred, int16_t coef[4][16])
{
	__m256i r[4], a, b, c, d;

	for (int y = 0; y < 4; y++)
		r[y] = diff16(src + 16 * y, pred + 16 * y);
	forward4(r);
	transpose4(r);
	forward4(r);
	/* r[u]: of blocks 0..3 the four v; gather per block */
	a = _mm256_unpacklo_epi64(r[0], r[1]);
	b = _mm256_unpackhi_epi64(r[0], r[1]);
	c = _mm256_unpacklo_epi64(r[2], r[3]);
	d = _mm256_unpackhi_epi64(r[2], r[3]);
	_mm256_storeu_si256((__m256i *)coef[0], _mm256_permute2x128_si256(a, c, 0x20));
	_mm256_storeu_si256((__m256i *)coef[1], _mm256_permute2x128_si256(b, d, 0x20));
	_mm256_storeu_si256((__m256i *)coef[2], _mm256_permute2x128_si256(a, c, 0x31));
	_mm256_storeu_si256((__m256i *)coef[3], _mm256_permute2x128_si256(b, d, 0x31));
}

AVX2 static void idct4x4_x4_avx2(uint8_t *rec, const uint8_t *pred, const int16_t coef[4][16])
{
	const __m256i round = _mm256_set1_epi16(32);
	__m256i c0 = _mm256_loadu_si256((const __m256i *)coef[0]);
	__m256i c1 = _mm256_loadu_si256((const __m256i *)coef[1]);
	__m256i c2 = _mm256_loadu_si256((const __m256i *)coef[2]);
	__m256i c3 = _mm256_loadu_si256((const __m256i *)coef[3]);
	__m256i a = _mm256_permute2x128_si256(c0, c2, 0x20),
		b = _mm256_permute2x128_si256(c1, c3, 0x20);
	__m256i c = _mm256_permute2x128_si256(c0, c2, 0x31),
		d = _mm256_permute2x128_si256(c1, c3, 0x31);
	__m256i r[4] = {_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b),
			_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d)};

	inverse4(r);
	transpose4(r);
	inverse4(r);
	for (int y = 0; y < 4; y++) {
		__m256i v = _mm256_srai_epi16(_mm256_add_epi16(r[y], round), 6);

		v = _mm256_add_epi16(v, _mm256_cvtepu8_epi16(load16(pred + 16 * y)));
		_mm_storeu_si128((__m128i *)(rec + 16 * y),
				 _mm_packus_epi16(_mm256_castsi256_si128(v),
						  _mm256_extracti128_si256(v, 1)));
	}
}

AVX2 static uint32_t quant_test_avx2(const int16_t (*coef)[16], int blocks, const int32_t mf[16],
				     int32_t bias, int shift)
{
	/* |coef| * mf + bias >= 2^shift, as |coef| * mf > 2^shift - bias - 1 */
	const __m256i limit = _mm256_set1_epi32((int32_t)((1ll << shift) - bias - 1));
	const __m256i m0 = _mm256_loadu_si256((const __m256i *)mf);
	const __m256i m1 = _mm256_loadu_si256((const __m256i *)(mf + 8));
	uint32_t mask = 0;

	for (int b = 0; b < blocks; b++) {
		__m256i c = _mm256_abs_epi16(_mm256_loadu_si256((const __m256i *)coef[b]));
		__m256i lo = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(c));
		__m256i hi = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(c, 1));

		lo = _mm256_cmpgt_epi32(_mm256_mullo_epi32(lo, m0), limit);
		hi = _mm256_cmpgt_epi32(_mm256_mullo_epi32(hi, m1), limit);
		if (_mm256_movemask_epi8(_mm256_or_si256(lo, hi)))
			mask |= 1u << b;
	}
	return mask;
}

AVX2 static void average_avx2(uint8_t *dst, const uint8_t *a, ptrdiff_t a_stride, const uint8_t *b,
			      ptrdiff_t b_stride, int w, int h)
{
	for (int y = 0; y < h; y++) {
		if (w == 16)
			_mm_storeu_si128((__m128i *)dst, _mm_avg_epu8(load16(a), load16(b)));
		else
			_mm_storel_epi64((__m128i *)dst, _mm_avg_epu8(load8(a), load8(b)));
		dst += H264_MB_STRIDE;
		a += a_stride;
		b += b_stride;
	}
}

AVX2 static void mc_chroma_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int dx, int dy,
				int w, int h)
{
	const __m128i top = _mm_set1_epi16((int16_t)((8 - dx) | dx << 8));
	const __m128i vertical0 = _mm_set1_epi16((int16_t)(8 - dy));
	const __m128i vertical1 = _mm_set1_epi16((int16_t)dy), round = _mm_set1_epi16(32);
	__m128i above;

	/* Weights multiply: horizontal sums first, exactly */
	above = _mm_maddubs_epi16(_mm_unpacklo_epi8(load8(src), load8(src + 1)), top);
	for (int y = 0; y < h; y++) {
		__m128i below, v;

		src += stride;
		below = _mm_maddubs_epi16(_mm_unpacklo_epi8(load8(src), load8(src + 1)), top);
		v = _mm_add_epi16(_mm_mullo_epi16(above, vertical0),
				  _mm_mullo_epi16(below, vertical1));
		v = _mm_srli_epi16(_mm_add_epi16(v, round), 6);
		v = _mm_packus_epi16(v, v);
		if (w == 8)
			_mm_storel_epi64((__m128i *)dst, v);
		else
			_mm_storeu_si32(dst, v);
		above = below;
		dst += H264_MB_STRIDE;
	}
}

AVX2 static inline __m256i wide(const uint8_t *p)
{
	return _mm256_cvtepu8_epi16(load16(p));
}

AVX2 static inline __m256i wide_at(const int16_t *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

/* a - 5b + 20c of the 6-tap filter, from the sums of its outer, middle and inner pairs */
AVX2 static inline __m256i taps(__m256i a, __m256i b, __m256i c)
{
	__m256i d = _mm256_sub_epi16(_mm256_slli_epi16(c, 2), b); /* 4c - b */

	return _mm256_add_epi16(a, _mm256_add_epi16(d, _mm256_slli_epi16(d, 2)));
}

AVX2 static inline void store_pixels(uint8_t *dst, __m256i v)
{
	_mm_storeu_si128((__m128i *)dst, _mm_packus_epi16(_mm256_castsi256_si128(v),
							  _mm256_extracti128_si256(v, 1)));
}

AVX2 static inline __m256i vertical_taps(const uint8_t *p, ptrdiff_t s)
{
	return taps(_mm256_add_epi16(wide(p - 2 * s), wide(p + 3 * s)),
		    _mm256_add_epi16(wide(p - s), wide(p + 2 * s)),
		    _mm256_add_epi16(wide(p), wide(p + s)));
}

/*
 * (a - 5b + 20c + 512) >> 10 in 16 bits: ((((a - b) >> 2) + c - b) >> 2) + c is
 * (a - 5b + 20c) >> 4, as nested floors are one. What saturates is clipped anyway.
 */
AVX2 static inline __m256i centre_taps(__m256i a, __m256i b, __m256i c)
{
	__m256i v = _mm256_srai_epi16(_mm256_sub_epi16(a, b), 2);

	v = _mm256_adds_epi16(v, _mm256_sub_epi16(c, b));
	v = _mm256_add_epi16(_mm256_srai_epi16(v, 2), c);
	return _mm256_srai_epi16(_mm256_add_epi16(v, _mm256_set1_epi16(32)), 6);
}

AVX2 static void half_samples_avx2(uint8_t *b, uint8_t *h, uint8_t *j, const uint8_t *src,
				   ptrdiff_t stride, unsigned int n)
{
	const __m256i round = _mm256_set1_epi16(16);
	int16_t tmp[16 + 64 + 16]; /* vertical sums from 16 samples before on */

	for (unsigned int x0 = 0; x0 < n; x0 += 64) {
		unsigned int m = n - x0 < 64 ? n - x0 : 64;
		const uint8_t *s = src + x0;

		/* Two sums in front and three behind are needed: those alone */
		for (int x = -2; x < 0; x++)
			tmp[16 + x] = (int16_t)h264_tap6(s[x - 2 * stride], s[x - stride], s[x],
							 s[x + stride], s[x + 2 * stride],
							 s[x + 3 * stride]);
		for (unsigned int x = 0; x < m; x += 16) {
			const uint8_t *p = s + x;
			__m256i v = vertical_taps(p, stride);

			_mm256_storeu_si256((__m256i *)(tmp + 16 + x), v);
			store_pixels(h + x0 + x, _mm256_srai_epi16(_mm256_add_epi16(v, round), 5));
			v = taps(_mm256_add_epi16(wide(p - 2), wide(p + 3)),
				 _mm256_add_epi16(wide(p - 1), wide(p + 2)),
				 _mm256_add_epi16(wide(p), wide(p + 1)));
			store_pixels(b + x0 + x, _mm256_srai_epi16(_mm256_add_epi16(v, round), 5));
		}
		for (unsigned int x = m; x < m + 3; x++) {
			const uint8_t *p = s + x;

			tmp[16 + x] = (int16_t)h264_tap6(p[-2 * stride], p[-stride], p[0],
							 p[stride], p[2 * stride], p[3 * stride]);
		}
		for (unsigned int x = 0; x < m; x += 16) {
			const int16_t *t = tmp + 16 + x;

			store_pixels(j + x0 + x,
				     centre_taps(_mm256_add_epi16(wide_at(t - 2), wide_at(t + 3)),
						 _mm256_add_epi16(wide_at(t - 1), wide_at(t + 2)),
						 _mm256_add_epi16(wide_at(t), wide_at(t + 1))));
		}
	}
}

AVX2 static void downscale4_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, unsigned int n)
{
	const __m256i ones = _mm256_set1_epi8(1), half = _mm256_set1_epi16(4);
	unsigned int x = 0;

	for (; x + 8 <= n; x += 8) {
		__m256i sum = half, v;
		__m128i r;

		for (int y = 0; y < 4; y++)
			sum = _mm256_add_epi16(
				sum, _mm256_maddubs_epi16(
					     _mm256_loadu_si256(
						     (const __m256i *)(src + y * stride + 4 * x)),
					     ones));
		v = _mm256_madd_epi16(sum, _mm256_set1_epi16(1)); /* rounding: 4 twice */
		v = _mm256_srli_epi32(v, 4);
		r = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
		_mm_storel_epi64((__m128i *)(dst + x), _mm_packus_epi16(r, r));
	}
	if (x < n)
		h264_rows_downscale4(dst + x, src + 4 * x, stride, n - x);
}

AVX2 static void sad4x4_line_avx2(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride,
				  int groups, uint16_t *sad)
{
	__m128i s = load16(src);

	for (int g = 0; g < groups; g++) {
		__m128i sum = _mm_mpsadbw_epu8(load16(ref), s, 0);

		sum = _mm_add_epi16(sum, _mm_mpsadbw_epu8(load16(ref + stride), s, 1));
		sum = _mm_add_epi16(sum, _mm_mpsadbw_epu8(load16(ref + 2 * stride), s, 2));
		sum = _mm_add_epi16(sum, _mm_mpsadbw_epu8(load16(ref + 3 * stride), s, 3));
		_mm_storeu_si128((__m128i *)(sad + 8 * g), sum);
		ref += 8;
	}
}

AVX2 static void fdct8x8_avx2(const uint8_t *src, const uint8_t *pred, int16_t coef[64])
{
	h264_rows_fdct8x8(src, pred, coef);
}

AVX2 static void idct8x8_avx2(uint8_t *rec, const uint8_t *pred, const int16_t coef[64])
{
	h264_rows_idct8x8(rec, pred, coef);
}

void h264_dsp_init_avx2(struct h264_dsp *dsp)
{
	dsp->sad_quads = sad_quads_avx2;
	dsp->sad8x8 = sad8x8_avx2;
	dsp->satd[H264_16X16] = satd16x16_avx2;
	dsp->satd[H264_16X8] = satd16x8_avx2;
	dsp->satd[H264_8X16] = satd8x16_avx2;
	dsp->satd[H264_8X8] = satd8x8_avx2;
	dsp->satd4x4_x4 = satd4x4_x4_avx2;
	dsp->ssd16 = ssd16_avx2;
	dsp->ssd_row = ssd_row_avx2;
	dsp->fdct4x4_x4 = fdct4x4_x4_avx2;
	dsp->idct4x4_x4 = idct4x4_x4_avx2;
	dsp->fdct8x8 = fdct8x8_avx2;
	dsp->idct8x8 = idct8x8_avx2;
	dsp->quant_test = quant_test_avx2;
	dsp->average = average_avx2;
	dsp->mc_chroma = mc_chroma_avx2;
	dsp->half_samples = half_samples_avx2;
	dsp->downscale4 = downscale4_avx2;
	dsp->sad4x4_line = sad4x4_line_avx2;
}

#endif
