// SPDX-License-Identifier: MIT
#include "firmware/fw/irq.h"

static void send(struct fw *fw, uint32_t vector)
{
	fw_write(fw, SL200_SYS_MSIX_SEND, vector);
	fw->stats.interrupts++;
}

static void flush(struct fw *fw, uint32_t vector)
{
	struct fw_vector *v = &fw->vectors[vector];

	fw->stats.interrupts_coalesced += v->pending - 1;
	v->pending = 0;
	fw_bit_set(fw->vector_pending, vector, false);
	send(fw, vector);
}

void irq_completion(struct fw *fw, uint32_t vector)
{
	struct fw_vector *v = &fw->vectors[vector];

	if (!v->pending++) {
		v->deadline = fw->now + fw->coalesce_us * NS_PER_US;
		fw_bit_set(fw->vector_pending, vector, true);
	}
	if (v->pending >= fw->coalesce_count || !fw->coalesce_us)
		flush(fw, vector);
}

void irq_event(struct fw *fw)
{
	send(fw, 0);
}

uint64_t irq_poll(struct fw *fw)
{
	uint64_t next = UINT64_MAX;

	for (int n = -1;
	     (n = fw_next_bit(fw->vector_pending, FW_NUM_VECTORS / 32, (uint32_t)n + 1)) >= 0;) {
		if (fw->vectors[n].deadline <= fw->now)
			flush(fw, (uint32_t)n);
		else if (fw->vectors[n].deadline < next)
			next = fw->vectors[n].deadline;
	}
	return next;
}
