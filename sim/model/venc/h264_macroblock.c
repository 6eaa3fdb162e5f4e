/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_macroblock.h"

#include <string.h>

#include "sim/model/venc/h264_tables.h"

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static const struct h264_mb *neighbour(const struct h264_macroblock *m, int dx, int dy)
{
	const struct h264_picture *pic = m->pic;
	unsigned int x = m->mb_x + (unsigned int)dx, y = m->mb_y + (unsigned int)dy, addr;

	if (x >= pic->width_mbs || y >= pic->height_mbs)
		return NULL;
	addr = y * pic->width_mbs + x;
	return pic->slice_of[addr] == m->slice_index ? &pic->mbs[addr] : NULL;
}

/* May intra prediction read the neighbour's samples? (8.3.1.2, constrained_intra_pred_flag) */
static bool intra_usable(const struct h264_macroblock *m, const struct h264_mb *mb)
{
	if (!mb)
		return false;
	return !(m->pic->desc->flags & SL200_H264_F_CONSTRAINED_INTRA) ||
	       h264_mb_is_intra(mb->type);
}

static void load_edges(struct h264_macroblock *m)
{
	const struct h264_picture *pic = m->pic;
	struct h264_edges *e[3] = {&m->edges, &m->edges_c[0], &m->edges_c[1]};

	for (int p = 0; p < 3; p++) {
		int n = p ? 8 : 16;
		unsigned int x = m->mb_x * (unsigned int)n;
		ptrdiff_t stride = pic->stride[p];
		const uint8_t *rec =
			pic->recon[p] + (ptrdiff_t)(m->mb_y * (unsigned int)n) * stride + x;

		e[p]->has_left = intra_usable(m, m->left);
		e[p]->has_top = intra_usable(m, m->top);
		e[p]->has_corner = intra_usable(m, m->top_left);
		e[p]->has_top_right = intra_usable(m, m->top_right);
		for (int y = 0; e[p]->has_left && y < n; y++)
			e[p]->left[y] = rec[y * stride - 1];
		if (m->mb_y > 0) {
			const uint8_t *line = h264_row_store(pic, m->mb_y - 1)->line[p] + x;

			if (e[p]->has_top)
				memcpy(e[p]->top, line, (size_t)n);
			if (p == 0 && e[p]->has_top_right)
				memcpy(e[p]->top + 16, line + 16, 8);
			if (e[p]->has_corner)
				e[p]->corner = line[-1];
		}
	}
}

static void load_source(struct h264_macroblock *m)
{
	const struct h264_picture *pic = m->pic;
	const uint8_t *s =
		pic->source[0] + (ptrdiff_t)(16 * m->mb_y) * pic->stride[0] + 16 * m->mb_x;

	m->dsp->copy(m->src_y, s, pic->stride[0], 16, 16);
	for (int p = 1; p < 3; p++) {
		s = pic->source[p] + (ptrdiff_t)(8 * m->mb_y) * pic->stride[p] + 8 * m->mb_x;
		m->dsp->copy(m->src_c + 8 * (p - 1), s, pic->stride[p], 8, 8);
	}
}

void h264_macroblock_load(struct h264_macroblock *m, const struct h264_picture *pic,
			  unsigned int mb_x, unsigned int mb_y)
{
	const struct sl200_h264_enc *desc = pic->desc;
	int x = 16 * (int)mb_x, y = 16 * (int)mb_y;
	int limit_x = 2000; /* of 2047.75: keeps differences of vectors small too */
	int limit_y = pic->mv_limit_y / 4 - 2;

	m->pic = pic;
	m->dsp = pic->dsp;
	m->effort = pic->effort;
	m->mb_x = mb_x;
	m->mb_y = mb_y;
	m->addr = mb_y * pic->width_mbs + mb_x;
	m->slice_index = pic->slice_of[m->addr];
	m->slice = &pic->slices[m->slice_index];
	m->left = neighbour(m, -1, 0);
	m->top = neighbour(m, 0, -1);
	m->top_right = neighbour(m, 1, -1);
	m->top_left = neighbour(m, -1, -1);
	load_source(m);
	load_edges(m);

	m->qp = desc->head.qp;
	if (pic->qp_map)
		m->qp += pic->qp_map[m->addr];
	m->qp = h264_clip(m->qp, desc->head.qp_min, desc->head.qp_max);
	m->qp_c[0] = h264_qp_c(m->qp, desc->chroma_qp_index_offset);
	m->qp_c[1] = h264_qp_c(m->qp, desc->second_chroma_qp_index_offset);
	m->lambda_sad = h264_lambda_sad[m->qp];
	m->lambda_ssd = h264_lambda_ssd[m->qp];

	m->mv_min[0] = max_int(-x - H264_MV_OUTSIDE, -limit_x);
	m->mv_min[1] = max_int(-y - H264_MV_OUTSIDE, -limit_y);
	m->mv_max[0] = min_int((int)pic->width - 16 - x + H264_MV_OUTSIDE, limit_x);
	m->mv_max[1] = min_int((int)pic->height - 16 - y + H264_MV_OUTSIDE, limit_y);
}
