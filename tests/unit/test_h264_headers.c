// SPDX-License-Identifier: MIT
/*
 * Headers are read back by libavcodec's trace_headers filter, whose parser is written from the
 * standard independently of ours: each element is compared by its name in the standard.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavutil/log.h>

#include "sl200/h264.h"
#include "tests/suite.h"

#define MAX_ELEMENTS 512

static struct {
	char name[64];
	long long value;
} elements[MAX_ELEMENTS];
static unsigned int num_elements, complaints;

/* One traced line: "position  name  bits = value". */
static void capture(void *avcl, int level, const char *fmt, va_list args)
{
	char line[512], name[64];
	const char *equals;
	unsigned int position;

	vsnprintf(line, sizeof(line), fmt, args);
	if (level <= AV_LOG_WARNING) {
		fprintf(stderr, "    libavcodec: %s", line);
		complaints++;
	}
	equals = strrchr(line, '=');
	if (!equals || sscanf(line, "%u %63s", &position, name) != 2 ||
	    num_elements == MAX_ELEMENTS)
		return;
	snprintf(elements[num_elements].name, sizeof(name), "%s", name);
	elements[num_elements++].value = atoll(equals + 1);
}

/* The value of the last element of this name; fails the test when there is none. */
static long long value(const char *name)
{
	for (unsigned int i = num_elements; i-- > 0;) {
		if (strcmp(elements[i].name, name) == 0)
			return elements[i].value;
	}
	printf("\n    no element %s", name);
	CU_FAIL("an element is missing");
	return -1;
}

static int has(const char *name)
{
	for (unsigned int i = 0; i < num_elements; i++) {
		if (strcmp(elements[i].name, name) == 0)
			return 1;
	}
	return 0;
}

#define EXPECT(name, wanted)                                                                       \
	do {                                                                                       \
		long long found_ = value(name);                                                    \
		if (found_ != (long long)(wanted))                                                 \
			printf("\n    %s is %lld, not %lld", name, found_, (long long)(wanted));   \
		CU_ASSERT(found_ == (long long)(wanted));                                          \
	} while (0)

struct stream {
	uint8_t data[8192];
	size_t size;
};

/* Append a NAL unit with emulation prevention; a slice gets a stand-in for its data. */
static void append(struct stream *s, const uint8_t *nal, int bits, int slice)
{
	uint8_t bytes[SL_H264_NAL_MAX + 8] = {0};
	size_t size = ((size_t)bits + 7) / 8;
	int zeros = 0;

	CU_ASSERT_FATAL(bits > 40 && bits <= SL_H264_NAL_MAX * 8);
	memcpy(bytes, nal, size);
	if (slice) {
		/* cabac_alignment_one_bit */
		bytes[size - 1] |= (uint8_t)((1u << (8 * size - (size_t)bits)) - 1);
		memset(bytes + size, 0x55, 7);
		bytes[size + 7] = 0x80;
		size += 8;
	} else {
		CU_ASSERT(bits % 8 == 0); /* trailing bits end a byte */
	}
	CU_ASSERT(memcmp(bytes, "\0\0\0\1", 4) == 0);
	memcpy(s->data + s->size, bytes, 4);
	s->size += 4;
	for (size_t i = 4; i < size; i++) {
		if (zeros >= 2 && bytes[i] <= 3) {
			s->data[s->size++] = 3;
			zeros = 0;
		}
		zeros = bytes[i] ? 0 : zeros + 1;
		s->data[s->size++] = bytes[i];
	}
}

static void trace(const struct stream *s)
{
	const AVBitStreamFilter *filter = av_bsf_get_by_name("trace_headers");
	AVPacket *packet = av_packet_alloc();
	AVBSFContext *bsf = NULL;

	CU_ASSERT_FATAL(filter != NULL && packet != NULL);
	CU_ASSERT_FATAL(av_bsf_alloc(filter, &bsf) == 0);
	bsf->par_in->codec_id = AV_CODEC_ID_H264;
	num_elements = complaints = 0;
	av_log_set_level(AV_LOG_INFO);
	av_log_set_callback(capture);
	CU_ASSERT(av_bsf_init(bsf) == 0);
	CU_ASSERT(av_new_packet(packet, (int)s->size) == 0);
	memcpy(packet->data, s->data, s->size);
	CU_ASSERT(av_bsf_send_packet(bsf, packet) == 0);
	CU_ASSERT(av_bsf_receive_packet(bsf, packet) == 0);
	av_log_set_callback(av_log_default_callback);
	CU_ASSERT(complaints == 0);
	av_packet_free(&packet);
	av_bsf_free(&bsf);
}

