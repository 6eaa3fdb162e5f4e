/* SPDX-License-Identifier: MIT */
#include "tests/unit/venc_stream.h"

#include <stdlib.h>
#include <string.h>

#define BASE 0x10000000ull
#define SURFACES (VENC_STREAM_MAX_REFS + 2) /* references, reconstruction, source */
#define HEADER_BYTES 65536u

struct mem_port_memory {
	struct mem_port port;
	uint8_t *data;
	size_t size;
	bool armed;
	atomic_int left; /* accesses until the port faults, when armed */
};

static bool refused(struct mem_port_memory *m, uint64_t iova, size_t len)
{
	if (iova < BASE || iova - BASE > m->size || len > m->size - (iova - BASE))
		return true;
	return m->armed && atomic_fetch_sub(&m->left, 1) <= 0;
}

static uint16_t port_read(struct mem_port *port, uint64_t iova, void *dst, size_t len)
{
	struct mem_port_memory *m = (struct mem_port_memory *)port;

	if (refused(m, iova, len))
		return SL200_STATUS_MMU_FAULT;
	memcpy(dst, m->data + (iova - BASE), len);
	return 0;
}

static uint16_t port_write(struct mem_port *port, uint64_t iova, const void *src, size_t len)
{
	struct mem_port_memory *m = (struct mem_port_memory *)port;

	if (refused(m, iova, len))
		return SL200_STATUS_MMU_FAULT;
	memcpy(m->data + (iova - BASE), src, len);
	return 0;
}

static unsigned int mbs(unsigned int n)
{
	return (n + 15) / 16;
}

static size_t round64(size_t n)
{
	return (n + 63) / 64 * 64;
}

static size_t surface_bytes(const struct venc_stream_config *c)
{
	return 2 * round64(16 * mbs(c->width)) * 16 * mbs(c->height) + 192;
}

static struct sl200_surface surface(const struct venc_stream *s, unsigned int index)
{
	const struct venc_stream_config *c = &s->config;
	uint32_t pitch = (uint32_t)round64(16 * mbs(c->width)), rows = 16 * mbs(c->height);
	struct sl200_surface f = {
		.iova = BASE + index * round64(surface_bytes(c)),
		.size = surface_bytes(c),
		.format = c->i420 ? SL200_FORMAT_I420 : SL200_FORMAT_NV12,
		.width = (uint16_t)c->width,
		.height = (uint16_t)c->height,
		.pitch = {pitch, pitch, c->i420 ? pitch : 0},
		.offset = {0, pitch * rows, c->i420 ? pitch * rows + pitch * rows / 2 : 0},
	};

	return f;
}

static size_t area(const struct venc_stream *s)
{
	return SURFACES * round64(surface_bytes(&s->config));
}

static size_t num_mbs(const struct venc_stream *s)
{
	return (size_t)mbs(s->config.width) * mbs(s->config.height);
}

static size_t bitstream_room(const struct venc_stream *s)
{
	return s->config.bitstream_size ? s->config.bitstream_size : num_mbs(s) * 800 + 65536;
}

struct venc_stream *venc_stream_open(const struct venc_stream_config *config)
{
	struct venc_stream *s = calloc(1, sizeof(*s));
	size_t header, maps;

	if (!s)
		return NULL;
	s->config = *config;
	s->venc = venc_create(s->config.threads);
	s->memory = calloc(1, sizeof(*s->memory));
	if (!s->venc || !s->memory) {
		venc_stream_close(s);
		return NULL;
	}
	header = area(s);
	maps = header + HEADER_BYTES;
	s->memory->port = (struct mem_port){port_read, port_write};
	s->memory->size = maps + 32 * num_mbs(s) + bitstream_room(s);
	s->memory->data = calloc(1, s->memory->size);
	if (!s->memory->data) {
		venc_stream_close(s);
		return NULL;
	}
	s->stats = (struct sl200_mb_stats *)(s->memory->data + maps);
	if (config->qp_map)
		memcpy(s->memory->data + maps + 16 * num_mbs(s), config->qp_map, num_mbs(s));
	s->bitstream = s->memory->data + maps + 32 * num_mbs(s);
	return s;
}

