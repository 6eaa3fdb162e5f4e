// SPDX-License-Identifier: MIT
#include "firmware/fw/validate.h"

#include <stdbool.h>

#define IOVA_END (1ull << SL200_IOVA_BITS)
#define HEAD(name) ((uint32_t)offsetof(struct sl200_enc_head, name))
#define FIELD(name) ((uint32_t)offsetof(struct sl200_h264_enc, name))
#define REF(name) ((uint32_t)offsetof(struct sl200_h264_ref, name))
#define SLICE(name) ((uint32_t)offsetof(struct sl200_h264_slice, name))
#define SURFACE(name) ((uint32_t)offsetof(struct sl200_surface, name))
#define PACKED(name) ((uint32_t)offsetof(struct sl200_packed_header, name))

#define SURFACE_ALIGN 64u
#define MAX_PLANES 3u
#define QP_MAX 51u
#define QP_MAP_PITCH_MAX 65536u
#define DEBLOCK_OFFSET_MAX 6 /* H.264 7.4.3: slice_alpha_c0_offset_div2, slice_beta_offset_div2 */
#define CHROMA_QP_OFFSET_MAX 12 /* H.264 7.4.2.2 */

/* A descriptor under judgement. */
struct input {
	const struct sl200_h264_enc *enc;
	const struct sl200_h264_ref *refs;
	const struct sl200_h264_slice *slices;
	const struct sl200_enc_caps *caps;
	uint32_t size;
};

/* Bytes [start, end) of the address space. */
struct range {
	uint64_t start;
	uint64_t end;
};

struct planes {
	unsigned int count;
	struct range range[MAX_PLANES];
};

static struct verdict invalid(uint32_t offset)
{
	return (struct verdict){SL200_STATUS_INVALID_DESC, (uint16_t)offset};
}

static struct verdict unsupported(uint32_t offset)
{
	return (struct verdict){SL200_STATUS_UNSUPPORTED, (uint16_t)offset};
}

static bool range_make(struct range *r, uint64_t start, uint64_t len)
{
	if (start >= IOVA_END || len > IOVA_END - start)
		return false;
	r->start = start;
	r->end = start + len;
	return true;
}

static bool overlap(const struct range *a, const struct range *b)
{
	return a->start < b->end && b->start < a->end;
}

static uint32_t align16(uint32_t n)
{
	return (n + 15) & ~15u;
}

/*
 * Where the planes of a surface lie, width x height samples of them, once surface_check() has
 * found the fields in order. Nothing overflows: pitches and offsets have 32 bits, heights 14.
 */
static struct planes surface_planes(const struct sl200_surface *s, uint32_t width, uint32_t height)
{
	struct planes planes = {.count = s->format == SL200_FORMAT_NV12 ? 2 : 3};

	for (unsigned int p = 0; p < planes.count; p++) {
		uint32_t rows = p ? height / 2 : height;
		uint32_t bytes = p && s->format == SL200_FORMAT_I420 ? width / 2 : width;

		planes.range[p].start = s->iova + s->offset[p];
		planes.range[p].end =
			planes.range[p].start + (uint64_t)(rows - 1) * s->pitch[p] + bytes;
	}
	return planes;
}

