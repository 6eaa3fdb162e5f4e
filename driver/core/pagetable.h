/* SPDX-License-Identifier: MIT */
/*
 * Page tables of the card's MMU (abi/sl200_mmu.h), built in memory the card walks.
 *
 * Not thread-safe: the owner serialises the calls for one table. The card may walk at any time.
 */
#ifndef CORE_PAGETABLE_H
#define CORE_PAGETABLE_H

#include "abi/sl200_mmu.h"
#include "driver/core/port.h"

struct core_pt_node;

struct core_pagetable {
	struct core_port *port;
	struct core_pt_node *root;
	struct core_pt_node *retired; /* unlinked, but a walk may still be reading them */
};

int core_pt_init(struct core_pagetable *pt, struct core_port *port);

/* Free all tables. The address space is no longer bound to an ASID. */
void core_pt_fini(struct core_pagetable *pt);

/* Bus address of the root table, for ASID_BIND. */
uint64_t core_pt_root(const struct core_pagetable *pt);

/*
 * Map [iova, iova + size) to a contiguous range at addr: a bus address, or a card DRAM address
 * when flags has SL200_PTE_DRAM. flags: SL200_PTE_READ, _WRITE, _DRAM. All 4 KiB aligned; 2 MiB
 * leaves are used wherever both addresses allow. No invalidation is needed, as the card does not
 * cache absent translations.
 * -EINVAL: alignment, flags, or beyond 48 bits; -EEXIST: something is mapped there; -ENOMEM.
 * On failure nothing of the range is mapped, and tables added for it are retired.
 */
int core_pt_map(struct core_pagetable *pt, uint64_t iova, uint64_t addr, uint64_t size,
		uint64_t flags);

/*
 * Unmap [iova, iova + size); holes are skipped. The caller then has the card invalidate the range
 * and, once acknowledged, calls core_pt_reap() and may free the memory behind it.
 * -EINVAL: alignment, range, or a 2 MiB leaf would have to be split; nothing is changed then.
 */
int core_pt_unmap(struct core_pagetable *pt, uint64_t iova, uint64_t size);

/* Free tables that became empty. Only after the card acknowledged an invalidation. */
void core_pt_reap(struct core_pagetable *pt);

#endif