static struct sl_h264_sps plain_sps(void)
{
	return (struct sl_h264_sps){
		.profile_idc = 77,
		.constraint_set_flags = 0x40,
		.level_idc = 31,
		.log2_max_frame_num_minus4 = 4,
		.pic_order_cnt_type = 2,
		.max_num_ref_frames = 1,
		.pic_width_in_mbs = 80,
		.pic_height_in_map_units = 45,
		.direct_8x8_inference_flag = 1,
	};
}

static const struct sl_h264_pps plain_pps = {.entropy_coding_mode_flag = 1};

static struct sl_h264_slice_header plain_idr(void)
{
	return (struct sl_h264_slice_header){
		.nal_ref_idc = 3, .idr = 1, .slice_type = SL200_H264_SLICE_I};
}

static void trace_all(const struct sl_h264_sps *sps, const struct sl_h264_pps *pps,
		      const struct sl_h264_slice_header *slice)
{
	struct stream s = {.size = 0};
	uint8_t nal[SL_H264_NAL_MAX];

	append(&s, nal, sl_h264_write_sps(sps, nal), 0);
	append(&s, nal, sl_h264_write_pps(pps, sps, nal), 0);
	append(&s, nal, sl_h264_write_slice_header(slice, sps, pps, nal), 1);
	trace(&s);
}

static void test_sps(void)
{
	struct sl_h264_slice_header idr = plain_idr();
	struct sl_h264_sps sps = plain_sps();

	trace_all(&sps, &plain_pps, &idr);
	EXPECT("profile_idc", 77);
	EXPECT("constraint_set1_flag", 1);
	EXPECT("constraint_set0_flag", 0);
	EXPECT("level_idc", 31);
	EXPECT("log2_max_frame_num_minus4", 4);
	EXPECT("pic_order_cnt_type", 2);
	EXPECT("max_num_ref_frames", 1);
	EXPECT("gaps_in_frame_num_allowed_flag", 0);
	EXPECT("pic_width_in_mbs_minus1", 79);
	EXPECT("pic_height_in_map_units_minus1", 44);
	EXPECT("frame_mbs_only_flag", 1);
	EXPECT("direct_8x8_inference_flag", 1);
	EXPECT("frame_cropping_flag", 0);
	EXPECT("vui_parameters_present_flag", 0);
	CU_ASSERT(!has("chroma_format_idc"));

	sps.profile_idc = 100;
	sps.constraint_set_flags = 0;
	sps.seq_parameter_set_id = 0;
	sps.pic_order_cnt_type = 0;
	sps.log2_max_pic_order_cnt_lsb_minus4 = 12;
	sps.max_num_ref_frames = 16;
	sps.pic_width_in_mbs = 512;
	sps.pic_height_in_map_units = 511;
	sps.frame_cropping_flag = 1;
	sps.frame_crop_right_offset = 5;
	sps.frame_crop_bottom_offset = 7;
	trace_all(&sps, &plain_pps, &idr);
	EXPECT("profile_idc", 100);
	EXPECT("chroma_format_idc", 1);
	EXPECT("bit_depth_luma_minus8", 0);
	EXPECT("seq_scaling_matrix_present_flag", 0);
	EXPECT("log2_max_pic_order_cnt_lsb_minus4", 12);
	EXPECT("max_num_ref_frames", 16);
	EXPECT("pic_width_in_mbs_minus1", 511);
	EXPECT("pic_height_in_map_units_minus1", 510);
	EXPECT("frame_crop_left_offset", 0);
	EXPECT("frame_crop_right_offset", 5);
	EXPECT("frame_crop_bottom_offset", 7);
}

