// SPDX-License-Identifier: MIT
/*
 * Mappings of queues: the one way in which each is given out, and that nothing makes another of
 * it. Runs in the virtual machine, as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/core/ring.h"
#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define PAGE DRM_CLIENT_PAGE
#define DEPTH 256u /* rings of several pages */
#define RW (PROT_READ | PROT_WRITE)
#define PARTS 4u
#define QUEUE_SPACE (256ull << 20) /* of the file, in which queues' offsets are */
#define NEAR_SPACE (2u << 20)
#define FAR_STEP (64u << 10)

static int fd = -1, fd_other = -1;
static struct drm_client_queue queue;

static struct part {
	const char *name;
	uint64_t offset;
	size_t size;
	int prot;
	void *mapped; /* the one that queue has */
} parts[PARTS];

static int set_up(void)
{
	fd = drm_client_open(0);
	fd_other = drm_client_open(0);
	if (fd < 0 || fd_other < 0 || drm_client_queue_create(fd, DEPTH, &queue))
		return 1;
	parts[0] = (struct part){"sq", queue.info.sq_offset,
				 core_ring_bytes(DEPTH, sizeof(struct sl200_sqe)), RW, queue.sq};
	parts[1] = (struct part){"cq", queue.info.cq_offset,
				 core_ring_bytes(DEPTH, sizeof(struct sl200_cqe)), RW, queue.cq};
	parts[2] = (struct part){"doorbell", queue.info.doorbell_offset, PAGE, RW,
				 (void *)queue.doorbell};
	parts[3] = (struct part){"status", queue.info.status_offset, PAGE, PROT_READ,
				 (void *)queue.status};
	return 0;
}

static int tear_down(void)
{
	drm_client_queue_destroy(&queue);
	close(fd_other);
	return close(fd);
}

/* One mmap(), undone: 0 or a negative errno value. */
static int try_map(int file, size_t size, int prot, int flags, uint64_t offset)
{
	void *cpu = mmap(NULL, size, prot, flags, file, (off_t)offset);

	if (cpu == MAP_FAILED)
		return -errno;
	munmap(cpu, size);
	return 0;
}

static void test_right(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		CU_ASSERT_EQUAL(try_map(fd, part->size, part->prot, MAP_SHARED, part->offset), 0);
		CU_ASSERT_EQUAL(try_map(fd, part->size, PROT_READ, MAP_SHARED, part->offset), 0);
		CU_ASSERT_EQUAL(try_map(fd, part->size, PROT_NONE, MAP_SHARED, part->offset), 0);
		CU_ASSERT_EQUAL(try_map(fd, part->size, part->prot, MAP_SHARED | MAP_POPULATE,
					part->offset),
				0);
	}
}

static void test_wrong_size(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];
		size_t size;

		for (size = PAGE; size < 4 * part->size; size += PAGE) {
			if (size != part->size)
				CU_ASSERT_EQUAL(
					try_map(fd, size, part->prot, MAP_SHARED, part->offset),
					-EINVAL);
		}
	}
}

static void test_wrong_flags(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		CU_ASSERT_EQUAL(try_map(fd, part->size, part->prot, MAP_PRIVATE, part->offset),
				-EINVAL);
		CU_ASSERT_EQUAL(
			try_map(fd, part->size, PROT_READ | PROT_EXEC, MAP_SHARED, part->offset),
			-EACCES);
		CU_ASSERT_EQUAL(try_map(fd, part->size, RW | PROT_EXEC, MAP_SHARED, part->offset),
				-EACCES);
	}
	CU_ASSERT_EQUAL(try_map(fd, PAGE, RW, MAP_SHARED, queue.info.status_offset), -EACCES);
	CU_ASSERT_EQUAL(try_map(fd, PAGE, PROT_WRITE, MAP_SHARED, queue.info.status_offset),
			-EACCES);
}

/* Whether an offset is of a part of the queue. */
static bool is_given(uint64_t offset)
{
	unsigned int i;

	for (i = 0; i < PARTS && offset != parts[i].offset; i++)
		;
	return i < PARTS;
}

