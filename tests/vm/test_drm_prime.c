// SPDX-License-Identifier: MIT
/*
 * Sharing memory through dma-bufs: between clients of one card, between two cards, and with other
 * exporters; and what becomes of it when a card goes. Runs in the virtual machine, as root. Tests
 * for which the machine lacks something (a second card, /dev/udmabuf, vgem) say that they skip.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define PAGE DRM_CLIENT_PAGE
#define SIZE (64u << 10)
#define DEPTH 16u
#define PATTERN 0x0ddba11c0ffee5edull
#define THREADS 4
#define ROUNDS 60

/* Two clients of the first card; the second has a queue, and a buffer to look into. */
static int fd_a = -1, fd_b = -1;
static struct drm_client_queue queue_b;
static struct drm_sl200_bo_create look;
static uint64_t *look_cpu;

static int set_up(void)
{
	fd_a = drm_client_open(0);
	fd_b = drm_client_open(0);
	if (fd_a < 0 || fd_b < 0 || drm_client_queue_create(fd_b, DEPTH, &queue_b) ||
	    drm_client_bo_create(fd_b, SIZE, DRM_SL200_BO_HOST, &look))
		return -1;
	look_cpu = drm_client_bo_map(fd_b, &look);
	return look_cpu ? 0 : -1;
}

static int tear_down(void)
{
	munmap(look_cpu, SIZE);
	drm_client_queue_destroy(&queue_b);
	close(fd_a);
	close(fd_b);
	return 0;
}

static void skip(const char *why)
{
	printf("skip - %s\n", why);
}

/* Whether [iova, iova + SIZE) of a client is value throughout, as the card sees it. */
static bool card_sees(uint64_t iova, uint64_t value)
{
	size_t i;

	memset(look_cpu, 0xa5, SIZE);
	if (drm_client_copy(&queue_b, look.iova, iova, SIZE) != SL200_STATUS_OK)
		return false;
	for (i = 0; i < SIZE / sizeof(*look_cpu); i++) {
		if (look_cpu[i] != value)
			return false;
	}
	return true;
}

static void fill_words(uint64_t *cpu, uint64_t value)
{
	size_t i;

	for (i = 0; i < SIZE / sizeof(*cpu); i++)
		cpu[i] = value;
}

/* One object, two clients: each has a handle and an IOVA of its own. */
static void test_between_clients(void)
{
	static const uint32_t kinds[] = {DRM_SL200_BO_HOST, DRM_SL200_BO_HOST_WC,
					 DRM_SL200_BO_CARD};
	struct drm_sl200_bo_create bo;
	struct drm_sl200_bo_info info;
	uint32_t handle, again;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, SIZE, kinds[i], &bo), 0);
		CU_ASSERT_EQUAL_FATAL(drm_client_export(fd_a, bo.handle, &fd), 0);
		CU_ASSERT_EQUAL_FATAL(drm_client_import(fd_b, fd, &handle), 0);
		CU_ASSERT_EQUAL(drm_client_import(fd_b, fd, &again), 0);
		CU_ASSERT_EQUAL(again, handle);
		CU_ASSERT_EQUAL(drm_client_import(fd_a, fd, &again), 0);
		CU_ASSERT_EQUAL(again, bo.handle);
		CU_ASSERT_EQUAL(drm_client_bo_info(fd_b, handle, &info), 0);
		CU_ASSERT_EQUAL(info.flags, kinds[i]);
		CU_ASSERT_EQUAL(info.size, SIZE);
		CU_ASSERT_NOT_EQUAL(info.iova, bo.iova);
		CU_ASSERT_EQUAL(info.mmap_offset, bo.mmap_offset);
		CU_ASSERT_TRUE(card_sees(info.iova, 0));
		/* The exporter goes; the memory stays with who has it. */
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), 0);
		CU_ASSERT_EQUAL(drm_client_fill(&queue_b, info.iova, SIZE, PATTERN),
				SL200_STATUS_OK);
		CU_ASSERT_TRUE(card_sees(info.iova, PATTERN));
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, handle), 0);
		/* Only the file is left of it, and is enough. */
		CU_ASSERT_EQUAL(drm_client_import(fd_b, fd, &handle), 0);
		CU_ASSERT_EQUAL(drm_client_bo_info(fd_b, handle, &info), 0);
		CU_ASSERT_TRUE(card_sees(info.iova, PATTERN));
		CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, handle), 0);
		close(fd);
	}
}

