// SPDX-License-Identifier: MIT
/*
 * Cards in processes of their own, which this test starts, stops and kills: whatever becomes of the
 * process, nobody waits in vain, and the next to open gets a card that works.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>
#include <sys/wait.h>

#include "tests/stack/stack.h"
#include "tests/suite.h"

static char slcard[PATH_MAX], dir[32];

struct process {
	char path[64], uri[80];
	pid_t pid;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/* Start a card, and wait until it listens. */
static void start(struct process *process, const char *name)
{
	int ready[2];
	char byte;

	snprintf(process->path, sizeof(process->path), "%s/%s", dir, name);
	snprintf(process->uri, sizeof(process->uri), "sim:%s", process->path);
	CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
	fflush(NULL);
	process->pid = fork();
	if (!process->pid) {
		char number[12];

		snprintf(number, sizeof(number), "%d", ready[1]);
		close(ready[0]);
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl(slcard, "slcard", "--socket", process->path, "--ready-fd", number, NULL);
		_exit(127);
	}
	close(ready[1]);
	CU_ASSERT_EQUAL_FATAL(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

/* SIGTERM or SIGKILL; returns its status. */
static int end(struct process *process, int sig)
{
	int status = -1;

	kill(process->pid, sig);
	CU_ASSERT_EQUAL(waitpid(process->pid, &status, 0), process->pid);
	return status;
}

static void use(struct process *process)
{
	setenv("SL_DEVICE", process->uri, 1);
}

static void expect_failure(int result, const char *word)
{
	struct sl_device *device;

	CU_ASSERT_EQUAL(sl_device_open(NULL, &device), result);
	if (!strstr(sl_last_error(), word))
		printf("  '%s' does not mention '%s'\n", sl_last_error(), word);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), word));
}

static int open_descriptors(void)
{
	DIR *descriptors = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(descriptors))
		n++;
	closedir(descriptors);
	return n;
}

static void test_come_and_go(void)
{
	struct process process;
	int i, before;

	start(&process, "card");
	use(&process);
	stack_assert_healthy();
	before = open_descriptors();
	for (i = 0; i < 20; i++)
		stack_assert_healthy();
	CU_ASSERT_EQUAL(open_descriptors(), before);
	CU_ASSERT_EQUAL(end(&process, SIGTERM), 0);
	expect_failure(SL_ERR_NO_DEVICE, "slcard --socket");
	CU_ASSERT_EQUAL(open_descriptors(), before);
}

