// SPDX-License-Identifier: MIT
/*
 * What goes wrong: bad addresses, hostile entries and rings, engines that hang, a card that dies.
 * Each hurts its owner alone, says precisely what it was, and leaves a card that serves.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "abi/sl200_regs.h"
#include "libsl/queue.h"
#include "tests/stack/stack.h"

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static int inject(struct sl_device *device, uint32_t reg, uint32_t value)
{
	return device->transport->ops->inject(device->transport, reg, value);
}

/* A device with a queue and a page of host memory. */
struct client {
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_buffer *buffer;
	uint64_t iova;
};

static struct client client_open(const struct sl_queue_params *params)
{
	struct client client;

	client.device = stack_open();
	CU_ASSERT_OK(sl_queue_create(client.device, params, &client.queue));
	CU_ASSERT_OK(sl_buffer_create(client.device, 65536, SL_MEMORY_HOST, &client.buffer));
	client.iova = sl_buffer_iova(client.buffer);
	return client;
}

static void assert_serves(struct sl_queue *queue)
{
	uint64_t seqno;

	CU_ASSERT_OK(sl_queue_nop(queue, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
}

/* The queue refuses further jobs, and says what stopped it. */
static void assert_stopped(struct client *client, uint64_t iova, bool write)
{
	struct sl200_queue_info info;
	uint64_t seqno;

	CU_ASSERT_EQUAL(sl_queue_nop(client->queue, NULL, &seqno), SL_ERR_FAULT);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "stopped"));
	CU_ASSERT_OK(sl_device_queue_info(client->device, sl_queue_id(client->queue), &info));
	CU_ASSERT_EQUAL(info.state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info.stop_status, SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(info.fault_iova & ~0xfffull, iova & ~0xfffull);
	CU_ASSERT_EQUAL(!!info.fault_write, write);
}

static void try_fault(uint64_t dst, uint64_t src, uint64_t at, bool write, struct client *bystander)
{
	struct client client = client_open(NULL);
	struct sl_completion completion;
	struct sl_queue *second;
	uint64_t seqno;
	int i, ret;

	CU_ASSERT_OK(sl_queue_create(client.device, NULL, &second));
	CU_ASSERT_OK(sl_queue_copy(client.queue, dst ? dst : client.iova, 0,
				   src ? src : client.iova + 32768, 0, 8192, 1, NULL, &seqno));
	/* Jobs behind it are not started any more. */
	for (i = 0; i < 5; i++) {
		struct sl_job_options after = {.flags = SL200_SQE_F_BARRIER};

		if (sl_queue_nop(client.queue, &after, NULL))
			break;
	}
	CU_ASSERT_OK(sl_queue_wait(client.queue, seqno, PATIENCE, &completion));
	CU_ASSERT_EQUAL(completion.status, SL200_STATUS_MMU_FAULT);
	if (i) {
		ret = sl_queue_wait(client.queue, seqno + 1, PATIENCE, &completion);
		CU_ASSERT_TRUE(ret == SL_ERR_FAULT ||
			       (!ret && completion.status == SL200_STATUS_ABORTED));
	}
	assert_stopped(&client, at, write);
	assert_serves(second);
	assert_serves(bystander->queue);
	sl_queue_destroy(client.queue);
	CU_ASSERT_OK(sl_queue_create(client.device, NULL, &client.queue));
	assert_serves(client.queue);
	sl_device_close(client.device);
}

static void test_bad_iova(void)
{
	struct client bystander = client_open(NULL);
	struct sl_device_stats before, after;

	CU_ASSERT_OK(sl_device_stats(bystander.device, &before));
	try_fault(0, 0x1000, 0x1000, false, &bystander);
	try_fault(0x7ffff0000000, 0, 0x7ffff0000000, true, &bystander);
	/* Memory of another client is not there, in either direction. */
	try_fault(0, bystander.iova, bystander.iova, false, &bystander);
	try_fault(bystander.iova, 0, bystander.iova, true, &bystander);
	CU_ASSERT_OK(sl_device_stats(bystander.device, &after));
	CU_ASSERT_EQUAL(after.firmware.faults - before.firmware.faults, 4);
	CU_ASSERT_TRUE(after.mmu_faults > before.mmu_faults);
	sl_device_close(bystander.device);
	stack_assert_healthy();
}

/* Off the end of a buffer there is a hole, and freed memory is gone. */
static void test_buffer_end(void)
{
	struct client client = client_open(NULL);
	uint64_t seqno, freed;

	CU_ASSERT_OK(
		sl_queue_fill(client.queue, client.iova + 65536 - 8, 0, 1, 16, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_MMU_FAULT);
	assert_stopped(&client, client.iova + 65536, true);
	sl_queue_destroy(client.queue);
	CU_ASSERT_OK(sl_queue_create(client.device, NULL, &client.queue));
	/* Used once, so that the translation was cached. */
	CU_ASSERT_OK(sl_queue_fill(client.queue, client.iova, 0, 1, 64, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_OK);
	freed = client.iova;
	sl_buffer_destroy(client.buffer);
	CU_ASSERT_OK(sl_queue_fill(client.queue, freed, 0, 1, 64, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_MMU_FAULT);
	sl_device_close(client.device);
	stack_assert_healthy();
}

static void test_bad_entries(void)
{
	struct client client = client_open(NULL);
	const uint64_t a = client.iova, b = client.iova + 32768;
#define FIELD(name) offsetof(struct sl200_sqe, name)
	const struct {
		struct sl200_sqe sqe;
		uint16_t status;
		size_t detail;
	} cases[] = {
		{{.opcode = 0x0f}, SL200_STATUS_INVALID_OPCODE, 0},
		{{.opcode = SL200_OP_DECODE}, SL200_STATUS_INVALID_OPCODE, 0},
		{{.opcode = SL200_OP_PROCESS}, SL200_STATUS_INVALID_OPCODE, 0},
		{{.opcode = 0xff}, SL200_STATUS_INVALID_OPCODE, 0},
		{{.flags = 0x80}, SL200_STATUS_INVALID_FIELD, FIELD(flags)},
		{{.reserved0 = 1}, SL200_STATUS_INVALID_FIELD, FIELD(reserved0)},
		{{.reserved1 = 1}, SL200_STATUS_INVALID_FIELD, FIELD(reserved1)},
		{{.src = 8}, SL200_STATUS_INVALID_FIELD, FIELD(src)},
		{{.opcode = SL200_OP_COPY, .src = a, .dst = b, .width = 0, .height = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(width)},
		{{.opcode = SL200_OP_COPY, .src = a, .dst = b, .width = 0xffffffff, .height = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(width)},
		{{.opcode = SL200_OP_COPY, .src = a, .dst = b, .width = 8, .height = 0},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(height)},
		{{.opcode = SL200_OP_COPY,
		  .src = a,
		  .dst = b,
		  .width = 8,
		  .height = 0x10001,
		  .src_pitch = 8,
		  .dst_pitch = 8},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(height)},
		{{.opcode = SL200_OP_COPY,
		  .src = a,
		  .dst = b,
		  .width = 64,
		  .height = 2,
		  .src_pitch = 63,
		  .dst_pitch = 64},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(src_pitch)},
		{{.opcode = SL200_OP_COPY,
		  .src = a,
		  .dst = b,
		  .width = 64,
		  .height = 2,
		  .src_pitch = 64,
		  .dst_pitch = 0xffffffff},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(dst_pitch)},
		{{.opcode = SL200_OP_COPY,
		  .src = UINT64_MAX - 7,
		  .dst = b,
		  .width = 64,
		  .height = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(src)},
		{{.opcode = SL200_OP_COPY,
		  .src = a,
		  .dst = (1ull << 48) - 8,
		  .width = 64,
		  .height = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(dst)},
		{{.opcode = SL200_OP_FILL, .src = a, .dst = b, .width = 64, .height = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(src)},
		{{.opcode = SL200_OP_WAIT, .src = a + 4}, SL200_STATUS_INVALID_FIELD, FIELD(src)},
		{{.opcode = SL200_OP_SIGNAL, .dst = a + 1}, SL200_STATUS_INVALID_FIELD, FIELD(dst)},
		{{.opcode = SL200_OP_TIMESTAMP, .dst = 1ull << 60},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(dst)},
		{{.opcode = SL200_OP_TIMESTAMP, .dst = a, .value = 1},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(value)},
		{{.opcode = SL200_OP_ENCODE, .src = a, .width = 8},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(width)},
		{{.opcode = SL200_OP_ENCODE, .src = a, .width = 0x7fffffff},
		 SL200_STATUS_INVALID_FIELD,
		 FIELD(width)},
	};
	const bool encoder = stack_has(client.device, SL200_OP_ENCODE);
	struct sl_completion completion;
	uint64_t seqno;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&completion, 0xff, sizeof(completion));
		CU_ASSERT_OK(sl_queue_raw(client.queue, &cases[i].sqe, NULL, &seqno));
		CU_ASSERT_OK(sl_queue_wait(client.queue, seqno, PATIENCE, &completion));
		if (cases[i].sqe.opcode == SL200_OP_ENCODE && !encoder) {
			CU_ASSERT_EQUAL(completion.status, SL200_STATUS_INVALID_OPCODE);
			continue;
		}
		CU_ASSERT_EQUAL(completion.status, cases[i].status);
		CU_ASSERT_EQUAL(completion.detail, cases[i].detail);
		CU_ASSERT_EQUAL(completion.bytes, 0);
	}
	/* None of these stops the queue. */
	assert_serves(client.queue);
	sl_device_close(client.device);
	stack_assert_healthy();
}

/* Under ThreadSanitizer, hostile races are what it reports: this test is about surviving them. */
#ifndef STACK_TSAN
static void scribble(void *memory, size_t size, unsigned int *seed)
{
	volatile uint8_t *bytes = memory;
	size_t i, n = 1 + (size_t)rand_r(seed) % 64;

	for (i = 0; i < n; i++)
		bytes[(size_t)rand_r(seed) % size] = (uint8_t)(rand_r(seed) >> 8);
}

struct vandal {
	struct transport_queue *queue;
	unsigned int seed;
	_Atomic bool stop;
};

static void *vandalise(void *arg)
{
	struct vandal *vandal = arg;
	struct transport_queue *queue = vandal->queue;

	while (!atomic_load(&vandal->stop)) {
		scribble(queue->sq, queue->depth * sizeof(*queue->sq), &vandal->seed);
		if (!(rand_r(&vandal->seed) % 8))
			scribble(queue->cq, queue->depth * sizeof(*queue->cq), &vandal->seed);
		usleep(20);
	}
	return NULL;
}

/* A client overwrites its own rings with random bytes while jobs run. */
static void test_vandal(void)
{
	struct client bystander = client_open(NULL);
	unsigned int round;
	int64_t start;

	for (round = 0; round < 8; round++) {
		struct client client = client_open(NULL);
		struct vandal vandal = {client.queue->transport_queue, round, false};
		pthread_t thread;
		uint64_t seqno;
		int i, ret = 0;

		pthread_create(&thread, NULL, vandalise, &vandal);
		for (i = 0; i < 300 && (!ret || ret == SL_ERR_AGAIN); i++) {
			ret = sl_queue_copy(client.queue, client.iova, 0, client.iova + 32768, 0,
					    4096, 1, NULL, &seqno);
			if (ret == SL_ERR_AGAIN)
				usleep(100);
		}
		/* However it ends, it ends: no wait hangs, and nothing else notices. */
		start = now_ns();
		for (i = 0; i < 4; i++)
			sl_queue_wait_idle(client.queue, 100000000);
		CU_ASSERT_TRUE(now_ns() - start < PATIENCE);
		assert_serves(bystander.queue);
		atomic_store(&vandal.stop, true);
		pthread_join(thread, NULL);
		sl_device_close(client.device);
		assert_serves(bystander.queue);
	}
	sl_device_close(bystander.device);
	stack_assert_healthy();
}

#endif

/* A completion that names no job in flight is not believed. */
static void test_forged_completion(void)
{
	struct client client = client_open(NULL);
	struct sl200_cqe *cqe = &client.queue->transport_queue->cq[0];
	struct sl_completion completion;

	CU_ASSERT_OK(sl_queue_wait_value(client.queue, client.iova, 1, NULL, NULL));
	cqe->tag = 4711;
	__atomic_store_n(&cqe->phase, SL200_CQE_PHASE, __ATOMIC_RELEASE);
	CU_ASSERT_EQUAL(sl_queue_wait(client.queue, 1, PATIENCE, &completion), SL_ERR_FAULT);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "names no job"));
	CU_ASSERT_EQUAL(sl_queue_nop(client.queue, NULL, NULL), SL_ERR_FAULT);
	sl_device_close(client.device);
	stack_assert_healthy();
}

static void ring(struct sl_device *device, uint32_t qid, uint32_t offset, uint32_t value)
{
	struct transport_queue queue = {.qid = qid};

	device->transport->ops->doorbell(device->transport, &queue, offset, value);
}

/* Doorbells of queues that are no more are counted and dropped. */
static void test_dead_doorbells(void)
{
	struct sl_device_stats before, after;
	struct client client;
	struct sl_queue *gone;
	uint32_t qid;
	int i;

	if (!strncmp(getenv("SL_DEVICE"), "drm:", 4)) {
		stack_skip("doorbells of destroyed queues", "the kernel lets nobody ring them");
		return;
	}
	client = client_open(NULL);

	CU_ASSERT_OK(sl_queue_create(client.device, NULL, &gone));
	qid = sl_queue_id(gone);
	sl_queue_destroy(gone);
	CU_ASSERT_OK(sl_device_stats(client.device, &before));
	for (i = 0; i < 100; i++) {
		ring(client.device, qid, SL200_DOORBELL_SQ_TAIL, (uint32_t)i * 7919);
		ring(client.device, qid, SL200_DOORBELL_CQ_HEAD, (uint32_t)i * 104729);
		ring(client.device, qid, 0x40, 1);
		ring(client.device, 255, SL200_DOORBELL_SQ_TAIL, 1);
		ring(client.device, 100000, SL200_DOORBELL_SQ_TAIL, 1);
	}
	CU_ASSERT_OK(sl_device_stats(client.device, &after));
	CU_ASSERT_TRUE(after.doorbells_dropped - before.doorbells_dropped >= 400);
	/* A queue that gets the number anew starts from nothing. */
	CU_ASSERT_OK(sl_queue_create(client.device, NULL, &gone));
	assert_serves(gone);
	assert_serves(client.queue);
	sl_device_close(client.device);
	stack_assert_healthy();
}

/* A tail beyond the ring stops the queue without any completion: waiters hear of it all the same.
 */
static void test_absurd_tail(void)
{
	struct client client = client_open(NULL), bystander = client_open(NULL);
	struct sl200_queue_info info;
	int64_t start;

	CU_ASSERT_OK(sl_queue_wait_value(client.queue, client.iova, 1, NULL, NULL));
	CU_ASSERT_OK(sl_queue_nop(client.queue, NULL, NULL));
	client.device->transport->ops->doorbell(client.device->transport,
						client.queue->transport_queue,
						SL200_DOORBELL_SQ_TAIL, 0x40000000);
	start = now_ns();
	CU_ASSERT_EQUAL(sl_queue_wait(client.queue, 2, PATIENCE, NULL), SL_ERR_FAULT);
	CU_ASSERT_TRUE(now_ns() - start < PATIENCE / 4);
	CU_ASSERT_OK(sl_device_queue_info(client.device, sl_queue_id(client.queue), &info));
	CU_ASSERT_EQUAL(info.state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info.stop_status, SL200_STATUS_INVALID_FIELD);
	assert_serves(bystander.queue);
	sl_device_close(client.device);
	sl_device_close(bystander.device);
	stack_assert_healthy();
}

static uint32_t engines_of(struct sl_device *device, uint32_t kind)
{
	struct sl_device_stats stats;
	uint32_t i, mask = 0;

	CU_ASSERT_OK(sl_device_stats(device, &stats));
	for (i = 0; i < stats.num_engines; i++)
		mask |= stats.engine[i].kind == kind ? 1u << i : 0;
	return mask;
}

/* One engine hangs: its job times out and the engine is reset, others go on meanwhile. */
static void test_engine_hang(void)
{
	struct sl_job_options limited = {.timeout_us = 300000};
	struct client client = client_open(NULL), bystander = client_open(NULL);
	struct sl_device_stats before, after;
	int i, timeouts = 0;
	uint64_t seqno;

	CU_ASSERT_OK(sl_device_stats(client.device, &before));
	if (inject(client.device, SL200_INJECT_ENGINE_HANG,
		   engines_of(client.device, SL200_ENGINE_DMA) & 1)) {
		CU_FAIL("this card injects no faults");
		return;
	}
	for (i = 0; i < 4; i++)
		CU_ASSERT_OK(sl_queue_copy(client.queue, client.iova + (uint32_t)i * 4096, 0,
					   client.iova + 32768, 0, 4096, 1, &limited, NULL));
	assert_serves(bystander.queue);
	CU_ASSERT_OK(sl_queue_copy(bystander.queue, bystander.iova, 0, bystander.iova + 4096, 0,
				   4096, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(bystander.queue, seqno), SL200_STATUS_OK);
	for (i = 1; i <= 4; i++) {
		int status = stack_wait_status(client.queue, (uint64_t)i);

		CU_ASSERT_TRUE(status == SL200_STATUS_OK || status == SL200_STATUS_TIMEOUT);
		timeouts += status == SL200_STATUS_TIMEOUT;
	}
	CU_ASSERT_EQUAL(timeouts, 1);
	CU_ASSERT_OK(sl_device_stats(client.device, &after));
	CU_ASSERT_EQUAL(after.firmware.watchdog_expiries - before.firmware.watchdog_expiries, 1);
	CU_ASSERT_EQUAL(after.firmware.engine_resets - before.firmware.engine_resets, 1);
	/* The queue is not stopped by that, and the engine works again. */
	for (i = 0; i < 8; i++) {
		CU_ASSERT_OK(sl_queue_copy(client.queue, client.iova, 0, client.iova + 32768, 0,
					   4096, 1, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_OK);
	}
	sl_device_close(client.device);
	sl_device_close(bystander.device);
	stack_assert_healthy();
}

static void test_engine_error(void)
{
	struct client client = client_open(NULL);
	uint64_t seqno;
	int i, errors = 0;

	CU_ASSERT_OK(inject(client.device, SL200_INJECT_ENGINE_ERROR,
			    engines_of(client.device, SL200_ENGINE_DMA)));
	for (i = 0; i < 20; i++) {
		int status;

		CU_ASSERT_OK(sl_queue_copy(client.queue, client.iova, 0, client.iova + 32768, 0,
					   4096, 1, NULL, &seqno));
		status = stack_wait_status(client.queue, seqno);
		CU_ASSERT_TRUE(status == SL200_STATUS_OK || status == SL200_STATUS_ENGINE_ERROR);
		errors += status == SL200_STATUS_ENGINE_ERROR;
	}
	CU_ASSERT_TRUE(errors >= 1 && errors <= 2);
	CU_ASSERT_EQUAL(sl_status_result(SL200_STATUS_ENGINE_ERROR), SL_ERR_JOB);
	CU_ASSERT_OK(inject(client.device, SL200_INJECT_ENGINE_ERROR, 0));
	sl_device_close(client.device);
	stack_assert_healthy();
}

/* A copy out of card memory in which an error shows fails, and nothing else does. */
static void test_memory_error(void)
{
	struct client client = client_open(NULL);
	struct sl_buffer *card;
	uint64_t seqno;

	CU_ASSERT_OK(sl_buffer_create(client.device, 4096, SL_MEMORY_CARD, &card));
	CU_ASSERT_OK(
		inject(client.device, SL200_INJECT_ECC, 1u << SL200_INJECT_ECC_UNCORRECTED_SHIFT));
	CU_ASSERT_OK(sl_queue_copy(client.queue, sl_buffer_iova(card), 0, client.iova, 0, 64, 1,
				   NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_OK(sl_queue_copy(client.queue, client.iova, 0, sl_buffer_iova(card), 0, 64, 1,
				   NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_ENGINE_ERROR);
	/* Once read again it is as it was. */
	CU_ASSERT_OK(sl_queue_copy(client.queue, client.iova, 0, sl_buffer_iova(card), 0, 64, 1,
				   NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_OK(inject(client.device, SL200_INJECT_ECC, 0));
	sl_device_close(client.device);
	stack_assert_healthy();
}

/* Interrupts that get lost cost time, not jobs. */
static void test_lost_interrupts(void)
{
	struct client client = client_open(NULL);
	int i;

	CU_ASSERT_OK(inject(client.device, SL200_INJECT_DROP_IRQ, 5));
	for (i = 0; i < 10; i++) {
		uint64_t seqno;

		CU_ASSERT_OK(
			sl_queue_fill(client.queue, client.iova, 0, 1, 65536, 1, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(client.queue, seqno), SL200_STATUS_OK);
	}
	CU_ASSERT_OK(inject(client.device, SL200_INJECT_DROP_IRQ, 0));
	sl_device_close(client.device);
	stack_assert_healthy();
}

struct tally {
	_Atomic int aborted, other;
};

static void tally(void *arg, const struct sl_completion *completion)
{
	struct tally *counts = arg;

	if (completion->status == SL200_STATUS_ABORTED)
		atomic_fetch_add(&counts->aborted, 1);
	else
		atomic_fetch_add(&counts->other, 1);
}

/* The MCU dies: all waiters hear of it soon, and the next to open gets a working card. */
static void test_crash(void)
{
	struct tally counts = {0};
	struct sl_queue_params params = {.callback = tally, .callback_arg = &counts};
	struct client client = client_open(NULL), other = client_open(&params);
	struct sl_device_stats stats;
	struct sl_buffer *buffer;
	struct sl_queue *queue;
	uint64_t seqno;
	int64_t start;
	int i;

	CU_ASSERT_OK(sl_queue_wait_value(client.queue, client.iova, 1, NULL, NULL));
	for (i = 0; i < 3; i++)
		CU_ASSERT_OK(sl_queue_wait_value(other.queue, other.iova, 1, NULL, NULL));
	start = now_ns();
	CU_ASSERT_OK(inject(client.device, SL200_INJECT_MCU_CRASH, 1));
	CU_ASSERT_EQUAL(sl_queue_wait(client.queue, 1, PATIENCE, NULL), SL_ERR_LOST);
	CU_ASSERT_EQUAL(sl_queue_wait(other.queue, 2, PATIENCE, NULL), SL_ERR_LOST);
	CU_ASSERT_TRUE(now_ns() - start < PATIENCE / 20 * 3);
	for (i = 0; i < 2000 && atomic_load(&counts.aborted) < 3; i++)
		usleep(1000);
	CU_ASSERT_EQUAL(atomic_load(&counts.aborted), 3);
	CU_ASSERT_EQUAL(atomic_load(&counts.other), 0);
	CU_ASSERT_EQUAL(sl_queue_nop(client.queue, NULL, NULL), SL_ERR_LOST);
	if (!strncmp(getenv("SL_DEVICE"), "drm:", 4)) {
		/* A driver resets the card; its clients and their memory stay. */
		CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "injected crash"));
		CU_ASSERT_OK(sl_queue_create(client.device, NULL, &queue));
		CU_ASSERT_OK(sl_queue_signal_value(queue, client.iova, 99, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(*(uint64_t *)sl_buffer_map(client.buffer), 99);
		CU_ASSERT_OK(sl_buffer_create(client.device, 4096, SL_MEMORY_CARD, &buffer));
		CU_ASSERT_OK(sl_device_stats(client.device, &stats));
	} else {
		CU_ASSERT_EQUAL(sl_queue_create(client.device, NULL, &queue), SL_ERR_LOST);
		CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "injected crash"));
		CU_ASSERT_EQUAL(sl_buffer_create(client.device, 4096, SL_MEMORY_CARD, &buffer),
				SL_ERR_LOST);
		CU_ASSERT_EQUAL(sl_device_stats(client.device, &stats), SL_ERR_LOST);
	}
	/* The lost card's clients need not be gone for that. */
	stack_assert_healthy();
	sl_device_close(client.device);
	stack_assert_healthy();
	sl_device_close(other.device);
	stack_assert_healthy();
}

/* The MCU dies under load, with clients that only ever submit and close. */
static void test_crash_under_load(void)
{
	const uint32_t size = 1 << 20;
	struct sl_device *device;
	struct sl_buffer *buffer;
	struct sl_queue *queue;
	int round, i;

	for (round = 0; round < 3; round++) {
		device = stack_open();
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_buffer_create(device, 30 * size, SL_MEMORY_HOST, &buffer));
		for (i = 0; i < 30; i++) {
			int ret = sl_queue_fill(queue, sl_buffer_iova(buffer) + (uint32_t)i * size,
						0, 1, size, 1, NULL, NULL);

			CU_ASSERT_TRUE(!ret || ret == SL_ERR_LOST);
			if (i == 15)
				CU_ASSERT_OK(inject(device, SL200_INJECT_MCU_CRASH, 1));
		}
		/* The memory goes while the engines may still have been at it. */
		sl_buffer_destroy(buffer);
		sl_device_close(device);
		stack_assert_healthy();
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"bad addresses", test_bad_iova},
		{"ends of buffers", test_buffer_end},
		{"bad entries", test_bad_entries},
#ifndef STACK_TSAN
		{"rings overwritten while running", test_vandal},
#endif
		{"forged completion", test_forged_completion},
		{"doorbells of destroyed queues", test_dead_doorbells},
		{"tail beyond the ring", test_absurd_tail},
		{"hanging engine", test_engine_hang},
		{"failing engine", test_engine_error},
		{"memory error", test_memory_error},
		{"lost interrupts", test_lost_interrupts},
		{"death of the card", test_crash},
		{"death under load", test_crash_under_load},
		CU_TEST_INFO_NULL,
	};

	return stack_run("fault", tests);
}
