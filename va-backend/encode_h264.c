/* SPDX-License-Identifier: MIT */
/* H.264 pictures: what the client's buffers say becomes a picture job of the card. */
#include <stdlib.h>
#include <string.h>

#include "va-backend/encode_h264.h"

static void free_state(void *data)
{
	struct slva_h264 *h264 = data;

	slva_nal_free(&h264->slice_headers);
	free(h264->slice);
}

static void begin(struct slva_encode *encode)
{
	struct slva_h264 *h264 = encode->state;

	h264->have_picture = false;
	h264->num_slices = 0;
	slva_nal_clear(&h264->slice_headers);
}

static VAStatus sequence(struct slva_encode *encode, const void *parameters)
{
	struct slva_h264 *h264 = encode->state;
	const struct sl200_enc_caps *caps = &encode->drv->caps.h264;
	VAEncSequenceParameterBufferH264 seq;

	memcpy(&seq, parameters, sizeof(seq));
	if (seq.seq_fields.bits.chroma_format_idc != 1 || seq.bit_depth_luma_minus8 ||
	    seq.bit_depth_chroma_minus8)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "only 8-bit 4:2:0 is encoded");
	if (!seq.seq_fields.bits.frame_mbs_only_flag)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "only progressive pictures are encoded");
	if (seq.seq_fields.bits.seq_scaling_matrix_present_flag)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "scaling matrices are not supported");
	if (!seq.picture_width_in_mbs || seq.picture_width_in_mbs * 16 > caps->max_width ||
	    !seq.picture_height_in_mbs || seq.picture_height_in_mbs * 16 > caps->max_height)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED,
				   "pictures of %ux%u macroblocks are not supported",
				   seq.picture_width_in_mbs, seq.picture_height_in_mbs);
	if (seq.seq_fields.bits.log2_max_frame_num_minus4 > 12 ||
	    seq.seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4 > 12 ||
	    seq.seq_fields.bits.pic_order_cnt_type > 2)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	h264->seq = seq;
	h264->have_sequence = true;
	return VA_STATUS_SUCCESS;
}

static VAStatus check_flags(struct slva_encode *encode, const VAEncPictureParameterBufferH264 *pic)
{
	VAProfile profile = encode->config->profile;

	if (pic->pic_fields.bits.weighted_pred_flag || pic->pic_fields.bits.weighted_bipred_idc)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "weighted prediction is not supported");
	if (pic->pic_fields.bits.pic_scaling_matrix_present_flag)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "scaling matrices are not supported");
	if (pic->pic_fields.bits.entropy_coding_mode_flag &&
	    profile == VAProfileH264ConstrainedBaseline)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "CABAC is not in Constrained Baseline profile");
	if (pic->pic_fields.bits.transform_8x8_mode_flag && profile != VAProfileH264High)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "transform_8x8_mode_flag is not below High profile");
	if (slva_h264_flags(pic) & ~(encode->drv->caps.h264.flags | SL200_H264_F_REFERENCE))
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "the card lacks a tool of pic_fields %#x",
				   pic->pic_fields.value);
	return VA_STATUS_SUCCESS;
}

static VAStatus picture(struct slva_encode *encode, const void *parameters)
{
	struct slva_h264 *h264 = encode->state;
	VAEncPictureParameterBufferH264 pic;

	memcpy(&pic, parameters, sizeof(pic));
	if (pic.pic_init_qp > 51 || pic.chroma_qp_index_offset < -12 ||
	    pic.chroma_qp_index_offset > 12 || pic.second_chroma_qp_index_offset < -12 ||
	    pic.second_chroma_qp_index_offset > 12)
		return VA_STATUS_ERROR_INVALID_PARAMETER;

	VAStatus status = check_flags(encode, &pic);

	if (status != VA_STATUS_SUCCESS)
		return status;
	h264->pic = pic;
	h264->have_picture = true;
	return VA_STATUS_SUCCESS;
}

