/* SPDX-License-Identifier: MIT */
/*
 * The deblocking filter, H.264 8.7, for 8-bit 4:2:0 frames of frame macroblocks.
 */
#ifndef H264_DEBLOCK_H
#define H264_DEBLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "sim/model/venc/h264_mb.h"

/* Planes are whole macroblocks; chroma planes are separate (planar). */
struct h264_deblock_picture {
	const struct h264_mb *mbs; /* width_mbs * height_mbs, raster */
	const struct sl200_h264_slice *slices; /* indexed by h264_mb.slice */
	unsigned int width_mbs, height_mbs;
	int chroma_qp_index_offset[2];
	uint8_t *plane[3];
	ptrdiff_t stride[3];
};

/*
 * Filter macroblock row mb_y in place: vertical then horizontal edges of each macroblock in raster
 * order (8.7). Rows must be filtered in order; row mb_y must be fully reconstructed, and up to three
 * lines (luma; chroma one) of row mb_y - 1 are written.
 */
void h264_deblock_row(const struct h264_deblock_picture *pic, unsigned int mb_y);

#endif