/* at: offset of the surface in the descriptor; whole_mbs: it holds whole macroblocks. */
static struct verdict surface_check(const struct input *in, const struct sl200_surface *s,
				    uint32_t at, bool whole_mbs)
{
	uint32_t width = whole_mbs ? align16(s->width) : s->width;
	uint32_t height = whole_mbs ? align16(s->height) : s->height;
	struct planes planes;
	struct range buffer;

	if (s->iova % SURFACE_ALIGN)
		return invalid(at + SURFACE(iova));
	if (!s->size || !range_make(&buffer, s->iova, s->size))
		return invalid(at + SURFACE(size));
	if (s->format != SL200_FORMAT_NV12 && s->format != SL200_FORMAT_I420)
		return invalid(at + SURFACE(format));
	if (!(in->caps->formats >> s->format & 1))
		return unsupported(at + SURFACE(format));
	if (s->width & 1 || align16(s->width) != in->enc->width_mbs * 16u)
		return invalid(at + SURFACE(width));
	if (s->height & 1 || align16(s->height) != in->enc->height_mbs * 16u)
		return invalid(at + SURFACE(height));
	planes = surface_planes(s, width, height);
	for (unsigned int p = 0; p < MAX_PLANES; p++) {
		uint32_t offset_at = at + SURFACE(offset) + 4 * p;
		uint32_t pitch_at = at + SURFACE(pitch) + 4 * p;
		uint32_t bytes = p && s->format == SL200_FORMAT_I420 ? width / 2 : width;

		if (p >= planes.count) {
			if (s->offset[p])
				return invalid(offset_at);
			if (s->pitch[p])
				return invalid(pitch_at);
			continue;
		}
		if (s->pitch[p] % SURFACE_ALIGN || s->pitch[p] < bytes)
			return invalid(pitch_at);
		if (s->offset[p] % SURFACE_ALIGN || planes.range[p].end > buffer.end)
			return invalid(offset_at);
		for (unsigned int o = 0; o < p; o++)
			if (overlap(&planes.range[o], &planes.range[p]))
				return invalid(offset_at);
	}
	return VERDICT_OK;
}

static struct verdict check_identity(const struct input *in)
{
	const struct sl200_enc_head *h = &in->enc->head;

	if (!h->version)
		return invalid(HEAD(version));
	if (h->version > SL200_ENC_DESC_VERSION)
		return unsupported(HEAD(version));
	if (h->codec == SL200_CODEC_HEVC || h->codec == SL200_CODEC_AV1)
		return unsupported(HEAD(codec));
	if (h->codec != SL200_CODEC_H264)
		return invalid(HEAD(codec));
	if (h->size != in->size)
		return invalid(HEAD(size));
	return VERDICT_OK;
}

/* Counts and with them the places of the trailing arrays. */
static struct verdict check_layout(struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;
	uint32_t size = sizeof(*e);

	if (e->num_refs > SL200_H264_MAX_REFS)
		return invalid(FIELD(num_refs));
	if (e->num_headers > SL200_H264_MAX_HEADERS)
		return invalid(FIELD(num_headers));
	if (!e->num_slices || e->num_slices > SL200_H264_MAX_SLICES)
		return invalid(FIELD(num_slices));
	size += e->num_refs * sizeof(struct sl200_h264_ref);
	size += e->num_slices * sizeof(struct sl200_h264_slice);
	if (in->size != size)
		return invalid(HEAD(size));
	if (e->num_slices > in->caps->max_slices)
		return unsupported(FIELD(num_slices));
	in->refs = (const struct sl200_h264_ref *)(e + 1);
	in->slices = (const struct sl200_h264_slice *)(in->refs + e->num_refs);
	return VERDICT_OK;
}

static bool chroma_offset_ok(int value)
{
	return value >= -CHROMA_QP_OFFSET_MAX && value <= CHROMA_QP_OFFSET_MAX;
}

static struct verdict check_picture(const struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;
	const struct sl200_enc_caps *caps = in->caps;

	if (e->width_mbs * 16u < SL200_H264_MIN_DIM || e->width_mbs * 16u > SL200_H264_MAX_DIM)
		return invalid(FIELD(width_mbs));
	if (e->height_mbs * 16u < SL200_H264_MIN_DIM || e->height_mbs * 16u > SL200_H264_MAX_DIM)
		return invalid(FIELD(height_mbs));
	if (e->width_mbs * 16u > align16(caps->max_width))
		return unsupported(FIELD(width_mbs));
	if (e->height_mbs * 16u > align16(caps->max_height))
		return unsupported(FIELD(height_mbs));
	if (e->flags & ~SL200_H264_F_MASK)
		return invalid(FIELD(flags));
	if (e->flags & ~caps->flags)
		return unsupported(FIELD(flags));
	if (!chroma_offset_ok(e->chroma_qp_index_offset))
		return invalid(FIELD(chroma_qp_index_offset));
	if (!chroma_offset_ok(e->second_chroma_qp_index_offset))
		return invalid(FIELD(second_chroma_qp_index_offset));
	for (unsigned int i = 0; i < 2; i++)
		if (e->reserved[i])
			return invalid(FIELD(reserved) + 8 * i);
	return VERDICT_OK;
}

