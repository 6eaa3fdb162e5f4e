// SPDX-License-Identifier: MIT
/* Validation of entries and descriptors: for every field something legal and something not. */
#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "firmware/fw/validate.h"
#include "tests/unit/test_fw_desc.h"
#include "tests/suite.h"

#define ALL_OPCODES 0xffffffffu
#define TOP (1ull << SL200_IOVA_BITS)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check(const char *what, uint64_t value, struct verdict got, uint16_t status,
		  uint16_t detail)
{
	bool ok = got.status == status && got.detail == detail;

	if (!ok)
		printf("\n    %s = 0x%llx: status %u detail %u, expected %u %u", what,
		       (unsigned long long)value, got.status, got.detail, status, detail);
	CU_ASSERT_TRUE(ok);
}

/* ------------------------------------------------------------------ entries */

static const struct sl200_sqe legal_sqe[] = {
	{.opcode = SL200_OP_NOP},
	{.opcode = SL200_OP_COPY,
	 .src = 0x1000,
	 .dst = 0x2000,
	 .width = 100,
	 .height = 4,
	 .src_pitch = 128,
	 .dst_pitch = 256},
	{.opcode = SL200_OP_FILL,
	 .dst = 0x2000,
	 .value = 0x55,
	 .width = 100,
	 .height = 4,
	 .dst_pitch = 128},
	{.opcode = SL200_OP_WAIT, .src = 0x1000, .value = 3},
	{.opcode = SL200_OP_SIGNAL, .dst = 0x1000, .value = 3},
	{.opcode = SL200_OP_TIMESTAMP, .dst = 0x1000},
	{.opcode = SL200_OP_CRC, .src = 0x1001, .width = 77},
	{.opcode = SL200_OP_ENCODE, .src = 0x1000, .width = 320},
};

static const struct sl200_sqe *sqe_of(unsigned int opcode)
{
	for (size_t i = 0; i < COUNT(legal_sqe); i++)
		if (legal_sqe[i].opcode == opcode)
			return &legal_sqe[i];
	return NULL;
}

#define SQE(op, field, bytes, good, bad)                                                           \
	{                                                                                          \
		SL200_OP_##op, #op "." #field, offsetof(struct sl200_sqe, field), bytes, good, bad \
	}

