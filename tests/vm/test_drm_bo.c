// SPDX-License-Identifier: MIT
/*
 * Buffer objects through the kernel driver: what they are, what may be mapped, limits, and that
 * nobody reaches or reads what is another's. Runs in the virtual machine, as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define PAGE DRM_CLIENT_PAGE
#define HUGE (2u << 20)
#define DEPTH 64u
#define PATTERN 0x5a17c0de5a17c0deull

static const uint32_t kinds[] = {DRM_SL200_BO_HOST, DRM_SL200_BO_HOST_WC, DRM_SL200_BO_CARD};
#define NUM_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Two clients of the first card, each with a queue. */
static int fd_a = -1, fd_b = -1;
static struct drm_client_queue queue_a, queue_b;

static int set_up(void)
{
	fd_a = drm_client_open(0);
	fd_b = drm_client_open(0);
	if (fd_a < 0 || fd_b < 0)
		return -1;
	return drm_client_queue_create(fd_a, DEPTH, &queue_a) ||
	       drm_client_queue_create(fd_b, DEPTH, &queue_b);
}

static int tear_down(void)
{
	drm_client_queue_destroy(&queue_a);
	drm_client_queue_destroy(&queue_b);
	close(fd_a);
	close(fd_b);
	return 0;
}

/* After a fault a queue is good for nothing else. */
static void renew(int fd, struct drm_client_queue *queue)
{
	CU_ASSERT_EQUAL(drm_client_queue_destroy(queue), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, queue), 0);
}

static bool all_are(const void *memory, size_t size, uint64_t value)
{
	const uint64_t *words = memory;
	size_t i;

	for (i = 0; i < size / sizeof(*words); i++) {
		if (words[i] != value)
			return false;
	}
	return true;
}

/* A buffer that a test can go on with, mapped. */
static void *new_host(int fd, uint64_t size, struct drm_sl200_bo_create *bo)
{
	void *cpu;

	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd, size, DRM_SL200_BO_HOST, bo), 0);
	cpu = drm_client_bo_map(fd, bo);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cpu);
	return cpu;
}

static void test_create(void)
{
	static const uint64_t sizes[] = {1, PAGE, PAGE + 1, HUGE - 1, HUGE, 3 * HUGE + 5};
	struct drm_sl200_bo_create bo;
	struct drm_sl200_bo_info info;
	size_t kind, i;
	void *cpu;

	for (kind = 0; kind < NUM_KINDS; kind++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint64_t size = (sizes[i] + PAGE - 1) & ~(uint64_t)(PAGE - 1);

			CU_ASSERT_EQUAL_FATAL(
				drm_client_bo_create(fd_a, sizes[i], kinds[kind], &bo), 0);
			CU_ASSERT_EQUAL(bo.size, size);
			CU_ASSERT_NOT_EQUAL(bo.handle, 0);
			CU_ASSERT_NOT_EQUAL(bo.iova, 0);
			CU_ASSERT_EQUAL(bo.iova & (PAGE - 1), 0);
			CU_ASSERT_EQUAL(bo.mmap_offset == 0, kinds[kind] == DRM_SL200_BO_CARD);
			CU_ASSERT_EQUAL(drm_client_bo_info(fd_a, bo.handle, &info), 0);
			CU_ASSERT_EQUAL(info.flags, kinds[kind]);
			CU_ASSERT_EQUAL(info.size, size);
			CU_ASSERT_EQUAL(info.iova, bo.iova);
			CU_ASSERT_EQUAL(info.mmap_offset, bo.mmap_offset);
			if (kinds[kind] != DRM_SL200_BO_CARD) {
				cpu = drm_client_bo_map(fd_a, &bo);
				CU_ASSERT_PTR_NOT_NULL_FATAL(cpu);
				CU_ASSERT_TRUE(all_are(cpu, size, 0));
				munmap(cpu, size);
			}
			CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), 0);
			CU_ASSERT_EQUAL(drm_client_bo_info(fd_a, bo.handle, &info), -ENOENT);
			CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), -EINVAL);
		}
	}
}

