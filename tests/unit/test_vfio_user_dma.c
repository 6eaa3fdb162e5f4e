// SPDX-License-Identifier: MIT
/* Memory that a vfio-user client shares: what the card reaches, and what it no longer does. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/pci_regs.h>

#include "abi/sl200_queue.h"
#include "tests/suite.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/unit/vfio_user_peer.h"

#define PAGE 4096u
#define BUS 0x80000000ull
#define PATTERN 0xa5a5a5a5a5a5a5a5ull

static struct card *card;
static unsigned int fds_before;

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .threads = 1};

	fds_before = peer_count_fds();
	return card_create(&config, &card);
}

static int teardown(void)
{
	card_destroy(card);
	return peer_count_fds() == fds_before ? 0 : -1;
}

/* A client whose card runs the double's firmware, which moves memory for the tests. */
static struct peer *open_running(struct card *which)
{
	const uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct peer *peer = peer_open(which);

	CU_ASSERT_EQUAL(peer_write(peer, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, 2, &command),
			0);
	double_boot(which);
	return peer;
}

/* Let the card fill a page at a bus address; true when it could. */
static bool fill_page(struct card *which, uint64_t bus)
{
	struct sl200_job_result result = {0};
	const struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL, .dst = bus, .value = PATTERN, .width = PAGE, .height = 1};
	struct double_dma dma = {.sqe = &sqe, .result = &result};

	double_call(which, double_run_dma, &dma);
	return result.status == SL200_STATUS_OK;
}

/* Let the card read a page into card memory; true when it could. */
static bool read_page(struct card *which, uint64_t bus)
{
	static uint8_t into[PAGE] __attribute__((aligned(PAGE)));
	const uint64_t there = 1ull << 40;
	struct sl200_job_result result = {0};
	const struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY, .src = bus, .dst = there, .width = PAGE, .height = 1};
	struct double_dma dma = {.sqe = &sqe, .result = &result};

	CU_ASSERT_EQUAL(card_dma_map(which, there, into, PAGE, CARD_DMA_READ | CARD_DMA_WRITE), 0);
	double_call(which, double_run_dma, &dma);
	CU_ASSERT_EQUAL(card_dma_unmap(which, there, PAGE), 0);
	return result.status == SL200_STATUS_OK;
}

