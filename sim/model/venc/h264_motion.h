/* SPDX-License-Identifier: MIT */
/*
 * Motion: vector prediction (H.264 8.4.1) and search.
 */
#ifndef H264_MOTION_H
#define H264_MOTION_H

#include "sim/model/venc/h264_macroblock.h"

/* A partition of the macroblock: position and size in samples, and its motion. */
struct h264_partition {
	uint8_t x, y, w, h;
	uint8_t size; /* enum h264_block_size */
	int8_t ref;   /* index into list 0 */
	struct h264_mv mv, mvp;
	uint32_t cost; /* SATD and rate of the vector, 1/16 units */
};

/* Motion of the macroblock, by shape. */
struct h264_motion {
	uint8_t type; /* H264_MB_P16X16 .. H264_MB_P8X8 */
	uint8_t parts;
	struct h264_partition part[4];
	uint32_t cost; /* with the rate of shape and references */
};

/* Fill the motion neighbourhood from the neighbouring macroblocks. */
void h264_motion_load(struct h264_macroblock *m);
/* Vector of P_Skip (8.4.1.1). */
struct h264_mv h264_motion_skip(const struct h264_macroblock *m);
/* Vector predictor of a partition with its reference; earlier partitions are in the cache. */
struct h264_mv h264_motion_predict(const struct h264_macroblock *m, const struct h264_motion *mo,
				   int index, int ref);
/* Enter partition index into the cache. */
void h264_motion_enter(struct h264_macroblock *m, const struct h264_partition *part);
/* Whether a vector may be used for (any part of) this macroblock. */
bool h264_motion_allowed(const struct h264_macroblock *m, struct h264_mv mv);

/* Rate of mb_type, and of sub_mb_type where there are four: 16x16, 16x8, 8x16, 8x8. 1/16 bit */
extern const uint8_t h264_shape_rate[4];

/* Rate of ref_idx_l0: te(v), or the unary code. */
static inline uint32_t h264_ref_rate(const struct h264_macroblock *m, int ref)
{
	return m->slice->num_ref_idx_l0 > 1 ? 16u * (uint32_t)(ref + 1) : 0;
}

/* Rate of a vector difference component in 1/16 bit. */
uint32_t h264_mvd_rate(int d);

/*
 * Search. On return best[0] is the best way by SATD, best[1] the next if the effort asks for it;
 * the number of entries is returned. Vectors of the cache inside the macroblock are left
 * undefined.
 */
int h264_motion_search(struct h264_macroblock *m, struct h264_motion best[2]);

#endif
