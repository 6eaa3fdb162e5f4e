// SPDX-License-Identifier: MIT
#include <CUnit/Basic.h>
#include <stdlib.h>

#include "driver/core/pagetable.h"
#include "tests/unit/core_fake.h"
#include "tests/suite.h"

#define RW (SL200_PTE_READ | SL200_PTE_WRITE)
#define TOP (1ull << 48)

static struct fake_port fake;

/* Walk as the card does. Returns the leaf entry or 0, and the bytes it covers. */
static uint64_t walk(const struct core_pagetable *pt, uint64_t iova, uint64_t *size)
{
	const uint64_t *table = fake_bus(core_pt_root(pt));
	int level;

	for (level = SL200_PT_LEVELS - 1; level >= 0; level--) {
		uint64_t pte = table[SL200_PT_INDEX(iova, level)];

		*size = 1ull << (SL200_PAGE_SHIFT + 9 * level);
		if (!(pte & SL200_PTE_VALID))
			return 0;
		if (!level || (pte & SL200_PTE_HUGE))
			return pte;
		CU_ASSERT_EQUAL(pte & ~(SL200_PTE_ADDR | SL200_PTE_VALID), 0);
		table = fake_bus(pte & SL200_PTE_ADDR);
	}
	return 0;
}

static void start(struct core_pagetable *pt)
{
	fake_init(&fake);
	CU_ASSERT_EQUAL_FATAL(core_pt_init(pt, &fake.port), 0);
}

static void finish(struct core_pagetable *pt)
{
	core_pt_fini(pt);
	CU_ASSERT_EQUAL(fake.dma_live, 0);
	CU_ASSERT_EQUAL(fake.mem_live, 0);
}

static void test_small(void)
{
	struct core_pagetable pt;
	uint64_t size;

	start(&pt);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x123456789000, 0x5000, 0x2000, SL200_PTE_READ), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x123456789000, &size),
			0x5000 | SL200_PTE_READ | SL200_PTE_VALID);
	CU_ASSERT_EQUAL(size, 0x1000);
	CU_ASSERT_EQUAL(walk(&pt, 0x12345678a000, &size),
			0x6000 | SL200_PTE_READ | SL200_PTE_VALID);
	CU_ASSERT_EQUAL(walk(&pt, 0x123456788000, &size), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x12345678b000, &size), 0);
	finish(&pt);
}

/* Small pages up to a 2 MiB boundary, large ones, and small ones behind. */
static void test_huge(void)
{
	const uint64_t iova = 0x40000000 - 0x3000, addr = 0x200000000 - 0x3000;
	const uint64_t length = 0x3000 + 2 * SL200_HUGE_SIZE + 0x5000;
	struct core_pagetable pt;
	uint64_t at, size, pte;
	int huge = 0;

	start(&pt);
	CU_ASSERT_EQUAL(core_pt_map(&pt, iova, addr, length, RW | SL200_PTE_DRAM), 0);
	for (at = 0; at < length; at += size) {
		pte = walk(&pt, iova + at, &size);
		CU_ASSERT_EQUAL_FATAL(pte & SL200_PTE_VALID, SL200_PTE_VALID);
		CU_ASSERT_EQUAL(pte & SL200_PTE_ADDR, addr + at);
		CU_ASSERT_EQUAL(pte & 0xfff & ~SL200_PTE_HUGE,
				RW | SL200_PTE_DRAM | SL200_PTE_VALID);
		huge += !!(pte & SL200_PTE_HUGE);
	}
	CU_ASSERT_EQUAL(huge, 2);
	/* Different alignment of the two addresses rules large pages out. */
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x80000000, 0x1000, SL200_HUGE_SIZE, RW), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x80000000, &size) & SL200_PTE_HUGE, 0);
	finish(&pt);
}

static void test_errors(void)
{
	struct core_pagetable pt;
	uint64_t size;
	int live;

	start(&pt);
	live = fake.dma_live;
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1800, 0, 0x1000, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1000, 0x10, 0x1000, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1000, 0, 0x1001, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1000, 0, 0, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, TOP, 0, 0x1000, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, TOP - 0x1000, 0, 0x2000, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1000, 0, 0x1000, RW | SL200_PTE_HUGE), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1000, 1ull << 52, 0x1000, RW), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0x1000, 0x800), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, TOP - 0x1000, 0x2000), -EINVAL);
	CU_ASSERT_EQUAL(fake.dma_live, live);
	/* The very last page is usable. */
	CU_ASSERT_EQUAL(core_pt_map(&pt, TOP - 0x1000, 0x7000, 0x1000, RW), 0);
	CU_ASSERT_NOT_EQUAL(walk(&pt, TOP - 0x1000, &size), 0);
	finish(&pt);
}