static const struct {
	unsigned int opcode;
	const char *name;
	size_t offset, bytes;
	uint64_t good, bad;
} sqe_fields[] = {
	SQE(NOP, flags, 1, 3, 4),
	SQE(NOP, reserved0, 2, 0, 1),
	SQE(NOP, reserved1, 8, 0, 1ull << 63),
	SQE(NOP, src, 8, 0, 1),
	SQE(NOP, dst, 8, 0, 1),
	SQE(NOP, value, 8, 0, 1),
	SQE(NOP, width, 4, 0, 1),
	SQE(NOP, height, 4, 0, 1),
	SQE(NOP, src_pitch, 4, 0, 1),
	SQE(NOP, dst_pitch, 4, 0, 1),
	SQE(COPY, width, 4, 128, 0),
	SQE(COPY, width, 4, 1, SL200_COPY_WIDTH_MAX + 1),
	SQE(COPY, height, 4, SL200_COPY_HEIGHT_MAX, SL200_COPY_HEIGHT_MAX + 1),
	SQE(COPY, height, 4, 1, 0),
	SQE(COPY, src_pitch, 4, 100, 99),
	SQE(COPY, src_pitch, 4, SL200_COPY_PITCH_MAX, SL200_COPY_PITCH_MAX + 1),
	SQE(COPY, dst_pitch, 4, 100, 99),
	SQE(COPY, dst_pitch, 4, SL200_COPY_PITCH_MAX, SL200_COPY_PITCH_MAX + 1),
	SQE(COPY, src, 8, TOP - 484, TOP - 483),
	SQE(COPY, src, 8, 1, UINT64_MAX),
	SQE(COPY, dst, 8, TOP - 868, TOP - 867),
	SQE(COPY, value, 8, 0, 1),
	SQE(FILL, dst, 8, TOP - 484, TOP - 483),
	SQE(FILL, src, 8, 0, 8),
	SQE(FILL, src_pitch, 4, 0, 8),
	SQE(FILL, dst_pitch, 4, 100, 50),
	SQE(WAIT, src, 8, TOP - 8, TOP),
	SQE(WAIT, src, 8, 8, 4),
	SQE(WAIT, dst, 8, 0, 8),
	SQE(SIGNAL, dst, 8, TOP - 8, TOP),
	SQE(SIGNAL, dst, 8, 0, 7),
	SQE(SIGNAL, src, 8, 0, 8),
	SQE(TIMESTAMP, dst, 8, 16, 12),
	SQE(TIMESTAMP, value, 8, 0, 1),
	SQE(CRC, width, 4, 1, 0),
	SQE(CRC, width, 4, SL200_COPY_WIDTH_MAX, SL200_COPY_WIDTH_MAX + 1),
	SQE(CRC, src, 8, TOP - 77, TOP - 76),
	SQE(CRC, src, 8, 0, UINT64_MAX),
	SQE(CRC, dst, 8, 0, 8),
	SQE(CRC, value, 8, 0, 1),
	SQE(CRC, height, 4, 0, 1),
	SQE(CRC, src_pitch, 4, 0, 1),
	SQE(CRC, dst_pitch, 4, 0, 1),
	SQE(ENCODE, width, 4, sizeof(struct sl200_h264_enc), sizeof(struct sl200_h264_enc) - 8),
	SQE(ENCODE, width, 4, SL200_H264_ENC_MAX_SIZE, SL200_H264_ENC_MAX_SIZE + 8),
	SQE(ENCODE, width, 4, 328, 324),
	SQE(ENCODE, src, 8, TOP - 320, TOP - 312),
	SQE(ENCODE, height, 4, 0, 1),
	SQE(ENCODE, dst, 8, 0, 1),
};

static void test_sqe_fields(void)
{
	for (size_t i = 0; i < COUNT(sqe_fields); i++) {
		struct sl200_sqe sqe = *sqe_of(sqe_fields[i].opcode);

		memcpy((uint8_t *)&sqe + sqe_fields[i].offset, &sqe_fields[i].good,
		       sqe_fields[i].bytes);
		check(sqe_fields[i].name, sqe_fields[i].good, validate_sqe(&sqe, ALL_OPCODES), 0,
		      0);
		memcpy((uint8_t *)&sqe + sqe_fields[i].offset, &sqe_fields[i].bad,
		       sqe_fields[i].bytes);
		check(sqe_fields[i].name, sqe_fields[i].bad, validate_sqe(&sqe, ALL_OPCODES),
		      SL200_STATUS_INVALID_FIELD, (uint16_t)sqe_fields[i].offset);
	}
}

static void test_sqe_opcodes(void)
{
	for (size_t i = 0; i < COUNT(legal_sqe); i++) {
		struct sl200_sqe sqe = legal_sqe[i];
		uint32_t bit = 1u << sqe.opcode;

		check("opcode", sqe.opcode, validate_sqe(&sqe, bit), 0, 0);
		check("opcode", sqe.opcode, validate_sqe(&sqe, ~bit), SL200_STATUS_INVALID_OPCODE,
		      0);
	}
	for (unsigned int op = 0; op < 256; op++) {
		struct sl200_sqe sqe = {.opcode = (uint8_t)op};

		if (!sqe_of(op))
			check("opcode", op, validate_sqe(&sqe, ALL_OPCODES),
			      SL200_STATUS_INVALID_OPCODE, 0);
	}
}

