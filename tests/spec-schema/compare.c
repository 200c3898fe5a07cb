/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare DIRECTORY: do the tables of lib/spec hold what the specification's JSON schemas in that
 * directory hold? Walks both together and prints every difference: a key that one of them lacks,
 * another type, range, list of words or set of required members. Exits 1 if there was one.
 */
#include <fcntl.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/io.h"
#include "base/json.h"
#include "spec/bind.h"
#include "spec/oci.h"

/* Differences that we want. One that no longer is there is a difference itself. */
static struct {
	const char *what;
	const char *why;
	bool used;
} wanted[] = {
	{.what = "uid: maximum", .why = "4294967295 is -1, nobody's id"},
	{.what = "gid: maximum", .why = "the same"},
	{.what = "additionalGids[]: maximum", .why = "the same"},
	{.what = "containerID: maximum", .why = "the same"},
	{.what = "hostID: maximum", .why = "the same"},
	{.what = "fileMode: maximum", .why = "encoders that pass st_mode add the type"},
	{.what = "linux.resources.devices[].type: words", .why = "config-linux.md names them"},
	{.what = "linux.rootfsPropagation: words", .why = "Docker and Podman send the r-forms"},
	{.what = "linux.personality.domain: required", .why = "config-linux.md: REQUIRED"},
	{.what = "linux.memoryPolicy.mode: required", .why = "config-linux.md: REQUIRED"},
	{.what = "features.linux.intelRdt.schemata: not in", .why = "features-linux.md has it"},
	{.what = "features.linux.intelRdt.monitoring: not in", .why = "features-linux.md has it"},
	{.what = "features.linux.memoryPolicy: not in", .why = "features-linux.md has it"},
	{.what = "state.pid: maximum", .why = "a process id is an int"},
};

static unsigned differences;

__attribute__((format(printf, 1, 2))) static void difference(const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (strstr(text, wanted[i].what)) {
			wanted[i].used = true;
			return;
		}
	printf("lib/spec/oci.def: %s\n", text);
	differences++;
}

/* ---- the schema files: a place in one is a copy of its reader ----------------------------- */

struct place {
	struct json_reader r;
	const char *file;
};

static const char *directory;

static struct place open_file(const char *name)
{
	static struct place files[20];
	struct err e = ERR_INIT;
	struct place *p = files;
	char path[500], *text;
	size_t len, at;

	while (p->file && !streq(p->file, name))
		p++;
	if (p->file)
		return *p;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (io_read_file(AT_FDCWD, path, JSON_MAX_BYTES, &text, &len) < 0 ||
	    rt_json_open(&p->r, text, len, &at, &e) < 0) {
		printf("%s: cannot be read: %s\n", path, e.text);
		exit(1);
	}
	p->file = strdup(name);
	return *p;
}

/* The member of an object; false when there is none. */
static bool member(struct place object, const char *key, struct place *ret)
{
	if (rt_json_type(&object.r) != JSON_OBJECT)
		return false;
	rt_json_enter(&object.r);
	while (rt_json_next(&object.r)) {
		struct json_slice k = rt_json_key(&object.r);

		if (rt_json_equal(&k, key, strlen(key))) {
			*ret = object;
			return true;
		}
		rt_json_skip(&object.r);
	}
	return false;
}

/* The text of a string or number member; "" when there is none. Valid until the next call. */
static const char *text_of(struct place object, const char *key)
{
	static char text[300];
	struct json_slice s;
	struct place p;

	if (!member(object, key, &p))
		return "";
	s = rt_json_type(&p.r) == JSON_STRING ? rt_json_string(&p.r) : rt_json_number(&p.r);
	snprintf(text, sizeof(text), "%.*s", (int)s.len, s.s);
	return text;
}

/* Follow "$ref": "file.json#/a/b", and the one alternative of an "anyOf". */
static struct place resolve(struct place p)
{
	for (;;) {
		char ref[300], *part;
		struct place one;

		if (member(p, "anyOf", &one)) {
			rt_json_enter(&one.r);
			p = one;
		}
		snprintf(ref, sizeof(ref), "%s", text_of(p, "$ref"));
		if (!*ref)
			return p;
		part = strchr(ref, '#');
		*part++ = '\0';
		p = open_file(*ref ? ref : p.file);
		for (part = strtok(part, "/"); part; part = strtok(NULL, "/"))
			if (!member(p, part, &p)) {
				printf("%s: no \"%s\"\n", p.file, part);
				exit(1);
			}
	}
}

