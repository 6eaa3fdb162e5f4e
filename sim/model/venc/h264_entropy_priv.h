/* SPDX-License-Identifier: MIT */
/*
 * Shared by the slice data coder's parts: the slice in progress, the current macroblock's place in
 * it, and what is remembered of its neighbours.
 */
#ifndef H264_ENTROPY_PRIV_H
#define H264_ENTROPY_PRIV_H

#include "sim/model/venc/h264_bits.h"
#include "sim/model/venc/h264_cabac.h"
#include "sim/model/venc/h264_entropy.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The coding of one macroblock as its right and lower neighbours need it. */
struct h264_coded {
	uint8_t nnz[24];  /* CAVLC: total_coeff, I_PCM 16 (9.2.1); CABAC: coded_block_flag */
	uint8_t cbp;	  /* CodedBlockPatternLuma | CodedBlockPatternChroma << 4; I_PCM 0x2f */
	uint8_t dc_flags; /* coded_block_flag of DC: bit 0 Intra16x16DCLevel, 1 Cb, 2 Cr */
	uint8_t transform_8x8; /* transform_size_8x8_flag */
	uint8_t chroma_mode;   /* intra_chroma_pred_mode; 0 where it is not coded */
};

struct h264_entropy {
	const struct sl200_h264_enc *desc;
	const struct h264_mb *mbs;
	const struct sl200_h264_slice *slice;
	unsigned int max_width_mbs;
	bool cabac_mode;

	struct h264_nal nal;
	struct h264_bits bits;
	struct h264_cabac cabac;

	/* slice state */
	unsigned int mb_skip_run; /* CAVLC */
	bool mb_coded;		  /* a macroblock of this slice has been coded (CABAC) */
	bool qp_delta_coded; /* the previous macroblock's mb_qp_delta was not 0 (9.3.3.1.1.5) */
	uint8_t qp_pred;     /* QPY,PRED, 7.4.5 */

	/* the current macroblock; neighbours A and B are NULL where not available (6.4.8) */
	const struct h264_mb *mb, *mb_a, *mb_b;
	const struct h264_coded *coded_a, *coded_b;
	struct h264_coded *cur;
	struct h264_coded current;

	struct h264_coded row[]; /* per column: the last one coded */
};

/* luma4x4BlkIdx to raster (6.4.3) */
extern const uint8_t h264_blk_raster[16];

/* Set bit i where levels[i] is not zero, 16 levels. */
static inline uint32_t h264_level_mask(const int16_t *levels)
{
#ifdef __SSE2__
	const __m128i zero = _mm_setzero_si128();
	__m128i a = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)levels), zero);
	__m128i b = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(levels + 8)), zero);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b)) ^ 0xffff;
#else
	uint32_t mask = 0;

	for (unsigned int i = 0; i < 16; i++)
		mask |= (uint32_t)(levels[i] != 0) << i;
	return mask;
#endif
}

/* predIntra4x4PredMode or predIntra8x8PredMode (8.3.1.1, 8.3.2.1) at 4x4 block (x4, y4). */
uint8_t h264_pred_intra_mode(const struct h264_entropy *e, unsigned int x4, unsigned int y4);

/* Whether macroblock_layer() holds transform_size_8x8_flag (7.3.5). */
bool h264_codes_transform_flag(const struct h264_entropy *e);

/* mb_qp_delta of the current macroblock, -26..25; makes its QP the predictor of the next one. */
int h264_next_qp_delta(struct h264_entropy *e);

/* mb_type of Table 7-11 of an Intra macroblock. */
unsigned int h264_intra_mb_type(const struct h264_mb *mb);

/* mb_type of Table 7-14, B_L0_16x16 to B_8x8, and sub_mb_type of Table 7-18. */
unsigned int h264_b_mb_type(const struct h264_mb *mb);
unsigned int h264_b_sub_mb_type(const struct h264_mb *mb, unsigned int part);

/* Bit i: 8x8 quadrant i begins a macroblock partition of this Inter macroblock. */
unsigned int h264_partitions(const struct h264_mb *mb);

/* The partition that begins in quadrant part is predicted from list, with motion coded for it. */
bool h264_part_uses_list(const struct h264_mb *mb, unsigned int part, unsigned int list);

#endif
