/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_dsp.h"

#include <stdlib.h>
#include <pthread.h>

#include "sim/model/venc/h264_dsp_rows.h"

static uint32_t sad_block(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride, int w, int h)
{
	uint32_t sum = 0;

	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			sum += (uint32_t)abs(src[y * H264_MB_STRIDE + x] - ref[y * stride + x]);
	return sum;
}

static uint32_t sad8x8_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return sad_block(src, ref, stride, 8, 8);
}

static void sad_quads_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride, uint32_t sad[4])
{
	for (int i = 0; i < 4; i++) {
		int x = 8 * (i & 1), y = 8 * (i >> 1);

		sad[i] =
			sad_block(src + y * H264_MB_STRIDE + x, ref + y * stride + x, stride, 8, 8);
	}
}

static void hadamard4(int *a, int step)
{
	int s0 = a[0] + a[step], d0 = a[0] - a[step];
	int s1 = a[2 * step] + a[3 * step], d1 = a[2 * step] - a[3 * step];

	a[0] = s0 + s1;
	a[step] = s0 - s1;
	a[2 * step] = d0 + d1;
	a[3 * step] = d0 - d1;
}

static uint32_t satd4x4(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	int d[16];
	uint32_t sum = 0;

	for (int i = 0; i < 16; i++)
		d[i] = src[(i >> 2) * H264_MB_STRIDE + (i & 3)] - ref[(i >> 2) * stride + (i & 3)];
	for (int i = 0; i < 4; i++)
		hadamard4(d + 4 * i, 1);
	for (int i = 0; i < 4; i++)
		hadamard4(d + i, 4);
	for (int i = 0; i < 16; i++)
		sum += (uint32_t)abs(d[i]);
	return sum >> 1;
}

static uint32_t satd_block(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride, int w, int h)
{
	uint32_t sum = 0;

	for (int y = 0; y < h; y += 4)
		for (int x = 0; x < w; x += 4)
			sum += satd4x4(src + y * H264_MB_STRIDE + x, ref + y * stride + x, stride);
	return sum;
}

static uint32_t satd16x16_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd_block(src, ref, stride, 16, 16);
}

static uint32_t satd16x8_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd_block(src, ref, stride, 16, 8);
}

static uint32_t satd8x16_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd_block(src, ref, stride, 8, 16);
}

static uint32_t satd8x8_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride)
{
	return satd_block(src, ref, stride, 8, 8);
}

static void satd4x4_x4_c(const uint8_t *src, const uint8_t *pred, uint32_t satd[4])
{
	for (int i = 0; i < 4; i++)
		satd[i] = satd4x4(src, pred + 4 * i, 16);
}

static uint32_t ssd16_c(const uint8_t *a, const uint8_t *b, int rows)
{
	uint32_t sum = 0;

	for (int i = 0; i < 16 * rows; i++)
		sum += (uint32_t)((a[i] - b[i]) * (a[i] - b[i]));
	return sum;
}

static uint64_t ssd_row_c(const uint8_t *a, const uint8_t *b, unsigned int n)
{
	return h264_rows_ssd(a, b, n);
}

static void fdct4(const int in[4], int out[4])
{
	int s03 = in[0] + in[3], s12 = in[1] + in[2];
	int d03 = in[0] - in[3], d12 = in[1] - in[2];

	out[0] = s03 + s12;
	out[1] = 2 * d03 + d12;
	out[2] = s03 - s12;
	out[3] = d03 - 2 * d12;
}

static void fdct4x4_c(const uint8_t *src, const uint8_t *pred, int16_t coef[16])
{
	int t[4][4], o[4]; /* t[x][v] */

	for (int x = 0; x < 4; x++) {
		int in[4];

		for (int y = 0; y < 4; y++)
			in[y] = src[y * H264_MB_STRIDE + x] - pred[y * H264_MB_STRIDE + x];
		fdct4(in, t[x]);
	}
	for (int v = 0; v < 4; v++) {
		int in[4] = {t[0][v], t[1][v], t[2][v], t[3][v]};

		fdct4(in, o);
		for (int u = 0; u < 4; u++)
			coef[4 * u + v] = (int16_t)o[u];
	}
}

static void fdct4x4_x4_c(const uint8_t *src, const uint8_t *pred, int16_t coef[4][16])
{
	for (int b = 0; b < 4; b++)
		fdct4x4_c(src + 4 * b, pred + 4 * b, coef[b]);
}

static void idct4(const int in[4], int out[4])
{
	int e = in[0] + in[2], f = in[0] - in[2];
	int g = (in[1] >> 1) - in[3], h = in[1] + (in[3] >> 1);

	out[0] = e + h;
	out[1] = f + g;
	out[2] = f - g;
	out[3] = e - h;
}

