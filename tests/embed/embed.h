/* SPDX-License-Identifier: Apache-2.0 */
/* A program that embeds libocirt, as its author would write it: ocirt.h and the shared library. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include <ocirt.h>
#include <stdbool.h>

/* Count and tell what went wrong; from any thread. Returns the condition. */
bool check(bool good, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define CHECK(condition) check(condition, __FILE__, __LINE__, "%s", #condition)
/* A call that has to succeed; the context's message is told when it does not. */
#define WORKS(ctx, call)                                                                           \
	({                                                                                         \
		int works_ = (call);                                                               \
		check(works_ >= 0, __FILE__, __LINE__, "%s: %s", #call, ocirt_error_message(ctx)); \
	})

/* Write CASE_DIR/NAME.json: the tests' base with this shell script as its program. */
const char *config_of(const char *name, const char *script);

/* What a caller sees of itself, to compare before and after. */
struct self {
	char text[8192];
};
void self_take(struct self *ret);

void test_null_arguments(void);
void test_struct_sizes(void);
void test_errors(void);
void test_documents(void);
void test_contexts_apart(void);
void test_threads(void);
void test_thread_that_ends(void);
void test_child_that_is_not_told(void);
void test_created_and_deleted(void);
void test_ended_by_itself(void);
void test_many(void);

#endif
