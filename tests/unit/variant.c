/* SPDX-License-Identifier: Apache-2.0 */
/* spec/variant.c: GVariant texts. */
#include "spec/variant.h"

#include <stdio.h>

#include "base/str.h"
#include "test.h"

/* "TYPE [VALUE|VALUE]", or "! MESSAGE". */
static const char *parsed(struct arena *a, const char *text)
{
	struct err e = ERR_INIT;
	struct rt_variant v;
	_cleanup_strbuf_ struct strbuf b = {0};

	if (rt_variant_parse(a, text, &v, &e) < 0)
		return arena_printf(a, "! %s", e.text);
	strbuf_addf(&b, "%s [", v.type);
	for (size_t i = 0; i < v.n; i++)
		strbuf_addf(&b, "%s%s", i ? "|" : "", v.values[i]);
	strbuf_add(&b, "]");
	return arena_strn(a, b.s, b.len);
}

static const struct {
	const char *text, *expected;
} valid[] = {
	{"true", "b [true]"},
	{" false ", "b [false]"},
	{"boolean true", "b [true]"},
	{"5", "i [5]"},
	{"-5", "i [-5]"},
	{"0x1f", "i [31]"},
	{"010", "i [8]"},
	{"2147483647", "i [2147483647]"},
	{"uint64 18446744073709551615", "t [18446744073709551615]"},
	{"int64 -9223372036854775808", "x [-9223372036854775808]"},
	{"byte 255", "y [255]"},
	{"int16 -1", "n [-1]"},
	{"uint16 1", "q [1]"},
	{"uint32 7", "u [7]"},
	{"@t 5", "t [5]"},
	{"1.5", "d [1.5]"},
	{"1e3", "d [1e3]"},
	{"double 2", "d [2]"},
	{"'a b'", "s [a b]"},
	{"\"it's\"", "s [it's]"},
	{"'it\\'s \\\\ \\n'", "s [it's \\ \n]"},
	{"''", "s []"},
	{"objectpath '/a'", "o [/a]"},
	{"['a', 'b']", "as [a|b]"},
	{"['a']", "as [a]"},
	{"[1,2,3]", "ai [1|2|3]"},
	{"[uint64 1, 2]", "at [1|2]"},
	{"@as []", "as []"},
	{"@au [1, 2]", "au [1|2]"},
	{"[('/dev/null', 'rw'), ('char-pts', 'rwm')]", "a(ss) [/dev/null|rw|char-pts|rwm]"},
	{"[('/dev/sda', uint64 5)]", "a(st) [/dev/sda|5]"},
	{"@a(st) [('/dev/sda', 5)]", "a(st) [/dev/sda|5]"},
	{"@a(ss) []", "a(ss) []"},
	{"[(1,)]", "a(i) [1]"},
};

static const struct {
	const char *text, *message; /* the beginning */
} invalid[] = {
	{"", "a value is missing at character 1"},
	{"maybe", "no boolean, number, string or array"},
	{"truely", "no boolean, number, string or array"},
	{"'open", "a string without its end"},
	{"'\\q'", "unknown escape"},
	{"2147483648", "no number of its type"},
	{"byte 256", "no number of its type"},
	{"uint64 -1", "no number of its type"},
	{"uint32 'a'", "a string where the type says otherwise"},
	{"string 5", "a number where the type says otherwise"},
	{"int32 true", "a boolean where the type says otherwise"},
	{"5 6", "something behind the value at character 3"},
	{"1-2", "no number of its type"},
	{"1.2.3", "no number"},
	{"[]", "an empty array without a type"},
	{"['a' 'b']", "\",\" or \"]\" is missing"},
	{"['a'", "\",\" or \"]\" is missing"},
	{"['a', 5]", "a number where the type says otherwise"},
	{"[['a']]", "no boolean, number, string or array"},
	{"{'a': 5}", "no boolean, number, string or array"},
	{"<5>", "no boolean, number, string or array"},
	{"('a', 'b')", "no boolean, number, string or array"},
	{"[('a', 'b'), ('c',)]", "less members than the other tuples"},
	{"[('a',), ('b', 'c')]", "more members than the other tuples"},
	{"[('a', 'b'), 'c']", "no tuple, as the others are"},
	{"[()]", "less members"},
	{"@aas []", "unknown type"},
	{"@as 'a'", "no array"},
	{"@as", "unknown type"},
	{"99999999999999999999999999", "a number that is too long"},
};

Test(variant, texts)
{
	_cleanup_arena_ struct arena a = {0};

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
		cr_expect_str_eq(parsed(&a, valid[i].text), valid[i].expected, "%s: %s",
				 valid[i].text, parsed(&a, valid[i].text));
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		const char *got = parsed(&a, invalid[i].text);

		cr_expect(str_starts(got, "! ") && str_starts(got + 2, invalid[i].message),
			  "%s: %s", invalid[i].text, got);
	}
}
