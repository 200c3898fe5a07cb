/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

static const char *const result_names[] = {
	[RESULT_PASSED] = "ok",
	[RESULT_FAILED] = "FAILED",
	[RESULT_SKIPPED] = "skipped",
	[RESULT_KNOWN] = "known",
};

_Static_assert(sizeof(result_names) / sizeof(result_names[0]) == RESULT_MAX,
	       "a name for every result");

/* Reasons begin with the word behind "need". */
static bool skip_is_expected(const struct report *r, const char *reason)
{
	for (size_t i = 0; i < r->may_skip.n; i++)
		if (strncmp(reason, r->may_skip.v[i], strlen(r->may_skip.v[i])) == 0)
			return true;
	return false;
}

/* Weigh the outcome against what the case says about this runtime. */
static enum result judge(const struct report *r, const struct test_case *tc, const char *kind,
			 enum result result, const char **reason)
{
	const char *note = NULL;
	enum peer_expectation expected = case_expectation(tc, kind, &note);

	if (expected == PEER_SKIPPED) {
		*reason = note;
		return RESULT_SKIPPED;
	}
	if (result == RESULT_FAILED && (expected == PEER_FAILS || expected == PEER_MAY_FAIL)) {
		*reason = note;
		return RESULT_KNOWN;
	}
	if (result == RESULT_PASSED && expected == PEER_FAILS) {
		*reason = xprintf("passed, although the case says that %s fails: %s\n", kind, note);
		return RESULT_FAILED;
	}
	if (result == RESULT_SKIPPED && r->must_work && !skip_is_expected(r, *reason)) {
		*reason = xprintf("skipped, which RT_TEST_MUST_WORK forbids: %s\n", *reason);
		return RESULT_FAILED;
	}
	return result;
}

static void print_indented(const char *message)
{
	char *at = xstrdup(message);

	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		if (*line)
			printf("    %s\n", line);
}

void report_case(struct report *r, const struct test_case *tc, const char *kind, enum result result,
		 long elapsed_ms, const char *message)
{
	const char *reason = message;

	result = judge(r, tc, kind, result, &reason);
	r->counts[result]++;
	if (r->table)
		fprintf(r->table, "%s\t%s\t%ld\t%.*s\n", tc->name, result_names[result], elapsed_ms,
			(int)strcspn(reason, "\n"), reason);
	if (result == RESULT_PASSED && !r->verbose)
		return;
	printf("%-8s %s (%ld ms)", result_names[result], tc->name, elapsed_ms);
	if (result == RESULT_FAILED && tc->purpose)
		printf(": %s", tc->purpose);
	if (result == RESULT_SKIPPED || result == RESULT_KNOWN)
		printf(": %s", reason);
	putchar('\n');
	if (result == RESULT_FAILED || (result == RESULT_KNOWN && r->verbose))
		print_indented(result == RESULT_KNOWN ? message : reason);
	fflush(stdout);
}

void report_all_skipped(struct report *r, size_t n_cases, const char *reason)
{
	r->counts[r->must_work ? RESULT_FAILED : RESULT_SKIPPED] += (unsigned int)n_cases;
	printf("skipped all %zu cases: %s\n", n_cases, reason);
}

int report_finish(struct report *r)
{
	if (r->table)
		fclose(r->table);
	if (r->counts[RESULT_KNOWN] > 0)
		printf("%u known differences\n", r->counts[RESULT_KNOWN]);
	printf("%u passed, %u failed, %u skipped\n", r->counts[RESULT_PASSED],
	       r->counts[RESULT_FAILED], r->counts[RESULT_SKIPPED]);
	return r->counts[RESULT_FAILED] > 0;
}
