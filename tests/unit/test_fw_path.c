// SPDX-License-Identifier: MIT
/*
 * How many instructions the firmware's own work on a job takes, on the RV32 build. Register
 * accesses and transfers take no time here: what they cost is the chip's affair.
 */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/rv32_core.h"
#include "tests/unit/test_fw_fake.h"
#include "tests/suite.h"

#define DEPTH 128u
#define LIMIT 400u /* instructions a NOP may take */

static struct hal *hal;
static struct fake_queue queue;

static int set_up(void)
{
	hal = fake_create();
	fake_start(hal);
	fake_admin_setup(hal);
	queue = fake_queue(hal, 1, 1, DEPTH, SL200_PRIO_NORMAL, 16);
	return queue.depth == DEPTH ? 0 : -1;
}

static int tear_down(void)
{
	fake_destroy(hal);
	return 0;
}

/* Instructions from the wake-up to the next sleep; then the completions are collected. */
static uint64_t work(const struct sl200_sqe *sqe, unsigned int count)
{
	struct sl200_cqe cqe;
	uint64_t before;

	for (unsigned int i = 0; i < count; i++)
		fake_post(&queue, sqe);
	fake_ring(&queue);
	before = rv32_retired;
	fake_run(hal, 0);
	before = rv32_retired - before;
	for (unsigned int i = 0; i < count; i++) {
		CU_ASSERT_TRUE(fake_reap(&queue, &cqe));
		CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(cqe.tag, sqe->tag);
	}
	fake_run(hal, 0); /* takes the completion ring's head */
	return before;
}

static void report(const char *what, uint64_t instructions, uint64_t limit)
{
	printf("\n    %-48s %5llu instructions", what, (unsigned long long)instructions);
	CU_ASSERT_TRUE(instructions < limit);
}

static void test_nop(void)
{
	const struct sl200_sqe nop = {.opcode = SL200_OP_NOP, .tag = 7};
	const struct sl200_sqe loud = {.opcode = SL200_OP_NOP, .flags = SL200_SQE_F_IRQ, .tag = 8};
	uint64_t few;

	work(&nop, 1);
	report("a NOP for an idle firmware, wake to sleep", work(&nop, 1), LIMIT);
	report("the same with an interrupt", work(&loud, 1), LIMIT + 50);
	few = work(&nop, 32);
	report("a NOP among many", (work(&nop, 96) - few) / 64, LIMIT * 5 / 8);
	few = work(&loud, 32);
	report("the same with an interrupt", (work(&loud, 96) - few) / 64, LIMIT * 5 / 8);
}

/* The host gives room in the completion ring back: a doorbell and no work. */
static void test_doorbell(void)
{
	uint64_t before;

	fake_doorbell(hal, 1, SL200_DOORBELL_CQ_HEAD, queue.head);
	before = rv32_retired;
	fake_run(hal, 0);
	report("a doorbell without work", rv32_retired - before, LIMIT / 2);
}

/* From the wake-up by the engine that is done, the start of the job included. */
static void test_copy(void)
{
	const struct sl200_sqe copy = {.opcode = SL200_OP_COPY,
				       .tag = 9,
				       .src = FAKE_SCRATCH,
				       .dst = FAKE_SCRATCH + 4096,
				       .width = 64,
				       .height = 1};
	struct sl200_cqe cqe;
	uint64_t before;

	fake_post(&queue, &copy);
	fake_ring(&queue);
	before = rv32_retired;
	fake_run(hal, 2 * FAKE_MS);
	report("a COPY, its two wake-ups", rv32_retired - before, LIMIT * 5 / 2);
	CU_ASSERT_TRUE(fake_reap(&queue, &cqe));
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	fake_run(hal, 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"NOP", test_nop},
		{"doorbell", test_doorbell},
		{"COPY", test_copy},
		CU_TEST_INFO_NULL,
	};

	return suite_run("instructions of the firmware", set_up, tear_down, tests);
}
