// SPDX-License-Identifier: MIT
/*
 * Maps and unmaps in any order, with memory running out at any point: the driver's page tables, as
 * the chip's MMU walks them, say what a plain array of pages says. Tables are freed only after an
 * invalidation, and all of them in the end.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/sl200_queue.h"
#include "driver/core/pagetable.h"
#include "sim/card/card.h"
#include "sim/model/mmu.h"
#include "tests/fuzz/fuzz_input.h"

#define PAGE ((uint64_t)SL200_PAGE_SIZE)
#define ASID 1u
/* Parts of the address space that are used, each across boundaries of tables. */
#define WINDOWS 4u
#define WINDOW_PAGES 2048u
#define HUGE_PAGES (SL200_HUGE_SIZE / SL200_PAGE_SIZE)
static const uint64_t window[WINDOWS] = {
	0,
	(1ull << 30) - 4 * SL200_HUGE_SIZE / 2,
	(1ull << 39) - 4 * SL200_HUGE_SIZE / 2,
	(1ull << SL200_IOVA_BITS) - WINDOW_PAGES *SL200_PAGE_SIZE,
};

/* What is mapped: host memory at a bus address, or card memory. */
#define TARGET_SIZE (16ull << 20)
#define TARGET_BUS 0x4000000000ull

struct page {
	bool mapped, huge;
	uint64_t addr, flags;
};

struct state {
	struct core_port port;
	struct host_mem host;
	struct card_mem dram;
	struct mmu mmu;
	struct core_pagetable pt;
	uint64_t next_bus;
	int live;   /* allocations */
	int budget; /* allocations still allowed; negative: no limit */
};

static struct page pages[WINDOWS][WINDOW_PAGES];
static uint8_t *target;

static struct state *to_state(struct core_port *port)
{
	return (struct state *)port;
}

static bool budget_take(struct state *s)
{
	if (!s->budget)
		return false;
	if (s->budget > 0)
		s->budget--;
	s->live++;
	return true;
}

static int port_dma_alloc(struct core_port *port, size_t size, struct core_dma *dma)
{
	struct state *s = to_state(port);

	if (!budget_take(s))
		return -ENOMEM;
	dma->size = size;
	dma->cpu = aligned_alloc(SL200_PAGE_SIZE, size);
	FUZZ_CHECK(dma->cpu);
	memset(dma->cpu, 0, size);
	dma->bus = s->next_bus;
	s->next_bus += 2 * size;
	FUZZ_CHECK(!host_mem_add(&s->host, dma->bus, dma->cpu, size, CARD_DMA_READ));
	return 0;
}

static void port_dma_free(struct core_port *port, struct core_dma *dma)
{
	struct state *s = to_state(port);

	FUZZ_CHECK(!host_mem_remove(&s->host, dma->bus, dma->size));
	free(dma->cpu);
	s->live--;
}

static void *port_mem_alloc(struct core_port *port, size_t size)
{
	return budget_take(to_state(port)) ? calloc(1, size) : NULL;
}

static void port_mem_free(struct core_port *port, void *mem)
{
	to_state(port)->live--;
	free(mem);
}

static const struct core_port_ops port_ops = {
	.dma_alloc = port_dma_alloc,
	.dma_free = port_dma_free,
	.mem_alloc = port_mem_alloc,
	.mem_free = port_mem_free,
};

static uint64_t page_iova(unsigned int w, unsigned int n)
{
	return window[w] + n * PAGE;
}

static void check_page(struct state *s, unsigned int w, unsigned int n)
{
	const struct page *page = &pages[w][n];
	uint64_t iova = page_iova(w, n) + (n * 129u & (PAGE - 1));
	struct mmu_target where;

	for (unsigned int write = 0; write < 2; write++) {
		uint64_t need = write ? SL200_PTE_WRITE : SL200_PTE_READ;
		unsigned int reason = mmu_resolve(&s->mmu, ASID, iova, write, &where);
		uint8_t *expected;

		if (!page->mapped) {
			FUZZ_CHECK(reason == SL200_MMU_NOT_PRESENT);
			continue;
		}
		if (!(page->flags & need)) {
			FUZZ_CHECK(reason == SL200_MMU_PERMISSION);
			continue;
		}
		FUZZ_CHECK(!reason);
		FUZZ_CHECK(where.dram == !!(page->flags & SL200_PTE_DRAM));
		expected =
			where.dram ? s->dram.base + page->addr : target + (page->addr - TARGET_BUS);
		FUZZ_CHECK(where.ptr == expected + (iova & (PAGE - 1)));
		FUZZ_CHECK(where.len >= PAGE - (iova & (PAGE - 1)));
	}
}

/* At the edges of what was changed. */
static void check_around(struct state *s, unsigned int w, unsigned int first, unsigned int count)
{
	const int at[] = {-1, 0, 1, (int)count / 2, (int)count - 1, (int)count};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		int n = (int)first + at[i];

		if (n >= 0 && n < (int)WINDOW_PAGES)
			check_page(s, w, (unsigned int)n);
	}
}

static bool any_mapped(unsigned int w, unsigned int first, unsigned int count)
{
	for (unsigned int n = first; n < first + count; n++)
		if (pages[w][n].mapped)
			return true;
	return false;
}

static void map(struct state *s, unsigned int w, unsigned int first, unsigned int count,
		struct fuzz_input *in)
{
	uint8_t how = fuzz_u8(in);
	uint64_t iova = page_iova(w, first);
	uint64_t flags = how & (SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_DRAM);
	uint64_t room = TARGET_SIZE / PAGE - count;
	/* Alike modulo 2 MiB, so that huge pages come about, or not. */
	uint64_t offset = how & 0x20 ? fuzz_u16(in) % (room + 1) : first % HUGE_PAGES;
	uint64_t addr, done = 0;
	bool taken = any_mapped(w, first, count);
	int ret;

