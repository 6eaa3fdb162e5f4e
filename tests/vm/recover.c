/* SPDX-License-Identifier: MIT */
/*
 * What a fault looks like to a client, and how long it lasts: runs checked copy jobs without
 * pause on the card that SL_DEVICE names (or the one libsl finds), causes the fault by a command,
 * and tells when the first job failed and when the first one after it succeeded again.
 *
 *   recover NAME EXPECT SECONDS COMMAND...
 *
 * EXPECT: lost (the device is lost and one opened anew works), job (jobs fail, the queue goes
 * on), none (no job fails). Ends on "ok - NAME: ..." with the times, or "not ok - NAME: why".
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sl200/sl.h"

#define COPY_SIZE (64u << 10)
#define JOB_LIMIT_US 1000000 /* emulated cards pause on a busy host */
#define WARM_UP_JOBS 50
#define AFTER_JOBS 50	      /* that must succeed at the end */
#define QUIET_NS 2000000000ll /* with EXPECT none: how long to look */
#define RETRY_NS 2000000ll

struct client {
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_buffer *src, *dst;
	uint32_t pattern;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = RETRY_NS}, NULL);
}

static void client_close(struct client *client)
{
	sl_queue_destroy(client->queue);
	sl_device_close(client->device);
	memset(client, 0, sizeof(*client));
}

static int client_open(struct client *client)
{
	int ret = sl_device_open(NULL, &client->device);

	if (!ret)
		ret = sl_queue_create(client->device, NULL, &client->queue);
	if (!ret)
		ret = sl_buffer_create(client->device, COPY_SIZE, SL_MEMORY_HOST, &client->src);
	if (!ret)
		ret = sl_buffer_create(client->device, COPY_SIZE, SL_MEMORY_HOST, &client->dst);
	if (ret)
		client_close(client);
	return ret;
}

/* One copy of fresh data: 0, or an error; a completion with wrong data is SL_ERR_JOB as well. */
static int client_job(struct client *client)
{
	const struct sl_job_options options = {.timeout_us = JOB_LIMIT_US};
	uint32_t *src = sl_buffer_map(client->src), *dst = sl_buffer_map(client->dst);
	struct sl_completion completion;
	uint64_t seqno;
	uint32_t i;
	int ret;

	for (i = 0; i < COPY_SIZE / 4; i++)
		src[i] = client->pattern++;
	ret = sl_queue_copy(client->queue, sl_buffer_iova(client->dst), 0,
			    sl_buffer_iova(client->src), 0, COPY_SIZE, 1, &options, &seqno);
	if (!ret)
		ret = sl_queue_wait(client->queue, seqno, 15 * 1000000000ll, &completion);
	if (!ret)
		ret = sl_status_result(completion.status);
	if (!ret && memcmp(src, dst, COPY_SIZE))
		ret = SL_ERR_JOB;
	return ret;
}

static int not_ok(const char *name, const char *what, int ret)
{
	printf("not ok - %s: %s%s%s\n", name, what, ret ? ": " : "", ret ? sl_strerror(ret) : "");
	return EXIT_FAILURE;
}

struct times {
	int64_t noticed, recovered, longest;
	int result; /* of the first job that failed */
};

/* Whether the command that causes the fault has ended; status is then its. */
static bool ended(pid_t *pid, int *status)
{
	if (*pid && waitpid(*pid, status, WNOHANG))
		*pid = 0;
	return !*pid;
}

/* Run jobs until the fault has passed or the deadline has come. */
static int watch(struct client *client, int64_t began, int64_t deadline, bool expect_none,
		 pid_t *pid, int *status, struct times *times)
{
	int64_t last = now_ns(), good = 0;
	int ret = 0;

	while (!ended(pid, status) || good < AFTER_JOBS ||
	       (expect_none && now_ns() < began + QUIET_NS)) {
		if (now_ns() > deadline)
			return -1;
		if (!client->device && client_open(client)) {
			nap();
			continue;
		}
		ret = client_job(client);
		if (ret) {
			if (!times->noticed) {
				times->noticed = now_ns() - began;
				times->result = ret;
			}
			times->recovered = 0;
			good = 0;
			if (ret != SL_ERR_JOB && ret != SL_ERR_TIMEOUT)
				client_close(client);
			continue;
		}
		if (times->noticed && !times->recovered)
			times->recovered = now_ns() - began;
		/* A fault that has not come yet is still waited for. */
		if (times->noticed || expect_none)
			good++;
		if (now_ns() - last > times->longest)
			times->longest = now_ns() - last;
		last = now_ns();
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct client client = {0};
	struct times times = {0};
	bool lost, none;
	int64_t began, seconds;
	int i, ret, status = 0;
	pid_t pid;

	if (argc < 5 || (seconds = atoi(argv[3])) <= 0) {
		fprintf(stderr, "usage: %s NAME lost|job|none SECONDS COMMAND...\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	lost = !strcmp(argv[2], "lost");
	none = !strcmp(argv[2], "none");
	ret = client_open(&client);
	if (ret)
		return not_ok(argv[1], sl_last_error(), ret);
	for (i = 0; i < WARM_UP_JOBS; i++) {
		ret = client_job(&client);
		if (ret)
			return not_ok(argv[1], "a job before the fault failed", ret);
	}
	began = now_ns();
	pid = fork();
	if (!pid) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	ret = watch(&client, began, began + seconds * 1000000000ll, none, &pid, &status, &times);
	if (pid) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return not_ok(argv[1], "no end in time", times.result);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return not_ok(argv[1], "the command that causes the fault failed", 0);
	if (ret)
		return not_ok(argv[1],
			      times.noticed ? "no recovery in time" : "the fault was not noticed",
			      times.result);
	if (none && times.noticed)
		return not_ok(argv[1], "a job failed", times.result);
	if (lost != (times.result == SL_ERR_LOST || times.result == SL_ERR_FAULT))
		return not_ok(argv[1], "noticed in another way", times.result);
	if (none)
		printf("ok - %s: no job failed, the slowest took %.1f ms\n", argv[1],
		       (double)times.longest / 1e6);
	else
		printf("ok - %s: noticed after %.1f ms (%s), working again after %.1f ms\n",
		       argv[1], (double)times.noticed / 1e6, sl_strerror(times.result),
		       (double)times.recovered / 1e6);
	client_close(&client);
	return EXIT_SUCCESS;
}
