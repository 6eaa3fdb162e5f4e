// SPDX-License-Identifier: MIT
/* Queues: order, waiting, back-pressure, callbacks, priorities, and many threads at once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/stack/stack.h"

static const struct sl_job_options ordered = {.flags = SL200_SQE_F_BARRIER};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/* A word that the card waits for or writes. */
static void store(struct sl_buffer *buffer, size_t index, uint64_t value)
{
	__atomic_store_n((uint64_t *)sl_buffer_map(buffer) + index, value, __ATOMIC_RELEASE);
}

static uint64_t load(struct sl_buffer *buffer, size_t index)
{
	return __atomic_load_n((uint64_t *)sl_buffer_map(buffer) + index, __ATOMIC_ACQUIRE);
}

static void test_params(void)
{
	static const struct sl_queue_params bad[] = {
		{.depth = 1},	       {.depth = 3},	{.depth = 8192},
		{.depth = 0x80000000}, {.weight = 256}, {.priority = SL200_PRIO_COUNT},
	};
	struct sl_queue_params params = {.depth = 4096, .priority = SL200_PRIO_LOW};
	struct sl_device *device = stack_open();
	struct sl_job_options options = {.flags = SL200_SQE_F_IRQ};
	struct sl200_queue_info info;
	struct sl_queue *queue;
	uint64_t seqno;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(sl_queue_create(device, &bad[i], &queue), SL_ERR_INVALID);
	CU_ASSERT_OK(sl_queue_create(device, &params, &queue));
	CU_ASSERT_EQUAL(sl_queue_nop(queue, &options, &seqno), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 0, 0, NULL), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), SL_ERR_INVALID);
	CU_ASSERT_OK(sl_queue_wait_idle(queue, 0));
	CU_ASSERT_OK(sl_queue_nop(queue, NULL, &seqno));
	CU_ASSERT_EQUAL(seqno, 1);
	CU_ASSERT_OK(sl_queue_wait_idle(queue, PATIENCE));
	CU_ASSERT_OK(sl_device_queue_info(device, sl_queue_id(queue), &info));
	CU_ASSERT_EQUAL(info.state, SL200_QUEUE_RUNNING);
	CU_ASSERT_EQUAL(info.priority, SL200_PRIO_LOW);
	CU_ASSERT_EQUAL(info.jobs, 1);
	CU_ASSERT_EQUAL(sl_device_queue_info(device, 0, &info), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_device_queue_info(device, 100000, &info), SL_ERR_INVALID);
	if (stack_own_card())
		CU_ASSERT_EQUAL(sl_device_queue_info(device, sl_queue_id(queue) + 1, &info),
				SL_ERR_INVALID);
	sl_queue_destroy(queue);
	sl_queue_destroy(NULL);
	sl_device_close(device);
}

/* Two queues hand a word to and fro; the card's clock runs forward meanwhile. */
static void test_ping_pong(void)
{
	struct sl_device *device = stack_open();
	struct sl_queue *queue[2];
	struct sl_buffer *words;
	uint64_t iova, last = 0;
	int i;

	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &words));
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue[0]));
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue[1]));
	iova = sl_buffer_iova(words);
	for (i = 1; i <= 10; i++) {
		CU_ASSERT_OK(sl_queue_wait_value(queue[0], iova + 8, (uint64_t)i - 1, NULL, NULL));
		CU_ASSERT_OK(
			sl_queue_timestamp(queue[0], iova + 64 + 16 * (uint64_t)i, NULL, NULL));
		CU_ASSERT_OK(sl_queue_signal_value(queue[0], iova, (uint64_t)i, NULL, NULL));
		CU_ASSERT_OK(sl_queue_wait_value(queue[1], iova, (uint64_t)i, NULL, NULL));
		CU_ASSERT_OK(
			sl_queue_timestamp(queue[1], iova + 72 + 16 * (uint64_t)i, NULL, NULL));
		CU_ASSERT_OK(sl_queue_signal_value(queue[1], iova + 8, (uint64_t)i, NULL, NULL));
	}
	CU_ASSERT_OK(sl_queue_wait_idle(queue[0], PATIENCE));
	CU_ASSERT_OK(sl_queue_wait_idle(queue[1], PATIENCE));
	CU_ASSERT_EQUAL(load(words, 0), 10);
	CU_ASSERT_EQUAL(load(words, 1), 10);
	for (i = 10; i < 30; i++) {
		CU_ASSERT_TRUE(load(words, (size_t)i) > last);
		last = load(words, (size_t)i);
	}
	sl_device_close(device);
}