static void test_vui(void)
{
	struct sl_h264_slice_header idr = plain_idr();
	struct sl_h264_sps sps = plain_sps();

	sps.vui_parameters_present_flag = 1;
	sps.sar_width = 64;
	sps.sar_height = 45;
	sps.video_signal_type_present_flag = 1;
	sps.video_full_range_flag = 1;
	sps.colour_primaries = 9;
	sps.transfer_characteristics = 16;
	sps.num_units_in_tick = 1001;
	sps.time_scale = 60000;
	sps.fixed_frame_rate_flag = 1;
	sps.bitstream_restriction_flag = 1;
	sps.max_dec_frame_buffering = 1;
	trace_all(&sps, &plain_pps, &idr);
	EXPECT("aspect_ratio_idc", 255);
	EXPECT("sar_width", 64);
	EXPECT("sar_height", 45);
	EXPECT("video_format", 5);
	EXPECT("video_full_range_flag", 1);
	EXPECT("colour_primaries", 9);
	EXPECT("transfer_characteristics", 16);
	EXPECT("matrix_coefficients", 2);
	EXPECT("num_units_in_tick", 1001);
	EXPECT("time_scale", 60000);
	EXPECT("fixed_frame_rate_flag", 1);
	EXPECT("nal_hrd_parameters_present_flag", 0);
	EXPECT("vcl_hrd_parameters_present_flag", 0);
	CU_ASSERT(!has("low_delay_hrd_flag"));
	EXPECT("pic_struct_present_flag", 0);
	EXPECT("max_num_reorder_frames", 0);
	EXPECT("max_dec_frame_buffering", 1);

	sps.sar_width = sps.sar_height = 3;
	trace_all(&sps, &plain_pps, &idr);
	EXPECT("aspect_ratio_idc", 1);

	/* Values that need emulation prevention in the middle of the VUI. */
	sps.num_units_in_tick = 1;
	sps.time_scale = 2;
	trace_all(&sps, &plain_pps, &idr);
	EXPECT("num_units_in_tick", 1);
	EXPECT("time_scale", 2);
}

static void test_hrd(void)
{
	struct sl_h264_slice_header idr = plain_idr();
	struct sl_h264_sps sps = plain_sps();
	struct stream s = {.size = 0};
	uint8_t nal[SL_H264_NAL_MAX];

	sps.vui_parameters_present_flag = 1;
	sps.num_units_in_tick = 1;
	sps.time_scale = 50;
	sps.fixed_frame_rate_flag = 1;
	sps.nal_hrd_parameters_present_flag = 1;
	sps.hrd_bit_rate = 4000000;
	sps.hrd_cpb_size = 2000000;
	sps.hrd_cbr_flag = 1;
	append(&s, nal, sl_h264_write_aud(0, nal), 0);
	append(&s, nal, sl_h264_write_sps(&sps, nal), 0);
	append(&s, nal, sl_h264_write_pps(&plain_pps, &sps, nal), 0);
	append(&s, nal, sl_h264_write_sei_buffering_period(&sps, 33750, 11250, nal), 0);
	append(&s, nal, sl_h264_write_sei_pic_timing(&sps, 0x12345678, 77, nal), 0);
	append(&s, nal, sl_h264_write_slice_header(&idr, &sps, &plain_pps, nal), 1);
	trace(&s);
	EXPECT("primary_pic_type", 0);
	EXPECT("cpb_cnt_minus1", 0);
	EXPECT("bit_rate_scale", 0);
	EXPECT("cpb_size_scale", 0);
	EXPECT("bit_rate_value_minus1[0]", 4000000 / 64 - 1);
	EXPECT("cpb_size_value_minus1[0]", 2000000 / 16 - 1);
	EXPECT("cbr_flag[0]", 1);
	EXPECT("low_delay_hrd_flag", 0);
	EXPECT("initial_cpb_removal_delay[0]", 33750);
	EXPECT("initial_cpb_removal_delay_offset[0]", 11250);
	EXPECT("cpb_removal_delay", 0x12345678);
	EXPECT("dpb_output_delay", 77);

	sps.nal_hrd_parameters_present_flag = 0;
	CU_ASSERT(sl_h264_write_sei_buffering_period(&sps, 1, 1, nal) == SL_ERR_INVALID);
	CU_ASSERT(sl_h264_write_sei_pic_timing(&sps, 1, 1, nal) == SL_ERR_INVALID);
	sps.nal_hrd_parameters_present_flag = 1;
	CU_ASSERT(sl_h264_write_sei_buffering_period(&sps, 0, 1, nal) == SL_ERR_INVALID);
	CU_ASSERT(sl_h264_write_sei_buffering_period(&sps, 1 << 24, 1, nal) == SL_ERR_INVALID);
	CU_ASSERT(sl_h264_write_sei_pic_timing(&sps, 1, 1 << 24, nal) == SL_ERR_INVALID);
	sps.time_scale = 0;
	sps.num_units_in_tick = 0;
	CU_ASSERT(sl_h264_write_sps(&sps, nal) == SL_ERR_INVALID);
}

