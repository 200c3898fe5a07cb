/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From addresses to field paths to lines. Nothing is recorded while a document is read: a path is
 * found by walking the structs, its place by reading the text again, both only for a message.
 */
#include <errno.h>
#include <stdio.h>

#include "spec/bind_priv.h"

size_t rt_bind_element_size(const struct bind_schema *schema, const struct bind_field *f)
{
	switch (f->kind) {
	case BIND_KIND_ARR_STR:
		return sizeof(const char *);
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
		return sizeof(uint32_t);
	case BIND_KIND_ARR_ENUM:
		return sizeof(int);
	case BIND_KIND_ARR_OBJ:
		return schema->objects[f->type].size;
	case BIND_KIND_MAP_OBJ:
		return schema->objects[f->type].entry_size;
	default:
		return sizeof(struct str_pair);
	}
}

size_t rt_bind_entry_value(const struct bind_schema *schema, const struct bind_field *f)
{
	return f->kind == BIND_KIND_MAP_OBJ ? schema->objects[f->type].entry_value
					    : offsetof(struct str_pair, value);
}

/* ---- text of a path ---------------------------------------------------------------------- */

static bool plain_word(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
			    s[i]))
			return false;
	return n > 0;
}

const char *rt_bind_path_text(const struct bind_path *path, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < MIN(path->n, ARRAY_SIZE(path->step)); i++) {
		const struct bind_step *s = &path->step[i];
		int n;

		if (!s->key)
			n = snprintf(buf + used, size - used, "[%zu]", s->n);
		else if (plain_word(s->key, s->n))
			n = snprintf(buf + used, size - used, "%s%.*s", i ? "." : "", (int)s->n,
				     s->key);
		else
			n = snprintf(buf + used, size - used, "[\"%.*s\"]", (int)MIN(s->n, 64u),
				     s->key);
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return buf;
}

/* ---- address to path --------------------------------------------------------------------- */

struct finder {
	const struct bind_schema *schema;
	const char *addr;
	struct bind_path *path;
};

static bool find_in_object(struct finder *f, unsigned object, const char *base);

/* In element i, or entry i of a map, which lies at `element`. */
static bool find_in_element(struct finder *f, const struct bind_field *field, const char *element,
			    size_t i)
{
	size_t value = bind_is_map(field) ? rt_bind_entry_value(f->schema, field) : 0;
	const char *key = bind_is_map(field) ? bind_pointer_at(element) : NULL;
	bool found = f->addr == element || (key && f->addr == key);

	if (key)
		rt_bind_push_key(f->path, key, strlen(key));
	else
		rt_bind_push_index(f->path, i);
	if (!found && (field->kind == BIND_KIND_ARR_OBJ || field->kind == BIND_KIND_MAP_OBJ))
		found = find_in_object(f, field->type, element + value);
	else if (!found && (field->kind == BIND_KIND_ARR_STR || bind_is_map(field)))
		found = f->addr == element + value ||
			f->addr == (const char *)bind_pointer_at(element + value);
	if (!found)
		rt_bind_pop(f->path);
	return found;
}

static bool find_in_list(struct finder *f, const struct bind_field *field, const void *slot)
{
	struct bind_list list = bind_list_at(slot);
	size_t size = rt_bind_element_size(f->schema, field);

	for (size_t i = 0; i < list.n; i++)
		if (find_in_element(f, field, (const char *)list.v + i * size, i))
			return true;
	return false;
}

static bool find_in_field(struct finder *f, const struct bind_field *field, const char *slot)
{
	const char *pointer;

	if (field->kind == BIND_KIND_IGNORED)
		return false;
	if (f->addr == slot)
		return true;
	if (bind_is_array(field) || bind_is_map(field))
		return find_in_list(f, field, slot);
	if (field->kind != BIND_KIND_STR && field->kind != BIND_KIND_OBJ)
		return false;
	pointer = bind_pointer_at(slot);
	if (!pointer)
		return false;
	return field->kind == BIND_KIND_STR ? f->addr == pointer
					    : find_in_object(f, field->type, pointer);
}

static bool find_in_object(struct finder *f, unsigned object, const char *base)
{
	const struct bind_field *fields = f->schema->fields(object);

	if (f->addr == base)
		return true;
	for (unsigned i = 0; i < f->schema->objects[object].nfields; i++) {
		rt_bind_push_key(f->path, fields[i].key, fields[i].key_len);
		if (find_in_field(f, &fields[i], base + fields[i].offset))
			return true;
		rt_bind_pop(f->path);
	}
	return false;
}

int rt_bind_find(const struct bind_doc *doc, const void *addr, struct bind_path *ret)
{
	struct finder f = {doc->schema, addr, ret};

	ret->n = 0;
	if (!addr || !doc->root || !find_in_object(&f, doc->object, doc->root))
		return -ENOENT;
	return 0;
}

const char *rt_bind_field(const struct bind_doc *doc, const void *addr, char *buf, size_t size)
{
	struct bind_path path;

	buf[0] = '\0';
	if (rt_bind_find(doc, addr, &path) == 0)
		rt_bind_path_text(&path, buf, size);
	return buf;
}

/* ---- path to place ----------------------------------------------------------------------- */

/* Go to the value that one step leads to; false when it is not there. */
static bool take_step(struct json_reader *r, const struct bind_step *step)
{
	if (rt_json_type(r) != (step->key ? JSON_OBJECT : JSON_ARRAY))
		return false;
	rt_json_enter(r);
	for (size_t i = 0; rt_json_next(r); i++) {
		struct json_slice key;

		if (!step->key && i == step->n)
			return true;
		if (step->key) {
			key = rt_json_key(r);
			if (rt_json_equal(&key, step->key, step->n))
				return true;
		}
		rt_json_skip(r);
	}
	return false;
}

size_t rt_bind_locate(struct report *report, const struct bind_path *path)
{
	struct err ignored = ERR_INIT;
	struct json_reader r;
	size_t place;

	if (!report->text)
		return REPORT_NOWHERE;
	if (!report->places.tokens &&
	    rt_json_open(&report->places, report->text, report->len, &place, &ignored) < 0)
		return REPORT_NOWHERE;
	r = report->places;
	place = rt_json_offset(&r);
	for (unsigned i = 0; i < MIN(path->n, ARRAY_SIZE(path->step)); i++) {
		if (!take_step(&r, &path->step[i]))
			break;
		place = rt_json_offset(&r);
	}
	return place;
}

int rt_bind_report(const struct bind_doc *doc, struct report *r, const void *addr,
		   enum problem_severity severity, enum rt_error_code code, const char *fmt, ...)
{
	char field[sizeof(r->e->field)] = "";
	size_t offset = REPORT_NOWHERE;
	struct bind_path path;
	va_list ap;
	int ret;

	if (rt_report_wanted(r, severity) && rt_bind_find(doc, addr, &path) == 0) {
		rt_bind_path_text(&path, field, sizeof(field));
		offset = rt_bind_locate(r, &path);
	}
	va_start(ap, fmt);
	ret = rt_report_v(r, severity, code, offset, field, NULL, fmt, ap);
	va_end(ap);
	return ret;
}
