// SPDX-License-Identifier: MIT
/* User queues: completions, back-pressure, waits, faults, the watchdog, and destruction. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_fw_desc.h"
#include "tests/unit/test_fw_fake.h"
#include "tests/suite.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define VENC 2u

static struct hal *started(void)
{
	struct hal *hal = fake_create();

	fake_start(hal);
	fake_admin_setup(hal);
	return hal;
}

static struct sl200_sqe fill(uint64_t tag)
{
	return (struct sl200_sqe){
		.opcode = SL200_OP_FILL, .tag = tag, .dst = FAKE_SCRATCH, .width = 64, .height = 1};
}

static struct sl200_sqe nop(uint64_t tag)
{
	return (struct sl200_sqe){.opcode = SL200_OP_NOP, .tag = tag};
}

static void submit(struct fake_queue *q, struct sl200_sqe sqe)
{
	fake_post(q, &sqe);
	fake_ring(q);
}

/* The next completion has this tag and status. */
static struct sl200_cqe expect(struct fake_queue *q, uint64_t tag, uint16_t status)
{
	struct sl200_cqe cqe = {0};
	bool got = fake_reap(q, &cqe);

	if (!got || cqe.tag != tag || cqe.status != status)
		printf("\n    expected tag %llu status %u, got %d: %llu %u",
		       (unsigned long long)tag, status, got, (unsigned long long)cqe.tag,
		       cqe.status);
	CU_ASSERT_TRUE(got);
	CU_ASSERT_EQUAL(cqe.tag, tag);
	CU_ASSERT_EQUAL(cqe.status, status);
	return cqe;
}

static void expect_none(struct fake_queue *q)
{
	struct sl200_cqe cqe;

	CU_ASSERT_FALSE(fake_reap(q, &cqe));
}

static struct sl200_queue_info query(struct fake_queue *q)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_QUEUE_QUERY,
				      .qid = (uint16_t)q->qid,
				      .addr = FAKE_SCRATCH + 0x1000};
	struct sl200_queue_info info;

	CU_ASSERT_EQUAL(fake_admin(q->hal, &sqe).status, SL200_STATUS_OK);
	memcpy(&info, q->hal->host + sqe.addr, sizeof(info));
	return info;
}

static struct sl200_fw_stats stats(struct hal *hal)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_GET_STATS,
				      .addr = FAKE_SCRATCH + 0x1000};
	struct sl200_fw_stats s;

	CU_ASSERT_EQUAL(fake_admin(hal, &sqe).status, SL200_STATUS_OK);
	memcpy(&s, hal->host + sqe.addr, sizeof(s));
	return s;
}

static void test_nop(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 4, SL200_PRIO_NORMAL, 1);

	/* Several times round the rings. */
	for (uint32_t i = 0; i < 19; i++) {
		struct sl200_cqe cqe;

		submit(&q, nop(100 + i));
		fake_run(hal, 0);
		cqe = expect(&q, 100 + i, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(cqe.sq_head, i + 1);
		CU_ASSERT_EQUAL(cqe.bytes, 0);
	}
	expect_none(&q);
	fake_destroy(hal);
}

static void test_batch_fetch(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 16, SL200_PRIO_NORMAL, 1);
	uint32_t before = hal->mdma_count;

	for (uint32_t i = 0; i < 8; i++) {
		struct sl200_sqe sqe = nop(i);

		fake_post(&q, &sqe);
	}
	fake_ring(&q);
	fake_run(hal, 0);
	/* Two fetches of four entries, eight completions. */
	CU_ASSERT_EQUAL(hal->mdma_count - before, 10);
	for (uint32_t i = 0; i < 8; i++)
		expect(&q, i, SL200_STATUS_OK);
	fake_destroy(hal);
}

