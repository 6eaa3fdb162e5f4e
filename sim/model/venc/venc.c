/* SPDX-License-Identifier: MIT */
/*
 * The encode engine: buffers that live from job to job, and the schedule of a picture's rows on
 * the worker threads.
 */
#include "sim/model/venc/venc.h"

#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_rows.h"
#include "sim/model/venc/venc_crc.h"
#include "sim/model/venc/venc_pool.h"

#define ALIGN 64u
/* Published for the model's clock: cycles of a macroblock, and of starting a picture */
#define CYCLES_PER_MB 400u
#define CYCLES_PER_PICTURE 2000u
/* Largest coded macroblock in bytes: 3200 bits (A.3.1), doubled for emulation prevention */
#define MB_BYTES_MAX 800u

const struct venc_h264_caps venc_h264_caps = {
	.flags = SL200_H264_F_CABAC | SL200_H264_F_TRANSFORM_8X8 | SL200_H264_F_CONSTRAINED_INTRA |
		 SL200_H264_F_REFERENCE,
	.max_width = SL200_H264_MAX_DIM,
	.max_height = SL200_H264_MAX_DIM,
	.max_refs_l0 = H264_SEARCH_REFS,
	.max_refs_l1 = 0,
	.max_slices = SL200_H264_MAX_SLICES,
	.quality_levels = 3,
};

static const struct h264_effort efforts[] = {
	{.rdo_quant = true,
	 .refs = 4,
	 .hex_steps = 16,
	 .half_steps = 3,
	 .quarter_steps = 3,
	 .square = true,
	 .shapes = 3,
	 .rd_both = true},
	{.rdo_quant = true,
	 .refs = 2,
	 .hex_steps = 8,
	 .half_steps = 2,
	 .quarter_steps = 2,
	 .shapes = 2},
	{.refs = 1, .hex_steps = 4, .half_steps = 1, .quarter_steps = 1},
};

struct buffer {
	void *data;
	size_t size;
};

struct venc {
	struct venc_pool *pool;
	unsigned int threads;
	struct h264_macroblock *macroblock; /* one per thread */
	struct h264_picture pic;
	struct h264_ref_picture ref[SL200_H264_MAX_REFS];
	struct h264_entropy *entropy;
	unsigned int entropy_width_mbs;
	struct buffer planes, mbs, slice_of, stats, qp_map, lines, levels, stores, progress, blob,
		bitstream, scratch;
};

enum task { TASK_FETCH, TASK_DERIVE, TASK_ANALYSE, TASK_FINISH, TASK_ENTROPY, TASK_END };

/* A job on its way. Fields behind lock are guarded by it. */
struct job {
	struct venc *venc;
	struct h264_picture *pic;
	struct h264_row_state state;
	const uint8_t *blob;

	pthread_mutex_t lock;
	pthread_cond_t cond;
	uint16_t status;
	unsigned int fetches, fetched, derives, derived; /* given out and done */
	unsigned int analyses, finished, coded;		 /* rows given out; rows done */
	bool *analysed;
	bool finishing, coding;
	uint64_t bytes_read;
	uint8_t used[SL200_H264_MAX_REFS]; /* desc.refs indices in use */
	unsigned int num_used;
};

struct venc *venc_create(unsigned int threads)
{
	struct venc *venc = calloc(1, sizeof(*venc));

	if (!venc)
		return NULL;
	venc->threads = threads;
	venc->pool = venc_pool_create(threads);
	venc->macroblock = aligned_alloc(ALIGN, (sizeof(*venc->macroblock) * threads + ALIGN - 1) /
							ALIGN * ALIGN);
	pthread_mutex_init(&venc->pic.wave_lock, NULL);
	pthread_cond_init(&venc->pic.wave_cond, NULL);
	if (!venc->pool || !venc->macroblock) {
		venc_destroy(venc);
		return NULL;
	}
	memset(venc->macroblock, 0, sizeof(*venc->macroblock) * threads);
	return venc;
}