static void test_create_refused(void)
{
	static const struct {
		uint64_t size;
		uint32_t flags;
		int ret;
	} cases[] = {
		{0, DRM_SL200_BO_HOST, -EINVAL},
		{0, DRM_SL200_BO_CARD, -EINVAL},
		{PAGE, 0, -EINVAL},
		{PAGE, DRM_SL200_BO_HOST | DRM_SL200_BO_HOST_WC, -EINVAL},
		{PAGE, DRM_SL200_BO_HOST | DRM_SL200_BO_CARD, -EINVAL},
		{PAGE, DRM_SL200_BO_IMPORTED, -EINVAL},
		{PAGE, DRM_SL200_BO_IMPORTED | DRM_SL200_BO_HOST, -EINVAL},
		{PAGE, 1u << 4, -EINVAL},
		{PAGE, DRM_SL200_BO_HOST | 1u << 31, -EINVAL},
		{PAGE, UINT32_MAX, -EINVAL},
		{UINT64_MAX, DRM_SL200_BO_HOST, -EINVAL},
		{UINT64_MAX - PAGE + 2, DRM_SL200_BO_HOST, -EINVAL},
		{UINT64_MAX, DRM_SL200_BO_CARD, -EINVAL},
		{1ull << 63, DRM_SL200_BO_HOST_WC, -EINVAL},
	};
	struct drm_sl200_query_device device;
	struct drm_sl200_query_memory before, after;
	struct drm_sl200_bo_create bo;
	struct drm_sl200_bo_info info;
	size_t i;

	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(fd_a, DRM_SL200_QUERY_DEVICE, &device, sizeof(device)), 0);
	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &before, sizeof(before)), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CU_ASSERT_EQUAL(drm_client_bo_create(fd_a, cases[i].size, cases[i].flags, &bo),
				cases[i].ret);
	for (i = 0; i < NUM_KINDS; i++)
		CU_ASSERT_EQUAL(drm_client_bo_create(fd_a, device.max_bo_size + 1, kinds[i], &bo),
				-EINVAL);
	/* Large enough for the interface, too large for this client. */
	if (before.host_limit < device.max_bo_size)
		CU_ASSERT_EQUAL(
			drm_client_bo_create(fd_a, device.max_bo_size, DRM_SL200_BO_HOST, &bo),
			-ENOSPC);
	if (before.card_total < device.max_bo_size)
		CU_ASSERT_EQUAL(
			drm_client_bo_create(fd_a, device.max_bo_size, DRM_SL200_BO_CARD, &bo),
			-ENOSPC);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd_a, 0, &info), -ENOENT);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd_a, UINT32_MAX, &info), -ENOENT);
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(memcmp(&before, &after, sizeof(before)), 0);
}

static bool map_fails(int fd, size_t size, int prot, int flags, uint64_t offset, int error)
{
	void *cpu = mmap(NULL, size, prot, flags, fd, (off_t)offset);

	if (cpu == MAP_FAILED)
		return errno == error;
	munmap(cpu, size);
	return false;
}

static void test_mmap(void)
{
	const int rw = PROT_READ | PROT_WRITE;
	struct drm_sl200_bo_create bo, card;
	uint64_t *cpu, *again;

	cpu = new_host(fd_a, 4 * PAGE, &bo);
	cpu[0] = PATTERN;
	/* A shorter piece from the start is the same memory. */
	again = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd_a, (off_t)bo.mmap_offset);
	CU_ASSERT_NOT_EQUAL_FATAL(again, MAP_FAILED);
	CU_ASSERT_EQUAL(again[0], PATTERN);
	munmap(again, PAGE);
	CU_ASSERT_TRUE(map_fails(fd_a, 5 * PAGE, rw, MAP_SHARED, bo.mmap_offset, EINVAL));
	CU_ASSERT_TRUE(map_fails(fd_a, PAGE, rw, MAP_SHARED, bo.mmap_offset + PAGE, EINVAL));
	CU_ASSERT_TRUE(map_fails(fd_a, PAGE, rw, MAP_SHARED, bo.mmap_offset - PAGE, EINVAL));
	CU_ASSERT_TRUE(map_fails(fd_a, PAGE, rw, MAP_PRIVATE, bo.mmap_offset, EINVAL));
	/* It is no growing memory: what lies behind is not this object's. */
	CU_ASSERT_EQUAL(mremap(cpu, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE), MAP_FAILED);
	/* Another client knows the offset, but has no handle. */
	CU_ASSERT_TRUE(map_fails(fd_b, 4 * PAGE, rw, MAP_SHARED, bo.mmap_offset, EACCES));
	/* Memory stays for as long as it is mapped. */
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), 0);
	CU_ASSERT_EQUAL(cpu[0], PATTERN);
	CU_ASSERT_TRUE(map_fails(fd_a, 4 * PAGE, rw, MAP_SHARED, bo.mmap_offset, EACCES));
	munmap(cpu, 4 * PAGE);
	CU_ASSERT_TRUE(map_fails(fd_a, 4 * PAGE, rw, MAP_SHARED, bo.mmap_offset, EINVAL));

	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, PAGE, DRM_SL200_BO_CARD, &card), 0);
	CU_ASSERT_TRUE(map_fails(fd_a, PAGE, rw, MAP_SHARED, card.mmap_offset, EINVAL));
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, card.handle), 0);
}

