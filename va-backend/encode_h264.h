/* SPDX-License-Identifier: MIT */
#ifndef SLVA_ENCODE_H264_H
#define SLVA_ENCODE_H264_H

#include "va-backend/encode.h"
#include "va-backend/h264_syntax.h"

struct slva_h264 {
	/* Kept from the last IDR picture on. */
	bool have_sequence;
	VAEncSequenceParameterBufferH264 seq;
	/* Of the current picture. */
	bool have_picture;
	VAEncPictureParameterBufferH264 pic;
	uint32_t num_slices, max_slices;
	VAEncSliceParameterBufferH264 *slice;
	struct slva_nal_list slice_headers;
};

/* SL200_H264_F_* of a picture; SL200_H264_F_DIRECT_SPATIAL is a slice's. */
static inline uint16_t slva_h264_flags(const VAEncPictureParameterBufferH264 *pic)
{
	uint16_t flags = 0;

	if (pic->pic_fields.bits.entropy_coding_mode_flag)
		flags |= SL200_H264_F_CABAC;
	if (pic->pic_fields.bits.transform_8x8_mode_flag)
		flags |= SL200_H264_F_TRANSFORM_8X8;
	if (pic->pic_fields.bits.constrained_intra_pred_flag)
		flags |= SL200_H264_F_CONSTRAINED_INTRA;
	if (pic->pic_fields.bits.reference_pic_flag)
		flags |= SL200_H264_F_REFERENCE;
	return flags;
}

/* What the client has said about rates; the sequence parameters fill what other buffers left. */
struct slva_rate_request slva_h264_rate_request(const struct slva_encode *encode);

/* The current picture as a job; see struct slva_codec. */
VAStatus slva_h264_encode(struct slva_encode *encode, struct slva_surface *source);

/*
 * Complete encode->headers and the slice headers with those the client has left to the driver, in
 * the order of an access unit (H.264 7.4.1.2.3).
 */
VAStatus slva_h264_headers(struct slva_encode *encode);

#endif
