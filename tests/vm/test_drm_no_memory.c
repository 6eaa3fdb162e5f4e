// SPDX-License-Identifier: MIT
/*
 * What the kernel driver does when the kernel has no memory: each operation is run over and over,
 * and one allocation after the other inside it fails (fault injection, /proc/self/fail-nth). It
 * must succeed or return an error, and in the end nothing may be missing. Runs in the virtual
 * machine, as root; skips on a kernel without fault injection.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/sl200_admin.h"
#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define PAGE DRM_CLIENT_PAGE
#define SIZE (8 * PAGE)
#define DEPTH 16u
#define SKIPPED 77	   /* exit status */
#define FAILURES_MAX 2000u /* allocations of one operation, at most */

/* A client of its own for each try; what it leaves behind is closed with it. */
struct client {
	int fd;
	struct drm_sl200_bo_create bo;
	struct drm_client_queue queue;
	int dmabuf, event;
	void *mapped; /* the buffer */
};

struct operation {
	const char *name;
	int (*prepare)(struct client *client); /* without failures; may be NULL */
	int (*run)(struct client *client);
	bool succeeds; /* whatever fails inside: there may be no error at all */
};

static int fail_fd = -1;
static int observer_fd = -1;
static struct drm_client_queue observer;
static struct drm_sl200_bo_create observed;

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The n-th call from now on that can be made to fail does; 0: none. */
static void set_failure(unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	/* The write itself can be what fails: then nothing is to fail any more. */
	while (pwrite(fail_fd, text, (size_t)length, 0) != length) {
		if (errno != EFAULT)
			abort();
	}
}

/* How many calls there would have to be until the failure; 0: it happened. */
static unsigned int failure_left(void)
{
	char text[16] = "";

	if (pread(fail_fd, text, sizeof(text) - 1, 0) > 0)
		return (unsigned int)strtoul(text, NULL, 10);
	/* It was left until this read. */
	if (errno != EFAULT)
		abort();
	return 1;
}

/*
 * Where the command line has marked caches (slub_debug=A,...), slab allocations fail in those alone: a
 * failure inside the DMA checker's radix tree would switch the checker off for what follows.
 */
static void choose_caches(void)
{
	char marked = '0';
	int fd = open("/sys/kernel/slab/kmalloc-64/failslab", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, &marked, 1) == 1 && marked == '1')
		write_file("/sys/kernel/debug/failslab/cache-filter", "Y");
	close(fd);
}

static int set_up(void)
{
	static const char *const settings[][2] = {
		{"/sys/kernel/debug/failslab/ignore-gfp-wait", "N"},
		{"/sys/kernel/debug/failslab/verbose", "0"},
		{"/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N"},
		{"/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N"},
		{"/sys/kernel/debug/fail_page_alloc/min-order", "0"},
		{"/sys/kernel/debug/fail_page_alloc/verbose", "0"},
		{"/sys/kernel/debug/fail_usercopy/verbose", "0"},
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		write_file(settings[i][0], settings[i][1]);
	choose_caches();
	observer_fd = drm_client_open(0);
	if (observer_fd < 0 || drm_client_queue_create(observer_fd, DEPTH, &observer))
		return -1;
	return drm_client_bo_create(observer_fd, PAGE, DRM_SL200_BO_HOST, &observed);
}

static int tear_down(void)
{
	drm_client_queue_destroy(&observer);
	close(observer_fd);
	return 0;
}

static void client_close(struct client *client)
{
	drm_client_queue_unmap(&client->queue);
	if (client->mapped)
		munmap(client->mapped, SIZE);
	if (client->dmabuf >= 0)
		close(client->dmabuf);
	if (client->event >= 0)
		close(client->event);
	if (client->fd >= 0)
		close(client->fd);
}

static uint64_t card_allocated(void)
{
	struct drm_sl200_query_memory memory;

	CU_ASSERT_EQUAL_FATAL(
		drm_client_query(observer_fd, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory)), 0);
	return memory.card_allocated;
}

static bool error_allowed(int ret)
{
	switch (ret) {
	case 0:
	case -ENOMEM:
	case -ENOSPC:
	case -EFAULT: /* copying from or to user space can be made to fail too */
	case -EAGAIN:
	case -ENFILE:
		return true;
	}
	printf("unexpected error: %s\n", strerror(-ret));
	return false;
}

