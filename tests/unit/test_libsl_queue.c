// SPDX-License-Identifier: MIT
/*
 * The queue against a transport that is an array: the test plays the card, and completes jobs in
 * whatever order and shape it likes.
 */
#include <CUnit/Basic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/core/ring.h"
#include "libsl/event.h"
#include "libsl/queue.h"
#include "tests/suite.h"

#define DEPTH 8u

static struct fake {
	struct transport base;
	struct transport_queue queue;
	struct sl200_sqe sq[DEPTH];
	struct sl200_cqe cq[DEPTH];
	struct event irq;
	uint32_t sq_tail, cq_head; /* doorbells */
	uint32_t cq_tail;
	unsigned int doorbells;
	_Atomic unsigned int sleeps;
} fake;

static struct sl_device device;

static int fake_queue_create(struct transport *transport, uint32_t depth, unsigned int priority,
			     unsigned int weight, struct transport_queue **queue)
{
	CU_ASSERT_EQUAL_FATAL(depth, DEPTH);
	fake.queue =
		(struct transport_queue){.qid = 3, .depth = depth, .sq = fake.sq, .cq = fake.cq};
	*queue = &fake.queue;
	return 0;
}

static void fake_wake(struct transport *transport, struct transport_queue *queue)
{
	event_signal(&fake.irq);
}

static void fake_queue_stop(struct transport *transport, struct transport_queue *queue)
{
	atomic_store(&queue->state, SL_ERR_LOST);
	fake_wake(transport, queue);
}

static void fake_queue_free(struct transport *transport, struct transport_queue *queue)
{
}

static void fake_doorbell(struct transport *transport, struct transport_queue *queue,
			  uint32_t offset, uint32_t value)
{
	fake.doorbells++;
	*(offset == SL200_DOORBELL_SQ_TAIL ? &fake.sq_tail : &fake.cq_head) = value;
}

static uint32_t fake_irqs(struct transport *transport, struct transport_queue *queue)
{
	return event_count(&fake.irq);
}

static void fake_sleep(struct transport *transport, struct transport_queue *queue, uint32_t seen,
		       int64_t timeout_ns)
{
	fake.sleeps++;
	event_sleep(&fake.irq, seen, timeout_ns);
}

static const struct transport_ops fake_ops = {
	.queue_create = fake_queue_create,
	.queue_stop = fake_queue_stop,
	.queue_free = fake_queue_free,
	.doorbell = fake_doorbell,
	.queue_irqs = fake_irqs,
	.queue_sleep = fake_sleep,
	.queue_wake = fake_wake,
};

static struct sl_queue *setup(void (*callback)(void *, const struct sl_completion *), void *arg)
{
	struct sl_queue_params params = {.depth = DEPTH, .callback = callback, .callback_arg = arg};
	struct sl_queue *queue = NULL;

	memset(&fake, 0, sizeof(fake));
	memset(&device, 0, sizeof(device));
	fake.base.ops = &fake_ops;
	fake.base.caps.max_depth = SL200_QUEUE_DEPTH_MAX;
	device.transport = &fake.base;
	pthread_mutex_init(&device.lock, NULL);
	link_init(&device.queues);
	CU_ASSERT_EQUAL_FATAL(sl_queue_create(&device, &params, &queue), 0);
	return queue;
}

static void complete_raw(uint64_t tag, uint32_t sq_head, uint16_t status)
{
	struct sl200_cqe *cqe = &fake.cq[fake.cq_tail & (DEPTH - 1)];

	cqe->tag = tag;
	cqe->sq_head = sq_head;
	cqe->status = status;
	__atomic_store_n(&cqe->phase, core_cq_phase(fake.cq_tail, DEPTH), __ATOMIC_RELEASE);
	fake.cq_tail++;
	event_signal(&fake.irq);
}

static void complete(uint64_t seqno, uint16_t status)
{
	complete_raw(seqno, fake.sq_tail, status);
}

static void submit(struct sl_queue *queue, unsigned int jobs)
{
	while (jobs--)
		CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
}

static void test_out_of_order(void)
{
	struct sl_queue *queue = setup(NULL, NULL);
	struct sl_completion completion;

	submit(queue, DEPTH);
	CU_ASSERT_EQUAL(fake.sq_tail, DEPTH);
	CU_ASSERT_EQUAL(fake.sq[4].tag, 5);
	CU_ASSERT_EQUAL(fake.sq[4].flags, SL200_SQE_F_IRQ);
	complete(5, SL200_STATUS_OVERFLOW);
	complete(2, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 5, 0, &completion), 0);
	CU_ASSERT_EQUAL(completion.status, SL200_STATUS_OVERFLOW);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, 0, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), SL_ERR_TIMEOUT);
	/* Two are free, but the oldest still holds its place. */
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_AGAIN);
	complete(1, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_AGAIN);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(fake.sleeps, 0);
	sl_queue_destroy(queue);
}

