/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of units in D-Bus's form: what is said to sd-bus, and what it says. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cgroup/values.h"
#include "test.h"

/* What a message was made of, as text: "a(sv){r sv{s Name v t{t 5}}}". */
static struct strbuf said;

/* What there is to be read from one: bytes, behind which an array ends. */
static struct {
	const uint8_t *bytes;
	size_t n;
	uint64_t number;
} reply;

static int append_basic(sd_bus_message *m, char type, const void *p)
{
	(void)m;
	strbuf_addf(&said, " %c ", type);
	switch (type) {
	case 's':
	case 'o':
		strbuf_add(&said, p);
		break;
	case 'b':
		strbuf_add(&said, *(const int *)p ? "true" : "false");
		break;
	case 'y':
		strbuf_addf(&said, "%u", *(const uint8_t *)p);
		break;
	case 'n':
		strbuf_addf(&said, "%d", *(const int16_t *)p);
		break;
	case 'q':
		strbuf_addf(&said, "%u", *(const uint16_t *)p);
		break;
	case 'i':
		strbuf_addf(&said, "%d", *(const int32_t *)p);
		break;
	case 'u':
		strbuf_addf(&said, "%u", *(const uint32_t *)p);
		break;
	case 'x':
		strbuf_addf(&said, "%lld", (long long)*(const int64_t *)p);
		break;
	case 't':
		strbuf_addf(&said, "%llu", (unsigned long long)*(const uint64_t *)p);
		break;
	case 'd':
		strbuf_addf(&said, "%g", *(const double *)p);
		break;
	}
	return 0;
}

static int open_container(sd_bus_message *m, char type, const char *contents)
{
	(void)m;
	strbuf_addf(&said, " %c %s{", type, contents);
	return 0;
}

static int close_container(sd_bus_message *m)
{
	(void)m;
	strbuf_add(&said, "}");
	return 0;
}

static int enter_container(sd_bus_message *m, char type, const char *contents)
{
	(void)m;
	strbuf_addf(&said, " %c %s", type, contents);
	return 1;
}

static int read_basic(sd_bus_message *m, char type, void *ret)
{
	(void)m;
	if (type == 't') {
		memcpy(ret, &reply.number, sizeof(reply.number));
		return 1;
	}
	if (reply.n == 0)
		return 0;
	reply.n--;
	memcpy(ret, reply.bytes++, 1);
	return 1;
}

static const struct rt_sdbus fake = {
	.message_append_basic = append_basic,
	.message_open_container = open_container,
	.message_close_container = close_container,
	.message_enter_container = enter_container,
	.message_read_basic = read_basic,
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__})

static const struct {
	struct rt_unit_property p;
	const char *said;
} types[] = {
	{{"B", "b", WORDS("true"), 1}, "v b{ b true}"},
	{{"B", "b", WORDS("false"), 1}, "v b{ b false}"},
	{{"Y", "y", WORDS("255"), 1}, "v y{ y 255}"},
	{{"N", "n", WORDS("-32768"), 1}, "v n{ n -32768}"},
	{{"Q", "q", WORDS("65535"), 1}, "v q{ q 65535}"},
	{{"I", "i", WORDS("-5"), 1}, "v i{ i -5}"},
	{{"U", "u", WORDS("4294967295"), 1}, "v u{ u 4294967295}"},
	{{"X", "x", WORDS("-9223372036854775808"), 1}, "v x{ x -9223372036854775808}"},
	{{"T", "t", WORDS("18446744073709551615"), 1}, "v t{ t 18446744073709551615}"},
	{{"D", "d", WORDS("0.5"), 1}, "v d{ d 0.5}"},
	{{"S", "s", WORDS("machine.slice"), 1}, "v s{ s machine.slice}"},
	{{"O", "o", WORDS("/a"), 1}, "v o{ o /a}"},
	{{"AY", "ay", WORDS("3", "0"), 2}, "v ay{ a y{ y 3 y 0}}"},
	{{"AS", "as", WORDS("a", "b"), 2}, "v as{ a s{ s a s b}}"},
	{{"AS", "as", NULL, 0}, "v as{ a s{}}"},
	{{"A", "a(ss)", WORDS("/dev/null", "rwm", "/dev/zero", "r"), 4},
	 "v a(ss){ a (ss){ r ss{ s /dev/null s rwm} r ss{ s /dev/zero s r}}}"},
	{{"R", "(bs)", WORDS("true", "x"), 2}, "v (bs){ r bs{ b true s x}}"},
};

Test(unit_values, every_type_is_said)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct rt_unit_property p = types[i].p;
		const struct rt_unit_properties all = {.v = &p, .n = 1};
		char wanted[200];

		snprintf(wanted, sizeof(wanted), " a (sv){ r sv{ s %s %s}}", p.name, types[i].said);
		cr_expect_eq(rt_values_append(&fake, NULL, 0, &all), 0);
		cr_expect_str_eq(said.s, wanted);
		strbuf_free(&said);
	}
}

Test(unit_values, the_first_process_comes_last)
{
	struct rt_unit_property p = {"Delegate", "b", WORDS("true"), 1};
	const struct rt_unit_properties all = {.v = &p, .n = 1};

	cr_expect_eq(rt_values_append(&fake, NULL, 77, &all), 0);
	cr_expect_str_eq(said.s, " a (sv){ r sv{ s Delegate v b{ b true}} r sv{ s PIDs v au{ a u{ u 77}}}}");
	strbuf_free(&said);
}

Test(unit_values, limits_are_read)
{
	static const uint8_t cpus[] = {3, 128};
	struct rt_unit_property p = {.name = "kept"};
	struct arena a = {0};

	reply.number = UINT64_MAX;
	cr_assert_eq(rt_values_read(&fake, NULL, "t", &a, &p), 0);
	cr_expect_str_eq(said.s, " v t");
	cr_expect_str_eq(p.name, "kept");
	cr_expect_str_eq(p.type, "t");
	cr_assert_eq(p.n, 1);
	cr_expect_str_eq(p.values[0], "18446744073709551615");
	strbuf_free(&said);

	reply.bytes = cpus;
	reply.n = ARRAY_SIZE(cpus);
	cr_assert_eq(rt_values_read(&fake, NULL, "ay", &a, &p), 0);
	cr_expect_str_eq(said.s, " v ay a y");
	cr_assert_eq(p.n, 2);
	cr_expect_str_eq(p.values[0], "3");
	cr_expect_str_eq(p.values[1], "128");
	strbuf_free(&said);
	arena_free(&a);
}