void venc_stream_close(struct venc_stream *s)
{
	if (!s)
		return;
	venc_destroy(s->venc);
	if (s->memory)
		free(s->memory->data);
	free(s->memory);
	free(s);
}

static uint8_t *plane_at(const struct venc_stream *s, unsigned int index, int plane)
{
	struct sl200_surface f = surface(s, index);

	return s->memory->data + (f.iova - BASE) + f.offset[plane];
}

void venc_stream_source(struct venc_stream *s, const uint8_t *i420)
{
	unsigned int w = s->config.width, h = s->config.height, pitch = surface(s, 0).pitch[0];
	uint8_t *y = plane_at(s, SURFACES - 1, 0), *c = plane_at(s, SURFACES - 1, 1);
	uint8_t *cr = plane_at(s, SURFACES - 1, 2);
	const uint8_t *u = i420 + (size_t)w * h, *v = u + (size_t)w * h / 4;

	for (unsigned int r = 0; r < h; r++)
		memcpy(y + (size_t)r * pitch, i420 + (size_t)r * w, w);
	for (unsigned int r = 0; r < h / 2; r++) {
		for (unsigned int x = 0; x < w / 2; x++) {
			size_t at = (size_t)r * (w / 2) + x, to = (size_t)r * pitch;

			if (s->config.i420) {
				c[to + x] = u[at];
				cr[to + x] = v[at];
			} else {
				c[to + 2 * x] = u[at];
				c[to + 2 * x + 1] = v[at];
			}
		}
	}
}

void venc_stream_recon(const struct venc_stream *s, uint8_t *i420)
{
	unsigned int w = s->config.width, h = s->config.height, pitch = surface(s, 0).pitch[0];
	unsigned int last = (s->current + SURFACES - 2) % (SURFACES - 1);
	const uint8_t *y = plane_at(s, last, 0), *c = plane_at(s, last, 1);
	const uint8_t *cr = plane_at(s, last, 2);
	uint8_t *u = i420 + (size_t)w * h, *v = u + (size_t)w * h / 4;

	for (unsigned int r = 0; r < h; r++)
		memcpy(i420 + (size_t)r * w, y + (size_t)r * pitch, w);
	for (unsigned int r = 0; r < h / 2; r++) {
		for (unsigned int x = 0; x < w / 2; x++) {
			size_t to = (size_t)r * (w / 2) + x, at = (size_t)r * pitch;

			u[to] = s->config.i420 ? c[at + x] : c[at + 2 * x];
			v[to] = s->config.i420 ? cr[at + x] : c[at + 2 * x + 1];
		}
	}
}

void venc_stream_fault_after(struct venc_stream *s, unsigned int accesses)
{
	s->memory->armed = true;
	atomic_store(&s->memory->left, (int)accesses);
}

/* A writer of RBSP bits into the header area. */
struct writer {
	uint8_t *data;
	uint32_t bits;
};

static void put(struct writer *w, unsigned int n, uint32_t v)
{
	while (n--) {
		uint8_t *b = &w->data[w->bits >> 3];

		if (!(w->bits & 7))
			*b = 0;
		*b |= (uint8_t)((v >> n & 1) << (7 - (w->bits & 7)));
		w->bits++;
	}
}

static void ue(struct writer *w, uint32_t v)
{
	unsigned int n = 31u - (unsigned int)__builtin_clz(v + 1);

	put(w, n, 0);
	put(w, n + 1, v + 1);
}

static void se(struct writer *w, int v)
{
	ue(w, v > 0 ? 2 * (uint32_t)v - 1 : 2 * (uint32_t)-v);
}

static void start(struct writer *w, uint8_t *blob, struct sl200_packed_header *h, uint32_t *at,
		  uint8_t nal)
{
	h->offset = *at;
	w->data = blob + *at;
	w->bits = 0;
	put(w, 32, 1);
	put(w, 8, nal);
}

