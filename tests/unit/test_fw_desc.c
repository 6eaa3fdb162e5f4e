// SPDX-License-Identifier: MIT
#include "tests/unit/test_fw_desc.h"

#include "firmware/lib/mem.h"

#define WIDTH 64u
#define HEIGHT 48u
#define PITCH 64u
#define SURFACE_SIZE 0x2000u

const struct sl200_enc_caps test_desc_caps = {
	.codec = SL200_CODEC_H264,
	.min_dim = SL200_H264_MIN_DIM,
	.max_width = 4096,
	.max_height = 2304,
	.flags = SL200_H264_F_MASK & ~SL200_H264_F_TRANSFORM_8X8,
	.max_refs_l0 = 2,
	.max_refs_l1 = 1,
	.max_slices = 32,
	.quality_levels = 4,
	.formats = 1u << SL200_FORMAT_NV12 | 1u << SL200_FORMAT_I420,
};

static struct sl200_surface surface(uint64_t iova)
{
	return (struct sl200_surface){
		.iova = iova,
		.size = SURFACE_SIZE,
		.format = SL200_FORMAT_NV12,
		.width = WIDTH,
		.height = HEIGHT,
		.offset = {0, PITCH * HEIGHT},
		.pitch = {PITCH, PITCH},
	};
}

static void add_slice(struct sl200_h264_slice *s, unsigned int n, int b_slice)
{
	s->first_mb = n * 6;
	s->num_mbs = 6;
	s->header.offset = 16 + 8 * n;
	s->header.bits = 60;
	s->slice_type = b_slice ? SL200_H264_SLICE_B : SL200_H264_SLICE_P;
	s->slice_qp = 30;
	s->num_ref_idx_l0 = 2;
	s->ref_l0[1] = 1;
	if (b_slice) {
		s->num_ref_idx_l1 = 1;
		s->ref_l1[0] = 1;
	}
}

uint32_t test_desc_make(void *buffer, int b_slices)
{
	struct sl200_h264_enc *e = buffer;
	struct sl200_h264_ref *refs = (struct sl200_h264_ref *)(e + 1);
	struct sl200_h264_slice *slices = (struct sl200_h264_slice *)(refs + 2);

	memset(buffer, 0, SL200_H264_ENC_MAX_SIZE);
	e->head.version = SL200_ENC_DESC_VERSION;
	e->head.codec = SL200_CODEC_H264;
	e->head.size = (uint32_t)((uint8_t *)(slices + 2) - (uint8_t *)buffer);
	e->head.result_iova = 0x8000;
	e->head.source = surface(0x10000);
	e->head.recon = surface(0x20000);
	e->head.bitstream_iova = 0x30000;
	e->head.bitstream_size = 0x4000;
	e->head.header_iova = 0x9000;
	e->head.header_size = 64;
	e->head.qp_map_iova = 0xa000;
	e->head.qp_map_pitch = 4;
	e->head.stats_iova = 0xb000;
	e->head.quality = 2;
	e->head.qp = 28;
	e->head.qp_min = 10;
	e->head.qp_max = 51;
	e->width_mbs = WIDTH / 16;
	e->height_mbs = HEIGHT / 16;
	e->flags = SL200_H264_F_CABAC | SL200_H264_F_REFERENCE;
	e->poc = 4;
	e->num_refs = 2;
	e->num_headers = 1;
	e->num_slices = 2;
	e->header[0].bits = 100;
	refs[0].surface = surface(0x40000);
	refs[1].surface = surface(0x50000);
	refs[1].poc = 2;
	add_slice(&slices[0], 0, b_slices);
	add_slice(&slices[1], 1, b_slices);
	return e->head.size;
}
