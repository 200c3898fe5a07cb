/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for people (`rt explain`, golden tests) and for programs. */
#ifndef RT_PLAN_PRINT_H
#define RT_PLAN_PRINT_H

#include "base/str.h"
#include "plan/desc.h"
#include "plan/plan.h"

/*
 * Write the path of a member of the document ("mounts[3].options") to buf; returns buf, "" when
 * the address is no member.
 */
typedef const char *plan_field_fn(const void *doc, const void *member, char *buf, size_t size);

/*
 * The steps by stage, a line each: the word, the arguments that say something, and behind `#` the
 * field of the document (none with field NULL). Long strings and vectors are shortened.
 */
void plan_print_text(const struct plan *p, plan_field_fn *field, const void *doc,
		     struct strbuf *out);

/*
 * The same in full, one object:
 *   {"steps":[{"stage":"ns","step":"hostname","by":"rt-init","field":"hostname",
 *              "args":{"name":"demo"}}, ...]}
 * Flags are arrays of words, slots are their names, blobs {"bytes":N} but groups an array of ids.
 */
void plan_print_json(const struct plan *p, plan_field_fn *field, const void *doc,
		     struct strbuf *out);

/* Append s in double quotes, with C's escapes for what does not print; at most `max` bytes of it. */
void plan_print_quoted(struct strbuf *out, const char *s, size_t max);

/* Append one argument of a step as plan_print_text does. */
void plan_print_arg(const struct plan *p, const struct op_head *step, const struct op_arg *arg,
		    struct strbuf *out);

#endif