static void test_engines(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 7, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_cqe cqe;

	hal->engine[0].duration_ns = 2 * FAKE_MS;
	submit(&q, fill(1));
	submit(&q, fill(2));
	submit(&q, fill(3));
	submit(&q, nop(4));
	fake_run(hal, 0);
	/* Two run, the third waits for an engine, and the NOP behind it for its turn. */
	CU_ASSERT_EQUAL(hal->starts, 2);
	CU_ASSERT_EQUAL(hal->start[0].asid, 7);
	expect_none(&q);
	CU_ASSERT_EQUAL(query(&q).in_flight, 2);
	fake_run(hal, FAKE_MS);
	cqe = expect(&q, 2, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.bytes, 101);
	CU_ASSERT_EQUAL(cqe.crc_bitstream, 0);
	expect(&q, 4, SL200_STATUS_OK);
	fake_run(hal, FAKE_MS);
	expect(&q, 1, SL200_STATUS_OK);
	expect(&q, 3, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(query(&q).busy_ns[SL200_ENGINE_DMA], 4 * FAKE_MS);
	CU_ASSERT_EQUAL(query(&q).jobs, 4);
	fake_destroy(hal);
}

static void test_crc(void)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_CRC, .tag = 1, .src = FAKE_SCRATCH + 1, .width = 77};
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_cqe cqe;

	/* No engine for it. */
	submit(&q, sqe);
	fake_run(hal, 0);
	expect(&q, 1, SL200_STATUS_INVALID_OPCODE);
	fake_destroy(hal);

	hal = fake_create();
	hal->sys[(SL200_SYS_NUM_ENGINES - SL200_SYS_BASE) / 4] = 4;
	hal->engine[3] = (struct fake_engine){.kind = SL200_ENGINE_CRC, .duration_ns = FAKE_MS};
	fake_start(hal);
	fake_admin_setup(hal);
	q = fake_queue(hal, 1, 9, 8, SL200_PRIO_NORMAL, 1);
	submit(&q, sqe);
	submit(&q, fill(2));
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(hal->starts, 2);
	CU_ASSERT_EQUAL(hal->start[0].engine, 3);
	CU_ASSERT_EQUAL(hal->start[0].asid, 9);
	CU_ASSERT_EQUAL(hal->start[0].tag, 1);
	CU_ASSERT_EQUAL(hal->start[1].engine, 0);
	fake_run(hal, FAKE_MS);
	expect(&q, 2, SL200_STATUS_OK);
	cqe = expect(&q, 1, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.bytes, 103);
	CU_ASSERT_EQUAL(cqe.crc_bitstream, 0xb17);
	CU_ASSERT_EQUAL(cqe.crc_recon, 0);
	CU_ASSERT_EQUAL(query(&q).busy_ns[SL200_ENGINE_CRC], FAKE_MS);
	fake_destroy(hal);
}

static void test_barrier(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_sqe barrier = fill(2);
	struct sl200_sqe signal = {
		.opcode = SL200_OP_SIGNAL, .tag = 3, .dst = FAKE_SCRATCH + 8, .value = 77};
	uint64_t word;

	barrier.flags = SL200_SQE_F_BARRIER;
	submit(&q, fill(1));
	submit(&q, barrier);
	submit(&q, signal);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(hal->starts, 1);
	fake_run(hal, FAKE_MS);
	CU_ASSERT_EQUAL(hal->starts, 2);
	expect(&q, 1, SL200_STATUS_OK);
	memcpy(&word, hal->host + FAKE_SCRATCH + 8, 8);
	CU_ASSERT_EQUAL(word, 0);
	fake_run(hal, FAKE_MS);
	expect(&q, 2, SL200_STATUS_OK);
	expect(&q, 3, SL200_STATUS_OK);
	memcpy(&word, hal->host + FAKE_SCRATCH + 8, 8);
	CU_ASSERT_EQUAL(word, 77);
	fake_destroy(hal);
}

static void test_timestamp(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_sqe sqe = {.opcode = SL200_OP_TIMESTAMP, .dst = FAKE_SCRATCH};
	uint64_t word;

	fake_run(hal, 5000);
	submit(&q, sqe);
	fake_run(hal, 0);
	expect(&q, 0, SL200_STATUS_OK);
	memcpy(&word, hal->host + FAKE_SCRATCH, 8);
	CU_ASSERT_EQUAL(word, hal->now);
	fake_destroy(hal);
}

