/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic kernels of the H.264 encode engine: distortion measures, transforms, interpolation.
 * Each is defined by its plain C form; vector forms give identical results and are chosen once by
 * what the CPU offers. All functions are pure and thread-safe.
 *
 * "Local" blocks have a row stride of H264_MB_STRIDE bytes and 16-byte alignment. A macroblock's
 * chroma is held as 8 rows of Cb (columns 0..7) beside Cr (columns 8..15).
 */
#ifndef H264_DSP_H
#define H264_DSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define H264_MB_STRIDE 16

enum h264_block_size {
	H264_16X16,
	H264_16X8,
	H264_8X16,
	H264_8X8,
	H264_BLOCK_SIZES,
};

struct h264_dsp {
	/* SAD of the four 8x8 quadrants of a local 16x16 block against ref. */
	void (*sad_quads)(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride,
			  uint32_t sad[4]);
	uint32_t (*sad8x8)(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride);
	/* Sum over 4x4 blocks of (sum of |Hadamard coefficients|) / 2. src is local. */
	uint32_t (*satd[H264_BLOCK_SIZES])(const uint8_t *src, const uint8_t *ref,
					   ptrdiff_t stride);
	/* SATD of one local 4x4 block against four predictions side by side (4 rows of 16). */
	void (*satd4x4_x4)(const uint8_t *src, const uint8_t *pred, uint32_t satd[4]);
	/* Sum of squared differences of `rows` rows of 16 samples, both local. */
	uint32_t (*ssd16)(const uint8_t *a, const uint8_t *b, int rows);
	/* Sum of squared differences of n samples. */
	uint64_t (*ssd_row)(const uint8_t *a, const uint8_t *b, unsigned int n);
	/* Forward 4x4 transform of a local src - pred, and the inverse added to pred (8.5.12). */
	void (*fdct4x4)(const uint8_t *src, const uint8_t *pred, int16_t coef[16]);
	void (*idct4x4)(uint8_t *rec, const uint8_t *pred, const int16_t coef[16]);
	/* Four forward 4x4 transforms side by side: a local 16x4 area. */
	void (*fdct4x4_x4)(const uint8_t *src, const uint8_t *pred, int16_t coef[4][16]);
	/* Four inverse transforms side by side. */
	void (*idct4x4_x4)(uint8_t *rec, const uint8_t *pred, const int16_t coef[4][16]);
	/* Forward and inverse 8x8 transform of one local 8x8 block (8.5.13). */
	void (*fdct8x8)(const uint8_t *src, const uint8_t *pred, int16_t coef[64]);
	void (*idct8x8)(uint8_t *rec, const uint8_t *pred, const int16_t coef[64]);
	/* Bit i of the result: block i has a coefficient with |coef| * mf + bias >= 2^shift. */
	uint32_t (*quant_test)(const int16_t (*coef)[16], int blocks, const int32_t mf[16],
			       int32_t bias, int shift);
	/* Rounded mean of two w x h blocks; dst is local, w is 8 or 16. */
	void (*average)(uint8_t *dst, const uint8_t *a, ptrdiff_t a_stride, const uint8_t *b,
			ptrdiff_t b_stride, int w, int h);
	/* w is 8 or 16; dst is local. */
	void (*copy)(uint8_t *dst, const uint8_t *a, ptrdiff_t a_stride, int w, int h);
	/* Chroma sample interpolation (8.4.2.2.2), eighth samples dx, dy in 0..7; w is 4 or 8. */
	void (*mc_chroma)(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int dx, int dy, int w,
			  int h);
	/*
	 * Half-sample planes of n samples of one row (8.4.2.2.1): b (horizontal), h (vertical) and
	 * j (centre). src needs 2 samples and rows before, 3 behind; n is a multiple of 16.
	 */
	void (*half_samples)(uint8_t *b, uint8_t *h, uint8_t *j, const uint8_t *src,
			     ptrdiff_t stride, unsigned int n);
	/* Rounded means of 4x4 boxes: n samples of dst from 4 rows of 4 * n. */
	void (*downscale4)(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, unsigned int n);
	/*
	 * SADs of a 4x4 block (16 contiguous samples) at 8 * groups consecutive horizontal
	 * positions of ref; ref is readable for 8 * groups + 8 samples in each row.
	 */
	void (*sad4x4_line)(const uint8_t *src, const uint8_t *ref, ptrdiff_t stride, int groups,
			    uint16_t *sad);
};

/* The plain C forms. */
extern const struct h264_dsp h264_dsp_c;

/* The best forms for this CPU; plain C when `plain`. */
const struct h264_dsp *h264_dsp_select(bool plain);

#if defined(__x86_64__)
/* Vector forms for AVX2; what they lack is taken from *dsp as given. */
void h264_dsp_init_avx2(struct h264_dsp *dsp);
#endif

#endif