/* Every page near the queue's parts, and all over the space that queues have. */
static void test_wrong_offset(void)
{
	const uint64_t near = queue.info.sq_offset & ~(uint64_t)(NEAR_SPACE - 1);
	uint64_t offset, step;
	unsigned int given = 0;

	for (offset = 0; offset < QUEUE_SPACE; offset += step) {
		step = offset >= near && offset < near + NEAR_SPACE ? PAGE : FAR_STEP;
		if (is_given(offset)) {
			given++;
			continue;
		}
		if (try_map(fd, PAGE, PROT_READ, MAP_SHARED, offset) != -EINVAL ||
		    try_map(fd, parts[0].size, PROT_READ, MAP_SHARED, offset) != -EINVAL) {
			fprintf(stderr, "offset %#" PRIx64 " can be mapped\n", offset);
			CU_FAIL("an offset of nobody's");
		}
	}
	CU_ASSERT_EQUAL(given, PARTS);
	for (offset = QUEUE_SPACE; offset; offset <<= 1)
		CU_ASSERT_NOT_EQUAL(try_map(fd, PAGE, PROT_READ, MAP_SHARED, offset), 0);
}

static void test_other_client(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++)
		CU_ASSERT_EQUAL(try_map(fd_other, parts[i].size, parts[i].prot, MAP_SHARED,
					parts[i].offset),
				-EINVAL);
}

/* A file opened for reading gives no mapping that could be written. */
static void test_read_only_file(void)
{
	char path[64];
	int file;
	unsigned int i;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_TRUE_FATAL(file >= 0);
	for (i = 0; i < PARTS; i++)
		CU_ASSERT_TRUE(try_map(file, parts[i].size, RW, MAP_SHARED, parts[i].offset) < 0);
	close(file);
}

static void test_protection_stays(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		CU_ASSERT_EQUAL(mprotect(part->mapped, part->size, PROT_READ | PROT_EXEC), -1);
		CU_ASSERT_EQUAL(errno, EACCES);
		CU_ASSERT_EQUAL(mprotect(part->mapped, part->size, PROT_READ), 0);
		CU_ASSERT_EQUAL(mprotect(part->mapped, part->size, part->prot), 0);
	}
	CU_ASSERT_EQUAL(mprotect((void *)queue.status, PAGE, RW), -1);
	CU_ASSERT_EQUAL(errno, EACCES);
}

/* A mapping is whole, does not grow, and has no twin. */
static void test_shape_stays(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		CU_ASSERT_EQUAL(mremap(part->mapped, part->size, part->size + PAGE, MREMAP_MAYMOVE),
				MAP_FAILED);
		CU_ASSERT_EQUAL(mremap(part->mapped, 0, part->size, MREMAP_MAYMOVE), MAP_FAILED);
		if (part->size == PAGE)
			continue;
		CU_ASSERT_EQUAL(munmap(part->mapped, PAGE), -1);
		CU_ASSERT_EQUAL(munmap((char *)part->mapped + PAGE, part->size - PAGE), -1);
		CU_ASSERT_EQUAL(mprotect(part->mapped, PAGE, PROT_READ), -1);
		CU_ASSERT_EQUAL(mremap(part->mapped, part->size, PAGE, 0), MAP_FAILED);
	}
}

/* It may move as a whole, and works there. */
static void test_move(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct drm_client_queue own;
	void *place;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &own), 0);
	place = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_NOT_EQUAL_FATAL(place, MAP_FAILED);
	CU_ASSERT_EQUAL(drm_client_run(&own, &sqe), SL200_STATUS_OK);
	CU_ASSERT_EQUAL_FATAL(
		mremap((void *)own.doorbell, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place),
		place);
	own.doorbell = place;
	CU_ASSERT_EQUAL(drm_client_run(&own, &sqe), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&own), 0);
}

