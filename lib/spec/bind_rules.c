/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that stand in the rows: not empty, an absolute path, positive. */
#include <limits.h>

#include "spec/bind_priv.h"

struct checker {
	const struct bind_doc *doc;
	struct report *report;
	struct bind_path path;
};

static void check_object(struct checker *c, unsigned object, const char *base);

__attribute__((format(printf, 2, 3))) static void broken(struct checker *c, const char *fmt, ...)
{
	char field[sizeof(c->report->e->field)] = "";
	size_t place = REPORT_NOWHERE;
	va_list ap;

	if (rt_report_wanted(c->report, PROBLEM_ERROR)) {
		rt_bind_path_text(&c->path, field, sizeof(field));
		place = rt_bind_locate(c->report, &c->path);
	}
	va_start(ap, fmt);
	rt_report_v(c->report, PROBLEM_ERROR, RT_E_CONFIG, place, field, NULL, fmt, ap);
	va_end(ap);
}

static void check_string(struct checker *c, enum bind_rule rule, const char *s)
{
	if (rule == BIND_RULE_OPT || rule == BIND_RULE_REQ)
		return;
	if (!*s)
		broken(c, "must not be empty");
	else if (rule != BIND_RULE_PATH && rule != BIND_RULE_REQ_PATH)
		return;
	else if (*s != '/')
		broken(c, "must be an absolute path, got \"%.100s\"", s);
	else if (strlen(s) >= PATH_MAX)
		broken(c, "longer than a path may be (%d bytes)", PATH_MAX - 1);
}

static void check_array(struct checker *c, const struct bind_field *f, const void *slot)
{
	struct bind_list list = bind_list_at(slot);
	size_t size = rt_bind_element_size(c->doc->schema, f);

	if (list.n == 0 && (f->rule == BIND_RULE_NONEMPTY || f->rule == BIND_RULE_REQ_NONEMPTY))
		broken(c, "must not be empty");
	if (f->kind != BIND_KIND_ARR_STR && f->kind != BIND_KIND_ARR_OBJ)
		return;
	for (size_t i = 0; i < list.n; i++) {
		const char *element = (const char *)list.v + i * size;

		rt_bind_push_index(&c->path, i);
		if (f->kind == BIND_KIND_ARR_OBJ)
			check_object(c, f->type, element);
		else
			check_string(c, f->rule, bind_pointer_at(element));
		rt_bind_pop(&c->path);
	}
}

static void check_map(struct checker *c, const struct bind_field *f, const void *slot)
{
	struct bind_list list = bind_list_at(slot);
	size_t size = rt_bind_element_size(c->doc->schema, f);

	for (size_t i = 0; i < list.n; i++) {
		const char *entry = (const char *)list.v + i * size;
		const char *key = bind_pointer_at(entry);

		rt_bind_push_key(&c->path, key, strlen(key));
		if (!*key)
			broken(c, "the key must not be empty");
		if (f->kind == BIND_KIND_MAP_OBJ)
			check_object(c, f->type, entry + rt_bind_entry_value(c->doc->schema, f));
		rt_bind_pop(&c->path);
	}
}

static void check_field(struct checker *c, const struct bind_field *f, const char *slot)
{
	int64_t number;

	switch (f->kind) {
	case BIND_KIND_STR:
		check_string(c, f->rule, bind_pointer_at(slot));
		break;
	case BIND_KIND_OBJ:
		check_object(c, f->type, bind_pointer_at(slot));
		break;
	case BIND_KIND_ARR_STR:
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
	case BIND_KIND_ARR_ENUM:
	case BIND_KIND_ARR_OBJ:
		check_array(c, f, slot);
		break;
	case BIND_KIND_MAP_STR:
	case BIND_KIND_MAP_OBJ:
		check_map(c, f, slot);
		break;
	case BIND_KIND_I64:
		memcpy(&number, slot, sizeof(number));
		if (f->rule == BIND_RULE_POSITIVE && number < 1)
			broken(c, "must be at least 1, got %lld", (long long)number);
		break;
	default:
		break;
	}
}

static void check_object(struct checker *c, unsigned object, const char *base)
{
	const struct bind_field *fields = c->doc->schema->fields(object);

	for (unsigned i = 0; i < c->doc->schema->objects[object].nfields; i++) {
		if (!((const bool *)base)[i])
			continue;
		rt_bind_push_key(&c->path, fields[i].key, fields[i].key_len);
		check_field(c, &fields[i], base + fields[i].offset);
		rt_bind_pop(&c->path);
	}
}

void rt_bind_check_rules(const struct bind_doc *doc, struct report *r)
{
	struct checker c = {.doc = doc, .report = r};

	check_object(&c, doc->object, doc->root);
}
