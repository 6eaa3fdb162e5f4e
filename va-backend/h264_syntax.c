/* SPDX-License-Identifier: MIT */
#include "va-backend/h264_syntax.h"

/* H.264 Table E-1: sample aspect ratios of aspect_ratio_idc 1 to 16. */
static const uint16_t aspect_ratio[17][2] = {
	{0, 0},	  {1, 1},   {12, 11}, {10, 11}, {16, 11},  {40, 33}, {24, 11}, {20, 11}, {32, 11},
	{80, 33}, {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1},
};
#define EXTENDED_SAR 255

static void set_vui(const VAEncSequenceParameterBufferH264 *seq, struct sl_h264_sps *sps)
{
	sps->vui_parameters_present_flag = 1;
	if (seq->vui_fields.bits.aspect_ratio_info_present_flag) {
		if (seq->aspect_ratio_idc == EXTENDED_SAR) {
			sps->sar_width = (uint16_t)seq->sar_width;
			sps->sar_height = (uint16_t)seq->sar_height;
		} else if (seq->aspect_ratio_idc < 17) {
			sps->sar_width = aspect_ratio[seq->aspect_ratio_idc][0];
			sps->sar_height = aspect_ratio[seq->aspect_ratio_idc][1];
		}
	}
	if (seq->vui_fields.bits.timing_info_present_flag) {
		sps->num_units_in_tick = seq->num_units_in_tick;
		sps->time_scale = seq->time_scale;
		sps->fixed_frame_rate_flag = seq->vui_fields.bits.fixed_frame_rate_flag;
	}
	if (seq->vui_fields.bits.bitstream_restriction_flag) {
		sps->bitstream_restriction_flag = 1;
		/* Without B pictures output order is coding order. */
		sps->max_num_reorder_frames = 0;
		sps->max_dec_frame_buffering = sps->max_num_ref_frames;
	}
}

const char *slva_h264_sps(const VAEncSequenceParameterBufferH264 *seq, VAProfile profile,
			  struct sl_h264_sps *sps)
{
	*sps = (struct sl_h264_sps){
		.profile_idc = 100,
		.level_idc = seq->level_idc,
		.seq_parameter_set_id = seq->seq_parameter_set_id,
		.log2_max_frame_num_minus4 = seq->seq_fields.bits.log2_max_frame_num_minus4,
		.pic_order_cnt_type = seq->seq_fields.bits.pic_order_cnt_type,
		.log2_max_pic_order_cnt_lsb_minus4 =
			seq->seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4,
		.max_num_ref_frames = (uint8_t)seq->max_num_ref_frames,
		.pic_width_in_mbs = seq->picture_width_in_mbs,
		.pic_height_in_map_units = seq->picture_height_in_mbs,
		.direct_8x8_inference_flag = seq->seq_fields.bits.direct_8x8_inference_flag,
		.frame_cropping_flag = seq->frame_cropping_flag,
	};
	if (profile == VAProfileH264ConstrainedBaseline) {
		sps->profile_idc = 66;
		sps->constraint_set_flags = 0xc0; /* constraint_set0_flag, constraint_set1_flag */
	} else if (profile == VAProfileH264Main) {
		sps->profile_idc = 77;
		sps->constraint_set_flags = 0x40; /* constraint_set1_flag */
	}
	if (seq->max_num_ref_frames > 16)
		return "max_num_ref_frames above 16";
	if (sps->pic_order_cnt_type == 1)
		return "pic_order_cnt_type 1";
	if (seq->frame_cropping_flag) {
		if (seq->frame_crop_left_offset || seq->frame_crop_top_offset)
			return "cropping at the left or top";
		sps->frame_crop_right_offset = (uint16_t)seq->frame_crop_right_offset;
		sps->frame_crop_bottom_offset = (uint16_t)seq->frame_crop_bottom_offset;
	}
	if (seq->vui_parameters_present_flag)
		set_vui(seq, sps);
	return NULL;
}

const char *slva_h264_pps(const VAEncPictureParameterBufferH264 *pic, struct sl_h264_pps *pps)
{
	*pps = (struct sl_h264_pps){
		.pic_parameter_set_id = pic->pic_parameter_set_id,
		.seq_parameter_set_id = pic->seq_parameter_set_id,
		.entropy_coding_mode_flag = pic->pic_fields.bits.entropy_coding_mode_flag,
		.num_ref_idx_l0_default_active_minus1 = pic->num_ref_idx_l0_active_minus1,
		.num_ref_idx_l1_default_active_minus1 = pic->num_ref_idx_l1_active_minus1,
		.pic_init_qp_minus26 = (int8_t)(pic->pic_init_qp - 26),
		.chroma_qp_index_offset = pic->chroma_qp_index_offset,
		.second_chroma_qp_index_offset = pic->second_chroma_qp_index_offset,
		.deblocking_filter_control_present_flag =
			pic->pic_fields.bits.deblocking_filter_control_present_flag,
		.constrained_intra_pred_flag = pic->pic_fields.bits.constrained_intra_pred_flag,
		.transform_8x8_mode_flag = pic->pic_fields.bits.transform_8x8_mode_flag,
	};
	if (pic->pic_fields.bits.pic_order_present_flag)
		return "bottom_field_pic_order_in_frame_present_flag";
	if (pic->pic_fields.bits.redundant_pic_cnt_present_flag)
		return "redundant_pic_cnt_present_flag";
	return NULL;
}

