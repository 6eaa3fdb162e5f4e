/* SPDX-License-Identifier: MIT */
/*
 * The sample filters of H.264 8.7.2.3 and 8.7.2.4 along one edge of a macroblock: 16 luma or 8
 * chroma samples. "v" filters across a vertical edge (samples p left of pix), "h" across a
 * horizontal one (p above). All are pure functions of their arguments.
 */
#ifndef H264_DEBLOCK_FILTER_H
#define H264_DEBLOCK_FILTER_H

#include <stddef.h>
#include <stdint.h>

struct h264_edge {
	int alpha, beta; /* 1..255, 1..18 */
	/* tC0 of each quarter of the edge, -1: bS 0; not used where bS is 4 */
	int8_t tc0[4];
};

/* bS 1..3 */
typedef void h264_deblock_fn(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge);

/* The plain C reference: one filter for any direction. across: step from p0 to q0. */
void h264_deblock_luma_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			 const struct h264_edge *edge);
void h264_deblock_luma4_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			  const struct h264_edge *edge);
void h264_deblock_chroma_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			   const struct h264_edge *edge);
void h264_deblock_chroma4_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			    const struct h264_edge *edge);

/* What the engine uses: SSE2 where the compiler has it, else the C reference. */
h264_deblock_fn h264_deblock_luma_v, h264_deblock_luma_h;
h264_deblock_fn h264_deblock_chroma_v, h264_deblock_chroma_h;
/* bS 4 */
h264_deblock_fn h264_deblock_luma4_v, h264_deblock_luma4_h;
h264_deblock_fn h264_deblock_chroma4_v, h264_deblock_chroma4_h;

#endif