/* Copy between data and card memory, as a client of its own. */
static void touch_card_memory(bool write, uint8_t *data, size_t size)
{
	struct sl_buffer *host, *card;
	struct sl_device *device;
	struct sl_queue *queue;
	uint64_t seqno, from, to;

	device = stack_open();
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_HOST, &host));
	CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_CARD, &card));
	if (write)
		memcpy(sl_buffer_map(host), data, size);
	from = sl_buffer_iova(write ? host : card);
	to = sl_buffer_iova(write ? card : host);
	CU_ASSERT_OK(sl_queue_copy(queue, to, 0, from, 0, (uint32_t)size, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	if (!write)
		memcpy(data, sl_buffer_map(host), size);
	sl_device_close(device);
}

/* The card keeps its memory from one client to the next, who must not see it. */
static void test_memory_is_cleared(void)
{
	static uint8_t data[1 << 20];
	struct process process;
	size_t i, set = 0;

	start(&process, "card");
	use(&process);
	memset(data, 0x5a, sizeof(data));
	touch_card_memory(true, data, sizeof(data));
	touch_card_memory(false, data, sizeof(data));
	for (i = 0; i < sizeof(data); i++)
		set += data[i] != 0;
	CU_ASSERT_EQUAL(set, 0);
	end(&process, SIGTERM);
}

/* Two cards beside each other, and the one inside this process. */
static void test_several(void)
{
	struct process processes[2];
	struct sl_device *devices[3];
	struct sl_device_info infos[3];
	struct sl_queue *queue;
	uint64_t seqno;
	int i;

	start(&processes[0], "one");
	start(&processes[1], "two");
	for (i = 0; i < 3; i++) {
		CU_ASSERT_OK(sl_device_open(i < 2 ? processes[i].uri : "sim:", &devices[i]));
		sl_device_info(devices[i], &infos[i]);
	}
	CU_ASSERT_STRING_EQUAL(infos[0].uri, processes[0].uri);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_OK(sl_queue_create(devices[i], NULL, &queue));
		CU_ASSERT_OK(sl_queue_nop(queue, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	}
	/* The end of one is none of the others' business. */
	end(&processes[0], SIGKILL);
	for (i = 1; i < 3; i++) {
		struct sl_device_stats stats;

		CU_ASSERT_OK(sl_device_stats(devices[i], &stats));
		CU_ASSERT_EQUAL(stats.firmware.queues, 1);
	}
	for (i = 0; i < 3; i++)
		sl_device_close(devices[i]);
	use(&processes[1]);
	stack_assert_healthy();
	CU_ASSERT_EQUAL(end(&processes[1], SIGTERM), 0);
}

/* ThreadSanitizer has no part in children that start threads. */
#ifndef STACK_TSAN
static int open_in_child(void)
{
	struct sl_device *device;
	int ret = sl_device_open(NULL, &device);

	if (ret == SL_ERR_BUSY && strstr(sl_last_error(), "busy"))
		return 1;
	return ret ? 2 : 0;
}

static int status_of_child(void)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(open_in_child());
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Another process is told that the card is taken, and gets it afterwards. */
static void test_busy(void)
{
	struct sl_device *device;
	struct process process;

	start(&process, "card");
	use(&process);
	device = stack_open();
	CU_ASSERT_EQUAL(status_of_child(), 1);
	sl_device_close(device);
	CU_ASSERT_EQUAL(status_of_child(), 0);
	stack_assert_healthy();
	end(&process, SIGTERM);
}

/* A child that lives on does not keep the card from others when its parent lets go. */
static void test_child_lives_on(void)
{
	struct sl_device *device;
	struct process process;
	int hold[2];
	pid_t pid;

	start(&process, "card");
	use(&process);
	device = stack_open();
	CU_ASSERT_EQUAL_FATAL(pipe(hold), 0);
	pid = fork();
	if (!pid) {
		char byte;

		close(hold[1]);
		_exit(read(hold[0], &byte, 1) ? 1 : 0);
	}
	sl_device_close(device);
	stack_assert_healthy();
	close(hold[0]);
	close(hold[1]);
	CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
	end(&process, SIGTERM);
}

#endif

/* A job that goes on until its client says so. */
static struct sl_queue *endless_job(struct sl_device *device, struct sl_buffer **buffer)
{
	struct sl_queue *queue;

	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, buffer));
	CU_ASSERT_OK(sl_queue_wait_value(queue, sl_buffer_iova(*buffer), 1, NULL, NULL));
	return queue;
}

struct waiter {
	struct sl_queue *queue;
	int result;
};

static void *wait_for_job(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = sl_queue_wait(waiter->queue, 1, PATIENCE, NULL);
	return NULL;
}

/* The process dies with jobs on the card: all waiters hear of it at once. */
static void test_killed(void)
{
	struct sl_device_stats stats;
	struct sl_buffer *buffer, *more;
	struct waiter waiters[4];
	struct sl_device *device;
	struct process process;
	pthread_t threads[4];
	int64_t began;
	int round, i;

	for (round = 0; round < 3; round++) {
		start(&process, "card");
		use(&process);
		device = stack_open();
		for (i = 0; i < 4; i++) {
			waiters[i].queue = endless_job(device, &buffer);
			pthread_create(&threads[i], NULL, wait_for_job, &waiters[i]);
		}
		usleep(20000);
		began = now_ns();
		end(&process, SIGKILL);
		for (i = 0; i < 4; i++) {
			pthread_join(threads[i], NULL);
			CU_ASSERT_EQUAL(waiters[i].result, SL_ERR_LOST);
		}
		CU_ASSERT_TRUE(now_ns() - began < 3 * SECOND);
		CU_ASSERT_EQUAL(sl_queue_nop(waiters[0].queue, NULL, NULL), SL_ERR_LOST);
		CU_ASSERT_EQUAL(sl_device_stats(device, &stats), SL_ERR_LOST);
		CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "has ended"));
		CU_ASSERT_EQUAL(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &more), SL_ERR_LOST);
		/* What was there is still the program's to read and write. */
		*(uint64_t *)sl_buffer_map(buffer) = 1;
		expect_failure(SL_ERR_NO_DEVICE, "nobody listens");
		/* A new process behind the same name serves, whoever still holds the old card. */
		start(&process, "card");
		stack_assert_healthy();
		sl_device_close(device);
		stack_assert_healthy();
		end(&process, SIGTERM);
	}
}

