/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tables of the library (lib/spec/oci.def): every member that can be reached from
 * config.json, with values of every wrong type, integers at every edge, and words that are none.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "spec/bind.h"
#include "spec/oci.h"

#define DEPTH_MAX 12
#define FIELD_MAX 256

/* The way from the root to an object: what is opened in JSON, and how messages call it. */
struct way {
	char open[512], close[32], field[FIELD_MAX];
};

static const struct {
	const char *name, *text;
} values[] = {
	{"null", "null"},     {"true", "true"},        {"number", "7"},  {"string", "\"x\""},
	{"array", "[]"},      {"object", "{}"},        {"real", "1.5"},  {"exponent", "1e3"},
	{"quoted", "\"7\""}, {"quoted-true", "\"true\""},
};

/* By the value's number: what a kind takes, as a set of bits. */
static unsigned int taken_by(enum bind_kind kind)
{
	enum { NUL = 1, TRUE = 2, NUMBER = 4, STRING = 8, ARRAY = 16, OBJECT = 32, QUOTED = 256 | 512 };

	switch (kind) {
	case BIND_KIND_BOOL:
		return TRUE;
	case BIND_KIND_STR:
		return STRING | QUOTED;
	case BIND_KIND_ENUM:
		return 0; /* "x" is no word */
	case BIND_KIND_OBJ:
	case BIND_KIND_MAP_STR:
	case BIND_KIND_MAP_OBJ:
		return NUL | OBJECT;
	case BIND_KIND_ARR_STR:
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID:
	case BIND_KIND_ARR_ENUM:
	case BIND_KIND_ARR_OBJ:
		return NUL | ARRAY;
	case BIND_KIND_IGNORED:
	case BIND_KIND_EXTRA:
		return ~0u;
	default:
		return NUMBER;
	}
}

/* Put together a text that has to fit. */
static void __attribute__((format(printf, 3, 4))) print(char *buf, size_t size, const char *format,
							...)
{
	va_list args;

	va_start(args, format);
	if (vsnprintf(buf, size, format, args) >= (int)size)
		abort();
	va_end(args);
}

static void one(struct sink *s, const struct way *w, const char *key, const char *what,
		const char *value, enum verdict verdict, const char *field)
{
	char label[FIELD_MAX + 160];
	FILE *f;

	print(label, sizeof(label), "%s: %s", field, what);
	f = s->open(s, label);
	if (!f)
		return;
	fprintf(f, "%s\"%s\": %s%s", w->open, key, value, w->close);
	s->close(s, verdict, field);
}

static void wrong_types(struct sink *s, const struct way *w, const struct bind_field *f,
			const char *field)
{
	unsigned int taken = taken_by(f->kind);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		one(s, w, f->key, values[i].name, values[i].text,
		    taken >> i & 1 ? READABLE : REFUSED, field);
}

/* The same for what is in an array or a map. */
static void wrong_elements(struct sink *s, const struct way *w, const struct bind_field *f,
			   enum bind_kind element, bool map, const char *field)
{
	char inner[FIELD_MAX + 8], text[64], what[32];

	print(inner, sizeof(inner), map ? "%s.k" : "%s[0]", field);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		/* an array's null object would be an element of nothing */
		bool taken = taken_by(element) >> i & 1 && strcmp(values[i].name, "null") != 0;

		print(text, sizeof(text), map ? "{\"k\": %s}" : "[%s]", values[i].text);
		print(what, sizeof(what), "with %s", values[i].name);
		one(s, w, f->key, what, text, taken ? READABLE : REFUSED, inner);
	}
}

/* Numbers at the edges of all kinds, in ascending order, as text since no type holds them all. */
static const char *const edges[] = {
	"-9223372036854775809", "-9223372036854775808", "-4294967296", "-2147483649", "-2147483648",
	"-32769", "-1", "0", "1", "32767", "32768", "65535", "65536", "2147483647", "2147483648",
	"4294967294", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
	"18446744073709551615", "18446744073709551616",
	"100000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
};

/* The range of a kind, as numbers of the array above. */
static bool in_range(enum bind_kind kind, size_t edge)
{
	static const struct {
		const char *least, *most;
	} ranges[BIND_KIND_MAX] = {
		[BIND_KIND_I32] = {"-2147483648", "2147483647"},
		[BIND_KIND_I64] = {"-9223372036854775808", "9223372036854775807"},
		[BIND_KIND_U16] = {"0", "65535"},
		[BIND_KIND_U32] = {"0", "4294967295"},
		[BIND_KIND_U64] = {"0", "18446744073709551615"},
		[BIND_KIND_ID] = {"0", "4294967294"},
		[BIND_KIND_MODE] = {"0", "65535"},
		[BIND_KIND_PID] = {"0", "2147483647"},
	};
	size_t least = 0, most = 0;

	while (strcmp(edges[least], ranges[kind].least) != 0)
		least++;
	while (strcmp(edges[most], ranges[kind].most) != 0)
		most++;
	return edge >= least && edge <= most;
}

