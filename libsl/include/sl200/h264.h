/* SPDX-License-Identifier: MIT */
/*
 * H.264 picture jobs and the headers in front of them. Names are those of the standard.
 */
#ifndef SL_H264_H
#define SL_H264_H

#include "sl200/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One NAL unit as RBSP bits behind a start code and NAL unit header, no emulation prevention. */
struct sl_h264_nal {
	const uint8_t *data;
	uint32_t bits;
};

struct sl_h264_slice_job {
	/* slice.header is filled in by the submission from nal; the other fields by the caller. */
	struct sl200_h264_slice slice;
	struct sl_h264_nal nal; /* start code, NAL unit header, slice_header() */
};

/* One picture to encode. Everything is copied at submission except the surfaces' contents. */
struct sl_h264_picture {
	const struct sl_surface *source;
	const struct sl_surface *recon;
	struct {
		const struct sl_surface *surface;
		int32_t poc;
		int long_term;
	} ref[SL200_H264_MAX_REFS];
	uint32_t num_refs;
	uint16_t width_mbs, height_mbs; /* coded size; source and recon are at least as large */
	uint16_t width, height; /* samples of the source that are read, even; 0: all */
	uint16_t flags; /* SL200_H264_F_* */
	int8_t chroma_qp_index_offset, second_chroma_qp_index_offset;
	int32_t poc;
	uint8_t quality; /* 1 best .. caps; 0: the default */
	uint8_t qp, qp_min, qp_max;
	const struct sl_buffer *qp_map; /* int8 offsets, one per macroblock; NULL: none */
	uint32_t qp_map_offset, qp_map_pitch;
	const struct sl_buffer *stats; /* struct sl200_mb_stats per macroblock; NULL: none */
	const struct sl_buffer *bitstream;
	uint32_t bitstream_offset, bitstream_size;
	/* NAL units before the slices, SL200_H264_MAX_HEADERS at most */
	const struct sl_h264_nal *headers;
	uint32_t num_headers;
	const struct sl_h264_slice_job *slices;
	uint32_t num_slices;
};

/* Default quality of a device when sl_h264_picture.quality or an encoder's is 0. */
SL_API uint32_t sl_h264_default_quality(const struct sl_device *device);

/* Sequence parameter set fields that this stack writes (H.264 7.3.2.1.1, E.1.1). */
struct sl_h264_sps {
	uint8_t profile_idc;
	/* bit 7 is constraint_set0_flag .. bit 2 is constraint_set5_flag */
	uint8_t constraint_set_flags;
	uint8_t level_idc;
	uint8_t seq_parameter_set_id;
	uint8_t log2_max_frame_num_minus4;
	uint8_t pic_order_cnt_type; /* 0 or 2 */
	uint8_t log2_max_pic_order_cnt_lsb_minus4;
	uint8_t max_num_ref_frames;
	uint16_t pic_width_in_mbs, pic_height_in_map_units;
	uint8_t direct_8x8_inference_flag;
	uint8_t frame_cropping_flag;
	uint16_t frame_crop_right_offset, frame_crop_bottom_offset; /* units of 2 samples */
	uint8_t vui_parameters_present_flag;
	uint16_t sar_width, sar_height; /* 0: unspecified */
	uint8_t video_signal_type_present_flag;
	uint8_t video_full_range_flag, colour_primaries, transfer_characteristics,
		matrix_coefficients;
	uint32_t num_units_in_tick, time_scale; /* 0: no timing_info */
	uint8_t fixed_frame_rate_flag;
	uint8_t nal_hrd_parameters_present_flag; /* one CPB */
	uint32_t hrd_bit_rate, hrd_cpb_size; /* bits a second, bits; rounded as coded */
	uint8_t hrd_cbr_flag;
	uint8_t bitstream_restriction_flag;
	uint8_t max_num_reorder_frames, max_dec_frame_buffering;
};

