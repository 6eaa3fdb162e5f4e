// SPDX-License-Identifier: MIT
/*
 * VA-API parameters as H.264 syntax. Reference list modifications are checked by the decoding
 * process of H.264 8.2.4, written here once more.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "va-backend/h264_syntax.h"

static VAEncSequenceParameterBufferH264 seq;
static VAEncPictureParameterBufferH264 pic;
static VAEncSliceParameterBufferH264 slice;

static void setup(void)
{
	memset(&seq, 0, sizeof(seq));
	memset(&pic, 0, sizeof(pic));
	memset(&slice, 0, sizeof(slice));
	seq.level_idc = 31;
	seq.picture_width_in_mbs = 40;
	seq.picture_height_in_mbs = 23;
	seq.max_num_ref_frames = 4;
	seq.seq_fields.bits.chroma_format_idc = 1;
	seq.seq_fields.bits.frame_mbs_only_flag = 1;
	seq.seq_fields.bits.direct_8x8_inference_flag = 1;
	pic.pic_init_qp = 30;
	slice.slice_type = SL200_H264_SLICE_P;
	for (int i = 0; i < 16; i++)
		pic.ReferenceFrames[i] = (VAPictureH264){.picture_id = VA_INVALID_SURFACE,
							 .flags = VA_PICTURE_H264_INVALID};
}

static void test_sps(void)
{
	struct sl_h264_sps sps;
	uint8_t data[SL_H264_NAL_MAX];

	seq.frame_cropping_flag = 1;
	seq.frame_crop_right_offset = 1;
	seq.frame_crop_bottom_offset = 4;
	seq.vui_parameters_present_flag = 1;
	seq.vui_fields.bits.aspect_ratio_info_present_flag = 1;
	seq.aspect_ratio_idc = 2;
	CU_ASSERT_PTR_NULL(slva_h264_sps(&seq, VAProfileH264ConstrainedBaseline, &sps));
	CU_ASSERT_EQUAL(sps.profile_idc, 66);
	CU_ASSERT_EQUAL(sps.constraint_set_flags, 0xc0);
	CU_ASSERT_EQUAL(sps.frame_crop_bottom_offset, 4);
	CU_ASSERT_EQUAL(sps.sar_width, 12);
	CU_ASSERT_EQUAL(sps.sar_height, 11);
	CU_ASSERT_TRUE(sl_h264_write_sps(&sps, data) > 0);
	CU_ASSERT_PTR_NULL(slva_h264_sps(&seq, VAProfileH264High, &sps));
	CU_ASSERT_EQUAL(sps.profile_idc, 100);

	seq.frame_crop_left_offset = 1;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_sps(&seq, VAProfileH264High, &sps));
	seq.frame_crop_left_offset = 0;
	seq.seq_fields.bits.pic_order_cnt_type = 1;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_sps(&seq, VAProfileH264High, &sps));
	seq.seq_fields.bits.pic_order_cnt_type = 2;
	seq.max_num_ref_frames = 17;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_sps(&seq, VAProfileH264High, &sps));
}

static void test_pps(void)
{
	struct sl_h264_pps pps;

	pic.pic_fields.bits.transform_8x8_mode_flag = 1;
	CU_ASSERT_PTR_NULL(slva_h264_pps(&pic, &pps));
	CU_ASSERT_EQUAL(pps.pic_init_qp_minus26, 4);
	CU_ASSERT_EQUAL(pps.transform_8x8_mode_flag, 1);
	pic.pic_fields.bits.redundant_pic_cnt_present_flag = 1;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_pps(&pic, &pps));
}

static void test_active_references(void)
{
	pic.num_ref_idx_l0_active_minus1 = 2;
	CU_ASSERT_EQUAL(slva_h264_num_ref_idx(&pic, &slice, 0), 3);
	CU_ASSERT_EQUAL(slva_h264_num_ref_idx(&pic, &slice, 1), 0);
	slice.num_ref_idx_active_override_flag = 1;
	slice.num_ref_idx_l0_active_minus1 = 0;
	CU_ASSERT_EQUAL(slva_h264_num_ref_idx(&pic, &slice, 0), 1);
	slice.slice_type = 7; /* I */
	CU_ASSERT_EQUAL(slva_h264_num_ref_idx(&pic, &slice, 0), 0);
}

struct entry {
	int32_t pic_num; /* PicNum or LongTermPicNum */
	bool long_term;
	VASurfaceID id;
};

static int by_initial_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->long_term != y->long_term)
		return x->long_term ? 1 : -1;
	return x->long_term ? x->pic_num - y->pic_num : y->pic_num - x->pic_num;
}

/* The DPB as the decoder sees it, in the order of the initial list (H.264 8.2.4.2.1). */
static int initial_list(struct entry *dpb, int32_t max_frame_num)
{
	int num = 0;

	for (int i = 0; i < 16; i++) {
		const VAPictureH264 *ref = &pic.ReferenceFrames[i];

		if (!slva_h264_is_picture(ref))
			continue;
		dpb[num].id = ref->picture_id;
		dpb[num].long_term = (ref->flags & VA_PICTURE_H264_LONG_TERM_REFERENCE) != 0;
		dpb[num].pic_num = (int32_t)ref->frame_idx;
		if (!dpb[num].long_term && ref->frame_idx > pic.frame_num)
			dpb[num].pic_num -= max_frame_num;
		num++;
	}
	qsort(dpb, (size_t)num, sizeof(*dpb), by_initial_order);
	return num;
}

