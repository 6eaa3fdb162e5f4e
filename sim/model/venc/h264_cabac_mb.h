/* SPDX-License-Identifier: MIT */
/*
 * Macroblock coding with CABAC, H.264 7.3.5, binarisation (9.3.2) and contexts (9.3.3.1).
 *
 * Bins are not counted and no cabac_zero_word is appended. 7.4.2.10 allows 32 / 3 bins for each
 * byte of a picture and 96 more for each macroblock; only pictures whose many coefficients cost far
 * below a bit each, as no natural content does, could exceed that.
 */
#ifndef H264_CABAC_MB_H
#define H264_CABAC_MB_H

#include "sim/model/venc/h264_entropy.h"

void h264_cabac_mb(struct h264_entropy *e, const struct h264_levels *levels);

/* residual() of the current macroblock; it has coded coefficients or is Intra_16x16. */
void h264_cabac_residual(struct h264_entropy *e, const struct h264_levels *levels);

#endif