/* The card always knows of room for the completion of every job it is told of. */
static void test_room(void)
{
	struct sl_queue *queue = setup(NULL, NULL);
	uint64_t seqno;
	unsigned int i;

	for (i = 1; i <= 1000; i++) {
		CU_ASSERT_EQUAL_FATAL(sl_queue_nop(queue, NULL, &seqno), 0);
		CU_ASSERT_TRUE_FATAL(fake.sq_tail - fake.cq_head <= DEPTH);
		/* Now and then let several gather. */
		if (i % 5 == 0 || fake.sq_tail - fake.cq_tail == DEPTH) {
			while (fake.cq_tail != fake.sq_tail)
				complete(fake.cq_tail + 1, SL200_STATUS_OK);
		}
	}
	while (fake.cq_tail != fake.sq_tail)
		complete(fake.cq_tail + 1, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_wait_idle(queue, 0), 0);
	/* One doorbell a job, and few more for the room. */
	CU_ASSERT_TRUE(fake.doorbells < 1000 + 1000 / (DEPTH / 2));
	sl_queue_destroy(queue);
}

static void try_bogus(uint64_t tag, uint32_t sq_head)
{
	struct sl_queue *queue = setup(NULL, NULL);
	struct sl_completion completion;

	submit(queue, 3);
	complete(1, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, NULL), 0);
	complete_raw(tag, sq_head, SL200_STATUS_OK);
	complete(3, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, SL_WAIT_FOREVER, NULL), SL_ERR_FAULT);
	/* What came before stays known, what comes after is not believed. */
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 0, &completion), 0);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 3, 0, &completion), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(sl_queue_wait_idle(queue, SL_WAIT_FOREVER), SL_ERR_FAULT);
	sl_queue_destroy(queue);
}

static void test_bogus(void)
{
	try_bogus(0, 3);
	try_bogus(1, 3); /* complete already */
	try_bogus(4, 3); /* not submitted yet */
	try_bogus(UINT64_MAX, 3);
	try_bogus(2 + DEPTH, 3);
	try_bogus(2, 4); /* consumed more than there is */
	try_bogus(2, 2); /* consumed less than before */
}

struct waiter {
	struct sl_queue *queue;
	uint64_t seqno;
	int result;
};

static void *wait_thread(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = sl_queue_wait(waiter->queue, waiter->seqno, SL_WAIT_FOREVER, NULL);
	return NULL;
}

/* Several sleeping threads, each woken for its own job. */
static void test_waiters(void)
{
	struct sl_queue *queue = setup(NULL, NULL);
	struct waiter waiter[4];
	pthread_t thread[4];
	unsigned int i;

	submit(queue, 5);
	for (i = 0; i < 4; i++) {
		waiter[i] = (struct waiter){queue, i + 1, 1};
		pthread_create(&thread[i], NULL, wait_thread, &waiter[i]);
	}
	usleep(20000);
	for (i = 4; i > 2; i--) {
		complete(i, SL200_STATUS_OK);
		pthread_join(thread[i - 1], NULL);
		CU_ASSERT_EQUAL(waiter[i - 1].result, 0);
	}
	/* The queue stops: job 2 has completed all the same, job 1 never will. */
	complete_raw(2, fake.sq_tail, SL200_STATUS_OK);
	atomic_store(&fake.queue.state, SL_ERR_FAULT);
	event_signal(&fake.irq);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(waiter[0].result, SL_ERR_FAULT);
	CU_ASSERT_EQUAL(waiter[1].result, 0);
	sl_queue_destroy(queue);
}

struct calls {
	_Atomic unsigned int count;
	uint64_t seqno[64];
	uint16_t status[64];
};

static void record_call(void *arg, const struct sl_completion *completion)
{
	struct calls *calls = arg;
	unsigned int n = atomic_load(&calls->count);

	calls->seqno[n] = completion->seqno;
	calls->status[n] = completion->status;
	atomic_store(&calls->count, n + 1);
}

static void await_calls(struct calls *calls, unsigned int count)
{
	int i;

	for (i = 0; i < 20000 && atomic_load(&calls->count) < count; i++)
		usleep(1000);
	CU_ASSERT_EQUAL_FATAL(atomic_load(&calls->count), count);
}

/* Callbacks come in the order of arrival, and for what was left when the queue died. */
static void test_callbacks(void)
{
	static const uint64_t order[] = {3, 1, 5, 2, 4, 6};
	struct calls calls = {0};
	struct sl_queue *queue = setup(record_call, &calls);
	unsigned int i;

	submit(queue, 6);
	for (i = 0; i < 4; i++)
		complete(order[i], SL200_STATUS_OK);
	await_calls(&calls, 4);
	atomic_store(&fake.queue.state, SL_ERR_LOST);
	event_signal(&fake.irq);
	await_calls(&calls, 6);
	for (i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(calls.seqno[i], order[i]);
		CU_ASSERT_EQUAL(calls.status[i], i < 4 ? SL200_STATUS_OK : SL200_STATUS_ABORTED);
	}
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_LOST);
	sl_queue_destroy(queue);
	CU_ASSERT_EQUAL(atomic_load(&calls.count), 6);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"completions out of order", test_out_of_order},
		{"room for completions", test_room},
		{"bogus completions", test_bogus},
		{"waiters", test_waiters},
		{"callbacks", test_callbacks},
		CU_TEST_INFO_NULL,
	};

	return suite_run("queue", NULL, NULL, tests);
}
