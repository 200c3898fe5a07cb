/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test includes. Use the classic asserts (cr_assert*, cr_expect*), which the shim
 * knows too, and tables of cases inside few Test()s: with criterion each Test() is a process.
 */
#ifndef TEST_H
#define TEST_H

#include <criterion/criterion.h>
#include <stdlib.h>

/* Skip the rest of this test for a reason found in the surroundings; CI takes that as a failure. */
#define test_skip(...)                                                                             \
	do {                                                                                       \
		cr_assert(!getenv("RT_TEST_MUST_WORK"), "skipped, but RT_TEST_MUST_WORK is set: "  \
			  __VA_ARGS__);                                                            \
		cr_skip_test(__VA_ARGS__);                                                         \
	} while (0)

#endif