static void test_pps(void)
{
	struct sl_h264_slice_header idr = plain_idr();
	struct sl_h264_sps sps = plain_sps();
	struct sl_h264_pps pps = {
		.num_ref_idx_l0_default_active_minus1 = 3,
		.num_ref_idx_l1_default_active_minus1 = 1,
		.pic_init_qp_minus26 = -26,
		.chroma_qp_index_offset = -12,
		.second_chroma_qp_index_offset = 12,
		.deblocking_filter_control_present_flag = 1,
		.constrained_intra_pred_flag = 1,
		.transform_8x8_mode_flag = 1,
	};
	uint8_t nal[SL_H264_NAL_MAX];

	sps.profile_idc = 100;
	sps.constraint_set_flags = 0;
	trace_all(&sps, &pps, &idr);
	EXPECT("entropy_coding_mode_flag", 0);
	EXPECT("num_ref_idx_l0_default_active_minus1", 3);
	EXPECT("num_ref_idx_l1_default_active_minus1", 1);
	EXPECT("weighted_pred_flag", 0);
	EXPECT("pic_init_qp_minus26", -26);
	EXPECT("chroma_qp_index_offset", -12);
	EXPECT("deblocking_filter_control_present_flag", 1);
	EXPECT("constrained_intra_pred_flag", 1);
	EXPECT("transform_8x8_mode_flag", 1);
	EXPECT("second_chroma_qp_index_offset", 12);

	sps.profile_idc = 77;
	CU_ASSERT(sl_h264_write_pps(&pps, &sps, nal) == SL_ERR_INVALID);
	pps.transform_8x8_mode_flag = 0;
	CU_ASSERT(sl_h264_write_pps(&pps, &sps, nal) == SL_ERR_INVALID);
	pps.second_chroma_qp_index_offset = -12;
	CU_ASSERT(sl_h264_write_pps(&pps, &sps, nal) > 0);
	pps.pic_init_qp_minus26 = 26;
	CU_ASSERT(sl_h264_write_pps(&pps, &sps, nal) == SL_ERR_INVALID);
}

