/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_deblock_filter.h"

#include <stdbool.h>
#include <stdlib.h>

static int clip3(int lo, int hi, int v)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* filterSamplesFlag, 8.7.2.2, for bS > 0; p0 is at pix[-s], q0 at pix[0] */
static bool filters(const uint8_t *pix, ptrdiff_t s, const struct h264_edge *edge)
{
	int p0 = pix[-s], p1 = pix[-2 * s], q0 = pix[0], q1 = pix[s];

	return abs(p0 - q0) < edge->alpha && abs(p1 - p0) < edge->beta && abs(q1 - q0) < edge->beta;
}

static void filter_p0_q0(uint8_t *pix, ptrdiff_t s, int tc)
{
	int p0 = pix[-s], p1 = pix[-2 * s], q0 = pix[0], q1 = pix[s];
	int delta = clip3(-tc, tc, ((q0 - p0) * 4 + (p1 - q1) + 4) >> 3);

	pix[-s] = (uint8_t)clip3(0, 255, p0 + delta);
	pix[0] = (uint8_t)clip3(0, 255, q0 - delta);
}

void h264_deblock_luma_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			 const struct h264_edge *edge)
{
	ptrdiff_t s = across;

	for (unsigned int i = 0; i < 16; i++, pix += along) {
		int tc0 = edge->tc0[i >> 2];
		int p0 = pix[-s], p1 = pix[-2 * s], p2 = pix[-3 * s];
		int q0 = pix[0], q1 = pix[s], q2 = pix[2 * s];
		bool ap = abs(p2 - p0) < edge->beta, aq = abs(q2 - q0) < edge->beta;

		if (tc0 < 0 || !filters(pix, s, edge))
			continue;
		filter_p0_q0(pix, s, tc0 + ap + aq);
		if (ap)
			pix[-2 * s] =
				(uint8_t)(p1 + clip3(-tc0, tc0,
						     (p2 + ((p0 + q0 + 1) >> 1) - 2 * p1) >> 1));
		if (aq)
			pix[s] = (uint8_t)(q1 + clip3(-tc0, tc0,
						      (q2 + ((p0 + q0 + 1) >> 1) - 2 * q1) >> 1));
	}
}

void h264_deblock_chroma_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			   const struct h264_edge *edge)
{
	for (unsigned int i = 0; i < 8; i++, pix += along) {
		int tc0 = edge->tc0[i >> 1];

		if (tc0 >= 0 && filters(pix, across, edge))
			filter_p0_q0(pix, across, tc0 + 1);
	}
}

/* One side of 8.7.2.4: s leads away from the edge, x0..x3 are its samples and y0, y1 the others. */
static void filter_strong(uint8_t *x, ptrdiff_t s, int y0, int y1, bool small_step, int beta)
{
	int x0 = x[0], x1 = x[s], x2 = x[2 * s], x3 = x[3 * s];

	if (small_step && abs(x2 - x0) < beta) {
		x[0] = (uint8_t)((x2 + 2 * x1 + 2 * x0 + 2 * y0 + y1 + 4) >> 3);
		x[s] = (uint8_t)((x2 + x1 + x0 + y0 + 2) >> 2);
		x[2 * s] = (uint8_t)((2 * x3 + 3 * x2 + x1 + x0 + y0 + 4) >> 3);
	} else {
		x[0] = (uint8_t)((2 * x1 + x0 + y1 + 2) >> 2);
	}
}

void h264_deblock_luma4_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			  const struct h264_edge *edge)
{
	ptrdiff_t s = across;

	for (unsigned int i = 0; i < 16; i++, pix += along) {
		int p0 = pix[-s], p1 = pix[-2 * s], q0 = pix[0], q1 = pix[s];
		bool small_step = abs(p0 - q0) < (edge->alpha >> 2) + 2;

		if (!filters(pix, s, edge))
			continue;
		filter_strong(pix - s, -s, q0, q1, small_step, edge->beta);
		filter_strong(pix, s, p0, p1, small_step, edge->beta);
	}
}

void h264_deblock_chroma4_c(uint8_t *pix, ptrdiff_t across, ptrdiff_t along,
			    const struct h264_edge *edge)
{
	ptrdiff_t s = across;

	for (unsigned int i = 0; i < 8; i++, pix += along) {
		int p0 = pix[-s], p1 = pix[-2 * s], q0 = pix[0], q1 = pix[s];

		if (!filters(pix, s, edge))
			continue;
		pix[-s] = (uint8_t)((2 * p1 + p0 + q1 + 2) >> 2);
		pix[0] = (uint8_t)((2 * q1 + q0 + p1 + 2) >> 2);
	}
}