static void test_back_pressure(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 4, SL200_PRIO_NORMAL, 1);
	struct sl200_cqe first;

	for (uint32_t i = 0; i < 4; i++)
		submit(&q, nop(i));
	fake_run(hal, 0);
	memcpy(&first, hal->host + q.cq, sizeof(first));
	/* The completion ring is full and stays as it is. */
	for (uint32_t i = 4; i < 8; i++)
		submit(&q, nop(i));
	fake_run(hal, 10 * FAKE_MS);
	CU_ASSERT_EQUAL(memcmp(hal->host + q.cq, &first, sizeof(first)), 0);
	CU_ASSERT_EQUAL(query(&q).jobs, 4);
	CU_ASSERT_EQUAL(stats(hal).backpressure, 1);
	for (uint32_t i = 0; i < 8; i++) {
		expect(&q, i, SL200_STATUS_OK);
		fake_run(hal, 0);
	}
	/* Running jobs hold their places. */
	for (uint32_t i = 0; i < 4; i++)
		submit(&q, fill(10 + i));
	fake_run(hal, FAKE_MS);
	submit(&q, nop(20));
	fake_run(hal, FAKE_MS);
	for (uint32_t i = 0; i < 4; i++)
		expect(&q, 10 + i, SL200_STATUS_OK);
	expect_none(&q);
	fake_run(hal, 0);
	expect(&q, 20, SL200_STATUS_OK);
	fake_destroy(hal);
}

static void test_interrupts(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 16, SL200_PRIO_NORMAL, 1);
	struct sl200_admin_sqe limits = {
		.opcode = SL200_ADMIN_SET_LIMITS, .coalesce_count = 3, .coalesce_us = 1000};
	struct sl200_sqe loud = nop(1);

	loud.flags = SL200_SQE_F_IRQ;
	submit(&q, nop(0));
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(hal->msix[2], 0);
	submit(&q, loud);
	submit(&q, loud);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(hal->msix[2], 2);
	fake_admin(hal, &limits);
	submit(&q, loud);
	submit(&q, loud);
	fake_run(hal, 900000);
	CU_ASSERT_EQUAL(hal->msix[2], 2);
	fake_run(hal, 100000);
	CU_ASSERT_EQUAL(hal->msix[2], 3);
	submit(&q, loud);
	submit(&q, loud);
	submit(&q, loud);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(hal->msix[2], 4);
	CU_ASSERT_EQUAL(stats(hal).interrupts_coalesced, 3);
	/* Nothing is left behind. */
	fake_run(hal, 10 * FAKE_MS);
	CU_ASSERT_EQUAL(hal->msix[2], 4);
	fake_destroy(hal);
}

static struct sl200_sqe wait_for(uint64_t tag, uint64_t value, uint32_t timeout_us)
{
	return (struct sl200_sqe){.opcode = SL200_OP_WAIT,
				  .tag = tag,
				  .src = FAKE_SCRATCH,
				  .value = value,
				  .timeout_us = timeout_us};
}

static void set_word(struct hal *hal, uint64_t value)
{
	memcpy(hal->host + FAKE_SCRATCH, &value, 8);
}

static void test_wait(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct fake_queue other = fake_queue(hal, 2, 1, 8, SL200_PRIO_LOW, 1);
	struct sl200_sqe signal = {
		.opcode = SL200_OP_SIGNAL, .tag = 9, .dst = FAKE_SCRATCH, .value = 6};
	uint32_t polls;

	set_word(hal, 4);
	submit(&q, wait_for(1, 4, 0));
	submit(&q, wait_for(2, 5, 0));
	submit(&q, nop(3));
	fake_run(hal, 0);
	expect(&q, 1, SL200_STATUS_OK);
	polls = hal->mdma_count;
	fake_run(hal, 100 * FAKE_MS);
	expect_none(&q);
	/* Polled, but at a bounded rate: at most every 10 us at first, every 0.5 ms later. */
	CU_ASSERT_TRUE(hal->mdma_count - polls > 150);
	CU_ASSERT_TRUE(hal->mdma_count - polls < 300);
	set_word(hal, 5);
	fake_run(hal, FAKE_MS);
	expect(&q, 2, SL200_STATUS_OK);
	expect(&q, 3, SL200_STATUS_OK);
	/* A signal of the same client is seen at once. */
	submit(&q, wait_for(4, 6, 0));
	fake_run(hal, 100 * FAKE_MS);
	submit(&other, signal);
	fake_run(hal, 0);
	expect(&other, 9, SL200_STATUS_OK);
	expect(&q, 4, SL200_STATUS_OK);
	fake_destroy(hal);
}