/* A dma-buf of host memory can be mapped by the CPU, one of card memory cannot. */
static void test_mmap_of_dmabuf(void)
{
	struct drm_sl200_bo_create host, card;
	uint64_t *cpu;
	void *mapped;
	int fd;

	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_b, SIZE, DRM_SL200_BO_HOST, &host), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(fd_b, host.handle, &fd), 0);
	cpu = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CU_ASSERT_NOT_EQUAL_FATAL(cpu, MAP_FAILED);
	close(fd);
	fill_words(cpu, PATTERN);
	CU_ASSERT_TRUE(card_sees(host.iova, PATTERN));
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, host.handle), 0);
	CU_ASSERT_EQUAL(cpu[1], PATTERN);
	munmap(cpu, SIZE);

	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_b, SIZE, DRM_SL200_BO_CARD, &card), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(fd_b, card.handle, &fd), 0);
	mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CU_ASSERT_EQUAL(mapped, MAP_FAILED);
	close(fd);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, card.handle), 0);
}

static void test_refused(void)
{
	struct drm_prime_handle args;
	struct drm_sl200_bo_create bo;
	uint32_t handle;
	int fd;

	CU_ASSERT_EQUAL(drm_client_export(fd_a, UINT32_MAX, &fd), -ENOENT);
	CU_ASSERT_EQUAL(drm_client_import(fd_a, -1, &handle), -EBADF);
	CU_ASSERT_EQUAL(drm_client_import(fd_a, fd_b, &handle), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_a, SIZE, DRM_SL200_BO_HOST, &bo), 0);
	args = (struct drm_prime_handle){.handle = bo.handle, .flags = 1u << 31};
	CU_ASSERT_EQUAL(drm_client_call(fd_a, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args), -EINVAL);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_a, bo.handle), 0);
}

/* An imported buffer of another exporter, whose CPU mapping is given: both ways through the card.
 */
static void check_import(int fd, uint64_t *cpu)
{
	struct drm_sl200_query_memory before, during, after;
	struct drm_sl200_bo_info info;
	uint32_t handle;
	void *mapped;

	CU_ASSERT_EQUAL(drm_client_query(fd_b, DRM_SL200_QUERY_MEMORY, &before, sizeof(before)), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_import(fd_b, fd, &handle), 0);
	CU_ASSERT_EQUAL(drm_client_query(fd_b, DRM_SL200_QUERY_MEMORY, &during, sizeof(during)), 0);
	CU_ASSERT_EQUAL(during.host_used - before.host_used, SIZE);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd_b, handle, &info), 0);
	CU_ASSERT_EQUAL(info.flags, DRM_SL200_BO_IMPORTED);
	CU_ASSERT_EQUAL(info.size, SIZE);
	CU_ASSERT_EQUAL(info.mmap_offset, 0);
	fill_words(cpu, PATTERN);
	CU_ASSERT_TRUE(card_sees(info.iova, PATTERN));
	CU_ASSERT_EQUAL(drm_client_fill(&queue_b, info.iova, SIZE, ~PATTERN), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cpu[0], ~PATTERN);
	CU_ASSERT_EQUAL(cpu[SIZE / sizeof(*cpu) - 1], ~PATTERN);
	/* Offset 0 is no object's. */
	mapped = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd_b, 0);
	CU_ASSERT_EQUAL(mapped, MAP_FAILED);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, handle), 0);
	CU_ASSERT_EQUAL(drm_client_query(fd_b, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.host_used, before.host_used);
}

