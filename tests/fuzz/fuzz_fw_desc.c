// SPDX-License-Identifier: MIT
/*
 * Any bytes as an encode descriptor: no access outside them (the sanitizers tell), a refusal names
 * a field inside the descriptor, and what is accepted keeps the rules an engine relies on, checked
 * here row by row instead of by the firmware's arithmetic.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/fw/validate.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/test_fw_desc.h"

#define TOP (1ull << SL200_IOVA_BITS)
#define MAX_AREAS 128u

struct area {
	uint64_t start, end;
	bool written;
};

struct areas {
	unsigned int count;
	struct area area[MAX_AREAS];
};

static void add(struct areas *a, uint64_t start, uint64_t size, bool written)
{
	FUZZ_CHECK(size > 0 && start < TOP && start + size <= TOP);
	FUZZ_CHECK(a->count < MAX_AREAS);
	a->area[a->count++] = (struct area){start, start + size, written};
}

static int by_start(const void *x, const void *y)
{
	const struct area *a = x;
	const struct area *b = y;

	return (a->start > b->start) - (a->start < b->start);
}

/* In address order nothing starts before the end of something that is written, or the reverse. */
static void check_areas(struct areas *a)
{
	uint64_t any_end = 0, written_end = 0;

	qsort(a->area, a->count, sizeof(a->area[0]), by_start);
	for (unsigned int i = 0; i < a->count; i++) {
		const struct area *r = &a->area[i];

		FUZZ_CHECK(r->start >= (r->written ? any_end : written_end));
		if (r->end > any_end)
			any_end = r->end;
		if (r->written && r->end > written_end)
			written_end = r->end;
	}
}

static void check_surface(struct areas *a, const struct sl200_h264_enc *e,
			  const struct sl200_surface *s, bool whole, bool written)
{
	unsigned int planes = s->format == SL200_FORMAT_NV12 ? 2 : 3;
	unsigned int width = whole ? (s->width + 15u) / 16 * 16 : s->width;
	unsigned int height = whole ? (s->height + 15u) / 16 * 16 : s->height;

	FUZZ_CHECK(s->format == SL200_FORMAT_NV12 || s->format == SL200_FORMAT_I420);
	FUZZ_CHECK((s->width + 15u) / 16 == e->width_mbs && s->width % 2 == 0);
	FUZZ_CHECK((s->height + 15u) / 16 == e->height_mbs && s->height % 2 == 0);
	FUZZ_CHECK(s->iova % 64 == 0);
	for (unsigned int p = 0; p < planes; p++) {
		unsigned int rows = p ? height / 2 : height;
		unsigned int bytes = p && planes == 3 ? width / 2 : width;
		uint64_t last = 0;

		FUZZ_CHECK(s->offset[p] % 64 == 0 && s->pitch[p] % 64 == 0);
		for (unsigned int row = 0; row < rows; row++) {
			uint64_t at = s->offset[p] + (uint64_t)row * s->pitch[p];

			FUZZ_CHECK(row == 0 || at >= last);
			last = at + bytes;
			FUZZ_CHECK(last <= s->size);
		}
		add(a, s->iova + s->offset[p], last - s->offset[p], written);
	}
	/* Its own planes, read or not. */
	for (unsigned int p = 0; p < planes; p++)
		for (unsigned int o = 0; o < p; o++) {
			const struct area *x = &a->area[a->count - planes + p];
			const struct area *y = &a->area[a->count - planes + o];

			FUZZ_CHECK(x->end <= y->start || y->end <= x->start);
		}
}

static void check_header(const struct sl200_enc_head *h, const struct sl200_packed_header *p)
{
	FUZZ_CHECK(p->bits > 0 && p->bits <= SL200_H264_HEADER_BITS_MAX);
	FUZZ_CHECK((uint64_t)p->offset * 8 + p->bits <= (uint64_t)h->header_size * 8);
}

static void check_slices(const struct sl200_h264_enc *e, const struct sl200_h264_slice *s,
			 const struct sl200_enc_caps *caps)
{
	unsigned int mb = 0;

	for (unsigned int i = 0; i < e->num_slices; i++, s++) {
		FUZZ_CHECK(s->first_mb == mb && s->num_mbs > 0);
		FUZZ_CHECK(s->num_mbs <= 512u * 512u);
		mb += s->num_mbs;
		check_header(&e->head, &s->header);
		FUZZ_CHECK(s->slice_type <= SL200_H264_SLICE_I);
		FUZZ_CHECK(s->slice_type != SL200_H264_SLICE_B || caps->max_refs_l1);
		FUZZ_CHECK(s->slice_qp >= 0 && s->slice_qp <= 51);
		FUZZ_CHECK(s->cabac_init_idc <= 2 && s->disable_deblocking_filter_idc <= 2);
		FUZZ_CHECK(abs(s->slice_alpha_c0_offset_div2) <= 6);
		FUZZ_CHECK(abs(s->slice_beta_offset_div2) <= 6);
		FUZZ_CHECK(s->num_ref_idx_l0 <= caps->max_refs_l0 && s->num_ref_idx_l0 <= 16);
		FUZZ_CHECK(s->num_ref_idx_l1 <= caps->max_refs_l1 && s->num_ref_idx_l1 <= 16);
		FUZZ_CHECK((s->num_ref_idx_l0 == 0) == (s->slice_type == SL200_H264_SLICE_I));
		FUZZ_CHECK((s->num_ref_idx_l1 == 0) == (s->slice_type != SL200_H264_SLICE_B));
		for (unsigned int r = 0; r < s->num_ref_idx_l0; r++)
			FUZZ_CHECK(s->ref_l0[r] < e->num_refs);
		for (unsigned int r = 0; r < s->num_ref_idx_l1; r++)
			FUZZ_CHECK(s->ref_l1[r] < e->num_refs);
	}
	FUZZ_CHECK(mb == (unsigned int)e->width_mbs * e->height_mbs);
}