static void stop(const struct writer *w, struct sl200_packed_header *h, uint32_t *at)
{
	h->bits = w->bits;
	*at += (w->bits + 7) / 8;
}

static void parameter_sets(const struct venc_stream *s, struct sl200_h264_enc *desc, uint8_t *blob,
			   uint32_t *at)
{
	const struct venc_stream_config *c = &s->config;
	bool crop = c->width % 16 || c->height % 16, t8 = c->flags & SL200_H264_F_TRANSFORM_8X8;
	bool cabac = c->flags & SL200_H264_F_CABAC;
	bool high = t8 || c->chroma_qp_offset[0] != c->chroma_qp_offset[1];
	struct writer w;

	start(&w, blob, &desc->header[0], at, 0x67);
	put(&w, 8, high ? 100 : cabac ? 77 : 66); /* profile_idc */
	put(&w, 8, high || cabac ? 0 : 0x40);	  /* constraint_set1_flag */
	put(&w, 8, 51);				  /* level_idc: high, as sizes vary */
	ue(&w, 0);
	if (high) {
		ue(&w, 1); /* chroma_format_idc */
		ue(&w, 0);
		ue(&w, 0);
		put(&w, 2, 0);
	}
	ue(&w, 4); /* log2_max_frame_num_minus4 */
	ue(&w, 2); /* pic_order_cnt_type */
	ue(&w, c->refs);
	put(&w, 1, 0);
	ue(&w, mbs(c->width) - 1);
	ue(&w, mbs(c->height) - 1);
	put(&w, 1, 1); /* frame_mbs_only_flag */
	put(&w, 1, 1);
	put(&w, 1, crop);
	if (crop) {
		ue(&w, 0);
		ue(&w, (16 * mbs(c->width) - c->width) / 2);
		ue(&w, 0);
		ue(&w, (16 * mbs(c->height) - c->height) / 2);
	}
	put(&w, 1, 0);
	put(&w, 1, 1);
	stop(&w, &desc->header[0], at);

	start(&w, blob, &desc->header[1], at, 0x68);
	ue(&w, 0);
	ue(&w, 0);
	put(&w, 1, cabac);
	put(&w, 1, 0);
	ue(&w, 0);
	ue(&w, 0); /* num_ref_idx_l0_default_active_minus1 */
	ue(&w, 0);
	put(&w, 3, 0);
	se(&w, 0); /* pic_init_qp_minus26 */
	se(&w, 0);
	se(&w, c->chroma_qp_offset[0]);
	put(&w, 1, 1); /* deblocking_filter_control_present_flag */
	put(&w, 1, !!(c->flags & SL200_H264_F_CONSTRAINED_INTRA));
	put(&w, 1, 0);
	if (high) {
		put(&w, 1, t8);
		put(&w, 1, 0);
		se(&w, c->chroma_qp_offset[1]);
	}
	put(&w, 1, 1);
	stop(&w, &desc->header[1], at);
	desc->num_headers = 2;
}

static void slice_header(const struct venc_stream *s, struct sl200_h264_slice *slice, bool idr,
			 uint8_t *blob, uint32_t *at)
{
	const struct venc_stream_config *c = &s->config;
	bool p = slice->slice_type == SL200_H264_SLICE_P;
	struct writer w;

	start(&w, blob, &slice->header, at, idr ? 0x65 : 0x41);
	ue(&w, slice->first_mb);
	ue(&w, slice->slice_type);
	ue(&w, 0);
	put(&w, 8, s->frame_num & 255);
	if (idr)
		ue(&w, 0);
	if (p) {
		put(&w, 1, 1); /* num_ref_idx_active_override_flag */
		ue(&w, slice->num_ref_idx_l0 - 1u);
		put(&w, 1, 0);
	}
	put(&w, idr ? 2 : 1, 0); /* dec_ref_pic_marking() */
	if (p && c->flags & SL200_H264_F_CABAC)
		ue(&w, slice->cabac_init_idc);
	se(&w, slice->slice_qp - 26);
	ue(&w, slice->disable_deblocking_filter_idc);
	if (slice->disable_deblocking_filter_idc != 1) {
		se(&w, slice->slice_alpha_c0_offset_div2);
		se(&w, slice->slice_beta_offset_div2);
	}
	stop(&w, &slice->header, at);
}