static void test_wait_timeout(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);

	submit(&q, wait_for(1, 5, 2000));
	submit(&q, nop(2));
	fake_run(hal, 1900000);
	expect_none(&q);
	fake_run(hal, 200000);
	expect(&q, 1, SL200_STATUS_TIMEOUT);
	expect(&q, 2, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_RUNNING);
	CU_ASSERT_EQUAL(stats(hal).watchdog_expiries, 1);
	/* Without one of its own, the card's. */
	submit(&q, wait_for(3, 5, 0));
	fake_run(hal, 9990 * FAKE_MS);
	expect_none(&q);
	fake_run(hal, 20 * FAKE_MS);
	expect(&q, 3, SL200_STATUS_TIMEOUT);
	/* A timeout shortens, it does not lengthen. */
	submit(&q, wait_for(4, 5, 60000000));
	fake_run(hal, 10010 * FAKE_MS);
	expect(&q, 4, SL200_STATUS_TIMEOUT);
	fake_destroy(hal);
}

static void test_watchdog(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_admin_sqe limits = {.opcode = SL200_ADMIN_SET_LIMITS, .watchdog_ms = 50};
	struct sl200_sqe sqe = fill(1);

	hal->engine[0].duration_ns = UINT64_MAX;
	hal->engine[0].reset_ns = 300000;
	sqe.timeout_us = 5000;
	submit(&q, sqe);
	submit(&q, fill(2));
	submit(&q, fill(3));
	fake_run(hal, 4 * FAKE_MS);
	expect(&q, 2, SL200_STATUS_OK);
	expect(&q, 3, SL200_STATUS_OK);
	fake_run(hal, FAKE_MS + 100000);
	CU_ASSERT_EQUAL(hal->engine[0].resets, 1);
	/* Not before the engine has stopped. */
	expect_none(&q);
	fake_run(hal, 400000);
	expect(&q, 1, SL200_STATUS_TIMEOUT);
	CU_ASSERT_EQUAL(hal->engine[1].resets, 0);
	CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_RUNNING);
	CU_ASSERT_EQUAL(stats(hal).engine_resets, 1);
	fake_admin(hal, &limits);
	submit(&q, fill(4));
	fake_run(hal, 52 * FAKE_MS);
	expect(&q, 4, SL200_STATUS_TIMEOUT);
	/* The engine works again. */
	hal->engine[0].duration_ns = FAKE_MS;
	submit(&q, fill(5));
	fake_run(hal, FAKE_MS);
	expect(&q, 5, SL200_STATUS_OK);
	fake_destroy(hal);
}

/* An engine whose reset does not end: nothing the firmware could do would be safe. */
static void test_dead_engine(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);

	hal->engine[0].duration_ns = UINT64_MAX;
	hal->engine[0].reset_ns = 3600000 * FAKE_MS;
	submit(&q, fill(1));
	fake_run(hal, 12000 * FAKE_MS);
	CU_ASSERT_EQUAL(hal->sys[(SL200_SYS_PANIC - SL200_SYS_BASE) / 4], SL200_PANIC_ASSERT);
	CU_ASSERT_FALSE(hal->running);
	expect_none(&q);
	fake_destroy(hal);
}

