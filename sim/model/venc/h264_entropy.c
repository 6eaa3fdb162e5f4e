/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_entropy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_cabac_mb.h"
#include "sim/model/venc/h264_cavlc.h"
#include "sim/model/venc/h264_entropy_priv.h"

const uint8_t h264_blk_raster[16] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};

struct h264_entropy *h264_entropy_create(unsigned int max_width_mbs)
{
	struct h264_entropy *e;

	e = calloc(1, sizeof(*e) + max_width_mbs * sizeof(e->row[0]));
	if (e)
		e->max_width_mbs = max_width_mbs;
	return e;
}

void h264_entropy_destroy(struct h264_entropy *e)
{
	free(e);
}

void h264_entropy_begin(struct h264_entropy *e, const struct sl200_h264_enc *desc,
			const struct h264_mb *mbs, uint8_t *out, size_t size)
{
	assert(desc->width_mbs <= e->max_width_mbs);
	e->desc = desc;
	e->mbs = mbs;
	e->cabac_mode = desc->flags & SL200_H264_F_CABAC;
	h264_nal_init(&e->nal, out, size);
	h264_bits_init(&e->bits, &e->nal);
}

/* Bytes of the start code (Annex B) in front of a NAL unit; 0 when there is none. */
static uint32_t start_code_length(const uint8_t *p, uint32_t bytes)
{
	uint32_t n = 0;

	while (n < bytes && p[n] == 0)
		n++;
	return n >= 2 && n < bytes && p[n] == 1 ? n + 1 : 0;
}

/* Copy whole bytes; the bits of a last partial one stay in the bit writer. */
static void put_packed(struct h264_entropy *e, const uint8_t *rbsp, uint32_t bits)
{
	uint32_t bytes = bits / 8, start = start_code_length(rbsp, bytes);

	for (uint32_t i = 0; i < start; i++)
		h264_nal_put_raw(&e->nal, rbsp[i]);
	for (uint32_t i = start; i < bytes; i++)
		h264_nal_put(&e->nal, rbsp[i]);
	h264_bits_init(&e->bits, &e->nal);
	if (bits % 8)
		h264_bits_put(&e->bits, bits % 8, (uint32_t)rbsp[bytes] >> (8 - bits % 8));
}

void h264_entropy_header(struct h264_entropy *e, const uint8_t *rbsp, uint32_t bits)
{
	put_packed(e, rbsp, bits);
	h264_bits_align(&e->bits, false);
	h264_nal_end(&e->nal);
}

void h264_entropy_slice_begin(struct h264_entropy *e, const struct sl200_h264_slice *slice,
			      const uint8_t *header, uint32_t header_bits)
{
	e->slice = slice;
	e->mb_skip_run = 0;
	e->mb_coded = false;
	e->qp_delta_coded = false;
	e->qp_pred = (uint8_t)slice->slice_qp;
	put_packed(e, header, header_bits);
	if (e->cabac_mode) {
		h264_bits_align(&e->bits, true); /* cabac_alignment_one_bit */
		h264_cabac_init_contexts(
			&e->cabac,
			slice->slice_type == SL200_H264_SLICE_I ? 0 : slice->cabac_init_idc + 1u,
			slice->slice_qp);
		h264_cabac_start(&e->cabac, &e->nal);
	}
}

static uint64_t position(const struct h264_entropy *e)
{
	if (e->cabac_mode)
		return h264_cabac_position(&e->cabac);
	return 8 * (uint64_t)e->nal.pos + e->bits.nbits;
}

uint32_t h264_entropy_mb(struct h264_entropy *e, unsigned int mb_addr,
			 const struct h264_levels *levels)
{
	unsigned int width = e->desc->width_mbs, x = mb_addr % width;
	uint32_t first = e->slice->first_mb;
	bool has_a = x && mb_addr > first, has_b = mb_addr >= first + width;
	uint64_t start = position(e), bits;

	e->mb = &e->mbs[mb_addr];
	e->mb_a = has_a ? e->mb - 1 : NULL;
	e->mb_b = has_b ? e->mb - width : NULL;
	e->coded_a = has_a ? &e->row[x - 1] : NULL;
	e->coded_b = has_b ? &e->row[x] : NULL;
	memset(&e->current, 0, sizeof(e->current));

	if (e->cabac_mode)
		h264_cabac_mb(e, levels);
	else
		h264_cavlc_mb(e, levels);

	e->row[x] = e->current;
	bits = position(e) - start;
	return bits > UINT32_MAX ? UINT32_MAX : (uint32_t)bits;
}

void h264_entropy_slice_end(struct h264_entropy *e)
{
	if (e->cabac_mode) {
		h264_cabac_terminate(&e->cabac, 1); /* end_of_slice_flag and the trailing bits */
		h264_bits_init(&e->bits, &e->nal);
	} else {
		if (e->mb_skip_run)
			h264_bits_ue(&e->bits, e->mb_skip_run);
		h264_bits_put(&e->bits, 1, 1); /* rbsp_stop_one_bit */
		h264_bits_align(&e->bits, false);
	}
	h264_nal_end(&e->nal);
}