uint16_t venc_stream_encode(struct venc_stream *s)
{
	const struct venc_stream_config *c = &s->config;
	bool idr = s->pictures == 0 || (c->idr_period && s->pictures % c->idr_period == 0);
	struct sl200_h264_slice slices[SL200_H264_MAX_SLICES];
	struct sl200_h264_ref refs[VENC_STREAM_MAX_REFS];
	unsigned int total = (unsigned int)num_mbs(s), ring = SURFACES - 1, active;
	uint8_t *blob = s->memory->data + area(s);
	uint32_t at = 0;
	uint16_t status;
	struct sl200_h264_enc desc = {
		.head =
			{
				.version = SL200_ENC_DESC_VERSION,
				.codec = SL200_CODEC_H264,
				.bitstream_iova = BASE + (uint64_t)(s->bitstream - s->memory->data),
				.bitstream_size = (uint32_t)bitstream_room(s),
				.header_iova = BASE + area(s),
				.quality = c->quality,
				.qp = idr ? c->qp_i : c->qp_p,
				.qp_max = 51,
			},
		.width_mbs = (uint16_t)mbs(c->width),
		.height_mbs = (uint16_t)mbs(c->height),
		.flags = c->flags | SL200_H264_F_REFERENCE,
		.chroma_qp_index_offset = c->chroma_qp_offset[0],
		.second_chroma_qp_index_offset = c->chroma_qp_offset[1],
		.num_slices = (uint16_t)c->slices,
	};

	if (idr)
		s->frame_num = 0;
	desc.head.source = surface(s, SURFACES - 1);
	desc.head.recon = surface(s, s->current);
	if (c->qp_map) {
		desc.head.qp_map_iova = BASE + area(s) + HEADER_BYTES + 16 * num_mbs(s);
		desc.head.qp_map_pitch = mbs(c->width);
	}
	if (c->stats)
		desc.head.stats_iova = BASE + area(s) + HEADER_BYTES;
	active = idr ? 0 : s->frame_num < c->refs ? s->frame_num : c->refs;
	for (unsigned int i = 0; i < active; i++) {
		memset(&refs[i], 0, sizeof(refs[i]));
		refs[i].surface = surface(s, (s->current + ring - 1 - i) % ring);
	}
	desc.num_refs = (uint8_t)active;
	if (idr)
		parameter_sets(s, &desc, blob, &at);
	for (unsigned int i = 0; i < c->slices; i++) {
		struct sl200_h264_slice *slice = &slices[i];

		memset(slice, 0, sizeof(*slice));
		slice->first_mb = total * i / c->slices;
		slice->num_mbs = total * (i + 1) / c->slices - slice->first_mb;
		slice->slice_type = idr ? SL200_H264_SLICE_I : SL200_H264_SLICE_P;
		slice->slice_qp = (int8_t)desc.head.qp;
		slice->cabac_init_idc = idr ? 0 : c->cabac_init_idc;
		slice->disable_deblocking_filter_idc = c->deblock_idc;
		slice->slice_alpha_c0_offset_div2 = c->alpha_div2;
		slice->slice_beta_offset_div2 = c->beta_div2;
		slice->num_ref_idx_l0 = (uint8_t)active;
		for (unsigned int r = 0; r < active; r++)
			slice->ref_l0[r] = (uint8_t)r;
		slice_header(s, slice, idr, blob, &at);
	}
	desc.head.header_size = at;
	status = venc_h264_run(s->venc, &desc, refs, slices, &s->memory->port, &s->abort,
			       &s->result);
	s->pictures++;
	s->frame_num++;
	s->current = (s->current + 1) % ring;
	return status;
}
