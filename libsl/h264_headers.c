// SPDX-License-Identifier: MIT
/* Sequence and picture parameter sets. Field ranges are those of H.264 7.4.2.1.1, 7.4.2.2, E.2.1.
 */
#include "libsl/h264_bits.h"

static bool is_high_profile(uint8_t profile_idc)
{
	return profile_idc == 100;
}

static bool sps_valid(const struct sl_h264_sps *s)
{
	return (s->profile_idc == 66 || s->profile_idc == 77 || s->profile_idc == 100) &&
	       !(s->constraint_set_flags & 3) && s->seq_parameter_set_id <= 31 &&
	       s->log2_max_frame_num_minus4 <= 12 &&
	       (s->pic_order_cnt_type == 0 || s->pic_order_cnt_type == 2) &&
	       s->log2_max_pic_order_cnt_lsb_minus4 <= 12 && s->max_num_ref_frames <= 16 &&
	       s->pic_width_in_mbs && s->pic_height_in_map_units &&
	       (!s->frame_cropping_flag ||
		(s->frame_crop_right_offset * 2u < s->pic_width_in_mbs * 16u &&
		 s->frame_crop_bottom_offset * 2u < s->pic_height_in_map_units * 16u));
}

/* hrd_parameters(), H.264 E.1.2: one CPB, rates in units of 64 bits/s, sizes of 16 bits. */
static void put_hrd(struct h264_bits *b, const struct sl_h264_sps *s)
{
	h264_put_ue(b, 0); /* cpb_cnt_minus1 */
	h264_put(b, 4, 0); /* bit_rate_scale */
	h264_put(b, 4, 0); /* cpb_size_scale */
	h264_put_ue(b, s->hrd_bit_rate / 64 - 1);
	h264_put_ue(b, s->hrd_cpb_size / 16 - 1);
	h264_put(b, 1, s->hrd_cbr_flag != 0);
	h264_put(b, 5, H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH - 1);
	h264_put(b, 5, H264_CPB_REMOVAL_DELAY_LENGTH - 1);
	h264_put(b, 5, H264_DPB_OUTPUT_DELAY_LENGTH - 1);
	h264_put(b, 5, 0); /* time_offset_length */
}

static bool vui_valid(const struct sl_h264_sps *s)
{
	bool timing = s->num_units_in_tick && s->time_scale;

	if (!s->sar_width != !s->sar_height || !s->num_units_in_tick != !s->time_scale)
		return false;
	/* Removal delays count clock ticks, so an HRD without a clock says nothing. */
	if (s->nal_hrd_parameters_present_flag &&
	    (!timing || s->hrd_bit_rate < 64 || s->hrd_cpb_size < 16))
		return false;
	return !s->bitstream_restriction_flag ||
	       (s->max_num_reorder_frames <= s->max_dec_frame_buffering &&
		s->max_dec_frame_buffering >= s->max_num_ref_frames &&
		s->max_dec_frame_buffering <= 16);
}

/* vui_parameters(), H.264 E.1.1 */
static void put_vui(struct h264_bits *b, const struct sl_h264_sps *s)
{
	bool colour = s->colour_primaries || s->transfer_characteristics || s->matrix_coefficients;
	bool timing = s->num_units_in_tick != 0;

	h264_put(b, 1, s->sar_width != 0);
	if (s->sar_width) {
		if (s->sar_width == s->sar_height) {
			h264_put(b, 8, 1);
		} else {
			h264_put(b, 8, 255); /* Extended_SAR */
			h264_put(b, 16, s->sar_width);
			h264_put(b, 16, s->sar_height);
		}
	}
	h264_put(b, 1, 0); /* overscan_info_present_flag */
	h264_put(b, 1, s->video_signal_type_present_flag != 0);
	if (s->video_signal_type_present_flag) {
		h264_put(b, 3, 5); /* video_format: unspecified */
		h264_put(b, 1, s->video_full_range_flag != 0);
		h264_put(b, 1, colour);
		if (colour) {
			/* 2 is "unspecified" in all three (Tables E-3 to E-5). */
			h264_put(b, 8, s->colour_primaries ? s->colour_primaries : 2);
			h264_put(b, 8,
				 s->transfer_characteristics ? s->transfer_characteristics : 2);
			h264_put(b, 8, s->matrix_coefficients ? s->matrix_coefficients : 2);
		}
	}
	h264_put(b, 1, 0); /* chroma_loc_info_present_flag */
	h264_put(b, 1, timing);
	if (timing) {
		h264_put(b, 32, s->num_units_in_tick);
		h264_put(b, 32, s->time_scale);
		h264_put(b, 1, s->fixed_frame_rate_flag != 0);
	}
	h264_put(b, 1, s->nal_hrd_parameters_present_flag != 0);
	if (s->nal_hrd_parameters_present_flag)
		put_hrd(b, s);
	h264_put(b, 1, 0); /* vcl_hrd_parameters_present_flag */
	if (s->nal_hrd_parameters_present_flag)
		h264_put(b, 1, 0); /* low_delay_hrd_flag */
	h264_put(b, 1, 0);	   /* pic_struct_present_flag */
	h264_put(b, 1, s->bitstream_restriction_flag != 0);
	if (s->bitstream_restriction_flag) {
		h264_put(b, 1, 1);  /* motion_vectors_over_pic_boundaries_flag */
		h264_put_ue(b, 0);  /* max_bytes_per_pic_denom: no limit */
		h264_put_ue(b, 0);  /* max_bits_per_mb_denom: no limit */
		h264_put_ue(b, 15); /* log2_max_mv_length_horizontal */
		h264_put_ue(b, 15); /* log2_max_mv_length_vertical */
		h264_put_ue(b, s->max_num_reorder_frames);
		h264_put_ue(b, s->max_dec_frame_buffering);
	}
}

