/* SPDX-License-Identifier: MIT */
/*
 * Judgement of what clients write: pure functions of the bytes and the capabilities, linked by the
 * firmware, by tests and by fuzzers alike. Inputs are copies no one else can change.
 */
#ifndef FW_VALIDATE_H
#define FW_VALIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"
#include "abi/sl200_queue.h"

/* status: enum sl200_status, 0 when all is well; detail: offset of the offending field. */
struct verdict {
	uint16_t status;
	uint16_t detail;
};

#define VERDICT_OK ((struct verdict){SL200_STATUS_OK, 0})

/*
 * Judge a submission entry. opcodes: bit n set when opcode n works on this card.
 * Refuses with INVALID_OPCODE or INVALID_FIELD.
 */
struct verdict validate_sqe(const struct sl200_sqe *sqe, uint32_t opcodes);

/* Whether validate_sqe() takes an entry for a good NOP, as every card executes it; in few steps. */
static inline bool validate_is_nop(const struct sl200_sqe *sqe)
{
	uint64_t rest = sqe->src | sqe->dst | sqe->value | sqe->reserved1;
	uint32_t sizes = sqe->width | sqe->height | sqe->src_pitch | sqe->dst_pitch;

	return !(sqe->opcode | (sqe->flags & ~SL200_SQE_F_MASK) | sqe->reserved0 | rest | sizes);
}
_Static_assert(SL200_OP_NOP == 0, "opcodes are ORed above");

/*
 * Judge an encode descriptor of size bytes (at least sizeof(struct sl200_h264_enc) of them, 8-byte
 * aligned). Refuses with INVALID_DESC, or with UNSUPPORTED what is legal but beyond caps.
 * Of an accepted one an engine may rely on every rule of docs/firmware.md, "Descriptors".
 */
struct verdict validate_h264(const void *desc, uint32_t size, const struct sl200_enc_caps *caps);

#endif
