/* SPDX-License-Identifier: Apache-2.0 */
/* Structs to JSON, and words of enums. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "spec/bind_priv.h"

/* ---- words ------------------------------------------------------------------------------- */

const char *rt_bind_word(const struct bind_schema *schema, unsigned index, int value)
{
	if (value <= 0 || value > schema->enums[index].nwords)
		return "?";
	return schema->words(index)[value - 1].s;
}

int rt_bind_word_value(const struct bind_schema *schema, unsigned index, const char *s, size_t len)
{
	const struct bind_word *words = schema->words(index);

	for (int i = 0; i < schema->enums[index].nwords; i++)
		if (words[i].len == len && !memcmp(words[i].s, s, len))
			return i + 1;
	return 0;
}

const char *rt_bind_nearest_key(const struct bind_schema *schema, unsigned object, const char *s)
{
	const struct bind_field *fields = schema->fields(object);
	struct str_nearest near = {.wanted = s};

	for (unsigned i = 0; i < schema->objects[object].nfields; i++)
		str_nearest_try(&near, fields[i].key);
	return near.found;
}

const char *rt_bind_nearest_word(const struct bind_schema *schema, unsigned index, const char *s)
{
	struct str_nearest near = {.wanted = s};

	for (unsigned i = 0; i < schema->enums[index].nwords; i++)
		str_nearest_try(&near, schema->words(index)[i].s);
	return near.found;
}

/* ---- writing ----------------------------------------------------------------------------- */

struct writer {
	const struct bind_schema *schema;
	struct strbuf *out;
	bool pretty;
	unsigned depth;
};

static void write_object(struct writer *w, unsigned object, const char *base);

static void new_line(struct writer *w)
{
	if (!w->pretty)
		return;
	strbuf_addn(w->out, "\n", 1);
	for (unsigned i = 0; i < w->depth; i++)
		strbuf_addn(w->out, "\t", 1);
}

static void open_bracket(struct writer *w, char bracket)
{
	strbuf_addn(w->out, &bracket, 1);
	w->depth++;
}

static void close_bracket(struct writer *w, char bracket, bool empty)
{
	w->depth--;
	if (!empty)
		new_line(w);
	strbuf_addn(w->out, &bracket, 1);
}

static void write_key(struct writer *w, const char *key, bool first)
{
	if (!first)
		strbuf_addn(w->out, ",", 1);
	new_line(w);
	rt_json_write_string(w->out, key);
	strbuf_add(w->out, w->pretty ? ": " : ":");
}

static void write_number(struct writer *w, enum bind_kind kind, const void *slot)
{
	union {
		uint64_t u64;
		int64_t i64;
		uint32_t u32;
		int32_t i32;
		uint16_t u16;
	} v = {0};

	switch (kind) {
	case BIND_KIND_U64:
		memcpy(&v.u64, slot, sizeof(v.u64));
		strbuf_addf(w->out, "%" PRIu64, v.u64);
		break;
	case BIND_KIND_I64:
		memcpy(&v.i64, slot, sizeof(v.i64));
		strbuf_addf(w->out, "%" PRId64, v.i64);
		break;
	case BIND_KIND_I32:
	case BIND_KIND_PID:
		memcpy(&v.i32, slot, sizeof(v.i32));
		strbuf_addf(w->out, "%" PRId32, v.i32);
		break;
	case BIND_KIND_U16:
		memcpy(&v.u16, slot, sizeof(v.u16));
		strbuf_addf(w->out, "%u", v.u16);
		break;
	default:
		memcpy(&v.u32, slot, sizeof(v.u32));
		strbuf_addf(w->out, "%" PRIu32, v.u32);
		break;
	}
}

static void write_word(struct writer *w, unsigned index, const void *slot)
{
	int value;

	memcpy(&value, slot, sizeof(value));
	rt_json_write_string(w->out, rt_bind_word(w->schema, index, value));
}

static void write_element(struct writer *w, const struct bind_field *f, const char *element)
{
	switch (f->kind) {
	case BIND_KIND_ARR_STR:
	case BIND_KIND_MAP_STR:
		rt_json_write_string(w->out, bind_pointer_at(element));
		break;
	case BIND_KIND_EXTRA:
		strbuf_add(w->out, bind_pointer_at(element));
		break;
	case BIND_KIND_ARR_ENUM:
		write_word(w, f->type, element);
		break;
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
		write_number(w, BIND_KIND_U32, element);
		break;
	default:
		write_object(w, f->type, element);
		break;
	}
}

static void write_array(struct writer *w, const struct bind_field *f, const char *slot)
{
	struct bind_list list = bind_list_at(slot);
	size_t size = rt_bind_element_size(w->schema, f);

	open_bracket(w, '[');
	for (size_t i = 0; i < list.n; i++) {
		if (i)
			strbuf_addn(w->out, ",", 1);
		new_line(w);
		write_element(w, f, (const char *)list.v + i * size);
	}
	close_bracket(w, ']', list.n == 0);
}

static void write_entries(struct writer *w, const struct bind_field *f, const char *slot,
			  bool first)
{
	struct bind_list list = bind_list_at(slot);
	size_t size = rt_bind_element_size(w->schema, f);

	for (size_t i = 0; i < list.n; i++) {
		const char *entry = (const char *)list.v + i * size;

		write_key(w, bind_pointer_at(entry), first && i == 0);
		write_element(w, f, entry + rt_bind_entry_value(w->schema, f));
	}
}

static void write_map(struct writer *w, const struct bind_field *f, const char *slot)
{
	open_bracket(w, '{');
	write_entries(w, f, slot, true);
	close_bracket(w, '}', bind_list_at(slot).n == 0);
}

static void write_value(struct writer *w, const struct bind_field *f, const char *slot)
{
	switch (f->kind) {
	case BIND_KIND_BOOL:
		strbuf_add(w->out, *(const bool *)slot ? "true" : "false");
		break;
	case BIND_KIND_STR:
		rt_json_write_string(w->out, bind_pointer_at(slot));
		break;
	case BIND_KIND_ENUM:
		write_word(w, f->type, slot);
		break;
	case BIND_KIND_OBJ:
		write_object(w, f->type, bind_pointer_at(slot));
		break;
	case BIND_KIND_MAP_STR:
	case BIND_KIND_MAP_OBJ:
		write_map(w, f, slot);
		break;
	default:
		if (bind_is_array(f))
			write_array(w, f, slot);
		else
			write_number(w, f->kind, slot);
		break;
	}
}

static void write_object(struct writer *w, unsigned object, const char *base)
{
	const struct bind_field *fields = w->schema->fields(object);
	bool first = true;

	open_bracket(w, '{');
	for (unsigned i = 0; i < w->schema->objects[object].nfields; i++) {
		const char *slot = base + fields[i].offset;

		if (!((const bool *)base)[i] || fields[i].kind == BIND_KIND_IGNORED)
			continue;
		if (fields[i].kind == BIND_KIND_EXTRA) {
			write_entries(w, &fields[i], slot, first);
			continue;
		}
		write_key(w, fields[i].key, first);
		write_value(w, &fields[i], slot);
		first = false;
	}
	close_bracket(w, '}', first);
}

void rt_bind_emit(const struct bind_schema *schema, unsigned object, const void *root,
		  unsigned flags, struct strbuf *out)
{
	struct writer w = {schema, out, flags & BIND_EMIT_PRETTY, 0};

	write_object(&w, object, root);
}
