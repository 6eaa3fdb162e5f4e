// SPDX-License-Identifier: MIT
/* The small things that every part of the firmware uses. */
#include "firmware/fw/fw.h"

/* By the top five bits of the lone bit times a de Bruijn sequence, in which each five are
 * different. */
const uint8_t fw_bit_position[32] = {0,	 1,  28, 2,  29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4,	8,
				     31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6,  11, 5,  10, 9};

void fw_panic(struct fw *fw, uint32_t code)
{
	fw_write(fw, SL200_SYS_PANIC, code);
	fw->stopping = true;
}

void fw_doorbell_enable(struct fw *fw, uint32_t qid, bool on)
{
	uint32_t reg = SL200_DB_ENABLE(qid / 32);
	uint32_t bit = 1u << (qid & 31);
	uint32_t others = fw_read(fw, reg) & ~bit;

	/* Off first: it is the setting of the bit that zeroes the values. */
	fw_write(fw, reg, others);
	fw_write(fw, SL200_DB_PENDING_CLEAR(qid / 32), bit);
	if (on)
		fw_write(fw, reg, others | bit);
	if (on || others)
		fw->doorbell_words |= 1u << qid / 32;
	else
		fw->doorbell_words &= ~(1u << qid / 32);
}

static inline int transfer(struct fw *fw, uint32_t cmd, uint32_t space, uint64_t addr, void *tcm,
			   uint32_t len)
{
	enum mdma_result result;

	if (FW_STOPPING(fw))
		return -1;
	result = mdma_transfer(fw->hal, cmd, space, addr, tcm, len);
	if (result == MDMA_STOPPED)
		fw->stopping = true;
	return result == MDMA_OK ? 0 : -1;
}

int fw_mdma_read(struct fw *fw, uint32_t space, uint64_t addr, void *tcm, uint32_t len)
{
	return transfer(fw, SL200_MDMA_CMD_READ, space, addr, tcm, len);
}

int fw_mdma_write(struct fw *fw, uint32_t space, uint64_t addr, void *tcm, uint32_t len)
{
	return transfer(fw, SL200_MDMA_CMD_WRITE, space, addr, tcm, len);
}

void fw_beat(struct fw *fw)
{
	fw_write(fw, SL200_SYS_HEARTBEAT, ++fw->heartbeat);
	fw->heartbeat_due = fw_time(fw) + FW_HEARTBEAT_NS;
}
