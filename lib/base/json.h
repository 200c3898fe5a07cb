/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON (RFC 8259): a reader over text in memory, and a writer of strings.
 *
 * The text is parsed once, by yajl, into a row of tokens of eight bytes: no tree, no copies. Then
 * the caller walks over the tokens and takes what it wants, and from there nothing can go wrong.
 *
 * On top of yajl's, these rules hold, since what two readers understand differently is where
 * attacks begin: no duplicate keys, no NUL in strings (also not as \u0000), no invalid UTF-8 and no
 * half surrogate pairs, at most JSON_MAX_DEPTH levels and JSON_MAX_BYTES bytes.
 */
#ifndef RT_BASE_JSON_H
#define RT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define JSON_MAX_DEPTH 64
#define JSON_MAX_BYTES (16u << 20)

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A string between its quotes, or a number, as it stands in the text. */
struct json_slice {
	const char *s;
	uint32_t len;
	bool escaped; /* a string with backslashes in it: rt_json_copy decodes it */
	bool integer; /* a number without fraction and exponent */
};

/* A parsed text, and a position in it. */
struct json_reader {
	const char *text; /* borrowed */
	size_t len;
	uint64_t *tokens;
	size_t ntokens, cap;
	size_t pos; /* index of the token that comes next */
};

/*
 * Parse text[0..len), which must outlive the reader. On failure the error is set (RT_E_JSON, or
 * RT_E_NOMEM), *ret_offset says where in the text, and there is nothing to close.
 */
int rt_json_open(struct json_reader *r, const char *text, size_t len, size_t *ret_offset,
		 struct err *e);
void rt_json_close(struct json_reader *r);

/* The type of the next value, and where it begins. */
enum json_type rt_json_type(const struct json_reader *r);
size_t rt_json_offset(const struct json_reader *r);

/* Step into the array or object that comes next. */
void rt_json_enter(struct json_reader *r);

/* Within an array or object: does an item come? If not, it is left behind. */
bool rt_json_next(struct json_reader *r);

/* The key of the item, in an object; then its value comes. */
struct json_slice rt_json_key(struct json_reader *r);

/* Take the next value, which is of that type. */
bool rt_json_bool(struct json_reader *r);
struct json_slice rt_json_number(struct json_reader *r);
struct json_slice rt_json_string(struct json_reader *r);

/* Pass the next value with all that is in it. Returns its text. */
struct json_slice rt_json_skip(struct json_reader *r);

/* Is the string s? Without decoding unless needed. */
bool rt_json_equal(const struct json_slice *slice, const char *s, size_t len);

/* The string as a C string in the arena, decoded; NULL when memory is short. */
char *rt_json_copy(struct arena *arena, const struct json_slice *s);

/* Line and column, from 1, of an offset; a column is a byte. */
void rt_json_position(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column);

/*
 * Append text[0..len) to `out` with one value in it replaced, or added: the one at the path of
 * `keys`, which a NULL ends. Every other byte stays. `value` is JSON. -EINVAL when the text is not.
 */
int rt_json_splice(const char *text, size_t len, const char *const *keys, const char *value,
		   struct strbuf *out, struct err *e);

/* "a string", "an array": for messages. */
const char *rt_json_type_word(enum json_type type);

/*
 * Append s in quotes. Only what JSON demands is escaped: slashes are not, since parsers of hooks
 * and logs exist that do not undo it.
 */
void rt_json_write_string(struct strbuf *b, const char *s);

#endif