void venc_destroy(struct venc *venc)
{
	struct buffer *buffers[] = {&venc->planes, &venc->mbs,	     &venc->slice_of,
				    &venc->stats,  &venc->qp_map,    &venc->lines,
				    &venc->levels, &venc->stores,    &venc->progress,
				    &venc->blob,   &venc->bitstream, &venc->scratch};

	if (!venc)
		return;
	venc_pool_destroy(venc->pool);
	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		free(buffers[i]->data);
	for (unsigned int i = 0; i < SL200_H264_MAX_REFS; i++)
		h264_ref_release(&venc->ref[i]);
	h264_entropy_destroy(venc->entropy);
	pthread_cond_destroy(&venc->pic.wave_cond);
	pthread_mutex_destroy(&venc->pic.wave_lock);
	free(venc->macroblock);
	free(venc);
}

static void *grow(struct buffer *b, size_t size)
{
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (size > b->size) {
		free(b->data);
		b->data = aligned_alloc(ALIGN, size);
		b->size = b->data ? size : 0;
		if (b->data)
			memset(b->data, 0, size);
	}
	return b->data;
}

static bool layout_planes(struct venc *venc)
{
	struct h264_picture *pic = &venc->pic;
	size_t y = (size_t)pic->width * pic->height;
	uint8_t *p = grow(&venc->planes, 2 * (y + y / 2) + 6 * ALIGN);

	if (!p)
		return false;
	for (int i = 0; i < 3; i++) {
		pic->stride[i] = (ptrdiff_t)(i ? pic->width / 2 : pic->width);
		pic->source[i] = p;
		p += (i ? y / 4 : y) / ALIGN * ALIGN + ALIGN;
		pic->recon[i] = p;
		p += (i ? y / 4 : y) / ALIGN * ALIGN + ALIGN;
	}
	return true;
}

static bool layout_rows(struct venc *venc)
{
	struct h264_picture *pic = &venc->pic;
	size_t line = pic->width + 2 * ALIGN;
	struct h264_levels *levels;
	uint8_t *lines;

	pic->store_rows = 2 * venc->threads + 2;
	pic->store = grow(&venc->stores, pic->store_rows * sizeof(*pic->store));
	levels = grow(&venc->levels, (size_t)pic->store_rows * pic->width_mbs * sizeof(*levels));
	lines = grow(&venc->lines, pic->store_rows * 3 * line);
	if (!pic->store || !levels || !lines)
		return false;
	for (unsigned int i = 0; i < pic->store_rows; i++) {
		pic->store[i].levels = levels + (size_t)i * pic->width_mbs;
		for (int p = 0; p < 3; p++, lines += line)
			pic->store[i].line[p] = lines + ALIGN;
	}
	return true;
}

/* Buffers for the job's size. */
static bool set_up(struct venc *venc, const struct sl200_h264_enc *desc)
{
	struct h264_picture *pic = &venc->pic;
	size_t mbs = (size_t)desc->width_mbs * desc->height_mbs;

	pic->width_mbs = desc->width_mbs;
	pic->height_mbs = desc->height_mbs;
	pic->width = 16u * desc->width_mbs;
	pic->height = 16u * desc->height_mbs;
	if (venc->entropy_width_mbs < pic->width_mbs) {
		h264_entropy_destroy(venc->entropy);
		venc->entropy = h264_entropy_create(pic->width_mbs);
		venc->entropy_width_mbs = venc->entropy ? pic->width_mbs : 0;
	}
	pic->entropy = venc->entropy;
	pic->mbs = grow(&venc->mbs, mbs * sizeof(*pic->mbs));
	pic->slice_of = grow(&venc->slice_of, mbs * sizeof(*pic->slice_of));
	pic->progress = grow(&venc->progress, pic->height_mbs * (sizeof(*pic->progress) + 1));
	pic->stats = NULL;
	if (desc->head.stats_iova) {
		pic->stats = grow(&venc->stats, mbs * sizeof(*pic->stats));
		if (!pic->stats)
			return false;
	}
	return layout_planes(venc) && layout_rows(venc) && pic->entropy && pic->mbs &&
	       pic->slice_of && pic->progress &&
	       grow(&venc->scratch, pic->width * (venc->threads + 1)) &&
	       (!desc->head.header_size || grow(&venc->blob, desc->head.header_size));
}

