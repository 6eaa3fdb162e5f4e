/* SPDX-License-Identifier: MIT */
/*
 * What happens to a macroblock row on its way through the engine. Callers keep the order:
 * analysis of rows starts in order; finishing and entropy coding go row by row.
 */
#ifndef H264_ROWS_H
#define H264_ROWS_H

#include "sim/model/venc/h264_deblock.h"
#include "sim/model/venc/h264_macroblock.h"
#include "sim/model/venc/h264_picture.h"

/* Sums over the finished rows. */
struct h264_totals {
	uint64_t sse[3];
	uint64_t sum_qp;
	uint32_t intra_mbs, skip_mbs;
	uint64_t bytes_read, bytes_written;
	uint32_t header_bits;
};

/* Behind the analysis: state that runs in row order. */
struct h264_row_state {
	struct h264_deblock_picture deblock;
	int qp_previous;
	uint8_t *scratch; /* one NV12 chroma row */
	struct h264_totals totals;
};

/* Fetch row mb_y of a surface into planes; samples beyond the surface's size are replicated. */
uint16_t h264_fetch_row(struct mem_port *port, const struct sl200_surface *s, unsigned int mb_y,
			unsigned int width, unsigned int height, uint8_t *const plane[3],
			const ptrdiff_t stride[3], uint8_t *scratch, uint64_t *bytes);

/* Mode decision of a row; follows the row above by two macroblocks. False: stopped. */
bool h264_analyse_row(struct h264_picture *pic, struct h264_macroblock *m, unsigned int mb_y);
/* Make waiting rows return. */
void h264_stop_rows(struct h264_picture *pic);

/* QP inference, deblocking, and output of the rows that are final then. */
uint16_t h264_finish_row(struct h264_picture *pic, struct h264_row_state *state, unsigned int mb_y);

/* Entropy code a row, slice headers from blob included. */
void h264_entropy_row(struct h264_picture *pic, struct h264_row_state *state, unsigned int mb_y,
		      const uint8_t *blob);

#endif
