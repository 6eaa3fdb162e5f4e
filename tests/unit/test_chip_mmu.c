/* SPDX-License-Identifier: MIT */
/* Host memory regions, page-table walks, the TLB, and the fabric's guarantees. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "sim/card/card.h"
#include "sim/model/fabric.h"
#include "tests/suite.h"

#define PAGE SL200_PAGE_SIZE
#define HOST_SIZE (8u << 20)
#define HOST_BUS 0x100000000ull
#define DRAM_SIZE (32ull << 20)
#define RW (CARD_DMA_READ | CARD_DMA_WRITE)
#define LEAF (SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE)
#define ASID 7u
#define IOVA 0x7f1234567000ull

/* Host memory: tables in the first pages, data behind. */
static struct {
	uint8_t *host;
	struct card_mem dram;
	struct timebase time;
	struct fabric fabric;
	unsigned int tables;
} t;

static uint64_t bus_of(const void *p)
{
	return HOST_BUS + (uint64_t)((const uint8_t *)p - t.host);
}

static uint64_t *new_table(void)
{
	uint64_t *table = (uint64_t *)(t.host + (size_t)PAGE * t.tables++);

	memset(table, 0, PAGE);
	return table;
}

/* The entry of an IOVA at a level, with tables made on the way. */
static uint64_t *entry(uint64_t iova, unsigned int level)
{
	uint64_t *table = (uint64_t *)t.host;

	for (unsigned int l = SL200_PT_LEVELS - 1; l > level; l--) {
		uint64_t *e = &table[SL200_PT_INDEX(iova, l)];

		if (!*e)
			*e = bus_of(new_table()) | SL200_PTE_VALID;
		table = (uint64_t *)(t.host + ((*e & SL200_PTE_ADDR) - HOST_BUS));
	}
	return &table[SL200_PT_INDEX(iova, level)];
}

static int setup(void)
{
	static const struct card_link no_link;

	memset(&t, 0, sizeof(t));
	t.host = aligned_alloc(SL200_HUGE_SIZE, HOST_SIZE);
	if (!t.host || card_mem_create(&t.dram, DRAM_SIZE))
		return -1;
	memset(t.host, 0, HOST_SIZE);
	timebase_start(&t.time);
	if (fabric_create(&t.fabric, &t.dram, &t.time, &no_link) ||
	    fabric_map(&t.fabric, HOST_BUS, t.host, HOST_SIZE, RW))
		return -1;
	fabric_set_bus_master(&t.fabric, true);
	new_table();
	fabric_bind(&t.fabric, ASID, HOST_BUS);
	return 0;
}

static int teardown(void)
{
	fabric_destroy(&t.fabric);
	card_mem_destroy(&t.dram);
	free(t.host);
	return 0;
}

static void fresh(void)
{
	teardown();
	if (setup())
		abort();
}

static unsigned int read_at(uint64_t iova, void *dst, size_t len)
{
	struct fabric_use use = {0};
	unsigned int reason = fabric_read(&t.fabric, ASID, iova, dst, len, &use);

	if (reason)
		CU_ASSERT_EQUAL(use.fault_write, false);
	return reason;
}

static unsigned int write_at(uint64_t iova, const void *src, size_t len)
{
	struct fabric_use use = {0};

	return fabric_write(&t.fabric, ASID, iova, src, len, &use);
}

static uint8_t *data_page(unsigned int n)
{
	return t.host + (4u << 20) + (size_t)n * PAGE;
}