/* Without a barrier a later job may overtake; with one it waits for all before it. */
static void test_barrier(void)
{
	const uint32_t size = 4 << 20;
	struct sl_device *device = stack_open();
	struct sl_queue *queue;
	struct sl_buffer *buffer;
	uint64_t iova, seqno;
	uint64_t *words;
	int i;

	CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_HOST, &buffer));
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	iova = sl_buffer_iova(buffer);
	words = sl_buffer_map(buffer);
	for (i = 0; i < 10; i++) {
		CU_ASSERT_OK(sl_queue_fill(queue, iova, 0, 2 * (uint64_t)i + 1, size, 1, &ordered,
					   NULL));
		/* Whatever copies this small runs into the large fill, unless it waits. */
		CU_ASSERT_OK(sl_queue_fill(queue, iova + size - 8, 0, 2 * (uint64_t)i + 2, 8, 1,
					   &ordered, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(words[0], 2 * (uint64_t)i + 1);
		CU_ASSERT_EQUAL(words[size / 8 - 1], 2 * (uint64_t)i + 2);
	}
	/* SIGNAL waits for the jobs before it by itself. */
	CU_ASSERT_OK(sl_queue_fill(queue, iova, 0, 77, size, 1, NULL, NULL));
	CU_ASSERT_OK(sl_queue_signal_value(queue, iova + size - 8, 78, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(words[size / 8 - 2], 77);
	CU_ASSERT_EQUAL(words[size / 8 - 1], 78);
	sl_device_close(device);
}

static void test_back_pressure(void)
{
	struct sl_queue_params params = {.depth = 8};
	struct sl_device *device = stack_open();
	struct sl_completion completion;
	struct sl_queue *queue, *other;
	struct sl_buffer *word;
	uint64_t seqno, i;

	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &word));
	CU_ASSERT_OK(sl_queue_create(device, &params, &queue));
	CU_ASSERT_OK(sl_queue_create(device, &params, &other));
	CU_ASSERT_OK(sl_queue_wait_value(queue, sl_buffer_iova(word), 1, NULL, &seqno));
	for (i = 2; i <= 8; i++) {
		struct sl_job_options options = {.user = 100 + i};

		CU_ASSERT_OK(sl_queue_nop(queue, &options, &seqno));
		CU_ASSERT_EQUAL(seqno, i);
	}
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_AGAIN);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), SL_ERR_TIMEOUT);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 20000000, NULL), SL_ERR_TIMEOUT);
	CU_ASSERT_EQUAL(sl_queue_wait_idle(queue, 1000000), SL_ERR_TIMEOUT);
	/* It is this queue's affair alone. */
	CU_ASSERT_OK(sl_queue_nop(other, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(other, seqno), SL200_STATUS_OK);
	store(word, 0, 1);
	CU_ASSERT_EQUAL(stack_wait_status(queue, 1), SL200_STATUS_OK);
	CU_ASSERT_OK(sl_queue_wait_idle(queue, PATIENCE));
	/* The last depth jobs are remembered, with their user values, and no more. */
	for (i = 2; i <= 8; i++) {
		CU_ASSERT_OK(sl_queue_wait(queue, i, 0, &completion));
		CU_ASSERT_EQUAL(completion.seqno, i);
		CU_ASSERT_EQUAL(completion.user, 100 + i);
	}
	CU_ASSERT_OK(sl_queue_nop(queue, NULL, &seqno));
	CU_ASSERT_EQUAL(seqno, 9);
	CU_ASSERT_OK(sl_queue_wait_idle(queue, PATIENCE));
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), SL_ERR_INVALID);
	CU_ASSERT_OK(sl_queue_wait(queue, 2, 0, NULL));
	/* Thousands of jobs pass through so small a queue. */
	for (i = 0; i < 3000; i++) {
		int ret;

		while ((ret = sl_queue_nop(queue, NULL, &seqno)) == SL_ERR_AGAIN)
			CU_ASSERT_OK(sl_queue_wait(queue, seqno - 7, PATIENCE, NULL));
		CU_ASSERT_OK(ret);
	}
	CU_ASSERT_OK(sl_queue_wait_idle(queue, PATIENCE));
	sl_device_close(device);
}

