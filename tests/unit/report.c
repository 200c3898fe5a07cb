/* SPDX-License-Identifier: Apache-2.0 */
/* The closing line that all our suites share, under criterion. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	printf("%zu passed, %zu failed, %zu skipped\n", stats->tests_passed,
	       stats->tests_failed + stats->tests_crashed, stats->tests_skipped);
}
