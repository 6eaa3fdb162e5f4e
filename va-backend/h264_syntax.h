/* SPDX-License-Identifier: MIT */
/*
 * VA-API's H.264 parameters as the syntax structures libsl writes headers from, for clients that
 * leave headers to the driver. Pure functions.
 */
#ifndef SLVA_H264_SYNTAX_H
#define SLVA_H264_SYNTAX_H

#include <stdbool.h>

#include <va/va.h>
#include <va/va_enc_h264.h>

#include "sl200/h264.h"

/*
 * Each returns NULL, or what the structure has that these headers cannot say: a text such as
 * "pic_order_cnt_type 1".
 */
const char *slva_h264_sps(const VAEncSequenceParameterBufferH264 *seq, VAProfile profile,
			  struct sl_h264_sps *sps);
const char *slva_h264_pps(const VAEncPictureParameterBufferH264 *pic, struct sl_h264_pps *pps);
const char *slva_h264_slice_header(const VAEncSequenceParameterBufferH264 *seq,
				   const VAEncPictureParameterBufferH264 *pic,
				   const VAEncSliceParameterBufferH264 *slice,
				   struct sl_h264_slice_header *header);

/* Does a picture structure name a picture? */
static inline bool slva_h264_is_picture(const VAPictureH264 *pic)
{
	return pic->picture_id != VA_INVALID_SURFACE && !(pic->flags & VA_PICTURE_H264_INVALID);
}

/* enum sl200_h264_slice_type of a slice_type 0..9 */
static inline unsigned int slva_h264_slice_type(const VAEncSliceParameterBufferH264 *slice)
{
	return slice->slice_type % 5u;
}

/* num_ref_idx_l0_active_minus1 + 1 and the same of list 1, as they hold for a slice. */
unsigned int slva_h264_num_ref_idx(const VAEncPictureParameterBufferH264 *pic,
				   const VAEncSliceParameterBufferH264 *slice, int list);

#endif