/* Call fn for the schema and each part of its "allOf". */
static void each_part(struct place schema, void (*fn)(struct place part, void *data), void *data)
{
	struct place all;

	schema = resolve(schema);
	fn(schema, data);
	if (!member(schema, "allOf", &all))
		return;
	rt_json_enter(&all.r);
	while (rt_json_next(&all.r)) {
		each_part(all, fn, data);
		rt_json_skip(&all.r);
	}
}

/* ---- values ------------------------------------------------------------------------------ */

static void compare_object(struct place schema, unsigned object, const char *path);

static void compare_type(struct place s, const char *type, const char *path)
{
	if (!streq(text_of(s, "type"), type))
		difference("%s: type: ours \"%s\", the schema's \"%s\"", path, type,
			   text_of(s, "type"));
}

static void compare_bound(struct place s, const char *which, const char *ours, const char *path)
{
	if (!streq(text_of(s, which), ours))
		difference("%s: %s: ours %s, the schema's %s", path, which, ours,
			   text_of(s, which));
}

static void compare_integer(struct place s, enum bind_kind kind, const char *path)
{
	static const struct {
		enum bind_kind kind;
		const char *min, *max;
	} ranges[] = {
		{BIND_KIND_I32, "-2147483648", "2147483647"},
		{BIND_KIND_I64, "-9223372036854775808", "9223372036854775807"},
		{BIND_KIND_U16, "0", "65535"},
		{BIND_KIND_U32, "0", "4294967295"},
		{BIND_KIND_U64, "0", "18446744073709551615"},
		{BIND_KIND_ID, "0", "4294967294"},
		{BIND_KIND_MODE, "0", "65535"},
		{BIND_KIND_PID, "0", "2147483647"},
	};

	compare_type(s, "integer", path);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (ranges[i].kind == kind) {
			compare_bound(s, "minimum", ranges[i].min, path);
			compare_bound(s, "maximum", ranges[i].max, path);
		}
}

/* Words that stand in the schema as a pattern: each of ours must match it. */
static void compare_pattern(const char *pattern, unsigned index, const char *path)
{
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) {
		printf("%s: pattern %s\n", path, pattern);
		exit(1);
	}
	for (int v = 1; v <= rt_oci_schema.enums[index].nwords; v++) {
		const char *word = rt_bind_word(&rt_oci_schema, index, v);

		if (regexec(&regex, word, 0, NULL, 0))
			difference("%s: words: \"%s\" is not %s", path, word, pattern);
	}
	regfree(&regex);
}

static void compare_words(struct place s, unsigned index, const char *path)
{
	unsigned common = 0, n = rt_oci_schema.enums[index].nwords;
	struct place list;

	compare_type(s, "string", path);
	if (*text_of(s, "pattern")) {
		compare_pattern(text_of(s, "pattern"), index, path);
		return;
	}
	if (!member(s, "enum", &list)) {
		difference("%s: words: the schema has none", path);
		return;
	}
	rt_json_enter(&list.r);
	while (rt_json_next(&list.r)) {
		struct json_slice word = rt_json_string(&list.r);

		if (rt_bind_word_value(&rt_oci_schema, index, word.s, word.len))
			common++;
		else
			difference("%s: lacks the word \"%.*s\"", path, (int)word.len, word.s);
	}
	if (common < n)
		difference("%s: words: %u more than the schema", path, n - common);
}

/* What one element of an array or map is, as if it were a member of its own. */
static enum bind_kind element_kind(enum bind_kind kind)
{
	switch (kind) {
	case BIND_KIND_ARR_STR:
	case BIND_KIND_MAP_STR:
		return BIND_KIND_STR;
	case BIND_KIND_ARR_U32:
		return BIND_KIND_U32;
	case BIND_KIND_ARR_ID:
		return BIND_KIND_ID;
	case BIND_KIND_ARR_ENUM:
		return BIND_KIND_ENUM;
	default:
		return BIND_KIND_OBJ;
	}
}

static void compare_value(struct place s, enum bind_kind kind, unsigned type, const char *path);

static void compare_elements(struct place s, enum bind_kind kind, unsigned type, const char *path)
{
	bool array = kind >= BIND_KIND_ARR_STR && kind <= BIND_KIND_ARR_OBJ;
	struct place element;
	char below[300];

	compare_type(s, array ? "array" : "object", path);
	if (!member(s, array ? "items" : "additionalProperties", &element) &&
	    (!member(s, "patternProperties", &element) || !member(element, ".{1,}", &element))) {
		difference("%s: the schema does not say what is in it", path);
		return;
	}
	snprintf(below, sizeof(below), "%s%s", path, array ? "[]" : ".*");
	compare_value(element, element_kind(kind), type, below);
}