static void test_advice(void)
{
	static const int advices[] = {MADV_DOFORK, MADV_DODUMP, MADV_DONTNEED, MADV_REMOVE};
	unsigned int i, j;

	for (i = 0; i < PARTS; i++) {
		for (j = 0; j < sizeof(advices) / sizeof(advices[0]); j++)
			CU_ASSERT_EQUAL(madvise(parts[i].mapped, parts[i].size, advices[j]), -1);
	}
}

/* The flags of the mapping at an address, as smaps has them: "rd wr sh ...". */
static bool smaps_flags(const void *address, char *flags, size_t size)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512];
	bool inside = false, found = false;
	uintptr_t start, end;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			inside = start <= (uintptr_t)address && (uintptr_t)address < end;
		else if (inside && !strncmp(line, "VmFlags:", 8)) {
			snprintf(flags, size, "%s", line + 8);
			found = true;
		}
	}
	fclose(file);
	return found;
}

static void test_flags(void)
{
	static const char *const wanted[] = {" io ", " pf ", " dc ", " de ", " dd ", " sh "};
	char flags[512];
	unsigned int i, j;

	for (i = 0; i < PARTS; i++) {
		CU_ASSERT_TRUE_FATAL(smaps_flags(parts[i].mapped, flags, sizeof(flags)));
		for (j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
			CU_ASSERT_PTR_NOT_NULL(strstr(flags, wanted[j]));
		CU_ASSERT_PTR_NULL(strstr(flags, " me "));
	}
	CU_ASSERT_TRUE_FATAL(smaps_flags((void *)queue.status, flags, sizeof(flags)));
	CU_ASSERT_PTR_NULL(strstr(flags, " mw "));
}

/* A child of fork() that touches a mapping of its parent's dies of it. */
static void test_fork(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	for (i = 0; i < PARTS; i++) {
		pid = fork();
		if (!pid) {
			/* Sanitizers would report it. */
			signal(SIGSEGV, SIG_DFL);
			_exit(*(volatile char *)parts[i].mapped & 0);
		}
		CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
		CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	}
}

/* Writing to the status page is a fault. */
static void test_status_is_read_only(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		void *cpu = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd,
				 (off_t)queue.info.status_offset);

		if (cpu == MAP_FAILED)
			_exit(1);
		signal(SIGSEGV, SIG_DFL);
		*(volatile uint32_t *)cpu = 1;
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	CU_ASSERT_EQUAL(queue.status->state, DRM_SL200_QUEUE_RUNNING);
}

/* Mappings keep what they show after the queue and even the file are gone. */
static void test_outlives(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP, .tag = 5};
	struct drm_sl200_queue_destroy destroy = {0};
	struct drm_client_queue own;
	int file = drm_client_open(0);

	CU_ASSERT_TRUE_FATAL(file >= 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(file, DEPTH, &own), 0);
	CU_ASSERT_EQUAL(drm_client_run(&own, &sqe), SL200_STATUS_OK);
	destroy.queue = own.info.queue;
	CU_ASSERT_EQUAL(drm_client_call(file, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy), 0);
	close(file);
	CU_ASSERT_EQUAL(own.status->state, DRM_SL200_QUEUE_LOST);
	CU_ASSERT_EQUAL(own.cq[0].tag, 5);
	own.sq[DEPTH - 1].tag = 1;
	CU_ASSERT_EQUAL(own.sq[DEPTH - 1].tag, 1);
	own.doorbell[0] = 1;
	drm_client_queue_unmap(&own);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"right", test_right},
		{"wrong size", test_wrong_size},
		{"wrong flags", test_wrong_flags},
		{"wrong offset", test_wrong_offset},
		{"other client", test_other_client},
		{"read-only file", test_read_only_file},
		{"protection stays", test_protection_stays},
		{"shape stays", test_shape_stays},
		{"move", test_move},
		{"advice", test_advice},
		{"flags", test_flags},
		{"fork", test_fork},
		{"status is read-only", test_status_is_read_only},
		{"outlives", test_outlives},
		CU_TEST_INFO_NULL,
	};

	return suite_run("drm_mmap", set_up, tear_down, tests);
}
