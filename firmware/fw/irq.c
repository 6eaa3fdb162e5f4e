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
	send(fw, vector);
}

void irq_completion(struct fw *fw, uint32_t vector)
{
	struct fw_vector *v = &fw->vectors[vector];

	if (!v->pending++)
		v->deadline = fw->now + fw->coalesce_us * NS_PER_US;
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

	for (uint32_t i = 0; i < FW_NUM_VECTORS; i++) {
		struct fw_vector *v = &fw->vectors[i];

		if (!v->pending)
			continue;
		if (v->deadline <= fw->now)
			flush(fw, i);
		else if (v->deadline < next)
			next = v->deadline;
	}
	return next;
}
