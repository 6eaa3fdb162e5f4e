// SPDX-License-Identifier: MIT
/*
 * Empty jobs by way of the mapped doorbell, asleep or awake while they run, and by an ioctl for
 * each submission as drivers without mapped queues have it. All on the same driver and rings.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver/core/ring.h"
#include "libsl/event.h"
#include "sl200/sl.h"
#include "tests/bench/drm_bench.h"
#include "tests/vm/drm_client.h"

#define DEPTH 256u
#define HALF (DEPTH / 2)
#define SINGLE_JOBS 2000u
#define FULL_JOBS 20480u
#define COUNTED_JOBS 1024u
/* Processor time is taken of this many parts of a run: what else the machine does is in few. */
#define PARTS 40u
#define WAIT_NS 100000000

struct path {
	const char *name;
	bool by_ioctl; /* doorbells by ioctl */
	bool sleeps;   /* else it looks at the completion ring until something is there */
	bool library;
};

static const struct path paths[] = {
	{"mapped doorbell, client looks", false, false, false},
	{"mapped doorbell, client sleeps", false, true, false},
	{"ioctl for each job, client sleeps", true, true, false},
	{"libsl, client looks", false, false, true},
	{"libsl, client sleeps", false, true, true},
};
#define NUM_PATHS (sizeof(paths) / sizeof(paths[0]))

struct run {
	const struct path *path;
	unsigned int jobs;
	bool full;	/* keep the queue full, else one job at a time */
	double *took;	/* of each job, unless NULL */
	double *stamps; /* CPU used before each of PARTS and after the last, unless NULL */
};

/* Before job i, and at the end with the number of jobs. */
static void note_part(const struct run *run, unsigned int i)
{
	if (run->stamps && i % (run->jobs / PARTS) == 0)
		run->stamps[i / (run->jobs / PARTS)] = bench_cpu();
}

/* CPU of a job, in microseconds. */
static double cpu_per_job(const struct run *run)
{
	double parts[PARTS];
	unsigned int i;

	for (i = 0; i < PARTS; i++)
		parts[i] = run->stamps[i + 1] - run->stamps[i];
	return bench_quantile(parts, PARTS, BENCH_QUIET) / (run->jobs / PARTS) * 1e6;
}

