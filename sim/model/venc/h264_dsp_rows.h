/* SPDX-License-Identifier: MIT */
/*
 * Kernels that compilers vectorise well from plain C. The body is shared: h264_dsp.c builds it for
 * the base architecture, h264_dsp_avx2.c for AVX2.
 */
#ifndef H264_DSP_ROWS_H
#define H264_DSP_ROWS_H

#include <string.h>

#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_tables.h"

#define H264_INLINE static inline __attribute__((always_inline))

/* 6-tap filter of 8.4.2.2.1, before rounding */
H264_INLINE int h264_tap6(int a, int b, int c, int d, int e, int f)
{
	return a - 5 * b + 20 * c + 20 * d - 5 * e + f;
}

H264_INLINE void h264_rows_half_samples(uint8_t *restrict b, uint8_t *restrict h,
					uint8_t *restrict j, const uint8_t *restrict src,
					ptrdiff_t stride, unsigned int n)
{
	int16_t tmp[64 + 16];

	for (unsigned int x0 = 0; x0 < n; x0 += 64) {
		const uint8_t *s = src + x0;
		uint8_t *bo = b + x0, *ho = h + x0, *jo = j + x0;
		int m = n - x0 < 64 ? (int)(n - x0) : 64;

		for (int x = 0; x < m + 5; x++) {
			const uint8_t *p = s + x - 2;

			tmp[x] = (int16_t)h264_tap6(p[-2 * stride], p[-stride], p[0], p[stride],
						    p[2 * stride], p[3 * stride]);
		}
		for (int x = 0; x < m; x++) {
			bo[x] = h264_clip_pixel(
				(h264_tap6(s[x - 2], s[x - 1], s[x], s[x + 1], s[x + 2], s[x + 3]) +
				 16) >>
				5);
			ho[x] = h264_clip_pixel((tmp[x + 2] + 16) >> 5);
			jo[x] = h264_clip_pixel((h264_tap6(tmp[x], tmp[x + 1], tmp[x + 2],
							   tmp[x + 3], tmp[x + 4], tmp[x + 5]) +
						 512) >>
						10);
		}
	}
}

H264_INLINE void h264_rows_downscale4(uint8_t *restrict dst, const uint8_t *restrict src,
				      ptrdiff_t stride, unsigned int n)
{
	for (unsigned int x = 0; x < n; x++) {
		unsigned int sum = 8;

		for (int y = 0; y < 4; y++) {
			const uint8_t *p = src + y * stride + 4 * x;

			sum += p[0] + p[1] + p[2] + p[3];
		}
		dst[x] = (uint8_t)(sum >> 4);
	}
}

H264_INLINE void h264_rows_mc_chroma(uint8_t *restrict dst, const uint8_t *restrict src,
				     ptrdiff_t stride, int dx, int dy, int w, int h)
{
	int a = (8 - dx) * (8 - dy), b = dx * (8 - dy), c = (8 - dx) * dy, d = dx * dy;

	for (int y = 0; y < h; y++) {
		for (int x = 0; x < w; x++)
			dst[x] = (uint8_t)((a * src[x] + b * src[x + 1] + c * src[x + stride] +
					    d * src[x + stride + 1] + 32) >>
					   6);
		dst += H264_MB_STRIDE;
		src += stride;
	}
}

H264_INLINE uint64_t h264_rows_ssd(const uint8_t *a, const uint8_t *b, unsigned int n)
{
	uint64_t sum = 0;

	for (unsigned int x0 = 0; x0 < n; x0 += 4096) {
		unsigned int m = n - x0 < 4096 ? n - x0 : 4096;
		uint32_t part = 0;

		for (unsigned int x = 0; x < m; x++) {
			int d = a[x0 + x] - b[x0 + x];

			part += (uint32_t)(d * d);
		}
		sum += part;
	}
	return sum;
}

H264_INLINE void h264_rows_average(uint8_t *restrict dst, const uint8_t *a, ptrdiff_t a_stride,
				   const uint8_t *b, ptrdiff_t b_stride, int w, int h)
{
	for (int y = 0; y < h; y++) {
		for (int x = 0; x < w; x++)
			dst[x] = (uint8_t)((a[x] + b[x] + 1) >> 1);
		dst += H264_MB_STRIDE;
		a += a_stride;
		b += b_stride;
	}
}