static uint64_t *view(int fd, size_t pages)
{
	void *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static uint64_t word(const uint64_t *memory, unsigned int page)
{
	return __atomic_load_n(&memory[page * (PAGE / 8)], __ATOMIC_RELAXED);
}

static int map(struct peer *peer, uint64_t addr, uint64_t size, uint64_t offset, uint32_t flags,
	       int fd)
{
	const struct vfio_user_dma_map request = {.argsz = sizeof(request),
						  .flags = flags,
						  .offset = offset,
						  .addr = addr,
						  .size = size};

	return peer_call(peer, VFIO_USER_DMA_MAP, &request, sizeof(request), &fd, 1);
}

static bool is_mapped_here(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	while (maps && fgets(line, sizeof(line), maps))
		found |= strstr(line, name) != NULL;
	if (maps)
		fclose(maps);
	return found;
}

static void test_reach(void)
{
	struct peer *peer = open_running(card);
	int fd = peer_memory(8 * PAGE), later = peer_memory(PAGE);
	uint64_t *memory = view(fd, 8);

	CU_ASSERT_FALSE(fill_page(card, BUS));
	CU_ASSERT_EQUAL(map(peer, BUS, 2 * PAGE, 4 * PAGE, 3, fd), 0);
	CU_ASSERT(fill_page(card, BUS + PAGE));
	CU_ASSERT_EQUAL(word(memory, 5), PATTERN);
	CU_ASSERT_EQUAL(word(memory, 4), 0);
	CU_ASSERT_FALSE(fill_page(card, BUS + 2 * PAGE));
	CU_ASSERT_FALSE(fill_page(card, BUS - PAGE));
	/* Read only and write only, of the same file. */
	CU_ASSERT_EQUAL(map(peer, BUS + 8 * PAGE, PAGE, 0, VFIO_DMA_MAP_FLAG_READ, fd), 0);
	CU_ASSERT_EQUAL(map(peer, BUS + 9 * PAGE, PAGE, PAGE, VFIO_DMA_MAP_FLAG_WRITE, fd), 0);
	CU_ASSERT_FALSE(fill_page(card, BUS + 8 * PAGE));
	CU_ASSERT(fill_page(card, BUS + 9 * PAGE));
	CU_ASSERT(read_page(card, BUS + 8 * PAGE));
	CU_ASSERT_FALSE(read_page(card, BUS + 9 * PAGE));
	/* A file that was mapped to be read, and then to be written as well. */
	CU_ASSERT_EQUAL(map(peer, BUS + 10 * PAGE, PAGE, 0, VFIO_DMA_MAP_FLAG_READ, later), 0);
	CU_ASSERT_EQUAL(map(peer, BUS + 11 * PAGE, PAGE, 0, 3, later), 0);
	CU_ASSERT(fill_page(card, BUS + 11 * PAGE));
	CU_ASSERT(read_page(card, BUS + 10 * PAGE));
	close(later);
	/* The first and the last page of the address space; the card's MMU ends before. */
	CU_ASSERT_EQUAL(map(peer, 0, PAGE, 3 * PAGE, 3, fd), 0);
	CU_ASSERT_EQUAL(map(peer, UINT64_MAX - PAGE + 1, PAGE, 7 * PAGE, 3, fd), 0);
	CU_ASSERT(fill_page(card, 0));
	CU_ASSERT_EQUAL(peer_unmap(peer, 0, UINT64_MAX, 0), 0);
	CU_ASSERT_FALSE(fill_page(card, 0));
	CU_ASSERT_FALSE(fill_page(card, BUS + PAGE));
	CU_ASSERT_EQUAL(map(peer, UINT64_MAX - PAGE + 1, PAGE, 7 * PAGE, 3, fd), 0);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	/* The client's memory is its own again. */
	munmap(memory, 8 * PAGE);
	CU_ASSERT_FALSE(is_mapped_here("memfd:guest"));
	close(fd);
}

static void test_bad_maps(void)
{
	struct peer *peer = open_running(card);
	int fd = peer_memory(4 * PAGE + 100), read_only, pipes[2], status, zero, fresh, program;
	char path[64];
	struct statfs fs;
	struct vfio_user_dma_map request = {.argsz = 31, .flags = 3, .addr = BUS, .size = PAGE};

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	fresh = memfd_create("fresh", MFD_CLOEXEC);
	CU_ASSERT_FATAL(read_only >= 0 && status >= 0 && zero >= 0 && !pipe(pipes));
	CU_ASSERT_FATAL(fresh >= 0 && !ftruncate(fresh, PAGE));

	CU_ASSERT_EQUAL(map(peer, BUS + 1, PAGE, 0, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE + 8, 0, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 512, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, 0, 0, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 0, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 7, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, 5 * PAGE, 0, 3, fd), EINVAL); /* a part of a page */
	CU_ASSERT_EQUAL(map(peer, BUS, 2 * PAGE, 3 * PAGE, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 5 * PAGE, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, UINT64_MAX & ~4095ull, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, UINT64_MAX & ~4095ull, PAGE, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, UINT64_MAX & ~4095ull, 2 * PAGE, 0, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, read_only), EACCES);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, pipes[0]), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, zero), EINVAL);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, VFIO_DMA_MAP_FLAG_READ, status), EINVAL);
	/* A file of some length, on whatever the tests were built on. */
	program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(program >= 0 && !fstatfs(program, &fs));
	CU_ASSERT_EQUAL(map(peer, BUS + 64 * PAGE, PAGE, 0, VFIO_DMA_MAP_FLAG_READ, program),
			fs.f_type == TMPFS_MAGIC ? 0 : EINVAL);
	close(program);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DMA_MAP, &request, sizeof(request), &fd, 1),
			EINVAL);
	request.argsz = 32;
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DMA_MAP, &request, sizeof(request) - 1, &fd, 1),
			EINVAL);
	CU_ASSERT_FALSE(fill_page(card, BUS));

	CU_ASSERT_EQUAL(map(peer, BUS, 2 * PAGE, 0, 3, fd), 0);
	CU_ASSERT_EQUAL(map(peer, BUS, 2 * PAGE, 0, 3, fd), EEXIST);
	CU_ASSERT_EQUAL(map(peer, BUS + PAGE, 2 * PAGE, 0, 3, fd), EEXIST);
	CU_ASSERT_EQUAL(map(peer, BUS - PAGE, 4 * PAGE, 0, 3, fd), EEXIST);
	CU_ASSERT_EQUAL(map(peer, BUS + 2 * PAGE, PAGE, 0, VFIO_DMA_MAP_FLAG_READ, read_only), 0);
	/* A file that is refused leaves nothing behind. */
	CU_ASSERT_EQUAL(map(peer, BUS + PAGE, PAGE, 0, 3, fresh), EEXIST);
	CU_ASSERT_FALSE(is_mapped_here("memfd:fresh"));
	close(fresh);
	/* Without a descriptor it is taken note of, and cannot be reached. */
	CU_ASSERT_EQUAL(peer_map(peer, BUS + 16 * PAGE, PAGE, -1), 0);
	CU_ASSERT_FALSE(fill_page(card, BUS + 16 * PAGE));
	CU_ASSERT_EQUAL(peer_unmap(peer, BUS + 16 * PAGE, PAGE, 0), 0);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
	close(read_only);
	close(status);
	close(zero);
	close(pipes[0]);
	close(pipes[1]);
}

