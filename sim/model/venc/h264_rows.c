/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_rows.h"

#include <string.h>

static uint16_t fetch_plane_row(struct mem_port *port, const struct sl200_surface *s, int plane,
				unsigned int row, void *dst, size_t len, uint64_t *bytes)
{
	*bytes += len;
	return port->read(port, s->iova + s->offset[plane] + (uint64_t)row * s->pitch[plane], dst,
			  len);
}

static void replicate(uint8_t *row, unsigned int have, unsigned int want)
{
	if (have < want)
		memset(row + have, row[have - 1], want - have);
}

uint16_t h264_fetch_row(struct mem_port *port, const struct sl200_surface *s, unsigned int mb_y,
			unsigned int width, unsigned int height, uint8_t *const plane[3],
			const ptrdiff_t stride[3], uint8_t *scratch, uint64_t *bytes)
{
	unsigned int full = (width + 15) / 16 * 16;
	uint16_t status;

	for (unsigned int y = 16 * mb_y; y < 16 * mb_y + 16; y++) {
		uint8_t *row = plane[0] + (ptrdiff_t)y * stride[0];

		if (y >= height) {
			memcpy(row, row - stride[0], full);
			continue;
		}
		status = fetch_plane_row(port, s, 0, y, row, width, bytes);
		if (status)
			return status;
		replicate(row, width, full);
	}
	for (unsigned int y = 8 * mb_y; y < 8 * mb_y + 8; y++) {
		uint8_t *cb = plane[1] + (ptrdiff_t)y * stride[1];
		uint8_t *cr = plane[2] + (ptrdiff_t)y * stride[2];

		if (y >= height / 2) {
			memcpy(cb, cb - stride[1], full / 2);
			memcpy(cr, cr - stride[2], full / 2);
			continue;
		}
		if (s->format == SL200_FORMAT_NV12) {
			status = fetch_plane_row(port, s, 1, y, scratch, width, bytes);
			if (status)
				return status;
			for (unsigned int x = 0; x < width / 2; x++) {
				cb[x] = scratch[2 * x];
				cr[x] = scratch[2 * x + 1];
			}
		} else {
			status = fetch_plane_row(port, s, 1, y, cb, width / 2, bytes);
			if (!status)
				status = fetch_plane_row(port, s, 2, y, cr, width / 2, bytes);
			if (status)
				return status;
		}
		replicate(cb, width / 2, full / 2);
		replicate(cr, width / 2, full / 2);
	}
	return SL200_STATUS_OK;
}

/*
 * Rows in progress wake those that sleep this seldom, and sleepers let them get ahead as far:
 * waking for each macroblock costs more than coding it.
 */
#define WAKE_INTERVAL 8u

