/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* Texts that must be refused: where, and words of the message. */
static const struct {
	const char *text;
	size_t len; /* 0: strlen */
	size_t at;
	const char *words;
} refused[] = {
	{"", 0, 0, "the document is empty"},
	{" \n\t", 0, 0, "the document is empty"},
	{"{", 0, 1, "the text ends within the document"},
	{"{\"a\":1", 0, 6, "the text ends within the document"},
	{"\"abc", 0, 4, "the text ends within the document"},
	{"{} {}", 0, 3, "trailing garbage"},
	{"{}x", 0, 2, "trailing garbage"},
	{"{}\0", 3, 2, "trailing garbage"},
	{"{\"a\":1,}", 0, 7, "object key"},
	{"[1,]", 0, 3, "unallowed token"},
	{"{a:1}", 0, 1, "invalid"},
	{"// c\n{}", 0, 0, "comment"},
	{"{\"a\" 1}", 0, 5, "':'"},
	{"[01]", 0, 2, "','"},
	{"[1.]", 0, 2, "decimal point"},
	{"[+1]", 0, 1, "invalid"},
	{"[NaN]", 0, 1, "invalid"},
	{"[tru]", 0, 3, "invalid string"},
	{"[\"a\tb\"]", 0, 2, "invalid"},
	{"[\"\\x\"]", 0, 2, "which it may not"},
	{"[\"\\u12g4\"]", 0, 5, "hex"},
	{"\xef\xbb\xbf{}", 0, 0, "invalid"},
	/* what yajl lets pass */
	{"[\"a\\u0000b\"]", 0, 3, "NUL (\\u0000) in a string"},
	{"{\"a\\u0000b\":1}", 0, 3, "NUL (\\u0000) in a string"},
	{"[\"\xc0\x80\"]", 0, 2, "invalid UTF-8"},     /* over-long NUL */
	{"[\"\xe0\x80\xaf\"]", 0, 2, "invalid UTF-8"}, /* over-long '/' */
	{"[\"\xed\xa0\x80\"]", 0, 2, "invalid UTF-8"}, /* surrogate */
	{"[\"\xf4\x90\x80\x80\"]", 0, 2, "invalid UTF-8"},
	{"[\"\xc3\"]", 0, 2, "invalid UTF-8"},
	{"[\"\xff\"]", 0, 2, "invalid UTF-8"},
	{"[\"x\\ud800\"]", 0, 3, "half of a surrogate pair"},
	{"[\"\\udc00\"]", 0, 2, "half of a surrogate pair"},
	{"[\"\\ud800\\u0041\"]", 0, 2, "half of a surrogate pair"},
	{"{\"a\":1,\"b\":2,\"a\":3}", 0, 13, "duplicate key \"a\""},
	{"{\"a\":1,\"\\u0061\":3}", 0, 7, "duplicate key \"a\""},
	{"[{\"x\":{\"b\":[],\"b\":{}}}]", 0, 14, "duplicate key \"b\""},
};

Test(json, refuses)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		size_t len = refused[i].len ? refused[i].len : strlen(refused[i].text), at;
		struct err e = ERR_INIT;
		struct json_reader r;

		cr_expect(rt_json_open(&r, refused[i].text, len, &at, &e) < 0, "%s was accepted",
			  refused[i].text);
		cr_expect_eq(e.code, RT_E_JSON);
		cr_expect(strstr(e.text, refused[i].words), "%s: %s", refused[i].text, e.text);
		cr_expect_eq(at, refused[i].at, "%s: %s at %zu, not %zu", refused[i].text, e.text,
			     at, refused[i].at);
	}
}

static char *repeat(const char *s, size_t n, const char *end)
{
	struct strbuf b = {0};

	for (size_t i = 0; i < n; i++)
		strbuf_add(&b, s);
	strbuf_add(&b, end);
	return strbuf_take(&b);
}

static int try(const char *text, struct err *e)
{
	struct json_reader r;
	size_t at;
	int ret;

	*e = ERR_INIT;
	ret = rt_json_open(&r, text, strlen(text), &at, e);
	if (ret == 0)
		rt_json_close(&r);
	return ret;
}

Test(json, has_bounds)
{
	_cleanup_free_ char *closing = repeat("]", JSON_MAX_DEPTH, "");
	_cleanup_free_ char *deepest = repeat("[", JSON_MAX_DEPTH, closing);
	_cleanup_free_ char *too_deep = repeat("[", JSON_MAX_DEPTH + 1, closing);
	_cleanup_free_ char *endless = repeat("[{\"a\":", 100000, "");
	_cleanup_free_ char *large = calloc(1, JSON_MAX_BYTES + 2);
	struct err e;

	cr_expect_eq(try(deepest, &e), 0, "%s", e.text);
	cr_expect(try(too_deep, &e) < 0 && strstr(e.text, "nested deeper than 64 levels"));
	cr_expect(try(endless, &e) < 0 && strstr(e.text, "nested deeper than 64 levels"));
	cr_assert(large);
	memset(large, ' ', JSON_MAX_BYTES + 1);
	large[0] = '1';
	cr_expect(try(large, &e) < 0 && strstr(e.text, "larger than 16 MiB"));
	large[JSON_MAX_BYTES] = '\0';
	cr_expect_eq(try(large, &e), 0, "%s", e.text);
}