static void idct4x4_c(uint8_t *rec, const uint8_t *pred, const int16_t coef[16])
{
	int t[4][4]; /* t[v][x] */

	for (int v = 0; v < 4; v++) {
		int in[4] = {coef[v], coef[4 + v], coef[8 + v], coef[12 + v]};

		idct4(in, t[v]);
	}
	for (int x = 0; x < 4; x++) {
		int in[4] = {t[0][x], t[1][x], t[2][x], t[3][x]}, o[4];

		idct4(in, o);
		for (int y = 0; y < 4; y++) {
			int at = y * H264_MB_STRIDE + x;

			rec[at] = h264_clip_pixel(pred[at] + ((o[y] + 32) >> 6));
		}
	}
}

static void idct4x4_x4_c(uint8_t *rec, const uint8_t *pred, const int16_t coef[4][16])
{
	for (int b = 0; b < 4; b++)
		idct4x4_c(rec + 4 * b, pred + 4 * b, coef[b]);
}

static void fdct8x8_c(const uint8_t *src, const uint8_t *pred, int16_t coef[64])
{
	h264_rows_fdct8x8(src, pred, coef);
}

static void idct8x8_c(uint8_t *rec, const uint8_t *pred, const int16_t coef[64])
{
	h264_rows_idct8x8(rec, pred, coef);
}

static uint32_t quant_test_c(const int16_t (*coef)[16], int blocks, const int32_t mf[16],
			     int32_t bias, int shift)
{
	uint32_t mask = 0;

	for (int b = 0; b < blocks; b++)
		for (int i = 0; i < 16; i++)
			if ((abs(coef[b][i]) * mf[i] + bias) >> shift)
				mask |= 1u << b;
	return mask;
}

static void average_c(uint8_t *dst, const uint8_t *a, ptrdiff_t a_stride, const uint8_t *b,
		      ptrdiff_t b_stride, int w, int h)
{
	h264_rows_average(dst, a, a_stride, b, b_stride, w, h);
}

static void copy_c(uint8_t *dst, const uint8_t *a, ptrdiff_t a_stride, int w, int h)
{
	for (int y = 0; y < h; y++) {
		if (w == 16)
			memcpy(dst + y * H264_MB_STRIDE, a + y * a_stride, 16);
		else
			memcpy(dst + y * H264_MB_STRIDE, a + y * a_stride, 8);
	}
}

static void mc_chroma_c(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int dx, int dy, int w,
			int h)
{
	h264_rows_mc_chroma(dst, src, stride, dx, dy, w, h);
}

static void half_samples_c(uint8_t *b, uint8_t *h, uint8_t *j, const uint8_t *src, ptrdiff_t stride,
			   unsigned int n)
{
	h264_rows_half_samples(b, h, j, src, stride, n);
}

static void downscale4_c(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, unsigned int n)
{
	h264_rows_downscale4(dst, src, stride, n);
}

static void sad4x4_line_c(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride, int groups,
			  uint16_t *sad)
{
	for (int p = 0; p < 8 * groups; p++) {
		int sum = 0;

		for (int i = 0; i < 16; i++)
			sum += abs(src[i] - ref[(i >> 2) * stride + (i & 3) + p]);
		sad[p] = (uint16_t)sum;
	}
}

const struct h264_dsp h264_dsp_c = {
	.sad_quads = sad_quads_c,
	.sad8x8 = sad8x8_c,
	.satd = {satd16x16_c, satd16x8_c, satd8x16_c, satd8x8_c},
	.satd4x4_x4 = satd4x4_x4_c,
	.ssd16 = ssd16_c,
	.ssd_row = ssd_row_c,
	.fdct4x4 = fdct4x4_c,
	.idct4x4 = idct4x4_c,
	.fdct4x4_x4 = fdct4x4_x4_c,
	.idct4x4_x4 = idct4x4_x4_c,
	.fdct8x8 = fdct8x8_c,
	.idct8x8 = idct8x8_c,
	.quant_test = quant_test_c,
	.average = average_c,
	.copy = copy_c,
	.mc_chroma = mc_chroma_c,
	.half_samples = half_samples_c,
	.downscale4 = downscale4_c,
	.sad4x4_line = sad4x4_line_c,
};

static struct h264_dsp best;
static pthread_once_t best_once = PTHREAD_ONCE_INIT;

static void best_init(void)
{
	best = h264_dsp_c;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		h264_dsp_init_avx2(&best);
#endif
}

const struct h264_dsp *h264_dsp_select(bool plain)
{
	if (plain)
		return &h264_dsp_c;
	pthread_once(&best_once, best_init);
	return &best;
}
