/* SPDX-License-Identifier: MIT */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_bits.h"
#include "sim/model/venc/h264_entropy.h"
#include "tests/unit/h264_random.h"
#include "tests/suite.h"

static struct random_params base_params(uint64_t seed, unsigned int slice_type)
{
	struct random_params p = {
		.seed = seed,
		.width_mbs = 1 + seed % 7,
		.height_mbs = 1 + seed / 7 % 6,
		.num_refs = 1 + seed % RANDOM_MAX_REFS,
		.slice_type = slice_type,
		.num_slices = 1 + seed % 4,
		.transform_8x8 = seed & 1,
		.constrained_intra = seed >> 1 & 1,
		.big_levels = seed >> 2 & 1,
		.big_mvs = seed >> 3 & 1,
		.qp_min = seed & 4 ? 0 : 20,
		.qp_max = seed & 8 ? 51 : 36,
		.chroma_offset = {(int)(seed % 25) - 12, (int)(seed % 23) - 11},
		.skip_percent = seed % 3 * 40,
		.pcm_percent = seed % 5 ? 3 : 0,
		.intra_percent = 25,
	};

	return p;
}

static void check_motion(const struct random_video *v, const struct decoded_picture *d)
{
	unsigned int w = v->params.width_mbs, bad = 0;

	for (unsigned int addr = 0; addr < w * v->params.height_mbs; addr++)
		for (unsigned int i = 0; i < 8; i++) {
			const struct h264_mb *mb = &v->mbs[addr];
			unsigned int list = i >> 2, x = i & 1, y = i >> 1 & 1;
			struct h264_mv want = {INT16_MIN, INT16_MIN}, got;

			/* libavcodec exports both lists of any macroblock that has both */
			if (mb->ref_idx[list][i & 3] >= 0)
				want = mb->mv[list][8 * y + 2 * x];
			else if (!h264_mb_is_intra(mb->type))
				continue;
			got = d->mv[list][(2 * (addr / w) + y) * 2 * w + 2 * (addr % w) + x];
			bad += want.x != got.x || want.y != got.y;
		}
	CU_ASSERT_EQUAL(bad, 0);
}

static void check_qp(const struct random_video *v, const struct decoded_picture *d)
{
	unsigned int bad = 0;

	for (unsigned int i = 0; i < v->params.width_mbs * v->params.height_mbs; i++)
		bad += (v->mbs[i].type == H264_MB_I_PCM ? 0 : v->mbs[i].qp) != d->qp[i];
	CU_ASSERT_EQUAL(bad, 0);
}

static bool same_picture(const struct random_video *v, const struct decoded_picture *a,
			 const struct decoded_picture *b)
{
	size_t mbs = (size_t)v->params.width_mbs * v->params.height_mbs;

	return !memcmp(a->plane[0], b->plane[0], mbs * 256) &&
	       !memcmp(a->plane[1], b->plane[1], mbs * 64) &&
	       !memcmp(a->plane[2], b->plane[2], mbs * 64);
}

/* Both entropy coders say the same, and what was meant as far as the decoder exports it. */
static void check_video(const struct random_params *p)
{
	struct random_video v;
	struct coded_video coded[2];
	struct decoded_picture decoded[2];
	bool ok = true;

	CU_ASSERT_FATAL(random_video_create(&v, p));
	for (unsigned int cabac = 0; cabac < 2; cabac++) {
		CU_ASSERT(random_video_code(&v, &coded[cabac], cabac, true, 0));
		ok &= decode_last(&v, &coded[cabac], &decoded[cabac], p->num_refs);
		if (!ok)
			fprintf(stderr, "seed %llu, slice type %u, cabac %u\n",
				(unsigned long long)p->seed, p->slice_type, cabac);
		CU_ASSERT_FATAL(ok);
		check_qp(&v, &decoded[cabac]);
		if (!p->direct)
			check_motion(&v, &decoded[cabac]);
	}
	CU_ASSERT(same_picture(&v, &decoded[0], &decoded[1]));
	for (unsigned int cabac = 0; cabac < 2; cabac++) {
		coded_video_free(&coded[cabac]);
		decoded_picture_free(&decoded[cabac]);
	}
	random_video_destroy(&v);
}

static void test_i_slices(void)
{
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct random_params p = base_params(seed, SL200_H264_SLICE_I);

		check_video(&p);
	}
}

static void test_p_slices(void)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct random_params p = base_params(seed, SL200_H264_SLICE_P);

		check_video(&p);
	}
}

static void test_b_slices(void)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct random_params p = base_params(seed, SL200_H264_SLICE_B);

		p.direct = seed % 3 == 0;
		check_video(&p);
	}
}

