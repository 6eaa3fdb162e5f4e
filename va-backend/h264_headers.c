/* SPDX-License-Identifier: MIT */
/* Headers a client has left to the driver. */
#include "va-backend/encode_h264.h"

static VAStatus refuse(struct slva_encode *encode, const char *what, const char *why)
{
	return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
			   "%s must come as a packed header: %s", what, why);
}

static bool have_nal(const struct slva_nal_list *list, unsigned int type)
{
	for (uint32_t i = 0; i < list->num; i++) {
		if (list->nal[i].type == type)
			return true;
	}
	return false;
}

/* Lower comes first in an access unit. */
static int nal_rank(const struct slva_nal *nal)
{
	switch (nal->type) {
	case SLVA_H264_NAL_AUD:
		return 0;
	case SLVA_H264_NAL_SPS:
	case SLVA_H264_NAL_SPS_EXTENSION:
	case SLVA_H264_NAL_SUBSET_SPS:
		return 1;
	case SLVA_H264_NAL_PPS:
		return 2;
	default:
		return 3;
	}
}

/* Sort by rank, keeping the client's order otherwise: insertion, as there are a handful. */
static void sort_headers(struct slva_nal_list *list)
{
	for (uint32_t i = 1; i < list->num; i++) {
		struct slva_nal nal = list->nal[i];
		uint32_t at = i;

		for (; at && nal_rank(&list->nal[at - 1]) > nal_rank(&nal); at--)
			list->nal[at] = list->nal[at - 1];
		list->nal[at] = nal;
	}
}

static VAStatus append(struct slva_nal_list *list, const uint8_t *data, int bits)
{
	if (bits < 0)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	return slva_nal_append(list, data, (uint32_t)bits) ? VA_STATUS_ERROR_ALLOCATION_FAILED
							   : VA_STATUS_SUCCESS;
}

VAStatus slva_h264_headers(struct slva_encode *encode)
{
	struct slva_h264 *h264 = encode->state;
	bool idr = h264->pic.pic_fields.bits.idr_pic_flag;
	bool need_sps = idr && !have_nal(&encode->headers, SLVA_H264_NAL_SPS);
	bool need_pps = idr && !have_nal(&encode->headers, SLVA_H264_NAL_PPS);
	bool need_slices = h264->slice_headers.num == 0;
	uint8_t data[SL_H264_NAL_MAX];
	struct sl_h264_sps sps;
	struct sl_h264_pps pps;
	VAStatus status = VA_STATUS_SUCCESS;
	const char *why;

	if (!need_slices && h264->slice_headers.num != h264->num_slices)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "%u packed slice headers for %u slices", h264->slice_headers.num,
				   h264->num_slices);
	if (need_sps || need_pps || need_slices) {
		why = slva_h264_sps(&h264->seq, encode->config->profile, &sps);
		if (why)
			return refuse(encode, "sequence, picture and slice headers", why);
		why = slva_h264_pps(&h264->pic, &pps);
		if (why)
			return refuse(encode, "picture and slice headers", why);
	}
	if (need_sps && !sps.level_idc) {
		struct slva_rate_request request = slva_h264_rate_request(encode);

		sps.level_idc = sl_h264_level(sps.profile_idc, sps.pic_width_in_mbs,
					      sps.pic_height_in_map_units, request.fps_num,
					      request.fps_den, request.bits_per_second,
					      request.hrd_size, sps.max_num_ref_frames);
	}
	if (need_sps)
		status = append(&encode->headers, data, sl_h264_write_sps(&sps, data));
	if (need_pps && status == VA_STATUS_SUCCESS)
		status = append(&encode->headers, data, sl_h264_write_pps(&pps, &sps, data));
	for (uint32_t i = 0; need_slices && i < h264->num_slices && status == VA_STATUS_SUCCESS;
	     i++) {
		struct sl_h264_slice_header header;

		why = slva_h264_slice_header(&h264->seq, &h264->pic, &h264->slice[i], &header);
		if (why)
			return refuse(encode, "slice headers", why);
		status = append(&h264->slice_headers, data,
				sl_h264_write_slice_header(&header, &sps, &pps, data));
	}
	if (status == VA_STATUS_ERROR_INVALID_PARAMETER)
		return slva_refuse(encode->drv, status,
				   "sequence, picture or slice parameters are out of range");
	sort_headers(&encode->headers);
	return status;
}