static void test_udmabuf(void)
{
	struct udmabuf_create args = {.size = SIZE};
	uint64_t *cpu;
	int device, fd;

	device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (device < 0) {
		skip("udmabuf: no /dev/udmabuf");
		return;
	}
	args.memfd = (uint32_t)memfd_create("sl200", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(ftruncate((int)args.memfd, SIZE), 0);
	CU_ASSERT_EQUAL_FATAL(fcntl((int)args.memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	cpu = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)args.memfd, 0);
	CU_ASSERT_NOT_EQUAL_FATAL(cpu, MAP_FAILED);
	fd = ioctl(device, UDMABUF_CREATE, &args);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	check_import(fd, cpu);
	munmap(cpu, SIZE);
	close(fd);
	close((int)args.memfd);
	close(device);
}

/* The primary node of the virtual GEM driver, or -1. */
static int open_vgem(void)
{
	char path[32], name[8];
	unsigned int i;
	int fd;

	for (i = 0; i < 64; i++) {
		struct drm_version version = {.name = name, .name_len = sizeof(name) - 1};

		snprintf(path, sizeof(path), "/dev/dri/card%u", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		memset(name, 0, sizeof(name));
		if (!drm_client_call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "vgem"))
			return fd;
		close(fd);
	}
	return -1;
}

static void test_vgem(void)
{
	struct drm_mode_create_dumb dumb = {.width = SIZE / 4, .height = 1, .bpp = 32};
	int vgem = open_vgem(), fd;
	uint64_t *cpu;

	if (vgem < 0) {
		skip("vgem: its module is not loaded");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(drm_client_call(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb), 0);
	CU_ASSERT_EQUAL(dumb.size, SIZE);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(vgem, dumb.handle, &fd), 0);
	cpu = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CU_ASSERT_NOT_EQUAL_FATAL(cpu, MAP_FAILED);
	check_import(fd, cpu);
	munmap(cpu, SIZE);
	close(fd);
	close(vgem);
}

static void test_between_cards(void)
{
	int other = drm_client_open(1), fd;
	struct drm_sl200_bo_create bo;
	uint32_t handle;
	uint64_t *cpu;

	if (other < 0) {
		skip("between cards: there is one card");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(other, SIZE, DRM_SL200_BO_HOST, &bo), 0);
	cpu = drm_client_bo_map(other, &bo);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cpu);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(other, bo.handle, &fd), 0);
	check_import(fd, cpu);
	munmap(cpu, SIZE);
	close(fd);
	/* No card reaches another's memory. */
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(other, SIZE, DRM_SL200_BO_CARD, &bo), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(other, bo.handle, &fd), 0);
	CU_ASSERT_EQUAL(drm_client_import(fd_b, fd, &handle), -EOPNOTSUPP);
	close(fd);
	close(other);
}

/* Write the PCI address of the card behind fd to a file of its driver. */
static bool driver_write(const char *address, const char *what)
{
	char path[64];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/sl200/%s", what);
	file = fopen(path, "w");
	if (!file)
		return false;
	done = fputs(address, file) >= 0;
	return !fclose(file) && done;
}

#define ADDRESS_SIZE 256

/* The PCI address of the card behind fd. */
static bool card_address(int fd, char address[ADDRESS_SIZE])
{
	char path[64], target[ADDRESS_SIZE];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device", major(st.st_rdev),
		 minor(st.st_rdev));
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	strcpy(address, strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
	return true;
}

/*
 * A card is unbound from its driver under a client: what it shared stays with who has it, its own
 * client keeps its CPU mappings and is told -ENODEV.
 */