static void test_regions(void)
{
	struct host_mem mem = {0};
	uint8_t *p = data_page(0);

	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x10000, p, 2 * PAGE, RW), 0);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x12000, p, PAGE, CARD_DMA_READ), 0);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x8000, p, PAGE, RW), 0);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0ull - PAGE, p, PAGE, RW), 0);
	/* Overlaps: inside, around, at either end. */
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x11000, p, PAGE, RW), -EEXIST);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x0, p, 0x20000, RW), -EEXIST);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0xf000, p, 2 * PAGE, RW), -EEXIST);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x12000, p, 2 * PAGE, RW), -EEXIST);
	/* Bad arguments. */
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20001, p, PAGE, RW), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, p + 8, PAGE, RW), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, p, PAGE + 1, RW), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, p, 0, RW), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, NULL, PAGE, RW), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, p, PAGE, 0), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0x20000, p, PAGE, 4), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_add(&mem, 0ull - PAGE, p, 2 * PAGE, RW), -EINVAL);

	CU_ASSERT_PTR_NULL(host_mem_find(&mem, 0xffff));
	CU_ASSERT_EQUAL(host_mem_find(&mem, 0x11fff)->bus, 0x10000);
	CU_ASSERT_EQUAL(host_mem_find(&mem, 0x12000)->bus, 0x12000);
	CU_ASSERT_PTR_NULL(host_mem_find(&mem, 0x13000));
	CU_ASSERT_PTR_NOT_NULL(host_mem_find(&mem, UINT64_MAX));

	/* Removal: of parts, of nothing, of several at once. */
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0x11000, PAGE), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0x8000, 0x9000), -EINVAL);
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0x20000, PAGE), -ENOENT);
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0x8001, PAGE), -EINVAL);
	CU_ASSERT_EQUAL(mem.count, 4);
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0x8000, 0x10000), 0);
	CU_ASSERT_EQUAL(mem.count, 1);
	CU_ASSERT_EQUAL(host_mem_remove(&mem, 0ull - PAGE, PAGE), 0);
	host_mem_destroy(&mem);
}

static void test_walk_4k(void)
{
	uint8_t out[3 * PAGE], in[3 * PAGE];

	fresh();
	/* Three pages in reverse order in host memory, the middle one in card DRAM. */
	*entry(IOVA, 0) = bus_of(data_page(2)) | LEAF;
	*entry(IOVA + PAGE, 0) = (5 * PAGE) | LEAF | SL200_PTE_DRAM;
	*entry(IOVA + 2 * PAGE, 0) = bus_of(data_page(0)) | LEAF;
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 + i / PAGE);
	CU_ASSERT_EQUAL(write_at(IOVA + 10, out, sizeof(out) - 20), 0);
	CU_ASSERT_EQUAL(memcmp(data_page(2) + 10, out, PAGE - 10), 0);
	CU_ASSERT_EQUAL(memcmp(t.dram.base + 5 * PAGE, out + PAGE - 10, PAGE), 0);
	CU_ASSERT_EQUAL(memcmp(data_page(0), out + 2 * PAGE - 10, PAGE - 10), 0);
	CU_ASSERT_EQUAL(read_at(IOVA + 10, in, sizeof(in) - 20), 0);
	CU_ASSERT_EQUAL(memcmp(in, out, sizeof(out) - 20), 0);
	CU_ASSERT_EQUAL(t.fabric.link_bytes[LINK_READ], 2 * PAGE - 20);
	CU_ASSERT_EQUAL(t.fabric.link_bytes[LINK_WRITE], 2 * PAGE - 20);
	CU_ASSERT_EQUAL(t.fabric.dram_bytes[LINK_READ], PAGE);
	CU_ASSERT_EQUAL(t.fabric.dram_bytes[LINK_WRITE], PAGE);
	/* The second pass hit the TLB. */
	CU_ASSERT_EQUAL(t.fabric.mmu.walks, 3);
	CU_ASSERT_EQUAL(t.fabric.lookups, 6); /* three pages, twice */
	fabric_clear_counters(&t.fabric);
	CU_ASSERT_EQUAL(t.fabric.mmu.walks, 0);
	CU_ASSERT_EQUAL(t.fabric.lookups, 0);
}

