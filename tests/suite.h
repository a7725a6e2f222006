/* SPDX-License-Identifier: Apache-2.0
 *
 * How a unit test ends: its suite run, as the environment says, and the exit
 * status that the harness wants.
 */
#ifndef MAILSTORM_TESTS_SUITE_H
#define MAILSTORM_TESTS_SUITE_H

#include <check.h>

static inline int suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

#endif