static void test_openh264(void)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct random_params p =
			base_params(seed, seed & 1 ? SL200_H264_SLICE_P : SL200_H264_SLICE_I);
		struct random_video v;
		struct coded_video coded;
		struct decoded_picture a, b;

		p.big_levels = p.big_mvs = false;
		p.qp_max = 36; /* higher ones leave the range that coefficients may have */
		/* openh264 filters I_PCM with a chroma QP of 0 whatever the offset (8.7.2.2) */
		p.chroma_offset[0] = p.chroma_offset[0] < 0 ? p.chroma_offset[0] : 0;
		p.chroma_offset[1] = p.chroma_offset[1] < 0 ? p.chroma_offset[1] : 0;
		CU_ASSERT_FATAL(random_video_create(&v, &p));
		CU_ASSERT(random_video_code(&v, &coded, seed & 2, true, 0));
		CU_ASSERT_FATAL(decode_last(&v, &coded, &a, p.num_refs));
		CU_ASSERT_FATAL(decode_last_openh264(&v, &coded, &b));
		CU_ASSERT(same_picture(&v, &a, &b));
		coded_video_free(&coded);
		decoded_picture_free(&a);
		decoded_picture_free(&b);
		random_video_destroy(&v);
	}
}

/* --- a plain reconstruction of the residual (8.5), to compare samples ------------------------ */

static void zigzag(unsigned int size, uint8_t *raster)
{
	unsigned int n = 0;

	for (unsigned int d = 0; d < 2 * size - 1; d++)
		for (unsigned int k = 0; k <= d; k++) {
			unsigned int x = d & 1 ? d - k : k, y = d - x;

			if (x < size && y < size)
				raster[n++] = (uint8_t)(size * y + x);
		}
}

/* normAdjust4x4 and normAdjust8x8, 8.5.9 */
static int norm4(unsigned int qp, unsigned int at)
{
	static const uint8_t v[6][3] = {{10, 16, 13}, {11, 18, 14}, {13, 20, 16},
					{14, 23, 18}, {16, 25, 20}, {18, 29, 23}};
	unsigned int odd = (at & 1) + (at >> 2 & 1);

	return v[qp % 6][odd == 0 ? 0 : odd == 2 ? 1 : 2];
}

static int norm8(unsigned int qp, unsigned int at)
{
	static const uint8_t v[6][6] = {
		{20, 18, 32, 19, 25, 24}, {22, 19, 35, 21, 28, 26}, {26, 23, 42, 24, 33, 31},
		{28, 25, 45, 26, 35, 33}, {32, 28, 51, 30, 40, 38}, {36, 32, 58, 34, 46, 43},
	};
	/* by column and row modulo 4 */
	static const uint8_t kind[4][4] = {{0, 3, 4, 3}, {3, 1, 5, 1}, {4, 5, 2, 5}, {3, 1, 5, 1}};

	return v[qp % 6][kind[at >> 3 & 3][at & 3]];
}

/* 8.5.12.2, one row or column */
static void inverse4(int *a, int s)
{
	int e = a[0] + a[2 * s], f = a[0] - a[2 * s];
	int g = (a[s] >> 1) - a[3 * s], h = a[s] + (a[3 * s] >> 1);

	a[0] = e + h;
	a[s] = f + g;
	a[2 * s] = f - g;
	a[3 * s] = e - h;
}

/* 8.5.13.2 */
static void inverse8(int *a, int s)
{
	int b0 = a[0] + a[4 * s], b2 = a[0] - a[4 * s];
	int b4 = (a[2 * s] >> 1) - a[6 * s], b6 = a[2 * s] + (a[6 * s] >> 1);
	int b1 = -a[3 * s] + a[5 * s] - a[7 * s] - (a[7 * s] >> 1);
	int b3 = a[s] + a[7 * s] - a[3 * s] - (a[3 * s] >> 1);
	int b5 = -a[s] + a[7 * s] + a[5 * s] + (a[5 * s] >> 1);
	int b7 = a[3 * s] + a[5 * s] + a[s] + (a[s] >> 1);
	int c[8] = {b0 + b6, b1 + (b7 >> 2), b2 + b4, b3 + (b5 >> 2),
		    b2 - b4, (b3 >> 2) - b5, b0 - b6, b7 - (b1 >> 2)};

	for (int i = 0; i < 4; i++) {
		static const int f[4] = {0, 2, 4, 6}, g[4] = {7, 5, 3, 1};

		a[i * s] = c[f[i]] + c[g[i]];
		a[(7 - i) * s] = c[f[i]] - c[g[i]];
	}
}

