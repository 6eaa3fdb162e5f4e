// SPDX-License-Identifier: MIT
/*
 * Arguments that the kernel driver must refuse, ioctl by ioctl; queries; and what fdinfo says of a
 * client. Runs in the virtual machine, as root.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/sl200_admin.h"
#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define DEPTH 16u
#define HUGE (2u << 20)
#define UNMAPPED ((void *)8) /* no user space there */

static int fd = -1, fd_other = -1;
static struct drm_client_queue queue;
static uint32_t handle; /* of a buffer object of fd's */

static int set_up(void)
{
	struct drm_sl200_bo_create bo;

	fd = drm_client_open(0);
	fd_other = drm_client_open(0);
	if (fd < 0 || fd_other < 0 || drm_client_queue_create(fd, DEPTH, &queue) ||
	    drm_client_bo_create(fd, DRM_CLIENT_PAGE, DRM_SL200_BO_HOST, &bo))
		return 1;
	handle = bo.handle;
	return 0;
}

static int tear_down(void)
{
	drm_client_queue_destroy(&queue);
	close(fd_other);
	return close(fd);
}

static int create(uint32_t depth, uint32_t priority, uint32_t weight, uint32_t flags, uint32_t pad)
{
	struct drm_sl200_queue_create args = {
		.depth = depth,
		.priority = priority,
		.weight = weight,
		.flags = flags,
		.pad = pad,
	};
	struct drm_sl200_queue_destroy destroy = {0};
	int ret = drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_CREATE, &args);

	if (!ret) {
		destroy.queue = args.queue;
		ret = drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy);
	}
	return ret;
}

static void test_queue_create(void)
{
	static const uint32_t depths[] = {0, 1, 3, 17, 4095, 8192, 1u << 31, UINT32_MAX};
	unsigned int i;

	CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_NORMAL, 1, 0, 0), 0);
	CU_ASSERT_EQUAL(create(2, SL200_PRIO_LOW, 255, 0, 0), 0);
	CU_ASSERT_EQUAL(create(4096, SL200_PRIO_HIGH, 1, 0, 0), 0);
	for (i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
		CU_ASSERT_EQUAL(create(depths[i], SL200_PRIO_NORMAL, 1, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_COUNT, 1, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(create(DEPTH, UINT32_MAX, 1, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_NORMAL, 0, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_NORMAL, 256, 0, 0), -EINVAL);
	for (i = 0; i < 32; i++) {
		CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_NORMAL, 1, 1u << i, 0), -EINVAL);
		CU_ASSERT_EQUAL(create(DEPTH, SL200_PRIO_NORMAL, 1, 0, 1u << i), -EINVAL);
	}
}

/* A queue that is not the caller's does not exist, whatever is asked of it. */
static void test_no_such_queue(void)
{
	const uint32_t numbers[] = {0, queue.info.queue, 255, 256, 257, 1u << 31, UINT32_MAX};
	struct sl200_queue_info info;
	unsigned int i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct drm_sl200_queue_destroy destroy = {.queue = numbers[i]};
		struct drm_sl200_queue_wait wait = {.queue = numbers[i]};
		struct drm_sl200_queue_wake wake = {.queue = numbers[i]};
		struct drm_sl200_queue_eventfd event = {.queue = numbers[i], .fd = -1};
		struct drm_sl200_queue_doorbell bell = {.queue = numbers[i]};
		struct drm_sl200_queue_info ask = {
			.queue = numbers[i],
			.size = sizeof(info),
			.pointer = (uintptr_t)&info,
		};
		int other = fd_other, ret;

		CU_ASSERT_EQUAL(drm_client_call(other, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy),
				-ENOENT);
		CU_ASSERT_EQUAL(drm_client_call(other, DRM_IOCTL_SL200_QUEUE_WAIT, &wait), -ENOENT);
		CU_ASSERT_EQUAL(drm_client_call(other, DRM_IOCTL_SL200_QUEUE_WAKE, &wake), -ENOENT);
		CU_ASSERT_EQUAL(drm_client_call(other, DRM_IOCTL_SL200_QUEUE_EVENTFD, &event),
				-ENOENT);
		CU_ASSERT_EQUAL(drm_client_call(other, DRM_IOCTL_SL200_QUEUE_DOORBELL, &bell),
				-ENOENT);
		/* An administrator may ask about any. */
		ret = drm_client_call(other, DRM_IOCTL_SL200_QUEUE_INFO, &ask);
		CU_ASSERT_EQUAL(ret, numbers[i] == queue.info.queue ? 0 : -ENOENT);
	}
	CU_ASSERT_EQUAL(queue.status->state, DRM_SL200_QUEUE_RUNNING);
}