static void test_sqe_linear(void)
{
	struct sl200_sqe sqe = *sqe_of(SL200_OP_COPY);

	/* Height 1 is linear: pitches are ignored, widths beyond the pitch limit are fine. */
	sqe.height = 1;
	sqe.width = SL200_COPY_WIDTH_MAX;
	sqe.src_pitch = 0;
	sqe.dst_pitch = UINT32_MAX;
	check("linear", sqe.width, validate_sqe(&sqe, ALL_OPCODES), 0, 0);
	sqe.height = 2;
	check("2-D", sqe.width, validate_sqe(&sqe, ALL_OPCODES), SL200_STATUS_INVALID_FIELD,
	      offsetof(struct sl200_sqe, src_pitch));
}

/* -------------------------------------------------------------- descriptors */

#define INVALID SL200_STATUS_INVALID_DESC
#define BEYOND SL200_STATUS_UNSUPPORTED
#define HEAD(field) offsetof(struct sl200_enc_head, field)
#define ENC(field) offsetof(struct sl200_h264_enc, field)
#define SRC(field) (HEAD(source) + offsetof(struct sl200_surface, field))
#define REC(field) (HEAD(recon) + offsetof(struct sl200_surface, field))
#define REF1(field)                                                                                \
	(TEST_DESC_REF(1) + offsetof(struct sl200_h264_ref, surface) +                             \
	 offsetof(struct sl200_surface, field))
#define SLICE1(field) (TEST_DESC_SLICE(1) + offsetof(struct sl200_h264_slice, field))
#define PACK0(field) (ENC(header) + offsetof(struct sl200_packed_header, field))