static void test_walk_2m(void)
{
	const uint64_t iova = 0x40000000ull;
	uint8_t *out = malloc(SL200_HUGE_SIZE), *in = malloc(SL200_HUGE_SIZE);

	CU_ASSERT_FATAL(out && in);
	fresh();
	*entry(iova, 1) = (HOST_BUS + (6u << 20)) | LEAF | SL200_PTE_HUGE;
	*entry(iova + SL200_HUGE_SIZE, 1) = (4u << 20) | LEAF | SL200_PTE_HUGE | SL200_PTE_DRAM;
	for (size_t i = 0; i < SL200_HUGE_SIZE; i++)
		out[i] = (uint8_t)(i * 13 + i / 251);
	CU_ASSERT_EQUAL(write_at(iova + SL200_HUGE_SIZE / 2, out, SL200_HUGE_SIZE), 0);
	CU_ASSERT_EQUAL(memcmp(t.host + (7u << 20), out, SL200_HUGE_SIZE / 2), 0);
	CU_ASSERT_EQUAL(
		memcmp(t.dram.base + (4u << 20), out + SL200_HUGE_SIZE / 2, SL200_HUGE_SIZE / 2),
		0);
	CU_ASSERT_EQUAL(read_at(iova + SL200_HUGE_SIZE / 2, in, SL200_HUGE_SIZE), 0);
	CU_ASSERT_EQUAL(memcmp(in, out, SL200_HUGE_SIZE), 0);
	CU_ASSERT_EQUAL(t.fabric.mmu.walks, 2);
	free(out);
	free(in);
}

/* A 2 MiB page whose halves are two registrations, in the other order in the process. */
static void test_huge_over_regions(void)
{
	const uint64_t iova = 0x80000000ull, bus = 0x200000000ull;
	uint8_t buf[2 * PAGE];

	fresh();
	CU_ASSERT_EQUAL(fabric_map(&t.fabric, bus, t.host + (7u << 20), 1u << 20, RW), 0);
	CU_ASSERT_EQUAL(fabric_map(&t.fabric, bus + (1u << 20), t.host + (6u << 20), 1u << 20, RW),
			0);
	*entry(iova, 1) = bus | LEAF | SL200_PTE_HUGE;
	memset(t.host + (8u << 20) - PAGE, 0x11, PAGE);
	memset(t.host + (6u << 20), 0x22, PAGE);
	CU_ASSERT_EQUAL(read_at(iova + (1u << 20) - PAGE, buf, sizeof(buf)), 0);
	CU_ASSERT_EQUAL(buf[0], 0x11);
	CU_ASSERT_EQUAL(buf[PAGE - 1], 0x11);
	CU_ASSERT_EQUAL(buf[PAGE], 0x22);
	CU_ASSERT_EQUAL(buf[2 * PAGE - 1], 0x22);
}

