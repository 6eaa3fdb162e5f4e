/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_intra.h"

#include <string.h>

#include "sim/model/venc/h264_dsp.h"
#include "sim/model/venc/h264_tables.h"

void h264_edges_fill(struct h264_edges *e, int n)
{
	if (e->has_top && !e->has_top_right)
		memset(e->top + n, e->top[n - 1], (size_t)n);
}

static uint8_t filter3(int a, int b, int c)
{
	return (uint8_t)((a + 2 * b + c + 2) >> 2);
}

void h264_edges_filter8x8(struct h264_edges *out, const struct h264_edges *in)
{
	const uint8_t *t = in->top, *l = in->left;

	*out = *in;
	if (in->has_top) {
		out->top[0] = filter3(in->has_corner ? in->corner : t[0], t[0], t[1]);
		for (int i = 1; i < 15; i++)
			out->top[i] = filter3(t[i - 1], t[i], t[i + 1]);
		out->top[15] = filter3(t[14], t[15], t[15]);
	}
	if (in->has_left) {
		out->left[0] = filter3(in->has_corner ? in->corner : l[0], l[0], l[1]);
		for (int i = 1; i < 7; i++)
			out->left[i] = filter3(l[i - 1], l[i], l[i + 1]);
		out->left[7] = filter3(l[6], l[7], l[7]);
	}
	if (in->has_corner) {
		int a = in->has_top ? t[0] : in->corner;
		int b = in->has_left ? l[0] : in->corner;

		out->corner = filter3(a, in->corner, b);
	}
}

bool h264_intra4x4_usable(const struct h264_edges *e, int mode)
{
	switch (mode) {
	case H264_I4_VERTICAL:
	case H264_I4_DIAGONAL_DOWN_LEFT:
	case H264_I4_VERTICAL_LEFT:
		return e->has_top;
	case H264_I4_HORIZONTAL:
	case H264_I4_HORIZONTAL_UP:
		return e->has_left;
	case H264_I4_DC:
		return true;
	default:
		return e->has_top && e->has_left && e->has_corner;
	}
}

bool h264_intra16x16_usable(const struct h264_edges *e, int mode)
{
	switch (mode) {
	case H264_I16_VERTICAL:
		return e->has_top;
	case H264_I16_HORIZONTAL:
		return e->has_left;
	case H264_I16_DC:
		return true;
	default:
		return e->has_top && e->has_left && e->has_corner;
	}
}

bool h264_intra_chroma_usable(const struct h264_edges *e, int mode)
{
	switch (mode) {
	case H264_IC_DC:
		return true;
	case H264_IC_HORIZONTAL:
		return e->has_left;
	case H264_IC_VERTICAL:
		return e->has_top;
	default:
		return e->has_top && e->has_left && e->has_corner;
	}
}

static void fill(uint8_t *dst, int value, int w, int h)
{
	for (int y = 0; y < h; y++)
		memset(dst + y * H264_MB_STRIDE, value, (size_t)w);
}

static int sum(const uint8_t *p, int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += p[i];
	return s;
}

/* Mean of what is there of n samples each of top and left; 128 without any (8.3.1.2.3 and alike).
 */
static int dc_value(const struct h264_edges *e, int n)
{
	int s = 0, count = 0;

	if (e->has_top) {
		s += sum(e->top, n);
		count += n;
	}
	if (e->has_left) {
		s += sum(e->left, n);
		count += n;
	}
	return count ? (s + count / 2) / count : 128;
}

static void vertical(uint8_t *dst, const uint8_t *top, int n)
{
	for (int y = 0; y < n; y++)
		memcpy(dst + y * H264_MB_STRIDE, top, (size_t)n);
}

static void horizontal(uint8_t *dst, const uint8_t *left, int n)
{
	for (int y = 0; y < n; y++)
		memset(dst + y * H264_MB_STRIDE, left[y], (size_t)n);
}

void h264_intra_prepare(struct h264_intra_line *l, const struct h264_edges *e, int n)
{
	uint8_t *at = l->sample + H264_INTRA_ORIGIN;

	/* Samples that do not exist are only read for modes that are not usable */
	memset(at - 9, 0, 9);
	for (int i = 0; i < n; i++)
		at[-1 - i] = e->left[i];
	at[0] = e->corner;
	memcpy(at + 1, e->top, 16);
	at[2 * n + 1] = e->top[2 * n - 1];
	for (int i = 1; i < 31; i++) {
		const uint8_t *p = l->sample + i;

		l->mean2[i] = (uint8_t)((p[0] + p[1] + 1) >> 1);
		l->mean3[i] = (uint8_t)((p[-1] + 2 * p[0] + p[1] + 2) >> 2);
	}
	l->edges = e;
}

static inline __attribute__((always_inline)) void put_row(uint8_t *dst, int y, const uint8_t *src,
							  int n)
{
	memcpy(dst + y * H264_MB_STRIDE, src, (size_t)n);
}

/*
 * 8.3.1.2.1..9 and 8.3.2.2.2..10, which differ in n alone. f2 and f3 are indexed like the line of
 * samples: 0 is the corner, positive is top, negative is left. The spec's zVR, zHD and zHU run
 * through sequences of these means; rows are windows into the sequences.
 */
