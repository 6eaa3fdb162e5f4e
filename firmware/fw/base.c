// SPDX-License-Identifier: MIT
/* The small things that every part of the firmware uses. */
#include "firmware/fw/fw.h"

int fw_next_bit(const uint32_t *map, uint32_t words, uint32_t from)
{
	uint32_t w = from / 32;
	uint32_t bits;

	if (w >= words)
		return -1;
	bits = map[w] & ~0u << (from & 31);
	while (!bits) {
		if (++w >= words)
			return -1;
		bits = map[w];
	}
	return (int)(w * 32 + (uint32_t)__builtin_ctz(bits));
}

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
}

static int transfer(struct fw *fw, uint32_t cmd, uint32_t space, uint64_t addr, void *tcm,
		    uint32_t len)
{
	enum mdma_result result;

	if (fw->stopping)
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
