/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of criterion that the unit tests use, without its process per test: a test is a
 * function, a failed assert jumps out of it. See main.c beside this folder for the runner.
 */
#ifndef SHIM_CRITERION_H
#define SHIM_CRITERION_H

#include <stdbool.h>
#include <string.h>

struct shim_test {
	const char *suite, *name;
	void (*run)(void);
	void (*init)(void), (*fini)(void);
	bool disabled;
	struct shim_test *next;
};

void shim_add(struct shim_test *test);
void shim_check(bool ok, bool fatal, const char *expr, const char *file, int line,
		const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void shim_skip(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define Test(s, n, ...)                                                                            \
	static void s##_##n##_run(void);                                                           \
	static void __attribute__((constructor)) s##_##n##_add(void)                               \
	{                                                                                          \
		static struct shim_test t = {#s, #n, s##_##n##_run, __VA_ARGS__};                  \
		shim_add(&t);                                                                      \
	}                                                                                          \
	static void s##_##n##_run(void)

#define SHIM_CHECK(fatal, cond, ...) \
	shim_check(cond, fatal, #cond, __FILE__, __LINE__, " " __VA_ARGS__)

#define cr_assert(cond, ...) SHIM_CHECK(true, cond, __VA_ARGS__)
#define cr_assert_not(cond, ...) SHIM_CHECK(true, !(cond), __VA_ARGS__)
#define cr_assert_fail(...) SHIM_CHECK(true, !"reached", __VA_ARGS__)
#define cr_assert_null(p, ...) SHIM_CHECK(true, (p) == NULL, __VA_ARGS__)
#define cr_assert_not_null(p, ...) SHIM_CHECK(true, (p) != NULL, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) SHIM_CHECK(true, (a) == (b), __VA_ARGS__)
#define cr_assert_neq(a, b, ...) SHIM_CHECK(true, (a) != (b), __VA_ARGS__)
#define cr_assert_lt(a, b, ...) SHIM_CHECK(true, (a) < (b), __VA_ARGS__)
#define cr_assert_leq(a, b, ...) SHIM_CHECK(true, (a) <= (b), __VA_ARGS__)
#define cr_assert_gt(a, b, ...) SHIM_CHECK(true, (a) > (b), __VA_ARGS__)
#define cr_assert_geq(a, b, ...) SHIM_CHECK(true, (a) >= (b), __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) SHIM_CHECK(true, strcmp(a, b) == 0, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) SHIM_CHECK(true, strcmp(a, b) != 0, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...) SHIM_CHECK(true, memcmp(a, b, n) == 0, __VA_ARGS__)
#define cr_expect(cond, ...) SHIM_CHECK(false, cond, __VA_ARGS__)
#define cr_expect_not(cond, ...) SHIM_CHECK(false, !(cond), __VA_ARGS__)
#define cr_expect_fail(...) SHIM_CHECK(false, !"reached", __VA_ARGS__)
#define cr_expect_null(p, ...) SHIM_CHECK(false, (p) == NULL, __VA_ARGS__)
#define cr_expect_not_null(p, ...) SHIM_CHECK(false, (p) != NULL, __VA_ARGS__)
#define cr_expect_eq(a, b, ...) SHIM_CHECK(false, (a) == (b), __VA_ARGS__)
#define cr_expect_neq(a, b, ...) SHIM_CHECK(false, (a) != (b), __VA_ARGS__)
#define cr_expect_lt(a, b, ...) SHIM_CHECK(false, (a) < (b), __VA_ARGS__)
#define cr_expect_leq(a, b, ...) SHIM_CHECK(false, (a) <= (b), __VA_ARGS__)
#define cr_expect_gt(a, b, ...) SHIM_CHECK(false, (a) > (b), __VA_ARGS__)
#define cr_expect_geq(a, b, ...) SHIM_CHECK(false, (a) >= (b), __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...) SHIM_CHECK(false, strcmp(a, b) == 0, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) SHIM_CHECK(false, strcmp(a, b) != 0, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...) SHIM_CHECK(false, memcmp(a, b, n) == 0, __VA_ARGS__)
#define cr_skip_test(...) shim_skip(" " __VA_ARGS__)

#endif
