/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/variant.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"

#define TUPLE_MAX 8

struct parser {
	struct arena *arena;
	const char *text, *at;
	struct err *e;
	const char **values; /* room for as many as the text has characters */
	size_t n;
};

/* The words that name a type in front of a value, and the range of those that are integers. */
static const struct type_word {
	char word[12];
	char type;
	int64_t min;
	uint64_t max;
} type_words[] = {
	{"boolean", 'b', 0, 0},
	{"byte", 'y', 0, UINT8_MAX},
	{"int16", 'n', INT16_MIN, INT16_MAX},
	{"uint16", 'q', 0, UINT16_MAX},
	{"int32", 'i', INT32_MIN, INT32_MAX},
	{"uint32", 'u', 0, UINT32_MAX},
	{"int64", 'x', INT64_MIN, INT64_MAX},
	{"uint64", 't', 0, UINT64_MAX},
	{"double", 'd', 0, 0},
	{"string", 's', 0, 0},
	{"objectpath", 'o', 0, 0},
	{"signature", 'g', 0, 0},
};

static int refuse(const struct parser *p, const char *what)
{
	return err_set(p->e, EINVAL | RT_NO_TEXT, RT_E_CONFIG, "%s at character %zu of \"%.200s\"",
		       what, (size_t)(p->at - p->text) + 1, p->text);
}