static void test_faults(void)
{
	const uint64_t huge = 0x40000000ull;
	struct fabric_use use = {0};
	uint8_t buf[2 * PAGE] = {0};
	uint64_t faults;

	fresh();
	*entry(IOVA, 0) = bus_of(data_page(0)) | LEAF;
	CU_ASSERT_EQUAL(read_at(IOVA, buf, PAGE), 0);
	faults = t.fabric.faults;
	CU_ASSERT_EQUAL(fabric_read(&t.fabric, ASID + 1, IOVA, buf, 1, &use), SL200_MMU_NOT_BOUND);
	CU_ASSERT_EQUAL(fabric_read(&t.fabric, 4096, IOVA, buf, 1, &use), SL200_MMU_NOT_BOUND);
	/* The address told is that of the first byte that could not be reached. */
	CU_ASSERT_EQUAL(fabric_write(&t.fabric, ASID, IOVA + 8, buf, PAGE, &use),
			SL200_MMU_NOT_PRESENT);
	CU_ASSERT_EQUAL(use.fault_iova, IOVA + PAGE);
	CU_ASSERT(use.fault_write);
	CU_ASSERT_EQUAL(read_at(1ull << 48, buf, 1), SL200_MMU_RANGE);
	CU_ASSERT_EQUAL(read_at(UINT64_MAX, buf, 1), SL200_MMU_RANGE);
	CU_ASSERT_EQUAL(t.fabric.faults, faults + 5);

	*entry(IOVA + PAGE, 0) = bus_of(data_page(1)) | SL200_PTE_VALID | SL200_PTE_READ;
	CU_ASSERT_EQUAL(read_at(IOVA + PAGE, buf, 1), 0);
	CU_ASSERT_EQUAL(write_at(IOVA + PAGE, buf, 1), SL200_MMU_PERMISSION);
	*entry(IOVA + 2 * PAGE, 0) = bus_of(data_page(1)) | SL200_PTE_VALID | SL200_PTE_WRITE;
	CU_ASSERT_EQUAL(write_at(IOVA + 2 * PAGE, buf, 1), 0);
	CU_ASSERT_EQUAL(read_at(IOVA + 2 * PAGE, buf, 1), SL200_MMU_PERMISSION);

	*entry(IOVA + 3 * PAGE, 0) = DRAM_SIZE | LEAF | SL200_PTE_DRAM;
	CU_ASSERT_EQUAL(read_at(IOVA + 3 * PAGE, buf, 1), SL200_MMU_RANGE);
	*entry(IOVA + 4 * PAGE, 0) = 0x500000000ull | LEAF;
	CU_ASSERT_EQUAL(read_at(IOVA + 4 * PAGE, buf, 1), SL200_MMU_BUS);
	/* Reserved bits: above the address, below it, HUGE in a leaf table. */
	*entry(IOVA + 5 * PAGE, 0) = bus_of(data_page(1)) | LEAF | 1ull << 52;
	CU_ASSERT_EQUAL(read_at(IOVA + 5 * PAGE, buf, 1), SL200_MMU_BAD_ENTRY);
	*entry(IOVA + 5 * PAGE, 0) = bus_of(data_page(1)) | LEAF | 0x20;
	CU_ASSERT_EQUAL(read_at(IOVA + 5 * PAGE, buf, 1), SL200_MMU_BAD_ENTRY);
	*entry(IOVA + 5 * PAGE, 0) = bus_of(data_page(1)) | LEAF | SL200_PTE_HUGE;
	CU_ASSERT_EQUAL(read_at(IOVA + 5 * PAGE, buf, 1), SL200_MMU_BAD_ENTRY);
	/* A huge leaf that is not aligned, and one too high up. */
	*entry(huge, 1) = bus_of(data_page(1)) | LEAF | SL200_PTE_HUGE;
	CU_ASSERT_EQUAL(read_at(huge, buf, 1), SL200_MMU_BAD_ENTRY);
	*entry(huge + (1ull << 30), 2) = HOST_BUS | LEAF | SL200_PTE_HUGE;
	CU_ASSERT_EQUAL(read_at(huge + (1ull << 30), buf, 1), SL200_MMU_BAD_ENTRY);
	/* Permissions in a table entry, and a table that is nowhere. */
	*entry(huge + (2ull << 30), 2) = bus_of(new_table()) | LEAF;
	CU_ASSERT_EQUAL(read_at(huge + (2ull << 30), buf, 1), SL200_MMU_BAD_ENTRY);
	*entry(huge + (3ull << 30), 2) = 0x500000000ull | SL200_PTE_VALID;
	CU_ASSERT_EQUAL(read_at(huge + (3ull << 30), buf, 1), SL200_MMU_BAD_ENTRY);
	fabric_bind(&t.fabric, ASID + 1, 0x500000000ull);
	CU_ASSERT_EQUAL(fabric_read(&t.fabric, ASID + 1, IOVA, buf, 1, &use), SL200_MMU_BAD_ENTRY);

	/* A registration that forbids what the page table allows. */
	CU_ASSERT_EQUAL(fabric_map(&t.fabric, 0x600000000ull, data_page(8), PAGE, CARD_DMA_READ),
			0);
	*entry(IOVA + 6 * PAGE, 0) = 0x600000000ull | LEAF;
	CU_ASSERT_EQUAL(read_at(IOVA + 6 * PAGE, buf, 1), 0);
	CU_ASSERT_EQUAL(write_at(IOVA + 6 * PAGE, buf, 1), SL200_MMU_BUS);

	/* Bus addresses (ASID 0). */
	CU_ASSERT_EQUAL(fabric_read(&t.fabric, 0, bus_of(data_page(0)), buf, PAGE, &use), 0);
	CU_ASSERT_EQUAL(fabric_write(&t.fabric, 0, 0x600000000ull, buf, 1, &use), SL200_MMU_BUS);
	CU_ASSERT_EQUAL(fabric_read(&t.fabric, 0, 0x600000ff8ull, buf, 16, &use), SL200_MMU_BUS);
	CU_ASSERT_EQUAL(use.fault_iova, 0x600001000ull);

	/* No DMA without bus mastering, nor during a reset. */
	fabric_set_bus_master(&t.fabric, false);
	CU_ASSERT_EQUAL(read_at(IOVA, buf, 1), SL200_MMU_BUS);
	fabric_set_bus_master(&t.fabric, true);
	fabric_set_blocked(&t.fabric, true);
	CU_ASSERT_EQUAL(read_at(IOVA, buf, 1), SL200_MMU_BUS);
	fabric_set_blocked(&t.fabric, false);
	CU_ASSERT_EQUAL(read_at(IOVA, buf, 1), 0);
	fabric_unbind(&t.fabric, ASID);
	CU_ASSERT_EQUAL(read_at(IOVA, buf, 1), SL200_MMU_NOT_BOUND);
}

