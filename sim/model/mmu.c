/* SPDX-License-Identifier: MIT */
#include "sim/model/mmu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_queue.h"
#include "sim/card/card.h"

#define TLB_SMALL 1024u
#define TLB_HUGE 64u

/* In the low bits of tlb_entry.data, below a page-aligned pointer. */
#define TLB_READ 0x01u /* by the page table */
#define TLB_WRITE 0x02u
#define TLB_BUS_READ 0x04u /* by the host's registration */
#define TLB_BUS_WRITE 0x08u
#define TLB_DRAM 0x10u
#define TLB_FLAGS 0xfffull
#define TLB_VALID (1ull << 63)

#define PTE_TABLE_BITS (SL200_PTE_VALID | SL200_PTE_ADDR)
#define PTE_LEAF_BITS                                                                              \
	(SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_DRAM | SL200_PTE_ADDR)

/*
 * Several threads look up and fill at once, so entries carry a sequence number: odd while one is
 * being filled. A look-up that meets a fill is a miss.
 */
struct tlb_entry {
	atomic_uint seq;
	atomic_uint_fast64_t tag;  /* page number | TLB_VALID; 0: empty */
	atomic_uint_fast64_t data; /* host pointer | TLB_* */
};

struct tlb {
	bool bound;
	atomic_bool used; /* some entry may be valid */
	uint64_t root;
	struct tlb_entry small[TLB_SMALL]; /* 4 KiB pages, direct-mapped */
	struct tlb_entry huge[TLB_HUGE];   /* 2 MiB pages, direct-mapped */
};

int mmu_create(struct mmu *mmu, const struct host_mem *host, const struct card_mem *dram)
{
	*mmu = (struct mmu){.host = host, .dram = dram};
	mmu->tlb = calloc(SL200_MAX_ASIDS, sizeof(*mmu->tlb));
	return mmu->tlb ? 0 : -ENOMEM;
}

void mmu_destroy(struct mmu *mmu)
{
	free(mmu->tlb);
	mmu->tlb = NULL;
}

static void tlb_clear(struct tlb_entry *entry)
{
	atomic_store_explicit(&entry->tag, 0, memory_order_relaxed);
}

static void tlb_clear_all(struct tlb *tlb)
{
	if (!atomic_load_explicit(&tlb->used, memory_order_relaxed))
		return;
	for (unsigned int i = 0; i < TLB_SMALL; i++)
		tlb_clear(&tlb->small[i]);
	for (unsigned int i = 0; i < TLB_HUGE; i++)
		tlb_clear(&tlb->huge[i]);
	atomic_store_explicit(&tlb->used, false, memory_order_relaxed);
}

static void tlb_clear_range(struct tlb_entry *entries, unsigned int count, uint64_t first,
			    uint64_t last)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t tag = atomic_load_explicit(&entries[i].tag, memory_order_relaxed);
		uint64_t page = tag & ~TLB_VALID;

		if (tag && page >= first && page <= last)
			tlb_clear(&entries[i]);
	}
}

static bool tlb_find(struct tlb_entry *entry, uint64_t page, uint64_t *data)
{
	unsigned int seq = atomic_load_explicit(&entry->seq, memory_order_acquire);
	uint64_t tag = atomic_load_explicit(&entry->tag, memory_order_acquire);

	*data = atomic_load_explicit(&entry->data, memory_order_acquire);
	return !(seq & 1) && tag == (page | TLB_VALID) &&
	       atomic_load_explicit(&entry->seq, memory_order_relaxed) == seq;
}

static void tlb_fill(struct tlb *tlb, struct tlb_entry *entry, uint64_t page, uint64_t data)
{
	unsigned int seq = atomic_load_explicit(&entry->seq, memory_order_relaxed);

	if (seq & 1 || !atomic_compare_exchange_strong(&entry->seq, &seq, seq + 1))
		return; /* another thread fills it: that one's entry will do */
	atomic_store_explicit(&entry->tag, page | TLB_VALID, memory_order_release);
	atomic_store_explicit(&entry->data, data, memory_order_release);
	atomic_store_explicit(&tlb->used, true, memory_order_relaxed);
	atomic_store_explicit(&entry->seq, seq + 2, memory_order_release);
}