static void test_job_fault(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct fake_queue other = fake_queue(hal, 2, 2, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_queue_info info;

	hal->engine[0].result_status = SL200_STATUS_MMU_FAULT;
	hal->engine[0].fault_iova = 0x123456789000;
	hal->engine[1].duration_ns = 3 * FAKE_MS;
	submit(&q, fill(1));
	submit(&q, fill(2));
	submit(&q, fill(3));
	fake_run(hal, FAKE_MS);
	expect(&q, 1, SL200_STATUS_MMU_FAULT);
	info = query(&q);
	CU_ASSERT_EQUAL(info.state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info.stop_status, SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(info.fault_engine, 0);
	CU_ASSERT_EQUAL(info.fault_iova, 0x123456789000);
	CU_ASSERT_EQUAL(info.fault_write, 1);
	CU_ASSERT_EQUAL(info.fault_reason, 2);
	/* What runs ends well; nothing more starts, here; others go on. */
	hal->engine[0].result_status = 0;
	submit(&other, fill(9));
	fake_run(hal, 5 * FAKE_MS);
	expect(&q, 2, SL200_STATUS_OK);
	expect_none(&q);
	expect(&other, 9, SL200_STATUS_OK);
	fake_destroy(hal);
}

static void test_ring_faults(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct fake_queue r = fake_queue(hal, 2, 1, 8, SL200_PRIO_NORMAL, 1);
	uint32_t interrupts = hal->msix[0];

	hal->hole_start = q.sq;
	hal->hole_end = q.sq + 4096;
	submit(&q, nop(1));
	fake_run(hal, 0);
	expect_none(&q);
	CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(query(&q).fault_engine, 0xff);
	CU_ASSERT_EQUAL(query(&q).fault_iova, q.sq);
	CU_ASSERT_EQUAL(query(&q).fault_write, 0);
	CU_ASSERT_EQUAL(hal->msix[0] - interrupts, 1);
	hal->hole_start = r.cq;
	hal->hole_end = r.cq + 4096;
	submit(&r, nop(1));
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(query(&r).state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(query(&r).fault_iova, r.cq);
	CU_ASSERT_EQUAL(query(&r).fault_write, 1);
	CU_ASSERT_EQUAL(stats(hal).faults, 2);
	fake_destroy(hal);
}

/* Words and descriptors that the MCU itself may not reach. */
static void test_entry_faults(void)
{
	static const struct sl200_sqe cases[] = {
		{.opcode = SL200_OP_WAIT, .tag = 1, .src = FAKE_HOST_SIZE},
		{.opcode = SL200_OP_SIGNAL, .tag = 1, .dst = FAKE_HOST_SIZE},
		{.opcode = SL200_OP_TIMESTAMP, .tag = 1, .dst = FAKE_HOST_SIZE},
		{.opcode = SL200_OP_ENCODE, .tag = 1, .src = FAKE_HOST_SIZE, .width = 320},
	};
	struct hal *hal = started();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_queue q = fake_queue(hal, 1 + (uint32_t)i, 1, 4, SL200_PRIO_NORMAL, 1);

		submit(&q, cases[i]);
		submit(&q, nop(2));
		fake_run(hal, 0);
		expect(&q, 1, SL200_STATUS_MMU_FAULT);
		expect_none(&q);
		CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_STOPPED);
		CU_ASSERT_EQUAL(query(&q).fault_iova, FAKE_HOST_SIZE);
		CU_ASSERT_EQUAL(query(&q).fault_engine, 0xff);
	}
	fake_destroy(hal);
}

static void test_bad_doorbells(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct fake_queue r = fake_queue(hal, 2, 1, 8, SL200_PRIO_NORMAL, 1);
	struct fake_queue w = fake_queue(hal, 3, 1, 8, SL200_PRIO_NORMAL, 1);

	fake_doorbell(hal, 1, SL200_DOORBELL_SQ_TAIL, 9);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(query(&q).stop_status, SL200_STATUS_INVALID_FIELD);
	/* A head beyond what was completed. */
	submit(&r, nop(1));
	fake_run(hal, 0);
	fake_doorbell(hal, 2, SL200_DOORBELL_CQ_HEAD, 2);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(query(&r).state, SL200_QUEUE_STOPPED);
	/* A started WAIT taken back; it ends as aborted. */
	submit(&w, wait_for(1, 5, 0));
	fake_run(hal, 0);
	fake_doorbell(hal, 3, SL200_DOORBELL_SQ_TAIL, 0);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(query(&w).state, SL200_QUEUE_STOPPED);
	expect(&w, 1, SL200_STATUS_ABORTED);
	fake_destroy(hal);
}

/* Entries fetched but not started may be taken back. */
static void test_tail_back(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);

	submit(&q, fill(1));
	submit(&q, fill(2));
	submit(&q, fill(3));
	submit(&q, fill(4));
	fake_run(hal, 0);
	q.tail = 2;
	fake_ring(&q);
	fake_run(hal, 0);
	submit(&q, nop(5));
	fake_run(hal, 0);
	expect(&q, 5, SL200_STATUS_OK);
	fake_run(hal, 5 * FAKE_MS);
	expect(&q, 1, SL200_STATUS_OK);
	expect(&q, 2, SL200_STATUS_OK);
	expect_none(&q);
	CU_ASSERT_EQUAL(hal->starts, 2);
	fake_destroy(hal);
}