static const struct desc_field {
	const char *name;
	size_t offset, bytes;
	uint64_t good, bad;
	uint16_t status;
} desc_fields[] = {
	{"version", HEAD(version), 2, 1, 0, INVALID},
	{"version", HEAD(version), 2, 1, 2, BEYOND},
	{"codec", HEAD(codec), 2, SL200_CODEC_H264, 0, INVALID},
	{"codec", HEAD(codec), 2, SL200_CODEC_H264, SL200_CODEC_AV1, BEYOND},
	{"codec", HEAD(codec), 2, SL200_CODEC_H264, 4, INVALID},
	{"result_iova", HEAD(result_iova), 8, 0, 0x8004, INVALID},
	{"result_iova", HEAD(result_iova), 8, TOP - 128, TOP - 120, INVALID},
	{"result in the source", HEAD(result_iova), 8, 0x12000, 0x10100, INVALID},
	{"source.iova", SRC(iova), 8, 0x60000, 0x60020, INVALID},
	{"source.size", SRC(size), 8, 4608, 0, INVALID},
	{"source.size", SRC(size), 8, 4608, UINT64_MAX, INVALID},
	{"source.format", SRC(format), 4, SL200_FORMAT_NV12, 3, INVALID},
	{"source.format", SRC(format), 4, SL200_FORMAT_NV12, 0, INVALID},
	{"source.width", SRC(width), 2, 50, 51, INVALID},
	{"source.width", SRC(width), 2, 64, 48, INVALID},
	{"source.height", SRC(height), 2, 34, 35, INVALID},
	{"source.height", SRC(height), 2, 48, 50, INVALID},
	{"source.offset[0]", SRC(offset[0]), 4, 0, 32, INVALID},
	{"source.offset[1]", SRC(offset[1]), 4, 64 * 48, 64 * 47, INVALID},
	{"source.offset[1]", SRC(offset[1]), 4, 0x2000 - 24 * 64, 0x2000 - 23 * 64, INVALID},
	{"source.offset[1]", SRC(offset[1]), 4, 64 * 48, 0xffffffc0, INVALID},
	{"source.offset[2]", SRC(offset[2]), 4, 0, 64, INVALID},
	{"source.pitch[0]", SRC(pitch[0]), 4, 64, 96, INVALID},
	{"source.pitch[0]", SRC(pitch[0]), 4, 64, 0, INVALID},
	{"source.pitch[1]", SRC(pitch[1]), 4, 128, 100, INVALID},
	{"source.pitch[2]", SRC(pitch[2]), 4, 0, 64, INVALID},
	{"recon.iova", REC(iova), 8, 0x60000, 0x60001, INVALID},
	{"recon over the source", REC(iova), 8, 0x12000, 0x10000, INVALID},
	{"recon over a reference", REC(iova), 8, 0x42000, 0x40000, INVALID},
	{"recon.size", REC(size), 8, 4608, 4607, INVALID},
	{"recon.width", REC(width), 2, 50, 80, INVALID},
	{"recon.height", REC(height), 2, 34, 64, INVALID},
	{"ref.iova", REF1(iova), 8, 0x60000, 0x60010, INVALID},
	{"ref.size", REF1(size), 8, 4608, 100, INVALID},
	{"ref.format", REF1(format), 4, SL200_FORMAT_NV12, 9, INVALID},
	{"ref.width", REF1(width), 2, 62, 32, INVALID},
	{"ref.height", REF1(height), 2, 34, 32, INVALID},
	{"ref.pitch[1]", REF1(pitch[1]), 4, 64, 63, INVALID},
	{"ref.flags", TEST_DESC_REF(1) + offsetof(struct sl200_h264_ref, flags), 4, 1, 2, INVALID},
	{"bitstream_iova", HEAD(bitstream_iova), 8, 0x30001, TOP - 0x3fff, INVALID},
	{"bitstream over recon", HEAD(bitstream_iova), 8, 0x22000, 0x21000, INVALID},
	{"bitstream over a reference", HEAD(bitstream_iova), 8, 0x3c000, 0x3d000, INVALID},
	{"bitstream over the headers", HEAD(bitstream_iova), 8, 0xc000, 0x6000, INVALID},
	{"bitstream_size", HEAD(bitstream_size), 4, 1, 0, INVALID},
	{"header_iova", HEAD(header_iova), 8, 0x9001, TOP - 63, INVALID},
	{"header_size", HEAD(header_size), 4, 64, SL200_H264_HEADER_SIZE_MAX + 1, INVALID},
	{"qp_map_iova", HEAD(qp_map_iova), 8, TOP - 12, TOP - 11, INVALID},
	{"qp_map_pitch", HEAD(qp_map_pitch), 4, 8, 3, INVALID},
	{"qp_map_pitch", HEAD(qp_map_pitch), 4, 4, 65537, INVALID},
	{"quality", HEAD(quality), 1, 1, 0, INVALID},
	{"quality", HEAD(quality), 1, 4, 5, BEYOND},
	{"qp", HEAD(qp), 1, 51, 52, INVALID},
	{"qp_min", HEAD(qp_min), 1, 51, 52, INVALID},
	{"qp_max", HEAD(qp_max), 1, 10, 52, INVALID},
	{"stats_iova", HEAD(stats_iova), 8, TOP - 192, TOP - 184, INVALID},
	{"stats_iova", HEAD(stats_iova), 8, 0, 0xb004, INVALID},
	{"result over the stats", HEAD(result_iova), 8, 0xb0c0, 0xb0b8, INVALID},
	{"head.reserved", HEAD(reserved), 8, 0, 1, INVALID},
	{"width_mbs", ENC(width_mbs), 2, 4, 0, INVALID},
	{"width_mbs", ENC(width_mbs), 2, 4, 513, INVALID},
	{"width_mbs", ENC(width_mbs), 2, 4, 257, BEYOND},
	{"height_mbs", ENC(height_mbs), 2, 3, 0, INVALID},
	{"height_mbs", ENC(height_mbs), 2, 3, 513, INVALID},
	{"height_mbs", ENC(height_mbs), 2, 3, 145, BEYOND},
	{"flags", ENC(flags), 2, 0, 0x20, INVALID},
	{"flags", ENC(flags), 2, SL200_H264_F_DIRECT_SPATIAL, SL200_H264_F_TRANSFORM_8X8, BEYOND},
	{"chroma_qp_index_offset", ENC(chroma_qp_index_offset), 1, 0xf4, 0xf3, INVALID},
	{"chroma_qp_index_offset", ENC(chroma_qp_index_offset), 1, 12, 13, INVALID},
	{"second_chroma_qp_index_offset", ENC(second_chroma_qp_index_offset), 1, 12, 13, INVALID},
	{"num_refs", ENC(num_refs), 1, 2, 17, INVALID},
	{"num_headers", ENC(num_headers), 1, 1, 9, INVALID},
	{"num_slices", ENC(num_slices), 2, 2, 0, INVALID},
	{"num_slices", ENC(num_slices), 2, 2, 129, INVALID},
	{"header[0].offset", PACK0(offset), 4, 51, 52, INVALID},
	{"header[0].offset", PACK0(offset), 4, 0, UINT32_MAX, INVALID},
	{"header[0].bits", PACK0(bits), 4, 1, 0, INVALID},
	{"header[0].bits", PACK0(bits), 4, 512, 16385, INVALID},
	{"header[1].offset", PACK0(offset) + 8, 4, 0, 1, INVALID},
	{"header[7].bits", PACK0(bits) + 56, 4, 0, 1, INVALID},
	{"reserved[0]", ENC(reserved[0]), 8, 0, 1, INVALID},
	{"reserved[1]", ENC(reserved[1]), 8, 0, 1, INVALID},
	{"slice.first_mb", SLICE1(first_mb), 4, 6, 5, INVALID},
	{"slice.first_mb", SLICE1(first_mb), 4, 6, 7, INVALID},
	{"slice.num_mbs", SLICE1(num_mbs), 4, 6, 5, INVALID},
	{"slice.num_mbs", SLICE1(num_mbs), 4, 6, 7, INVALID},
	{"slice.num_mbs", SLICE1(num_mbs), 4, 6, UINT32_MAX, INVALID},
	{"slice.header.offset", SLICE1(header.offset), 4, 56, 57, INVALID},
	{"slice.header.bits", SLICE1(header.bits), 4, 320, 0, INVALID},
	{"slice.slice_type", SLICE1(slice_type), 1, SL200_H264_SLICE_P, 3, INVALID},
	{"slice.slice_qp", SLICE1(slice_qp), 1, 51, 52, INVALID},
	{"slice.slice_qp", SLICE1(slice_qp), 1, 0, 0xff, INVALID},
	{"slice.cabac_init_idc", SLICE1(cabac_init_idc), 1, 2, 3, INVALID},
	{"slice.disable_deblocking_filter_idc", SLICE1(disable_deblocking_filter_idc), 1, 2, 3,
	 INVALID},
	{"slice.alpha", SLICE1(slice_alpha_c0_offset_div2), 1, 0xfa, 0xf9, INVALID},
	{"slice.alpha", SLICE1(slice_alpha_c0_offset_div2), 1, 6, 7, INVALID},
	{"slice.beta", SLICE1(slice_beta_offset_div2), 1, 6, 7, INVALID},
	{"slice.num_ref_idx_l0", SLICE1(num_ref_idx_l0), 1, 2, 0, INVALID},
	{"slice.num_ref_idx_l0", SLICE1(num_ref_idx_l0), 1, 2, 17, INVALID},
	{"slice.num_ref_idx_l0", SLICE1(num_ref_idx_l0), 1, 2, 3, BEYOND},
	{"slice.num_ref_idx_l1", SLICE1(num_ref_idx_l1), 1, 0, 1, INVALID},
	{"slice.ref_l0[0]", SLICE1(ref_l0[0]), 1, 1, 2, INVALID},
	{"slice.ref_l0[15]", SLICE1(ref_l0[15]), 1, 0, 1, INVALID},
	{"slice.ref_l1[0]", SLICE1(ref_l1[0]), 1, 0, 1, INVALID},
};

