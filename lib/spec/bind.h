/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine under the documents: with the rows of a table (oci.def) it reads JSON straight into
 * the structs, writes it from them, and says which field of the document an address is.
 *
 * Rules of reading, beside those of base/json.h: a wrong type or a number out of range is an
 * error; numbers are integers in plain digits (no 1.0, no 1e3). null is an absent array, map or
 * object, as encoders write an empty one; for anything else it is a wrong type, so that
 * "noNewPrivileges": null does not mean false. Unknown keys are ignored, as the specification
 * demands, and reported as warnings to those who collect problems.
 */
#ifndef RT_SPEC_BIND_H
#define RT_SPEC_BIND_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "spec/bind_types.h"
#include "spec/problem.h"

enum bind_kind {
	BIND_KIND_BOOL,
	BIND_KIND_STR,
	BIND_KIND_I32,
	BIND_KIND_I64,
	BIND_KIND_U16,
	BIND_KIND_U32,
	BIND_KIND_U64,
	BIND_KIND_ID,
	BIND_KIND_MODE,
	BIND_KIND_PID,
	BIND_KIND_ENUM,
	BIND_KIND_OBJ,
	BIND_KIND_ARR_STR,
	BIND_KIND_ARR_U32,
	BIND_KIND_ARR_ID,
	BIND_KIND_ARR_ENUM,
	BIND_KIND_ARR_OBJ,
	BIND_KIND_MAP_STR,
	BIND_KIND_MAP_OBJ,
	BIND_KIND_IGNORED,
	BIND_KIND_EXTRA,
	BIND_KIND_MAX
};

enum bind_rule {
	BIND_RULE_OPT,
	BIND_RULE_REQ,
	BIND_RULE_NONEMPTY,
	BIND_RULE_REQ_NONEMPTY,
	BIND_RULE_PATH,
	BIND_RULE_REQ_PATH,
	BIND_RULE_POSITIVE,
	BIND_RULE_MAX
};

/*
 * The tables hold no addresses: they are read-only data without relocations, so a program that
 * reads no document does not pay for them.
 */
struct bind_field {
	char key[36];
	uint8_t key_len;
	uint8_t kind;    /* enum bind_kind */
	uint8_t rule;    /* enum bind_rule */
	uint8_t type;    /* index of the enum or object */
	uint16_t offset; /* in the struct; `has` of field i is byte i of the struct */
};

struct bind_object {
	char name[32];
	uint16_t nfields, size;
	uint16_t entry_size, entry_value; /* of struct <name>_entry: its size, offset of value */
};

struct bind_word {
	uint8_t len;
	char s[39];
};

struct bind_enum {
	char name[31];
	uint8_t nwords; /* word i is the enumerator i + 1 */
};

struct bind_schema {
	const struct bind_object *objects;
	const struct bind_enum *enums;
	const struct bind_field *(*fields)(unsigned object);
	const struct bind_word *(*words)(unsigned index);
	unsigned nobjects, nenums;
};

/* The largest struct of a table: elements of arrays are read on the stack first. */
#define BIND_OBJECT_MAX 1024

/* ---- reading ----------------------------------------------------------------------------- */

/* A document that was read. Zero-initialised = none. */
struct bind_doc {
	const struct bind_schema *schema;
	unsigned object;  /* index of the root's type */
	const void *root; /* everything it points to is in the arena */
	const char *name; /* borrowed */
	const char *text; /* borrowed: places in it are looked up when a problem is reported */
	size_t len;
	struct arena arena;
};

/*
 * Read text[0..len) as the object `object` of the schema (BIND_ID(tag)). `name` is what messages
 * call the document. With a list, all problems are collected and reading goes on after an error
 * (RT_E_CONFIG): doc->root then is what could be read, where members that failed are absent.
 * Without one, it stops at the first. The error is never lost: *e holds the first.
 * Returns 0; -EINVAL with RT_E_JSON (not JSON: doc->root is NULL) or RT_E_CONFIG; -ENOMEM.
 * `name` and `text` must outlive the document, which is freed in any case by rt_bind_free.
 */