static void destroy(struct hal *hal, uint32_t qid, uint64_t tag)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = (uint16_t)qid, .tag = tag};

	fake_admin_post(hal, &sqe);
	fake_run(hal, 0);
}

static void test_destroy(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_admin_sqe unbind = {.opcode = SL200_ADMIN_ASID_UNBIND, .asid = 1};
	struct sl200_cqe cqe;

	submit(&q, fill(1));
	submit(&q, fill(2));
	submit(&q, fill(3));
	fake_run(hal, 0);
	destroy(hal, 1, 77);
	CU_ASSERT_FALSE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(hal->db_enable[0] & 2, 0);
	CU_ASSERT_EQUAL(fake_admin(hal, &unbind).status, SL200_STATUS_BUSY);
	fake_run(hal, FAKE_MS);
	CU_ASSERT_TRUE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(cqe.tag, 77);
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	/* Running jobs have finished, the third never started. */
	expect(&q, 1, SL200_STATUS_OK);
	expect(&q, 2, SL200_STATUS_OK);
	expect_none(&q);
	fake_run(hal, 10 * FAKE_MS);
	CU_ASSERT_EQUAL(hal->starts, 2);
	CU_ASSERT_EQUAL(fake_admin(hal, &unbind).status, SL200_STATUS_OK);
	/* The number is free again and starts from zero. */
	q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	submit(&q, nop(5));
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(expect(&q, 5, SL200_STATUS_OK).sq_head, 1);
	fake_destroy(hal);
}

static void test_destroy_hung(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_cqe cqe;

	hal->engine[0].duration_ns = UINT64_MAX;
	submit(&q, fill(1));
	fake_run(hal, 0);
	destroy(hal, 1, 77);
	fake_run(hal, 999 * FAKE_MS);
	CU_ASSERT_FALSE(fake_admin_reap(hal, &cqe));
	destroy(hal, 1, 78);
	CU_ASSERT_TRUE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_BUSY);
	fake_run(hal, 2 * FAKE_MS);
	CU_ASSERT_TRUE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(cqe.tag, 77);
	CU_ASSERT_EQUAL(hal->engine[0].resets, 1);
	expect(&q, 1, SL200_STATUS_ABORTED);
	fake_destroy(hal);
}

static void test_destroy_waiting(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_cqe cqe;

	submit(&q, wait_for(1, 5, 0));
	fake_run(hal, FAKE_MS);
	destroy(hal, 1, 77);
	CU_ASSERT_TRUE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(cqe.tag, 77);
	expect(&q, 1, SL200_STATUS_ABORTED);
	fake_destroy(hal);
}

/* The admin rings went away meanwhile: the completion must not appear in the new ones. */
static void test_destroy_epoch(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_admin_sqe ping = {.opcode = SL200_ADMIN_PING, .tag = 5};
	struct sl200_cqe cqe;

	submit(&q, fill(1));
	fake_run(hal, 0);
	destroy(hal, 1, 77);
	fake_admin_control(hal, 0);
	fake_admin_setup(hal);
	fake_run(hal, 10 * FAKE_MS);
	CU_ASSERT_FALSE(fake_admin_reap(hal, &cqe));
	CU_ASSERT_EQUAL(fake_admin(hal, &ping).tag, 5);
	fake_destroy(hal);
}

/* Descriptor at FAKE_SCRATCH, as the table of the validation test has it. */
static struct sl200_sqe encode(struct hal *hal, uint64_t tag)
{
	static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	uint32_t size = test_desc_make(buffer, 0);

	memcpy(hal->host + FAKE_SCRATCH, buffer, size);
	return (struct sl200_sqe){
		.opcode = SL200_OP_ENCODE, .tag = tag, .src = FAKE_SCRATCH, .width = size};
}

