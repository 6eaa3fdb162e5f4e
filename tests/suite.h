/* SPDX-License-Identifier: MIT */
/*
 * The main() of a CUnit test program: one suite, its tests in a table that ends on
 * CU_TEST_INFO_NULL.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <CUnit/Basic.h>

/*
 * Run the tests; set_up and tear_down frame the whole suite and may be NULL. Returns main()'s
 * value: 0 when all passed, 1 on a failure or when CUnit could not run them.
 */
int suite_run(const char *name, CU_InitializeFunc set_up, CU_CleanupFunc tear_down,
	      CU_TestInfo *tests);

#endif