static void test_jobs(void)
{
	struct drm_sl200_bo_create host, wc, card;
	const uint32_t size = HUGE + 3 * PAGE;
	uint64_t *cpu, *cpu_wc;
	uint32_t i;

	cpu = new_host(fd_a, size, &host);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, size, DRM_SL200_BO_HOST_WC, &wc), 0);
	cpu_wc = drm_client_bo_map(fd_a, &wc);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cpu_wc);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, size, DRM_SL200_BO_CARD, &card), 0);
	for (i = 0; i < size / sizeof(*cpu); i++)
		cpu[i] = i * 0x9e3779b97f4a7c15ull;
	CU_ASSERT_EQUAL(drm_client_copy(&queue_a, card.iova, host.iova, size), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(drm_client_copy(&queue_a, wc.iova, card.iova, size), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(cpu, cpu_wc, size), 0);
	CU_ASSERT_EQUAL(drm_client_fill(&queue_a, host.iova, size, PATTERN), SL200_STATUS_OK);
	CU_ASSERT_TRUE(all_are(cpu, size, PATTERN));
	munmap(cpu, size);
	munmap(cpu_wc, size);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, host.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, wc.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, card.handle), 0);
}

/* What is beyond a buffer, and what was one, cannot be reached. */
static void test_bounds(void)
{
	struct drm_sl200_bo_create bo[8];
	unsigned int i;

	for (i = 0; i < 8; i++)
		CU_ASSERT_EQUAL_FATAL(
			drm_client_bo_create(fd_a, PAGE, kinds[i % NUM_KINDS], &bo[i]), 0);
	for (i = 0; i < 8; i++) {
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, bo[i].iova, PAGE, 1), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, bo[i].iova + PAGE - 8, 16, 1),
				SL200_STATUS_MMU_FAULT);
		renew(fd_a, &queue_a);
	}
	for (i = 0; i < 8; i++) {
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo[i].handle), 0);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, bo[i].iova, 8, 1),
				SL200_STATUS_MMU_FAULT);
		renew(fd_a, &queue_a);
	}
}

/* Another client's IOVAs mean nothing, and trying them stops only who tried. */
static void test_isolation(void)
{
	struct drm_sl200_bo_create host_a, card_a, mine;
	uint64_t *cpu_a, *cpu_b;
	unsigned int i;

	cpu_a = new_host(fd_a, HUGE, &host_a);
	cpu_b = new_host(fd_b, HUGE, &mine);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, HUGE, DRM_SL200_BO_CARD, &card_a), 0);
	for (i = 0; i < HUGE / sizeof(*cpu_a); i++)
		cpu_a[i] = PATTERN;
	CU_ASSERT_EQUAL(drm_client_copy(&queue_a, card_a.iova, host_a.iova, HUGE), SL200_STATUS_OK);

	for (i = 0; i < 2; i++) {
		uint64_t target = i ? card_a.iova : host_a.iova;

		CU_ASSERT_EQUAL(drm_client_copy(&queue_b, mine.iova, target, HUGE),
				SL200_STATUS_MMU_FAULT);
		CU_ASSERT_EQUAL(queue_a.status->state, DRM_SL200_QUEUE_RUNNING);
		renew(fd_b, &queue_b);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_b, target, HUGE, 0), SL200_STATUS_MMU_FAULT);
		CU_ASSERT_EQUAL(queue_a.status->state, DRM_SL200_QUEUE_RUNNING);
		renew(fd_b, &queue_b);
	}
	CU_ASSERT_TRUE(all_are(cpu_b, HUGE, 0));
	CU_ASSERT_TRUE(all_are(cpu_a, HUGE, PATTERN));
	memset(cpu_a, 0, HUGE);
	CU_ASSERT_EQUAL(drm_client_copy(&queue_a, host_a.iova, card_a.iova, HUGE), SL200_STATUS_OK);
	CU_ASSERT_TRUE(all_are(cpu_a, HUGE, PATTERN));
	munmap(cpu_a, HUGE);
	munmap(cpu_b, HUGE);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, host_a.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, card_a.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, mine.handle), 0);
}

