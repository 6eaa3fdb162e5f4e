/* SPDX-License-Identifier: MIT */
/* Page tables, right and wrong, and a plain translation by them. */
#include "tests/rtl/fabric_bench.h"

static uint64_t *entry(uint64_t table, uint64_t iova, unsigned int level)
{
	return (uint64_t *)(tables + (table - TABLE_BASE)) + SL200_PT_INDEX(iova, level);
}

static uint64_t new_table(void)
{
	uint64_t table = TABLE_BASE + bench.tables;

	bench.tables += SL200_PAGE_SIZE;
	if (bench.tables > TABLE_SIZE)
		fail("the test has too few page tables");
	return table;
}

/* The entry of a level that is on the way of an IOVA, making tables as needed. */
uint64_t *reach(uint64_t root, uint64_t iova, unsigned int level)
{
	uint64_t table = root;

	for (unsigned int l = SL200_PT_LEVELS - 1; l > level; l--) {
		uint64_t *e = entry(table, iova, l);

		if (!*e)
			*e = new_table() | SL200_PTE_VALID;
		table = *e & SL200_PTE_ADDR;
	}
	return entry(table, iova, level);
}

static uint64_t random_target(uint64_t *flags)
{
	*flags = SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE;
	if (chance(96)) {
		*flags |= SL200_PTE_DRAM;
		return rnd(PAGES(DRAM_SIZE)) << SL200_PAGE_SHIFT;
	}
	return HOST_BASE + (rnd(PAGES(HOST_SIZE) - SPARE_PAGES) << SL200_PAGE_SHIFT);
}

uint64_t random_leaf(void)
{
	uint64_t flags, addr = random_target(&flags);

	switch (rnd(24)) {
	case 0:
		return 0;
	case 1:
		return rnd(UINT64_MAX) & ~(uint64_t)SL200_PTE_VALID;
	case 2:
		return addr | (flags & ~(uint64_t)SL200_PTE_WRITE);
	case 3:
		return addr | (flags & ~(uint64_t)SL200_PTE_READ);
	case 4:
		return addr | flags | 1ull << (52 + rnd(12));
	case 5:
		return addr | flags | 1ull << (5 + rnd(7));
	case 6:
		return addr | flags | SL200_PTE_HUGE;
	case 7:
		return (DRAM_SIZE + (rnd(4096) << SL200_PAGE_SHIFT)) | flags | SL200_PTE_DRAM;
	case 8: /* beyond the DRAM and not allowed: the first counts */
		return (DRAM_SIZE + (rnd(1ull << 30) << SL200_PAGE_SHIFT)) | SL200_PTE_VALID |
		       SL200_PTE_DRAM;
	case 9:
		return addr | (flags & ~(uint64_t)(SL200_PTE_READ | SL200_PTE_WRITE));
	default:
		return addr | flags;
	}
}

uint64_t random_huge(void)
{
	uint64_t flags = SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_HUGE;

	switch (rnd(12)) {
	case 0:
		return HOST_BASE | flags | 1ull << (12 + rnd(9));
	case 1:
		return HOST_BASE | flags | 1ull << (5 + rnd(7));
	case 2:
		return HOST_BASE | (flags & ~(uint64_t)SL200_PTE_WRITE);
	case 3:
		return flags & ~(uint64_t)SL200_PTE_VALID;
	case 4: /* a table that cannot be read */
		return (HOST_BASE + HOST_SIZE) | SL200_PTE_VALID;
	case 5: /* a table's entry with the bits of a leaf */
		return TABLE_BASE | SL200_PTE_VALID | SL200_PTE_READ;
	case 6:
	case 7:
	case 8: /* the last one is in the DRAM only in part */
		return rnd(6) << SL200_HUGE_SHIFT | flags | SL200_PTE_DRAM;
	default:
		return (HOST_BASE + (rnd(HOST_SIZE >> SL200_HUGE_SHIFT) << SL200_HUGE_SHIFT)) |
		       flags;
	}
}

