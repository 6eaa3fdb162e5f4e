/* SPDX-License-Identifier: MIT */
/*
 * A host for tests of the whole card: memory, a driver of a few functions written from
 * docs/hardware.md, and nothing of the project's own driver code. What goes wrong where no test
 * expects it ends the process.
 */
#ifndef TEST_CARD_HOST_H
#define TEST_CARD_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "sim/card/card.h"

#define HOST_SIZE (16u << 20)
#define HOST_BUS 0x80000000ull
#define HOST_DEPTH 16u /* of all rings */
#define HOST_VECTORS 4u
#define HOST_DRAM_SIZE (256u << 20)

/* Fixed places in host memory; the rest is the tests'. */
enum {
	HOST_ADMIN_SQ = 0x0000,
	HOST_ADMIN_CQ = 0x1000,
	HOST_REPLY = 0x2000,
	HOST_IMAGE = 0x10000,
	HOST_TABLES = 0x180000, /* three pages for each ASID */
	HOST_RINGS = 0x200000,	/* two pages for each queue */
	HOST_DATA = 0x400000,
};

struct host_ring {
	unsigned int qid;
	size_t sq, cq; /* offsets in host memory */
	uint32_t sq_tail, cq_head;
};

struct host {
	struct card *card;
	uint8_t *memory;
	uint8_t *image; /* build/firmware/sl200.fw, beside the test */
	size_t image_size;
	struct host_ring admin;
	atomic_uint irqs[HOST_VECTORS];
};

/* A card that is powered on, its memory registered and its vectors unmasked; not booted. */
struct host *host_open(void);
void host_close(struct host *host);

/* Memory space, bus mastering, MSI-X: after power-on and after a function-level reset. */
void host_enable(struct host *host);

uint32_t host_read(struct host *host, uint32_t offset);
void host_write(struct host *host, uint32_t offset, uint32_t value);
void host_doorbell(struct host *host, unsigned int queue, uint32_t reg, uint32_t value);
void host_nap(void);

/* Boot from bytes; returns BOOT.STATUS, RUNNING or an error. */
uint32_t host_boot_bytes(struct host *host, const uint8_t *bytes, size_t size);
/* Boot the image and start the admin queue. */
void host_boot(struct host *host);

/* Execute one admin command; its status. */
uint16_t host_admin(struct host *host, const struct sl200_admin_sqe *command);

/*
 * Give an ASID a part of host memory, [from, from + size) by offset, at the same offset from
 * HOST_IOVA, and 16 MiB of card DRAM of its own at HOST_IOVA_DRAM. Multiples of 2 MiB.
 */
void host_bind(struct host *host, unsigned int asid, size_t from, size_t size);
#define HOST_IOVA(at) (0x100000000ull + (at))
#define HOST_IOVA_DRAM HOST_IOVA(HOST_SIZE)

/*
 * Create queue qid with rings in host memory at HOST_RINGS + (qid - 1) pages pairs, or at rings
 * when that is not 0. The ASID must map them. Vector: qid modulo HOST_VECTORS.
 */
void host_create(struct host *host, struct host_ring *ring, unsigned int qid, unsigned int asid,
		 size_t rings);

void host_submit(struct host *host, struct host_ring *ring, const struct sl200_sqe *sqe);
/* Wait for the next completion. */
struct sl200_cqe host_collect(struct host *host, struct host_ring *ring);
/* Both; the status. */
uint16_t host_job(struct host *host, struct host_ring *ring, const struct sl200_sqe *sqe);

/* Wait until an interrupt counter has passed a value. */
bool host_irq_after(struct host *host, unsigned int vector, unsigned int before);

#endif