bool h264_entropy_finish(struct h264_entropy *e, size_t *bytes)
{
	bool fits = e->nal.pos <= e->nal.size;

	*bytes = fits ? e->nal.pos : e->nal.size;
	return fits;
}

/* intraMxMPredModeN (8.3.1.1) of 4x4 block raster of a neighbouring macroblock; -1: DC for both. */
static int neighbour_intra_mode(const struct h264_entropy *e, const struct h264_mb *mb,
				unsigned int blk)
{
	if (!mb)
		return -1;
	if (!h264_mb_is_intra(mb->type))
		return e->desc->flags & SL200_H264_F_CONSTRAINED_INTRA ? -1 : 2;
	return mb->type <= H264_MB_I8X8 ? mb->intra_mode[blk] : 2;
}

uint8_t h264_pred_intra_mode(const struct h264_entropy *e, unsigned int x4, unsigned int y4)
{
	/* h264_blk_raster is its own inverse */
	unsigned int raster = 4 * y4 + x4;
	int a = x4 ? e->mb->intra_mode[h264_blk_raster[raster - 1]]
		   : neighbour_intra_mode(e, e->mb_a, h264_blk_raster[raster + 3]);
	int b = y4 ? e->mb->intra_mode[h264_blk_raster[raster - 4]]
		   : neighbour_intra_mode(e, e->mb_b, h264_blk_raster[raster + 12]);

	if (a < 0 || b < 0)
		return 2;
	return (uint8_t)(a < b ? a : b);
}

bool h264_codes_transform_flag(const struct h264_entropy *e)
{
	const struct h264_mb *mb = e->mb;

	if (!(e->desc->flags & SL200_H264_F_TRANSFORM_8X8))
		return false;
	if (h264_mb_is_intra(mb->type))
		return mb->type <= H264_MB_I8X8;
	if (!mb->cbp_luma)
		return false;
	if (mb->type == H264_MB_P8X8)
		for (unsigned int i = 0; i < 4; i++)
			if (mb->sub_type[i] != H264_SUB_8X8 && mb->sub_type[i] != H264_SUB_DIRECT)
				return false;
	return true;
}

int h264_next_qp_delta(struct h264_entropy *e)
{
	int delta = e->mb->qp - e->qp_pred;

	e->qp_pred = e->mb->qp;
	return delta < -26 ? delta + 52 : delta > 25 ? delta - 52 : delta;
}

unsigned int h264_intra_mb_type(const struct h264_mb *mb)
{
	if (mb->type == H264_MB_I_PCM)
		return 25;
	if (mb->type != H264_MB_I16X16)
		return 0;
	return 1u + mb->intra16x16_mode + 4u * mb->cbp_chroma + (mb->cbp_luma ? 12 : 0);
}

unsigned int h264_partitions(const struct h264_mb *mb)
{
	switch (mb->type) {
	case H264_MB_P16X16:
		return 0x1;
	case H264_MB_P16X8:
		return 0x5;
	case H264_MB_P8X16:
		return 0x3;
	default:
		return 0xf;
	}
}

bool h264_part_uses_list(const struct h264_mb *mb, unsigned int part, unsigned int list)
{
	if (mb->type == H264_MB_P8X8 && mb->sub_type[part] == H264_SUB_DIRECT)
		return false;
	return mb->ref_idx[list][part] >= 0;
}

/* Lists that an 8x8 quadrant is predicted from: 1 L0, 2 L1, 3 both. */
static unsigned int part_lists(const struct h264_mb *mb, unsigned int part)
{
	return (mb->ref_idx[0][part] >= 0) | (unsigned int)(mb->ref_idx[1][part] >= 0) << 1;
}

unsigned int h264_b_mb_type(const struct h264_mb *mb)
{
	/* Table 7-14, in the order of 16x8; 8x16 follows by one: [lists of part 0][of part 1] */
	static const uint8_t halves[4][4] = {
		[1] = {[1] = 4, [2] = 8, [3] = 12},
		[2] = {[1] = 10, [2] = 6, [3] = 14},
		[3] = {[1] = 16, [2] = 18, [3] = 20},
	};

	switch (mb->type) {
	case H264_MB_B_DIRECT16X16:
		return 0;
	case H264_MB_P16X16:
		return part_lists(mb, 0);
	case H264_MB_P16X8:
		return halves[part_lists(mb, 0)][part_lists(mb, 2)];
	case H264_MB_P8X16:
		return halves[part_lists(mb, 0)][part_lists(mb, 1)] + 1u;
	default:
		return 22;
	}
}

unsigned int h264_b_sub_mb_type(const struct h264_mb *mb, unsigned int part)
{
	/* Table 7-18: [lists][shape] */
	static const uint8_t types[4][4] = {
		[1] = {1, 4, 5, 10},
		[2] = {2, 6, 7, 11},
		[3] = {3, 8, 9, 12},
	};

	if (mb->sub_type[part] == H264_SUB_DIRECT)
		return 0;
	return types[part_lists(mb, part)][mb->sub_type[part]];
}
