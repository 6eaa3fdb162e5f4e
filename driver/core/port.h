/* SPDX-License-Identifier: MIT */
/*
 * All that driver/core needs of its surroundings, so that the same code runs in the kernel driver
 * and in user drivers. A driver embeds struct core_port in its own per-card structure.
 *
 * Core code keeps no global state. Functions return 0 or a negative errno value.
 */
#ifndef CORE_PORT_H
#define CORE_PORT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

#include "abi/sl200_types.h"

/* What every register of a card that is gone reads. */
#define CORE_ALL_ONES 0xffffffffu

/* Memory that both the CPU and the card reach, page-aligned and contiguous on the bus. */
struct core_dma {
	void *cpu;
	uint64_t bus;
	size_t size;
};

enum core_lock {
	CORE_LOCK_REGS,	 /* register sequences that must not interleave; held for a few accesses */
	CORE_LOCK_ADMIN, /* the admin queue's bookkeeping; never held across a wait */
	CORE_LOCK_COUNT,
};

enum core_log_level {
	CORE_LOG_ERROR,
	CORE_LOG_INFO,
};

struct core_port;

struct core_port_ops {
	/* BAR0 at a byte offset, 4-byte aligned. A card that is gone reads all-ones. */
	uint32_t (*read32)(struct core_port *port, uint32_t offset);
	void (*write32)(struct core_port *port, uint32_t offset, uint32_t value);
	/*
	 * Write a queue's doorbell page at SL200_DOORBELL_*; orders all earlier memory writes
	 * before itself, as seen by the card.
	 */
	void (*doorbell)(struct core_port *port, unsigned int qid, uint32_t offset, uint32_t value);
	/* Zeroed memory for the card, a multiple of 4 KiB, until dma_free(). May sleep. */
	int (*dma_alloc)(struct core_port *port, size_t size, struct core_dma *dma);
	void (*dma_free)(struct core_port *port, struct core_dma *dma);
	/* Zeroed memory for the CPU alone; NULL when there is none. May sleep. */
	void *(*mem_alloc)(struct core_port *port, size_t size);
	void (*mem_free)(struct core_port *port, void *mem);
	uint64_t (*now_ns)(struct core_port *port); /* monotonic */
	void (*sleep_us)(struct core_port *port, unsigned int us);
	/*
	 * Count of vector 0's interrupts so far, and: sleep until it differs from seen, at most
	 * timeout_us. Waking early is harmless.
	 */
	uint32_t (*admin_irqs)(struct core_port *port);
	void (*admin_wait)(struct core_port *port, uint32_t seen, unsigned int timeout_us);
	void (*lock)(struct core_port *port, enum core_lock lock);
	void (*unlock)(struct core_port *port, enum core_lock lock);
	/* A line for the administrator, without newline. */
	void (*log)(struct core_port *port, enum core_log_level level, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));
};

struct core_port {
	const struct core_port_ops *ops;
};

static inline uint32_t core_read32(struct core_port *port, uint32_t offset)
{
	return port->ops->read32(port, offset);
}

static inline void core_write32(struct core_port *port, uint32_t offset, uint32_t value)
{
	port->ops->write32(port, offset, value);
}

/* Memory shared with the card: one access each, ordered as the names say. */
static inline uint32_t core_load_acquire32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void core_store_release64(uint64_t *p, uint64_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static inline uint64_t core_align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

#endif