/* The pieces of the header blob must lie in it. */
static bool header_inside(const struct sl200_h264_enc *desc, const struct sl200_packed_header *h)
{
	return h->offset <= desc->head.header_size &&
	       ((uint64_t)h->bits + 7) / 8 <= desc->head.header_size - h->offset;
}

/* Slices, headers and references once more: the engine relies on them for memory safety. */
static bool consistent(const struct sl200_h264_enc *desc, const struct sl200_h264_slice *slices)
{
	uint32_t next = 0, mbs = (uint32_t)desc->width_mbs * desc->height_mbs;
	const struct sl200_surface *src = &desc->head.source;

	if (!desc->num_slices || desc->num_slices > SL200_H264_MAX_SLICES || !mbs ||
	    desc->num_headers > SL200_H264_MAX_HEADERS || desc->num_refs > SL200_H264_MAX_REFS ||
	    desc->head.header_size > SL200_H264_HEADER_SIZE_MAX ||
	    desc->width_mbs > SL200_H264_MAX_DIM / 16 || desc->height_mbs > SL200_H264_MAX_DIM / 16)
		return false;
	if ((src->width + 15u) / 16 != desc->width_mbs ||
	    (src->height + 15u) / 16 != desc->height_mbs || src->width % 2 || src->height % 2)
		return false;
	if (abs(desc->chroma_qp_index_offset) > 12 || abs(desc->second_chroma_qp_index_offset) > 12)
		return false;
	if (desc->head.qp_max >= 52 || desc->head.qp_min > desc->head.qp_max ||
	    desc->head.quality < 1 || desc->head.quality > venc_h264_caps.quality_levels)
		return false;
	for (unsigned int i = 0; i < desc->num_headers; i++)
		if (!header_inside(desc, &desc->header[i]))
			return false;
	for (unsigned int i = 0; i < desc->num_slices; i++) {
		const struct sl200_h264_slice *s = &slices[i];
		bool p = s->slice_type == SL200_H264_SLICE_P;

		if (s->first_mb != next || !s->num_mbs || s->num_mbs > mbs - next ||
		    !header_inside(desc, &s->header) || s->slice_qp < 0 || s->slice_qp > 51 ||
		    s->cabac_init_idc > 2 || s->disable_deblocking_filter_idc > 2 ||
		    abs(s->slice_alpha_c0_offset_div2) > 6 || abs(s->slice_beta_offset_div2) > 6)
			return false;
		if ((!p && s->slice_type != SL200_H264_SLICE_I) ||
		    (p && (!s->num_ref_idx_l0 || s->num_ref_idx_l0 > H264_SEARCH_REFS)))
			return false;
		for (unsigned int r = 0; p && r < s->num_ref_idx_l0; r++)
			if (s->ref_l0[r] >= desc->num_refs)
				return false;
		next += s->num_mbs;
	}
	return next == mbs;
}

/* Which references the slices name, and room for them. */
static bool set_up_refs(struct venc *venc, struct job *job)
{
	struct h264_picture *pic = &venc->pic;

	memset(pic->ref, 0, sizeof(pic->ref));
	for (unsigned int i = 0; i < pic->desc->num_slices; i++) {
		const struct sl200_h264_slice *s = &pic->slices[i];

		for (uint32_t k = 0; k < s->num_mbs; k++)
			pic->slice_of[s->first_mb + k] = (uint16_t)i;
		for (unsigned int r = 0;
		     s->slice_type == SL200_H264_SLICE_P && r < s->num_ref_idx_l0; r++) {
			unsigned int index = s->ref_l0[r];

			if (pic->ref[index])
				continue;
			if (!h264_ref_setup(&venc->ref[index], pic->width, pic->height))
				return false;
			pic->ref[index] = &venc->ref[index];
			job->used[job->num_used++] = (uint8_t)index;
		}
	}
	return true;
}