struct sl_h264_pps {
	uint8_t pic_parameter_set_id, seq_parameter_set_id;
	uint8_t entropy_coding_mode_flag;
	uint8_t num_ref_idx_l0_default_active_minus1, num_ref_idx_l1_default_active_minus1;
	int8_t pic_init_qp_minus26;
	int8_t chroma_qp_index_offset, second_chroma_qp_index_offset;
	uint8_t deblocking_filter_control_present_flag;
	uint8_t constrained_intra_pred_flag;
	uint8_t transform_8x8_mode_flag;
};

struct sl_h264_slice_header {
	uint8_t nal_ref_idc;
	uint8_t idr; /* nal_unit_type 5 */
	uint32_t first_mb_in_slice;
	uint8_t slice_type; /* enum sl200_h264_slice_type */
	uint32_t frame_num;
	uint16_t idr_pic_id;
	uint32_t pic_order_cnt_lsb;
	uint8_t num_ref_idx_l0_active, num_ref_idx_l1_active;
	uint8_t direct_spatial_mv_pred_flag;
	uint8_t cabac_init_idc;
	int8_t slice_qp_delta;
	uint8_t disable_deblocking_filter_idc;
	int8_t slice_alpha_c0_offset_div2, slice_beta_offset_div2;
	uint8_t long_term_reference_flag; /* IDR: no_output_of_prior_pics_flag is 0 */
	/* ref_pic_list_modification() of list 0 in coded order, num_modifications entries */
	uint8_t num_modifications;
	struct {
		uint8_t modification_of_pic_nums_idc;
		uint32_t value;
	} modification[SL200_H264_MAX_REFS];
};

#define SL_H264_NAL_MAX 1024 /* bytes enough for any of the headers below */

/*
 * Write a NAL unit (4-byte start code, NAL unit header, RBSP without emulation prevention, with
 * trailing bits except for the slice header) into data[SL_H264_NAL_MAX]. Returns its length in
 * bits, or SL_ERR_INVALID when a field is out of the standard's range. Pure functions.
 */
SL_API int sl_h264_write_sps(const struct sl_h264_sps *sps, uint8_t *data);
SL_API int sl_h264_write_pps(const struct sl_h264_pps *pps, const struct sl_h264_sps *sps,
			     uint8_t *data);
SL_API int sl_h264_write_slice_header(const struct sl_h264_slice_header *header,
				      const struct sl_h264_sps *sps, const struct sl_h264_pps *pps,
				      uint8_t *data);
SL_API int sl_h264_write_aud(uint8_t primary_pic_type, uint8_t *data);
/*
 * SEI messages of a stream with nal_hrd_parameters_present_flag (D.1.2, D.1.3): a buffering period
 * with each IDR picture, a picture timing with every picture. Initial delays are in units of
 * 1/90000 s, below 2^24; cpb_removal_delay in clock ticks (two a frame) since the last picture with
 * a buffering period, dpb_output_delay in clock ticks, below 2^24.
 */
SL_API int sl_h264_write_sei_buffering_period(const struct sl_h264_sps *sps,
					      uint32_t initial_cpb_removal_delay,
					      uint32_t initial_cpb_removal_delay_offset,
					      uint8_t *data);
SL_API int sl_h264_write_sei_pic_timing(const struct sl_h264_sps *sps, uint32_t cpb_removal_delay,
					uint32_t dpb_output_delay, uint8_t *data);

/*
 * Lowest level (Table A-1) for a stream, or 0 when none fits. Sizes in macroblocks, frame rate
 * num/den, bit_rate in bits a second and cpb_size in bits (0: not known, no limit from it).
 */
SL_API uint8_t sl_h264_level(uint8_t profile_idc, uint32_t width_mbs, uint32_t height_mbs,
			     uint32_t fps_num, uint32_t fps_den, uint64_t bit_rate,
			     uint64_t cpb_size, uint32_t num_ref_frames);

#ifdef __cplusplus
}
#endif
#endif
