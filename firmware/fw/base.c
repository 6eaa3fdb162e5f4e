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

void fw_beat(struct fw *fw)
{
	fw_write(fw, SL200_SYS_HEARTBEAT, ++fw->heartbeat);
	fw->heartbeat_due = fw_time(fw) + FW_HEARTBEAT_NS;
}