static uint16_t read_inputs(struct venc *venc, struct job *job)
{
	struct h264_picture *pic = &venc->pic;
	const struct sl200_enc_head *head = &pic->desc->head;
	uint16_t status = SL200_STATUS_OK;

	job->blob = venc->blob.data;
	if (head->header_size) {
		status = pic->port->read(pic->port, head->header_iova, venc->blob.data,
					 head->header_size);
		job->bytes_read += head->header_size;
	}
	pic->qp_map = NULL;
	if (status || !head->qp_map_iova)
		return status;
	pic->qp_map = grow(&venc->qp_map, (size_t)pic->width_mbs * pic->height_mbs);
	if (!pic->qp_map)
		return SL200_STATUS_ENGINE_ERROR;
	for (unsigned int y = 0; !status && y < pic->height_mbs; y++) {
		status = pic->port->read(pic->port,
					 head->qp_map_iova + (uint64_t)y * head->qp_map_pitch,
					 pic->qp_map + (size_t)y * pic->width_mbs, pic->width_mbs);
		job->bytes_read += pic->width_mbs;
	}
	return status;
}

static bool all_done(const struct job *job)
{
	return job->coded == job->pic->height_mbs;
}

/* The next thing to do; rows that are behind go first. Called with the lock held. */
static enum task next_task(struct job *job, unsigned int *index)
{
	const struct h264_picture *pic = job->pic;
	unsigned int rows = pic->height_mbs;
	unsigned int fetches = rows * (1 + job->num_used), derives = rows * job->num_used;

	for (;;) {
		if (job->status || all_done(job))
			return TASK_END;
		if (!job->finishing && job->finished < rows && job->analysed[job->finished]) {
			job->finishing = true;
			*index = job->finished;
			return TASK_FINISH;
		}
		if (!job->coding && job->coded < job->finished) {
			job->coding = true;
			*index = job->coded;
			return TASK_ENTROPY;
		}
		if (job->fetches < fetches) {
			*index = job->fetches++;
			return TASK_FETCH;
		}
		if (job->fetched == fetches && job->derives < derives) {
			*index = job->derives++;
			return TASK_DERIVE;
		}
		if (job->fetched == fetches && job->derived == derives && job->analyses < rows &&
		    job->analyses < job->coded + pic->store_rows) {
			*index = job->analyses++;
			return TASK_ANALYSE;
		}
		pthread_cond_wait(&job->cond, &job->lock);
	}
}

static uint16_t fetch(struct job *job, unsigned int index, unsigned int thread)
{
	struct h264_picture *pic = job->pic;
	unsigned int mb_y = index % pic->height_mbs, which = index / pic->height_mbs;
	uint8_t *scratch = (uint8_t *)job->venc->scratch.data + (size_t)thread * pic->width;
	const struct sl200_surface *source = &pic->desc->head.source;
	uint64_t bytes = 0;
	uint16_t status;

	if (which == 0) {
		status = h264_fetch_row(pic->port, source, mb_y, source->width, source->height,
					pic->source, pic->stride, scratch, &bytes);
	} else {
		struct h264_ref_picture *ref = pic->ref[job->used[which - 1]];
		uint8_t *const plane[3] = {ref->luma[0], ref->chroma[0], ref->chroma[1]};
		const ptrdiff_t stride[3] = {ref->stride, ref->stride_c, ref->stride_c};

		status = h264_fetch_row(pic->port, &pic->refs[job->used[which - 1]].surface, mb_y,
					pic->width, pic->height, plane, stride, scratch, &bytes);
		if (!status)
			h264_ref_pad_row(ref, mb_y);
	}
	pthread_mutex_lock(&job->lock);
	job->bytes_read += bytes;
	pthread_mutex_unlock(&job->lock);
	return status;
}