/* One-dimensional 8-point transforms of 8.5.13; forward is its integer transpose. */
#define H264_FDCT8_1D(IN, OUT)                                                                     \
	do {                                                                                       \
		int s07 = IN(0) + IN(7), s16 = IN(1) + IN(6);                                      \
		int s25 = IN(2) + IN(5), s34 = IN(3) + IN(4);                                      \
		int d07 = IN(0) - IN(7), d16 = IN(1) - IN(6);                                      \
		int d25 = IN(2) - IN(5), d34 = IN(3) - IN(4);                                      \
		int a0 = s07 + s34, a1 = s16 + s25, a2 = s07 - s34, a3 = s16 - s25;                \
		int a4 = d16 + d25 + (d07 + (d07 >> 1));                                           \
		int a5 = d07 - d34 - (d25 + (d25 >> 1));                                           \
		int a6 = d07 + d34 - (d16 + (d16 >> 1));                                           \
		int a7 = d16 - d25 + (d34 + (d34 >> 1));                                           \
		OUT(0, a0 + a1);                                                                   \
		OUT(1, a4 + (a7 >> 2));                                                            \
		OUT(2, a2 + (a3 >> 1));                                                            \
		OUT(3, a5 + (a6 >> 2));                                                            \
		OUT(4, a0 - a1);                                                                   \
		OUT(5, a6 - (a5 >> 2));                                                            \
		OUT(6, (a2 >> 1) - a3);                                                            \
		OUT(7, (a4 >> 2) - a7);                                                            \
	} while (0)

#define H264_IDCT8_1D(IN, OUT)                                                                     \
	do {                                                                                       \
		int e0 = IN(0) + IN(4), e2 = IN(0) - IN(4);                                        \
		int e4 = (IN(2) >> 1) - IN(6), e6 = IN(2) + (IN(6) >> 1);                          \
		int f0 = e0 + e6, f2 = e2 + e4, f4 = e2 - e4, f6 = e0 - e6;                        \
		int e1 = -IN(3) + IN(5) - IN(7) - (IN(7) >> 1);                                    \
		int e3 = IN(1) + IN(7) - IN(3) - (IN(3) >> 1);                                     \
		int e5 = -IN(1) + IN(7) + IN(5) + (IN(5) >> 1);                                    \
		int e7 = IN(3) + IN(5) + IN(1) + (IN(1) >> 1);                                     \
		int f1 = e1 + (e7 >> 2), f7 = e7 - (e1 >> 2);                                      \
		int f3 = e3 + (e5 >> 2), f5 = (e3 >> 2) - e5;                                      \
		OUT(0, f0 + f7);                                                                   \
		OUT(1, f2 + f5);                                                                   \
		OUT(2, f4 + f3);                                                                   \
		OUT(3, f6 + f1);                                                                   \
		OUT(4, f6 - f1);                                                                   \
		OUT(5, f4 - f3);                                                                   \
		OUT(6, f2 - f5);                                                                   \
		OUT(7, f0 - f7);                                                                   \
	} while (0)

H264_INLINE void h264_rows_fdct8x8(const uint8_t *src, const uint8_t *pred, int16_t coef[64])
{
	int16_t t[8][8]; /* [v][x] */

	for (int x = 0; x < 8; x++) {
#define IN(i) (src[(i)*H264_MB_STRIDE + x] - pred[(i)*H264_MB_STRIDE + x])
#define OUT(i, e) t[i][x] = (int16_t)(e)
		H264_FDCT8_1D(IN, OUT);
#undef IN
#undef OUT
	}
	for (int v = 0; v < 8; v++) {
#define IN(i) t[v][i]
#define OUT(i, e) coef[8 * (i) + v] = (int16_t)(e)
		H264_FDCT8_1D(IN, OUT);
#undef IN
#undef OUT
	}
}

H264_INLINE void h264_rows_idct8x8(uint8_t *rec, const uint8_t *pred, const int16_t coef[64])
{
	int16_t t[8][8]; /* [x][v] */

	for (int v = 0; v < 8; v++) {
#define IN(i) coef[8 * (i) + v]
#define OUT(i, e) t[i][v] = (int16_t)(e)
		H264_IDCT8_1D(IN, OUT);
#undef IN
#undef OUT
	}
	for (int x = 0; x < 8; x++) {
#define IN(i) t[x][i]
#define OUT(i, e)                                                                                  \
	rec[(i)*H264_MB_STRIDE + x] =                                                              \
		h264_clip_pixel(pred[(i)*H264_MB_STRIDE + x] + (((e) + 32) >> 6))
		H264_IDCT8_1D(IN, OUT);
#undef IN
#undef OUT
	}
}

#endif
