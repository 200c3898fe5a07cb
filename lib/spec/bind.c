/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to structs. */
#include "spec/bind.h"

#include <errno.h>
#include <stdio.h>

#include "base/json.h"
#include "spec/bind_priv.h"

/*
 * Elements of arrays wait here until their number is known, so that the arena holds each array
 * once and in one piece. Used as a stack: an array within an array is done before the outer goes on.
 */
struct scratch {
	char *p; /* of elements of any type: they are only ever copied in and out */
	size_t used, cap;
	char first[4096];
};

struct parser {
	struct json_reader json;
	const struct bind_schema *schema;
	struct bind_doc *doc;
	struct report report;
	struct bind_path path;
	struct scratch scratch;
};

/*
 * What reading a value tells: negative is the end of reading, otherwise whether there is a value.
 * ABSENT is null, or a mistake that was reported while all mistakes are collected.
 */
enum { ABSENT = 0, PRESENT = 1 };

static int parse_object(struct parser *p, unsigned object, void *out);

/* ---- mistakes ---------------------------------------------------------------------------- */

/* Returns ABSENT when reading goes on after mistakes, else the error. */
__attribute__((format(printf, 4, 5))) static int mistake(struct parser *p, size_t offset,
							 const char *suggestion, const char *fmt,
							 ...)
{
	char field[sizeof(p->report.e->field)];
	va_list ap;
	int ret;

	rt_bind_path_text(&p->path, field, sizeof(field));
	va_start(ap, fmt);
	ret = rt_report_v(&p->report, PROBLEM_ERROR, RT_E_CONFIG, offset, field, suggestion, fmt,
			  ap);
	va_end(ap);
	return p->report.list ? ABSENT : ret;
}

/* While problems are collected this must not be mistaken for the first of them. */
static int no_memory(struct parser *p)
{
	err_clear(p->report.e);
	return err_nomem(p->report.e);
}

/* A value of another type than the row's stands here; pass it. */
static int wrong_type(struct parser *p, const char *wanted, enum json_type type)
{
	size_t at = rt_json_offset(&p->json);

	rt_json_skip(&p->json);
	return mistake(p, at, NULL, "expected %s, got %s", wanted, rt_json_type_word(type));
}

static void did_you_mean(char *buf, size_t size, const char *near)
{
	buf[0] = '\0';
	if (near)
		snprintf(buf, size, "did you mean \"%s\"?", near);
}

/* ---- scalars ----------------------------------------------------------------------------- */

struct range {
	int64_t min;
	uint64_t max;
	uint8_t size;
};

static const struct range ranges[BIND_KIND_MAX] = {
	[BIND_KIND_I32] = {INT32_MIN, INT32_MAX, 4},
	[BIND_KIND_I64] = {INT64_MIN, INT64_MAX, 8},
	[BIND_KIND_U16] = {0, UINT16_MAX, 2},
	[BIND_KIND_U32] = {0, UINT32_MAX, 4},
	[BIND_KIND_U64] = {0, UINT64_MAX, 8},
	/* -1 is "no change" to the kernel, so it is nobody's id */
	[BIND_KIND_ID] = {0, UINT32_MAX - 1, 4},
	/* permissions are 0..0777; encoders that pass st_mode add the type of the file */
	[BIND_KIND_MODE] = {0, 0177777, 4},
	[BIND_KIND_PID] = {0, INT32_MAX, 4},
};

/* The number in two's complement; -ERANGE. The slice is a JSON integer. */
static int to_integer(const struct json_slice *s, const struct range *range, uint64_t *ret)
{
	char text[24];
	int64_t i;

	if (s->len >= sizeof(text))
		return -ERANGE;
	memcpy(text, s->s, s->len);
	text[s->len] = '\0';
	if (range->min == 0)
		return str_to_u64(text, 0, range->max, ret) < 0 ? -ERANGE : 0;
	if (str_to_i64(text, range->min, (int64_t)range->max, &i) < 0)
		return -ERANGE;
	*ret = (uint64_t)i;
	return 0;
}

static void store(void *slot, uint64_t v, uint8_t size)
{
	uint32_t v32 = (uint32_t)v;
	uint16_t v16 = (uint16_t)v;

	if (size == 8)
		memcpy(slot, &v, 8);
	else if (size == 4)
		memcpy(slot, &v32, 4);
	else
		memcpy(slot, &v16, 2);
}

