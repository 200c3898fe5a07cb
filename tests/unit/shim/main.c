/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the unit tests in this one process: `unit-shim [SUBSTRING of suite/name]`. */
#include <criterion/criterion.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

static struct shim_test *first, **last = &first;
static jmp_buf out;
static bool failed, skipped;

void shim_add(struct shim_test *test)
{
	*last = test;
	last = &test->next;
}

void shim_check(bool ok, bool fatal, const char *expr, const char *file, int line, const char *fmt,
		...)
{
	va_list ap;

	if (ok)
		return;
	failed = true;
	printf("%s:%d: %s: ", file, line, expr);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (fatal)
		longjmp(out, 1);
}

void shim_skip(const char *fmt, ...)
{
	va_list ap;

	skipped = true;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	longjmp(out, 1);
}

static void run(const struct shim_test *test)
{
	failed = skipped = false;
	if (setjmp(out) == 0) {
		if (test->init)
			test->init();
		test->run();
	}
	if (test->fini && setjmp(out) == 0)
		test->fini();
}

int main(int argc, char **argv)
{
	unsigned int n_passed = 0, n_failed = 0, n_skipped = 0;
	char name[256];

	for (const struct shim_test *test = first; test; test = test->next) {
		snprintf(name, sizeof(name), "%s/%s", test->suite, test->name);
		if (argc > 1 && !strstr(name, argv[1]))
			continue;
		if (test->disabled)
			skipped = true, failed = false;
		else
			run(test);
		if (failed || skipped)
			printf("%s: %s\n", name, failed ? "FAILED" : "skipped");
		n_failed += failed;
		n_skipped += !failed && skipped;
		n_passed += !failed && !skipped;
	}
	printf("%u passed, %u failed, %u skipped\n", n_passed, n_failed, n_skipped);
	return n_failed != 0;
}
