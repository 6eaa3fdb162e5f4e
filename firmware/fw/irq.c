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
	fw_set_remove(&fw->vector_pending, vector);
	send(fw, vector);
}

void irq_completion(struct fw *fw, uint32_t vector)
{
	struct fw_vector *v = &fw->vectors[vector];

	if (!v->pending++) {
		if (fw->coalesce_count <= 1 || !fw->coalesce_us) {
			v->pending = 0;
			send(fw, vector);
			return;
		}
		v->deadline = fw->now + fw->coalesce_us * NS_PER_US;
		fw_set_add(&fw->vector_pending, vector);
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

	for (uint32_t n = fw_set_first(&fw->vector_pending); n != FW_SET_END;
	     n = fw_set_next(&fw->vector_pending, n)) {
		if (fw->vectors[n].deadline <= fw->now)
			flush(fw, n);
		else if (fw->vectors[n].deadline < next)
			next = fw->vectors[n].deadline;
	}
	return next;
}
