// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "tests/unit/core_fake.h"

/* Bus addresses differ from pointers, as they do on real machines. */
#define BUS_OFFSET 0x0001000000000000ull

static struct fake_port *to_fake(struct core_port *port)
{
	return (struct fake_port *)port;
}

static uint32_t fake_read32(struct core_port *port, uint32_t offset)
{
	return to_fake(port)->gone ? CORE_ALL_ONES : *fake_reg(to_fake(port), offset);
}

static void fake_write32(struct core_port *port, uint32_t offset, uint32_t value)
{
	struct fake_port *fake = to_fake(port);

	*fake_reg(fake, offset) = value;
	if (fake->on_write)
		fake->on_write(fake, offset, value);
}

static void fake_doorbell(struct core_port *port, unsigned int qid, uint32_t offset, uint32_t value)
{
	struct fake_port *fake = to_fake(port);

	if (fake->on_doorbell)
		fake->on_doorbell(fake, qid, offset, value);
}

static int fake_dma_alloc(struct core_port *port, size_t size, struct core_dma *dma)
{
	struct fake_port *fake = to_fake(port);

	if (!fake->dma_budget)
		return -ENOMEM;
	if (fake->dma_budget > 0)
		fake->dma_budget--;
	dma->cpu = aligned_alloc(4096, size);
	if (!dma->cpu)
		return -ENOMEM;
	memset(dma->cpu, 0, size);
	dma->bus = (uint64_t)(uintptr_t)dma->cpu + BUS_OFFSET;
	dma->size = size;
	fake->dma_live++;
	return 0;
}

static void fake_dma_free(struct core_port *port, struct core_dma *dma)
{
	free(dma->cpu);
	to_fake(port)->dma_live--;
}

static void *fake_mem_alloc(struct core_port *port, size_t size)
{
	void *mem = calloc(1, size);

	if (mem)
		to_fake(port)->mem_live++;
	return mem;
}

static void fake_mem_free(struct core_port *port, void *mem)
{
	free(mem);
	to_fake(port)->mem_live--;
}

static uint64_t fake_now_ns(struct core_port *port)
{
	return to_fake(port)->now_ns;
}

static void fake_pass(struct fake_port *fake, unsigned int us)
{
	fake->now_ns += us * 1000ull;
	if (fake->on_wait)
		fake->on_wait(fake);
}

static void fake_sleep_us(struct core_port *port, unsigned int us)
{
	fake_pass(to_fake(port), us);
}

static uint32_t fake_admin_irqs(struct core_port *port)
{
	return to_fake(port)->irqs;
}

static void fake_admin_wait(struct core_port *port, uint32_t seen, unsigned int timeout_us)
{
	fake_pass(to_fake(port), to_fake(port)->irqs == seen ? timeout_us : 0);
}

static void fake_lock(struct core_port *port, enum core_lock lock)
{
	/* A fake has one thread: a lock taken twice would be a deadlock elsewhere. */
	if (to_fake(port)->locked[lock]++)
		abort();
}

static void fake_unlock(struct core_port *port, enum core_lock lock)
{
	if (--to_fake(port)->locked[lock])
		abort();
}

__attribute__((format(printf, 3, 4))) static void
fake_log(struct core_port *port, enum core_log_level level, const char *fmt, ...)
{
	to_fake(port)->log_lines++;
}

static const struct core_port_ops fake_ops = {
	.read32 = fake_read32,
	.write32 = fake_write32,
	.doorbell = fake_doorbell,
	.dma_alloc = fake_dma_alloc,
	.dma_free = fake_dma_free,
	.mem_alloc = fake_mem_alloc,
	.mem_free = fake_mem_free,
	.now_ns = fake_now_ns,
	.sleep_us = fake_sleep_us,
	.admin_irqs = fake_admin_irqs,
	.admin_wait = fake_admin_wait,
	.lock = fake_lock,
	.unlock = fake_unlock,
	.log = fake_log,
};

void fake_init(struct fake_port *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->port.ops = &fake_ops;
	fake->dma_budget = -1;
}

void *fake_bus(uint64_t bus)
{
	return (void *)(uintptr_t)(bus - BUS_OFFSET);
}