int rt_bind_parse(struct bind_doc *doc, const struct bind_schema *schema, unsigned object,
		  const char *name, const char *text, size_t len, struct problems *list,
		  struct err *e);

void rt_bind_free(struct bind_doc *doc);

/* ---- places ------------------------------------------------------------------------------ */

struct bind_step {
	const char *key; /* NULL: an index */
	size_t n;        /* length of the key, or the index */
};

/* From the root to a value. */
struct bind_path {
	unsigned n;
	struct bind_step step[16];
};

/* "linux.namespaces[1].type"; a key that is no plain word stands in brackets. Returns buf. */
const char *rt_bind_path_text(const struct bind_path *path, char *buf, size_t size);

/*
 * Which field is at this address? addr is that of a struct, a member, an element of an array, or
 * a string of the document. Returns 0, or -ENOENT when it is none of them.
 */
int rt_bind_find(const struct bind_doc *doc, const void *addr, struct bind_path *ret);

/* rt_bind_find and rt_bind_path_text in one; "" when addr is not in the document. Returns buf. */
const char *rt_bind_field(const struct bind_doc *doc, const void *addr, char *buf, size_t size);

/* Where in the report's text the value, or the nearest thing around it, begins. */
size_t rt_bind_locate(struct report *r, const struct bind_path *path);