struct counter {
	struct sl_queue *queue;
	uint64_t next; /* seqno expected */
	uint64_t to_submit;
	_Atomic uint64_t calls, errors;
};

static void count(void *arg, const struct sl_completion *completion)
{
	struct counter *counter = arg;

	/* NOPs complete in order. */
	if (completion->seqno != ++counter->next || completion->user != 3 * completion->seqno ||
	    completion->status != SL200_STATUS_OK)
		counter->errors++;
	if (counter->to_submit) {
		struct sl_job_options options = {.user = 3 * (counter->next + 4)};

		counter->to_submit--;
		if (sl_queue_nop(counter->queue, &options, NULL))
			counter->errors++;
	}
	counter->calls++;
}

static void await(_Atomic uint64_t *value, uint64_t wanted)
{
	int64_t deadline = now_ns() + PATIENCE;

	while (*value < wanted && now_ns() < deadline)
		usleep(500);
	CU_ASSERT_EQUAL(*value, wanted);
}

/* Four jobs start it; each completion submits another from inside the callback. */
static void test_callback(void)
{
	struct counter counter = {.to_submit = 1996};
	struct sl_queue_params params = {.depth = 4, .callback = count, .callback_arg = &counter};
	struct sl_device *device = stack_open();
	struct sl_buffer *word;
	uint64_t i;

	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &word));
	CU_ASSERT_OK(sl_queue_create(device, &params, &counter.queue));
	for (i = 1; i <= 4; i++) {
		struct sl_job_options options = {.user = 3 * i};

		/* The first holds the others until all are in. */
		if (i == 1)
			CU_ASSERT_OK(sl_queue_wait_value(counter.queue, sl_buffer_iova(word), 1,
							 &options, NULL));
		else
			CU_ASSERT_OK(sl_queue_nop(counter.queue, &options, NULL));
	}
	store(word, 0, 1);
	await(&counter.calls, 2000);
	CU_ASSERT_EQUAL(counter.errors, 0);
	/* Waiting and callbacks go together. */
	CU_ASSERT_OK(sl_queue_wait(counter.queue, 2000, PATIENCE, NULL));
	sl_queue_destroy(counter.queue);
	sl_device_close(device);
}

static void slow(void *arg, const struct sl_completion *completion)
{
	usleep(1000);
	++*(_Atomic uint64_t *)arg;
}

/* A callback slower than the card holds back submission instead of losing completions. */
static void test_slow_callback(void)
{
	_Atomic uint64_t calls = 0;
	struct sl_queue_params params = {.depth = 4, .callback = slow, .callback_arg = &calls};
	struct sl_device *device = stack_open();
	struct sl_queue *queue;
	int64_t deadline = now_ns() + PATIENCE;
	int i, full = 0;

	CU_ASSERT_OK(sl_queue_create(device, &params, &queue));
	for (i = 0; i < 100 && now_ns() < deadline;) {
		int ret = sl_queue_nop(queue, NULL, NULL);

		if (ret == SL_ERR_AGAIN) {
			full++;
			usleep(200);
			continue;
		}
		CU_ASSERT_OK(ret);
		i++;
	}
	CU_ASSERT_TRUE(full > 0);
	await(&calls, 100);
	sl_device_close(device);
}

