/* SPDX-License-Identifier: MIT */
/*
 * Reference pictures as the engine searches them: padded luma with its three half-sample planes,
 * padded chroma, and luma at a quarter of the size in each direction. Also motion compensation.
 */
#ifndef H264_REF_H
#define H264_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_mb.h"

#define H264_REF_PAD 64 /* luma samples around the picture; the outer 16 carry no half samples */
#define H264_REF_PAD_C 32
#define H264_REF_PAD_QUARTER 24
/* A 16x16 block, of whatever partition, may start at most this far outside the picture. */
#define H264_MV_OUTSIDE 24

struct h264_ref_picture {
	unsigned int width, height; /* luma, whole macroblocks */
	uint8_t *luma[4];	    /* sample (0, 0) of the full, b, h and j planes (8.4.2.2.1) */
	ptrdiff_t stride;
	uint8_t *chroma[2];
	ptrdiff_t stride_c;
	uint8_t *quarter;
	ptrdiff_t stride_quarter;
	uint8_t *memory;
	size_t memory_size;
};

/* Lay out for a size, keeping memory that is large enough. False when out of memory. */
bool h264_ref_setup(struct h264_ref_picture *ref, unsigned int width, unsigned int height);
void h264_ref_release(struct h264_ref_picture *ref);

/* Fill the padding left and right of MB row mb_y, and above or below at the picture's edges. */
void h264_ref_pad_row(struct h264_ref_picture *ref, unsigned int mb_y);
/* Half-sample planes and quarter-size luma of MB row mb_y; all rows have been padded. */
void h264_ref_derive_row(struct h264_ref_picture *ref, const struct h264_dsp *dsp,
			 unsigned int mb_y);

/*
 * Luma prediction of a block at sample (x, y) with mv in quarter samples. Returns a pointer to it
 * and its stride: into the planes where it lies there, else into tmp (local).
 */
const uint8_t *h264_mc_luma(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x,
			    int y, struct h264_mv mv, int w, int h, uint8_t *tmp,
			    ptrdiff_t *stride);
/* The same into dst (local), always. */
void h264_mc_luma_copy(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x, int y,
		       struct h264_mv mv, int w, int h, uint8_t *dst);
/* Chroma of the luma block: dst is the place in a local chroma block (Cb; Cr at + 8). */
void h264_mc_chroma(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x, int y,
		    struct h264_mv mv, int w, int h, uint8_t *dst);

#endif
