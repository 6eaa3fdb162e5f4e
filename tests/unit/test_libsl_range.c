// SPDX-License-Identifier: MIT
#include <CUnit/Basic.h>
#include <stdlib.h>

#include "libsl/range.h"
#include "sl200/device.h"
#include "tests/suite.h"

static void test_fit(void)
{
	struct range_set set;
	uint64_t a, b, c, d;

	range_init(&set, 0x1000, 0x9000);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x2000, 0x1000, 0, &a), 0);
	CU_ASSERT_EQUAL(a, 0x1000);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x1000, 0x4000, 0, &b), 0);
	CU_ASSERT_EQUAL(b, 0x4000);
	/* The first hole that is large enough, alignment and guard included. */
	CU_ASSERT_EQUAL(range_alloc(&set, 0x1000, 0x1000, 0x1000, &c), 0);
	CU_ASSERT_EQUAL(c, 0x5000);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x1000, 0x1000, 0, &d), 0);
	CU_ASSERT_EQUAL(d, 0x3000);
	CU_ASSERT_EQUAL(set.used, 0x5000);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x4000, 0x1000, 0, &d), SL_ERR_NO_MEMORY);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x3000, 0x1000, 1, &d), SL_ERR_NO_MEMORY);
	CU_ASSERT_EQUAL(range_alloc(&set, UINT64_MAX, 0x1000, 0, &d), SL_ERR_NO_MEMORY);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x1000, 0x1000, UINT64_MAX, &d), SL_ERR_NO_MEMORY);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x3000, 0x1000, 0, &d), 0);
	CU_ASSERT_EQUAL(d, 0x7000);
	range_free(&set, b);
	range_free(&set, 0x12345);
	CU_ASSERT_EQUAL(range_alloc(&set, 0x1000, 0x1000, 0, &d), 0);
	CU_ASSERT_EQUAL(d, b);
	range_fini(&set);
}

#define PAGES 256

/* Random use: ranges stay apart, inside and aligned, and all space comes back. */
static void test_random(void)
{
	uint64_t start[64], size[64] = {0}, guard[64] = {0}, at;
	struct range_set set;
	unsigned int i, j, n;

	srand(3);
	range_init(&set, 0, PAGES);
	for (n = 0; n < 20000; n++) {
		i = (unsigned int)rand() % 64;
		if (size[i]) {
			range_free(&set, start[i]);
			size[i] = 0;
			continue;
		}
		uint64_t want = 1 + (uint64_t)rand() % 20, align = 1ull << rand() % 4;
		uint64_t behind = (uint64_t)rand() % 2;

		if (range_alloc(&set, want, align, behind, &at))
			continue;
		CU_ASSERT_EQUAL_FATAL(at % align, 0);
		CU_ASSERT_TRUE_FATAL(at + want + behind <= PAGES);
		for (j = 0; j < 64; j++)
			CU_ASSERT_TRUE_FATAL(!size[j] || at >= start[j] + size[j] + guard[j] ||
					     at + want + behind <= start[j]);
		start[i] = at;
		size[i] = want;
		guard[i] = behind;
	}
	for (i = 0; i < 64; i++) {
		if (size[i])
			range_free(&set, start[i]);
	}
	CU_ASSERT_EQUAL(set.used, 0);
	CU_ASSERT_EQUAL(range_alloc(&set, PAGES, 1, 0, &at), 0);
	range_fini(&set);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"first fit", test_fit},
		{"random", test_random},
		CU_TEST_INFO_NULL,
	};

	return suite_run("ranges", NULL, NULL, tests);
}