static void test_unbind(void)
{
	struct drm_sl200_bo_create given, taken, card, unused;
	int other = drm_client_open(1), given_fd, taken_fd;
	struct drm_client_queue queue;
	struct drm_sl200_bo_info info;
	uint32_t handle, foreign;
	char address[ADDRESS_SIZE];
	uint64_t *cpu;

	if (other < 0) {
		skip("unbind: there is one card");
		return;
	}
	CU_ASSERT_TRUE_FATAL(card_address(other, address));
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(other, DEPTH, &queue), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(other, SIZE, DRM_SL200_BO_CARD, &card), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(other, SIZE, DRM_SL200_BO_HOST, &given), 0);
	cpu = drm_client_bo_map(other, &given);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cpu);
	fill_words(cpu, PATTERN);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(other, given.handle, &given_fd), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_import(fd_b, given_fd, &handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd_b, handle, &info), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd_b, SIZE, DRM_SL200_BO_HOST, &taken), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_export(fd_b, taken.handle, &taken_fd), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_import(other, taken_fd, &foreign), 0);

	CU_ASSERT_TRUE_FATAL(driver_write(address, "unbind"));
	CU_ASSERT_EQUAL(cpu[7], PATTERN);
	CU_ASSERT_TRUE(card_sees(info.iova, PATTERN));
	CU_ASSERT_EQUAL(drm_client_bo_create(other, PAGE, DRM_SL200_BO_HOST, &unused), -ENODEV);
	CU_ASSERT_EQUAL(drm_client_bo_create(other, PAGE, DRM_SL200_BO_CARD, &unused), -ENODEV);
	CU_ASSERT_EQUAL(drm_client_import(other, given_fd, &foreign), -ENODEV);
	drm_client_queue_unmap(&queue);
	close(other);
	/* The card is bound again while memory of its former life is in use. */
	CU_ASSERT_TRUE(driver_write(address, "bind"));
	CU_ASSERT_TRUE(card_sees(info.iova, PATTERN));
	CU_ASSERT_EQUAL(cpu[7], PATTERN);
	munmap(cpu, SIZE);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd_b, taken.handle), 0);
	close(given_fd);
	close(taken_fd);
	other = drm_client_open(1);
	CU_ASSERT_TRUE_FATAL(other >= 0);
	CU_ASSERT_EQUAL(drm_client_bo_create(other, PAGE, DRM_SL200_BO_CARD, &unused), 0);
	close(other);
}

/* Handles of one file come and go in several threads at once, by name and by number. */
static void *race(void *arg)
{
	unsigned int i, number = (unsigned int)(uintptr_t)arg;
	struct drm_sl200_bo_create bo;
	struct drm_sl200_bo_info info;
	uint32_t handle;
	int fd;

	for (i = 0; i < ROUNDS; i++) {
		uint32_t kind = (number + i) % 2 ? DRM_SL200_BO_HOST : DRM_SL200_BO_CARD;

		/* Any of these may lose against another thread, which closes what it guesses. */
		if (drm_client_bo_create(fd_a, SIZE, kind, &bo))
			continue;
		if (!drm_client_export(fd_a, bo.handle, &fd)) {
			drm_client_bo_close(fd_a, bo.handle);
			if (!drm_client_import(number % 2 ? fd_a : fd_b, fd, &handle))
				drm_client_bo_close(number % 2 ? fd_a : fd_b, handle);
			close(fd);
		}
		drm_client_bo_close(fd_a, bo.handle);
		drm_client_bo_info(fd_a, 1 + i % 8, &info);
		drm_client_bo_close(fd_a, 1 + i % 8);
	}
	return NULL;
}

static void test_races(void)
{
	struct drm_sl200_query_memory before, after;
	pthread_t thread[THREADS];
	unsigned int i;

	CU_ASSERT_EQUAL(drm_client_query(fd_b, DRM_SL200_QUERY_MEMORY, &before, sizeof(before)), 0);
	for (i = 0; i < THREADS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, race, (void *)(uintptr_t)i),
				      0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(drm_client_query(fd_b, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.host_used, before.host_used);
	CU_ASSERT_EQUAL(after.card_used, before.card_used);
	CU_ASSERT_EQUAL(drm_client_query(fd_a, DRM_SL200_QUERY_MEMORY, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.host_used, 0);
	CU_ASSERT_EQUAL(after.card_used, 0);
	CU_ASSERT_EQUAL(after.card_allocated, before.card_allocated);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"between clients", test_between_clients},
		{"mmap of a dma-buf", test_mmap_of_dmabuf},
		{"refused", test_refused},
		{"udmabuf", test_udmabuf},
		{"vgem", test_vgem},
		{"between cards", test_between_cards},
		{"unbind", test_unbind},
		{"races", test_races},
		CU_TEST_INFO_NULL,
	};

	return suite_run("drm_prime", set_up, tear_down, tests);
}
