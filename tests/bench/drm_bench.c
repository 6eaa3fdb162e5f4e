// SPDX-License-Identifier: MIT
/*
 * What the kernel driver's path costs: drm_bench [jobs] [memory] [pictures]. Runs where the driver
 * is, and prints tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "sl200/sl.h"
#include "tests/bench/drm_bench.h"

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double bench_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

void bench_must(int ret, const char *what)
{
	if (ret) {
		fprintf(stderr, "drm_bench: %s: %s\n", what, strerror(-ret));
		exit(1);
	}
}

void bench_must_sl(int ret, const char *what)
{
	if (ret) {
		fprintf(stderr, "drm_bench: %s: %s\n", what, sl_last_error());
		exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t count, double share)
{
	qsort(values, count, sizeof(*values), compare);
	return values[(size_t)((double)(count - 1) * share)];
}

/* The kernel's tracepoint at the entry of every system call. */
static uint64_t tracepoint(void)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	unsigned long long id = 0;
	size_t i;

	for (i = 0; !id && i < sizeof(paths) / sizeof(paths[0]); i++) {
		FILE *file = fopen(paths[i], "re");

		if (!file)
			continue;
		if (fscanf(file, "%llu", &id) != 1)
			id = 0;
		fclose(file);
	}
	if (!id)
		bench_must(-ENOENT,
			   "the tracepoint raw_syscalls/sys_enter (needs root and tracefs)");
	return id;
}

static int calls = -1; /* the event that counts them, during bench_count_calls() */
static int marks;

void bench_mark(void)
{
	if (calls >= 0)
		ioctl(calls, marks++ ? PERF_EVENT_IOC_DISABLE : PERF_EVENT_IOC_ENABLE, 0);
}

uint64_t bench_count_calls(void (*run)(const void *arg), const void *arg)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = tracepoint(),
		.disabled = 1,
		.inherit = 1,
	};
	uint64_t count;
	char filter[32];

	calls = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (calls < 0)
		bench_must(-errno, "counting system calls");
	/* The clock is read without the kernel where the machine has a good one. */
	snprintf(filter, sizeof(filter), "id != %d", SYS_clock_gettime);
	if (ioctl(calls, PERF_EVENT_IOC_SET_FILTER, filter))
		bench_must(-errno, "counting system calls");
	marks = 0;
	run(arg);
	if (marks != 2 || read(calls, &count, sizeof(count)) != sizeof(count) || !count)
		bench_must(-EIO, "counting system calls");
	close(calls);
	calls = -1;
	/* The call that ends the counting is the last. */
	return count - 1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{"jobs", bench_jobs},
		{"memory", bench_memory},
		{"pictures", bench_pictures},
	};
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	size_t i;
	int n;

	for (n = 1; n < argc; n++) {
		for (i = 0; i < count && strcmp(parts[i].name, argv[n]); i++)
			;
		if (i == count) {
			fprintf(stderr, "usage: drm_bench [jobs] [memory] [pictures]\n");
			return 2;
		}
		parts[i].run();
	}
	for (i = 0; argc == 1 && i < count; i++)
		parts[i].run();
	return 0;
}
