/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a document. A report takes every finding: a list of all of them for `check`,
 * and the first error as struct err for the commands that stop there.
 */
#ifndef RT_SPEC_PROBLEM_H
#define RT_SPEC_PROBLEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

enum problem_severity { PROBLEM_ERROR, PROBLEM_WARNING };

/* The strings live as long as the list. */
struct problem {
	enum problem_severity severity;
	enum rt_error_code code;
	unsigned line, column;  /* from 1; 0 when the place is unknown */
	const char *field;      /* "linux.resources.memory.limit"; "" for the whole document */
	const char *message;
	const char *suggestion; /* "did you mean \"hostname\"?"; "" when none */
};

#define PROBLEMS_MAX 200

/* Zero-initialised = empty. In the order of finding; beyond PROBLEMS_MAX they are only counted. */
struct problems {
	struct arena arena;
	struct problem *v;
	size_t n, errors, dropped;
};

/* By their place in the text; those without one come first. */
void rt_problems_sort(struct problems *p);

void rt_problems_free(struct problems *p);

/* Where findings go. The pointers are borrowed; to be closed at the end. */
struct report {
	struct err *e;             /* receives the first error */
	struct problems *list;     /* receives all; NULL: the first error is enough */
	const char *name;          /* of the document, "config.json" */
	const char *text;          /* to find lines; NULL: there are none */
	size_t len;
	size_t errors;             /* found so far */
	struct json_reader places; /* the text, once the place of a value was looked for */
};

/* A place that is not known. */
#define REPORT_NOWHERE SIZE_MAX

/*
 * Add a finding at an offset of the text. It reads "name:line:column: field: message (suggestion)".
 * Returns -EINVAL (a warning: 0). When memory is short the finding is only counted.
 */
int rt_report(struct report *r, enum problem_severity severity, enum rt_error_code code,
	      size_t offset, const char *field, const char *suggestion, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
int rt_report_v(struct report *r, enum problem_severity severity, enum rt_error_code code,
		size_t offset, const char *field, const char *suggestion, const char *fmt,
		va_list ap) __attribute__((format(printf, 7, 0)));

/* Does anybody want to hear more than the number? Spares the work of finding out the field. */
static inline bool rt_report_wanted(const struct report *r, enum problem_severity severity)
{
	return (r->list && r->list->n < PROBLEMS_MAX) || (severity == PROBLEM_ERROR && !r->errors);
}

static inline void rt_report_close(struct report *r)
{
	rt_json_close(&r->places);
}

#endif
