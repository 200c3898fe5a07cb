/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told about the cases: on stdout while they run, in a table for others, and in the last
 * line.
 */
#ifndef CASES_REPORT_H
#define CASES_REPORT_H

#include <stdio.h>

#include "context.h"

struct report {
	bool verbose;			/* name the passed ones too */
	bool must_work;			/* RT_TEST_MUST_WORK=1: skips are failures ... */
	struct words may_skip;		/* ... but for reasons that begin with one of these words */
	FILE *table;			/* or NULL: case, result, milliseconds, reason */
	unsigned int counts[RESULT_MAX];
};

/* Take in the result of a case; the message belongs to a failure or a skip. */
void report_case(struct report *r, const struct test_case *tc, const char *kind, enum result result,
		 long elapsed_ms, const char *message);
/* Nothing can be run here: count all cases as skipped, for that one reason. */
void report_all_skipped(struct report *r, size_t n_cases, const char *reason);
/* Print the totals and return the driver's exit status. */
int report_finish(struct report *r);

#endif
