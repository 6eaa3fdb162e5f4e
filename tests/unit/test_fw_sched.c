// SPDX-License-Identifier: MIT
/* Who runs next: priorities, weights, and one client's flood beside another's job. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_fw_fake.h"
#include "tests/suite.h"

/* One dma engine, so that the order of starts is the scheduler's. */
static struct hal *one_engine(void)
{
	struct hal *hal = fake_create();

	hal->sys[(SL200_SYS_NUM_ENGINES - SL200_SYS_BASE) / 4] = 1;
	fake_start(hal);
	fake_admin_setup(hal);
	return hal;
}

/* Keep a queue full of fills whose tag is its number, and its completions collected. */
static void top_up(struct fake_queue *q, uint32_t backlog)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_FILL,
				.tag = q->qid,
				.dst = FAKE_SCRATCH,
				.width = 64,
				.height = 1};
	struct sl200_cqe cqe;

	while (fake_reap(q, &cqe))
		;
	while (q->tail - q->head < backlog)
		fake_post(q, &sqe);
	fake_ring(q);
}

static uint32_t count(const struct hal *hal, uint32_t from, uint32_t to, uint64_t tag)
{
	uint32_t n = 0;

	for (uint32_t i = from; i < to; i++)
		n += hal->start[i].tag == tag;
	return n;
}

static void flood(struct hal *hal, struct fake_queue *q, uint32_t queues, uint32_t jobs)
{
	uint32_t until = hal->starts + jobs;

	while (hal->starts < until) {
		for (uint32_t i = 0; i < queues; i++)
			top_up(&q[i], 6);
		fake_run(hal, FAKE_MS);
	}
}

static void test_weights(void)
{
	static const uint8_t weights[] = {1, 2, 5};
	struct hal *hal = one_engine();
	struct fake_queue q[3];

	for (uint32_t i = 0; i < 3; i++)
		q[i] = fake_queue(hal, 1 + i, 1, 8, SL200_PRIO_NORMAL, weights[i]);
	flood(hal, q, 3, 800);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t n = count(hal, 0, 800, 1 + i);

		CU_ASSERT_TRUE(n >= 100u * weights[i] - 5);
		CU_ASSERT_TRUE(n <= 100u * weights[i] + 5);
	}
	fake_destroy(hal);
}

/* Shares are of time, not of jobs: long jobs come seldom. */
static void test_time_shares(void)
{
	struct hal *hal = fake_create();
	uint64_t time[3] = {0};
	struct fake_queue q[2];

	hal->sys[(SL200_SYS_NUM_ENGINES - SL200_SYS_BASE) / 4] = 1;
	fake_start(hal);
	fake_admin_setup(hal);
	q[0] = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 10);
	q[1] = fake_queue(hal, 2, 1, 8, SL200_PRIO_NORMAL, 10);
	for (uint32_t i = 0; i < 1500; i++) {
		uint32_t starts = hal->starts;

		top_up(&q[0], 4);
		top_up(&q[1], 4);
		/* The job that starts next gets its queue's duration: set it for both in turn. */
		fake_run(hal, FAKE_MS / 4);
		if (hal->starts > starts) {
			uint64_t ns = hal->start[starts].tag == 1 ? 4 * FAKE_MS : FAKE_MS;

			hal->engine[0].done_at = hal->start[starts].at + ns;
			time[hal->start[starts].tag] += ns;
		}
	}
	CU_ASSERT_TRUE(time[1] > 0 && time[2] > 0);
	CU_ASSERT_TRUE(time[1] < time[2] * 12 / 10);
	CU_ASSERT_TRUE(time[2] < time[1] * 12 / 10);
	fake_destroy(hal);
}

