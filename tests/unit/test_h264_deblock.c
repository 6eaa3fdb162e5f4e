/* SPDX-License-Identifier: MIT */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_deblock.h"
#include "sim/model/venc/h264_deblock_filter.h"
#include "tests/unit/h264_random.h"
#include "tests/suite.h"

static void filter(const struct random_video *v, struct decoded_picture *d)
{
	struct h264_deblock_picture pic = {
		.mbs = v->mbs,
		.slices = v->slices,
		.width_mbs = v->params.width_mbs,
		.height_mbs = v->params.height_mbs,
		.chroma_qp_index_offset = {v->params.chroma_offset[0],
					   v->params.chroma_offset[v->params.main_profile ? 0 : 1]},
		.plane = {d->plane[0], d->plane[1], d->plane[2]},
		.stride = {16 * v->params.width_mbs, 8 * v->params.width_mbs,
			   8 * v->params.width_mbs},
	};

	for (unsigned int y = 0; y < pic.height_mbs; y++)
		h264_deblock_row(&pic, y);
}

static unsigned int differences(const uint8_t *a, const uint8_t *b, size_t n)
{
	unsigned int count = 0;

	for (size_t i = 0; i < n; i++)
		count += a[i] != b[i];
	return count;
}

/*
 * The picture decoded without its loop filter and then filtered here is the picture decoded with
 * it. Adds to *changed how many samples the filter altered.
 */
static void check_video(const struct random_params *p, bool cabac, unsigned int *changed)
{
	struct random_video v;
	struct coded_video coded[2];
	struct decoded_picture d[2];
	size_t mbs = (size_t)p->width_mbs * p->height_mbs;
	unsigned int bad = 0;
	bool ok = true;

	CU_ASSERT_FATAL(random_video_create(&v, p));
	for (unsigned int on = 0; on < 2; on++) {
		ok &= random_video_code(&v, &coded[on], cabac, on, 0);
		ok &= decode_last(&v, &coded[on], &d[on], p->num_refs);
	}
	CU_ASSERT_FATAL(ok);
	for (unsigned int i = 0; i < 3; i++)
		*changed += differences(d[0].plane[i], d[1].plane[i], mbs * (i ? 64 : 256));
	filter(&v, &d[0]);
	for (unsigned int i = 0; i < 3; i++)
		bad += differences(d[0].plane[i], d[1].plane[i], mbs * (i ? 64 : 256));
	if (bad)
		fprintf(stderr, "seed %llu, slice type %u, cabac %d: %u samples differ\n",
			(unsigned long long)p->seed, p->slice_type, cabac, bad);
	CU_ASSERT_EQUAL(bad, 0);
	for (unsigned int on = 0; on < 2; on++) {
		coded_video_free(&coded[on]);
		decoded_picture_free(&d[on]);
	}
	random_video_destroy(&v);
}

static void check_slices(unsigned int slice_type, uint64_t seeds)
{
	unsigned int changed = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct random_params p = {
			.seed = seed,
			.width_mbs = 1 + seed % 8,
			.height_mbs = 1 + seed / 3 % 6,
			.num_refs = 1 + seed % RANDOM_MAX_REFS,
			.slice_type = slice_type,
			.num_slices = 1 + seed % 3,
			.transform_8x8 = seed & 1,
			.qp_min = seed % 4 * 10,
			.qp_max = seed & 8 ? 51 : 36,
			.chroma_offset = {(int)(seed % 25) - 12, (int)(seed % 23) - 11},
			.skip_percent = seed % 3 * 40,
			.pcm_percent = 4,
			.intra_percent = seed % 5 * 10,
		};

		check_video(&p, seed & 1, &changed);
		check_video(&p, ~seed & 1, &changed);
	}
	CU_ASSERT(changed > 1000);
}

static void test_i_slices(void)
{
	check_slices(SL200_H264_SLICE_I, 40);
}

static void test_p_slices(void)
{
	check_slices(SL200_H264_SLICE_P, 100);
}

static void test_b_slices(void)
{
	check_slices(SL200_H264_SLICE_B, 100);
}

typedef void reference_fn(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			  const struct h264_edge *edge);

/* Samples near each other often enough for every branch; stride and place vary. */
static void check_filter(h264_deblock_fn *fn, reference_fn *reference, bool vertical)
{
	uint8_t a[48 * 48], b[48 * 48];
	uint64_t rng = 1;
	unsigned int changed = 0;

	for (unsigned int round = 0; round < 4000; round++) {
		ptrdiff_t stride = random_int(&rng, 32, 48);
		size_t at = (size_t)(8 * stride + random_int(&rng, 8, 15));
		int base = random_int(&rng, 0, 255), spread = random_int(&rng, 0, 30);
		int step = round & 1 ? random_int(&rng, -255, 255) : 0; /* across the edge */
		struct h264_edge edge = {.alpha = random_int(&rng, 1, 255),
					 .beta = random_int(&rng, 1, 18)};

		if (round % 8 == 0)
			spread = 255;
		for (unsigned int i = 0; i < 4; i++)
			edge.tc0[i] = (int8_t)random_int(&rng, -1, 25);
		for (unsigned int i = 0; i < sizeof(a); i++) {
			size_t row = i / (size_t)stride, column = i % (size_t)stride;
			bool q = vertical ? column >= at % (size_t)stride
					  : row >= at / (size_t)stride;
			int s = base + random_int(&rng, -spread, spread) + (q ? step : 0);

			a[i] = (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
		}
		memcpy(b, a, sizeof(a));
		fn(a + at, stride, &edge);
		changed += memcmp(a, b, sizeof(a)) != 0;
		reference(b + at, vertical ? 1 : stride, vertical ? stride : 1, &edge);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	}
	CU_ASSERT(changed > 1000);
}

static void test_filters(void)
{
	check_filter(h264_deblock_luma_v, h264_deblock_luma_c, true);
	check_filter(h264_deblock_luma_h, h264_deblock_luma_c, false);
	check_filter(h264_deblock_chroma_v, h264_deblock_chroma_c, true);
	check_filter(h264_deblock_chroma_h, h264_deblock_chroma_c, false);
	check_filter(h264_deblock_luma4_v, h264_deblock_luma4_c, true);
	check_filter(h264_deblock_luma4_h, h264_deblock_luma4_c, false);
	check_filter(h264_deblock_chroma4_v, h264_deblock_chroma4_c, true);
	check_filter(h264_deblock_chroma4_h, h264_deblock_chroma4_c, false);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"filters match the plain C ones", test_filters},
		{"I slices filter as libavcodec does", test_i_slices},
		{"P slices filter as libavcodec does", test_p_slices},
		{"B slices filter as libavcodec does", test_b_slices},
		CU_TEST_INFO_NULL,
	};

	return suite_run("h264_deblock", NULL, NULL, tests);
}