static void add_residual(uint8_t *out, unsigned int stride, int *c, int size)
{
	void (*inverse)(int *, int) = size == 4 ? inverse4 : inverse8;

	for (int i = 0; i < size; i++)
		inverse(c + i * size, 1);
	for (int i = 0; i < size; i++)
		inverse(c + i, size);
	for (int i = 0; i < size * size; i++) {
		uint8_t *p = out + (unsigned int)(i / size) * stride + i % size;
		int v = *p + ((c[i] + 32) >> 6);

		*p = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

static int scale(int level, int norm, int qp)
{
	int shift = qp / 6;

	return shift >= 6 ? level * norm * 16 * (1 << (shift - 6))
			  : (level * norm * 16 + (1 << (5 - shift))) >> (6 - shift);
}

static void add_luma(uint8_t *out, const struct h264_mb *mb, const struct h264_levels *lv)
{
	bool i16 = mb->type == H264_MB_I16X16;
	uint8_t scan4[16], scan8[64];
	int dc[16] = {0};

	zigzag(4, scan4);
	zigzag(8, scan8);
	if (i16) { /* 8.5.10 */
		for (int i = 0; i < 16 && lv->dc_nnz[0]; i++)
			dc[scan4[i]] = lv->luma_dc[i];
		for (int pass = 0; pass < 2; pass++)
			for (int i = 0; i < 4; i++) {
				int *a = pass ? dc + i : dc + 4 * i, s = pass ? 4 : 1;
				int e = a[0] + a[s], f = a[0] - a[s];
				int g = a[2 * s] + a[3 * s], h = a[2 * s] - a[3 * s];

				a[0] = e + g;
				a[s] = e - g;
				a[2 * s] = f - h;
				a[3 * s] = f + h;
			}
	}
	for (unsigned int blk = 0; blk < 16; blk++) {
		unsigned int x = (blk & 1) + (blk >> 1 & 2), y = (blk >> 1 & 1) + (blk >> 2 & 2);
		bool coded = mb->cbp_luma >> (blk >> 2) & 1;
		const int16_t *level = lv->luma[mb->transform_8x8 ? blk & 12 : blk];
		int c[64] = {0};

		if (mb->transform_8x8) {
			for (unsigned int i = 0; i < 64 && coded; i++)
				c[scan8[i]] = scale(level[i], norm8(mb->qp, scan8[i]), mb->qp);
			if (blk % 4 == 0)
				add_residual(out + 64 * y + 4 * x, 16, c, 8);
			continue;
		}
		for (unsigned int i = i16; i < 16 && coded; i++)
			c[scan4[i]] = level[i] * norm4(mb->qp, scan4[i]) * (1 << mb->qp / 6);
		if (i16)
			c[0] = scale(dc[4 * y + x], norm4(mb->qp, 0), mb->qp);
		add_residual(out + 64 * y + 4 * x, 16, c, 4);
	}
}

static void add_chroma(uint8_t *out, const struct h264_mb *mb, const struct h264_levels *lv,
		       unsigned int plane, int qp)
{
	const int16_t *d = lv->chroma_dc[plane];
	uint8_t scan4[16];

	zigzag(4, scan4);
	for (unsigned int blk = 0; blk < 4 && mb->cbp_chroma; blk++) {
		int sx = blk & 1 ? -1 : 1, sy = blk & 2 ? -1 : 1; /* 8.5.11.1 */
		int dc = d[0] + sx * d[1] + sy * d[2] + sx * sy * d[3];
		int c[16] = {0};

		for (unsigned int i = 1; i < 16 && mb->cbp_chroma == 2; i++)
			c[scan4[i]] = lv->chroma_ac[plane][blk][i] *
				      norm4((unsigned int)qp, scan4[i]) * (1 << qp / 6);
		c[0] = dc * norm4((unsigned int)qp, 0) * 16 * (1 << qp / 6) >> 5;
		add_residual(out + 32 * (blk >> 1) + 4 * (blk & 1), 8, c, 4);
	}
}

/* A picture of one macroblock, its prediction plain: every level ends up in its place. */
static void test_levels(void)
{
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct random_params p = {.seed = seed,
					  .width_mbs = 1,
					  .height_mbs = 1,
					  .num_refs = 1,
					  .slice_type = seed & 1 ? SL200_H264_SLICE_P
								 : SL200_H264_SLICE_I,
					  .num_slices = 1,
					  .transform_8x8 = seed >> 1 & 1,
					  .plain = true,
					  .qp_max = 29};
		struct random_video v;
		struct coded_video coded;
		struct decoded_picture d;
		uint8_t want[384];

		CU_ASSERT_FATAL(random_video_create(&v, &p));
		CU_ASSERT(random_video_code(&v, &coded, seed >> 2 & 1, false, 0));
		CU_ASSERT_FATAL(decode_last(&v, &coded, &d, 1));
		if (seed & 1)
			memcpy(want, v.pcm[0]->pcm, sizeof(want));
		else
			memset(want, 128, sizeof(want));
		add_luma(want, v.mbs, v.levels);
		/* below 30 chroma has the same QP, 8.5.8 */
		add_chroma(want + 256, v.mbs, v.levels, 0, v.mbs->qp);
		add_chroma(want + 320, v.mbs, v.levels, 1, v.mbs->qp);
		CU_ASSERT_EQUAL(memcmp(want, d.plane[0], 256), 0);
		CU_ASSERT_EQUAL(memcmp(want + 256, d.plane[1], 64), 0);
		CU_ASSERT_EQUAL(memcmp(want + 320, d.plane[2], 64), 0);
		coded_video_free(&coded);
		decoded_picture_free(&d);
		random_video_destroy(&v);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"I slices decode as meant", test_i_slices},
		{"P slices decode as meant", test_p_slices},
		{"B slices decode as meant", test_b_slices},
		{"levels reach their samples", test_levels},
		{"openh264 decodes the same picture", test_openh264},
		CU_TEST_INFO_NULL,
	};

	return suite_run("h264_entropy", NULL, NULL, tests);
}