/* A mapping that meets another one, or runs out of tables, leaves nothing behind. */
static void test_rollback(void)
{
	struct core_pagetable pt;
	uint64_t size;
	int live;

	start(&pt);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x403000, 0x9000, 0x1000, RW), 0);
	live = fake.dma_live;
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x1ff000, 0x1000, 0x300000, RW), -EEXIST);
	CU_ASSERT_EQUAL(walk(&pt, 0x1ff000, &size), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x200000, &size), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x403000, &size) & SL200_PTE_ADDR, 0x9000);
	/* A large page over a table, and a small one under a large page. */
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x400000, 0x400000, SL200_HUGE_SIZE, RW), -EEXIST);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x600000, 0x400000, SL200_HUGE_SIZE, RW), 0);
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x601000, 0x1000, 0x1000, RW), -EEXIST);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0x600000, SL200_HUGE_SIZE), 0);
	core_pt_reap(&pt);
	CU_ASSERT_EQUAL(fake.dma_live, live);
	fake.dma_budget = 1;
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x10000000000, 0x1000, 0x1000, RW), -ENOMEM);
	CU_ASSERT_EQUAL(fake.dma_live, live + 1);
	core_pt_reap(&pt);
	CU_ASSERT_EQUAL(fake.dma_live, live);
	finish(&pt);
}

static void test_unmap(void)
{
	struct core_pagetable pt;
	uint64_t size;
	int live;

	start(&pt);
	live = fake.dma_live;
	CU_ASSERT_EQUAL(core_pt_map(&pt, 0x200000, 0x200000, SL200_HUGE_SIZE + 0x2000, RW), 0);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0x201000, 0x1000), -EINVAL);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0x100000, 0x200000), -EINVAL);
	CU_ASSERT_NOT_EQUAL(walk(&pt, 0x201000, &size), 0);
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0x400000, 0x1000), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x400000, &size), 0);
	CU_ASSERT_NOT_EQUAL(walk(&pt, 0x401000, &size), 0);
	/* Holes on the way do not matter; empty tables stay until the card has forgotten them. */
	CU_ASSERT_EQUAL(core_pt_unmap(&pt, 0, 1ull << 40), 0);
	CU_ASSERT_EQUAL(walk(&pt, 0x200000, &size), 0);
	CU_ASSERT_TRUE(fake.dma_live > live);
	core_pt_reap(&pt);
	CU_ASSERT_EQUAL(fake.dma_live, live);
	finish(&pt);
}

#define MODEL_PAGES 4096

/* Random maps and unmaps against a flat array. */
static void test_random(void)
{
	static uint64_t model[MODEL_PAGES];
	struct core_pagetable pt;
	unsigned int i, page, first, count;
	uint64_t size;

	start(&pt);
	memset(model, 0, sizeof(model));
	srand(1);
	for (i = 0; i < 3000; i++) {
		bool taken = false;
		uint64_t addr;
		int ret;

		first = (unsigned int)rand() % MODEL_PAGES;
		count = 1 + (unsigned int)rand() % (rand() % 4 ? 16 : 1200);
		if (count > MODEL_PAGES - first)
			count = MODEL_PAGES - first;
		addr = ((uint64_t)(rand() % 8) << 21) + first * 4096ull + (rand() % 2 ? 0 : 4096);
		for (page = first; page < first + count; page++)
			taken |= !!model[page];
		if (rand() % 2) {
			ret = core_pt_map(&pt, first * 4096ull, addr, count * 4096ull, RW);
			CU_ASSERT_EQUAL_FATAL(ret, taken ? -EEXIST : 0);
			for (page = first; !ret && page < first + count; page++)
				model[page] = addr + (page - first) * 4096ull + 1;
		} else {
			ret = core_pt_unmap(&pt, first * 4096ull, count * 4096ull);
			CU_ASSERT_FATAL(ret == 0 || ret == -EINVAL);
			for (page = first; !ret && page < first + count; page++)
				model[page] = 0;
		}
		core_pt_reap(&pt);
	}
	for (page = 0; page < MODEL_PAGES; page++) {
		uint64_t pte = walk(&pt, page * 4096ull, &size), addr = 0;

		if (pte)
			addr = (pte & SL200_PTE_ADDR) + (page * 4096ull & (size - 1)) + 1;
		CU_ASSERT_EQUAL_FATAL(addr, model[page]);
	}
	finish(&pt);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"4 KiB pages", test_small},
		{"2 MiB pages", test_huge},
		{"bad arguments", test_errors},
		{"failed maps leave nothing", test_rollback},
		{"unmapping", test_unmap},
		{"random against a flat model", test_random},
		CU_TEST_INFO_NULL,
	};

	return suite_run("page tables", NULL, NULL, tests);
}