/* Report a problem of the value at addr. Returns as rt_report. */
int rt_bind_report(const struct bind_doc *doc, struct report *r, const void *addr,
		   enum problem_severity severity, enum rt_error_code code, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* Report what breaks a rule of its row (not empty, absolute path, positive), in all of the doc. */
void rt_bind_check_rules(const struct bind_doc *doc, struct report *r);

/* ---- writing ----------------------------------------------------------------------------- */

#define BIND_EMIT_PRETTY 1u /* lines indented by tabs, instead of one line */

/* Append the object as JSON: the members that are present, in the order of the rows. */
void rt_bind_emit(const struct bind_schema *schema, unsigned object, const void *root,
		  unsigned flags, struct strbuf *out);

/* A member by which elements of an array are told apart; several of one object count together. */
struct bind_key {
	unsigned object;
	const char *member; /* its key in the document; NULL ends a list */
};

/*
 * Lay the members that `change` has over *dst, an object of the same type: objects are merged, and
 * so are maps and arrays with keys; other arrays are replaced. What *dst points to is copied into
 * the arena before it is changed; strings and new elements are borrowed from `change`. Returns 0 or
 * -ENOMEM.
 */
int rt_bind_merge(const struct bind_schema *schema, unsigned object, void *dst, const void *change,
		  const struct bind_key *keys, struct arena *arena);

/* The word of an enumerator, "mount"; "?" when it is none. */
const char *rt_bind_word(const struct bind_schema *schema, unsigned index, int value);

/* The enumerator of a word of this length; 0 when there is none. */
int rt_bind_word_value(const struct bind_schema *schema, unsigned index, const char *s,
		       size_t len);

/* The key or word most like s, if any is near enough for "did you mean"; else NULL. */
const char *rt_bind_nearest_key(const struct bind_schema *schema, unsigned object, const char *s);
const char *rt_bind_nearest_word(const struct bind_schema *schema, unsigned index, const char *s);

/* ---- from a table to a schema ------------------------------------------------------------ */

#define BIND_ID(tag) BIND_ID_##tag
#define BIND_ENUM_ID(tag) BIND_ENUM_ID_##tag

/* Offset and type of a row, by its kind. bind_this is the struct that the rows are of. */
#define BIND_AT(member) offsetof(bind_this, member)
#define BIND_D_BOOL(member, type) BIND_AT(member), 0
#define BIND_D_STR(member, type) BIND_AT(member), 0
#define BIND_D_I32(member, type) BIND_AT(member), 0
#define BIND_D_I64(member, type) BIND_AT(member), 0
#define BIND_D_U16(member, type) BIND_AT(member), 0
#define BIND_D_U32(member, type) BIND_AT(member), 0
#define BIND_D_U64(member, type) BIND_AT(member), 0
#define BIND_D_ID(member, type) BIND_AT(member), 0
#define BIND_D_MODE(member, type) BIND_AT(member), 0
#define BIND_D_PID(member, type) BIND_AT(member), 0
#define BIND_D_ENUM(member, type) BIND_AT(member), BIND_ENUM_ID(type)
#define BIND_D_OBJ(member, type) BIND_AT(member), BIND_ID(type)
#define BIND_D_ARR_STR(member, type) BIND_AT(member), 0
#define BIND_D_ARR_U32(member, type) BIND_AT(member), 0
#define BIND_D_ARR_ID(member, type) BIND_AT(member), 0
#define BIND_D_ARR_ENUM(member, type) BIND_AT(member), BIND_ENUM_ID(type)
#define BIND_D_ARR_OBJ(member, type) BIND_AT(member), BIND_ID(type)
#define BIND_D_MAP_STR(member, type) BIND_AT(member), 0
#define BIND_D_MAP_OBJ(member, type) BIND_AT(member), BIND_ID(type)
#define BIND_D_IGNORED(member, type) 0, 0
#define BIND_D_EXTRA(member, type) BIND_AT(member), 0

#define BIND_ROW_(key, kind, rule, at, type)                                                       \
	{key, sizeof(key) - 1, BIND_KIND_##kind, BIND_RULE_##rule, type, at},
#define BIND_ROW_EXPAND(...) BIND_ROW_(__VA_ARGS__)
#define BIND_ROW(kind, member, key, rule, type)                                                    \
	BIND_ROW_EXPAND(key, kind, rule, BIND_D_##kind(member, type))

#define BIND_FIELDS_CASE(tag, rows)                                                                \
	case BIND_ID(tag): {                                                                       \
		typedef struct tag bind_this;                                                      \
		static const struct bind_field fields[] = {rows(BIND_ROW)};                        \
		_Static_assert(ARRAY_SIZE(fields) <= 64, "the parser counts fields in 64 bits");   \
		_Static_assert(sizeof(struct tag) <= BIND_OBJECT_MAX, "larger than an element");   \
		return fields;                                                                     \
	}
#define BIND_OBJECT_ROW(tag, rows)                                                                 \
	{#tag, sizeof(((struct tag *)0)->has), sizeof(struct tag), sizeof(struct tag##_entry),     \
	 offsetof(struct tag##_entry, value)},
#define BIND_WORD(enumerator, word) {sizeof(word) - 1, word},
#define BIND_WORDS_CASE(tag, prefix, words)                                                        \
	case BIND_ENUM_ID(tag): {                                                                  \
		static const struct bind_word list[] = {words(BIND_WORD)};                         \
		return list;                                                                       \
	}
#define BIND_ENUM_ROW(tag, prefix, words) {#tag, prefix##_MAX - 1},

/* Define `const struct bind_schema name` for a table that was declared with BIND_DECLARE. */
#define BIND_DEFINE(schema_name, enum_list, object_list)                                           \
	static const struct bind_field *schema_name##_fields(unsigned object)                      \
	{                                                                                          \
		switch (object) {                                                                  \
			object_list(BIND_FIELDS_CASE) default : return NULL;                       \
		}                                                                                  \
	}                                                                                          \
	static const struct bind_word *schema_name##_words(unsigned index)                         \
	{                                                                                          \
		switch (index) {                                                                   \
			enum_list(BIND_WORDS_CASE) default : return NULL;                          \
		}                                                                                  \
	}                                                                                          \
	static const struct bind_object schema_name##_objects[] = {object_list(BIND_OBJECT_ROW)};  \
	static const struct bind_enum schema_name##_enums[] = {enum_list(BIND_ENUM_ROW)};          \
	const struct bind_schema schema_name = {                                                   \
		schema_name##_objects, schema_name##_enums, schema_name##_fields,                  \
		schema_name##_words, ARRAY_SIZE(schema_name##_objects),                            \
		ARRAY_SIZE(schema_name##_enums),                                                   \
	}

#endif