static struct verdict check_quantiser(const struct input *in)
{
	const struct sl200_enc_head *h = &in->enc->head;

	if (!h->quality)
		return invalid(HEAD(quality));
	if (h->quality > in->caps->quality_levels)
		return unsupported(HEAD(quality));
	if (h->qp > QP_MAX)
		return invalid(HEAD(qp));
	if (h->qp_max > QP_MAX)
		return invalid(HEAD(qp_max));
	if (h->qp_min > h->qp_max)
		return invalid(HEAD(qp_min));
	if (h->reserved)
		return invalid(HEAD(reserved));
	return VERDICT_OK;
}

/* A piece of the header blob, at offset at of the descriptor. */
static struct verdict check_packed(const struct input *in, const struct sl200_packed_header *p,
				   uint32_t at)
{
	uint32_t size = in->enc->head.header_size;

	if (!p->bits || p->bits > SL200_H264_HEADER_BITS_MAX)
		return invalid(at + PACKED(bits));
	if (p->offset > size || (p->bits + 7) / 8 > size - p->offset)
		return invalid(at + PACKED(offset));
	return VERDICT_OK;
}

static struct verdict check_headers(const struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;

	if (e->head.header_size > SL200_H264_HEADER_SIZE_MAX)
		return invalid(HEAD(header_size));
	for (uint32_t i = 0; i < SL200_H264_MAX_HEADERS; i++) {
		uint32_t at = FIELD(header) + i * sizeof(e->header[0]);
		struct verdict v;

		if (i < e->num_headers) {
			v = check_packed(in, &e->header[i], at);
			if (v.status)
				return v;
		} else if (e->header[i].offset) {
			return invalid(at + PACKED(offset));
		} else if (e->header[i].bits) {
			return invalid(at + PACKED(bits));
		}
	}
	return VERDICT_OK;
}

static struct verdict check_surfaces(const struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;
	struct verdict v;

	v = surface_check(in, &e->head.source, HEAD(source), false);
	if (v.status)
		return v;
	if (e->head.source.width < SL200_H264_MIN_DIM)
		return invalid(HEAD(source) + SURFACE(width));
	if (e->head.source.height < SL200_H264_MIN_DIM)
		return invalid(HEAD(source) + SURFACE(height));
	if (e->head.source.width > in->caps->max_width)
		return unsupported(HEAD(source) + SURFACE(width));
	if (e->head.source.height > in->caps->max_height)
		return unsupported(HEAD(source) + SURFACE(height));
	v = surface_check(in, &e->head.recon, HEAD(recon), true);
	for (uint32_t i = 0; !v.status && i < e->num_refs; i++) {
		uint32_t at = sizeof(*e) + i * sizeof(in->refs[0]);

		v = surface_check(in, &in->refs[i].surface, at + REF(surface), true);
		if (!v.status && in->refs[i].flags & ~1u)
			v = invalid(at + REF(flags));
	}
	return v;
}

/* The active entries of a list name references, the others are zero. at: of the list. */
static struct verdict check_list(const struct input *in, const uint8_t *list, uint32_t active,
				 uint32_t at)
{
	for (uint32_t i = 0; i < SL200_H264_MAX_REFS; i++)
		if (i < active ? list[i] >= in->enc->num_refs : list[i] != 0)
			return invalid(at + i);
	return VERDICT_OK;
}

