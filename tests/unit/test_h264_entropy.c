/* SPDX-License-Identifier: MIT */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_bits.h"
#include "sim/model/venc/h264_entropy.h"
#include "tests/unit/h264_random.h"

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

int main(void)
{
	CU_pSuite suite;
	unsigned int failures;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("h264_entropy", NULL, NULL);
	CU_add_test(suite, "I slices decode as meant", test_i_slices);
	CU_add_test(suite, "P slices decode as meant", test_p_slices);
	CU_add_test(suite, "B slices decode as meant", test_b_slices);
	CU_add_test(suite, "openh264 decodes the same picture", test_openh264);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures != 0;
}