static void test_priorities(void)
{
	struct hal *hal = one_engine();
	struct fake_queue q[SL200_PRIO_COUNT];

	for (uint32_t i = 0; i < SL200_PRIO_COUNT; i++)
		q[i] = fake_queue(hal, 1 + i, 1, 8, (uint8_t)i, 255);
	/* All are posted before the firmware looks: strictly from the top down. */
	for (uint32_t i = 0; i < SL200_PRIO_COUNT; i++)
		top_up(&q[i], 3);
	fake_run(hal, 20 * FAKE_MS);
	CU_ASSERT_EQUAL(hal->starts, 12);
	for (uint32_t i = 0; i < 12; i++)
		CU_ASSERT_EQUAL(hal->start[i].tag, SL200_PRIO_COUNT - i / 3);
	fake_destroy(hal);
}

/* A flood of normal jobs delays a realtime one by the job that runs, and no more. */
static void test_realtime(void)
{
	struct hal *hal = one_engine();
	struct fake_queue bulk[8];
	struct fake_queue rt;

	for (uint32_t i = 0; i < 8; i++)
		bulk[i] = fake_queue(hal, 1 + i, 1, 8, SL200_PRIO_NORMAL, 255);
	rt = fake_queue(hal, 20, 2, 4, SL200_PRIO_REALTIME, 1);
	flood(hal, bulk, 8, 50);
	for (uint32_t i = 0; i < 20; i++) {
		uint32_t starts;

		for (uint32_t k = 0; k < 8; k++)
			top_up(&bulk[k], 6);
		fake_run(hal, FAKE_MS / 3);
		starts = hal->starts;
		top_up(&rt, 1);
		fake_run(hal, 3 * FAKE_MS);
		CU_ASSERT_TRUE(hal->starts > starts);
		CU_ASSERT_EQUAL(hal->start[starts].tag, 20);
	}
	fake_destroy(hal);
}

/* A queue that was idle, or did not collect, has saved nothing up. */
static void test_no_saving(void)
{
	struct hal *hal = one_engine();
	struct fake_queue q[2];
	uint32_t from;

	q[0] = fake_queue(hal, 1, 1, 8, SL200_PRIO_NORMAL, 1);
	q[1] = fake_queue(hal, 2, 1, 8, SL200_PRIO_NORMAL, 1);
	flood(hal, q, 1, 500);
	from = hal->starts;
	flood(hal, q, 2, 40);
	CU_ASSERT_TRUE(count(hal, from, from + 40, 1) >= 18);
	/* Now the second sits on a full completion ring for half a second. */
	for (uint32_t i = 0; i < 500; i++) {
		top_up(&q[0], 6);
		fake_run(hal, FAKE_MS);
	}
	from = hal->starts;
	flood(hal, q, 2, 100);
	CU_ASSERT_TRUE(count(hal, from, from + 100, 1) >= 35);
	CU_ASSERT_TRUE(count(hal, from, from + 100, 2) >= 35);
	fake_destroy(hal);
}

/* A flood of entries the MCU executes keeps neither admin commands nor others waiting. */
static void test_nop_flood(void)
{
	struct hal *hal = one_engine();
	struct fake_queue noisy = fake_queue(hal, 1, 1, 4096 / 64, SL200_PRIO_NORMAL, 255);
	struct fake_queue quiet = fake_queue(hal, 2, 2, 8, SL200_PRIO_NORMAL, 1);
	struct sl200_sqe nop = {.opcode = SL200_OP_NOP};
	struct sl200_cqe cqe;

	for (uint32_t i = 0; i < noisy.depth; i++)
		fake_post(&noisy, &nop);
	fake_ring(&noisy);
	top_up(&quiet, 1);
	fake_run(hal, 0);
	/* Both were served in one go. */
	CU_ASSERT_EQUAL(hal->starts, 1);
	CU_ASSERT_EQUAL(hal->start[0].tag, 2);
	for (uint32_t i = 0; i < noisy.depth; i++)
		CU_ASSERT_TRUE(fake_reap(&noisy, &cqe));
	fake_destroy(hal);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"weights", test_weights},
		{"shares of time", test_time_shares},
		{"strict priorities", test_priorities},
		{"realtime beside a flood", test_realtime},
		{"nothing saved up", test_no_saving},
		{"flood of NOPs", test_nop_flood},
		CU_TEST_INFO_NULL,
	};

	return suite_run("scheduler", NULL, NULL, tests);
}