static void test_invalidate(void)
{
	const uint64_t huge = 0x40000000ull;
	uint8_t byte;

	fresh();
	for (unsigned int i = 0; i < 4; i++)
		data_page(i)[0] = (uint8_t)(0xa0 + i);
	*entry(IOVA, 0) = bus_of(data_page(0)) | LEAF;
	*entry(IOVA + PAGE, 0) = bus_of(data_page(1)) | LEAF;
	CU_ASSERT_EQUAL(read_at(IOVA, &byte, 1), 0);
	CU_ASSERT_EQUAL(read_at(IOVA + PAGE, &byte, 1), 0);
	*entry(IOVA, 0) = bus_of(data_page(2)) | LEAF;
	*entry(IOVA + PAGE, 0) = bus_of(data_page(3)) | LEAF;
	fabric_invalidate_range(&t.fabric, ASID, IOVA, PAGE);
	CU_ASSERT_EQUAL(read_at(IOVA, &byte, 1), 0);
	CU_ASSERT_EQUAL(byte, 0xa2);
	CU_ASSERT_EQUAL(read_at(IOVA + PAGE, &byte, 1), 0);
	CU_ASSERT_EQUAL(byte, 0xa1); /* cached still: that was not asked for */
	fabric_invalidate_asid(&t.fabric, ASID);
	CU_ASSERT_EQUAL(read_at(IOVA + PAGE, &byte, 1), 0);
	CU_ASSERT_EQUAL(byte, 0xa3);

	*entry(huge, 1) = (HOST_BUS + (4u << 20)) | LEAF | SL200_PTE_HUGE;
	CU_ASSERT_EQUAL(read_at(huge + 5 * PAGE, &byte, 1), 0);
	*entry(huge, 1) = 0;
	/* Any part of a huge page does. */
	fabric_invalidate_range(&t.fabric, ASID, huge + 17 * PAGE, PAGE);
	CU_ASSERT_EQUAL(read_at(huge + 5 * PAGE, &byte, 1), SL200_MMU_NOT_PRESENT);

	/* What is no longer registered is not reached through the TLB. */
	CU_ASSERT_EQUAL(fabric_map(&t.fabric, 0x600000000ull, data_page(8), PAGE, RW), 0);
	*entry(IOVA + 2 * PAGE, 0) = 0x600000000ull | LEAF;
	CU_ASSERT_EQUAL(write_at(IOVA + 2 * PAGE, &byte, 1), 0);
	CU_ASSERT_EQUAL(fabric_unmap(&t.fabric, 0x600000000ull, PAGE), 0);
	CU_ASSERT_EQUAL(write_at(IOVA + 2 * PAGE, &byte, 1), SL200_MMU_BUS);
}

static void test_copy(void)
{
	struct fabric_use use = {0};

	fresh();
	for (unsigned int i = 0; i < 8; i++)
		*entry(IOVA + (uint64_t)i * PAGE, 0) = bus_of(data_page(i ^ 1)) | LEAF;
	for (unsigned int i = 0; i < 8 * PAGE; i++)
		data_page(0)[i] = (uint8_t)(i * 3 + i / PAGE);
	CU_ASSERT_EQUAL(
		fabric_copy(&t.fabric, ASID, IOVA + 4 * PAGE + 7, IOVA + 100, 3 * PAGE, &use), 0);
	for (unsigned int i = 0; i < 3 * PAGE; i++) {
		unsigned int from = i + 100, to = i + 4 * PAGE + 7;
		uint8_t a = data_page(from / PAGE ^ 1)[from % PAGE];
		uint8_t b = data_page(to / PAGE ^ 1)[to % PAGE];

		if (a != b) {
			CU_FAIL("copied byte differs");
			break;
		}
	}
	CU_ASSERT_EQUAL(fabric_copy(&t.fabric, ASID, IOVA, IOVA + 7 * PAGE, 2 * PAGE, &use),
			SL200_MMU_NOT_PRESENT);
	CU_ASSERT_EQUAL(use.fault_iova, IOVA + 8 * PAGE);
}