/* Fields that place something else: the verdict names the placed thing, not the field. */
static uint16_t blamed(const struct desc_field *f)
{
	if (f->offset == SRC(iova) || f->offset == SRC(size))
		return (uint16_t)f->offset;
	if (f->offset == REC(size) && f->bad == 4607)
		return REC(offset[1]);
	if (f->offset == REF1(size) && f->bad == 100)
		return REF1(offset[0]);
	return (uint16_t)f->offset;
}

static void test_desc_fields(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	uint8_t *bytes = (uint8_t *)buffer;

	for (size_t i = 0; i < COUNT(desc_fields); i++) {
		const struct desc_field *f = &desc_fields[i];
		uint32_t size = test_desc_make(buffer, 0);

		memcpy(bytes + f->offset, &f->good, f->bytes);
		check(f->name, f->good, validate_h264(buffer, size, &test_desc_caps), 0, 0);
		memcpy(bytes + f->offset, &f->bad, f->bytes);
		check(f->name, f->bad, validate_h264(buffer, size, &test_desc_caps), f->status,
		      blamed(f));
	}
}

static void test_desc_size(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	struct sl200_h264_enc *e = (struct sl200_h264_enc *)buffer;
	uint32_t size = test_desc_make(buffer, 0);

	check("size", size, validate_h264(buffer, size, &test_desc_caps), 0, 0);
	check("size", size + 8, validate_h264(buffer, size + 8, &test_desc_caps), INVALID,
	      HEAD(size));
	e->head.size = size - 8;
	check("size", size, validate_h264(buffer, size, &test_desc_caps), INVALID, HEAD(size));
	/* Consistent between entry and head, but not what the counts make it. */
	check("size", size - 8, validate_h264(buffer, size - 8, &test_desc_caps), INVALID,
	      HEAD(size));
	test_desc_make(buffer, 0);
	e->num_refs = 1;
	check("num_refs", 1, validate_h264(buffer, size, &test_desc_caps), INVALID, HEAD(size));
}