static void test_padding(void)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		struct drm_sl200_queue_destroy destroy = {queue.info.queue, 1u << bit};
		struct drm_sl200_queue_wake wake = {queue.info.queue, 1u << bit};
		struct drm_sl200_queue_doorbell bell = {queue.info.queue, 0, 0, 1u << bit};

		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy),
				-EINVAL);
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_WAKE, &wake), -EINVAL);
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &bell),
				-EINVAL);
	}
}

static void test_doorbell_offset(void)
{
	struct drm_sl200_queue_doorbell bell = {.queue = queue.info.queue};
	uint32_t offset;

	for (offset = 1; offset < 2 * DRM_CLIENT_PAGE; offset++) {
		if (offset == SL200_DOORBELL_CQ_HEAD)
			continue;
		bell.offset = offset;
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &bell),
				-EINVAL);
	}
}

static void test_bo(void)
{
	static const uint32_t bad_flags[] = {0, 0x3, 0x5, 0x6, 0x7, 0x8, 0x9, 0x10, 1u << 31};
	static const uint64_t bad_sizes[] = {0, (4ull << 30) + 1, 1ull << 40, UINT64_MAX,
					     UINT64_MAX - DRM_CLIENT_PAGE + 2};
	struct drm_sl200_bo_create bo;
	struct drm_sl200_bo_info info;
	unsigned int i;

	for (i = 0; i < sizeof(bad_flags) / sizeof(bad_flags[0]); i++)
		CU_ASSERT_EQUAL(drm_client_bo_create(fd, DRM_CLIENT_PAGE, bad_flags[i], &bo),
				-EINVAL);
	for (i = 0; i < sizeof(bad_sizes) / sizeof(bad_sizes[0]); i++)
		CU_ASSERT_EQUAL(drm_client_bo_create(fd, bad_sizes[i], DRM_SL200_BO_HOST, &bo),
				-EINVAL);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd, handle, &info), 0);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd, 0, &info), -ENOENT);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd, handle + 1, &info), -ENOENT);
	CU_ASSERT_EQUAL(drm_client_bo_info(fd_other, handle, &info), -ENOENT);
}

/* Memory of the caller's that is not there. */
static void test_bad_pointers(void)
{
	static const uint64_t pointers[] = {0, 8, 1ull << 47, 1ull << 63, UINT64_MAX};
	static const unsigned long requests[] = {
		DRM_IOCTL_SL200_QUERY,		DRM_IOCTL_SL200_BO_CREATE,
		DRM_IOCTL_SL200_BO_INFO,	DRM_IOCTL_SL200_QUEUE_CREATE,
		DRM_IOCTL_SL200_QUEUE_DESTROY,	DRM_IOCTL_SL200_QUEUE_WAIT,
		DRM_IOCTL_SL200_QUEUE_WAKE,	DRM_IOCTL_SL200_QUEUE_EVENTFD,
		DRM_IOCTL_SL200_QUEUE_DOORBELL, DRM_IOCTL_SL200_QUEUE_INFO,
	};
	unsigned int i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		CU_ASSERT_EQUAL(drm_client_call(fd, requests[i], UNMAPPED), -EFAULT);
	for (i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		struct drm_sl200_query query = {DRM_SL200_QUERY_DEVICE, 64, pointers[i]};
		struct drm_sl200_queue_info info = {queue.info.queue, 64, pointers[i]};

		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query), -EFAULT);
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_INFO, &info), -EFAULT);
	}
}