Test(json, finds_duplicates_among_many_keys)
{
	for (unsigned n = 30; n < 3000; n += 33) {
		struct strbuf b = {0};
		struct err e;

		strbuf_add(&b, "{");
		for (unsigned i = 0; i < n; i++)
			strbuf_addf(&b, "\"k%u\":{\"k%u\":%u},", i * 7919 % n, i, i);
		strbuf_addf(&b, "\"last\":0}");
		/* 7919 is prime, so that all keys differ */
		cr_expect_eq(try(b.s, &e), 0, "%u keys: %s", n, e.text);
		b.s[b.len - 1] = ',';
		strbuf_addf(&b, "\"k%u\":0}", n / 2);
		cr_expect(try(b.s, &e) < 0, "%u keys", n);
		cr_expect(strstr(e.text, "duplicate key \"k"), "%s", e.text);
		strbuf_free(&b);
	}
}

Test(json, walks)
{
	static const char text[] = " {\"a\\n\" : [ 1, -2.5e3,\"x\\\"\\ud83d\\ude00\\/\",true ],"
				   "\"b\":{},\"c\":null} ";
	struct arena arena = {0};
	struct err e = ERR_INIT;
	struct json_slice s;
	struct json_reader r;
	size_t at;

	cr_assert_eq(rt_json_open(&r, text, strlen(text), &at, &e), 0, "%s", e.text);
	cr_assert_eq(rt_json_type(&r), JSON_OBJECT);
	cr_expect_eq(rt_json_offset(&r), 1);
	rt_json_enter(&r);
	cr_assert(rt_json_next(&r));
	s = rt_json_key(&r);
	cr_expect(s.escaped && rt_json_equal(&s, "a\n", 2));
	cr_expect(!rt_json_equal(&s, "a", 1) && !rt_json_equal(&s, "a\nb", 3));
	cr_assert_eq(rt_json_type(&r), JSON_ARRAY);
	rt_json_enter(&r);
	cr_assert(rt_json_next(&r));
	s = rt_json_number(&r);
	cr_expect(s.integer && s.len == 1 && *s.s == '1');
	cr_assert(rt_json_next(&r));
	s = rt_json_number(&r);
	cr_expect(!s.integer && s.len == 6 && !memcmp(s.s, "-2.5e3", 6));
	cr_assert(rt_json_next(&r));
	cr_expect_eq(text[rt_json_offset(&r)], '"');
	s = rt_json_string(&r);
	cr_expect_str_eq(rt_json_copy(&arena, &s), "x\"\xf0\x9f\x98\x80/");
	cr_assert(rt_json_next(&r));
	cr_expect(rt_json_bool(&r));
	cr_expect(!rt_json_next(&r));
	cr_assert(rt_json_next(&r));
	s = rt_json_key(&r);
	cr_expect(!s.escaped && rt_json_equal(&s, "b", 1));
	s = rt_json_skip(&r);
	cr_expect(s.len == 2 && !memcmp(s.s, "{}", 2));
	cr_assert(rt_json_next(&r));
	rt_json_key(&r);
	cr_expect_eq(rt_json_type(&r), JSON_NULL);
	rt_json_skip(&r);
	cr_expect(!rt_json_next(&r));
	rt_json_close(&r);
	arena_free(&arena);
}

Test(json, skips_whole_values)
{
	static const char *const values[] = {
		"1", "-0.5", "\"\"", "\"a\\\\\"", "[]", "[[1],{\"a\":\"]\"}]", "{\"b\":{}}", "null",
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct err e = ERR_INIT;
		struct json_reader r;
		struct json_slice s;
		char text[100];
		size_t at;

		snprintf(text, sizeof(text), "[ %s , true]", values[i]);
		cr_assert_eq(rt_json_open(&r, text, strlen(text), &at, &e), 0, "%s", e.text);
		rt_json_enter(&r);
		cr_assert(rt_json_next(&r));
		s = rt_json_skip(&r);
		cr_expect(s.len == strlen(values[i]) && !memcmp(s.s, values[i], s.len), "%s: %.*s",
			  values[i], (int)s.len, s.s);
		cr_assert(rt_json_next(&r));
		cr_expect_eq(rt_json_type(&r), JSON_BOOL);
		rt_json_close(&r);
	}
}

Test(json, writes_strings)
{
	static const struct {
		const char *s, *json;
	} cases[] = {
		{"", "\"\""},
		{"/a/b", "\"/a/b\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\""},
		{"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
		{"\xc3\xa4", "\"\xc3\xa4\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf b = {0};

		rt_json_write_string(&b, cases[i].s);
		cr_expect_str_eq(b.s, cases[i].json);
		strbuf_free(&b);
	}
}

Test(json, positions_are_lines_and_bytes)
{
	unsigned line, column;

	rt_json_position("ab\ncd\n\ne", 0, &line, &column);
	cr_expect(line == 1 && column == 1);
	rt_json_position("ab\ncd\n\ne", 4, &line, &column);
	cr_expect(line == 2 && column == 2);
	rt_json_position("ab\ncd\n\ne", 7, &line, &column);
	cr_expect(line == 4 && column == 1);
}