static uint16_t do_task(struct job *job, enum task task, unsigned int index, unsigned int thread)
{
	struct h264_picture *pic = job->pic;

	if (atomic_load_explicit(pic->abort, memory_order_relaxed))
		return SL200_STATUS_ABORTED;
	switch (task) {
	case TASK_FETCH:
		return fetch(job, index, thread);
	case TASK_DERIVE:
		h264_ref_derive_row(pic->ref[job->used[index / pic->height_mbs]], pic->dsp,
				    index % pic->height_mbs);
		return SL200_STATUS_OK;
	case TASK_ANALYSE:
		h264_analyse_row(pic, &job->venc->macroblock[thread], index);
		return SL200_STATUS_OK;
	case TASK_FINISH:
		return h264_finish_row(pic, &job->state, index);
	default:
		h264_entropy_row(pic, &job->state, index, job->blob);
		return SL200_STATUS_OK;
	}
}

static void work(void *arg, unsigned int thread)
{
	struct job *job = arg;
	unsigned int index = 0;
	enum task task;

	pthread_mutex_lock(&job->lock);
	while ((task = next_task(job, &index)) != TASK_END) {
		uint16_t status;

		pthread_mutex_unlock(&job->lock);
		status = do_task(job, task, index, thread);
		pthread_mutex_lock(&job->lock);
		if (status && !job->status) {
			job->status = status; /* before rows return half analysed */
			h264_stop_rows(job->pic);
		}
		switch (task) {
		case TASK_FETCH:
			job->fetched++;
			break;
		case TASK_DERIVE:
			job->derived++;
			break;
		case TASK_ANALYSE:
			job->analysed[index] = true;
			break;
		case TASK_FINISH:
			job->finishing = false;
			job->finished++;
			break;
		default:
			job->coding = false;
			job->coded++;
			break;
		}
		pthread_cond_broadcast(&job->cond);
	}
	pthread_mutex_unlock(&job->lock);
}

static void begin(struct venc *venc, struct job *job)
{
	struct h264_picture *pic = &venc->pic;
	const struct sl200_h264_enc *desc = pic->desc;
	unsigned int mbs = pic->width_mbs * pic->height_mbs;

	for (unsigned int y = 0; y < pic->height_mbs; y++)
		atomic_init(&pic->progress[y], 0);
	atomic_init(&pic->waiters, 0);
	atomic_init(&pic->stop, false);
	job->analysed = (bool *)(pic->progress + pic->height_mbs);
	memset(job->analysed, 0, pic->height_mbs);
	/* Table A-1: the vertical range of the lowest level that allows the picture's size */
	pic->mv_limit_y = 4 * (mbs <= 99 ? 64 : mbs <= 396 ? 128 : mbs <= 1620 ? 256 : 512);

	job->state.deblock = (struct h264_deblock_picture){
		.mbs = pic->mbs,
		.slices = pic->slices,
		.width_mbs = pic->width_mbs,
		.height_mbs = pic->height_mbs,
		.chroma_qp_index_offset = {desc->chroma_qp_index_offset,
					   desc->second_chroma_qp_index_offset},
	};
	for (int p = 0; p < 3; p++) {
		job->state.deblock.plane[p] = pic->recon[p];
		job->state.deblock.stride[p] = pic->stride[p];
	}
	job->state.scratch = (uint8_t *)venc->scratch.data + (size_t)venc->threads * pic->width;

	for (unsigned int i = 0; i < desc->num_headers; i++) {
		h264_entropy_header(pic->entropy, job->blob + desc->header[i].offset,
				    desc->header[i].bits);
		job->state.totals.header_bits += desc->header[i].bits;
	}
	for (unsigned int i = 0; i < desc->num_slices; i++)
		job->state.totals.header_bits += pic->slices[i].header.bits;
}