static void test_unknown(void)
{
	struct drm_sl200_query query = {0};
	unsigned int number;
	char args[64];

	for (number = DRM_SL200_QUEUE_INFO + 1; number < DRM_COMMAND_END - DRM_COMMAND_BASE;
	     number++)
		CU_ASSERT_TRUE(
			drm_client_call(fd, DRM_IOWR(DRM_COMMAND_BASE + number, args), args) < 0);
	for (number = 0; number < 32; number++) {
		query.type =
			number > DRM_SL200_QUERY_ERROR || !number ? number : UINT32_MAX - number;
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query), -EINVAL);
	}
}

/* Asked for nothing, a query tells its size; asked for a part, it writes that and no byte more. */
static void test_query_sizes(void)
{
	static const struct {
		uint32_t type, size;
	} queries[] = {
		{DRM_SL200_QUERY_DEVICE, sizeof(struct drm_sl200_query_device)},
		{DRM_SL200_QUERY_CAPS, sizeof(struct sl200_caps)},
		{DRM_SL200_QUERY_MEMORY, sizeof(struct drm_sl200_query_memory)},
		{DRM_SL200_QUERY_STATS, sizeof(struct drm_sl200_query_stats)},
		{DRM_SL200_QUERY_FW_STATS, sizeof(struct sl200_fw_stats)},
		{DRM_SL200_QUERY_ERROR, sizeof(struct drm_sl200_query_error)},
	};
	unsigned int i, j;

	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct drm_sl200_query query = {.type = queries[i].type};
		uint8_t data[512];

		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query), 0);
		CU_ASSERT_EQUAL(query.size, queries[i].size);
		query.pointer = (uintptr_t)data;
		query.size = 5;
		memset(data, 0xa5, sizeof(data));
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query), 0);
		CU_ASSERT_EQUAL(query.size, 5);
		CU_ASSERT_EQUAL(data[5], 0xa5);
		query.size = sizeof(data);
		CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query), 0);
		CU_ASSERT_EQUAL(query.size, queries[i].size);
		for (j = query.size; j < sizeof(data); j++)
			CU_ASSERT_EQUAL(data[j], 0xa5);
	}
}

static void test_query_answers(void)
{
	struct drm_sl200_query_engine engines[SL200_MAX_ENGINES];
	struct drm_sl200_query engine_query = {
		.type = DRM_SL200_QUERY_ENGINES,
		.size = sizeof(engines),
		.pointer = (uintptr_t)engines,
	};
	struct drm_sl200_query_memory memory;
	struct drm_sl200_query_device device;
	struct drm_sl200_query_error error;
	struct sl200_caps caps;
	unsigned int i, n;

	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_CAPS, &caps, sizeof(caps)), 0);
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_DEVICE, &device, sizeof(device)), 0);
	CU_ASSERT_EQUAL(device.dram_size, caps.dram_size);
	CU_ASSERT_EQUAL(device.fw_version, caps.fw_version);
	CU_ASSERT_EQUAL(device.max_depth, caps.max_depth);
	CU_ASSERT_EQUAL(device.implementation, DRM_SL200_FUNCTIONAL_MODEL);
	CU_ASSERT_TRUE(device.serial != 0 && device.pci_bus != 0);
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_ERROR, &error, sizeof(error)), 0);
	CU_ASSERT_EQUAL(error.cause, DRM_SL200_LOST_NOT);
	CU_ASSERT_EQUAL(error.card_state, 0);
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory)), 0);
	/* A ring each for entries and completions, and one buffer object. */
	CU_ASSERT_EQUAL(memory.host_used, 3 * DRM_CLIENT_PAGE);
	CU_ASSERT_EQUAL(memory.card_used, 0);
	CU_ASSERT_TRUE(memory.card_total && memory.card_total < caps.dram_size);
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &engine_query), 0);
	n = engine_query.size / sizeof(engines[0]);
	CU_ASSERT_TRUE(n > 0);
	for (i = 0; i < n; i++)
		CU_ASSERT_EQUAL(engines[i].kind, caps.engine_kind[i]);
}