	if (offset > room)
		offset = room;
	addr = (flags & SL200_PTE_DRAM ? 0 : TARGET_BUS) + offset * PAGE;
	s->budget = how & 0x40 ? how >> 7 ? fuzz_u8(in) % 16 : 1 : -1;
	ret = core_pt_map(&s->pt, iova, addr, count * PAGE, flags);
	if (ret) {
		FUZZ_CHECK(ret == -EEXIST ? taken : ret == -ENOMEM && !s->budget);
	} else {
		FUZZ_CHECK(!taken);
	}
	while (!ret && done < count) {
		bool huge = !((iova / PAGE + done) % HUGE_PAGES) &&
			    !((addr / PAGE + done) % HUGE_PAGES) && count - done >= HUGE_PAGES;
		uint64_t step = huge ? HUGE_PAGES : 1;

		for (uint64_t n = done; n < done + step; n++)
			pages[w][first + n] = (struct page){true, huge, addr + n * PAGE, flags};
		done += step;
	}
	s->budget = -1;
}

static bool splits(unsigned int w, unsigned int n)
{
	return n < WINDOW_PAGES && pages[w][n].mapped && pages[w][n].huge &&
	       (page_iova(w, n) / PAGE) % HUGE_PAGES;
}

static void unmap(struct state *s, unsigned int w, unsigned int first, unsigned int count)
{
	uint64_t iova = page_iova(w, first);
	int ret = core_pt_unmap(&s->pt, iova, count * PAGE);

	if (splits(w, first) || splits(w, first + count)) {
		FUZZ_CHECK(ret == -EINVAL);
		return;
	}
	FUZZ_CHECK(!ret);
	memset(&pages[w][first], 0, count * sizeof(pages[w][0]));
	mmu_invalidate_range(&s->mmu, ASID, iova, count * PAGE);
}

/* Arguments of any value are refused unless they are in order. */
static void refused(struct state *s, struct fuzz_input *in)
{
	uint64_t iova = fuzz_u64(in), size = fuzz_u64(in), addr = fuzz_u64(in);
	bool range_ok = size && !((iova | size) & (PAGE - 1)) && iova < 1ull << SL200_IOVA_BITS &&
			size <= (1ull << SL200_IOVA_BITS) - iova;

	if (!range_ok) {
		FUZZ_CHECK(core_pt_unmap(&s->pt, iova, size) == -EINVAL);
		FUZZ_CHECK(core_pt_map(&s->pt, iova, addr & SL200_PTE_ADDR, size, SL200_PTE_READ) ==
			   -EINVAL);
	}
	if (addr & ~SL200_PTE_ADDR)
		FUZZ_CHECK(core_pt_map(&s->pt, 0, addr, PAGE, SL200_PTE_READ) == -EINVAL);
	FUZZ_CHECK(core_pt_map(&s->pt, 0, SL200_PTE_ADDR, 2 * PAGE, SL200_PTE_READ) == -EINVAL);
}

static void step(struct state *s, struct fuzz_input *in)
{
	uint8_t op = fuzz_u8(in);
	unsigned int w = op >> 6, first = fuzz_u16(in) % WINDOW_PAGES, count = fuzz_u8(in);

	if (op & 0x20)
		count *= 8;
	if (op & 0x10)
		first = first / HUGE_PAGES * HUGE_PAGES;
	if (op & 0x08)
		count = (count / HUGE_PAGES + 1) * HUGE_PAGES;
	if (!count)
		count = 1;
	if (count > WINDOW_PAGES - first)
		count = WINDOW_PAGES - first;
	switch (op & 7) {
	case 0:
	case 1:
	case 2:
		map(s, w, first, count, in);
		break;
	case 3:
	case 4:
		unmap(s, w, first, count);
		break;
	case 5:
		mmu_invalidate_range(&s->mmu, ASID, 0, 1ull << SL200_IOVA_BITS);
		core_pt_reap(&s->pt);
		break;
	case 6:
		refused(s, in);
		break;
	default:
		break; /* only look */
	}
	check_around(s, w, first, count);
}

/* The chip and its memory live on; the page tables are of one case. */
static void power_on(struct state *s)
{
	s->port.ops = &port_ops;
	s->next_bus = 0x100000000ull;
	target = mmap(NULL, TARGET_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		      0);
	FUZZ_CHECK(target != MAP_FAILED);
	FUZZ_CHECK(!card_mem_create(&s->dram, TARGET_SIZE));
	FUZZ_CHECK(!host_mem_add(&s->host, TARGET_BUS, target, TARGET_SIZE,
				 CARD_DMA_READ | CARD_DMA_WRITE));
	FUZZ_CHECK(!mmu_create(&s->mmu, &s->host, &s->dram));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct state s;
	struct fuzz_input in = {data, size};

	if (!target)
		power_on(&s);
	memset(pages, 0, sizeof(pages));
	s.budget = -1;
	FUZZ_CHECK(!core_pt_init(&s.pt, &s.port));
	FUZZ_CHECK(mmu_bind(&s.mmu, ASID, core_pt_root(&s.pt)));
	for (unsigned int n = 0; in.left && n < 64; n++)
		step(&s, &in);
	for (unsigned int w = 0; w < WINDOWS; w++)
		for (unsigned int n = 0; n < WINDOW_PAGES; n += 1 + (n & 31))
			check_page(&s, w, n);
	mmu_unbind(&s.mmu, ASID);
	core_pt_fini(&s.pt);
	FUZZ_CHECK(!s.live);
	return 0;
}