static void test_encode(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 40, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_job_result *result = (struct sl200_job_result *)(hal->host + 0x8000);
	struct sl200_sqe sqe = encode(hal, 1);
	struct sl200_cqe cqe;

	submit(&q, sqe);
	fake_run(hal, 0);
	/* The job is the copy: what the client writes now is too late. */
	memset(hal->host + FAKE_SCRATCH, 0xff, 4096);
	CU_ASSERT_EQUAL(hal->starts, 1);
	CU_ASSERT_EQUAL(hal->start[0].engine, VENC);
	CU_ASSERT_EQUAL(hal->start[0].tag, 4);
	fake_run(hal, FAKE_MS);
	cqe = expect(&q, 1, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.bytes, 102);
	CU_ASSERT_EQUAL(cqe.crc_bitstream, 0xb17);
	CU_ASSERT_EQUAL(cqe.crc_recon, 0x4ec);
	CU_ASSERT_EQUAL(result->bytes, 102);
	CU_ASSERT_EQUAL(result->status, SL200_STATUS_OK);
	/* A bad one takes no engine. */
	submit(&q, sqe);
	fake_run(hal, 0);
	cqe = expect(&q, 1, SL200_STATUS_UNSUPPORTED);
	CU_ASSERT_EQUAL(cqe.detail, offsetof(struct sl200_enc_head, version));
	CU_ASSERT_EQUAL(hal->starts, 1);
	/* Overflow is the engine's verdict and stops nothing. */
	hal->engine[VENC].result_status = SL200_STATUS_OVERFLOW;
	submit(&q, encode(hal, 2));
	fake_run(hal, FAKE_MS);
	expect(&q, 2, SL200_STATUS_OVERFLOW);
	CU_ASSERT_EQUAL(result->status, SL200_STATUS_OVERFLOW);
	CU_ASSERT_EQUAL(query(&q).state, SL200_QUEUE_RUNNING);
	/* The result cannot be written. */
	hal->engine[VENC].result_status = SL200_STATUS_OK;
	hal->hole_start = 0x8000;
	hal->hole_end = 0x8001;
	submit(&q, encode(hal, 3));
	fake_run(hal, FAKE_MS);
	expect(&q, 3, SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(query(&q).fault_iova, 0x8000);
	CU_ASSERT_EQUAL(query(&q).fault_write, 1);
	fake_destroy(hal);
}

static void test_encode_timeout(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 40, 1, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_job_result *result = (struct sl200_job_result *)(hal->host + 0x8000);

	hal->engine[VENC].duration_ns = UINT64_MAX;
	submit(&q, encode(hal, 1));
	fake_run(hal, 10010 * FAKE_MS);
	expect(&q, 1, SL200_STATUS_TIMEOUT);
	CU_ASSERT_EQUAL(result->status, SL200_STATUS_TIMEOUT);
	CU_ASSERT_TRUE(result->end_ns > result->start_ns);
	fake_destroy(hal);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"NOP round the rings", test_nop},
		{"entries fetched together", test_batch_fetch},
		{"several engines", test_engines},
		{"crc", test_crc},
		{"barrier and signal", test_barrier},
		{"timestamp", test_timestamp},
		{"back-pressure", test_back_pressure},
		{"interrupts", test_interrupts},
		{"wait", test_wait},
		{"wait timeout", test_wait_timeout},
		{"watchdog", test_watchdog},
		{"an engine beyond reset", test_dead_engine},
		{"job fault", test_job_fault},
		{"ring faults", test_ring_faults},
		{"faults of the MCU's accesses", test_entry_faults},
		{"bad doorbells", test_bad_doorbells},
		{"tail moved back", test_tail_back},
		{"destroy", test_destroy},
		{"destroy with a hung engine", test_destroy_hung},
		{"destroy while waiting", test_destroy_waiting},
		{"destroy across admin rings", test_destroy_epoch},
		{"encode", test_encode},
		{"encode timeout", test_encode_timeout},
		CU_TEST_INFO_NULL,
	};

	return suite_run("user queues", NULL, NULL, tests);
}
