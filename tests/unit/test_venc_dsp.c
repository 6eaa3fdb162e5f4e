/* SPDX-License-Identifier: MIT */
/*
 * Kernels of the encode engine: vector forms against plain ones on random and extreme input, and
 * plain ones against the standard's formulas written out sample by sample.
 */
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_intra.h"
#include "sim/model/venc/h264_quant.h"
#include "sim/model/venc/h264_ref.h"
#include "sim/model/venc/h264_tables.h"
#include "sim/model/venc/venc_crc.h"
#include "tests/suite.h"

#define ROUNDS 200
#define STRIDE 96

static uint32_t seed = 1;

static uint32_t rnd(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static uint8_t src[16 * 16] __attribute__((aligned(32)));
static uint8_t area[STRIDE * 64] __attribute__((aligned(32)));

/* Noise, or only black and white: the largest differences there are. */
static void fill(uint8_t *p, size_t n)
{
	int kind = rnd() % 3;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(kind == 0   ? (rnd() & 1 ? 255 : 0)
				 : kind == 1 ? rnd()
					     : 100 + rnd() % 9);
}

static void test_distortion(void)
{
	const struct h264_dsp *c = &h264_dsp_c, *v = h264_dsp_select(false);

	for (int i = 0; i < ROUNDS; i++) {
		const uint8_t *ref = area + 3 + rnd() % 40;
		uint32_t a[4], b[4];
		uint16_t line_a[40], line_b[40];
		unsigned int n = 1 + rnd() % (STRIDE * 60);

		fill(src, sizeof(src));
		fill(area, sizeof(area));
		c->sad_quads(src, ref, STRIDE, a);
		v->sad_quads(src, ref, STRIDE, b);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		CU_ASSERT_EQUAL(c->sad8x8(src, ref, STRIDE), v->sad8x8(src, ref, STRIDE));
		CU_ASSERT_EQUAL(a[0], c->sad8x8(src, ref, STRIDE));
		for (int s = 0; s < H264_BLOCK_SIZES; s++)
			CU_ASSERT_EQUAL(c->satd[s](src, ref, STRIDE), v->satd[s](src, ref, STRIDE));
		c->satd4x4_x4(src, area, a);
		v->satd4x4_x4(src, area, b);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		CU_ASSERT_EQUAL(c->ssd16(src, area, 16), v->ssd16(src, area, 16));
		CU_ASSERT_EQUAL(c->ssd_row(area, area + 7, n), v->ssd_row(area, area + 7, n));
		c->sad4x4_line(src, ref, STRIDE, 5, line_a);
		v->sad4x4_line(src, ref, STRIDE, 5, line_b);
		CU_ASSERT_EQUAL(memcmp(line_a, line_b, sizeof(line_a)), 0);
	}
}

static void test_satd_of_a_step(void)
{
	uint8_t flat[256] __attribute__((aligned(32)));

	/* A difference of 1 everywhere: each 4x4 block has one coefficient, of 16 */
	memset(src, 10, sizeof(src));
	memset(flat, 9, sizeof(flat));
	CU_ASSERT_EQUAL(h264_dsp_c.satd[H264_16X16](src, flat, 16), 16 * 8);
	CU_ASSERT_EQUAL(h264_dsp_c.satd[H264_8X16](src, flat, 16), 8 * 8);
}

static void test_transforms(void)
{
	const struct h264_dsp *c = &h264_dsp_c, *v = h264_dsp_select(false);

	for (int i = 0; i < ROUNDS; i++) {
		int16_t a[4][16] __attribute__((aligned(32))),
			b[4][16] __attribute__((aligned(32)));
		int16_t one[16];
		uint8_t ra[256], rb[256];
		int qp = (int)(rnd() % 52);
		int32_t bias = (int32_t)((26ll << (15 + qp / 6)) >> 6);

		fill(src, sizeof(src));
		fill(area, sizeof(area));
		c->fdct4x4_x4(src, area, a);
		v->fdct4x4_x4(src, area, b);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		c->fdct4x4(src + 8, area + 8, one);
		CU_ASSERT_EQUAL(memcmp(a[2], one, sizeof(one)), 0);
		CU_ASSERT_EQUAL(c->quant_test((const int16_t(*)[16])a, 4, h264_quant4x4[qp % 6],
					      bias, 15 + qp / 6),
				v->quant_test((const int16_t(*)[16])a, 4, h264_quant4x4[qp % 6],
					      bias, 15 + qp / 6));
		for (int k = 0; k < 64; k++)
			a[k / 16][k % 16] = (int16_t)((int)(rnd() % 4096) - 2048);
		c->idct4x4_x4(ra, src, (const int16_t(*)[16])a);
		v->idct4x4_x4(rb, src, (const int16_t(*)[16])a);
		CU_ASSERT_EQUAL(memcmp(ra, rb, 64), 0);
		c->fdct8x8(src, area, a[0]);
		v->fdct8x8(src, area, b[0]);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		memset(ra, 0, sizeof(ra));
		memset(rb, 0, sizeof(rb));
		c->idct8x8(ra, src, a[0]);
		v->idct8x8(rb, src, a[0]);
		CU_ASSERT_EQUAL(memcmp(ra, rb, sizeof(ra)), 0);
	}
}

/* Quantising finely and going back must return to the source within a step. */
static void test_quantise_and_back(void)
{
	const struct h264_dsp *d = &h264_dsp_c;

	for (int i = 0; i < ROUNDS; i++) {
		const struct h264_quantiser q = {
			.mf = h264_quant4x4[0],
			.mf_step = 1,
			.shift = 15,
			.scan = h264_scan4x4,
			.count = 16,
			.rates = &h264_residual_rates[0][0][H264_CAT_LUMA_4X4],
			.rdo = i & 1,
			.dead_zone = 32,
		};
		const struct h264_quantiser q8 = {
			.mf = h264_quant8x8[0],
			.mf_step = 1,
			.shift = 16,
			.scan = h264_scan8x8,
			.count = 64,
			.rates = &h264_residual_rates[0][0][H264_CAT_LUMA_8X8],
			.rdo = i & 1,
			.dead_zone = 32,
		};
		int16_t coef[64], level[64];
		uint8_t pred[128], rec[128];
		struct h264_quantised r;
		int nnz = 0, worst = 0;

		for (int k = 0; k < 128; k++) {
			src[k] = (uint8_t)(60 + rnd() % 100);
			pred[k] = (uint8_t)(60 + rnd() % 100);
		}
		d->fdct4x4(src, pred, coef);
		r = h264_quantise(&q, coef, level);
		for (int k = 0; k < 16; k++) {
			int at = h264_scan4x4[k];

			nnz += level[k] != 0;
			coef[at] = (int16_t)(level[k] * h264_dequant4x4[0][at]);
		}
		CU_ASSERT_EQUAL(nnz, r.nnz);
		CU_ASSERT(r.gain >= 0);
		CU_ASSERT(r.rate > 0);
		d->idct4x4(rec, pred, coef);
		for (int y = 0; y < 4; y++)
			for (int x = 0; x < 4; x++)
				worst = abs(rec[16 * y + x] - src[16 * y + x]) > worst
						? abs(rec[16 * y + x] - src[16 * y + x])
						: worst;
		CU_ASSERT(worst <= 2);

		d->fdct8x8(src, pred, coef);
		r = h264_quantise(&q8, coef, level);
		for (int k = 0; k < 64; k++) {
			int at = h264_scan8x8[k];

			/* 8.5.13.1 at QP 0: (level * 16 * v + 32) >> 6 */
			coef[at] = (int16_t)((level[k] * 16 * h264_dequant8x8[0][at] + 32) >> 6);
		}
		d->idct8x8(rec, pred, coef);
		worst = 0;
		for (int y = 0; y < 8; y++)
			for (int x = 0; x < 8; x++)
				worst = abs(rec[16 * y + x] - src[16 * y + x]) > worst
						? abs(rec[16 * y + x] - src[16 * y + x])
						: worst;
		CU_ASSERT(worst <= 2);
	}
}

/* 8.4.2.2.1 for one sample, from full samples alone */
static int tap(const uint8_t *p, ptrdiff_t step)
{
	return p[-2 * step] - 5 * p[-step] + 20 * p[0] + 20 * p[step] - 5 * p[2 * step] +
	       p[3 * step];
}

static int clip(int v)
{
	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static int luma_sample(const uint8_t *g, ptrdiff_t s, int fx, int fy)
{
	int b = clip((tap(g, 1) + 16) >> 5), h = clip((tap(g, s) + 16) >> 5);
	int m = clip((tap(g + 1, s) + 16) >> 5), below = clip((tap(g + s, 1) + 16) >> 5);
	int j = clip((tap(g - 2 * s, 1) - 5 * tap(g - s, 1) + 20 * tap(g, 1) + 20 * tap(g + s, 1) -
		      5 * tap(g + 2 * s, 1) + tap(g + 3 * s, 1) + 512) >>
		     10);
	const int table[16][2] = {
		{g[0], g[0]}, {g[0], b},  {b, b},     {b, g[1]},  {g[0], h}, {b, h},
		{b, j},	      {b, m},	  {h, h},     {h, j},	  {j, j},    {j, m},
		{h, g[s]},    {h, below}, {j, below}, {m, below},
	};

	return (table[4 * fy + fx][0] + table[4 * fy + fx][1] + 1) >> 1;
}

static void check_motion(struct h264_ref_picture *ref, const struct h264_dsp *d, int x, int y,
			 struct h264_mv mv)
{
	uint8_t out[256] __attribute__((aligned(32))), chroma[128] __attribute__((aligned(32)));
	int bad = 0;

	h264_mc_luma_copy(ref, d, x, y, mv, 16, 16, out);
	h264_mc_chroma(ref, d, x, y, mv, 16, 16, chroma);
	for (int i = 0; i < 256; i++) {
		const uint8_t *g = ref->luma[0] + (y + (mv.y >> 2) + i / 16) * ref->stride + x +
				   (mv.x >> 2) + i % 16;

		bad += out[i] != luma_sample(g, ref->stride, mv.x & 3, mv.y & 3);
	}
	for (int i = 0; i < 128; i++) {
		const uint8_t *p = ref->chroma[i % 16 / 8] +
				   (y / 2 + (mv.y >> 3) + i / 16) * ref->stride_c + x / 2 +
				   (mv.x >> 3) + i % 8;
		int fx = mv.x & 7, fy = mv.y & 7;
		int v = (8 - fx) * (8 - fy) * p[0] + fx * (8 - fy) * p[1] +
			(8 - fx) * fy * p[ref->stride_c] + fx * fy * p[ref->stride_c + 1];

		bad += chroma[i] != (v + 32) >> 6;
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_motion_compensation(void)
{
	struct h264_ref_picture ref = {0};
	const struct h264_dsp *dsps[2] = {&h264_dsp_c, h264_dsp_select(false)};

	CU_ASSERT_FATAL(h264_ref_setup(&ref, 48, 32));
	for (int k = 0; k < 2; k++) {
		for (int y = 0; y < 32; y++)
			fill(ref.luma[0] + y * ref.stride, 48);
		for (int p = 0; p < 2; p++)
			for (int y = 0; y < 16; y++)
				fill(ref.chroma[p] + y * ref.stride_c, 24);
		for (unsigned int r = 0; r < 2; r++)
			h264_ref_pad_row(&ref, r);
		for (unsigned int r = 0; r < 2; r++)
			h264_ref_derive_row(&ref, dsps[k], r);
		for (int fy = 0; fy < 4; fy++)
			for (int fx = 0; fx < 4; fx++)
				check_motion(
					&ref, dsps[k], 16, 16,
					(struct h264_mv){(int16_t)(fx - 8), (int16_t)(fy + 4)});
		/* As far out as vectors may point, in each corner */
		for (int i = 0; i < 4; i++)
			check_motion(&ref, dsps[k], i & 1 ? 32 : 0, i & 2 ? 16 : 0,
				     (struct h264_mv){i & 1 ? 4 * 24 - 3 : -4 * 24 + 3,
						      i & 2 ? 4 * 24 - 1 : -4 * 24 + 1});
		/* Box means */
		for (int i = 0; i < 12 * 8; i++) {
			const uint8_t *p = ref.luma[0] + i / 12 * 4 * ref.stride + i % 12 * 4;
			int sum = 8;

			for (int n = 0; n < 16; n++)
				sum += p[n / 4 * ref.stride + n % 4];
			CU_ASSERT_EQUAL(ref.quarter[i / 12 * ref.stride_quarter + i % 12],
					sum >> 4);
		}
	}
	h264_ref_release(&ref);
}

static void test_blocks(void)
{
	const struct h264_dsp *c = &h264_dsp_c, *v = h264_dsp_select(false);

	for (int i = 0; i < ROUNDS; i++) {
		uint8_t a[256] = {0}, b[256] = {0};
		int dx = rnd() % 8, dy = rnd() % 8;

		fill(area, sizeof(area));
		for (int w = 8; w <= 16; w += 8) {
			c->average(a, area + 5, STRIDE, area + 40, STRIDE, w, w);
			v->average(b, area + 5, STRIDE, area + 40, STRIDE, w, w);
			CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
			c->mc_chroma(a, area + 9, STRIDE, dx, dy, w / 2, 8);
			v->mc_chroma(b, area + 9, STRIDE, dx, dy, w / 2, 8);
			CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		}
		c->downscale4(a, area, STRIDE, 21);
		v->downscale4(b, area, STRIDE, 21);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	}
}

/* 8.3.1.2 and 8.3.2.2, sample by sample: p(x, -1), p(-1, y) as the standard writes them */
struct around {
	const struct h264_edges *e;
};

static int p(const struct around *a, int x, int y)
{
	if (x < 0 && y < 0)
		return a->e->corner;
	return y < 0 ? a->e->top[x] : a->e->left[y];
}

static int mean3(int a, int b, int c)
{
	return (a + 2 * b + c + 2) >> 2;
}

static int intra_sample(const struct around *a, int mode, int x, int y, int n)
{
	int z;

	switch (mode) {
	case H264_I4_VERTICAL:
		return p(a, x, -1);
	case H264_I4_HORIZONTAL:
		return p(a, -1, y);
	case H264_I4_DC: {
		int sum = n;

		for (int i = 0; i < n; i++)
			sum += p(a, i, -1) + p(a, -1, i);
		return sum / (2 * n);
	}
	case H264_I4_DIAGONAL_DOWN_LEFT:
		if (x == n - 1 && y == n - 1)
			return (p(a, 2 * n - 2, -1) + 3 * p(a, 2 * n - 1, -1) + 2) >> 2;
		return mean3(p(a, x + y, -1), p(a, x + y + 1, -1), p(a, x + y + 2, -1));
	case H264_I4_DIAGONAL_DOWN_RIGHT:
		if (x > y)
			return mean3(p(a, x - y - 2, -1), p(a, x - y - 1, -1), p(a, x - y, -1));
		if (x < y)
			return mean3(p(a, -1, y - x - 2), p(a, -1, y - x - 1), p(a, -1, y - x));
		return mean3(p(a, 0, -1), p(a, -1, -1), p(a, -1, 0));
	case H264_I4_VERTICAL_RIGHT:
		z = 2 * x - y;
		if (z >= 0 && z % 2 == 0)
			return (p(a, x - (y >> 1) - 1, -1) + p(a, x - (y >> 1), -1) + 1) >> 1;
		if (z >= 0)
			return mean3(p(a, x - (y >> 1) - 2, -1), p(a, x - (y >> 1) - 1, -1),
				     p(a, x - (y >> 1), -1));
		if (z == -1)
			return mean3(p(a, -1, 0), p(a, -1, -1), p(a, 0, -1));
		return mean3(p(a, -1, y - 2 * x - 1), p(a, -1, y - 2 * x - 2),
			     p(a, -1, y - 2 * x - 3));
	case H264_I4_HORIZONTAL_DOWN:
		z = 2 * y - x;
		if (z >= 0 && z % 2 == 0)
			return (p(a, -1, y - (x >> 1) - 1) + p(a, -1, y - (x >> 1)) + 1) >> 1;
		if (z >= 0)
			return mean3(p(a, -1, y - (x >> 1) - 2), p(a, -1, y - (x >> 1) - 1),
				     p(a, -1, y - (x >> 1)));
		if (z == -1)
			return mean3(p(a, -1, 0), p(a, -1, -1), p(a, 0, -1));
		return mean3(p(a, x - 2 * y - 1, -1), p(a, x - 2 * y - 2, -1),
			     p(a, x - 2 * y - 3, -1));
	case H264_I4_VERTICAL_LEFT:
		if (y % 2 == 0)
			return (p(a, x + (y >> 1), -1) + p(a, x + (y >> 1) + 1, -1) + 1) >> 1;
		return mean3(p(a, x + (y >> 1), -1), p(a, x + (y >> 1) + 1, -1),
			     p(a, x + (y >> 1) + 2, -1));
	default:
		z = x + 2 * y;
		if (z > 2 * n - 3)
			return p(a, -1, n - 1);
		if (z == 2 * n - 3)
			return (p(a, -1, n - 2) + 3 * p(a, -1, n - 1) + 2) >> 2;
		if (z % 2 == 0)
			return (p(a, -1, y + (x >> 1)) + p(a, -1, y + (x >> 1) + 1) + 1) >> 1;
		return mean3(p(a, -1, y + (x >> 1)), p(a, -1, y + (x >> 1) + 1),
			     p(a, -1, y + (x >> 1) + 2));
	}
}

static void random_edges(struct h264_edges *e)
{
	memset(e, 0, sizeof(*e));
	e->has_top = e->has_left = e->has_corner = e->has_top_right = true;
	fill(e->top, sizeof(e->top));
	fill(e->left, sizeof(e->left));
	e->corner = (uint8_t)rnd();
}

static void test_intra_blocks(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct h264_edges e;
		struct h264_intra_line line;
		const struct around a = {&e};
		uint8_t out[128];

		random_edges(&e);
		for (int n = 4; n <= 8; n += 4) {
			h264_intra_prepare(&line, &e, n);
			for (int mode = 0; mode < H264_I4_MODES; mode++) {
				int bad = 0;

				if (n == 4)
					h264_intra4x4(out, &line, mode);
				else
					h264_intra8x8(out, &line, mode);
				for (int k = 0; k < n * n; k++)
					bad += out[k / n * 16 + k % n] !=
					       intra_sample(&a, mode, k % n, k / n, n);
				CU_ASSERT_EQUAL(bad, 0);
			}
		}
	}
}

static void test_intra_edges(void)
{
	struct h264_edges e, f;

	random_edges(&e);
	e.has_top_right = false;
	h264_edges_fill(&e, 8);
	for (int i = 8; i < 16; i++)
		CU_ASSERT_EQUAL(e.top[i], e.top[7]);
	h264_edges_filter8x8(&f, &e);
	/* 8.3.2.2.1 */
	CU_ASSERT_EQUAL(f.top[0], mean3(e.corner, e.top[0], e.top[1]));
	CU_ASSERT_EQUAL(f.top[15], (e.top[14] + 3 * e.top[15] + 2) >> 2);
	CU_ASSERT_EQUAL(f.left[7], (e.left[6] + 3 * e.left[7] + 2) >> 2);
	CU_ASSERT_EQUAL(f.corner, mean3(e.top[0], e.corner, e.left[0]));
	e.has_corner = false;
	h264_edges_filter8x8(&f, &e);
	CU_ASSERT_EQUAL(f.top[0], (3 * e.top[0] + e.top[1] + 2) >> 2);
	e.has_corner = true;
	e.has_left = false;
	h264_edges_filter8x8(&f, &e);
	CU_ASSERT_EQUAL(f.corner, (3 * e.corner + e.top[0] + 2) >> 2);
}

/* 8.3.3.4 and 8.3.4.4 */
static void test_plane(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct h264_edges e;
		const struct around a = {&e};
		uint8_t out[256], chroma[128];
		int h = 0, v = 0, hc = 0, vc = 0, bad = 0;

		random_edges(&e);
		for (int k = 0; k < 8; k++) {
			h += (k + 1) * (p(&a, 8 + k, -1) - p(&a, 6 - k, -1));
			v += (k + 1) * (p(&a, -1, 8 + k) - p(&a, -1, 6 - k));
		}
		for (int k = 0; k < 4; k++) {
			hc += (k + 1) * (p(&a, 4 + k, -1) - p(&a, 2 - k, -1));
			vc += (k + 1) * (p(&a, -1, 4 + k) - p(&a, -1, 2 - k));
		}
		h = (5 * h + 32) >> 6;
		v = (5 * v + 32) >> 6;
		hc = (34 * hc + 32) >> 6;
		vc = (34 * vc + 32) >> 6;
		h264_intra16x16(out, &e, H264_I16_PLANE);
		h264_intra_chroma(chroma, &e, H264_IC_PLANE);
		for (int k = 0; k < 256; k++)
			bad += out[k] != clip((16 * (e.left[15] + e.top[15]) + h * (k % 16 - 7) +
					       v * (k / 16 - 7) + 16) >>
					      5);
		for (int k = 0; k < 64; k++)
			bad += chroma[k / 8 * 16 + k % 8] !=
			       clip((16 * (e.left[7] + e.top[7]) + hc * (k % 8 - 3) +
				     vc * (k / 8 - 3) + 16) >>
				    5);
		CU_ASSERT_EQUAL(bad, 0);
	}
}

static void test_crc(void)
{
	uint8_t zeros[32] = {0};

	/* RFC 3720 B.4 */
	CU_ASSERT_EQUAL(venc_crc32c(0, zeros, sizeof(zeros)), 0x8a9136aa);
	CU_ASSERT_EQUAL(venc_crc32c(0, "123456789", 9), 0xe3069283);
	fill(area, sizeof(area));
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = rnd() % 64, n = rnd() % 3000, cut = n ? rnd() % n : 0;
		uint32_t all = venc_crc32c_plain(0, area + at, n);

		CU_ASSERT_EQUAL(venc_crc32c(0, area + at, n), all);
		CU_ASSERT_EQUAL(
			venc_crc32c(venc_crc32c(0, area + at, cut), area + at + cut, n - cut), all);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"distortion", test_distortion},
		{"SATD of a step", test_satd_of_a_step},
		{"transforms", test_transforms},
		{"quantise and back", test_quantise_and_back},
		{"motion compensation", test_motion_compensation},
		{"blocks", test_blocks},
		{"intra blocks", test_intra_blocks},
		{"intra edges", test_intra_edges},
		{"plane prediction", test_plane},
		{"CRC-32C", test_crc},
		CU_TEST_INFO_NULL,
	};

	return suite_run("venc_dsp", NULL, NULL, tests);
}
