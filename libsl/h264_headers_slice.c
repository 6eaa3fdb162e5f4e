// SPDX-License-Identifier: MIT
/* Slice headers and access unit delimiters. Ranges are those of H.264 7.4.3. */
#include "libsl/h264_bits.h"

static bool slice_valid(const struct sl_h264_slice_header *h, const struct sl_h264_sps *sps,
			const struct sl_h264_pps *pps)
{
	uint32_t mbs = (uint32_t)sps->pic_width_in_mbs * sps->pic_height_in_map_units;
	int qp = 26 + pps->pic_init_qp_minus26 + h->slice_qp_delta;

	if (h->nal_ref_idc > 3 || h->slice_type > SL200_H264_SLICE_I ||
	    h->first_mb_in_slice >= mbs || h->frame_num >> (sps->log2_max_frame_num_minus4 + 4) ||
	    h->cabac_init_idc > 2 || qp < 0 || qp > 51 || h->disable_deblocking_filter_idc > 2 ||
	    h->slice_alpha_c0_offset_div2 < -6 || h->slice_alpha_c0_offset_div2 > 6 ||
	    h->slice_beta_offset_div2 < -6 || h->slice_beta_offset_div2 > 6)
		return false;
	if (h->idr && (h->slice_type != SL200_H264_SLICE_I || h->frame_num || !h->nal_ref_idc))
		return false;
	if (sps->pic_order_cnt_type == 0 &&
	    h->pic_order_cnt_lsb >> (sps->log2_max_pic_order_cnt_lsb_minus4 + 4))
		return false;
	/* Without control in the PPS the filter runs with its defaults. */
	if (!pps->deblocking_filter_control_present_flag &&
	    (h->disable_deblocking_filter_idc || h->slice_alpha_c0_offset_div2 ||
	     h->slice_beta_offset_div2))
		return false;
	if (h->num_modifications > SL200_H264_MAX_REFS)
		return false;
	if (h->slice_type == SL200_H264_SLICE_I)
		return !h->num_modifications;
	if (!h->num_ref_idx_l0_active || h->num_ref_idx_l0_active > SL200_H264_MAX_REFS)
		return false;
	return h->slice_type != SL200_H264_SLICE_B ||
	       (h->num_ref_idx_l1_active && h->num_ref_idx_l1_active <= SL200_H264_MAX_REFS);
}

/* ref_pic_list_modification(), H.264 7.3.3.1 */
static int put_modifications(struct h264_bits *b, const struct sl_h264_slice_header *h)
{
	h264_put(b, 1, h->num_modifications != 0);
	if (h->num_modifications) {
		for (unsigned int i = 0; i < h->num_modifications; i++) {
			if (h->modification[i].modification_of_pic_nums_idc > 2)
				return SL_ERR_INVALID;
			h264_put_ue(b, h->modification[i].modification_of_pic_nums_idc);
			h264_put_ue(b, h->modification[i].value);
		}
		h264_put_ue(b, 3);
	}
	if (h->slice_type == SL200_H264_SLICE_B)
		h264_put(b, 1, 0); /* ref_pic_list_modification_flag_l1 */
	return 0;
}

static void put_ref_counts(struct h264_bits *b, const struct sl_h264_slice_header *h,
			   const struct sl_h264_pps *pps)
{
	bool b_slice = h->slice_type == SL200_H264_SLICE_B;
	bool override = h->num_ref_idx_l0_active != pps->num_ref_idx_l0_default_active_minus1 + 1 ||
			(b_slice &&
			 h->num_ref_idx_l1_active != pps->num_ref_idx_l1_default_active_minus1 + 1);

	h264_put(b, 1, override);
	if (!override)
		return;
	h264_put_ue(b, h->num_ref_idx_l0_active - 1u);
	if (b_slice)
		h264_put_ue(b, h->num_ref_idx_l1_active - 1u);
}

/* slice_header(), H.264 7.3.3 */
int sl_h264_write_slice_header(const struct sl_h264_slice_header *h, const struct sl_h264_sps *sps,
			       const struct sl_h264_pps *pps, uint8_t *data)
{
	struct h264_bits b;

	if (!slice_valid(h, sps, pps))
		return SL_ERR_INVALID;
	h264_put_nal_start(&b, data, h->nal_ref_idc, h->idr ? H264_NAL_IDR : H264_NAL_SLICE);
	h264_put_ue(&b, h->first_mb_in_slice);
	h264_put_ue(&b, h->slice_type);
	h264_put_ue(&b, pps->pic_parameter_set_id);
	h264_put(&b, sps->log2_max_frame_num_minus4 + 4u, h->frame_num);
	if (h->idr)
		h264_put_ue(&b, h->idr_pic_id);
	if (sps->pic_order_cnt_type == 0)
		h264_put(&b, sps->log2_max_pic_order_cnt_lsb_minus4 + 4u, h->pic_order_cnt_lsb);
	if (h->slice_type == SL200_H264_SLICE_B)
		h264_put(&b, 1, h->direct_spatial_mv_pred_flag != 0);
	if (h->slice_type != SL200_H264_SLICE_I) {
		put_ref_counts(&b, h, pps);
		if (put_modifications(&b, h))
			return SL_ERR_INVALID;
	}
	if (h->nal_ref_idc) { /* dec_ref_pic_marking(), H.264 7.3.3.3 */
		if (h->idr) {
			h264_put(&b, 1, 0); /* no_output_of_prior_pics_flag */
			h264_put(&b, 1, h->long_term_reference_flag != 0);
		} else {
			h264_put(&b, 1, 0); /* adaptive_ref_pic_marking_mode_flag */
		}
	}
	if (pps->entropy_coding_mode_flag && h->slice_type != SL200_H264_SLICE_I)
		h264_put_ue(&b, h->cabac_init_idc);
	h264_put_se(&b, h->slice_qp_delta);
	if (pps->deblocking_filter_control_present_flag) {
		h264_put_ue(&b, h->disable_deblocking_filter_idc);
		if (h->disable_deblocking_filter_idc != 1) {
			h264_put_se(&b, h->slice_alpha_c0_offset_div2);
			h264_put_se(&b, h->slice_beta_offset_div2);
		}
	}
	return h264_bits_end(&b);
}

/* access_unit_delimiter_rbsp(), H.264 7.3.2.4 */
int sl_h264_write_aud(uint8_t primary_pic_type, uint8_t *data)
{
	struct h264_bits b;

	if (primary_pic_type > 7)
		return SL_ERR_INVALID;
	h264_put_nal_start(&b, data, 0, H264_NAL_AUD);
	h264_put(&b, 3, primary_pic_type);
	return h264_put_trailing(&b);
}