/*
 * A buffer is closed under jobs that write it: they fault or have ended, and the memory, which its
 * next owner has at once, is never written any more.
 */
static void test_close_under_jobs(void)
{
	const uint32_t size = 2 * HUGE;
	struct drm_sl200_bo_create bo, next[4];
	unsigned int round, i, jobs = 16;
	struct sl200_cqe cqe;
	uint64_t *cpu[4];
	int ret;

	for (round = 0; round < 6; round++) {
		uint32_t kind = kinds[round % NUM_KINDS];
		struct sl200_sqe sqe = {
			.opcode = SL200_OP_FILL,
			.flags = SL200_SQE_F_IRQ,
			.value = PATTERN,
			.width = size,
			.height = 1,
		};

		CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, size, kind, &bo), 0);
		sqe.dst = bo.iova;
		for (i = 0; i < jobs; i++)
			drm_client_submit(&queue_a, &sqe);
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), 0);
		for (i = 0; i < 4; i++) {
			cpu[i] = new_host(fd_b, size / 2, &next[i]);
			CU_ASSERT_TRUE(all_are(cpu[i], size / 2, 0));
		}
		for (i = 0; i < jobs; i++) {
			ret = drm_client_collect(&queue_a, &cqe, 10000);
			if (ret)
				break;
			CU_ASSERT_TRUE(cqe.status == SL200_STATUS_OK ||
				       cqe.status == SL200_STATUS_MMU_FAULT);
		}
		CU_ASSERT_TRUE(i == jobs || ret == -EPIPE);
		for (i = 0; i < 4; i++) {
			CU_ASSERT_TRUE(all_are(cpu[i], size / 2, 0));
			munmap(cpu[i], size / 2);
			CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, next[i].handle), 0);
		}
		renew(fd_a, &queue_a);
	}
}

/* Nearly all card memory is written by one client, and read as zero by the next. */
static void test_card_memory_is_cleared(void)
{
	const uint32_t piece = 8u << 20;
	struct drm_sl200_query_memory memory;
	struct drm_sl200_bo_create host, *bo;
	unsigned int i, count, again;
	uint64_t *cpu;

	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory)), 0);
	count = (unsigned int)((memory.card_total - memory.card_allocated) / piece);
	if (count > 64)
		count = 64;
	CU_ASSERT_TRUE_FATAL(count > 0);
	bo = calloc(count, sizeof(*bo));
	CU_ASSERT_PTR_NOT_NULL_FATAL(bo);
	for (i = 0; i < count; i++) {
		CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, piece, DRM_SL200_BO_CARD, &bo[i]),
				      0);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, bo[i].iova, piece, PATTERN),
				SL200_STATUS_OK);
	}
	for (i = 0; i < count; i++)
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo[i].handle), 0);

	cpu = new_host(fd_b, piece, &host);
	for (again = 0; again < 2; again++) {
		for (i = 0; i < count; i++) {
			CU_ASSERT_EQUAL_FATAL(
				drm_client_bo_create(fd_b, piece, DRM_SL200_BO_CARD, &bo[i]), 0);
			memset(cpu, 0xff, piece);
			CU_ASSERT_EQUAL(drm_client_copy(&queue_b, host.iova, bo[i].iova, piece),
					SL200_STATUS_OK);
			CU_ASSERT_TRUE(all_are(cpu, piece, 0));
		}
		for (i = 0; i < count; i++)
			CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, bo[i].handle), 0);
	}
	munmap(cpu, piece);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, host.handle), 0);
	free(bo);
}