unsigned int slva_h264_num_ref_idx(const VAEncPictureParameterBufferH264 *pic,
				   const VAEncSliceParameterBufferH264 *slice, int list)
{
	unsigned int type = slva_h264_slice_type(slice);

	if (type == SL200_H264_SLICE_I || (list == 1 && type != SL200_H264_SLICE_B))
		return 0;
	if (slice->num_ref_idx_active_override_flag)
		return 1u + (list ? slice->num_ref_idx_l1_active_minus1
				  : slice->num_ref_idx_l0_active_minus1);
	return 1u + (list ? pic->num_ref_idx_l1_active_minus1 : pic->num_ref_idx_l0_active_minus1);
}

/* What orders a P slice's initial list, H.264 8.2.4.2.1: descending for short-term pictures. */
static int64_t list_order(const VAPictureH264 *pic, uint32_t frame_num, uint32_t max_frame_num)
{
	if (pic->flags & VA_PICTURE_H264_LONG_TERM_REFERENCE)
		return -(int64_t)UINT32_MAX - pic->frame_idx;
	/* FrameNumWrap, H.264 8.2.4.1 */
	return pic->frame_idx > frame_num ? (int64_t)pic->frame_idx - max_frame_num
					  : (int64_t)pic->frame_idx;
}

/* Does the initial list begin with the first num entries of the slice's list? */
static bool is_initial_list(const VAEncPictureParameterBufferH264 *pic, const VAPictureH264 *list,
			    unsigned int num, uint32_t max_frame_num)
{
	const VAPictureH264 *sorted[16];
	unsigned int count = 0;

	for (unsigned int i = 0; i < 16; i++) {
		const VAPictureH264 *ref = &pic->ReferenceFrames[i];
		unsigned int at = count;

		if (!slva_h264_is_picture(ref))
			continue;
		for (; at && list_order(sorted[at - 1], pic->frame_num, max_frame_num) <
				     list_order(ref, pic->frame_num, max_frame_num);
		     at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = ref;
		count++;
	}
	for (unsigned int i = 0; i < num; i++) {
		if (i >= count || sorted[i]->picture_id != list[i].picture_id)
			return false;
	}
	return true;
}

/*
 * ref_pic_list_modification() that leads to the slice's list (H.264 8.2.4.3). Differences of
 * picture numbers are taken modulo MaxPicNum, where "subtract" reaches every picture.
 */
static void set_modifications(const VAEncPictureParameterBufferH264 *pic, const VAPictureH264 *list,
			      uint32_t max_frame_num, struct sl_h264_slice_header *header)
{
	uint32_t pred = pic->frame_num;

	if (is_initial_list(pic, list, header->num_ref_idx_l0_active, max_frame_num))
		return;
	for (unsigned int i = 0; i < header->num_ref_idx_l0_active; i++) {
		if (list[i].flags & VA_PICTURE_H264_LONG_TERM_REFERENCE) {
			header->modification[i].modification_of_pic_nums_idc = 2;
			header->modification[i].value = list[i].frame_idx;
			continue;
		}

		uint32_t difference = (pred - list[i].frame_idx) & (max_frame_num - 1);

		if (!difference)
			difference = max_frame_num;
		header->modification[i].modification_of_pic_nums_idc = 0;
		header->modification[i].value = difference - 1;
		pred = (pred - difference) & (max_frame_num - 1);
	}
	header->num_modifications = header->num_ref_idx_l0_active;
}

const char *slva_h264_slice_header(const VAEncSequenceParameterBufferH264 *seq,
				   const VAEncPictureParameterBufferH264 *pic,
				   const VAEncSliceParameterBufferH264 *slice,
				   struct sl_h264_slice_header *header)
{
	unsigned int num_l0 = slva_h264_num_ref_idx(pic, slice, 0);
	unsigned int num_l1 = slva_h264_num_ref_idx(pic, slice, 1);

	*header = (struct sl_h264_slice_header){
		.nal_ref_idc = pic->pic_fields.bits.reference_pic_flag,
		.idr = pic->pic_fields.bits.idr_pic_flag,
		.first_mb_in_slice = slice->macroblock_address,
		.slice_type = (uint8_t)slva_h264_slice_type(slice),
		.frame_num = pic->frame_num,
		.idr_pic_id = slice->idr_pic_id,
		.pic_order_cnt_lsb = slice->pic_order_cnt_lsb,
		.num_ref_idx_l0_active = (uint8_t)num_l0,
		.num_ref_idx_l1_active = (uint8_t)num_l1,
		.direct_spatial_mv_pred_flag = slice->direct_spatial_mv_pred_flag,
		.cabac_init_idc = slice->cabac_init_idc,
		.slice_qp_delta = slice->slice_qp_delta,
		.disable_deblocking_filter_idc = slice->disable_deblocking_filter_idc,
		.slice_alpha_c0_offset_div2 = slice->slice_alpha_c0_offset_div2,
		.slice_beta_offset_div2 = slice->slice_beta_offset_div2,
	};
	if (num_l0 > SL200_H264_MAX_REFS)
		return "more than 16 reference pictures";
	if (num_l1)
		return "B slices";
	if (num_l0)
		set_modifications(pic, slice->RefPicList0,
				  1u << (seq->seq_fields.bits.log2_max_frame_num_minus4 + 4),
				  header);
	return NULL;
}