/* After each unmap: which of eight pages can still be reached. */
static unsigned int reachable(void)
{
	unsigned int bits = 0;

	for (unsigned int page = 0; page < 8; page++)
		bits |= (unsigned int)fill_page(card, BUS + page * PAGE) << page;
	return bits;
}

static void test_unmap(void)
{
	static const struct {
		uint64_t addr, size;
		unsigned int left;
	} cases[] = {
		{BUS, 8 * PAGE, 0x00},
		{BUS + 2 * PAGE, 2 * PAGE, 0xf3},   /* the middle of a range */
		{BUS + 3 * PAGE, 2 * PAGE, 0xe7},   /* the end of one, the start of another */
		{BUS - 64 * PAGE, 65 * PAGE, 0xfe}, /* from before the first */
		{BUS + 7 * PAGE, 1ull << 40, 0x7f}, /* beyond the last */
		{BUS + 4 * PAGE, UINT64_MAX, 0x0f}, /* wraps: cut at the top */
		{BUS + 5 * PAGE, 0ull - (BUS + 5 * PAGE), 0x1f}, /* ends at the top */
		{0, UINT64_MAX, 0x00},
		{BUS + PAGE + 8, 8, 0xfd}, /* whole pages */
		{0x1000, 0x1000, 0xff},	   /* nothing */
	};
	int fd = peer_memory(8 * PAGE);
	uint64_t *memory = view(fd, 8);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer *peer = open_running(card);

		/* Two ranges, the second in an order of its own. */
		CU_ASSERT_EQUAL(map(peer, BUS, 4 * PAGE, 0, 3, fd), 0);
		CU_ASSERT_EQUAL(map(peer, BUS + 4 * PAGE, 4 * PAGE, 4 * PAGE, 3, fd), 0);
		CU_ASSERT_EQUAL(reachable(), 0xff);
		CU_ASSERT_EQUAL(peer_unmap(peer, cases[i].addr, cases[i].size, 0), 0);
		memset(memory, 0, 8 * PAGE);
		CU_ASSERT_EQUAL(reachable(), cases[i].left);
		for (unsigned int page = 0; page < 8; page++)
			CU_ASSERT_EQUAL(word(memory, page),
					cases[i].left >> page & 1 ? PATTERN : 0);
		/* What is free can be mapped again. */
		if (cases[i].left == 0xf3)
			CU_ASSERT_EQUAL(map(peer, BUS + 2 * PAGE, 2 * PAGE, 0, 3, fd), 0);
		CU_ASSERT_EQUAL(peer_close(peer), 0);
	}
	munmap(memory, 8 * PAGE);
	close(fd);
}

