// SPDX-License-Identifier: MIT
/*
 * Cost of jobs through one queue: latency of an empty job, rate of a full queue of them, and
 * copies.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sl200/sl.h"

#define DEPTH 256u

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int result)
{
	if (result) {
		fprintf(stderr, "queue_bench: %s (%s)\n", sl_strerror(result), sl_last_error());
		exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void nop_latency(struct sl_queue *queue)
{
	enum { N = 2000 };
	static double took[N];
	uint64_t seqno;

	for (int i = 0; i < N; i++) {
		double began = seconds(CLOCK_MONOTONIC);

		must(sl_queue_nop(queue, NULL, &seqno));
		must(sl_queue_wait(queue, seqno, SL_WAIT_FOREVER, NULL));
		took[i] = seconds(CLOCK_MONOTONIC) - began;
	}
	qsort(took, N, sizeof(took[0]), compare);
	printf("  empty job, submit to completion   median %.1f us, 99th percentile %.1f us\n",
	       took[N / 2] * 1e6, took[N * 99 / 100] * 1e6);
}

/* Keep the queue full of jobs of one kind; size 0: empty jobs. */
static void throughput(struct sl_queue *queue, const struct sl_buffer *dst,
		       const struct sl_buffer *src, uint32_t size, uint32_t jobs)
{
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
	uint64_t seqno = 0;
	uint32_t again = 0;

	for (uint32_t i = 0; i < jobs;) {
		int ret = size ? sl_queue_copy(queue, sl_buffer_iova(dst), 0, sl_buffer_iova(src),
					       0, size, 1, NULL, &seqno)
			       : sl_queue_nop(queue, NULL, &seqno);

		if (ret == SL_ERR_AGAIN) {
			again++;
			must(sl_queue_wait(queue, seqno - DEPTH / 2, SL_WAIT_FOREVER, NULL));
			continue;
		}
		must(ret);
		i++;
	}
	must(sl_queue_wait_idle(queue, SL_WAIT_FOREVER));
	began = seconds(CLOCK_MONOTONIC) - began;
	cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (size)
		printf("  copies of %7" PRIu32 " bytes             %.0f jobs/s, %.2f GB/s\n", size,
		       jobs / began, (double)size * jobs / began / 1e9);
	else
		printf("  empty jobs, queue kept full       %.0f jobs/s, %.2f us of client CPU "
		       "each, back-pressure %" PRIu32 " times\n",
		       jobs / began, cpu / jobs * 1e6, again);
}

int main(void)
{
	struct sl_queue_params params = {.depth = DEPTH};
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_buffer *host, *card;

	must(sl_device_open(NULL, &device));
	must(sl_queue_create(device, &params, &queue));
	must(sl_buffer_create(device, 4 << 20, SL_MEMORY_HOST, &host));
	must(sl_buffer_create(device, 4 << 20, SL_MEMORY_CARD, &card));
	nop_latency(queue);
	throughput(queue, NULL, NULL, 0, 200000);
	for (uint32_t size = 64; size <= 4 << 20; size *= 16)
		throughput(queue, card, host, size, size < 65536 ? 20000 : 1000);
	sl_queue_destroy(queue);
	sl_buffer_destroy(host);
	sl_buffer_destroy(card);
	sl_device_close(device);
	return 0;
}