bool mmu_bind(struct mmu *mmu, uint32_t asid, uint64_t root)
{
	if (!asid || asid >= SL200_MAX_ASIDS)
		return false;
	tlb_clear_all(&mmu->tlb[asid]);
	mmu->tlb[asid].bound = true;
	mmu->tlb[asid].root = root & SL200_PTE_ADDR;
	return true;
}

bool mmu_unbind(struct mmu *mmu, uint32_t asid)
{
	if (!asid || asid >= SL200_MAX_ASIDS)
		return false;
	tlb_clear_all(&mmu->tlb[asid]);
	mmu->tlb[asid].bound = false;
	return true;
}

void mmu_invalidate_range(struct mmu *mmu, uint32_t asid, uint64_t iova, uint64_t size)
{
	uint64_t last = iova + (size - 1);
	struct tlb *tlb;

	if (asid >= SL200_MAX_ASIDS || !size)
		return;
	if (last < iova)
		last = UINT64_MAX;
	tlb = &mmu->tlb[asid];
	tlb_clear_range(tlb->small, TLB_SMALL, iova >> SL200_PAGE_SHIFT, last >> SL200_PAGE_SHIFT);
	tlb_clear_range(tlb->huge, TLB_HUGE, iova >> SL200_HUGE_SHIFT, last >> SL200_HUGE_SHIFT);
}

void mmu_invalidate_asid(struct mmu *mmu, uint32_t asid)
{
	if (asid < SL200_MAX_ASIDS)
		tlb_clear_all(&mmu->tlb[asid]);
}

void mmu_invalidate_all(struct mmu *mmu)
{
	for (uint32_t asid = 0; asid < SL200_MAX_ASIDS; asid++)
		tlb_clear_all(&mmu->tlb[asid]);
}

static unsigned int bus_flags(const struct host_region *region)
{
	return (region->prot & CARD_DMA_READ ? TLB_BUS_READ : 0) |
	       (region->prot & CARD_DMA_WRITE ? TLB_BUS_WRITE : 0);
}

static bool read_entry(const struct mmu *mmu, uint64_t bus, uint64_t *pte)
{
	const struct host_region *region = host_mem_find(mmu->host, bus);

	if (!region || !(region->prot & CARD_DMA_READ))
		return false;
	/* The kernel may be changing the entry: one load, and the copy is what is checked. */
	*pte = __atomic_load_n((uint64_t *)(region->vaddr + (bus - region->bus)), __ATOMIC_ACQUIRE);
	return true;
}

/* Find the leaf of an IOVA; *level is 0 or 1. Returns 0 or the reason. */
static unsigned int walk(const struct mmu *mmu, uint64_t root, uint64_t iova, uint64_t *pte,
			 unsigned int *level)
{
	uint64_t table = root;

	for (unsigned int l = SL200_PT_LEVELS; l-- > 0;) {
		uint64_t legal = PTE_TABLE_BITS;
		bool leaf;

		if (!read_entry(mmu, table + 8ull * SL200_PT_INDEX(iova, l), pte))
			return SL200_MMU_BAD_ENTRY;
		if (!(*pte & SL200_PTE_VALID))
			return SL200_MMU_NOT_PRESENT;
		leaf = l == 0 || (l == 1 && *pte & SL200_PTE_HUGE);
		if (leaf)
			legal = l ? PTE_LEAF_BITS | SL200_PTE_HUGE : PTE_LEAF_BITS;
		if (*pte & ~legal || (leaf && l && *pte & SL200_PTE_ADDR & (SL200_HUGE_SIZE - 1)))
			return SL200_MMU_BAD_ENTRY;
		table = *pte & SL200_PTE_ADDR;
		*level = l;
		if (leaf)
			break;
	}
	return 0;
}