static void test_unmap_all(void)
{
	const struct vfio_user_dma_unmap request = {.argsz = 23, .addr = BUS, .size = PAGE};
	struct peer *peer = open_running(card);
	int fd = peer_memory(8 * PAGE);

	CU_ASSERT_EQUAL(map(peer, BUS, 8 * PAGE, 0, 3, fd), 0);
	CU_ASSERT_EQUAL(peer_unmap(peer, BUS, PAGE, VFIO_DMA_UNMAP_FLAG_ALL), EINVAL);
	CU_ASSERT_EQUAL(peer_unmap(peer, 0, 0, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_unmap(peer, BUS, PAGE, VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DMA_UNMAP, &request, sizeof(request), NULL, 0),
			EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DMA_UNMAP, &request, 8, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(reachable(), 0xff);
	CU_ASSERT_EQUAL(peer_unmap(peer, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	CU_ASSERT_EQUAL(peer->size, sizeof(request));
	CU_ASSERT_EQUAL(reachable(), 0);
	CU_ASSERT_FALSE(is_mapped_here("memfd:guest"));
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
}

/* A client that takes its file back while the card uses it is dropped; the next card goes on. */
static void test_truncated(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .threads = 1};
	struct card *other;
	struct peer *peer, *neighbour;
	int fd, neighbours;

	CU_ASSERT_FATAL(!card_create(&config, &other));
	for (int write = 0; write < 2; write++) {
		fd = peer_memory(8 * PAGE);
		neighbours = peer_memory(PAGE);
		neighbour = open_running(other);
		CU_ASSERT_EQUAL(map(neighbour, BUS, PAGE, 0, 3, neighbours), 0);
		peer = open_running(card);
		CU_ASSERT_EQUAL(map(peer, BUS, 8 * PAGE, 0, 3, fd), 0);
		CU_ASSERT(fill_page(card, BUS + 6 * PAGE));
		CU_ASSERT_EQUAL(ftruncate(fd, 4 * PAGE), 0);
		CU_ASSERT(fill_page(card, BUS + 3 * PAGE));
		/* The access goes nowhere, and the card lives on. */
		CU_ASSERT(write ? fill_page(card, BUS + 6 * PAGE)
				: read_page(card, BUS + 6 * PAGE));
		CU_ASSERT_FALSE(peer_receive(peer));
		CU_ASSERT_EQUAL(peer_close(peer), -EFAULT);
		CU_ASSERT(fill_page(other, BUS));
		CU_ASSERT_EQUAL(peer_close(neighbour), 0);
		close(fd);
		close(neighbours);
	}
	peer = open_running(card);
	fd = peer_memory(PAGE);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, fd), 0);
	CU_ASSERT(fill_page(card, BUS));
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
	card_destroy(other);
}

/* A file that grows between two ranges of it. */
static void test_grown(void)
{
	struct peer *peer = open_running(card);
	int fd = peer_memory(PAGE);
	uint64_t *memory;

	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, fd), 0);
	CU_ASSERT_EQUAL(map(peer, BUS + PAGE, PAGE, PAGE, 3, fd), EINVAL);
	CU_ASSERT_EQUAL(ftruncate(fd, 2 * PAGE), 0);
	CU_ASSERT_EQUAL(map(peer, BUS + PAGE, PAGE, PAGE, 3, fd), 0);
	CU_ASSERT_EQUAL(reachable(), 3);
	memory = view(fd, 2);
	CU_ASSERT_EQUAL(word(memory, 0), PATTERN);
	CU_ASSERT_EQUAL(word(memory, 1), PATTERN);
	munmap(memory, 2 * PAGE);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
}

static void test_limits(void)
{
	struct peer *peer = peer_open(card);
	int fd = peer_memory(PAGE), huge = peer_memory(0);
	unsigned int count;

	for (count = 0; count < VFIO_USER_MAX_DMA_MAPS; count++)
		if (map(peer, BUS + 2ull * PAGE * count, PAGE, 0, 3, fd))
			break;
	CU_ASSERT_EQUAL(count, VFIO_USER_MAX_DMA_MAPS);
	CU_ASSERT_EQUAL(map(peer, BUS + 2ull * PAGE * count, PAGE, 0, 3, fd), ENOSPC);
	CU_ASSERT_EQUAL(peer_unmap(peer, BUS, PAGE, 0), 0);
	CU_ASSERT_EQUAL(map(peer, BUS + 2ull * PAGE * count, PAGE, 0, 3, fd), 0);
	CU_ASSERT_EQUAL(peer_unmap(peer, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	/* More than all of a client's files may have together. */
	CU_ASSERT_EQUAL(ftruncate(huge, 5ll << 40), 0);
	CU_ASSERT_EQUAL(map(peer, BUS, PAGE, 0, 3, huge), ENOSPC);
	for (count = 0; count <= 1024; count++) {
		int one = peer_memory(PAGE), rc = map(peer, BUS + count * PAGE, PAGE, 0, 3, one);

		close(one);
		if (rc) {
			CU_ASSERT_EQUAL(rc, ENOSPC);
			break;
		}
	}
	CU_ASSERT_EQUAL(count, 1024);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
	close(huge);
	CU_ASSERT_FALSE(is_mapped_here("memfd:guest"));
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"what the card reaches", test_reach},
		{"bad maps", test_bad_maps},
		{"unmap", test_unmap},
		{"unmap all", test_unmap_all},
		{"truncated file", test_truncated},
		{"grown file", test_grown},
		{"limits", test_limits},
		CU_TEST_INFO_NULL,
	};

	return suite_run("vfio-user: memory", setup, teardown, tests);
}
