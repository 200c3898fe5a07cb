/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*s)
		return -EINVAL;
	for (const char *p = s; *p; p++)
		if (*p < '0' || *p > '9')
			return -EINVAL;
	for (; *s; s++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -ERANGE;
	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	uint64_t v;
	int64_t i;
	int r;

	r = str_to_u64(s + negative, 0, (uint64_t)INT64_MAX + negative, &v);
	if (r < 0)
		return r;
	i = negative ? (int64_t)(0 - v) : (int64_t)v;
	if (i < min || i > max)
		return -ERANGE;
	*ret = i;
	return 0;
}

int str_to_id(const char *s, uint32_t *ret)
{
	uint64_t v;
	int r = str_to_u64(s, 0, UINT32_MAX - 1, &v);

	if (r < 0)
		return r;
	*ret = (uint32_t)v;
	return 0;
}

int str_fmt(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < size ? n : -ENAMETOOLONG;
}

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not 0: a byte of the word is 0. */
static uint64_t has_zero(uint64_t word)
{
	return (word - EIGHT(1)) & ~word & EIGHT(0x80);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t str_plain(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		/* a high bit; below a blank; the two */
		if ((word & EIGHT(0x80)) || ((word - EIGHT(0x20)) & EIGHT(0x80)) ||
		    has_zero(word ^ EIGHT('"')) || has_zero(word ^ EIGHT('\\')))
			break;
	}
	while (i < n && is_plain((unsigned char)s[i]))
		i++;
	return i;
}

/* Make room for n more bytes and the NUL. */
static bool strbuf_grow(struct strbuf *b, size_t n)
{
	size_t need, cap;
	char *s;

	if (b->failed || __builtin_add_overflow(b->len, n, &need) || need == SIZE_MAX) {
		b->failed = true;
		return false;
	}
	if (need < b->cap)
		return true;
	cap = b->cap < SIZE_MAX / 2 ? MAX(b->cap * 2, need + 1) : need + 1;
	s = realloc(b->s, MAX(cap, (size_t)64));
	if (!s) {
		b->failed = true;
		return false;
	}
	b->s = s;
	b->cap = MAX(cap, (size_t)64);
	rt_mem_populate(b->s + b->len, b->cap - b->len);
	return true;
}

void strbuf_addn(struct strbuf *b, const char *s, size_t n)
{
	if (!strbuf_grow(b, n))
		return;
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it has grown */
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void strbuf_add(struct strbuf *b, const char *s)
{
	strbuf_addn(b, s, strlen(s));
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !strbuf_grow(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

char *strbuf_take(struct strbuf *b)
{
	char *s;

	if (!b->s)
		strbuf_addn(b, "", 0);
	s = b->failed ? NULL : TAKE_PTR(b->s);
	strbuf_free(b);
	return s;
}

void strbuf_free(struct strbuf *b)
{
	free(b->s);
	*b = (struct strbuf){0};
}

unsigned str_distance(const char *a, const char *b, unsigned limit)
{
	enum { MAX_LEN = 64 };
	unsigned rows[3][MAX_LEN + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *turn;
	size_t na = strlen(a), nb = strlen(b);

	if (na > MAX_LEN || nb > MAX_LEN)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = MIN(MIN(above[j], row[j - 1]) + 1,
				     above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
		turn = before;
		before = above;
		above = row;
		row = turn;
	}
	return MIN(above[nb], limit + 1);
}

/* The length of what both begin with, up to a separator. */
static size_t family(const char *a, const char *b)
{
	size_t len = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '_' || a[i] == '.')
			len = i + 1;
	return len;
}

void str_nearest_try(struct str_nearest *n, const char *candidate)
{
	size_t skip = family(n->wanted, candidate), len = strlen(n->wanted + skip);
	/* as many slips of the finger as a word of this length can have */
	unsigned most = len < 4 ? 1 : len < 8 ? 2 : 3;
	unsigned d = str_distance(n->wanted + skip, candidate + skip, most);

	if (d > most || (n->found && d >= n->distance))
		return;
	n->found = candidate;
	n->distance = d;
}