static int parse_integer(struct parser *p, enum bind_kind kind, enum json_type type, void *slot)
{
	const struct range *range = &ranges[kind];
	size_t at = rt_json_offset(&p->json);
	struct json_slice s;
	uint64_t v;

	if (type != JSON_NUMBER)
		return wrong_type(p, "an integer", type);
	s = rt_json_number(&p->json);
	if (!s.integer)
		return mistake(p, at, NULL, "expected an integer in plain digits, got %.*s",
			       (int)MIN(s.len, 40u), s.s);
	if (to_integer(&s, range, &v) < 0)
		return mistake(p, at, NULL, "%.*s is not in the range %lld..%llu",
			       (int)MIN(s.len, 40u), s.s, (long long)range->min,
			       (unsigned long long)range->max);
	store(slot, v, range->size);
	return PRESENT;
}

static int parse_bool(struct parser *p, enum json_type type, void *slot)
{
	if (type != JSON_BOOL)
		return wrong_type(p, "true or false", type);
	*(bool *)slot = rt_json_bool(&p->json);
	return PRESENT;
}

static int parse_string(struct parser *p, enum json_type type, void *slot)
{
	struct json_slice s;
	char *copy;

	if (type != JSON_STRING)
		return wrong_type(p, "a string", type);
	s = rt_json_string(&p->json);
	copy = rt_json_copy(&p->doc->arena, &s);
	if (!copy)
		return no_memory(p);
	memcpy(slot, &copy, sizeof(copy));
	return PRESENT;
}

static int parse_enum(struct parser *p, unsigned index, enum json_type type, void *slot)
{
	size_t at = rt_json_offset(&p->json);
	char word[64], hint[128];
	struct json_slice s;
	int value;

	if (type != JSON_STRING)
		return wrong_type(p, "a string", type);
	s = rt_json_string(&p->json);
	value = s.escaped ? 0 : rt_bind_word_value(p->schema, index, s.s, s.len);
	if (!value) {
		snprintf(word, sizeof(word), "%.*s", (int)MIN(s.len, 63u), s.s);
		did_you_mean(hint, sizeof(hint), rt_bind_nearest_word(p->schema, index, word));
		return mistake(p, at, hint, "unknown value \"%s\"", word);
	}
	memcpy(slot, &value, sizeof(value));
	return PRESENT;
}

/* ---- arrays and maps --------------------------------------------------------------------- */

static int scratch_push(struct parser *p, const void *element, size_t size)
{
	struct scratch *s = &p->scratch;

	if (s->cap - s->used < size) {
		size_t cap = MAX(s->cap * 2, s->used + size);
		char *grown = realloc(s->p == s->first ? NULL : s->p, cap);

		if (!grown)
			return no_memory(p);
		if (s->p == s->first)
			memcpy(grown, s->first, s->used);
		s->p = grown;
		s->cap = cap;
	}
	memcpy(s->p + s->used, element, size);
	s->used += size;
	return 0;
}

/* Move what was pushed since `start` into the arena, as the { n, v } at slot. */
static int scratch_finish(struct parser *p, size_t start, size_t n, size_t size, void *slot)
{
	struct bind_list list = {n, arena_alloc(&p->doc->arena, n, size)};

	if (!list.v)
		return no_memory(p);
	memcpy(list.v, p->scratch.p + start, n * size);
	p->scratch.used = start;
	memcpy(slot, &list, sizeof(list));
	return PRESENT;
}

/* One element of the array, or value of the map, that the row describes. */
static int parse_element(struct parser *p, const struct bind_field *f, void *slot)
{
	static const char *const empty = "";
	enum json_type type = rt_json_type(&p->json);

	switch (f->kind) {
	case BIND_KIND_ARR_STR:
	case BIND_KIND_MAP_STR:
		/* an element that was reported stays, so that the numbers of the others are right */
		memcpy(slot, &empty, sizeof(empty));
		return parse_string(p, type, slot);
	case BIND_KIND_ARR_U32:
		return parse_integer(p, BIND_KIND_U32, type, slot);
	case BIND_KIND_ARR_ID:
		return parse_integer(p, BIND_KIND_ID, type, slot);
	case BIND_KIND_ARR_ENUM:
		return parse_enum(p, f->type, type, slot);
	default:
		if (type != JSON_OBJECT)
			return wrong_type(p, "an object", type);
		return parse_object(p, f->type, slot);
	}
}

static int parse_array(struct parser *p, const struct bind_field *f, enum json_type type,
		       void *slot)
{
	size_t size = rt_bind_element_size(p->schema, f);
	size_t start = p->scratch.used;
	_Alignas(8) char element[BIND_OBJECT_MAX];
	size_t n = 0;

	if (type != JSON_ARRAY)
		return wrong_type(p, "an array", type);
	rt_json_enter(&p->json);
	while (rt_json_next(&p->json)) {
		memset(element, 0, size);
		rt_bind_push_index(&p->path, n++);
		TRY(parse_element(p, f, element));
		rt_bind_pop(&p->path);
		TRY(scratch_push(p, element, size));
	}
	return scratch_finish(p, start, n, size, slot);
}