/* Without a QP map its pitch is an unused field. */
static void test_desc_no_map(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	struct sl200_h264_enc *e = (struct sl200_h264_enc *)buffer;
	uint32_t size = test_desc_make(buffer, 0);

	e->head.qp_map_iova = 0;
	check("qp_map_pitch", 4, validate_h264(buffer, size, &test_desc_caps), INVALID,
	      HEAD(qp_map_pitch));
	e->head.qp_map_pitch = 0;
	check("qp_map_pitch", 0, validate_h264(buffer, size, &test_desc_caps), 0, 0);
}

/* I420 has a third plane, with rules of its own. */
static void test_desc_i420(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	struct sl200_h264_enc *e = (struct sl200_h264_enc *)buffer;
	uint32_t size = test_desc_make(buffer, 0);
	struct sl200_surface *s = &e->head.source;

	s->format = SL200_FORMAT_I420;
	s->offset[2] = 64 * 48 + 64 * 24;
	s->pitch[2] = 64;
	check("I420", 0, validate_h264(buffer, size, &test_desc_caps), 0, 0);
	s->pitch[2] = 0;
	check("pitch[2]", 0, validate_h264(buffer, size, &test_desc_caps), INVALID, SRC(pitch[2]));
	s->pitch[2] = 64;
	s->offset[2] = 64 * 48;
	check("offset[2] on plane 1", s->offset[2], validate_h264(buffer, size, &test_desc_caps),
	      INVALID, SRC(offset[2]));
	s->offset[2] = 0x2000;
	check("offset[2] outside", s->offset[2], validate_h264(buffer, size, &test_desc_caps),
	      INVALID, SRC(offset[2]));
}

