/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_deblock_filter.h"

void h264_deblock_luma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma_c(pix, 1, stride, edge);
}

void h264_deblock_luma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma_c(pix, stride, 1, edge);
}

void h264_deblock_chroma_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma_c(pix, 1, stride, edge);
}

void h264_deblock_chroma_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma_c(pix, stride, 1, edge);
}

void h264_deblock_luma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma4_c(pix, 1, stride, edge);
}

void h264_deblock_luma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_luma4_c(pix, stride, 1, edge);
}

void h264_deblock_chroma4_v(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma4_c(pix, 1, stride, edge);
}

void h264_deblock_chroma4_h(uint8_t *pix, ptrdiff_t stride, const struct h264_edge *edge)
{
	h264_deblock_chroma4_c(pix, stride, 1, edge);
}