/* Injected memory errors: of reads of card DRAM, the corrected ones first. */
static void test_ecc(void)
{
	uint8_t bytes[2 * PAGE] = {0};
	struct fabric_use use = {0};

	fresh();
	*entry(IOVA, 0) = (5 * PAGE) | LEAF | SL200_PTE_DRAM;
	*entry(IOVA + PAGE, 0) = bus_of(data_page(0)) | LEAF;
	t.dram.base[5 * PAGE] = 0x5a;
	t.fabric.inject_ecc = 1u << 16 | 2;
	CU_ASSERT_EQUAL(write_at(IOVA + 8, bytes, 8), 0);
	CU_ASSERT_EQUAL(read_at(IOVA + PAGE, bytes, 8), 0);
	CU_ASSERT_EQUAL(t.fabric.inject_ecc, 1u << 16 | 2); /* writes and host memory have none */
	CU_ASSERT_EQUAL(read_at(IOVA, bytes, 8), 0);
	CU_ASSERT_EQUAL(bytes[0], 0x5a);
	CU_ASSERT_EQUAL(read_at(IOVA, bytes, 2 * PAGE), 0);
	CU_ASSERT_EQUAL(t.fabric.inject_ecc, 1u << 16);
	CU_ASSERT_EQUAL(t.fabric.ecc_corrected, 2);
	CU_ASSERT_EQUAL(t.fabric.ecc_uncorrected, 0);
	CU_ASSERT_EQUAL(fabric_copy(&t.fabric, ASID, IOVA + PAGE, IOVA, 64, &use), FABRIC_ECC);
	CU_ASSERT_EQUAL(t.fabric.ecc_uncorrected, 1);
	CU_ASSERT_EQUAL(t.fabric.faults, 0);
	CU_ASSERT_EQUAL(fabric_copy(&t.fabric, ASID, IOVA + PAGE, IOVA, 64, &use), 0);
	CU_ASSERT_EQUAL(data_page(0)[0], 0x5a);
	t.fabric.inject_ecc = 1u << 16;
	CU_ASSERT_EQUAL(fabric_use_dram(&t.fabric, LINK_WRITE, 8), 0);
	CU_ASSERT_EQUAL(fabric_use_dram(&t.fabric, LINK_READ, 8), FABRIC_ECC);
	CU_ASSERT_EQUAL(fabric_use_dram(&t.fabric, LINK_READ, 8), 0);
}

static void test_ordered(void)
{
	struct fabric_use use = {0};
	uint64_t value = 0x1122334455667788ull, back = 0;
	uint8_t odd[7] = "abcdef";
	_Alignas(8) uint8_t words[64], got[64];

	fresh();
	for (size_t i = 0; i < sizeof(words); i++)
		words[i] = (uint8_t)(i + 1);
	*entry(IOVA, 0) = bus_of(data_page(0)) | LEAF;
	CU_ASSERT_EQUAL(fabric_write_ordered(&t.fabric, ASID, IOVA + 8, &value, 8, &use), 0);
	CU_ASSERT_EQUAL(fabric_read_ordered(&t.fabric, ASID, IOVA + 8, &back, 8, &use), 0);
	CU_ASSERT_EQUAL(back, value);
	CU_ASSERT_EQUAL(fabric_write_ordered(&t.fabric, ASID, IOVA + 64, words, 64, &use), 0);
	CU_ASSERT_EQUAL(fabric_read_ordered(&t.fabric, ASID, IOVA + 64, got, 64, &use), 0);
	CU_ASSERT_EQUAL(memcmp(got, words, 64), 0);
	CU_ASSERT_EQUAL(fabric_write_ordered(&t.fabric, ASID, IOVA + 201, odd, 7, &use), 0);
	CU_ASSERT_EQUAL(memcmp(data_page(0) + 201, odd, 7), 0);
}