static void check_operation(const struct operation *operation)
{
	uint64_t allocated = card_allocated();
	unsigned int n, failed = 0, first_fd = (unsigned int)dup(observer_fd);
	bool failing = true;
	int ret;

	close((int)first_fd);
	for (n = 1; failing && n < FAILURES_MAX; n++) {
		struct client client = {.fd = drm_client_open(0), .dmabuf = -1, .event = -1};

		CU_ASSERT_TRUE_FATAL(client.fd >= 0);
		if (operation->prepare)
			CU_ASSERT_EQUAL_FATAL(operation->prepare(&client), 0);
		set_failure(n);
		ret = operation->run(&client);
		failing = !failure_left();
		set_failure(0);
		CU_ASSERT_TRUE(failing ? error_allowed(ret) : !ret);
		failed += ret != 0;
		client_close(&client);
		/* A file descriptor whose number did not reach user space is open nevertheless. */
		close_range(first_fd, UINT_MAX, 0);
	}
	/* Not a test where nothing could fail. */
	CU_ASSERT_TRUE(failed > 0 || operation->succeeds);
	CU_ASSERT_FALSE(failing);
	printf("%s: %u places, %u errors\n", operation->name, n - 2, failed);
	CU_ASSERT_EQUAL(card_allocated(), allocated);
	CU_ASSERT_EQUAL(drm_client_fill(&observer, observed.iova, PAGE, n), SL200_STATUS_OK);
}

static int make_host(struct client *client)
{
	return drm_client_bo_create(client->fd, SIZE, DRM_SL200_BO_HOST, &client->bo);
}

static int make_wc(struct client *client)
{
	return drm_client_bo_create(client->fd, SIZE, DRM_SL200_BO_HOST_WC, &client->bo);
}

static int make_card(struct client *client)
{
	return drm_client_bo_create(client->fd, SIZE, DRM_SL200_BO_CARD, &client->bo);
}

static int make_queue(struct client *client)
{
	return drm_client_queue_create(client->fd, DEPTH, &client->queue);
}

static int host_and_event(struct client *client)
{
	client->event = eventfd(0, EFD_CLOEXEC);
	return client->event < 0 ? -errno : make_host(client);
}

/* The kernel reads each page, a zero: a fault that fails is an error then, not a signal. */
static int touch_bo(struct client *client)
{
	char *cpu = drm_client_bo_map(client->fd, &client->bo);
	unsigned int i;
	int ret = 0;

	if (!cpu)
		return -errno;
	client->mapped = cpu;
	for (i = 0; i < SIZE && !ret; i += PAGE) {
		if (write(client->event, cpu + i, sizeof(uint64_t)) < 0)
			ret = -errno;
	}
	return ret;
}

static int close_bo(struct client *client)
{
	return drm_client_bo_close(client->fd, client->bo.handle);
}

static int make_dmabuf(struct client *client)
{
	return drm_client_export(client->fd, client->bo.handle, &client->dmabuf);
}

/* What another client made, whose file is closed already. */
static int other_dmabuf(struct client *client, uint32_t kind)
{
	int fd = drm_client_open(0), ret;

	if (fd < 0)
		return fd;
	ret = drm_client_bo_create(fd, SIZE, kind, &client->bo);
	if (!ret)
		ret = drm_client_export(fd, client->bo.handle, &client->dmabuf);
	close(fd);
	return ret;
}

static int other_host(struct client *client)
{
	return other_dmabuf(client, DRM_SL200_BO_HOST);
}

static int other_card(struct client *client)
{
	return other_dmabuf(client, DRM_SL200_BO_CARD);
}

/* The second card's, if there is one, is imported as foreign memory. */
static int foreign(struct client *client)
{
	int fd = drm_client_open(1), ret;

	if (fd < 0)
		return other_host(client);
	ret = drm_client_bo_create(fd, SIZE, DRM_SL200_BO_HOST, &client->bo);
	if (!ret)
		ret = drm_client_export(fd, client->bo.handle, &client->dmabuf);
	close(fd);
	return ret;
}

static int import(struct client *client)
{
	uint32_t handle;

	return drm_client_import(client->fd, client->dmabuf, &handle);
}

static int destroy_queue(struct client *client)
{
	struct drm_sl200_queue_destroy args = {.queue = client->queue.info.queue};

	return drm_client_call(client->fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &args);
}

