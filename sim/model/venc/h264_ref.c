/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_ref.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN 64u

static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

bool h264_ref_setup(struct h264_ref_picture *ref, unsigned int width, unsigned int height)
{
	size_t stride = round_up(width + 2 * H264_REF_PAD);
	size_t stride_c = round_up(width / 2 + 2 * H264_REF_PAD_C);
	size_t stride_q = round_up(width / 4 + 2 * H264_REF_PAD_QUARTER);
	size_t luma = stride * (height + 2 * H264_REF_PAD);
	size_t chroma = stride_c * (height / 2 + 2 * H264_REF_PAD_C);
	size_t quarter = stride_q * (height / 4 + 2 * H264_REF_PAD_QUARTER);
	size_t need = 4 * luma + 2 * chroma + quarter + ALIGN;
	uint8_t *p;

	if (need > ref->memory_size) {
		free(ref->memory);
		ref->memory_size = 0;
		ref->width = ref->height = 0;
		ref->memory = aligned_alloc(ALIGN, round_up(need));
		if (!ref->memory)
			return false;
		ref->memory_size = need;
	}
	if (ref->width != width || ref->height != height)
		memset(ref->memory, 0, need); /* the outermost half samples are never computed */
	ref->width = width;
	ref->height = height;
	ref->stride = (ptrdiff_t)stride;
	ref->stride_c = (ptrdiff_t)stride_c;
	ref->stride_quarter = (ptrdiff_t)stride_q;
	p = ref->memory;
	for (int i = 0; i < 4; i++, p += luma)
		ref->luma[i] = p + H264_REF_PAD * stride + H264_REF_PAD;
	for (int i = 0; i < 2; i++, p += chroma)
		ref->chroma[i] = p + H264_REF_PAD_C * stride_c + H264_REF_PAD_C;
	ref->quarter = p + H264_REF_PAD_QUARTER * stride_q + H264_REF_PAD_QUARTER;
	return true;
}

void h264_ref_release(struct h264_ref_picture *ref)
{
	free(ref->memory);
	memset(ref, 0, sizeof(*ref));
}

static void pad_rows(uint8_t *plane, ptrdiff_t stride, unsigned int width, unsigned int height,
		     unsigned int y0, unsigned int y1, int pad)
{
	for (unsigned int y = y0; y < y1; y++) {
		uint8_t *row = plane + (ptrdiff_t)y * stride;

		memset(row - pad, row[0], (size_t)pad);
		memset(row + width, row[width - 1], (size_t)pad);
	}
	for (int i = 1; y0 == 0 && i <= pad; i++)
		memcpy(plane - i * stride - pad, plane - pad, width + 2 * (size_t)pad);
	if (y1 == height) {
		const uint8_t *last = plane + (ptrdiff_t)(height - 1) * stride - pad;

		for (int i = 1; i <= pad; i++)
			memcpy(plane + (ptrdiff_t)(height - 1 + (unsigned int)i) * stride - pad,
			       last, width + 2 * (size_t)pad);
	}
}

void h264_ref_pad_row(struct h264_ref_picture *ref, unsigned int mb_y)
{
	pad_rows(ref->luma[0], ref->stride, ref->width, ref->height, 16 * mb_y, 16 * mb_y + 16,
		 H264_REF_PAD);
	for (int i = 0; i < 2; i++)
		pad_rows(ref->chroma[i], ref->stride_c, ref->width / 2, ref->height / 2, 8 * mb_y,
			 8 * mb_y + 8, H264_REF_PAD_C);
}

void h264_ref_derive_row(struct h264_ref_picture *ref, const struct h264_dsp *dsp,
			 unsigned int mb_y)
{
	int pad = H264_REF_PAD - 16;
	int y0 = 16 * (int)mb_y, y1 = y0 + 16;
	unsigned int n = ref->width + 2 * (unsigned int)pad;

	if (mb_y == 0)
		y0 -= pad;
	if (y1 == (int)ref->height)
		y1 += pad;
	for (int y = y0; y < y1; y++) {
		ptrdiff_t at = y * ref->stride - pad;

		dsp->half_samples(ref->luma[1] + at, ref->luma[2] + at, ref->luma[3] + at,
				  ref->luma[0] + at, ref->stride, n);
	}
	for (int y = 4 * (int)mb_y; y < 4 * (int)mb_y + 4; y++)
		dsp->downscale4(ref->quarter + y * ref->stride_quarter,
				ref->luma[0] + 4 * y * ref->stride, ref->stride, ref->width / 4);
	pad_rows(ref->quarter, ref->stride_quarter, ref->width / 4, ref->height / 4, 4 * mb_y,
		 4 * mb_y + 4, H264_REF_PAD_QUARTER);
}

/* The two planes whose mean is quarter sample (y & 3, x & 3), 8.4.2.2.1; one where they agree. */
static const struct {
	uint8_t plane[2];
	uint8_t dx, dy; /* sample offset: dx of plane[1] where vertical, dy of plane[0] else */
} quarter_pair[16] = {
	{{0, 0}, 0, 0}, {{1, 0}, 0, 0}, {{1, 1}, 0, 0}, {{1, 0}, 1, 0},
	{{0, 2}, 0, 0}, {{1, 2}, 0, 0}, {{1, 3}, 0, 0}, {{1, 2}, 1, 0},
	{{2, 2}, 0, 0}, {{3, 2}, 0, 0}, {{3, 3}, 0, 0}, {{3, 2}, 1, 0},
	{{0, 2}, 0, 1}, {{1, 2}, 0, 1}, {{1, 3}, 0, 1}, {{1, 2}, 1, 1},
};

const uint8_t *h264_mc_luma(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x,
			    int y, struct h264_mv mv, int w, int h, uint8_t *tmp, ptrdiff_t *stride)
{
	int q = 4 * (mv.y & 3) + (mv.x & 3);
	int p0 = quarter_pair[q].plane[0], p1 = quarter_pair[q].plane[1];
	ptrdiff_t at = (y + (mv.y >> 2)) * ref->stride + x + (mv.x >> 2);
	const uint8_t *a = ref->luma[p0] + at + quarter_pair[q].dy * ref->stride;
	const uint8_t *b = ref->luma[p1] + at + quarter_pair[q].dx;

	if (p0 == p1) {
		*stride = ref->stride;
		return a;
	}
	dsp->average(tmp, a, ref->stride, b, ref->stride, w, h);
	*stride = H264_MB_STRIDE;
	return tmp;
}

void h264_mc_luma_copy(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x, int y,
		       struct h264_mv mv, int w, int h, uint8_t *dst)
{
	ptrdiff_t stride;
	const uint8_t *p = h264_mc_luma(ref, dsp, x, y, mv, w, h, dst, &stride);

	if (p != dst)
		dsp->copy(dst, p, stride, w, h);
}

void h264_mc_chroma(const struct h264_ref_picture *ref, const struct h264_dsp *dsp, int x, int y,
		    struct h264_mv mv, int w, int h, uint8_t *dst)
{
	ptrdiff_t at = (y / 2 + (mv.y >> 3)) * ref->stride_c + x / 2 + (mv.x >> 3);

	for (int i = 0; i < 2; i++)
		dsp->mc_chroma(dst + 8 * i, ref->chroma[i] + at, ref->stride_c, mv.x & 7, mv.y & 7,
			       w / 2, h / 2);
}
