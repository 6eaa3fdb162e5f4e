/* SPDX-License-Identifier: MIT */
/*
 * The macroblock at work: its source, neighbours and the candidates mode decision compares.
 * One per worker thread.
 */
#ifndef H264_MACROBLOCK_H
#define H264_MACROBLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_intra.h"
#include "sim/model/venc/h264_mb.h"
#include "sim/model/venc/h264_picture.h"

/* A way to code the macroblock, in full. */
struct h264_candidate {
	uint8_t y[256] __attribute__((aligned(32))); /* reconstruction */
	uint8_t c[128] __attribute__((aligned(32)));
	struct h264_mb mb;
	struct h264_levels levels;
	uint32_t rate; /* 1/16 bit */
	uint64_t cost; /* 256 * SSD + weighted rate */
};

/* Motion neighbourhood in units of 4x4 blocks: 5 rows of 8; block (0, 0) at H264_MV_AT(0, 0). */
#define H264_MV_STRIDE 8
#define H264_MV_AT(x, y) (((y) + 1) * H264_MV_STRIDE + (x) + 1)
#define H264_REF_NONE -1 /* available, but not predicted from list 0 */
#define H264_REF_UNAVAILABLE -2

struct h264_macroblock {
	uint8_t src_y[256] __attribute__((aligned(32)));
	uint8_t src_c[128] __attribute__((aligned(32)));
	uint8_t pred_y[256] __attribute__((aligned(32)));
	uint8_t pred_c[128] __attribute__((aligned(32)));
	uint8_t tmp[256] __attribute__((aligned(32)));
	int16_t coef[16][16] __attribute__((aligned(32)));
	struct h264_candidate candidate[3];

	const struct h264_picture *pic;
	const struct h264_dsp *dsp;
	const struct h264_effort *effort;
	const struct sl200_h264_slice *slice;
	unsigned int mb_x, mb_y, addr;
	uint16_t slice_index;
	/* Neighbours of the same slice; NULL: not available (6.4.9) */
	const struct h264_mb *left, *top, *top_right, *top_left;
	struct h264_edges edges; /* luma, 16x16; top holds top right behind */
	struct h264_edges edges_c[2];

	int qp;
	int qp_c[2];
	uint32_t lambda_sad;
	uint32_t lambda_ssd;

	int8_t ref_cache[5 * H264_MV_STRIDE];
	struct h264_mv mv_cache[5 * H264_MV_STRIDE];
	struct h264_mv coarse; /* of the search at quarter size in the current reference */
	int mv_min[2], mv_max[2]; /* full samples, for blocks of this macroblock */
};

/* Take the macroblock up: source, neighbours, edges, QP. */
void h264_macroblock_load(struct h264_macroblock *m, const struct h264_picture *pic,
			  unsigned int mb_x, unsigned int mb_y);

/* Decide and code it: result in the picture (mbs, recon, row store, stats). */
void h264_macroblock_code(struct h264_macroblock *m);

static inline uint64_t h264_rd_cost(const struct h264_macroblock *m, uint32_t ssd, uint32_t rate)
{
	return 256ull * ssd + (((uint64_t)m->lambda_ssd * rate + 8) >> 4);
}

/* Cost of SAD or SATD search, 1/16 units */
static inline uint32_t h264_search_cost(const struct h264_macroblock *m, uint32_t sad,
					uint32_t rate)
{
	return 16 * sad + ((m->lambda_sad * rate + 8) >> 4);
}

#endif