/* Wait until `need` macroblocks of the row are analysed; after a sleep, until there are more. */
static bool wait_for(struct h264_picture *pic, unsigned int mb_y, unsigned int need)
{
	unsigned int margin =
		need + WAKE_INTERVAL < pic->width_mbs ? need + WAKE_INTERVAL : pic->width_mbs;

	for (int i = 0; i < 64; i++) {
		if (atomic_load_explicit(&pic->progress[mb_y], memory_order_acquire) >= need)
			return true;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	pthread_mutex_lock(&pic->wave_lock);
	atomic_fetch_add(&pic->waiters, 1);
	while (atomic_load(&pic->progress[mb_y]) < margin && !atomic_load(&pic->stop))
		pthread_cond_wait(&pic->wave_cond, &pic->wave_lock);
	atomic_fetch_sub(&pic->waiters, 1);
	pthread_mutex_unlock(&pic->wave_lock);
	return !atomic_load(&pic->stop);
}

static void wake(struct h264_picture *pic)
{
	pthread_mutex_lock(&pic->wave_lock);
	pthread_cond_broadcast(&pic->wave_cond);
	pthread_mutex_unlock(&pic->wave_lock);
}

void h264_stop_rows(struct h264_picture *pic)
{
	atomic_store(&pic->stop, true);
	wake(pic);
}

bool h264_analyse_row(struct h264_picture *pic, struct h264_macroblock *m, unsigned int mb_y)
{
	unsigned int width = pic->width_mbs;

	for (unsigned int x = 0; x < width; x++) {
		unsigned int need = x + 2 < width ? x + 2 : width;

		if (mb_y > 0 && !wait_for(pic, mb_y - 1, need))
			return false;
		h264_macroblock_load(m, pic, x, mb_y);
		h264_macroblock_code(m);
		atomic_store(&pic->progress[mb_y], x + 1);
		if (((x + 1) % WAKE_INTERVAL == 0 || x + 1 == width) && atomic_load(&pic->waiters))
			wake(pic);
	}
	return true;
}

/* Is mb_qp_delta coded? (7.3.5) */
static bool has_qp_delta(const struct h264_mb *mb)
{
	if (mb->type == H264_MB_I16X16)
		return true;
	if (mb->type == H264_MB_P_SKIP || mb->type == H264_MB_I_PCM)
		return false;
	return mb->cbp_luma || mb->cbp_chroma;
}

static uint16_t write_row(struct h264_picture *pic, struct h264_row_state *state,
			  const struct sl200_surface *s, int plane, unsigned int y, const void *src,
			  size_t len)
{
	state->totals.bytes_written += len;
	return pic->port->write(
		pic->port, s->iova + s->offset[plane] + (uint64_t)y * s->pitch[plane], src, len);
}

/* Store a final macroblock row of the reconstruction and measure it. */
static uint16_t output_row(struct h264_picture *pic, struct h264_row_state *state,
			   unsigned int mb_y)
{
	const struct sl200_surface *s = &pic->desc->head.recon;
	unsigned int width = pic->desc->head.source.width, height = pic->desc->head.source.height;
	uint16_t status;

	for (unsigned int y = 16 * mb_y; y < 16 * mb_y + 16; y++) {
		const uint8_t *row = pic->recon[0] + (ptrdiff_t)y * pic->stride[0];

		status = write_row(pic, state, s, 0, y, row, pic->width);
		if (status)
			return status;
		if (y < height)
			state->totals.sse[0] += pic->dsp->ssd_row(
				row, pic->source[0] + (ptrdiff_t)y * pic->stride[0], width);
	}
	for (unsigned int y = 8 * mb_y; y < 8 * mb_y + 8; y++) {
		const uint8_t *row[2] = {pic->recon[1] + (ptrdiff_t)y * pic->stride[1],
					 pic->recon[2] + (ptrdiff_t)y * pic->stride[2]};

		if (s->format == SL200_FORMAT_NV12) {
			for (unsigned int x = 0; x < pic->width / 2; x++) {
				state->scratch[2 * x] = row[0][x];
				state->scratch[2 * x + 1] = row[1][x];
			}
			status = write_row(pic, state, s, 1, y, state->scratch, pic->width);
		} else {
			status = write_row(pic, state, s, 1, y, row[0], pic->width / 2);
			if (!status)
				status = write_row(pic, state, s, 2, y, row[1], pic->width / 2);
		}
		if (status)
			return status;
		for (int p = 0; y < height / 2 && p < 2; p++)
			state->totals.sse[1 + p] += pic->dsp->ssd_row(
				row[p], pic->source[1 + p] + (ptrdiff_t)y * pic->stride[1 + p],
				width / 2);
	}
	return SL200_STATUS_OK;
}

uint16_t h264_finish_row(struct h264_picture *pic, struct h264_row_state *state, unsigned int mb_y)
{
	uint16_t status = SL200_STATUS_OK;

	for (unsigned int x = 0; x < pic->width_mbs; x++) {
		unsigned int addr = mb_y * pic->width_mbs + x;
		const struct sl200_h264_slice *slice = &pic->slices[pic->slice_of[addr]];
		struct h264_mb *mb = &pic->mbs[addr];

		if (addr == slice->first_mb)
			state->qp_previous = slice->slice_qp;
		if (has_qp_delta(mb))
			state->qp_previous = mb->qp;
		mb->qp = (uint8_t)state->qp_previous;
		if (pic->stats)
			pic->stats[addr].qp = mb->qp;
		state->totals.sum_qp += mb->qp;
		state->totals.intra_mbs += h264_mb_is_intra(mb->type) ? 1 : 0;
		state->totals.skip_mbs += mb->type == H264_MB_P_SKIP;
	}
	h264_deblock_row(&state->deblock, mb_y);
	if (mb_y > 0)
		status = output_row(pic, state, mb_y - 1);
	if (!status && mb_y + 1 == pic->height_mbs)
		status = output_row(pic, state, mb_y);
	return status;
}

void h264_entropy_row(struct h264_picture *pic, struct h264_row_state *state, unsigned int mb_y,
		      const uint8_t *blob)
{
	const struct h264_row_store *row = h264_row_store(pic, mb_y);

	for (unsigned int x = 0; x < pic->width_mbs; x++) {
		unsigned int addr = mb_y * pic->width_mbs + x;
		const struct sl200_h264_slice *slice = &pic->slices[pic->slice_of[addr]];
		uint32_t bits;

		if (addr == slice->first_mb)
			h264_entropy_slice_begin(pic->entropy, slice, blob + slice->header.offset,
						 slice->header.bits);
		bits = h264_entropy_mb(pic->entropy, addr,
				       pic->mbs[addr].type == H264_MB_P_SKIP ? NULL
									     : &row->levels[x]);
		if (pic->stats)
			pic->stats[addr].bits = (uint16_t)(bits > UINT16_MAX ? UINT16_MAX : bits);
		if (addr + 1 == slice->first_mb + slice->num_mbs)
			h264_entropy_slice_end(pic->entropy);
	}
}
