/* SPDX-License-Identifier: MIT */
/*
 * A port for driver/core without a card: registers are an array, DMA memory is the heap, and time
 * passes only when somebody sleeps. Tests put their own behaviour behind register writes,
 * doorbells and waits.
 */
#ifndef TESTS_CORE_FAKE_H
#define TESTS_CORE_FAKE_H

#include "driver/core/port.h"

struct fake_port {
	struct core_port port;
	uint32_t regs[0x10000 / 4];
	bool gone; /* registers read all-ones */
	uint64_t now_ns;
	int dma_live, mem_live; /* allocations not yet freed */
	int dma_budget;		/* allocations still allowed; negative: no limit */
	int locked[2];
	int log_lines;
	uint32_t irqs;
	void (*on_write)(struct fake_port *fake, uint32_t offset, uint32_t value);
	void (*on_doorbell)(struct fake_port *fake, unsigned int qid, uint32_t offset,
			    uint32_t value);
	void (*on_wait)(struct fake_port *fake); /* each sleep or wait */
	void *test;
};

void fake_init(struct fake_port *fake);

static inline uint32_t *fake_reg(struct fake_port *fake, uint32_t offset)
{
	return &fake->regs[offset / 4];
}

/* The memory at a bus address, which is the pointer's value shifted out of the way. */
void *fake_bus(uint64_t bus);

#endif