static int without_capabilities(uint32_t keep, uint32_t keep_high)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{keep, keep, 0}, {keep_high, keep_high, 0}};
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		struct drm_sl200_query log = {.type = DRM_SL200_QUERY_LOG};
		struct drm_sl200_queue_info info = {.queue = queue.info.queue};

		if (syscall(SYS_capset, &header, data))
			_exit(99);
		/* Bit 0: the log was told; bit 1: another client's queue was. */
		status = drm_client_call(fd_other, DRM_IOCTL_SL200_QUERY, &log) ? 0 : 1;
		if (!drm_client_call(fd_other, DRM_IOCTL_SL200_QUEUE_INFO, &info))
			status |= 2;
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* What names other clients' queues needs a right. */
static void test_rights(void)
{
	CU_ASSERT_EQUAL(without_capabilities(0, 0), 0);
	CU_ASSERT_EQUAL(without_capabilities(1u << CAP_SYS_ADMIN, 0), 3);
	CU_ASSERT_EQUAL(without_capabilities(0, 1u << (CAP_PERFMON - 32)), 1);
}

/* A value of this client's fdinfo, or -1. */
static int64_t fdinfo(const char *key)
{
	char path[64], line[256], name[128];
	int64_t value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && value < 0 && fgets(line, sizeof(line), file)) {
		int64_t number;

		if (sscanf(line, "%127[^:]: %" SCNd64, name, &number) == 2 && !strcmp(name, key))
			value = number;
	}
	if (file)
		fclose(file);
	return value;
}

static bool fdinfo_says(const char *text)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, text, strlen(text));
	if (file)
		fclose(file);
	return found;
}

/* Engine time grows with jobs and does not shrink when the queue goes; memory is what there is. */
static void test_fdinfo(void)
{
	int64_t system = fdinfo("drm-total-system"), card = fdinfo("drm-total-vram0");
	struct drm_sl200_bo_create host, vram;
	int64_t dma, after;
	struct drm_client_queue own;

	CU_ASSERT_TRUE(fdinfo_says("drm-driver:\tsl200\n"));
	CU_ASSERT_TRUE(fdinfo_says("drm-pdev:\t0000:"));
	CU_ASSERT_TRUE(fdinfo("drm-client-id") > 0);
	CU_ASSERT_TRUE(fdinfo("drm-engine-venc") >= 0);
	CU_ASSERT_EQUAL(fdinfo("drm-engine-capacity-dma"), 2);
	dma = fdinfo("drm-engine-dma");
	CU_ASSERT_TRUE(dma >= 0 && system >= 0 && card >= 0);

	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd, HUGE, DRM_SL200_BO_HOST, &host), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_bo_create(fd, HUGE, DRM_SL200_BO_CARD, &vram), 0);
	CU_ASSERT_EQUAL(fdinfo("drm-total-system"), system + HUGE / 1024);
	CU_ASSERT_EQUAL(fdinfo("drm-resident-vram0"), card + HUGE / 1024);
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &own), 0);
	CU_ASSERT_EQUAL(drm_client_fill(&own, vram.iova, HUGE, 1), SL200_STATUS_OK);
	after = fdinfo("drm-engine-dma");
	CU_ASSERT_TRUE(after > dma);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&own), 0);
	CU_ASSERT_TRUE(fdinfo("drm-engine-dma") >= after);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd, host.handle), 0);
	CU_ASSERT_EQUAL(drm_client_bo_close(fd, vram.handle), 0);
	CU_ASSERT_EQUAL(fdinfo("drm-total-system"), system);
	CU_ASSERT_EQUAL(fdinfo("drm-memory-vram0"), card);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"queue create", test_queue_create},
		{"no such queue", test_no_such_queue},
		{"padding", test_padding},
		{"doorbell offset", test_doorbell_offset},
		{"bo", test_bo},
		{"bad pointers", test_bad_pointers},
		{"unknown", test_unknown},
		{"query sizes", test_query_sizes},
		{"query answers", test_query_answers},
		{"rights", test_rights},
		{"fdinfo", test_fdinfo},
		CU_TEST_INFO_NULL,
	};

	return suite_run("drm_args", set_up, tear_down, tests);
}