static void compare_value(struct place s, enum bind_kind kind, unsigned type, const char *path)
{
	s = resolve(s);
	switch (kind) {
	case BIND_KIND_IGNORED:
		break;
	case BIND_KIND_BOOL:
		compare_type(s, "boolean", path);
		break;
	case BIND_KIND_STR:
		compare_type(s, "string", path);
		break;
	case BIND_KIND_ENUM:
		compare_words(s, type, path);
		break;
	case BIND_KIND_OBJ:
		compare_object(s, type, path);
		break;
	case BIND_KIND_ARR_STR:
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
	case BIND_KIND_ARR_ENUM:
	case BIND_KIND_ARR_OBJ:
	case BIND_KIND_MAP_STR:
	case BIND_KIND_MAP_OBJ:
		compare_elements(s, kind, type, path);
		break;
	default:
		compare_integer(s, kind, path);
		break;
	}
}

/* ---- objects ----------------------------------------------------------------------------- */

struct comparison {
	const struct bind_field *fields;
	unsigned n;
	const char *path;
	uint64_t found, required; /* rows that the schema has, and demands */
};

static int find_row(const struct comparison *c, struct json_slice key)
{
	for (unsigned i = 0; i < c->n; i++)
		if (rt_json_equal(&key, c->fields[i].key, c->fields[i].key_len))
			return (int)i;
	return -1;
}

static void compare_member(struct comparison *c, struct place value, struct json_slice key)
{
	int row = find_row(c, key);
	const struct bind_field *f;
	char path[300];

	snprintf(path, sizeof(path), "%s%s%.*s", c->path, *c->path ? "." : "", (int)key.len, key.s);
	if (row < 0) {
		difference("%s: is lacking", path);
		return;
	}
	f = &c->fields[row];
	c->found |= 1ull << row;
	if (f->rule == BIND_RULE_POSITIVE) { /* the schema has no upper bound for these */
		compare_type(value, "integer", path);
		compare_bound(value, "minimum", "1", path);
	} else if (f->kind == BIND_KIND_I64 && !*text_of(resolve(value), "minimum")) {
		compare_type(value, "integer", path);
	} else {
		compare_value(value, f->kind, f->type, path);
	}
}

static void compare_part(struct place part, void *data)
{
	struct comparison *c = data;
	struct place p;

	if (member(part, "properties", &p)) {
		rt_json_enter(&p.r);
		while (rt_json_next(&p.r)) {
			struct json_slice key = rt_json_key(&p.r);

			compare_member(c, p, key);
			rt_json_skip(&p.r);
		}
	}
	if (member(part, "required", &p)) {
		rt_json_enter(&p.r);
		while (rt_json_next(&p.r)) {
			int row = find_row(c, rt_json_string(&p.r));

			if (row >= 0)
				c->required |= 1ull << row;
		}
	}
}

static void compare_object(struct place schema, unsigned object, const char *path)
{
	struct comparison c = {
		.fields = rt_oci_schema.fields(object),
		.n = rt_oci_schema.objects[object].nfields,
		.path = path,
	};

	each_part(schema, compare_part, &c);
	for (unsigned i = 0; i < c.n; i++) {
		const struct bind_field *f = &c.fields[i];
		bool ours = f->rule == BIND_RULE_REQ || f->rule == BIND_RULE_REQ_PATH ||
			    f->rule == BIND_RULE_REQ_NONEMPTY;
		const char *dot = *path ? "." : "";

		if (!(c.found & 1ull << i))
			difference("%s%s%s: not in the schema", path, dot, f->key);
		else if (ours != (c.required >> i & 1))
			difference("%s%s%s: required by %s only", path, dot, f->key,
				   ours ? "us" : "the schema");
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	directory = argv[1];
	compare_object(open_file("config-schema.json"), BIND_ID(oci_config), "");
	compare_object(open_file("state-schema.json"), BIND_ID(oci_state), "state");
	compare_object(open_file("features-schema.json"), BIND_ID(oci_features), "features");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!wanted[i].used) {
			printf("tests/spec-schema/compare.c: no longer so: %s\n", wanted[i].what);
			differences++;
		}
	return differences > 0;
}
