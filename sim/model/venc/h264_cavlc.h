/* SPDX-License-Identifier: MIT */
/* Macroblock coding with Exp-Golomb codes and CAVLC, H.264 7.3.5 and 9.2. */
#ifndef H264_CAVLC_H
#define H264_CAVLC_H

#include "sim/model/venc/h264_entropy.h"

/*
 * The largest magnitude of a level that level_prefix <= 15 can always hold (9.2.2.1). The profiles
 * below High allow no larger level_prefix (A.2), so mode decision must clip to this there.
 */
#define H264_CAVLC_LEVEL_MAX 2063

void h264_cavlc_mb(struct h264_entropy *e, const struct h264_levels *levels);

#endif
