/* SPDX-License-Identifier: MIT */
/*
 * From prediction to levels and reconstruction, for a candidate of the macroblock. Each function
 * fills the candidate's levels, nnz and coded block pattern of its part, writes the
 * reconstruction, and returns the rate of the residual in 1/16 bit.
 */
#ifndef H264_RESIDUAL_H
#define H264_RESIDUAL_H

#include "sim/model/venc/h264_macroblock.h"

/* Inter luma from m->pred_y; candidate.mb.transform_8x8 selects the transform. */
uint32_t h264_residual_inter(struct h264_macroblock *m, struct h264_candidate *c);
/* Intra 16x16 luma from m->pred_y. */
uint32_t h264_residual_intra16x16(struct h264_macroblock *m, struct h264_candidate *c);
/* One Intra 4x4 block; pred is local. Sets nnz and levels; not the coded block pattern. */
uint32_t h264_residual_intra4x4(struct h264_macroblock *m, struct h264_candidate *c, int blk,
				const uint8_t *pred);
uint32_t h264_residual_intra8x8(struct h264_macroblock *m, struct h264_candidate *c, int blk8,
				const uint8_t *pred);
/* Chroma from m->pred_c. */
uint32_t h264_residual_chroma(struct h264_macroblock *m, struct h264_candidate *c);

/* Whether inter residual of pred_y and pred_c quantises to nothing. */
bool h264_residual_vanishes(struct h264_macroblock *m);

#endif
