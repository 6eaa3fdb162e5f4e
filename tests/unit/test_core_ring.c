// SPDX-License-Identifier: MIT
#include <CUnit/Basic.h>

#include "driver/core/ring.h"
#include "tests/suite.h"

static void test_depth(void)
{
	CU_ASSERT_TRUE(core_ring_depth_valid(2, 2, 4096));
	CU_ASSERT_TRUE(core_ring_depth_valid(4096, 2, 4096));
	CU_ASSERT_FALSE(core_ring_depth_valid(0, 0, 4096));
	CU_ASSERT_FALSE(core_ring_depth_valid(1, 2, 4096));
	CU_ASSERT_FALSE(core_ring_depth_valid(8192, 2, 4096));
	CU_ASSERT_FALSE(core_ring_depth_valid(48, 2, 4096));
	CU_ASSERT_EQUAL(core_ring_bytes(2, 64), 4096);
	CU_ASSERT_EQUAL(core_ring_bytes(64, 64), 4096);
	CU_ASSERT_EQUAL(core_ring_bytes(128, 64), 8192);
	CU_ASSERT_EQUAL(core_ring_bytes(4096, 32), 131072);
}

static void test_phase(void)
{
	CU_ASSERT_EQUAL(core_cq_phase(0, 4), 1);
	CU_ASSERT_EQUAL(core_cq_phase(3, 4), 1);
	CU_ASSERT_EQUAL(core_cq_phase(4, 4), 0);
	CU_ASSERT_EQUAL(core_cq_phase(8, 4), 1);
	/* The counter wraps without a break: the pass before 0 is an odd one. */
	CU_ASSERT_EQUAL(core_cq_phase(UINT32_MAX, 4), 0);
}

/* A card that completes, and a driver that reads, across several passes and the counter's wrap. */
static void read_from(uint32_t start)
{
	struct sl200_cqe cq[4] = {0}, cqe;
	uint32_t head = start, tail = start;
	int i;

	for (i = 0; i < 4; i++)
		cq[(start + (uint32_t)i) & 3].phase = !core_cq_phase(start + (uint32_t)i, 4);
	for (i = 0; i < 100; i++) {
		CU_ASSERT_FALSE(core_cq_read(cq, 4, head, &cqe));
		while (tail - head < 3) {
			cq[tail & 3].tag = tail;
			cq[tail & 3].phase = core_cq_phase(tail, 4);
			tail++;
		}
		while (head != tail) {
			CU_ASSERT_TRUE_FATAL(core_cq_read(cq, 4, head, &cqe));
			CU_ASSERT_EQUAL(cqe.tag, head);
			head++;
		}
	}
}

static void test_read(void)
{
	read_from(0);
	read_from(UINT32_MAX - 50);
}

static void test_write(void)
{
	struct sl200_sqe sq[2] = {0}, sqe = {.opcode = SL200_OP_FILL, .tag = 7};

	core_sq_write(sq, 2, 5, &sqe);
	CU_ASSERT_EQUAL(sq[1].tag, 7);
	CU_ASSERT_EQUAL(sq[1].opcode, SL200_OP_FILL);
	CU_ASSERT_EQUAL(sq[0].tag, 0);
}

static void test_head(void)
{
	CU_ASSERT_TRUE(core_sq_head_valid(5, 5, 9));
	CU_ASSERT_TRUE(core_sq_head_valid(5, 9, 9));
	CU_ASSERT_FALSE(core_sq_head_valid(5, 10, 9));
	CU_ASSERT_FALSE(core_sq_head_valid(5, 4, 9));
	CU_ASSERT_TRUE(core_sq_head_valid(UINT32_MAX, 1, 2));
	CU_ASSERT_FALSE(core_sq_head_valid(UINT32_MAX, 3, 2));
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"depths and sizes", test_depth}, {"phase", test_phase},
		{"completions", test_read},	  {"submissions", test_write},
		{"consumer index", test_head},	  CU_TEST_INFO_NULL,
	};

	return suite_run("ring", NULL, NULL, tests);
}