/* ------------------------------------------------------------------ races */

#define READERS 3
#define ROUNDS 400

static atomic_bool stop;
static atomic_uint current; /* the page that may be read now */
static atomic_uint stale;   /* reads that returned an older page's content */

#define SCRIBBLE UINT32_MAX

static void stamp(uint8_t *page, uint32_t value)
{
	for (size_t i = 0; i < PAGE; i += sizeof(value))
		memcpy(page + i, &value, sizeof(value));
}

/* Reads the page and checks that it is not older than when the read was begun. */
static void *reader(void *arg)
{
	uint32_t words[64];

	while (!atomic_load(&stop)) {
		uint32_t at_least = atomic_load(&current);

		if (read_at(IOVA, words, sizeof(words)) || words[0] != words[63] ||
		    words[0] < at_least || words[0] == SCRIBBLE)
			atomic_fetch_add(&stale, 1);
	}
	return NULL;
}

/*
 * A page is replaced again and again while others read it. After an invalidation has returned, no
 * read may see the old page: it is scribbled over then, which ThreadSanitizer would see, too.
 */
static void test_invalidation_race(void)
{
	pthread_t thread[READERS];

	fresh();
	atomic_store(&stop, false);
	atomic_store(&current, 0);
	atomic_store(&stale, 0);
	stamp(data_page(0), 0);
	__atomic_store_n(entry(IOVA, 0), bus_of(data_page(0)) | LEAF, __ATOMIC_RELEASE);
	for (int i = 0; i < READERS; i++)
		pthread_create(&thread[i], NULL, reader, NULL);
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		uint8_t *fresh_page = data_page(round % 2), *old_page = data_page((round + 1) % 2);

		stamp(fresh_page, round);
		__atomic_store_n(entry(IOVA, 0), bus_of(fresh_page) | LEAF, __ATOMIC_RELEASE);
		if (round % 2)
			fabric_invalidate_range(&t.fabric, ASID, IOVA, PAGE);
		else
			fabric_invalidate_asid(&t.fabric, ASID);
		atomic_store(&current, round);
		stamp(old_page, SCRIBBLE);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(stale, 0);
}

static void *hammer(void *arg)
{
	uint64_t iova = IOVA + (uintptr_t)arg * PAGE;
	uint8_t buf[64] = {0};

	while (!atomic_load(&stop))
		if (write_at(iova, buf, sizeof(buf)) == SL200_MMU_NOT_PRESENT)
			atomic_fetch_add(&stale, 1);
	return NULL;
}

/* Memory is freed as soon as its unmapping has returned; AddressSanitizer sees a late access. */
static void test_unmap_race(void)
{
	pthread_t thread[READERS];

	fresh();
	atomic_store(&stop, false);
	atomic_store(&stale, 0);
	for (unsigned int i = 0; i < READERS; i++)
		*entry(IOVA + (uint64_t)i * PAGE, 0) = (0x600000000ull + (uint64_t)i * PAGE) | LEAF;
	for (uintptr_t i = 0; i < READERS; i++)
		pthread_create(&thread[i], NULL, hammer, (void *)i);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		void *memory = aligned_alloc(PAGE, READERS * PAGE);

		CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
		CU_ASSERT_EQUAL(fabric_map(&t.fabric, 0x600000000ull, memory, READERS * PAGE, RW),
				0);
		CU_ASSERT_EQUAL(fabric_unmap(&t.fabric, 0x600000000ull, READERS * PAGE), 0);
		free(memory);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(stale, 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"regions", test_regions},
		{"4 KiB pages", test_walk_4k},
		{"2 MiB pages", test_walk_2m},
		{"a huge page over two regions", test_huge_over_regions},
		{"faults", test_faults},
		{"invalidation", test_invalidate},
		{"copy", test_copy},
		{"memory errors", test_ecc},
		{"ordered access", test_ordered},
		{"invalidation race", test_invalidation_race},
		{"unmap race", test_unmap_race},
		CU_TEST_INFO_NULL,
	};

	return suite_run("chip: memory", setup, teardown, tests);
}