static void test_desc_caps_limits(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	struct sl200_h264_enc *e = (struct sl200_h264_enc *)buffer;
	struct sl200_enc_caps caps = test_desc_caps;
	uint32_t size = test_desc_make(buffer, 1);
	struct sl200_h264_slice *s = (void *)((uint8_t *)buffer + TEST_DESC_SLICE(0));

	check("B slices", 1, validate_h264(buffer, size, &caps), 0, 0);
	caps.max_refs_l1 = 0;
	check("no B slices", 1, validate_h264(buffer, size, &caps), BEYOND,
	      TEST_DESC_SLICE(0) + offsetof(struct sl200_h264_slice, slice_type));
	caps.max_refs_l1 = 1;
	s->num_ref_idx_l1 = 2;
	check("two references in list 1", 2, validate_h264(buffer, size, &caps), BEYOND,
	      TEST_DESC_SLICE(0) + offsetof(struct sl200_h264_slice, num_ref_idx_l1));
	s->num_ref_idx_l1 = 1;
	caps = test_desc_caps;
	caps.max_slices = 1;
	check("one slice", 2, validate_h264(buffer, size, &caps), BEYOND, ENC(num_slices));
	caps = test_desc_caps;
	caps.formats = 1u << SL200_FORMAT_I420;
	check("no NV12", 0, validate_h264(buffer, size, &caps), BEYOND, SRC(format));
	/* The limit is on samples, not on whole macroblocks. */
	caps = test_desc_caps;
	caps.max_width = 62;
	e->head.source.width = 62;
	check("62 wide", 62, validate_h264(buffer, size, &caps), 0, 0);
	e->head.source.width = 64;
	check("64 wide", 64, validate_h264(buffer, size, &caps), BEYOND, SRC(width));
	caps.max_width = 4096;
	caps.max_height = 46;
	check("48 high", 48, validate_h264(buffer, size, &caps), BEYOND, SRC(height));
}

/* An I slice has no references, whatever the picture has. */
static void test_desc_intra(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	uint32_t size = test_desc_make(buffer, 0);
	struct sl200_h264_slice *s = (void *)((uint8_t *)buffer + TEST_DESC_SLICE(0));

	s->slice_type = SL200_H264_SLICE_I;
	check("I with references", 0, validate_h264(buffer, size, &test_desc_caps), INVALID,
	      TEST_DESC_SLICE(0) + offsetof(struct sl200_h264_slice, num_ref_idx_l0));
	s->num_ref_idx_l0 = 0;
	s->ref_l0[1] = 0;
	check("I", 0, validate_h264(buffer, size, &test_desc_caps), 0, 0);
}

/* A source of 14x14 samples fits one macroblock but is below the smallest picture. */
static void test_desc_small(void)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	struct sl200_h264_enc *e = (struct sl200_h264_enc *)buffer;
	uint32_t size = test_desc_make(buffer, 0);
	struct sl200_h264_ref *refs = (struct sl200_h264_ref *)(e + 1);
	struct sl200_h264_slice *s = (void *)((uint8_t *)buffer + TEST_DESC_SLICE(0));
	struct sl200_surface *all[] = {&e->head.source, &e->head.recon, &refs[0].surface,
				       &refs[1].surface};

	for (size_t i = 0; i < COUNT(all); i++) {
		all[i]->width = 16;
		all[i]->height = 32;
	}
	e->width_mbs = 1;
	e->height_mbs = 2;
	s[0].num_mbs = 1;
	s[1].first_mb = 1;
	s[1].num_mbs = 1;
	check("16x32", 16, validate_h264(buffer, size, &test_desc_caps), 0, 0);
	e->head.source.width = 14;
	check("14x32", 14, validate_h264(buffer, size, &test_desc_caps), INVALID, SRC(width));
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i]->width = 32;
		all[i]->height = 16;
	}
	e->width_mbs = 2;
	e->height_mbs = 1;
	check("32x16", 16, validate_h264(buffer, size, &test_desc_caps), 0, 0);
	e->head.source.height = 14;
	check("32x14", 14, validate_h264(buffer, size, &test_desc_caps), INVALID, SRC(height));
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"entry fields", test_sqe_fields},
		{"opcodes", test_sqe_opcodes},
		{"linear copies", test_sqe_linear},
		{"descriptor fields", test_desc_fields},
		{"descriptor sizes", test_desc_size},
		{"no QP map", test_desc_no_map},
		{"I420", test_desc_i420},
		{"capabilities", test_desc_caps_limits},
		{"I slices", test_desc_intra},
		{"smallest pictures", test_desc_small},
		CU_TEST_INFO_NULL,
	};

	return suite_run("firmware validation", NULL, NULL, tests);
}