static void check_accepted(const void *desc, uint32_t size, const struct sl200_enc_caps *caps)
{
	const struct sl200_h264_enc *e = desc;
	const struct sl200_h264_ref *refs = (const struct sl200_h264_ref *)(e + 1);
	const struct sl200_h264_slice *slices;
	const struct sl200_enc_head *h = &e->head;
	struct areas areas = {0};

	FUZZ_CHECK(e->num_refs <= SL200_H264_MAX_REFS && e->num_slices <= caps->max_slices);
	slices = (const struct sl200_h264_slice *)(refs + e->num_refs);
	FUZZ_CHECK((const uint8_t *)(slices + e->num_slices) - (const uint8_t *)desc == size);
	FUZZ_CHECK(h->source.width >= 16 && h->source.width <= caps->max_width);
	FUZZ_CHECK(h->source.height >= 16 && h->source.height <= caps->max_height);
	FUZZ_CHECK(!(e->flags & ~caps->flags));
	FUZZ_CHECK(abs(e->chroma_qp_index_offset) <= 12);
	FUZZ_CHECK(abs(e->second_chroma_qp_index_offset) <= 12);
	FUZZ_CHECK(h->quality >= 1 && h->quality <= caps->quality_levels);
	FUZZ_CHECK(h->qp <= 51 && h->qp_min <= h->qp_max && h->qp_max <= 51);
	check_surface(&areas, e, &h->source, false, false);
	check_surface(&areas, e, &h->recon, true, true);
	for (unsigned int i = 0; i < e->num_refs; i++)
		check_surface(&areas, e, &refs[i].surface, true, false);
	add(&areas, h->bitstream_iova, h->bitstream_size, true);
	add(&areas, h->header_iova, h->header_size, false);
	if (h->qp_map_iova) {
		FUZZ_CHECK(h->qp_map_pitch >= e->width_mbs);
		add(&areas, h->qp_map_iova,
		    (uint64_t)h->qp_map_pitch * (e->height_mbs - 1u) + e->width_mbs, false);
	}
	if (h->stats_iova)
		add(&areas, h->stats_iova, 16ull * e->width_mbs * e->height_mbs, true);
	if (h->result_iova)
		add(&areas, h->result_iova, sizeof(struct sl200_job_result), true);
	check_areas(&areas);
	FUZZ_CHECK(e->num_headers <= SL200_H264_MAX_HEADERS);
	for (unsigned int i = 0; i < e->num_headers; i++)
		check_header(h, &e->header[i]);
	check_slices(e, slices, caps);
}

/*
 * The first byte bends the capabilities; the second, where a legal descriptor is patched by what
 * follows (1: with references only in the past, 2: with B slices), or 0: all bytes are the input's.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct sl200_enc_caps caps = test_desc_caps;
	uint8_t bend = fuzz_u8(&in);
	uint8_t mode = fuzz_u8(&in) % 3;
	uint32_t desc_size;
	struct verdict v;
	void *desc;

	if (bend & 1)
		caps.max_refs_l1 = 0;
	if (bend & 2)
		caps.max_slices = 1;
	if (bend & 4)
		caps.flags = SL200_H264_F_MASK;
	if (bend & 8)
		caps.formats = 1u << SL200_FORMAT_I420;
	if (mode) {
		static uint64_t whole[(SL200_H264_ENC_MAX_SIZE + 7) / 8];

		desc_size = test_desc_make(whole, mode == 2);
		while (in.left >= 3) {
			uint32_t at = fuzz_u16(&in) % desc_size;

			((uint8_t *)whole)[at] = fuzz_u8(&in);
		}
		desc = malloc(desc_size);
		if (!desc)
			return 0;
		memcpy(desc, whole, desc_size);
	} else {
		if (in.left < sizeof(struct sl200_h264_enc) || in.left > SL200_H264_ENC_MAX_SIZE)
			return 0;
		desc_size = (uint32_t)in.left & ~7u;
		desc = malloc(desc_size);
		if (!desc)
			return 0;
		memcpy(desc, in.data, desc_size);
	}
	v = validate_h264(desc, desc_size, &caps);
	if (v.status == SL200_STATUS_OK) {
		FUZZ_CHECK(v.detail == 0);
		check_accepted(desc, desc_size, &caps);
	} else {
		FUZZ_CHECK(v.status == SL200_STATUS_INVALID_DESC ||
			   v.status == SL200_STATUS_UNSUPPORTED);
		FUZZ_CHECK(v.detail < desc_size);
	}
	free(desc);
	return 0;
}