static int queue_and_event(struct client *client)
{
	client->event = eventfd(0, EFD_CLOEXEC);
	return client->event < 0 ? -errno : make_queue(client);
}

static int register_event(struct client *client)
{
	struct drm_sl200_queue_eventfd args = {
		.queue = client->queue.info.queue,
		.fd = client->event,
	};

	return drm_client_call(client->fd, DRM_IOCTL_SL200_QUEUE_EVENTFD, &args);
}

static int run_job(struct client *client)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	int ret = drm_client_run(&client->queue, &sqe);

	return ret > 0 ? -EIO : ret;
}

static int queue_and_bo(struct client *client)
{
	int ret = make_card(client);

	if (!ret)
		ret = make_queue(client);
	/* A mapping would keep the file open, and unmapping may fail too. */
	drm_client_queue_unmap(&client->queue);
	return ret;
}

static int close_file(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	return 0;
}

static int open_file(struct client *client)
{
	int fd = drm_client_open(0);

	(void)client;
	/* A node that cannot be opened is passed over: in the end there is none. */
	if (fd < 0)
		return -ENOMEM;
	close(fd);
	return 0;
}

static int ask(struct client *client)
{
	struct drm_sl200_query_engine engine[SL200_MAX_ENGINES];
	struct drm_sl200_query query = {
		.type = DRM_SL200_QUERY_ENGINES,
		.size = sizeof(engine),
		.pointer = (uintptr_t)engine,
	};

	return drm_client_call(client->fd, DRM_IOCTL_SL200_QUERY, &query);
}

static void check_all(const struct operation *operation, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check_operation(&operation[i]);
}

static void test_objects(void)
{
	static const struct operation operations[] = {
		{"host memory", NULL, make_host, false},
		{"write-combined memory", NULL, make_wc, false},
		{"card memory", NULL, make_card, false},
		{"mapping host memory", host_and_event, touch_bo, false},
		{"closing host memory", make_host, close_bo, false},
		{"closing card memory", make_card, close_bo, false},
	};

	check_all(operations, sizeof(operations) / sizeof(operations[0]));
}

static void test_sharing(void)
{
	static const struct operation operations[] = {
		{"exporting host memory", make_host, make_dmabuf, false},
		{"exporting card memory", make_card, make_dmabuf, false},
		{"importing host memory", other_host, import, false},
		{"importing card memory", other_card, import, false},
		{"importing foreign memory", foreign, import, false},
	};

	check_all(operations, sizeof(operations) / sizeof(operations[0]));
}

static void test_queues(void)
{
	static const struct operation operations[] = {
		{"queue", NULL, make_queue, false},
		{"destroying a queue", make_queue, destroy_queue, false},
		{"eventfd", queue_and_event, register_event, false},
		{"job", make_queue, run_job, true},
	};

	check_all(operations, sizeof(operations) / sizeof(operations[0]));
}

static void test_files(void)
{
	static const struct operation operations[] = {
		{"opening", NULL, open_file, true},
		{"query", NULL, ask, false},
		{"closing", queue_and_bo, close_file, true},
	};

	check_all(operations, sizeof(operations) / sizeof(operations[0]));
}

/* What the kernel's leak checker finds of this driver, where it is there. */
static void test_leaks(void)
{
	FILE *file = fopen("/sys/kernel/debug/kmemleak", "r+");
	char line[256];
	bool found = false;

	if (!file) {
		printf("skip - leaks: this kernel has no kmemleak\n");
		return;
	}
	/* It takes memory for lost that is some seconds old, and not at the first look. */
	sleep(6);
	CU_ASSERT_TRUE(write_file("/sys/kernel/debug/kmemleak", "scan"));
	CU_ASSERT_TRUE(write_file("/sys/kernel/debug/kmemleak", "scan"));
	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, "[sl200]")) {
			found = true;
			fputs(line, stdout);
		}
	}
	fclose(file);
	CU_ASSERT_FALSE(found);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"objects", test_objects}, {"sharing", test_sharing}, {"queues", test_queues},
		{"files", test_files},	   {"leaks", test_leaks},     CU_TEST_INFO_NULL,
	};

	fail_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_fd < 0) {
		printf("skip - drm_no_memory: this kernel has no fault injection\n");
		return SKIPPED;
	}
	return suite_run("drm_no_memory", set_up, tear_down, tests);
}
