/* SPDX-License-Identifier: MIT */
/*
 * Slice data coding, H.264 7.3.4 and 7.3.5, CAVLC (9.2) and CABAC (9.3), with emulation prevention
 * and bitstream assembly. It follows mode decision in macroblock order and feeds nothing back.
 */
#ifndef H264_ENTROPY_H
#define H264_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "sim/model/venc/h264_mb.h"

struct h264_entropy;

/* max_width_mbs: the widest picture this coder will see. NULL when out of memory. */
struct h264_entropy *h264_entropy_create(unsigned int max_width_mbs);
void h264_entropy_destroy(struct h264_entropy *e);

/*
 * Start a picture. Output goes to out[0..size); nothing is written past it: after an overflow
 * coding goes on without storing and h264_entropy_finish() says so.
 * mbs is the picture's macroblock array (width_mbs * height_mbs, raster).
 */
void h264_entropy_begin(struct h264_entropy *e, const struct sl200_h264_enc *desc,
			const struct h264_mb *mbs, uint8_t *out, size_t size);

/* Copy a NAL unit given as packed bits (start code first), with emulation prevention (7.4.1). */
void h264_entropy_header(struct h264_entropy *e, const uint8_t *rbsp, uint32_t bits);

/* Start a slice behind the packed slice header, then code its macroblocks in order, then end it. */
void h264_entropy_slice_begin(struct h264_entropy *e, const struct sl200_h264_slice *slice,
			      const uint8_t *header, uint32_t header_bits);
/*
 * Returns the macroblock's bits (CABAC: an estimate from range coder state is fine, saturated).
 * levels may be NULL for skip. mb_qp_delta is derived from mb->qp here.
 *
 * Levels are read only where cbp (and nnz, dc_nnz) say that there are any. With CABAC a set bit of
 * cbp_luma promises a coefficient in an 8x8 transform block. Below High profile CAVLC levels must
 * stay within H264_CAVLC_LEVEL_MAX (h264_cavlc.h). Direct prediction is taken to be that of
 * direct_8x8_inference_flag 1.
 */
uint32_t h264_entropy_mb(struct h264_entropy *e, unsigned int mb_addr,
			 const struct h264_levels *levels);
void h264_entropy_slice_end(struct h264_entropy *e);

/* Total bytes of the picture; false: it did not fit (bytes: how many were stored). */
bool h264_entropy_finish(struct h264_entropy *e, size_t *bytes);

#endif
