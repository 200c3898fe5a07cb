/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/problem.h"

#include <errno.h>
#include <stdio.h>

static int place_order(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	/* by anything that does not depend on how the sort goes */
	return strcmp(x->message, y->message);
}

void rt_problems_sort(struct problems *p)
{
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), place_order);
}

void rt_problems_free(struct problems *p)
{
	arena_free(&p->arena);
	*p = (struct problems){0};
}

static void list_add(struct problems *list, const struct problem *new)
{
	struct problem *slot;

	if (!list->v)
		list->v = ARENA_ARRAY(&list->arena, PROBLEMS_MAX, struct problem);
	if (!list->v || list->n == PROBLEMS_MAX) {
		list->dropped++;
		return;
	}
	slot = &list->v[list->n];
	*slot = *new;
	slot->field = arena_str(&list->arena, new->field);
	slot->message = arena_str(&list->arena, new->message);
	slot->suggestion = arena_str(&list->arena, new->suggestion);
	if (slot->field && slot->message && slot->suggestion)
		list->n++;
	else
		list->dropped++;
}

static void first_error(struct report *r, const struct problem *p)
{
	err_set(r->e, EINVAL | RT_NO_TEXT, p->code, "%s", p->message);
	if (p->line)
		err_at(r->e, "%s:%u:%u", r->name, p->line, p->column);
	else
		err_at(r->e, "%s", r->name);
	if (*p->field)
		err_field(r->e, "%s", p->field);
	if (*p->suggestion)
		err_hint(r->e, "%s", p->suggestion);
}

int rt_report_v(struct report *r, enum problem_severity severity, enum rt_error_code code,
		size_t offset, const char *field, const char *suggestion, const char *fmt,
		va_list ap)
{
	char message[sizeof(r->e->text)];
	struct problem p = {
		.severity = severity,
		.code = code,
		.field = field ? field : "",
		.message = message,
		.suggestion = suggestion ? suggestion : "",
	};

	if (rt_report_wanted(r, severity)) {
		vsnprintf(message, sizeof(message), fmt, ap);
		if (r->text && offset != REPORT_NOWHERE)
			rt_json_position(r->text, offset, &p.line, &p.column);
		if (r->list)
			list_add(r->list, &p);
		if (severity == PROBLEM_ERROR && !r->errors)
			first_error(r, &p);
	} else if (r->list) {
		r->list->dropped++;
	}
	if (severity != PROBLEM_ERROR)
		return 0;
	r->errors++;
	if (r->list)
		r->list->errors++;
	return -EINVAL;
}

int rt_report(struct report *r, enum problem_severity severity, enum rt_error_code code,
	      size_t offset, const char *field, const char *suggestion, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = rt_report_v(r, severity, code, offset, field, suggestion, fmt, ap);
	va_end(ap);
	return ret;
}
