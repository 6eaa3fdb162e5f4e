// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz_job_case.h"

#include <string.h>

/* Places in memory; surfaces come first. */
enum {
	AT_SOURCE = 0,
	AT_RECON = CASE_SURFACE_SIZE,
	AT_REFS = 2 * CASE_SURFACE_SIZE,
	AT_BITSTREAM = AT_REFS + CASE_MAX_REFS * CASE_SURFACE_SIZE,
	AT_HEADERS = AT_BITSTREAM + CASE_BITSTREAM_SIZE,
	AT_QP_MAP = AT_HEADERS + CASE_HEADER_SIZE,
	AT_STATS = AT_QP_MAP + 0x1000,
	AT_RESULT = AT_STATS + 0x1000,
};
_Static_assert(AT_RESULT + 0x1000 <= CASE_MEMORY_SIZE, "memory holds all buffers");

/* What surfaces are filled from: rows of a texture, each of its own kind. */
#define TEXTURES 8u
#define TEXTURE_DIM 256u
#define TEXTURE_MARGIN 64u
static uint8_t texture[TEXTURES][TEXTURE_DIM][TEXTURE_DIM];

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

static uint8_t clip(int v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static uint8_t texture_sample(unsigned int kind, int x, int y, uint32_t *random)
{
	int noise = (int)(next_random(random) & 255);

	switch (kind) {
	case 0:
		return 128;
	case 1:
		return clip(x);
	case 2:
		return clip((x * 3 + y * 5) / 8 + noise % 5);
	case 3:
		return (uint8_t)noise;
	case 4:
		return (x / 8 + y / 8) & 1 ? 235 : 16;
	case 5:
		return noise & 1 ? 255 : 0;
	case 6:
		return clip(128 + (x * x - y * y) / 128 % 90 + noise % 3);
	default:
		return (x / 16 * 7 + y / 16 * 11) % 3 ? clip(100 + noise % 9) : (uint8_t)noise;
	}
}

static void texture_init(void)
{
	uint32_t random = 1;

	if (texture[0][0][0])
		return;
	for (unsigned int kind = 0; kind < TEXTURES; kind++)
		for (unsigned int y = 0; y < TEXTURE_DIM; y++)
			for (unsigned int x = 0; x < TEXTURE_DIM; x++)
				texture[kind][y][x] = texture_sample(kind, (int)x, (int)y, &random);
}

static uint32_t align_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

/* Lay a picture out, with gaps where the input wants them and the place has room. */
static void lay_out(struct sl200_surface *s, uint64_t iova, uint32_t width, uint32_t height,
		    struct fuzz_input *in)
{
	uint8_t shape = fuzz_u8(in);
	uint32_t rows = align_up(height, 16), pitch = align_up(align_up(width, 16), 64), at = 0;
	bool i420 = shape & 1;

	if (shape & 2 && pitch < 128)
		pitch += 64;
	s->iova = iova;
	s->size = CASE_SURFACE_SIZE;
	s->format = i420 ? SL200_FORMAT_I420 : SL200_FORMAT_NV12;
	s->width = (uint16_t)width;
	s->height = (uint16_t)height;
	for (unsigned int p = 0; p < (i420 ? 3u : 2u); p++) {
		at += shape & 4 ? 64 : 0;
		s->offset[p] = at;
		s->pitch[p] = p && i420 ? align_up(pitch / 2, 64) : pitch;
		at += s->pitch[p] * (p ? rows / 2 : rows);
	}
}

/* Give every plane a part of a texture, moved by the input's vector. */
static void paint(const struct job_case *c, const struct sl200_surface *s, struct fuzz_input *in)
{
	unsigned int kind = fuzz_u8(in) % TEXTURES, dx = fuzz_u8(in) % TEXTURE_MARGIN;
	unsigned int dy = fuzz_u8(in);
	uint32_t width = align_up(s->width, 16), height = align_up(s->height, 16);

	for (unsigned int p = 0; p < 3 && s->pitch[p]; p++) {
		uint32_t rows = p ? height / 2 : height;
		uint32_t bytes = p && s->format == SL200_FORMAT_I420 ? width / 2 : width;
		uint8_t *row = c->memory + (s->iova - c->base) + s->offset[p];

		for (uint32_t y = 0; y < rows; y++, row += s->pitch[p])
			memcpy(row, &texture[kind][(y + dy) % TEXTURE_DIM][dx], bytes);
	}
}

/* Single samples of the source. */
static void speckle(const struct job_case *c, const struct sl200_surface *s, struct fuzz_input *in)
{
	for (unsigned int n = fuzz_u8(in) % 8; n; n--) {
		uint32_t at = fuzz_u16(in) % (s->pitch[0] * s->height);

		c->memory[s->iova - c->base + s->offset[0] + at] = fuzz_u8(in);
	}
}

/*
 * A header of so many bits at the blob's end so far, which starts as one should unless the input
 * says otherwise, or one that shares the bytes of others.
 */
static void add_header(struct job_case *c, struct sl200_enc_head *head,
		       struct sl200_packed_header *h, uint8_t nal, struct fuzz_input *in)
{
	static const uint8_t start_code[] = {0, 0, 0, 1};
	uint8_t shape = fuzz_u8(in);
	uint32_t bits = 40 + fuzz_u8(in), bytes;
	uint8_t *blob = c->memory + AT_HEADERS;

	if (shape & 0x80)
		bits = fuzz_u16(in) % (SL200_H264_HEADER_BITS_MAX + 2);
	bytes = (bits + 7) / 8;
	if (head->header_size && (shape & 0x20 || bytes > CASE_HEADER_SIZE - head->header_size)) {
		c->sound_headers = false;
		h->offset = fuzz_u16(in) % head->header_size;
		h->bits = bits;
		if (bytes > head->header_size - h->offset)
			h->bits = 8 * (head->header_size - h->offset);
		return;
	}
	h->offset = head->header_size;
	h->bits = bits;
	blob += h->offset;
	for (uint32_t i = 0; i < bytes; i++)
		blob[i] = shape & 1 ? texture[3][shape][i % TEXTURE_DIM] : (uint8_t)(shape & 2);
	if (bytes > sizeof(start_code)) {
		memcpy(blob, start_code, sizeof(start_code));
		blob[sizeof(start_code)] = nal;
	}
	if (bytes <= sizeof(start_code) || shape & 0x40) {
		for (unsigned int i = 0; i < 4 && i < bytes; i++)
			blob[i] = fuzz_u8(in);
		c->sound_headers = false;
	}
	head->header_size += bytes;
}

static void add_refs(struct job_case *c, struct sl200_h264_enc *enc, struct fuzz_input *in)
{
	struct sl200_h264_ref *refs = (struct sl200_h264_ref *)(enc + 1);

	for (uint32_t i = 0; i < enc->num_refs; i++) {
		uint32_t place = i % CASE_MAX_REFS;

		lay_out(&refs[i].surface, c->base + AT_REFS + place * CASE_SURFACE_SIZE,
			enc->head.source.width, enc->head.source.height, in);
		refs[i].poc = fuzz_u8(in);
		refs[i].flags = refs[i].poc & 1;
		if (i < CASE_MAX_REFS)
			paint(c, &refs[i].surface, in);
	}
}

static void add_slices(struct job_case *c, struct sl200_h264_enc *enc, struct fuzz_input *in)
{
	struct sl200_h264_ref *refs = (struct sl200_h264_ref *)(enc + 1);
	struct sl200_h264_slice *s = (struct sl200_h264_slice *)(refs + enc->num_refs);
	uint32_t mbs = (uint32_t)enc->width_mbs * enc->height_mbs, next = 0;

	for (uint32_t i = 0; i < enc->num_slices; i++, s++) {
		uint32_t left = mbs - next, others = enc->num_slices - i - 1u;
		uint8_t shape = fuzz_u8(in);

		s->first_mb = next;
		s->num_mbs = others ? 1 + fuzz_u8(in) % (left - others) : left;
		next += s->num_mbs;
		s->slice_type =
			shape & 1 && enc->num_refs ? SL200_H264_SLICE_P : SL200_H264_SLICE_I;
		s->slice_qp = (int8_t)fuzz_range(in, 0, 51);
		s->cabac_init_idc = shape >> 1 & 3 ? (shape >> 1 & 3) - 1 : 0;
		s->disable_deblocking_filter_idc = shape >> 3 & 3 ? (shape >> 3 & 3) - 1 : 0;
		s->slice_alpha_c0_offset_div2 = (int8_t)fuzz_range(in, -6, 6);
		s->slice_beta_offset_div2 = (int8_t)fuzz_range(in, -6, 6);
		if (s->slice_type == SL200_H264_SLICE_P) {
			s->num_ref_idx_l0 = (uint8_t)fuzz_range(in, 1, CASE_MAX_REFS);
			for (unsigned int r = 0; r < s->num_ref_idx_l0; r++)
				s->ref_l0[r] = fuzz_u8(in) % enc->num_refs;
		}
		add_header(c, &enc->head, &s->header, 0x61, in);
	}
}

static void add_buffers(struct job_case *c, struct sl200_h264_enc *enc, struct fuzz_input *in)
{
	struct sl200_enc_head *h = &enc->head;
	uint8_t shape = fuzz_u8(in);

	h->bitstream_iova = c->base + AT_BITSTREAM + (shape >> 5);
	h->bitstream_size = shape & 1 ? fuzz_u16(in) : CASE_BITSTREAM_SIZE - 8;
	h->header_iova = c->base + AT_HEADERS;
	if (shape & 2) {
		h->qp_map_iova = c->base + AT_QP_MAP;
		h->qp_map_pitch = enc->width_mbs + fuzz_u8(in);
		for (uint32_t y = 0; y < enc->height_mbs; y++)
			for (uint32_t x = 0; x < enc->width_mbs; x++)
				c->memory[AT_QP_MAP + y * h->qp_map_pitch + x] = fuzz_u8(in);
	}
	if (shape & 4)
		h->stats_iova = c->base + AT_STATS;
	if (shape & 8)
		h->result_iova = c->base + AT_RESULT;
}

static void set_picture(struct sl200_h264_enc *enc, struct fuzz_input *in)
{
	struct sl200_enc_head *h = &enc->head;
	uint8_t shape = fuzz_u8(in);
	/* Mostly small: what goes wrong does so in few macroblocks, and many cases say more. */
	uint32_t max = shape & 3 ? 16 : shape & 12 ? 24 : CASE_MAX_DIM / 2;
	uint32_t width = 2 * (uint32_t)fuzz_range(in, 8, (int)max);
	uint32_t height = 2 * (uint32_t)fuzz_range(in, 8, (int)max);

	h->version = SL200_ENC_DESC_VERSION;
	h->codec = SL200_CODEC_H264;
	h->source.width = (uint16_t)width;
	h->source.height = (uint16_t)height;
	h->quality = (uint8_t)fuzz_range(in, 1, 3);
	h->qp = (uint8_t)fuzz_range(in, 0, 51);
	h->qp_max = (uint8_t)(51 - (shape & 0x10 ? fuzz_range(in, 0, 51) : 0));
	h->qp_min = (uint8_t)(shape & 0x20 ? fuzz_range(in, 0, h->qp_max) : 0);
	enc->width_mbs = (uint16_t)((width + 15) / 16);
	enc->height_mbs = (uint16_t)((height + 15) / 16);
	enc->flags = fuzz_u8(in) & (SL200_H264_F_MASK & ~SL200_H264_F_DIRECT_SPATIAL);
	enc->chroma_qp_index_offset = (int8_t)fuzz_range(in, -12, 12);
	enc->second_chroma_qp_index_offset = (int8_t)fuzz_range(in, -12, 12);
	enc->poc = fuzz_u8(in);
}

/* Change bytes of the descriptor, mostly to what stands near a limit. */
static void patch(struct job_case *c, struct fuzz_input *in)
{
	static const uint8_t edge[] = {0, 1, 0x7f, 0x80, 0xff, 52, 64, 16};
	uint8_t *bytes = c->desc;

	for (unsigned int n = fuzz_u8(in) % 16; n && n < 8; n--) {
		uint32_t at = fuzz_u16(in) % c->size;
		uint8_t how = fuzz_u8(in), value = fuzz_u8(in);

		if (how & 1)
			bytes[at] = value;
		else if (how & 2)
			bytes[at] = edge[value % sizeof(edge)];
		else if (how & 4)
			bytes[at] = (uint8_t)(bytes[at] + (int8_t)value);
		else
			bytes[at] ^= (uint8_t)(1u << (value & 7));
		c->sound_headers = false;
	}
}

bool job_case_build(struct job_case *c, uint8_t *memory, uint64_t base, struct fuzz_input *in)
{
	uint8_t shape = fuzz_u8(in), counts = fuzz_u8(in);
	uint32_t mbs, refs = shape & 0x10 ? SL200_H264_MAX_REFS : counts % (CASE_MAX_REFS + 1);
	struct sl200_h264_enc *enc;

	texture_init();
	memset(memory, 0, CASE_MEMORY_SIZE); /* of the case before */
	*c = (struct job_case){
		.base = base,
		.memory = memory,
		.size = sizeof(*enc) + refs * (uint32_t)sizeof(struct sl200_h264_ref),
		.sound_headers = true,
		.compare = (shape & 0x84) == 4,
		.fault_after = shape & 8 ? fuzz_u8(in) : 0,
		.abort_after = shape & 0x40 ? fuzz_u8(in) : 0,
	};
	enc = calloc(1, SL200_H264_ENC_MAX_SIZE);
	if (!enc)
		return false;
	set_picture(enc, in);
	mbs = (uint32_t)enc->width_mbs * enc->height_mbs;
	enc->num_refs = (uint8_t)refs;
	enc->num_slices = shape & 0x20 ? 1 + fuzz_u8(in) % SL200_H264_MAX_SLICES : 1;
	if (enc->num_slices > mbs)
		enc->num_slices = (uint16_t)mbs;
	enc->num_headers = (counts >> 4) % (SL200_H264_MAX_HEADERS + 1);
	c->size += enc->num_slices * (uint32_t)sizeof(struct sl200_h264_slice);
	enc->head.size = c->size;
	add_buffers(c, enc, in);
	lay_out(&enc->head.source, c->base + AT_SOURCE, enc->head.source.width,
		enc->head.source.height, in);
	lay_out(&enc->head.recon, c->base + AT_RECON, enc->head.source.width,
		enc->head.source.height, in);
	paint(c, &enc->head.source, in);
	speckle(c, &enc->head.source, in);
	add_refs(c, enc, in);
	for (unsigned int i = 0; i < enc->num_headers; i++)
		add_header(c, &enc->head, &enc->header[i], 0x67, in);
	add_slices(c, enc, in);
	/* In memory of its own size: reading behind it shows. */
	c->desc = malloc(c->size);
	if (c->desc) {
		memcpy(c->desc, enc, c->size);
		patch(c, in);
	}
	free(enc);
	return c->desc;
}

void job_case_free(struct job_case *c)
{
	free(c->desc);
}