void make_space(struct asid *asid, unsigned int index)
{
	static const unsigned int numbers[ASIDS] = {1, 2, 77, 255, 4, 200};

	asid->number = numbers[index];
	asid->small = (1 + rnd(500)) << 39 | rnd(500) << 30 | rnd(400) << 21;
	asid->huge = asid->small + (8ull << 30);
	asid->huge &= ~((1ull << 30) - 1);
	for (unsigned int r = 0; r < ROOTS; r++) {
		asid->root[r] = new_table();
		if (index == VICTIM) {
			*reach(asid->root[r], asid->small, 0) =
				bench.victim | SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE;
			continue;
		}
		for (unsigned int i = 0; i < SMALLS * (index == STREAM ? 2 : 1); i++) {
			uint64_t page = i * 5 % 3072;
			uint64_t addr;

			addr = HOST_BASE +
			       ((registered(page) ? page : 3072 + i) << SL200_PAGE_SHIFT);
			*reach(asid->root[r], asid->small + ((uint64_t)i << SL200_PAGE_SHIFT), 0) =
				index == STREAM
					? addr | SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE
					: random_leaf();
		}
		for (unsigned int i = 0; i < HUGES; i++)
			*reach(asid->root[r], asid->huge + ((uint64_t)i << SL200_HUGE_SHIFT), 1) =
				random_huge();
		/* Wrong entries further up. */
		*entry(asid->root[r], 0, 3) = SL200_PTE_VALID | SL200_PTE_HUGE | TABLE_BASE;
		*reach(asid->root[r], asid->huge + (4ull << 30), 2) =
			SL200_PTE_VALID | SL200_PTE_HUGE | HOST_BASE;
	}
	asid->bound = -1;
}

/* Chapter 7 of the manual. Returns 0 or the reason. */
unsigned int translate(unsigned int number, uint64_t iova, bool write, enum port *port,
		       uint64_t *phys)
{
	struct asid *asid = NULL;
	uint64_t table, e = 0;
	unsigned int level;

	if (bench.phase == PHASE_NO_MASTER)
		return SL200_MMU_BUS;
	*port = HOST;
	*phys = iova;
	if (!number)
		return memory(HOST, iova, false) ? 0 : SL200_MMU_BUS;
	for (unsigned int i = 0; i < ASIDS; i++)
		if (bench.asid[i].number == number)
			asid = &bench.asid[i];
	if (!asid || asid->bound < 0)
		return SL200_MMU_NOT_BOUND;
	if (iova >> 48)
		return SL200_MMU_RANGE;
	table = asid->root[asid->bound];
	for (level = 3;; level--) {
		uint64_t allowed = SL200_PTE_VALID | SL200_PTE_ADDR;

		if (table - TABLE_BASE >= TABLE_SIZE)
			return SL200_MMU_BAD_ENTRY;
		e = *entry(table, iova, level);
		if (!(e & SL200_PTE_VALID))
			return SL200_MMU_NOT_PRESENT;
		if (!level || (level == 1 && e & SL200_PTE_HUGE))
			allowed |= SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_DRAM;
		if (level == 1)
			allowed |= SL200_PTE_HUGE;
		if (e & ~allowed)
			return SL200_MMU_BAD_ENTRY;
		table = e & SL200_PTE_ADDR;
		if (!level)
			break;
		if (e & SL200_PTE_HUGE) {
			if (table % SL200_HUGE_SIZE)
				return SL200_MMU_BAD_ENTRY;
			table += iova % SL200_HUGE_SIZE & ~(uint64_t)(SL200_PAGE_SIZE - 1);
			break;
		}
	}
	*phys = table + iova % SL200_PAGE_SIZE;
	if (e & SL200_PTE_DRAM) {
		*port = DRAM;
		if (table >= DRAM_SIZE)
			return SL200_MMU_RANGE;
	}
	if (!(e & (write ? SL200_PTE_WRITE : SL200_PTE_READ)))
		return SL200_MMU_PERMISSION;
	if (!memory(*port, *phys, false))
		return SL200_MMU_BUS;
	return 0;
}