/* Resolve the leaf to a host pointer for the page at addr; false: nothing answers there. */
static bool page_pointer(const struct mmu *mmu, uint64_t pte, uint64_t addr, uint64_t size,
			 uint64_t *data)
{
	const struct host_region *region;

	*data = (pte & SL200_PTE_READ ? TLB_READ : 0) | (pte & SL200_PTE_WRITE ? TLB_WRITE : 0);
	if (pte & SL200_PTE_DRAM) {
		if (!card_mem_holds(mmu->dram, addr, size))
			return false;
		*data |= (uintptr_t)(mmu->dram->base + addr) | TLB_DRAM | TLB_BUS_READ |
			 TLB_BUS_WRITE;
		return true;
	}
	region = host_mem_find(mmu->host, addr);
	if (!region || region->size - (addr - region->bus) < size)
		return false;
	*data |= (uintptr_t)(region->vaddr + (addr - region->bus)) | bus_flags(region);
	return true;
}

static unsigned int miss(struct mmu *mmu, struct tlb *tlb, uint64_t iova, uint64_t *data,
			 uint64_t *page_size)
{
	uint64_t pte, base,
		offset = iova & (SL200_HUGE_SIZE - 1) & ~((uint64_t)SL200_PAGE_SIZE - 1);
	unsigned int level, reason;

	atomic_fetch_add_explicit(&mmu->walks, 1, memory_order_relaxed);
	reason = walk(mmu, tlb->root, iova, &pte, &level);
	if (reason)
		return reason;
	base = pte & SL200_PTE_ADDR;
	if (level && page_pointer(mmu, pte, base, SL200_HUGE_SIZE, data)) {
		uint64_t page = iova >> SL200_HUGE_SHIFT;

		tlb_fill(tlb, &tlb->huge[page % TLB_HUGE], page, *data);
		*page_size = SL200_HUGE_SIZE;
		return 0;
	}
	/* A huge page that lies in several host regions is cached in pieces. */
	if (!page_pointer(mmu, pte, level ? base + offset : base, SL200_PAGE_SIZE, data))
		return pte & SL200_PTE_DRAM ? SL200_MMU_RANGE : SL200_MMU_BUS;
	tlb_fill(tlb, &tlb->small[(iova >> SL200_PAGE_SHIFT) % TLB_SMALL], iova >> SL200_PAGE_SHIFT,
		 *data);
	*page_size = SL200_PAGE_SIZE;
	return 0;
}

static unsigned int resolve_bus(const struct mmu *mmu, uint64_t addr, bool write,
				struct mmu_target *target)
{
	const struct host_region *region = host_mem_find(mmu->host, addr);

	if (!region || !(region->prot & (write ? CARD_DMA_WRITE : CARD_DMA_READ)))
		return SL200_MMU_BUS;
	target->ptr = region->vaddr + (addr - region->bus);
	target->len = region->size - (addr - region->bus);
	target->dram = false;
	return 0;
}

unsigned int mmu_resolve(struct mmu *mmu, uint32_t asid, uint64_t iova, bool write,
			 struct mmu_target *target)
{
	uint64_t data, size, page = iova >> SL200_PAGE_SHIFT, huge = iova >> SL200_HUGE_SHIFT;
	struct tlb *tlb;

	if (!asid)
		return resolve_bus(mmu, iova, write, target);
	if (asid >= SL200_MAX_ASIDS || !mmu->tlb[asid].bound)
		return SL200_MMU_NOT_BOUND;
	if (iova >> SL200_IOVA_BITS)
		return SL200_MMU_RANGE;
	tlb = &mmu->tlb[asid];
	if (tlb_find(&tlb->small[page % TLB_SMALL], page, &data)) {
		size = SL200_PAGE_SIZE;
	} else if (tlb_find(&tlb->huge[huge % TLB_HUGE], huge, &data)) {
		size = SL200_HUGE_SIZE;
	} else {
		unsigned int reason = miss(mmu, tlb, iova, &data, &size);

		if (reason)
			return reason;
	}
	if (!(data & (write ? TLB_WRITE : TLB_READ)))
		return SL200_MMU_PERMISSION;
	if (!(data & (write ? TLB_BUS_WRITE : TLB_BUS_READ)))
		return SL200_MMU_BUS;
	target->ptr = (uint8_t *)(uintptr_t)(data & ~TLB_FLAGS) + (iova & (size - 1));
	target->len = size - (iova & (size - 1));
	target->dram = data & TLB_DRAM;
	return 0;
}
