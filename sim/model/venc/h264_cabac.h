/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic coding engine of CABAC, H.264 9.3.4, and the context variables' initialisation
 * (9.3.1.1). Not thread safe: one engine per slice in progress.
 *
 * low holds the code so far: 9 bits of codILow below, pending bits not yet given out above them,
 * and a carry on top. Whole bytes leave it several at a time; the last one that left, and any 0xff
 * behind it, are held back until no carry can reach them.
 */
#ifndef H264_CABAC_H
#define H264_CABAC_H

#include <stdint.h>

#include "sim/model/venc/h264_bits.h"

/* ctxIdx 0..435, Table 9-34: all that 4:2:0 frame coding uses. */
#define H264_CABAC_CONTEXTS 436u

struct h264_cabac {
	struct h264_nal *nal;
	uint64_t low;
	uint32_t range; /* codIRange */
	unsigned int pending;
	int held;	  /* byte before the run of 0xff; -1: none yet */
	uint32_t held_ff; /* length of that run */
	/* pStateIdx << 1 | valMPS; 16 bits wide so that its stores alias no other field */
	uint16_t state[H264_CABAC_CONTEXTS];
};

/* (m, n) for I slices, then cabac_init_idc 0..2 */
extern const int8_t h264_cabac_init[H264_CABAC_CONTEXTS][4][2];

extern const uint8_t h264_cabac_range_lps[64][4]; /* Table 9-44 */
extern const uint8_t h264_cabac_next[128][2];	  /* state, bin -> state (9.3.4.2) */

/*
 * Initialise the contexts for a slice. column: 0 in I slices, else 1 + cabac_init_idc (0..2);
 * slice_qp: SliceQPY, clipped to 0..51 here.
 */
void h264_cabac_init_contexts(struct h264_cabac *c, unsigned int column, int slice_qp);

/* Start the engine (9.3.4.1); the NAL unit must be at a byte boundary. */
void h264_cabac_start(struct h264_cabac *c, struct h264_nal *nal);

/*
 * end_of_slice_flag, or the mb_type bin of I_PCM (9.3.4.5). A 1 also flushes the engine, with the
 * stop bit and zeros up to a byte boundary behind it; it needs h264_cabac_start() to go on.
 */
void h264_cabac_terminate(struct h264_cabac *c, unsigned int bin);

/*
 * The suffix of UEGk: an Exp-Golomb code of order k (9.3.2.3), k <= 8, value < 2^16, in bypass
 * bins.
 */
void h264_cabac_exp_golomb(struct h264_cabac *c, unsigned int value, unsigned int k);

/* Move whole bytes of low on; called by the coding functions. */
void h264_cabac_output(struct h264_cabac *c);

/* Bits produced so far, in the whole picture. */
static inline uint64_t h264_cabac_position(const struct h264_cabac *c)
{
	return 8 * ((uint64_t)c->nal->pos + (c->held >= 0) + c->held_ff) + c->pending;
}

static inline void h264_cabac_shifted(struct h264_cabac *c, unsigned int n)
{
	c->pending += n;
	if (c->pending >= 40)
		h264_cabac_output(c);
}

/* A bin in context ctx (9.3.4.2). */
static inline void h264_cabac_bin(struct h264_cabac *c, unsigned int ctx, unsigned int bin)
{
	unsigned int state = c->state[ctx], shift;
	uint32_t lps = h264_cabac_range_lps[state >> 1][c->range >> 6 & 3];
	uint32_t range = c->range - lps;
	uint32_t is_lps = 0u - ((state ^ bin) & 1);

	c->state[ctx] = h264_cabac_next[state][bin];
	c->low += range & is_lps;
	range = (range & ~is_lps) | (lps & is_lps);
	shift = (unsigned int)__builtin_clz(range) - 23;
	c->range = range << shift;
	c->low <<= shift;
	h264_cabac_shifted(c, shift);
}

/* n equiprobable bins, most significant first (9.3.4.4), n <= 14. */
static inline void h264_cabac_bypass(struct h264_cabac *c, unsigned int n, uint32_t bins)
{
	c->low = (c->low << n) + (uint64_t)c->range * bins;
	h264_cabac_shifted(c, n);
}

#endif