static void test_slice(void)
{
	struct sl_h264_slice_header h = plain_idr();
	struct sl_h264_sps sps = plain_sps();
	struct sl_h264_pps pps = {.entropy_coding_mode_flag = 1,
				  .deblocking_filter_control_present_flag = 1};

	h.idr_pic_id = 65535;
	h.slice_qp_delta = 25;
	h.disable_deblocking_filter_idc = 2;
	h.slice_alpha_c0_offset_div2 = -6;
	h.slice_beta_offset_div2 = 6;
	h.first_mb_in_slice = 3599;
	trace_all(&sps, &pps, &h);
	EXPECT("nal_unit_type", 5);
	EXPECT("nal_ref_idc", 3);
	EXPECT("first_mb_in_slice", 3599);
	EXPECT("slice_type", 2);
	EXPECT("frame_num", 0);
	EXPECT("idr_pic_id", 65535);
	EXPECT("no_output_of_prior_pics_flag", 0);
	EXPECT("long_term_reference_flag", 0);
	EXPECT("slice_qp_delta", 25);
	EXPECT("disable_deblocking_filter_idc", 2);
	EXPECT("slice_alpha_c0_offset_div2", -6);
	EXPECT("slice_beta_offset_div2", 6);

	sps.max_num_ref_frames = 4;
	sps.pic_order_cnt_type = 0;
	sps.log2_max_pic_order_cnt_lsb_minus4 = 2;
	h = (struct sl_h264_slice_header){
		.nal_ref_idc = 2,
		.slice_type = SL200_H264_SLICE_P,
		.frame_num = 255,
		.pic_order_cnt_lsb = 62,
		.num_ref_idx_l0_active = 3,
		.cabac_init_idc = 2,
		.slice_qp_delta = -26,
		.disable_deblocking_filter_idc = 1,
		.num_modifications = 2,
		.modification = {{0, 1}, {2, 0}},
	};
	trace_all(&sps, &pps, &h);
	EXPECT("nal_unit_type", 1);
	EXPECT("slice_type", 0);
	EXPECT("frame_num", 255);
	EXPECT("pic_order_cnt_lsb", 62);
	EXPECT("num_ref_idx_active_override_flag", 1);
	EXPECT("num_ref_idx_l0_active_minus1", 2);
	EXPECT("ref_pic_list_modification_flag_l0", 1);
	EXPECT("abs_diff_pic_num_minus1", 1);
	EXPECT("long_term_pic_num", 0);
	EXPECT("adaptive_ref_pic_marking_mode_flag", 0);
	EXPECT("cabac_init_idc", 2);
	EXPECT("slice_qp_delta", -26);
	EXPECT("disable_deblocking_filter_idc", 1);
	CU_ASSERT(!has("slice_alpha_c0_offset_div2"));

	h.nal_ref_idc = 0;
	h.slice_type = SL200_H264_SLICE_B;
	h.num_ref_idx_l0_active = 1;
	h.num_ref_idx_l1_active = 2;
	h.num_modifications = 0;
	h.direct_spatial_mv_pred_flag = 1;
	trace_all(&sps, &pps, &h);
	EXPECT("slice_type", 1);
	EXPECT("direct_spatial_mv_pred_flag", 1);
	EXPECT("num_ref_idx_l1_active_minus1", 1);
	EXPECT("ref_pic_list_modification_flag_l1", 0);
	CU_ASSERT(!has("adaptive_ref_pic_marking_mode_flag"));
}

static void test_invalid(void)
{
	struct sl_h264_sps good_sps = plain_sps();
	struct sl_h264_slice_header good = plain_idr();
	uint8_t nal[SL_H264_NAL_MAX];

#define BAD_SPS(field, wrong)                                                                      \
	do {                                                                                       \
		struct sl_h264_sps bad = good_sps;                                                 \
		bad.field = wrong;                                                                 \
		CU_ASSERT(sl_h264_write_sps(&bad, nal) == SL_ERR_INVALID);                         \
	} while (0)
	BAD_SPS(profile_idc, 88);
	BAD_SPS(constraint_set_flags, 1);
	BAD_SPS(seq_parameter_set_id, 32);
	BAD_SPS(log2_max_frame_num_minus4, 13);
	BAD_SPS(pic_order_cnt_type, 1);
	BAD_SPS(max_num_ref_frames, 17);
	BAD_SPS(pic_width_in_mbs, 0);
	good_sps.frame_cropping_flag = 1;
	BAD_SPS(frame_crop_right_offset, 640);
	BAD_SPS(frame_crop_bottom_offset, 65535);

#define BAD_SLICE(field, wrong)                                                                    \
	do {                                                                                       \
		struct sl_h264_slice_header bad = good;                                            \
		bad.field = wrong;                                                                 \
		CU_ASSERT(sl_h264_write_slice_header(&bad, &good_sps, &plain_pps, nal) ==          \
			  SL_ERR_INVALID);                                                         \
	} while (0)
	BAD_SLICE(first_mb_in_slice, 3600);
	BAD_SLICE(slice_type, 3);
	BAD_SLICE(slice_type, SL200_H264_SLICE_P);
	BAD_SLICE(nal_ref_idc, 0);
	BAD_SLICE(frame_num, 1);
	BAD_SLICE(slice_qp_delta, 26);
	BAD_SLICE(disable_deblocking_filter_idc, 1); /* without control in the PPS */
	BAD_SLICE(num_modifications, 1);
	good.idr = 0;
	good.slice_type = SL200_H264_SLICE_P;
	good.num_ref_idx_l0_active = 1;
	CU_ASSERT(sl_h264_write_slice_header(&good, &good_sps, &plain_pps, nal) > 0);
	BAD_SLICE(frame_num, 256);
	BAD_SLICE(num_ref_idx_l0_active, 0);
	BAD_SLICE(num_ref_idx_l0_active, 17);
	BAD_SLICE(cabac_init_idc, 3);
	BAD_SLICE(slice_type, SL200_H264_SLICE_B);
	good.num_modifications = 1;
	BAD_SLICE(modification[0].modification_of_pic_nums_idc, 3);
	CU_ASSERT(sl_h264_write_aud(8, nal) == SL_ERR_INVALID);
}