/* How many buffers of this kind and size there can be, with the limit as told. */
static void fill_up(uint32_t kind, uint64_t size)
{
	struct drm_sl200_query_memory before, full, after;
	struct drm_sl200_bo_create bo[64];
	unsigned int i, count;
	uint64_t used, limit;
	int ret = 0;

	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &before, sizeof(before)), 0);
	for (count = 0; count < 64; count++) {
		ret = drm_client_bo_create(fd_a, size, kind, &bo[count]);
		if (ret)
			break;
	}
	CU_ASSERT_EQUAL(ret, -ENOSPC);
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &full, sizeof(full)), 0);
	used = kind == DRM_SL200_BO_CARD ? full.card_used : full.host_used;
	limit = kind == DRM_SL200_BO_CARD ? full.card_limit : full.host_limit;
	CU_ASSERT_TRUE(used <= limit);
	CU_ASSERT_TRUE(used + size > limit);
	for (i = 0; i < count; i++)
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo[i].handle), 0);
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.host_used, before.host_used);
	CU_ASSERT_EQUAL(after.card_used, before.card_used);
	CU_ASSERT_EQUAL(after.card_allocated, before.card_allocated);
}

static void test_limits(void)
{
	struct drm_sl200_query_memory memory;
	struct drm_sl200_bo_create bo[32];
	unsigned int old, count, i;
	int ret = 0;

	CU_ASSERT_EQUAL_FATAL(drm_client_parameter("max_host_mb", 40, &old), 0);
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory)), 0);
	CU_ASSERT_EQUAL(memory.host_limit, 40u << 20);
	fill_up(DRM_SL200_BO_HOST, 7u << 20);
	fill_up(DRM_SL200_BO_HOST_WC, 1u << 20);
	CU_ASSERT_EQUAL(drm_client_parameter("max_host_mb", old, NULL), 0);

	CU_ASSERT_EQUAL_FATAL(drm_client_parameter("max_card_mb", 30, &old), 0);
	fill_up(DRM_SL200_BO_CARD, 4u << 20);
	CU_ASSERT_EQUAL(drm_client_parameter("max_card_mb", old, NULL), 0);

	CU_ASSERT_EQUAL_FATAL(drm_client_parameter("max_bos", 20, &old), 0);
	for (count = 0; count < 32; count++) {
		ret = drm_client_bo_create(fd_a, PAGE, kinds[count % NUM_KINDS], &bo[count]);
		if (ret)
			break;
	}
	CU_ASSERT_EQUAL(ret, -ENOSPC);
	CU_ASSERT_EQUAL(count, 20);
	for (i = 0; i < count; i++)
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo[i].handle), 0);
	CU_ASSERT_EQUAL(drm_client_parameter("max_bos", old, NULL), 0);
	/* Limits are each client's own. */
	CU_ASSERT_EQUAL(drm_client_bo_create(fd_b, PAGE, DRM_SL200_BO_HOST, &bo[0]), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, bo[0].handle), 0);
}

/* What a client leaves behind is given back: accounts are as before. */
static void test_client_ends(void)
{
	struct drm_sl200_query_memory before, after;
	struct drm_client_queue queue;
	struct drm_sl200_bo_create bo;
	unsigned int round, i;
	int fd;

	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &before, sizeof(before)), 0);
	for (round = 0; round < 20; round++) {
		fd = drm_client_open(0);
		CU_ASSERT_TRUE_FATAL(fd >= 0);
		CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
		for (i = 0; i < 6; i++) {
			struct sl200_sqe sqe = {
				.opcode = SL200_OP_FILL,
				.width = HUGE,
				.height = 1,
			};

			CU_ASSERT_EQUAL(drm_client_bo_create(fd, HUGE, kinds[i % NUM_KINDS], &bo),
					0);
			sqe.dst = bo.iova;
			drm_client_submit(&queue, &sqe);
		}
		drm_client_queue_unmap(&queue);
		close(fd);
	}
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.card_allocated, before.card_allocated);
	CU_ASSERT_EQUAL(queue_a.status->state, DRM_SL200_QUEUE_RUNNING);
}