static int parse_map(struct parser *p, const struct bind_field *f, enum json_type type, void *slot)
{
	size_t size = rt_bind_element_size(p->schema, f);
	size_t value = rt_bind_entry_value(p->schema, f);
	size_t start = p->scratch.used;
	_Alignas(8) char element[BIND_OBJECT_MAX + 8];
	size_t n = 0;

	if (type != JSON_OBJECT)
		return wrong_type(p, "an object", type);
	rt_json_enter(&p->json);
	while (rt_json_next(&p->json)) {
		struct json_slice s = rt_json_key(&p->json);
		const char *key = rt_json_copy(&p->doc->arena, &s);

		if (!key)
			return no_memory(p);
		memset(element, 0, size);
		memcpy(element, &key, sizeof(key));
		rt_bind_push_key(&p->path, key, strlen(key));
		TRY(parse_element(p, f, element + value));
		rt_bind_pop(&p->path);
		TRY(scratch_push(p, element, size));
		n++;
	}
	return scratch_finish(p, start, n, size, slot);
}

/* ---- objects ----------------------------------------------------------------------------- */

static int parse_child(struct parser *p, unsigned object, enum json_type type, void *slot)
{
	void *child;

	if (type != JSON_OBJECT)
		return wrong_type(p, "an object", type);
	child = arena_alloc(&p->doc->arena, 1, p->schema->objects[object].size);
	if (!child)
		return no_memory(p);
	TRY(parse_object(p, object, child));
	memcpy(slot, &child, sizeof(child));
	return PRESENT;
}

static bool required(const struct bind_field *f)
{
	return f->rule == BIND_RULE_REQ || f->rule == BIND_RULE_REQ_NONEMPTY ||
	       f->rule == BIND_RULE_REQ_PATH;
}

/* May the value be null? Encoders write an empty array, map or pointer so. */
static bool nullable(const struct bind_field *f)
{
	return f->kind >= BIND_KIND_OBJ && f->kind != BIND_KIND_IGNORED && !required(f);
}

static int parse_field(struct parser *p, const struct bind_field *f, void *slot)
{
	enum json_type type = rt_json_type(&p->json);

	if (type == JSON_NULL && nullable(f)) {
		rt_json_skip(&p->json);
		return ABSENT;
	}
	switch (f->kind) {
	case BIND_KIND_BOOL:
		return parse_bool(p, type, slot);
	case BIND_KIND_STR:
		return parse_string(p, type, slot);
	case BIND_KIND_ENUM:
		return parse_enum(p, f->type, type, slot);
	case BIND_KIND_OBJ:
		return parse_child(p, f->type, type, slot);
	case BIND_KIND_ARR_STR:
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
	case BIND_KIND_ARR_ENUM:
	case BIND_KIND_ARR_OBJ:
		return parse_array(p, f, type, slot);
	case BIND_KIND_MAP_STR:
	case BIND_KIND_MAP_OBJ:
		return parse_map(p, f, type, slot);
	case BIND_KIND_IGNORED:
		rt_json_skip(&p->json);
		return PRESENT;
	default:
		return parse_integer(p, f->kind, type, slot);
	}
}

/* Writers keep the order of the table, so the row after the last one is the best guess. */
static unsigned find_row(const struct bind_field *fields, unsigned n, const struct json_slice *key,
			 unsigned guess)
{
	for (unsigned i = 0; i < n; i++) {
		const struct bind_field *f = &fields[(guess + i) % n];

		if (f->kind != BIND_KIND_EXTRA && rt_json_equal(key, f->key, f->key_len))
			return (guess + i) % n;
	}
	return n;
}

static void unknown_key(struct parser *p, unsigned object, const struct json_slice *key)
{
	char field[sizeof(p->report.e->field)], word[64], hint[128];

	if (rt_report_wanted(&p->report, PROBLEM_WARNING)) {
		snprintf(word, sizeof(word), "%.*s", (int)MIN(key->len, 63u), key->s);
		did_you_mean(hint, sizeof(hint), rt_bind_nearest_key(p->schema, object, word));
		rt_bind_path_text(&p->path, field, sizeof(field));
		rt_report(&p->report, PROBLEM_WARNING, RT_E_CONFIG,
			  (size_t)(key->s - p->doc->text) - 1, field, hint,
			  "unknown property, ignored");
	}
	rt_json_skip(&p->json);
}