static void *wait_first(void *arg)
{
	struct sl_queue *queue = arg;

	return (void *)(intptr_t)sl_queue_wait(queue, 1, SL_WAIT_FOREVER, NULL);
}

/* Destroying a queue ends the wait of a thread inside it, and the job it waited for. */
static void test_destroy_with_waiter(void)
{
	struct sl_device *device = stack_open();
	struct sl_queue *queue;
	struct sl_buffer *word;
	pthread_t thread[2];
	int64_t start;
	void *result;
	int i;

	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &word));
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_queue_wait_value(queue, sl_buffer_iova(word), 1, NULL, NULL));
	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, wait_first, queue);
	usleep(50000);
	start = now_ns();
	sl_queue_destroy(queue);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], &result);
		/* Completed as ABORTED before the queue went, or never to complete. */
		CU_ASSERT_TRUE((intptr_t)result == SL_ERR_LOST || !(intptr_t)result);
	}
	CU_ASSERT_TRUE(now_ns() - start < PATIENCE);
	sl_device_close(device);
}

/* A flood of low priority delays a realtime job by the jobs already running at most. */
static void test_priority(void)
{
	/* Many short rows take an engine long. */
	struct sl_queue_params low = {.priority = SL200_PRIO_LOW};
	struct sl_queue_params realtime = {.priority = SL200_PRIO_REALTIME};
	struct sl_device *device = stack_open(), *urgent = stack_open();
	const uint32_t jobs = 64, rows = stack_slow() ? 4096 : 32768, pitch = 8;
	const uint32_t size = rows * pitch;
	struct sl_queue *flood, *queue;
	struct sl_buffer *buffer, *small;
	uint64_t seqno;
	uint32_t i;

	CU_ASSERT_OK(sl_buffer_create(device, jobs * size, SL_MEMORY_HOST, &buffer));
	CU_ASSERT_OK(sl_buffer_create(urgent, 4096, SL_MEMORY_HOST, &small));
	CU_ASSERT_OK(sl_queue_create(device, &low, &flood));
	CU_ASSERT_OK(sl_queue_create(urgent, &realtime, &queue));
	for (i = 0; i < jobs; i++)
		CU_ASSERT_OK(sl_queue_fill(flood, sl_buffer_iova(buffer) + i * size, pitch, i, 1,
					   rows, NULL, NULL));
	CU_ASSERT_OK(sl_queue_fill(queue, sl_buffer_iova(small), 0, 9, 4096, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_wait(flood, jobs, 0, NULL), SL_ERR_TIMEOUT);
	CU_ASSERT_OK(sl_queue_wait_idle(flood, PATIENCE));
	sl_device_close(urgent);
	sl_device_close(device);
}

struct worker {
	struct sl_device *device;
	struct sl_queue *shared; /* with other threads */
	unsigned int seed;
	int failures;
};

#define WORKER_JOBS 120
#define WORKER_SIZE 20000u

static int worker_job(struct worker *worker, struct sl_queue *queue, uint64_t dst, uint64_t src,
		      uint32_t size)
{
	struct sl_completion completion;
	uint64_t seqno;
	int ret;

	while ((ret = sl_queue_copy(queue, dst, 0, src, 0, size, 1, NULL, &seqno)) == SL_ERR_AGAIN)
		usleep(100);
	/* A shared queue's completion may be pushed out by the others' jobs. */
	if (!ret)
		ret = sl_queue_wait(queue, seqno, PATIENCE, &completion);
	return !ret && completion.status != SL200_STATUS_OK ? SL_ERR_JOB : ret;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct sl_queue *own;
	struct sl_buffer *host, *card;
	uint8_t *data;
	int i;

	if (sl_queue_create(worker->device, NULL, &own) ||
	    sl_buffer_create(worker->device, 2 * WORKER_SIZE, SL_MEMORY_HOST, &host))
		return arg;
	data = sl_buffer_map(host);
	for (i = 0; i < WORKER_JOBS; i++) {
		uint32_t size = 1 + (uint32_t)rand_r(&worker->seed) % WORKER_SIZE;

		if (sl_buffer_create(worker->device, size, SL_MEMORY_CARD, &card))
			return arg;
		stack_random(data, size, &worker->seed);
		if (worker_job(worker, own, sl_buffer_iova(card), sl_buffer_iova(host), size) ||
		    worker_job(worker, worker->shared, sl_buffer_iova(host) + WORKER_SIZE,
			       sl_buffer_iova(card), size) ||
		    memcmp(data, data + WORKER_SIZE, size))
			worker->failures++;
		sl_buffer_destroy(card);
		if (i % 40 == 39) {
			sl_queue_destroy(own);
			if (sl_queue_create(worker->device, NULL, &own))
				return arg;
		}
	}
	sl_buffer_destroy(host);
	sl_queue_destroy(own);
	return NULL;
}

/* Two clients, three threads each, with queues of their own and one shared per client. */
static void test_stress(void)
{
	struct sl_queue_params params = {.depth = 32};
	struct worker worker[6] = {0};
	struct sl_device *device[2];
	struct sl_queue *shared[2];
	pthread_t thread[6];
	void *failed;
	int i;

	for (i = 0; i < 2; i++) {
		device[i] = stack_open();
		CU_ASSERT_OK(sl_queue_create(device[i], &params, &shared[i]));
	}
	for (i = 0; i < 6; i++) {
		worker[i] = (struct worker){device[i & 1], shared[i & 1], 7u * (unsigned int)i, 0};
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, work, &worker[i]), 0);
	}
	for (i = 0; i < 6; i++) {
		pthread_join(thread[i], &failed);
		CU_ASSERT_PTR_NULL(failed);
		CU_ASSERT_EQUAL(worker[i].failures, 0);
	}
	for (i = 0; i < 2; i++)
		sl_device_close(device[i]);
}