static struct verdict check_slice_refs(const struct input *in, const struct sl200_h264_slice *s,
				       uint32_t at)
{
	bool inter = s->slice_type != SL200_H264_SLICE_I;
	bool bi = s->slice_type == SL200_H264_SLICE_B;
	struct verdict v;

	if (inter != (s->num_ref_idx_l0 > 0) || s->num_ref_idx_l0 > SL200_H264_MAX_REFS)
		return invalid(at + SLICE(num_ref_idx_l0));
	if (bi != (s->num_ref_idx_l1 > 0) || s->num_ref_idx_l1 > SL200_H264_MAX_REFS)
		return invalid(at + SLICE(num_ref_idx_l1));
	v = check_list(in, s->ref_l0, s->num_ref_idx_l0, at + SLICE(ref_l0));
	if (!v.status)
		v = check_list(in, s->ref_l1, s->num_ref_idx_l1, at + SLICE(ref_l1));
	if (v.status)
		return v;
	if (bi && !in->caps->max_refs_l1)
		return unsupported(at + SLICE(slice_type));
	if (s->num_ref_idx_l0 > in->caps->max_refs_l0)
		return unsupported(at + SLICE(num_ref_idx_l0));
	if (s->num_ref_idx_l1 > in->caps->max_refs_l1)
		return unsupported(at + SLICE(num_ref_idx_l1));
	return VERDICT_OK;
}

static bool deblock_offset_ok(int value)
{
	return value >= -DEBLOCK_OFFSET_MAX && value <= DEBLOCK_OFFSET_MAX;
}

static struct verdict check_slice(const struct input *in, const struct sl200_h264_slice *s,
				  uint32_t at)
{
	struct verdict v;

	v = check_packed(in, &s->header, at + SLICE(header));
	if (v.status)
		return v;
	if (s->slice_type > SL200_H264_SLICE_I)
		return invalid(at + SLICE(slice_type));
	if (s->slice_qp < 0 || s->slice_qp > (int)QP_MAX)
		return invalid(at + SLICE(slice_qp));
	if (s->cabac_init_idc > 2)
		return invalid(at + SLICE(cabac_init_idc));
	if (s->disable_deblocking_filter_idc > 2)
		return invalid(at + SLICE(disable_deblocking_filter_idc));
	if (!deblock_offset_ok(s->slice_alpha_c0_offset_div2))
		return invalid(at + SLICE(slice_alpha_c0_offset_div2));
	if (!deblock_offset_ok(s->slice_beta_offset_div2))
		return invalid(at + SLICE(slice_beta_offset_div2));
	return check_slice_refs(in, s, at);
}

/* Slices follow each other and cover the picture. */
static struct verdict check_slices(const struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;
	uint32_t total = (uint32_t)e->width_mbs * e->height_mbs;
	uint32_t at = sizeof(*e) + e->num_refs * sizeof(in->refs[0]);
	uint32_t next = 0;

	for (uint32_t i = 0; i < e->num_slices; i++, at += sizeof(in->slices[0])) {
		const struct sl200_h264_slice *s = &in->slices[i];
		struct verdict v;

		if (s->first_mb != next)
			return invalid(at + SLICE(first_mb));
		if (!s->num_mbs || s->num_mbs > total - next ||
		    (i + 1u == e->num_slices && s->num_mbs != total - next))
			return invalid(at + SLICE(num_mbs));
		next += s->num_mbs;
		v = check_slice(in, s, at);
		if (v.status)
			return v;
	}
	return VERDICT_OK;
}

/* What a job reads and writes. */
#define MAX_INPUTS (MAX_PLANES * (1 + SL200_H264_MAX_REFS) + 2)
#define MAX_OUTPUTS (MAX_PLANES + 3)

struct footprint {
	unsigned int inputs;
	unsigned int outputs;
	struct range input[MAX_INPUTS];
	struct range output[MAX_OUTPUTS];
	uint16_t output_at[MAX_OUTPUTS]; /* field that placed it */
};

static void add_inputs(struct footprint *f, const struct planes *planes)
{
	for (unsigned int p = 0; p < planes->count; p++)
		f->input[f->inputs++] = planes->range[p];
}