static VAStatus slice(struct slva_encode *encode, const void *parameters)
{
	struct slva_h264 *h264 = encode->state;
	VAEncSliceParameterBufferH264 new;

	memcpy(&new, parameters, sizeof(new));
	if (h264->num_slices >= encode->drv->caps.h264.max_slices)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_MAX_NUM_EXCEEDED,
				   "more than %u slices", encode->drv->caps.h264.max_slices);
	if (new.slice_type > 9 || slva_h264_slice_type(&new) > SL200_H264_SLICE_I)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "slice_type %u is not supported", new.slice_type);
	if (slva_h264_slice_type(&new) == SL200_H264_SLICE_B && !encode->drv->caps.h264.max_refs_l1)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "this card encodes no B slices (VAConfigAttribEncMaxRefFrames)");
	if (new.macroblock_info != VA_INVALID_ID &&new.macroblock_info != 0)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "macroblock_info is not supported");
	if (h264->num_slices == h264->max_slices) {
		uint32_t max = h264->max_slices ? h264->max_slices * 2 : 4;
		void *grown = realloc(h264->slice, max * sizeof(*h264->slice));

		if (!grown)
			return VA_STATUS_ERROR_ALLOCATION_FAILED;
		h264->slice = grown;
		h264->max_slices = max;
	}
	h264->slice[h264->num_slices++] = new;
	return VA_STATUS_SUCCESS;
}

static bool is_slice_nal(const struct slva_nal *nal)
{
	return nal->type == SLVA_H264_NAL_SLICE || nal->type == SLVA_H264_NAL_IDR_SLICE;
}

/*
 * The n-th packed slice header belongs to the n-th slice. NAL units in front of it in the same
 * buffer, an access unit delimiter for example, stay with the picture's headers.
 */
static VAStatus packed(struct slva_encode *encode, uint32_t type, uint32_t first)
{
	struct slva_h264 *h264 = encode->state;
	struct slva_nal_list *headers = &encode->headers;
	struct slva_nal *last = &headers->nal[headers->num - 1];
	bool has_slice = type == VAEncPackedHeaderSlice;

	for (uint32_t i = first; i < headers->num; i++) {
		if (is_slice_nal(&headers->nal[i]) != (has_slice && &headers->nal[i] == last))
			return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
					   "a packed header of type %u has NAL unit type %u", type,
					   headers->nal[i].type);
	}
	if (h264->slice_headers.num && (!has_slice || headers->num - first > 1))
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "NAL units between slices are not supported");
	if (!has_slice)
		return VA_STATUS_SUCCESS;
	if (slva_nal_append(&h264->slice_headers, last->data, last->bits))
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	free(last->data);
	headers->num--;
	return VA_STATUS_SUCCESS;
}

struct slva_rate_request slva_h264_rate_request(const struct slva_encode *encode)
{
	const struct slva_h264 *h264 = encode->state;
	const VAEncSequenceParameterBufferH264 *seq = &h264->seq;
	struct slva_rate_request request = encode->request;

	if (!request.bits_per_second)
		request.bits_per_second = seq->bits_per_second;
	if (!request.fps_num && seq->time_scale && seq->num_units_in_tick &&
	    seq->num_units_in_tick <= UINT32_MAX / 2) {
		/* A frame is two ticks (H.264 E.2.1). */
		request.fps_num = seq->time_scale;
		request.fps_den = seq->num_units_in_tick * 2;
	}
	if (!request.fps_num) {
		request.fps_num = 30;
		request.fps_den = 1;
	}
	request.gop_size = seq->intra_idr_period;
	return request;
}

const struct slva_codec slva_codec_h264 = {
	.state_size = sizeof(struct slva_h264),
	.free_state = free_state,
	.begin = begin,
	.sequence = sequence,
	.picture = picture,
	.slice = slice,
	.sequence_size = sizeof(VAEncSequenceParameterBufferH264),
	.picture_size = sizeof(VAEncPictureParameterBufferH264),
	.slice_size = sizeof(VAEncSliceParameterBufferH264),
	.packed = packed,
	.encode = slva_h264_encode,
};