static void test_level(void)
{
	/* Values of Table A-1, by hand: QCIF at 15, CIF at 30, 720p, 1080p, 4K, 8K. */
	CU_ASSERT(sl_h264_level(66, 11, 9, 15, 1, 0, 0, 1) == 10);
	CU_ASSERT(sl_h264_level(66, 22, 18, 30, 1, 0, 0, 1) == 13);
	CU_ASSERT(sl_h264_level(77, 45, 36, 25, 1, 0, 0, 1) == 30);
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 0, 0, 1) == 31);
	CU_ASSERT(sl_h264_level(77, 80, 45, 60, 1, 0, 0, 1) == 32);
	CU_ASSERT(sl_h264_level(100, 120, 68, 30, 1, 0, 0, 4) == 40);
	CU_ASSERT(sl_h264_level(100, 120, 68, 60, 1, 0, 0, 4) == 42);
	CU_ASSERT(sl_h264_level(100, 120, 68, 60000, 1001, 0, 0, 4) == 42);
	CU_ASSERT(sl_h264_level(100, 240, 135, 30, 1, 0, 0, 1) == 51);
	CU_ASSERT(sl_h264_level(100, 240, 135, 60, 1, 0, 0, 1) == 52);
	CU_ASSERT(sl_h264_level(100, 480, 270, 60, 1, 0, 0, 1) == 61);
	CU_ASSERT(sl_h264_level(100, 512, 512, 30, 1, 0, 0, 1) == 0);
	/* References: 720p holds 5 at level 3.1. */
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 0, 0, 5) == 31);
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 0, 0, 6) == 40);
	/* Rates: 14 Mbit/s x 1.2 (NAL), and x 1.5 in the High profile. */
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 16800000, 0, 1) == 31);
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 16800001, 0, 1) == 32);
	CU_ASSERT(sl_h264_level(100, 80, 45, 30, 1, 21000000, 0, 1) == 31);
	CU_ASSERT(sl_h264_level(100, 80, 45, 30, 1, 21000001, 0, 1) == 32);
	CU_ASSERT(sl_h264_level(77, 80, 45, 30, 1, 1, 16800001, 1) == 32);
	/* Dimensions: sqrt(8 * 99) is 28. */
	CU_ASSERT(sl_h264_level(66, 28, 1, 15, 1, 0, 0, 1) == 10);
	CU_ASSERT(sl_h264_level(66, 29, 1, 15, 1, 0, 0, 1) == 11);
	CU_ASSERT(sl_h264_level(66, 0, 9, 15, 1, 0, 0, 1) == 0);
	CU_ASSERT(sl_h264_level(66, 11, 9, 15, 0, 0, 0, 1) == 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"SPS", test_sps},
		{"VUI", test_vui},
		{"HRD and its SEI messages", test_hrd},
		{"PPS", test_pps},
		{"slice header", test_slice},
		{"fields out of range", test_invalid},
		{"levels", test_level},
		CU_TEST_INFO_NULL,
	};

	return suite_run("H.264 headers", NULL, NULL, tests);
}
