/* SPDX-License-Identifier: MIT */
/*
 * Intra prediction, H.264 8.3. Predictions go to local blocks (row stride H264_MB_STRIDE).
 */
#ifndef H264_INTRA_H
#define H264_INTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum h264_intra4x4_mode { /* Table 8-2; Intra 8x8 (Table 8-3) has the same */
			  H264_I4_VERTICAL,
			  H264_I4_HORIZONTAL,
			  H264_I4_DC,
			  H264_I4_DIAGONAL_DOWN_LEFT,
			  H264_I4_DIAGONAL_DOWN_RIGHT,
			  H264_I4_VERTICAL_RIGHT,
			  H264_I4_HORIZONTAL_DOWN,
			  H264_I4_VERTICAL_LEFT,
			  H264_I4_HORIZONTAL_UP,
			  H264_I4_MODES,
};

enum h264_intra16x16_mode { /* Table 8-4 */
			    H264_I16_VERTICAL,
			    H264_I16_HORIZONTAL,
			    H264_I16_DC,
			    H264_I16_PLANE,
};

enum h264_intra_chroma_mode { /* Table 8-5 */
			      H264_IC_DC,
			      H264_IC_HORIZONTAL,
			      H264_IC_VERTICAL,
			      H264_IC_PLANE,
};

/* Neighbouring samples of a square block of n = 4, 8 or 16 samples. */
struct h264_edges {
	uint8_t top[24]; /* 2 * n for 4x4 and 8x8, else n */
	uint8_t left[16];
	uint8_t corner;
	bool has_top, has_left, has_corner;
	bool has_top_right; /* 4x4 and 8x8; without it, top is replicated by h264_edges_fill() */
};

/* Substitute missing top-right samples (8.3.1.2, 8.3.2.2). */
void h264_edges_fill(struct h264_edges *e, int n);
/* Reference sample filtering of Intra 8x8 (8.3.2.2.1); in has been filled. */
void h264_edges_filter8x8(struct h264_edges *out, const struct h264_edges *in);

/* Whether the mode's neighbours exist. */
bool h264_intra4x4_usable(const struct h264_edges *e, int mode);
bool h264_intra16x16_usable(const struct h264_edges *e, int mode);
bool h264_intra_chroma_usable(const struct h264_edges *e, int mode);

/*
 * The samples along a block's left and top side as one line, left from the bottom up, and the
 * means of 2 (with the next) and 3 (around) of them: what the directional modes are made of.
 */
#define H264_INTRA_ORIGIN 12 /* of the corner */
struct h264_intra_line {
	uint8_t sample[32], mean2[32], mean3[32];
	const struct h264_edges *edges;
};

/* e stays referenced. n is 4 or 8; edges are filled, and filtered for Intra 8x8. */
void h264_intra_prepare(struct h264_intra_line *l, const struct h264_edges *e, int n);
/* Intra 4x4 (8.3.1.2) and 8x8 (8.3.2.2) */
void h264_intra4x4(uint8_t *dst, const struct h264_intra_line *l, int mode);
void h264_intra8x8(uint8_t *dst, const struct h264_intra_line *l, int mode);
void h264_intra16x16(uint8_t *dst, const struct h264_edges *e, int mode);
/* One 8x8 chroma block (8.3.4). */
void h264_intra_chroma(uint8_t *dst, const struct h264_edges *e, int mode);

#endif
