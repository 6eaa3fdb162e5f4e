/* SPDX-License-Identifier: MIT */
/*
 * One picture being coded: what the macroblock stages share, and the order in which rows go
 * through them. Analysis runs as a wavefront over macroblock rows; behind it each row is
 * finished (QP inference, deblocking, output) and entropy coded, both in row order.
 */
#ifndef H264_PICTURE_H
#define H264_PICTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_queue.h"
#include "sim/model/mem_port.h"
#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_entropy.h"
#include "sim/model/venc/h264_mb.h"
#include "sim/model/venc/h264_ref.h"

#define H264_SEARCH_REFS 4u /* active list 0 entries at most */

/* What a quality level spends. */
struct h264_effort {
	bool rdo_quant;	    /* levels by cost, else by dead zone */
	uint8_t refs;	    /* list 0 entries searched */
	uint8_t hex_steps;  /* full-sample refinement steps at most */
	uint8_t half_steps; /* half- and quarter-sample refinement steps */
	uint8_t quarter_steps;
	bool square;	/* sub-sample steps look at 8 neighbours, else 4 */
	uint8_t shapes; /* partition shapes that go on to sub-sample search */
	bool rd_both;	/* the two best partitionings are coded in full */
};

/* A row of what mode decision hands to entropy coding, and the row's unfiltered last line. */
struct h264_row_store {
	struct h264_levels *levels; /* width_mbs */
	uint8_t *line[3];	    /* Y, Cb, Cr, padded by 32 behind */
};

struct h264_picture {
	const struct sl200_h264_enc *desc;
	const struct sl200_h264_ref *refs;
	const struct sl200_h264_slice *slices;
	struct mem_port *port;
	const atomic_bool *abort;
	const struct h264_dsp *dsp;
	const struct h264_effort *effort;
	struct h264_entropy *entropy;
	unsigned int width, height; /* luma samples, whole macroblocks */
	unsigned int width_mbs, height_mbs;

	uint8_t *source[3];
	uint8_t *recon[3];
	ptrdiff_t stride[3]; /* of source and recon */
	struct h264_mb *mbs;
	uint16_t *slice_of;	      /* macroblock -> slice */
	struct sl200_mb_stats *stats; /* NULL: not wanted */
	int8_t *qp_map;		      /* width_mbs * height_mbs; NULL: none */
	struct h264_row_store *store; /* ring of store_rows */
	unsigned int store_rows;
	struct h264_ref_picture *ref[SL200_H264_MAX_REFS]; /* by desc.refs index; NULL: unused */
	int mv_limit_y; /* quarter samples, Table A-1 by picture size */

	/* Wavefront: macroblocks analysed per row */
	atomic_uint *progress;
	atomic_uint waiters;
	atomic_bool stop;
	pthread_mutex_t wave_lock;
	pthread_cond_t wave_cond;
};

static inline struct h264_row_store *h264_row_store(const struct h264_picture *pic,
						    unsigned int mb_y)
{
	return &pic->store[mb_y % pic->store_rows];
}

#endif