static void add_output(struct footprint *f, const struct range *r, uint32_t at)
{
	f->output[f->outputs] = *r;
	f->output_at[f->outputs++] = (uint16_t)at;
}

/* The buffers that are not surfaces; their placement is judged on the way. */
static struct verdict add_buffers(const struct input *in, struct footprint *f)
{
	const struct sl200_h264_enc *e = in->enc;
	const struct sl200_enc_head *h = &e->head;
	uint64_t mbs = (uint64_t)e->width_mbs * e->height_mbs;
	struct range r;

	if (!h->bitstream_size)
		return invalid(HEAD(bitstream_size));
	if (!range_make(&r, h->bitstream_iova, h->bitstream_size))
		return invalid(HEAD(bitstream_iova));
	add_output(f, &r, HEAD(bitstream_iova));
	if (!range_make(&r, h->header_iova, h->header_size))
		return invalid(HEAD(header_iova));
	f->input[f->inputs++] = r;
	if (h->qp_map_iova) {
		if (h->qp_map_pitch < e->width_mbs || h->qp_map_pitch > QP_MAP_PITCH_MAX)
			return invalid(HEAD(qp_map_pitch));
		if (!range_make(&r, h->qp_map_iova,
				(uint64_t)(e->height_mbs - 1u) * h->qp_map_pitch + e->width_mbs))
			return invalid(HEAD(qp_map_iova));
		f->input[f->inputs++] = r;
	} else if (h->qp_map_pitch) {
		return invalid(HEAD(qp_map_pitch));
	}
	if (h->stats_iova) {
		if (h->stats_iova & 7 ||
		    !range_make(&r, h->stats_iova, mbs * sizeof(struct sl200_mb_stats)))
			return invalid(HEAD(stats_iova));
		add_output(f, &r, HEAD(stats_iova));
	}
	if (h->result_iova) {
		if (h->result_iova & 7 ||
		    !range_make(&r, h->result_iova, sizeof(struct sl200_job_result)))
			return invalid(HEAD(result_iova));
		add_output(f, &r, HEAD(result_iova));
	}
	return VERDICT_OK;
}

/* Nothing written is read or written as something else: the result would depend on timing. */
static struct verdict check_overlap(const struct input *in)
{
	const struct sl200_h264_enc *e = in->enc;
	struct footprint f = {0};
	struct planes planes;
	struct verdict v;

	planes = surface_planes(&e->head.recon, e->width_mbs * 16u, e->height_mbs * 16u);
	for (unsigned int p = 0; p < planes.count; p++)
		add_output(&f, &planes.range[p], HEAD(recon) + SURFACE(iova));
	planes = surface_planes(&e->head.source, e->head.source.width, e->head.source.height);
	add_inputs(&f, &planes);
	for (uint32_t i = 0; i < e->num_refs; i++) {
		planes = surface_planes(&in->refs[i].surface, e->width_mbs * 16u,
					e->height_mbs * 16u);
		add_inputs(&f, &planes);
	}
	v = add_buffers(in, &f);
	if (v.status)
		return v;
	for (unsigned int o = 0; o < f.outputs; o++) {
		for (unsigned int i = 0; i < f.inputs; i++)
			if (overlap(&f.output[o], &f.input[i]))
				return invalid(f.output_at[o]);
		for (unsigned int p = 0; p < o; p++)
			if (overlap(&f.output[o], &f.output[p]))
				return invalid(f.output_at[o]);
	}
	return VERDICT_OK;
}

struct verdict validate_h264(const void *desc, uint32_t size, const struct sl200_enc_caps *caps)
{
	struct input in = {.enc = desc, .caps = caps, .size = size};
	struct verdict v;

	v = check_identity(&in);
	if (!v.status)
		v = check_layout(&in);
	if (!v.status)
		v = check_picture(&in);
	if (!v.status)
		v = check_quantiser(&in);
	if (!v.status)
		v = check_surfaces(&in);
	if (!v.status)
		v = check_headers(&in);
	if (!v.status)
		v = check_slices(&in);
	if (!v.status)
		v = check_overlap(&in);
	return v;
}
