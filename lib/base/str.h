/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and numbers, strictly parsed. */
#ifndef RT_BASE_STR_H
#define RT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* NULL and "" are both empty. */
static inline bool str_empty(const char *s)
{
	return !s || !*s;
}

/*
 * Parse the whole of s as a decimal number: no blanks, no plus sign, no empty string. Returns 0,
 * -EINVAL when it is no number, -ERANGE when it is outside min..max.
 */
int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* A user or group id: 0..4294967294, since (uid_t)-1 means "no change" to the kernel. */
int str_to_id(const char *s, uint32_t *ret);

/* snprintf that tells truncation: returns the length, or -ENAMETOOLONG. */
int str_fmt(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * How many of the n bytes at s are, from the first on, ASCII that stands in a JSON string as it is: not
 * a control character, quote or backslash. Eight at a time: strings are most of a large document.
 */
size_t str_plain(const char *s, size_t n);

/* A growing string. Zero-initialised = empty; after a failed append `failed` stays set. */
struct strbuf {
	char *s; /* NUL-terminated once anything was appended */
	size_t len, cap;
	bool failed;
};

void strbuf_add(struct strbuf *b, const char *s);
void strbuf_addn(struct strbuf *b, const char *s, size_t n);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Hand the text on (free it with free()); NULL when an append failed. The buffer is empty again. */
char *strbuf_take(struct strbuf *b);
void strbuf_free(struct strbuf *b);
#define _cleanup_strbuf_ __attribute__((cleanup(strbuf_free)))

/*
 * Edit distance for did-you-mean, at most `limit`+1: letters changed, left out, put in, and swapped
 * with a neighbour, which is the commonest slip. Bounded work.
 */
unsigned str_distance(const char *a, const char *b, unsigned limit);

/*
 * The best of a series of candidates for a word that is none of them. What both begin with up to a
 * '_' or '.' is the name of their family and says nothing: RLIMIT_FOO is not near RLIMIT_AS.
 */
struct str_nearest {
	const char *wanted;
	const char *found; /* NULL: none was near enough for "did you mean" */
	unsigned distance;
};

/* Begin with {wanted}; then offer one candidate after the other, which is borrowed. */
void str_nearest_try(struct str_nearest *n, const char *candidate);

#endif