static void ring(const struct path *path, struct drm_client_queue *queue, uint32_t offset,
		 uint32_t value)
{
	struct drm_sl200_queue_doorbell call = {
		.queue = queue->info.queue,
		.offset = offset,
		.value = value,
	};

	/* The entry before the doorbell. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (path->by_ioctl)
		bench_must(drm_client_call(queue->fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &call),
			   "doorbell");
	else
		queue->doorbell[offset / sizeof(uint32_t)] = value;
}

static void submit(const struct path *path, struct drm_client_queue *queue, bool irq)
{
	const struct sl200_sqe sqe = {
		.opcode = SL200_OP_NOP,
		.flags = irq ? SL200_SQE_F_IRQ : 0,
	};

	core_sq_write(queue->sq, DEPTH, queue->tail, &sqe);
	ring(path, queue, SL200_DOORBELL_SQ_TAIL, ++queue->tail);
}

/* The next completion. Room is given back by the half ring. */
static void collect(const struct path *path, struct drm_client_queue *queue)
{
	struct drm_sl200_queue_wait wait = {.queue = queue->info.queue};
	struct sl200_cqe cqe;
	int ret;

	for (;;) {
		wait.seen = queue->status->irqs;
		if (core_cq_read(queue->cq, DEPTH, queue->head, &cqe))
			break;
		if (queue->status->state != DRM_SL200_QUEUE_RUNNING)
			bench_must(-EIO, "the queue ended");
		if (!path->sleeps) {
			cpu_relax();
			continue;
		}
		wait.timeout_ns = monotonic_ns() + WAIT_NS;
		ret = drm_client_call(queue->fd, DRM_IOCTL_SL200_QUEUE_WAIT, &wait);
		bench_must(ret == -ETIME ? 0 : ret, "wait");
	}
	if (cqe.status != SL200_STATUS_OK)
		bench_must(-EIO, "an empty job failed");
	if (!(++queue->head % HALF))
		ring(path, queue, SL200_DOORBELL_CQ_HEAD, queue->head);
}

static void run_raw(const struct run *run)
{
	int fd = drm_client_open(0);
	struct drm_client_queue queue;
	unsigned int i;

	bench_must(fd < 0 ? fd : 0, "no card");
	bench_must(drm_client_queue_create(fd, DEPTH, &queue), "creating a queue");
	bench_mark();
	for (i = 0; i < run->jobs; i++) {
		double began = run->took ? bench_now() : 0;

		note_part(run, i);
		if (run->full && queue.tail - queue.head == DEPTH) {
			do
				collect(run->path, &queue);
			while (queue.head % HALF);
		}
		/* One interrupt for a half ring is enough to sleep for it. */
		submit(run->path, &queue,
		       run->path->sleeps && (!run->full || i % HALF == HALF - 1));
		if (!run->full)
			collect(run->path, &queue);
		if (run->took)
			run->took[i] = bench_now() - began;
	}
	while (queue.head != queue.tail)
		collect(run->path, &queue);
	note_part(run, run->jobs);
	bench_mark();
	bench_must(drm_client_queue_destroy(&queue), "destroying a queue");
	close(fd);
}

static void wait_sl(const struct path *path, struct sl_queue *queue, uint64_t seqno)
{
	int ret;

	do
		ret = sl_queue_wait(queue, seqno, path->sleeps ? SL_WAIT_FOREVER : 0, NULL);
	while (ret == SL_ERR_TIMEOUT);
	bench_must_sl(ret, "waiting for a job");
}

static void run_library(const struct run *run)
{
	const struct sl_queue_params params = {.depth = DEPTH};
	struct sl_device *device;
	struct sl_queue *queue;
	uint64_t seqno = 0;
	unsigned int i;

	bench_must_sl(sl_device_open("drm:", &device), "opening the card");
	bench_must_sl(sl_queue_create(device, &params, &queue), "creating a queue");
	bench_mark();
	for (i = 0; i < run->jobs; i++) {
		double began = run->took ? bench_now() : 0;
		int ret;

		note_part(run, i);
		ret = sl_queue_nop(queue, NULL, &seqno);
		if (ret == SL_ERR_AGAIN) {
			wait_sl(run->path, queue, seqno - HALF);
			ret = sl_queue_nop(queue, NULL, &seqno);
		}
		bench_must_sl(ret, "submitting a job");
		if (!run->full)
			wait_sl(run->path, queue, seqno);
		if (run->took)
			run->took[i] = bench_now() - began;
	}
	wait_sl(run->path, queue, seqno);
	note_part(run, run->jobs);
	bench_mark();
	sl_device_close(device);
}

static void run_jobs(const void *arg)
{
	const struct run *run = arg;

	if (run->path->library)
		run_library(run);
	else
		run_raw(run);
}

static double calls_per_job(const struct path *path, bool full)
{
	const struct run run = {.path = path, .jobs = COUNTED_JOBS, .full = full};

	return (double)bench_count_calls(run_jobs, &run) / COUNTED_JOBS;
}

static void one_at_a_time(const struct path *path)
{
	static double took[SINGLE_JOBS];
	double stamps[PARTS + 1];
	const struct run timed = {.path = path, .jobs = SINGLE_JOBS, .took = took};
	const struct run used = {.path = path, .jobs = SINGLE_JOBS, .stamps = stamps};

	run_jobs(&timed);
	run_jobs(&used);
	printf("  %-36s %9.1f %9.1f %12.1f %14.2f\n", path->name,
	       bench_quantile(took, SINGLE_JOBS, BENCH_QUIET) * 1e6,
	       bench_quantile(took, SINGLE_JOBS, 0.5) * 1e6, cpu_per_job(&used),
	       calls_per_job(path, false));
}

static void kept_full(const struct path *path)
{
	double stamps[PARTS + 1], began = bench_now();
	const struct run run = {.path = path, .jobs = FULL_JOBS, .full = true, .stamps = stamps};

	run_jobs(&run);
	began = bench_now() - began;
	printf("  %-36s %19.0f %12.1f %14.2f\n", path->name, FULL_JOBS / began, cpu_per_job(&run),
	       calls_per_job(path, true));
}

/* CPU of one doorbell, in microseconds. */
static double doorbell_cpu(const struct path *path, struct drm_client_queue *queue)
{
	double stamps[PARTS + 1];
	const struct run run = {.path = path, .jobs = SINGLE_JOBS, .stamps = stamps};
	unsigned int i;

	for (i = 0; i < SINGLE_JOBS; i++) {
		note_part(&run, i);
		ring(path, queue, SL200_DOORBELL_CQ_HEAD, 0);
	}
	note_part(&run, SINGLE_JOBS);
	return cpu_per_job(&run);
}

/* What one doorbell costs: a store to the page, or the ioctl around it. */
static void doorbells(void)
{
	const struct path *const mapped = &paths[0], *const by_ioctl = &paths[2];
	struct drm_client_queue queue;
	int fd = drm_client_open(0);
	double store, call;

	bench_must(fd < 0 ? fd : 0, "no card");
	bench_must(drm_client_queue_create(fd, DEPTH, &queue), "creating a queue");
	store = doorbell_cpu(mapped, &queue);
	call = doorbell_cpu(by_ioctl, &queue);
	printf("\nOne doorbell, CPU: %.2f us by the mapped page (the machine's cost of a posted "
	       "write to the card), %.2f us by ioctl\n",
	       store, call);
	bench_must(drm_client_queue_destroy(&queue), "destroying a queue");
	close(fd);
}

void bench_jobs(void)
{
	size_t i;

	printf("\nOne empty job at a time, us\n  %-36s %9s %9s %12s %14s\n", "", "25 %", "median",
	       "CPU per job", "system calls");
	for (i = 0; i < NUM_PATHS; i++)
		one_at_a_time(&paths[i]);
	printf("\nEmpty jobs, a queue of %u kept full\n  %-36s %19s %12s %14s\n", DEPTH, "",
	       "jobs a second", "CPU us", "system calls");
	for (i = 0; i < NUM_PATHS; i++)
		kept_full(&paths[i]);
	doorbells();
}