/* Bitstream and statistics to memory, checksums and sums to the result. */
static uint16_t end(struct venc *venc, struct job *job, struct sl200_job_result *result)
{
	struct h264_picture *pic = &venc->pic;
	const struct sl200_enc_head *head = &pic->desc->head;
	struct h264_totals *t = &job->state.totals;
	unsigned int mbs = pic->width_mbs * pic->height_mbs;
	uint16_t status = SL200_STATUS_OK, write;
	size_t bytes;

	if (!h264_entropy_finish(pic->entropy, &bytes))
		status = SL200_STATUS_OVERFLOW;
	result->bytes = (uint32_t)bytes;
	result->crc_bitstream = venc_crc32c(0, venc->bitstream.data, bytes);
	for (int p = 0; p < 3; p++) {
		size_t n = (size_t)pic->width * pic->height / (p ? 4 : 1);

		result->crc_recon = venc_crc32c(result->crc_recon, pic->recon[p], n);
		result->sse[p] = t->sse[p];
	}
	result->sum_qp = t->sum_qp;
	result->intra_mbs = t->intra_mbs;
	result->skip_mbs = t->skip_mbs;
	result->header_bits = t->header_bits;
	result->slices = pic->desc->num_slices;
	result->cycles = CYCLES_PER_PICTURE + (uint64_t)CYCLES_PER_MB * mbs;
	if (bytes) {
		write = pic->port->write(pic->port, head->bitstream_iova, venc->bitstream.data,
					 bytes);
		if (write)
			return write;
		t->bytes_written += bytes;
	}
	if (pic->stats) {
		write = pic->port->write(pic->port, head->stats_iova, pic->stats,
					 mbs * sizeof(*pic->stats));
		if (write)
			return write;
		t->bytes_written += mbs * sizeof(*pic->stats);
	}
	return status;
}

/* Of all headers with emulation prevention. Pieces may share bytes of the blob. */
static size_t header_bytes_max(const struct sl200_h264_enc *desc,
			       const struct sl200_h264_slice *slices)
{
	size_t bytes = 0;

	for (unsigned int i = 0; i < desc->num_headers; i++)
		bytes += desc->header[i].bits / 8 + 1;
	for (unsigned int i = 0; i < desc->num_slices; i++)
		bytes += slices[i].header.bits / 8 + 1;
	return 2 * bytes;
}

uint16_t venc_h264_run(struct venc *venc, const struct sl200_h264_enc *desc,
		       const struct sl200_h264_ref *refs, const struct sl200_h264_slice *slices,
		       struct mem_port *port, const atomic_bool *abort,
		       struct sl200_job_result *result)
{
	struct h264_picture *pic = &venc->pic;
	struct job job = {.venc = venc, .pic = pic};
	size_t bitstream;
	uint16_t status;

	memset(result, 0, sizeof(*result));
	if (!consistent(desc, slices)) {
		result->status = SL200_STATUS_INVALID_DESC;
		return result->status;
	}
	pic->desc = desc;
	pic->refs = refs;
	pic->slices = slices;
	pic->port = port;
	pic->abort = abort;
	pic->dsp = h264_dsp_select(false);
	pic->effort = &efforts[desc->head.quality - 1];
	bitstream = (size_t)desc->width_mbs * desc->height_mbs * MB_BYTES_MAX +
		    header_bytes_max(desc, slices) + 65536;
	if (bitstream > desc->head.bitstream_size)
		bitstream = desc->head.bitstream_size;

	if (!set_up(venc, desc) || !set_up_refs(venc, &job) ||
	    !grow(&venc->bitstream, bitstream + 1))
		status = SL200_STATUS_ENGINE_ERROR;
	else
		status = read_inputs(venc, &job);
	if (!status) {
		h264_entropy_begin(pic->entropy, desc, pic->mbs, venc->bitstream.data, bitstream);
		begin(venc, &job);
		pthread_mutex_init(&job.lock, NULL);
		pthread_cond_init(&job.cond, NULL);
		venc_pool_run(venc->pool, work, &job);
		pthread_cond_destroy(&job.cond);
		pthread_mutex_destroy(&job.lock);
		status = job.status ? job.status : end(venc, &job, result);
	}
	result->bytes_read = job.bytes_read;
	result->bytes_written = job.state.totals.bytes_written;
	result->status = status;
	return status;
}
