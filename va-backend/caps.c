/* SPDX-License-Identifier: MIT */
#include "va-backend/caps.h"

#include <stddef.h>

static const struct slva_format formats[] = {
	{VA_FOURCC_NV12, SL200_FORMAT_NV12, 2, {0, 1, 0}, true},
	{VA_FOURCC_I420, SL200_FORMAT_I420, 3, {0, 1, 2}, true},
	{VA_FOURCC_YV12, SL200_FORMAT_I420, 3, {0, 2, 1}, false},
	{VA_FOURCC_IYUV, SL200_FORMAT_I420, 3, {0, 1, 2}, true},
};

const struct slva_format *slva_format_at(unsigned int n)
{
	return n < sizeof(formats) / sizeof(formats[0]) ? &formats[n] : NULL;
}

const struct slva_format *slva_format_find(uint32_t fourcc)
{
	for (unsigned int n = 0; n < sizeof(formats) / sizeof(formats[0]); n++) {
		if (formats[n].fourcc == fourcc)
			return &formats[n];
	}
	return NULL;
}

bool slva_format_supported(const struct slva_caps *caps, const struct slva_format *format)
{
	return caps->h264.formats >> format->format & 1;
}

void slva_caps_init(struct slva_caps *caps, const struct sl200_caps *card)
{
	*caps = (struct slva_caps){0};
	for (uint32_t i = 0; i < card->num_enc && i < SL200_CAPS_MAX_ENC; i++) {
		if (card->enc[i].codec != SL200_CODEC_H264)
			continue;
		caps->h264 = card->enc[i];
		caps->profile[caps->num_profiles++] = VAProfileH264ConstrainedBaseline;
		if (caps->h264.flags & SL200_H264_F_CABAC)
			caps->profile[caps->num_profiles++] = VAProfileH264Main;
		/* High streams of common clients always have transform_8x8_mode_flag set. */
		if (caps->h264.flags & SL200_H264_F_CABAC &&
		    caps->h264.flags & SL200_H264_F_TRANSFORM_8X8)
			caps->profile[caps->num_profiles++] = VAProfileH264High;
		return;
	}
}

VAStatus slva_caps_check(const struct slva_caps *caps, VAProfile profile, VAEntrypoint entrypoint)
{
	for (int i = 0; i < caps->num_profiles; i++) {
		if (caps->profile[i] == profile)
			return entrypoint == VAEntrypointEncSlice
				       ? VA_STATUS_SUCCESS
				       : VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
	}
	return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}

uint32_t slva_caps_attrib(const struct slva_caps *caps, VAConfigAttribType type)
{
	const struct sl200_enc_caps *h264 = &caps->h264;

	switch (type) {
	case VAConfigAttribRTFormat:
		return VA_RT_FORMAT_YUV420;
	case VAConfigAttribRateControl:
		return VA_RC_CQP | VA_RC_CBR | VA_RC_VBR;
	case VAConfigAttribEncPackedHeaders:
		return VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_PICTURE |
		       VA_ENC_PACKED_HEADER_SLICE | VA_ENC_PACKED_HEADER_MISC |
		       VA_ENC_PACKED_HEADER_RAW_DATA;
	case VAConfigAttribEncInterlaced:
		return VA_ENC_INTERLACED_NONE;
	case VAConfigAttribEncMaxRefFrames:
		return h264->max_refs_l0 | (uint32_t)h264->max_refs_l1 << 16;
	case VAConfigAttribEncMaxSlices:
		return h264->max_slices;
	case VAConfigAttribEncSliceStructure:
		return VA_ENC_SLICE_STRUCTURE_ARBITRARY_ROWS |
		       VA_ENC_SLICE_STRUCTURE_ARBITRARY_MACROBLOCKS;
	case VAConfigAttribMaxPictureWidth:
		return h264->max_width;
	case VAConfigAttribMaxPictureHeight:
		return h264->max_height;
	case VAConfigAttribEncQualityRange:
		return h264->quality_levels;
	case VAConfigAttribEncROI: {
		VAConfigAttribValEncROI roi = {.bits.num_roi_regions = SLVA_MAX_ROI,
					       .bits.roi_rc_qp_delta_support = 1};

		return roi.value;
	}
	case VAConfigAttribPredictionDirection:
		return VA_PREDICTION_DIRECTION_PREVIOUS |
		       (h264->max_refs_l1 ? VA_PREDICTION_DIRECTION_FUTURE : 0);
	default:
		return VA_ATTRIB_NOT_SUPPORTED;
	}
}

VAStatus slva_caps_check_attrib(const struct slva_caps *caps, const VAConfigAttrib *attrib)
{
	uint32_t value = slva_caps_attrib(caps, attrib->type);

	if (value == VA_ATTRIB_NOT_SUPPORTED)
		return VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
	switch (attrib->type) {
	case VAConfigAttribRTFormat:
		return attrib->value & value ? VA_STATUS_SUCCESS
					     : VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
	case VAConfigAttribRateControl:
		return attrib->value && !(attrib->value & ~value) ? VA_STATUS_SUCCESS
								  : VA_STATUS_ERROR_INVALID_VALUE;
	case VAConfigAttribEncPackedHeaders:
		return attrib->value & ~value ? VA_STATUS_ERROR_INVALID_VALUE : VA_STATUS_SUCCESS;
	case VAConfigAttribEncMaxRefFrames:
		return (attrib->value & 0xffff) <= (value & 0xffff) &&
				       attrib->value >> 16 <= value >> 16
			       ? VA_STATUS_SUCCESS
			       : VA_STATUS_ERROR_INVALID_VALUE;
	case VAConfigAttribEncSliceStructure:
	case VAConfigAttribPredictionDirection:
		return attrib->value & ~value ? VA_STATUS_ERROR_INVALID_VALUE : VA_STATUS_SUCCESS;
	case VAConfigAttribMaxPictureWidth:
	case VAConfigAttribMaxPictureHeight:
	case VAConfigAttribEncMaxSlices:
	case VAConfigAttribEncQualityRange:
		return attrib->value <= value ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_VALUE;
	default: /* read-only ones */
		return attrib->value == value ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_VALUE;
	}
}
