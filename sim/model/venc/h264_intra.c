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

static uint8_t filter2(int a, int b)
{
	return (uint8_t)((a + b + 1) >> 1);
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

/*
 * Modes along a diagonal read one line of samples: left from the bottom up, corner, top. at(0) is
 * the corner, positive is top, negative is left.
 */
void h264_intra_nxn(uint8_t *dst, const struct h264_edges *e, int mode, int n)
{
	uint8_t line[8 + 1 + 16];
	uint8_t *at = line + n;

	switch (mode) {
	case H264_I4_VERTICAL:
		vertical(dst, e->top, n);
		return;
	case H264_I4_HORIZONTAL:
		horizontal(dst, e->left, n);
		return;
	case H264_I4_DC:
		fill(dst, dc_value(e, n), n, n);
		return;
	case H264_I4_DIAGONAL_DOWN_LEFT: {
		uint8_t d[16];

		for (int i = 0; i < 2 * n - 2; i++)
			d[i] = filter3(e->top[i], e->top[i + 1], e->top[i + 2]);
		d[2 * n - 2] = filter3(e->top[2 * n - 2], e->top[2 * n - 1], e->top[2 * n - 1]);
		for (int y = 0; y < n; y++)
			memcpy(dst + y * H264_MB_STRIDE, d + y, (size_t)n);
		return;
	}
	case H264_I4_VERTICAL_LEFT: {
		uint8_t a[12], b[12];

		for (int i = 0; i < n + n / 2; i++) {
			a[i] = filter2(e->top[i], e->top[i + 1]);
			b[i] = filter3(e->top[i], e->top[i + 1], e->top[i + 2]);
		}
		for (int y = 0; y < n; y++)
			memcpy(dst + y * H264_MB_STRIDE, (y & 1 ? b : a) + (y >> 1), (size_t)n);
		return;
	}
	case H264_I4_HORIZONTAL_UP: {
		uint8_t d[8 * 4];
		int k = 0;

		for (int i = 0; i < n - 1; i++) {
			d[k++] = filter2(e->left[i], e->left[i + 1]);
			d[k++] = filter3(e->left[i], e->left[i + 1],
					 e->left[i + 2 < n ? i + 2 : n - 1]);
		}
		memset(d + k, e->left[n - 1], sizeof(d) - (size_t)k);
		for (int y = 0; y < n; y++)
			memcpy(dst + y * H264_MB_STRIDE, d + 2 * y, (size_t)n);
		return;
	}
	default:
		break;
	}

	for (int i = 0; i < n; i++) {
		at[-1 - i] = e->left[i];
		at[1 + i] = e->top[i];
	}
	at[0] = e->corner;
	for (int y = 0; y < n; y++) {
		for (int x = 0; x < n; x++) {
			int z, p;
			uint8_t v;

			if (mode == H264_I4_DIAGONAL_DOWN_RIGHT) {
				p = x - y;
				v = filter3(at[p - 1], at[p], at[p + 1]);
			} else if (mode == H264_I4_VERTICAL_RIGHT) {
				z = 2 * x - y;
				p = x - (y >> 1);
				if (z < -1) /* 8.3.1.2.6: left samples alone */
					v = filter3(at[2 * x - y], at[2 * x - y + 1],
						    at[2 * x - y + 2]);
				else if (z & 1)
					v = filter3(at[p - 1], at[p], at[p + 1]);
				else
					v = filter2(at[p], at[p + 1]);
			} else { /* H264_I4_HORIZONTAL_DOWN */
				z = 2 * y - x;
				p = -(y - (x >> 1));
				if (z < -1)
					v = filter3(at[x - 2 * y], at[x - 2 * y - 1],
						    at[x - 2 * y - 2]);
				else if (z & 1)
					v = filter3(at[p - 1], at[p], at[p + 1]);
				else
					v = filter2(at[p], at[p - 1]);
			}
			dst[y * H264_MB_STRIDE + x] = v;
		}
	}
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