/* seq_parameter_set_rbsp(), H.264 7.3.2.1 */
int sl_h264_write_sps(const struct sl_h264_sps *s, uint8_t *data)
{
	struct h264_bits b;

	if (!sps_valid(s) || (s->vui_parameters_present_flag && !vui_valid(s)))
		return SL_ERR_INVALID;
	h264_put_nal_start(&b, data, 3, H264_NAL_SPS);
	h264_put(&b, 8, s->profile_idc);
	h264_put(&b, 8, s->constraint_set_flags);
	h264_put(&b, 8, s->level_idc);
	h264_put_ue(&b, s->seq_parameter_set_id);
	if (is_high_profile(s->profile_idc)) {
		h264_put_ue(&b, 1); /* chroma_format_idc: 4:2:0 */
		h264_put_ue(&b, 0); /* bit_depth_luma_minus8 */
		h264_put_ue(&b, 0); /* bit_depth_chroma_minus8 */
		h264_put(&b, 1, 0); /* qpprime_y_zero_transform_bypass_flag */
		h264_put(&b, 1, 0); /* seq_scaling_matrix_present_flag */
	}
	h264_put_ue(&b, s->log2_max_frame_num_minus4);
	h264_put_ue(&b, s->pic_order_cnt_type);
	if (s->pic_order_cnt_type == 0)
		h264_put_ue(&b, s->log2_max_pic_order_cnt_lsb_minus4);
	h264_put_ue(&b, s->max_num_ref_frames);
	h264_put(&b, 1, 0); /* gaps_in_frame_num_value_allowed_flag */
	h264_put_ue(&b, s->pic_width_in_mbs - 1u);
	h264_put_ue(&b, s->pic_height_in_map_units - 1u);
	h264_put(&b, 1, 1); /* frame_mbs_only_flag */
	h264_put(&b, 1, s->direct_8x8_inference_flag != 0);
	h264_put(&b, 1, s->frame_cropping_flag != 0);
	if (s->frame_cropping_flag) {
		h264_put_ue(&b, 0);
		h264_put_ue(&b, s->frame_crop_right_offset);
		h264_put_ue(&b, 0);
		h264_put_ue(&b, s->frame_crop_bottom_offset);
	}
	h264_put(&b, 1, s->vui_parameters_present_flag != 0);
	if (s->vui_parameters_present_flag)
		put_vui(&b, s);
	return h264_put_trailing(&b);
}

static bool pps_valid(const struct sl_h264_pps *p)
{
	return p->seq_parameter_set_id <= 31 && p->num_ref_idx_l0_default_active_minus1 <= 31 &&
	       p->num_ref_idx_l1_default_active_minus1 <= 31 && p->pic_init_qp_minus26 >= -26 &&
	       p->pic_init_qp_minus26 <= 25 && p->chroma_qp_index_offset >= -12 &&
	       p->chroma_qp_index_offset <= 12 && p->second_chroma_qp_index_offset >= -12 &&
	       p->second_chroma_qp_index_offset <= 12;
}

/* pic_parameter_set_rbsp(), H.264 7.3.2.2 */
int sl_h264_write_pps(const struct sl_h264_pps *p, const struct sl_h264_sps *sps, uint8_t *data)
{
	bool high = is_high_profile(sps->profile_idc);
	struct h264_bits b;

	if (!pps_valid(p))
		return SL_ERR_INVALID;
	/* Below High the second offset is inferred equal and there is no 8x8 transform. */
	if (!high && (p->transform_8x8_mode_flag ||
		      p->second_chroma_qp_index_offset != p->chroma_qp_index_offset))
		return SL_ERR_INVALID;
	h264_put_nal_start(&b, data, 3, H264_NAL_PPS);
	h264_put_ue(&b, p->pic_parameter_set_id);
	h264_put_ue(&b, p->seq_parameter_set_id);
	h264_put(&b, 1, p->entropy_coding_mode_flag != 0);
	h264_put(&b, 1, 0); /* bottom_field_pic_order_in_frame_present_flag */
	h264_put_ue(&b, 0); /* num_slice_groups_minus1 */
	h264_put_ue(&b, p->num_ref_idx_l0_default_active_minus1);
	h264_put_ue(&b, p->num_ref_idx_l1_default_active_minus1);
	h264_put(&b, 1, 0); /* weighted_pred_flag */
	h264_put(&b, 2, 0); /* weighted_bipred_idc */
	h264_put_se(&b, p->pic_init_qp_minus26);
	h264_put_se(&b, 0); /* pic_init_qs_minus26 */
	h264_put_se(&b, p->chroma_qp_index_offset);
	h264_put(&b, 1, p->deblocking_filter_control_present_flag != 0);
	h264_put(&b, 1, p->constrained_intra_pred_flag != 0);
	h264_put(&b, 1, 0); /* redundant_pic_cnt_present_flag */
	if (high && (p->transform_8x8_mode_flag ||
		     p->second_chroma_qp_index_offset != p->chroma_qp_index_offset)) {
		h264_put(&b, 1, p->transform_8x8_mode_flag != 0);
		h264_put(&b, 1, 0); /* pic_scaling_matrix_present_flag */
		h264_put_se(&b, p->second_chroma_qp_index_offset);
	}
	return h264_put_trailing(&b);
}
