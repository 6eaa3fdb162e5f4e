// SPDX-License-Identifier: MIT
#include "firmware/fw/validate.h"

#include <stdbool.h>

#define IOVA_END (1ull << SL200_IOVA_BITS)
#define FIELD(name) ((uint16_t)offsetof(struct sl200_sqe, name))

/* Fields of an entry beyond opcode, flags, timeout and tag, in the order of the struct. */
enum sqe_use {
	USE_SRC = 0x01,
	USE_DST = 0x02,
	USE_VALUE = 0x04,
	USE_WIDTH = 0x08,
	USE_HEIGHT = 0x10,
	USE_SRC_PITCH = 0x20,
	USE_DST_PITCH = 0x40,
};

static struct verdict refuse(uint16_t offset)
{
	return (struct verdict){SL200_STATUS_INVALID_FIELD, offset};
}

static unsigned int fields_used(unsigned int opcode)
{
	switch (opcode) {
	case SL200_OP_COPY:
		return USE_SRC | USE_DST | USE_WIDTH | USE_HEIGHT | USE_SRC_PITCH | USE_DST_PITCH;
	case SL200_OP_FILL:
		return USE_DST | USE_VALUE | USE_WIDTH | USE_HEIGHT | USE_DST_PITCH;
	case SL200_OP_WAIT:
		return USE_SRC | USE_VALUE;
	case SL200_OP_SIGNAL:
		return USE_DST | USE_VALUE;
	case SL200_OP_TIMESTAMP:
		return USE_DST;
	case SL200_OP_CRC:
	case SL200_OP_ENCODE:
		return USE_SRC | USE_WIDTH;
	default:
		return 0;
	}
}

/* Unused fields are zero. */
static struct verdict check_unused(const struct sl200_sqe *sqe)
{
	unsigned int used = fields_used(sqe->opcode);

	if (!(used & USE_SRC) && sqe->src)
		return refuse(FIELD(src));
	if (!(used & USE_DST) && sqe->dst)
		return refuse(FIELD(dst));
	if (!(used & USE_VALUE) && sqe->value)
		return refuse(FIELD(value));
	if (!(used & USE_WIDTH) && sqe->width)
		return refuse(FIELD(width));
	if (!(used & USE_HEIGHT) && sqe->height)
		return refuse(FIELD(height));
	if (!(used & USE_SRC_PITCH) && sqe->src_pitch)
		return refuse(FIELD(src_pitch));
	if (!(used & USE_DST_PITCH) && sqe->dst_pitch)
		return refuse(FIELD(dst_pitch));
	return VERDICT_OK;
}

static bool pitch_ok(const struct sl200_sqe *sqe, uint32_t pitch)
{
	return sqe->height == 1 || (pitch >= sqe->width && pitch <= SL200_COPY_PITCH_MAX);
}

/* Whether the rows end below the top of the address space; limits on sizes prevent overflow. */
static bool rows_fit(const struct sl200_sqe *sqe, uint64_t addr, uint32_t pitch)
{
	uint64_t extent = (uint64_t)(sqe->height - 1) * pitch + sqe->width;

	return addr < IOVA_END && extent <= IOVA_END - addr;
}

static struct verdict check_rows(const struct sl200_sqe *sqe, bool has_src)
{
	if (!sqe->width || sqe->width > SL200_COPY_WIDTH_MAX)
		return refuse(FIELD(width));
	if (!sqe->height || sqe->height > SL200_COPY_HEIGHT_MAX)
		return refuse(FIELD(height));
	if (has_src && !pitch_ok(sqe, sqe->src_pitch))
		return refuse(FIELD(src_pitch));
	if (!pitch_ok(sqe, sqe->dst_pitch))
		return refuse(FIELD(dst_pitch));
	if (has_src && !rows_fit(sqe, sqe->src, sqe->src_pitch))
		return refuse(FIELD(src));
	if (!rows_fit(sqe, sqe->dst, sqe->dst_pitch))
		return refuse(FIELD(dst));
	return VERDICT_OK;
}

/* A 64-bit word. */
static bool word_ok(uint64_t addr)
{
	return !(addr & 7) && addr < IOVA_END;
}

static struct verdict check_crc(const struct sl200_sqe *sqe)
{
	if (!sqe->width || sqe->width > SL200_COPY_WIDTH_MAX)
		return refuse(FIELD(width));
	if (sqe->src >= IOVA_END || sqe->width > IOVA_END - sqe->src)
		return refuse(FIELD(src));
	return VERDICT_OK;
}

static struct verdict check_encode(const struct sl200_sqe *sqe)
{
	if (sqe->width < sizeof(struct sl200_h264_enc) || sqe->width > SL200_H264_ENC_MAX_SIZE ||
	    sqe->width & 7)
		return refuse(FIELD(width));
	if (sqe->src >= IOVA_END || sqe->width > IOVA_END - sqe->src)
		return refuse(FIELD(src));
	return VERDICT_OK;
}

struct verdict validate_sqe(const struct sl200_sqe *sqe, uint32_t opcodes)
{
	struct verdict v;

	if (sqe->opcode >= 32 || !(opcodes >> sqe->opcode & 1))
		return (struct verdict){SL200_STATUS_INVALID_OPCODE, 0};
	if (sqe->flags & ~SL200_SQE_F_MASK)
		return refuse(FIELD(flags));
	if (sqe->reserved0)
		return refuse(FIELD(reserved0));
	if (sqe->reserved1)
		return refuse(FIELD(reserved1));
	v = check_unused(sqe);
	if (v.status)
		return v;
	switch (sqe->opcode) {
	case SL200_OP_NOP:
		return VERDICT_OK;
	case SL200_OP_COPY:
		return check_rows(sqe, true);
	case SL200_OP_FILL:
		return check_rows(sqe, false);
	case SL200_OP_WAIT:
		return word_ok(sqe->src) ? VERDICT_OK : refuse(FIELD(src));
	case SL200_OP_SIGNAL:
	case SL200_OP_TIMESTAMP:
		return word_ok(sqe->dst) ? VERDICT_OK : refuse(FIELD(dst));
	case SL200_OP_CRC:
		return check_crc(sqe);
	case SL200_OP_ENCODE:
		return check_encode(sqe);
	default:
		return (struct verdict){SL200_STATUS_INVALID_OPCODE, 0};
	}
}