/* Clients that leave with jobs in flight and everything still allocated. */
static void test_abrupt_close(void)
{
	const uint32_t size = 1 << 20;
	struct sl_device *keeper = stack_open(), *device;
	struct sl_surface *surface;
	struct sl_buffer *buffer;
	struct sl_queue *queue;
	int round, i;

	for (round = 0; round < 5; round++) {
		device = stack_open();
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_surface_create(device, SL200_FORMAT_NV12, 640, 480, SL_MEMORY_CARD,
					       &surface));
		CU_ASSERT_OK(sl_buffer_create(device, 20 * size, SL_MEMORY_HOST, &buffer));
		for (i = 0; i < 20; i++)
			CU_ASSERT_OK(sl_queue_fill(queue,
						   sl_buffer_iova(buffer) + (uint32_t)i * size, 0,
						   1, size, 1, NULL, NULL));
		sl_device_close(device);
	}
	stack_assert_healthy();
	sl_device_close(keeper);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"parameters", test_params},
		{"wait, signal and time across queues", test_ping_pong},
		{"barriers", test_barrier},
		{"back-pressure", test_back_pressure},
		{"callbacks", test_callback},
		{"a slow callback", test_slow_callback},
		{"destroy under a waiter", test_destroy_with_waiter},
		{"priorities", test_priority},
		{"many threads", test_stress},
		{"abrupt close", test_abrupt_close},
		{"still healthy", stack_assert_healthy},
		CU_TEST_INFO_NULL,
	};

	return stack_run("queue", tests);
}