/* H.264 8.2.4.3: put one picture at index, and move the others behind it. */
static void modify(struct entry *list, int size, int index, struct entry entry)
{
	int to = index + 1;

	memmove(&list[index + 1], &list[index], (size_t)(size - index) * sizeof(*list));
	list[index] = entry;
	for (int from = index + 1; from <= size; from++) {
		if (list[from].id != entry.id)
			list[to++] = list[from];
	}
}

static void decode_list(const struct sl_h264_slice_header *header, int32_t max_frame_num,
			struct entry *list)
{
	struct entry dpb[16];
	int num = initial_list(dpb, max_frame_num), size = header->num_ref_idx_l0_active;
	int32_t pred = pic.frame_num;

	memset(list, 0, 34 * sizeof(*list));
	memcpy(list, dpb, (size_t)num * sizeof(*dpb));
	for (int i = 0; i < header->num_modifications; i++) {
		unsigned int idc = header->modification[i].modification_of_pic_nums_idc;
		int32_t wanted = (int32_t)header->modification[i].value;

		if (idc < 2) {
			int32_t change = wanted + 1;

			CU_ASSERT_TRUE(change <= max_frame_num);
			pred += idc ? change : -change;
			if (pred < 0)
				pred += max_frame_num;
			if (pred >= max_frame_num)
				pred -= max_frame_num;
			wanted = pred > pic.frame_num ? pred - max_frame_num : pred;
		}
		int found = -1;

		for (int n = 0; n < num; n++) {
			if (dpb[n].long_term == (idc == 2) && dpb[n].pic_num == wanted)
				found = n;
		}
		CU_ASSERT_TRUE_FATAL(found >= 0);
		modify(list, size, i, dpb[found]);
	}
}

static void test_initial_list_needs_nothing(void)
{
	struct sl_h264_slice_header header;

	pic.frame_num = 3;
	for (int i = 0; i < 2; i++) {
		pic.ReferenceFrames[i] = (VAPictureH264){.picture_id = 10u + (unsigned int)i,
							 .frame_idx = 1u + (unsigned int)i};
		slice.RefPicList0[1 - i] = pic.ReferenceFrames[i];
	}
	pic.num_ref_idx_l0_active_minus1 = 1;
	CU_ASSERT_PTR_NULL(slva_h264_slice_header(&seq, &pic, &slice, &header));
	CU_ASSERT_EQUAL(header.num_modifications, 0);
	slice.RefPicList0[0] = pic.ReferenceFrames[0];
	slice.RefPicList0[1] = pic.ReferenceFrames[1];
	CU_ASSERT_PTR_NULL(slva_h264_slice_header(&seq, &pic, &slice, &header));
	CU_ASSERT_EQUAL(header.num_modifications, 2);
}

static void test_random_lists(void)
{
	struct sl_h264_slice_header header;
	struct entry list[34];

	srand(3);
	for (int n = 0; n < 3000; n++) {
		int32_t max_frame_num = 1 << (4 + n % 3);
		int num = 1 + rand() % 4, active = 1 + rand() % 6, long_term = rand() % 3 ? 0 : 1;

		setup();
		seq.seq_fields.bits.log2_max_frame_num_minus4 = (unsigned int)(n % 3);
		pic.frame_num = (uint16_t)(rand() % max_frame_num);
		for (int i = 0; i < num; i++) {
			VAPictureH264 *ref = &pic.ReferenceFrames[rand() % 4 + 4 * i];

			ref->picture_id = 100u + (unsigned int)i;
			ref->flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE;
			ref->frame_idx = (uint32_t)(pic.frame_num - 1 - 3 * i) &
					 (uint32_t)(max_frame_num - 1);
			if (long_term && i == 0) {
				ref->flags = VA_PICTURE_H264_LONG_TERM_REFERENCE;
				ref->frame_idx = 2;
			}
		}
		for (int i = 0; i < active; i++) {
			unsigned int id = 100u + (unsigned int)(rand() % num);

			for (int k = 0; k < 16; k++) {
				if (pic.ReferenceFrames[k].picture_id == id)
					slice.RefPicList0[i] = pic.ReferenceFrames[k];
			}
		}
		pic.num_ref_idx_l0_active_minus1 = (uint8_t)(active - 1);
		CU_ASSERT_PTR_NULL(slva_h264_slice_header(&seq, &pic, &slice, &header));
		decode_list(&header, max_frame_num, list);
		for (int i = 0; i < active; i++)
			CU_ASSERT_EQUAL(list[i].id, slice.RefPicList0[i].picture_id);
	}
}

static void test_refused(void)
{
	struct sl_h264_slice_header header;

	slice.slice_type = SL200_H264_SLICE_B;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_slice_header(&seq, &pic, &slice, &header));
	slice.slice_type = SL200_H264_SLICE_P;
	slice.num_ref_idx_active_override_flag = 1;
	slice.num_ref_idx_l0_active_minus1 = 255;
	CU_ASSERT_PTR_NOT_NULL(slva_h264_slice_header(&seq, &pic, &slice, &header));
}

int main(void)
{
	CU_initialize_registry();
	CU_pSuite suite =
		CU_add_suite_with_setup_and_teardown("H.264 syntax", NULL, NULL, setup, NULL);

	CU_ADD_TEST(suite, test_sps);
	CU_ADD_TEST(suite, test_pps);
	CU_ADD_TEST(suite, test_active_references);
	CU_ADD_TEST(suite, test_initial_list_needs_nothing);
	CU_ADD_TEST(suite, test_random_lists);
	CU_ADD_TEST(suite, test_refused);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	return failures != 0;
}
