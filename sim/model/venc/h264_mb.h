/* SPDX-License-Identifier: MIT */
/*
 * What mode decision hands to entropy coding and deblocking: one coded macroblock.
 * Written by the reconstruction loop only; read by the stages behind it.
 *
 * Block numbering: "blk" is luma4x4BlkIdx (H.264 6.4.3, Z order inside 8x8 quadrants);
 * "raster" is 4 * y4 + x4. Motion and non-zero counts are raster, modes and levels are blk.
 */
#ifndef H264_MB_H
#define H264_MB_H

#include <stdint.h>

enum h264_mb_type {
	H264_MB_I4X4,
	H264_MB_I8X8, /* transform_size_8x8_flag = 1 */
	H264_MB_I16X16,
	H264_MB_I_PCM,
	H264_MB_P_SKIP,
	H264_MB_P16X16, /* P and B: prediction lists by ref_idx >= 0 */
	H264_MB_P16X8,
	H264_MB_P8X16,
	H264_MB_P8X8,
	H264_MB_B_SKIP,
	H264_MB_B_DIRECT16X16,
};

enum h264_sub_mb_type {
	H264_SUB_8X8,
	H264_SUB_8X4,
	H264_SUB_4X8,
	H264_SUB_4X4,
	H264_SUB_DIRECT,
};

static inline int h264_mb_is_intra(uint8_t t)
{
	return t <= H264_MB_I_PCM;
}

struct h264_mv {
	int16_t x, y; /* quarter samples */
};

/* Kept for the whole picture: neighbours and deblocking look at it. */
struct h264_mb {
	uint8_t type; /* enum h264_mb_type */
	uint8_t sub_type[4]; /* enum h264_sub_mb_type, for P8X8 */
	uint8_t transform_8x8;
	uint8_t intra16x16_mode; /* Table 8-4 */
	uint8_t intra_chroma_mode; /* Table 8-5 */
	uint8_t intra_mode[16]; /* Intra4x4PredMode by blk (I8X8: by 8x8, in the 4 entries of each) */
	uint8_t cbp_luma; /* bit per 8x8; for I16X16 0 or 15 */
	uint8_t cbp_chroma; /* 0 none, 1 DC, 2 DC and AC */
	uint8_t qp; /* QPY in force (for skip and for cbp 0: the predicted one, 7.4.5) */
	uint16_t slice; /* index of its slice: other slices are not available (6.4.8) */
	int8_t ref_idx[2][4]; /* per 8x8; -1: list not used */
	uint8_t ref_pic[2][4]; /* which picture that is (index into desc.refs), for deblocking; 0xff none */
	struct h264_mv mv[2][16]; /* raster */
	struct h264_mv mvd[2][16]; /* raster; filled by mode decision: mv minus predictor, 0 in skip */
	uint8_t nnz[24]; /* total_coeff: luma raster 0..15, Cb raster 16..19, Cr 20..23 (AC only where DC apart) */
};

/* Transform coefficient levels in scan order, after quantisation. Short-lived. */
struct h264_levels {
	int16_t luma_dc[16]; /* I16X16: Intra16x16DCLevel */
	int16_t luma[16][16]; /* by blk; I16X16: AC at [1..15], [0] = 0; transform_8x8: 64 per 8x8, contiguous */
	int16_t chroma_dc[2][4];
	int16_t chroma_ac[2][4][16]; /* AC at [1..15], [0] = 0 */
	uint8_t dc_nnz[3]; /* total_coeff of luma_dc, Cb dc, Cr dc */
	uint8_t pcm[384]; /* I_PCM samples */
};

#endif