/* Have the driver reset the first card: "mcu", "chip" or "flr". Returns when it works again. */
static bool reset_card(const char *how)
{
	char path[64];
	struct stat st;
	bool done;
	int fd;

	if (fstat(fd_a, &st))
		return false;
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%u/reset", minor(st.st_rdev));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, how, strlen(how)) == (ssize_t)strlen(how);
	close(fd);
	return done;
}

/* Host memory outlives each kind of reset where it was, and new card memory reads as zero. */
static void test_resets(void)
{
	static const char *const resets[] = {"mcu", "chip", "flr"};
	struct drm_sl200_bo_create host, kept, card;
	uint64_t *cpu;
	size_t i;

	cpu = new_host(fd_a, HUGE, &host);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, HUGE, DRM_SL200_BO_CARD, &kept), 0);
	for (i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, HUGE, DRM_SL200_BO_CARD, &card),
				      0);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, card.iova, HUGE, PATTERN),
				SL200_STATUS_OK);
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, card.handle), 0);
		CU_ASSERT_TRUE_FATAL(reset_card(resets[i]));
		CU_ASSERT_EQUAL(queue_a.status->state, DRM_SL200_QUEUE_LOST);
		renew(fd_a, &queue_a);
		CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, HUGE, DRM_SL200_BO_CARD, &card),
				      0);
		memset(cpu, 0xff, HUGE);
		CU_ASSERT_EQUAL(drm_client_copy(&queue_a, host.iova, card.iova, HUGE),
				SL200_STATUS_OK);
		CU_ASSERT_TRUE(all_are(cpu, HUGE, 0));
		/* An object that was there before can be used as before. */
		CU_ASSERT_EQUAL(drm_client_fill(&queue_a, kept.iova, HUGE, i), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(drm_client_copy(&queue_a, host.iova, kept.iova, HUGE),
				SL200_STATUS_OK);
		CU_ASSERT_TRUE(all_are(cpu, HUGE, i));
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, card.handle), 0);
	}
	renew(fd_b, &queue_b);
	munmap(cpu, HUGE);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, host.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, kept.handle), 0);
}

static atomic_bool churn_stop;
static atomic_int churn_error; /* the first that a reset does not explain */

/* Objects of a client of its own come and go; card memory is cleared by jobs that resets end. */
static void *churn(void *arg)
{
	int fd = drm_client_open(0), ret, none = 0;
	struct drm_sl200_bo_create bo;
	unsigned int i;

	(void)arg;
	for (i = 0; !churn_stop; i++) {
		ret = drm_client_bo_create(fd, 8 * HUGE, kinds[i % NUM_KINDS], &bo);
		if (!ret)
			ret = drm_client_bo_close(fd, bo.handle);
		if (ret && ret != -EAGAIN)
			atomic_compare_exchange_strong(&churn_error, &none, ret);
	}
	close(fd);
	return NULL;
}

static void test_resets_under_load(void)
{
	static const char *const resets[] = {"mcu", "chip", "flr"};
	pthread_t thread;
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, churn, NULL), 0);
	for (i = 0; i < 9; i++) {
		usleep(50000 + 7000 * i);
		CU_ASSERT_TRUE(reset_card(resets[i % 3]));
	}
	churn_stop = true;
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(churn_error, 0);
	renew(fd_a, &queue_a);
	renew(fd_b, &queue_b);
	test_jobs();
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"create", test_create},
		{"create refused", test_create_refused},
		{"mmap", test_mmap},
		{"jobs", test_jobs},
		{"bounds", test_bounds},
		{"isolation", test_isolation},
		{"close under jobs", test_close_under_jobs},
		{"card memory is cleared", test_card_memory_is_cleared},
		{"limits", test_limits},
		{"client ends", test_client_ends},
		{"resets", test_resets},
		{"resets under load", test_resets_under_load},
		CU_TEST_INFO_NULL,
	};

	return suite_run("drm_bo", set_up, tear_down, tests);
}