struct load {
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_buffer *buffer;
	_Atomic bool ready;
	int result;
};

/* Copies, until they fail. */
static void *load(void *arg)
{
	struct sl_job_options after = {.flags = SL200_SQE_F_BARRIER};
	struct load *state = arg;
	uint64_t iova = sl_buffer_iova(state->buffer), seqno = 0;

	do {
		state->result = sl_queue_copy(state->queue, iova, 0, iova + (1 << 20), 0, 1 << 20,
					      1, &after, &seqno);
		if (state->result == SL_ERR_AGAIN)
			state->result = sl_queue_wait(state->queue, seqno, PATIENCE, NULL);
		atomic_store(&state->ready, true);
	} while (!state->result);
	sl_device_close(state->device);
	return NULL;
}

static void test_killed_under_load(void)
{
	struct load states[3] = {0};
	struct process process;
	pthread_t threads[3];
	int i, n;

	start(&process, "card");
	use(&process);
	for (i = 0; i < 3; i++) {
		states[i].device = stack_open();
		CU_ASSERT_OK(sl_queue_create(states[i].device, NULL, &states[i].queue));
		CU_ASSERT_OK(sl_buffer_create(states[i].device, 2 << 20, SL_MEMORY_HOST,
					      &states[i].buffer));
		pthread_create(&threads[i], NULL, load, &states[i]);
	}
	for (i = 0; i < 3; i++) {
		for (n = 0; n < 5000 && !atomic_load(&states[i].ready); n++)
			usleep(1000);
	}
	end(&process, SIGKILL);
	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(states[i].result, SL_ERR_LOST);
	}
	start(&process, "card");
	stack_assert_healthy();
	end(&process, SIGTERM);
}

/* A process that stands still is given up after a while, and is of use when it goes on. */
static void test_standstill(void)
{
	struct sl_device_stats stats;
	struct sl_device *device;
	struct sl_buffer *buffer;
	struct sl_queue *queue;
	struct process process;
	int64_t began;

	start(&process, "card");
	use(&process);
	device = stack_open();
	queue = endless_job(device, &buffer);
	began = now_ns();
	kill(process.pid, SIGSTOP);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, PATIENCE, NULL), SL_ERR_LOST);
	CU_ASSERT_TRUE(now_ns() - began >= 4 * SECOND && now_ns() - began < 15 * SECOND);
	CU_ASSERT_EQUAL(sl_device_stats(device, &stats), SL_ERR_LOST);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "did not answer"));
	kill(process.pid, SIGCONT);
	stack_assert_healthy();
	sl_device_close(device);
	stack_assert_healthy();
	CU_ASSERT_EQUAL(end(&process, SIGTERM), 0);
}

static int suite_init(void)
{
	Dl_info info;
	char *slash;

	/* Beside the library. */
	if (!dladdr((void *)sl_version, &info) || !realpath(info.dli_fname, slcard))
		return -1;
	slash = strrchr(slcard, '/');
	snprintf(slash, sizeof(slcard) - (size_t)(slash - slcard), "/../bin/slcard");
	strcpy(dir, "/tmp/sl200-remote-XXXXXX");
	return access(slcard, X_OK) || !mkdtemp(dir);
}

static int suite_cleanup(void)
{
	char path[64];

	/* Killed cards leave their files. */
	snprintf(path, sizeof(path), "%s/card", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/one", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"come and go", test_come_and_go},
		{"card memory is cleared", test_memory_is_cleared},
		{"several cards", test_several},
		{"killed", test_killed},
		{"killed under load", test_killed_under_load},
		{"standstill", test_standstill},
#ifndef STACK_TSAN
		{"busy", test_busy},
		{"a child that lives on", test_child_lives_on},
#endif
		CU_TEST_INFO_NULL,
	};

	return suite_run("remote", suite_init, suite_cleanup, tests);
}