static bool is_integer(enum bind_kind kind)
{
	return kind >= BIND_KIND_I32 && kind <= BIND_KIND_PID;
}

static void integers(struct sink *s, const struct way *w, const struct bind_field *f,
		     enum bind_kind kind, bool in_array, const char *field)
{
	char text[128];

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		print(text, sizeof(text), in_array ? "[%s]" : "%s", edges[i]);
		one(s, w, f->key, edges[i], text, in_range(kind, i) ? READABLE : REFUSED, field);
	}
}

/* Words beside those of the list: other letters, one too few, one too many, nothing, a NUL. */
static void words(struct sink *s, const struct way *w, const struct bind_field *f, bool in_array,
		  const char *field)
{
	const struct bind_schema *schema = &rt_oci_schema;

	for (int v = 1; v <= schema->enums[f->type].nwords; v++) {
		const char *word = rt_bind_word(schema, f->type, v);
		char bad[5][80], text[160], what[100];
		size_t len = strlen(word);

		print(bad[0], sizeof(bad[0]), "%sx", word);
		print(bad[1], sizeof(bad[1]), "%.*s", (int)len - 1, word);
		print(bad[2], sizeof(bad[2]), "%c%s", word[0] ^ 0x20, word + 1);
		print(bad[3], sizeof(bad[3]), " %s", word);
		print(bad[4], sizeof(bad[4]), "%s\\u0000", word);
		for (size_t i = 0; i < 5; i++) {
			/* what is cut or grown may be another word: "a", "shared" and "rshared" */
			bool known = rt_bind_word_value(schema, f->type, bad[i], strlen(bad[i])) != 0;

			print(text, sizeof(text), in_array ? "[\"%s\"]" : "\"%s\"", bad[i]);
			print(what, sizeof(what), "word %s", bad[i]);
			/* a NUL is no JSON of ours, whatever the field */
			one(s, w, f->key, what, text, known ? READABLE : REFUSED,
			    i == 4 ? "" : field);
		}
	}
}

static void object(struct sink *s, unsigned int index, const struct way *w, unsigned int depth);

static void deeper(struct sink *s, const struct way *w, const struct bind_field *f,
		   const char *open, const char *close, const char *field, unsigned int depth)
{
	struct way below;

	print(below.open, sizeof(below.open), "%s\"%s\": %s", w->open, f->key, open);
	print(below.close, sizeof(below.close), "%s%s", close, w->close);
	print(below.field, sizeof(below.field), "%s.", field);
	object(s, f->type, &below, depth + 1);
}

static void member(struct sink *s, const struct bind_field *f, const struct way *w,
		   unsigned int depth)
{
	char field[FIELD_MAX], inner[FIELD_MAX + 8];

	print(field, sizeof(field), "%s%s", w->field, f->key);
	print(inner, sizeof(inner), "%s[0]", field);
	wrong_types(s, w, f, field);
	if (is_integer(f->kind))
		integers(s, w, f, f->kind, false, field);
	switch (f->kind) {
	case BIND_KIND_ENUM:
		words(s, w, f, false, field);
		break;
	case BIND_KIND_ARR_STR:
		wrong_elements(s, w, f, BIND_KIND_STR, false, field);
		break;
	case BIND_KIND_ARR_U32:
	case BIND_KIND_ARR_ID: {
		enum bind_kind kind = f->kind == BIND_KIND_ARR_ID ? BIND_KIND_ID : BIND_KIND_U32;

		wrong_elements(s, w, f, kind, false, field);
		integers(s, w, f, kind, true, inner);
		break;
	}
	case BIND_KIND_ARR_ENUM:
		wrong_elements(s, w, f, BIND_KIND_ENUM, false, field);
		words(s, w, f, true, inner);
		break;
	case BIND_KIND_MAP_STR:
		wrong_elements(s, w, f, BIND_KIND_STR, true, field);
		break;
	case BIND_KIND_ARR_OBJ:
		wrong_elements(s, w, f, BIND_KIND_OBJ, false, field);
		deeper(s, w, f, "[{", "}]", inner, depth);
		break;
	case BIND_KIND_MAP_OBJ:
		wrong_elements(s, w, f, BIND_KIND_OBJ, true, field);
		print(inner, sizeof(inner), "%s.k", field);
		deeper(s, w, f, "{\"k\": {", "}}", inner, depth);
		break;
	case BIND_KIND_OBJ:
		deeper(s, w, f, "{", "}", field, depth);
		break;
	default:
		break;
	}
}

static void object(struct sink *s, unsigned int index, const struct way *w, unsigned int depth)
{
	const struct bind_schema *schema = &rt_oci_schema;
	const struct bind_field *fields = schema->fields(index);

	if (depth > DEPTH_MAX)
		abort(); /* the tables have got a circle */
	for (unsigned int i = 0; i < schema->objects[index].nfields; i++)
		if (*fields[i].key)
			member(s, &fields[i], w, depth);
}

void from_tables(struct sink *s)
{
	const struct way root = {"{", "}", ""};

	object(s, BIND_ID(oci_config), &root, 0);
}
