/* SPDX-License-Identifier: MIT */
/*
 * The chip's path to memory: every byte that an engine or the MCU moves to or from host memory or
 * card DRAM goes through here. It translates, checks, copies, counts, and asks the link model.
 *
 * Calls that return unsigned int return 0, enum sl200_mmu_reason or FABRIC_ECC. All are
 * thread-safe. Those that change what accesses do return when no access of the old state is under
 * way.
 */
#ifndef MODEL_FABRIC_H
#define MODEL_FABRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/model/card_mem.h"
#include "sim/model/gate.h"
#include "sim/model/host_mem.h"
#include "sim/model/link.h"
#include "sim/model/mmu.h"
#include "sim/model/timebase.h"

/* A read of card DRAM found an error that could not be corrected. */
#define FABRIC_ECC 7u

struct fabric {
	struct gate gate; /* orders accesses with changes of all that follows */
	struct host_mem host;
	struct mmu mmu;
	bool bus_master; /* the host lets the function do DMA */
	bool blocked;	 /* a reset is under way */

	const struct card_mem *dram;
	const struct timebase *time;
	struct link link;
	atomic_uint_fast64_t link_bytes[LINK_DIRS];
	atomic_uint_fast64_t dram_bytes[LINK_DIRS]; /* LINK_READ: read from DRAM */
	atomic_uint_fast64_t faults;
	atomic_uint_fast64_t lookups; /* translations asked for: one a page of an access */
	atomic_uint ecc_corrected, ecc_uncorrected;
	atomic_uint inject_ecc; /* reads of card DRAM yet to fail, as the register INJECT.ECC */
};

/* What one or several accesses did. Zero it before the first. */
struct fabric_use {
	uint64_t fault_iova; /* set when a call returns a reason */
	bool fault_write;
	uint64_t read_done;  /* card time by which the link has delivered what was read */
	uint64_t write_done; /* and drained what was written */
};

/* dram and time must outlive the fabric. Returns 0 or -ENOMEM. */
int fabric_create(struct fabric *fabric, const struct card_mem *dram, const struct timebase *time,
		  const struct card_link *link);
void fabric_destroy(struct fabric *fabric);

/* Copy between dst or src and an address space. After an error a part may have been copied. */
unsigned int fabric_read(struct fabric *fabric, uint32_t asid, uint64_t iova, void *dst, size_t len,
			 struct fabric_use *use);
unsigned int fabric_write(struct fabric *fabric, uint32_t asid, uint64_t iova, const void *src,
			  size_t len, struct fabric_use *use);

/*
 * The MCU's variants: aligned words are moved whole and in ascending order, each visible to the
 * host before the next, so that a completion's last word tells that the rest is there. An aligned
 * transfer of 8 bytes is one access.
 */
unsigned int fabric_read_ordered(struct fabric *fabric, uint32_t asid, uint64_t iova, void *dst,
				 size_t len, struct fabric_use *use);
unsigned int fabric_write_ordered(struct fabric *fabric, uint32_t asid, uint64_t iova,
				  const void *src, size_t len, struct fabric_use *use);

/* Copy inside an address space. Overlapping ranges leave undefined bytes in the destination. */
unsigned int fabric_copy(struct fabric *fabric, uint32_t asid, uint64_t dst, uint64_t src,
			 size_t len, struct fabric_use *use);

/*
 * An access to card DRAM that does not go through a call above: counts it, and returns 0 or
 * FABRIC_ECC.
 */
unsigned int fabric_use_dram(struct fabric *fabric, enum link_dir dir, size_t len);

/* As card_dma_map() and card_dma_unmap(). */
int fabric_map(struct fabric *fabric, uint64_t bus, void *vaddr, uint64_t size, unsigned int prot);
int fabric_unmap(struct fabric *fabric, uint64_t bus, uint64_t size);

void fabric_set_bus_master(struct fabric *fabric, bool on);
void fabric_set_blocked(struct fabric *fabric, bool on);

void fabric_bind(struct fabric *fabric, uint32_t asid, uint64_t root);
void fabric_unbind(struct fabric *fabric, uint32_t asid);
void fabric_unbind_all(struct fabric *fabric);
void fabric_invalidate_asid(struct fabric *fabric, uint32_t asid);
void fabric_invalidate_range(struct fabric *fabric, uint32_t asid, uint64_t iova, uint64_t size);

/* Counters and fault injection to zero; for a chip reset. */
void fabric_clear_counters(struct fabric *fabric);

#endif