static inline __attribute__((always_inline)) void
predict(uint8_t *dst, const struct h264_intra_line *l, int mode, int n)
{
	const uint8_t *f2 = l->mean2 + H264_INTRA_ORIGIN, *f3 = l->mean3 + H264_INTRA_ORIGIN;
	const struct h264_edges *e = l->edges;
	uint8_t even[16], odd[16], seq[32];

	switch (mode) {
	case H264_I4_VERTICAL:
		for (int y = 0; y < n; y++)
			put_row(dst, y, e->top, n);
		break;
	case H264_I4_HORIZONTAL:
		for (int y = 0; y < n; y++)
			memset(dst + y * H264_MB_STRIDE, e->left[y], (size_t)n);
		break;
	case H264_I4_DC: {
		int dc = dc_value(e, n);

		for (int y = 0; y < n; y++)
			memset(dst + y * H264_MB_STRIDE, dc, (size_t)n);
		break;
	}
	case H264_I4_DIAGONAL_DOWN_LEFT:
		for (int y = 0; y < n; y++)
			put_row(dst, y, f3 + 2 + y, n);
		break;
	case H264_I4_DIAGONAL_DOWN_RIGHT:
		for (int y = 0; y < n; y++)
			put_row(dst, y, f3 - y, n);
		break;
	case H264_I4_VERTICAL_RIGHT:
		/* even[k]: zVR = 2 * (k - n / 2); odd[k]: one more */
		for (int k = 0; k < n / 2; k++) {
			even[k] = f3[2 * (k - n / 2) + 1];
			odd[k] = f3[2 * (k - n / 2) + 2];
		}
		memcpy(even + n / 2, f2, (size_t)n);
		memcpy(odd + n / 2, f3 + 1, (size_t)n);
		for (int y = 0; y < n; y++)
			put_row(dst, y, (y & 1 ? odd : even) + n / 2 - (y + 1) / 2, n);
		break;
	case H264_I4_HORIZONTAL_DOWN:
		/* seq[k]: zHD = 2 * n - 2 - k */
		for (int k = 0; k < n; k++) {
			seq[2 * k] = f2[k - n];
			seq[2 * k + 1] = f3[k + 1 - n];
		}
		for (int k = 0; k < n - 2; k++)
			seq[2 * n + k] = f3[k + 1];
		for (int y = 0; y < n; y++)
			put_row(dst, y, seq + 2 * (n - 1 - y), n);
		break;
	case H264_I4_VERTICAL_LEFT:
		for (int y = 0; y < n; y++)
			put_row(dst, y, (y & 1 ? f3 + 2 : f2 + 1) + (y >> 1), n);
		break;
	default: /* H264_I4_HORIZONTAL_UP; seq[zHU] */
		for (int k = 0; k < n - 1; k++) {
			seq[2 * k] = f2[-2 - k];
			seq[2 * k + 1] = f3[-2 - k];
		}
		seq[2 * n - 3] = filter3(e->left[n - 2], e->left[n - 1], e->left[n - 1]);
		memset(seq + 2 * n - 2, e->left[n - 1], (size_t)n);
		for (int y = 0; y < n; y++)
			put_row(dst, y, seq + 2 * y, n);
		break;
	}
}

void h264_intra4x4(uint8_t *dst, const struct h264_intra_line *l, int mode)
{
	predict(dst, l, mode, 4);
}

void h264_intra8x8(uint8_t *dst, const struct h264_intra_line *l, int mode)
{
	predict(dst, l, mode, 8);
}

/* 8.3.3.4 (n = 16, factor 5, shift 6) and 8.3.4.4 (n = 8, factor 34, shift 6) */
static void plane(uint8_t *dst, const struct h264_edges *e, int n, int factor)
{
	int half = n / 2, h = 0, v = 0, a;

	for (int i = 1; i <= half; i++) {
		int top = i < half ? e->top[half - 1 - i] : e->corner;
		int left = i < half ? e->left[half - 1 - i] : e->corner;

		h += i * (e->top[half - 1 + i] - top);
		v += i * (e->left[half - 1 + i] - left);
	}
	h = (factor * h + 32) >> 6;
	v = (factor * v + 32) >> 6;
	a = 16 * (e->left[n - 1] + e->top[n - 1]);
	for (int y = 0; y < n; y++)
		for (int x = 0; x < n; x++)
			dst[y * H264_MB_STRIDE + x] = h264_clip_pixel(
				(a + h * (x - half + 1) + v * (y - half + 1) + 16) >> 5);
}

void h264_intra16x16(uint8_t *dst, const struct h264_edges *e, int mode)
{
	switch (mode) {
	case H264_I16_VERTICAL:
		vertical(dst, e->top, 16);
		break;
	case H264_I16_HORIZONTAL:
		horizontal(dst, e->left, 16);
		break;
	case H264_I16_DC:
		fill(dst, dc_value(e, 16), 16, 16);
		break;
	default:
		plane(dst, e, 16, 5);
		break;
	}
}

/* 8.3.4.1..3: each 4x4 block has its own mean, off-diagonal ones from one side where they can. */
static void chroma_dc(uint8_t *dst, const struct h264_edges *e)
{
	for (int i = 0; i < 4; i++) {
		int x = 4 * (i & 1), y = 4 * (i >> 1), v;
		int t = sum(e->top + x, 4), l = sum(e->left + y, 4);
		bool use_top = e->has_top, use_left = e->has_left;

		if (i == 1 && use_top)
			use_left = false;
		if (i == 2 && use_left)
			use_top = false;
		if (use_top && use_left)
			v = (t + l + 4) >> 3;
		else if (use_top)
			v = (t + 2) >> 2;
		else if (use_left)
			v = (l + 2) >> 2;
		else
			v = 128;
		fill(dst + y * H264_MB_STRIDE + x, v, 4, 4);
	}
}

void h264_intra_chroma(uint8_t *dst, const struct h264_edges *e, int mode)
{
	switch (mode) {
	case H264_IC_DC:
		chroma_dc(dst, e);
		break;
	case H264_IC_HORIZONTAL:
		horizontal(dst, e->left, 8);
		break;
	case H264_IC_VERTICAL:
		vertical(dst, e->top, 8);
		break;
	default:
		plane(dst, e, 8, 34);
		break;
	}
}