static void skip_blanks(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

static bool take(struct parser *p, char c)
{
	skip_blanks(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

static const struct type_word *find_type(char type)
{
	for (size_t i = 0; i < ARRAY_SIZE(type_words); i++)
		if (type_words[i].type == type)
			return &type_words[i];
	return NULL;
}

static int add(struct parser *p, const char *s, size_t len)
{
	p->values[p->n] = arena_strn(p->arena, s, len);
	return p->values[p->n++] ? 0 : err_nomem(p->e);
}

/* '...' or "..." with the escapes \' \" \\ \n \t. */
static int string(struct parser *p)
{
	char quote = *p->at++;
	_cleanup_strbuf_ struct strbuf b = {0};

	for (; *p->at && *p->at != quote; p->at++) {
		char c = *p->at;

		if (c == '\\') {
			c = *++p->at;
			if (!c || !strchr("'\"\\nt", c))
				return refuse(p, "unknown escape");
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		strbuf_addn(&b, &c, 1);
	}
	if (!*p->at)
		return refuse(p, "a string without its end");
	p->at++;
	return b.failed ? err_nomem(p->e) : add(p, b.s ? b.s : "", b.len);
}

static int integer(struct parser *p, const struct type_word *t, const char *s, size_t len)
{
	char digits[24], *end;
	int64_t i = 0;
	uint64_t u = 0;

	if (str_fmt(digits, sizeof(digits), "%.*s", (int)len, s) < 0)
		return refuse(p, "a number that is too long");
	errno = 0;
	if (digits[0] == '-')
		i = strtoll(digits, &end, 0);
	else
		u = strtoull(digits, &end, 0);
	if (*end || errno || i < t->min || u > t->max)
		return refuse(p, "no number of its type");
	len = (size_t)(digits[0] == '-'
			       ? str_fmt(digits, sizeof(digits), "%lld", (long long)i)
			       : str_fmt(digits, sizeof(digits), "%llu", (unsigned long long)u));
	return add(p, digits, len);
}

/* type: what it must be, 0: what it looks like. */
static int number(struct parser *p, char type, char *ret_type)
{
	size_t len = strspn(p->at, "+-.0123456789abcdefABCDEFxX");
	bool hex = memchr(p->at, 'x', len) || memchr(p->at, 'X', len);
	bool real = memchr(p->at, '.', len) || (!hex && memchr(p->at, 'e', len));
	const char *s = p->at;
	char *end;
	int r = 0;

	*ret_type = type ? type : real ? 'd' : 'i';
	if (*ret_type == 'd') {
		strtod(s, &end);
		if (!len || end != s + len)
			return refuse(p, "no number");
		r = add(p, s, len);
	} else if (strchr("ynqiuxt", *ret_type)) {
		r = integer(p, find_type(*ret_type), s, len);
	} else {
		return refuse(p, "a number where the type says otherwise");
	}
	p->at += len;
	return r;
}

/* The length of the word here, when it stands alone. */
static size_t word_length(const struct parser *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p->at[n]))
		n++;
	return n;
}

/* "uint64 " and so on; 0: none. */
static char type_in_front(struct parser *p)
{
	size_t n = word_length(p);

	for (size_t i = 0; i < ARRAY_SIZE(type_words); i++) {
		if (strlen(type_words[i].word) != n || strncmp(type_words[i].word, p->at, n) != 0)
			continue;
		p->at += n;
		skip_blanks(p);
		return type_words[i].type;
	}
	if (p->at[0] == '@' && p->at[1] && find_type(p->at[1]) &&
	    isspace((unsigned char)p->at[2])) {
		char type = p->at[1];

		p->at += 2;
		skip_blanks(p);
		return type;
	}
	return 0;
}

/* A value that is no container. wanted: the type it must have, 0: any; *ret: the one it has. */
static int basic(struct parser *p, char wanted, char *ret)
{
	char named, type;
	size_t n;

	skip_blanks(p);
	named = type_in_front(p);
	type = named ? named : wanted;
	if (named && wanted && named != wanted)
		return refuse(p, "a value of another type");
	n = word_length(p);
	if (*p->at == '\'' || *p->at == '"') {
		*ret = type ? type : 's';
		if (!strchr("sog", *ret))
			return refuse(p, "a string where the type says otherwise");
		return string(p);
	}
	if ((n == 4 && str_starts(p->at, "true")) || (n == 5 && str_starts(p->at, "false"))) {
		*ret = 'b';
		if (type && type != 'b')
			return refuse(p, "a boolean where the type says otherwise");
		p->at += n;
		return add(p, n == 4 ? "true" : "false", n);
	}
	if (isdigit((unsigned char)*p->at) || (*p->at && strchr("+-.", *p->at)))
		return number(p, type, ret);
	return refuse(p, *p->at ? "no boolean, number, string or array" : "a value is missing");
}

/* types: of the members, one char each; learned from the first tuple. */
static int tuple(struct parser *p, char types[TUPLE_MAX + 1], bool first)
{
	size_t n = 0;

	for (; !take(p, ')'); n++) {
		if (n && !take(p, ','))
			return refuse(p, "\",\" or \")\" is missing");
		if (n && take(p, ')')) /* ('a',) has one member */
			break;
		if (n == TUPLE_MAX || (!first && !types[n]))
			return refuse(p, "more members than the other tuples");
		TRY(basic(p, first ? 0 : types[n], &types[n]));
	}
	if (n == 0 || (!first && types[n]))
		return refuse(p, "less members than the other tuples");
	types[n] = '\0';
	return 0;
}

/* Behind '['. given: the type of an element as @a... named it, or "". */
static int array(struct parser *p, char types[TUPLE_MAX + 1], bool *ret_tuples)
{
	bool known = types[0];

	for (size_t n = 0; !take(p, ']'); n++) {
		if (n && !take(p, ','))
			return refuse(p, "\",\" or \"]\" is missing");
		skip_blanks(p);
		if (!known)
			*ret_tuples = *p->at == '(';
		if (*ret_tuples && !take(p, '('))
			return refuse(p, "no tuple, as the others are");
		if (*ret_tuples) {
			TRY(tuple(p, types, !known));
		} else {
			TRY(basic(p, known ? types[0] : 0, &types[0]));
			types[1] = '\0';
		}
		known = true;
	}
	return known ? 0 : refuse(p, "an empty array without a type (@as [])");
}

/* "@as" or "@a(ss)" in front of an array. */
static int array_type(struct parser *p, char types[TUPLE_MAX + 1], bool *ret_tuples)
{
	const char *s = p->at + 2;
	size_t n = 0;

	*ret_tuples = *s == '(';
	for (s += *ret_tuples; *s && find_type(*s) && n < TUPLE_MAX; s++)
		types[n++] = *s;
	types[n] = '\0';
	if (n == 0 || (*ret_tuples ? *s++ != ')' : n != 1) || !isspace((unsigned char)*s))
		return refuse(p, "unknown type");
	p->at = s;
	return 0;
}

int rt_variant_parse(struct arena *a, const char *text, struct rt_variant *ret, struct err *e)
{
	struct parser p = {.arena = a, .text = text, .at = text, .e = e};
	char types[TUPLE_MAX + 1] = "", type = 0;
	bool tuples = false;

	p.values = ARENA_ARRAY(a, strlen(text) + 1, const char *);
	if (!p.values)
		return err_nomem(e);
	skip_blanks(&p);
	if (p.at[0] == '@' && p.at[1] == 'a')
		TRY(array_type(&p, types, &tuples));
	if (take(&p, '[')) {
		TRY(array(&p, types, &tuples));
		ret->type = arena_printf(a, tuples ? "a(%s)" : "a%s", types);
	} else if (types[0]) {
		return refuse(&p, "no array");
	} else {
		TRY(basic(&p, 0, &type));
		ret->type = arena_printf(a, "%c", type);
	}
	skip_blanks(&p);
	if (*p.at)
		return refuse(&p, "something behind the value");
	ret->values = p.values;
	ret->n = p.n;
	return ret->type ? 0 : err_nomem(e);
}
