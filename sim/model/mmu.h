/* SPDX-License-Identifier: MIT */
/*
 * The chip's MMU: address spaces, the walk of their page tables in host memory, and a TLB per
 * address space. mmu_resolve() is called inside the gate, the others with the gate closed
 * (sim/model/gate.h): that makes an invalidation complete when the gate opens.
 */
#ifndef MODEL_MMU_H
#define MODEL_MMU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_mmu.h"
#include "sim/model/card_mem.h"
#include "sim/model/host_mem.h"

struct tlb;

struct mmu {
	const struct host_mem *host;
	const struct card_mem *dram;
	struct tlb *tlb;	    /* by ASID */
	atomic_uint_fast64_t walks; /* TLB misses */
};

/* Where an address leads: len bytes at ptr, up to the end of the page or region. */
struct mmu_target {
	uint8_t *ptr;
	size_t len;
	bool dram; /* card DRAM, else host memory */
};

/* Returns 0 or -ENOMEM. host and dram must outlive the MMU. */
int mmu_create(struct mmu *mmu, const struct host_mem *host, const struct card_mem *dram);
void mmu_destroy(struct mmu *mmu);

/* ASID 0 and ASIDs beyond the last cannot be bound: false. Low 12 bits of root are ignored. */
bool mmu_bind(struct mmu *mmu, uint32_t asid, uint64_t root);
bool mmu_unbind(struct mmu *mmu, uint32_t asid);

/* Forget translations of [iova, iova + size), or of an ASID, or of all ASIDs. */
void mmu_invalidate_range(struct mmu *mmu, uint32_t asid, uint64_t iova, uint64_t size);
void mmu_invalidate_asid(struct mmu *mmu, uint32_t asid);
void mmu_invalidate_all(struct mmu *mmu);

/* Translate for one access. Returns 0, or enum sl200_mmu_reason and leaves target undefined. */
unsigned int mmu_resolve(struct mmu *mmu, uint32_t asid, uint64_t iova, bool write,
			 struct mmu_target *target);

#endif
