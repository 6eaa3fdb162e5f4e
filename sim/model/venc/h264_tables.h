/* SPDX-License-Identifier: MIT */
/*
 * Constant tables of H.264 that several stages of the encode engine share.
 *
 * Coefficients of a transform block are kept column by column: index = N * u + v, with u the
 * horizontal and v the vertical frequency. The scans below map a scan position to that index.
 */
#ifndef H264_TABLES_H
#define H264_TABLES_H

#include <stdint.h>

#define H264_QP_COUNT 52

/* luma4x4BlkIdx -> column and row of the block, in blocks (6.4.3) */
extern const uint8_t h264_blk_x[16];
extern const uint8_t h264_blk_y[16];
/* luma4x4BlkIdx -> 4 * row + column */
extern const uint8_t h264_blk_to_raster[16];

/* Zig-zag scans, Table 8-2 and 8-3 (frame), to column-wise indices */
extern const uint8_t h264_scan4x4[16];
extern const uint8_t h264_scan8x8[64];

/* normAdjust4x4 and 8x8 (8.5.9), by QP % 6 and column-wise index */
extern const uint8_t h264_dequant4x4[6][16];
extern const uint8_t h264_dequant8x8[6][64];
/* Forward quantiser multipliers: 2^15 (4x4) or 2^16 (8x8) over the step in transform units */
extern const int32_t h264_quant4x4[6][16];
extern const int32_t h264_quant8x8[6][64];

/* QPC as a function of qPI (Table 8-15), for qPI 0..51 */
extern const uint8_t h264_chroma_qp[H264_QP_COUNT];

/* Weight of a bit against SAD or SATD, 1/16 units: round(16 * 2^((QP - 12) / 6)) */
extern const uint16_t h264_lambda_sad[H264_QP_COUNT];
/* Weight of a bit against SSD, 1/256 units: see docs/h264-encoder.md */
extern const uint32_t h264_lambda_ssd[H264_QP_COUNT];

static inline int h264_clip(int v, int lo, int hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static inline uint8_t h264_clip_pixel(int v)
{
	return (uint8_t)h264_clip(v, 0, 255);
}

/* QPC of a luma QP under chroma_qp_index_offset (8.5.8). */
static inline int h264_qp_c(int qp_y, int offset)
{
	return h264_chroma_qp[h264_clip(qp_y + offset, 0, H264_QP_COUNT - 1)];
}

#endif
