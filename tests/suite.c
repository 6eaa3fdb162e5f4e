// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "tests/suite.h"

int suite_run(const char *name, CU_InitializeFunc set_up, CU_CleanupFunc tear_down,
	      CU_TestInfo *tests)
{
	CU_SuiteInfo suites[] = {
		{name, set_up, tear_down, NULL, NULL, tests},
		CU_SUITE_INFO_NULL,
	};
	unsigned int failures;

	if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
		fprintf(stderr, "%s: %s\n", name, CU_get_error_msg());
		return 1;
	}
	CU_basic_set_mode(CU_BRM_NORMAL);
	if (CU_basic_run_tests() != CUE_SUCCESS)
		fprintf(stderr, "%s: %s\n", name, CU_get_error_msg());
	/* A suite whose set-up failed has run nothing: that is a failure too. */
	failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed() +
		   (CU_get_number_of_tests_run() == 0);
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