/* Keep what no row knows: key and raw text. */
static int push_extra(struct parser *p, const struct json_slice *key)
{
	struct json_slice value = rt_json_skip(&p->json);
	struct str_pair pair = {
		.key = rt_json_copy(&p->doc->arena, key),
		.value = rt_json_copy(&p->doc->arena, &value),
	};

	if (!pair.key || !pair.value)
		return no_memory(p);
	return scratch_push(p, &pair, sizeof(pair));
}

static const struct bind_field *extra_row(const struct bind_field *fields, unsigned n)
{
	return n && fields[n - 1].kind == BIND_KIND_EXTRA ? &fields[n - 1] : NULL;
}

static int check_required(struct parser *p, const struct bind_field *fields, unsigned n,
			  uint64_t seen, size_t begin)
{
	for (unsigned i = 0; i < n; i++) {
		if (!required(&fields[i]) || (seen & 1ull << i))
			continue;
		rt_bind_push_key(&p->path, fields[i].key, fields[i].key_len);
		TRY(mistake(p, begin, NULL, "required, but missing"));
		rt_bind_pop(&p->path);
	}
	return 0;
}

/* `out` is zeroed memory of the object's size. */
static int parse_object(struct parser *p, unsigned object, void *out)
{
	const struct bind_field *fields = p->schema->fields(object);
	unsigned n = p->schema->objects[object].nfields, row = n - 1;
	const struct bind_field *extra = extra_row(fields, n);
	size_t begin = rt_json_offset(&p->json), start = p->scratch.used, nextra = 0;
	uint64_t seen = 0;

	rt_json_enter(&p->json);
	while (rt_json_next(&p->json)) {
		struct json_slice key = rt_json_key(&p->json);
		unsigned found = find_row(fields, n, &key, row + 1);

		rt_bind_push_key(&p->path, key.s, key.len);
		if (found < n) {
			int r = parse_field(p, &fields[found], (char *)out + fields[found].offset);

			TRY(r);
			((bool *)out)[found] = r == PRESENT;
			seen |= 1ull << found;
			row = found;
		} else if (extra) {
			TRY(push_extra(p, &key));
			nextra++;
		} else {
			unknown_key(p, object, &key);
		}
		rt_bind_pop(&p->path);
	}
	TRY(check_required(p, fields, n, seen, begin));
	if (nextra) {
		((bool *)out)[n - 1] = true;
		TRY(scratch_finish(p, start, nextra, sizeof(struct str_pair),
				   (char *)out + extra->offset));
	}
	return PRESENT;
}

/* ---- documents --------------------------------------------------------------------------- */

static int parse_root(struct parser *p, void *root)
{
	enum json_type type = rt_json_type(&p->json);

	if (type != JSON_OBJECT)
		return wrong_type(p, "an object", type);
	return parse_object(p, p->doc->object, root);
}

/* The text becomes tokens. The reader's error is reported as a finding like any other. */
static int open_text(struct parser *p)
{
	struct err e = ERR_INIT;
	size_t offset;
	int r;

	r = rt_json_open(&p->json, p->doc->text, p->doc->len, &offset, &e);
	if (r == -ENOMEM)
		return no_memory(p);
	if (r < 0)
		return rt_report(&p->report, PROBLEM_ERROR, e.code, offset, "", NULL, "%s", e.text);
	return 0;
}

int rt_bind_parse(struct bind_doc *doc, const struct bind_schema *schema, unsigned object,
		  const char *name, const char *text, size_t len, struct problems *list,
		  struct err *e)
{
	struct parser p;
	void *root;
	int r;

	*doc = (struct bind_doc){
		.schema = schema, .object = object, .name = name, .text = text, .len = len};
	/* not the whole struct: what is not touched costs no page */
	p.schema = schema;
	p.doc = doc;
	p.report = (struct report){.e = e, .list = list, .name = name, .text = text, .len = len};
	p.path.n = 0;
	/* cppcheck-suppress uninitvar; the address of the array in it */
	p.scratch.p = p.scratch.first;
	p.scratch.used = 0;
	p.scratch.cap = sizeof(p.scratch.first);
	TRY(open_text(&p));
	root = arena_alloc(&doc->arena, 1, schema->objects[object].size);
	r = root ? parse_root(&p, root) : no_memory(&p);
	doc->root = root;
	rt_json_close(&p.json);
	if (p.scratch.p != p.scratch.first)
		free(p.scratch.p);
	if (r < 0)
		return r;
	return p.report.errors ? -EINVAL : 0;
}

void rt_bind_free(struct bind_doc *doc)
{
	arena_free(&doc->arena);
	*doc = (struct bind_doc){0};
}
