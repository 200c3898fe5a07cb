/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define SET_MAX (8192 / 8) /* bytes of a set of cpus, as in the plan */

/* ---- to D-Bus ---- */

/* One basic value. The plan's builder has seen to it that the text is one of the type. */
static int append_text(const struct rt_sdbus *f, sd_bus_message *m, char type, const char *text)
{
	union {
		int b; /* a boolean is an int to sd-bus */
		uint8_t y;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		int64_t x;
		uint64_t t;
		double d;
	} v;

	switch (type) {
	case 'b':
		v.b = streq(text, "true");
		break;
	case 'y':
		v.y = (uint8_t)strtoul(text, NULL, 10);
		break;
	case 'n':
		v.n = (int16_t)strtol(text, NULL, 10);
		break;
	case 'q':
		v.q = (uint16_t)strtoul(text, NULL, 10);
		break;
	case 'i':
		v.i = (int32_t)strtol(text, NULL, 10);
		break;
	case 'u':
		v.u = (uint32_t)strtoul(text, NULL, 10);
		break;
	case 'x':
		v.x = strtoll(text, NULL, 10);
		break;
	case 't':
		v.t = strtoull(text, NULL, 10);
		break;
	case 'd':
		v.d = strtod(text, NULL);
		break;
	default: /* s, o, g */
		return f->message_append_basic(m, type, text);
	}
	return f->message_append_basic(m, type, &v);
}

/* The variant of a property: a basic value, an array of them, or an array of structs of them. */
static int append_value(const struct rt_sdbus *f, sd_bus_message *m,
			const struct rt_unit_property *p)
{
	const char *element = p->type + (p->type[0] == 'a'), *members = element;
	bool is_struct = *element == '(';
	char inner[16] = "";
	size_t len = 1;
	int r = 0;

	if (is_struct) {
		members = element + 1;
		len = strcspn(members, ")");
		if (str_fmt(inner, sizeof(inner), "%.*s", (int)len, members) < 0 || len == 0)
			return -EINVAL;
	}
	if (p->type[0] == 'a')
		r = f->message_open_container(m, 'a', element);
	for (size_t i = 0; i < p->n && r >= 0; i++) {
		if (is_struct && i % len == 0)
			r = f->message_open_container(m, 'r', inner);
		if (r >= 0)
			r = append_text(f, m, members[i % len], p->values[i]);
		if (r >= 0 && is_struct && i % len == len - 1)
			r = f->message_close_container(m);
	}
	if (r >= 0 && p->type[0] == 'a')
		r = f->message_close_container(m);
	return r;
}

static int append_property(const struct rt_sdbus *f, sd_bus_message *m,
			   const struct rt_unit_property *p)
{
	int r = f->message_open_container(m, 'r', "sv");

	if (r >= 0)
		r = f->message_append_basic(m, 's', p->name);
	if (r >= 0)
		r = f->message_open_container(m, 'v', p->type);
	if (r >= 0)
		r = append_value(f, m, p);
	if (r >= 0)
		r = f->message_close_container(m);
	return r < 0 ? r : f->message_close_container(m);
}

int rt_values_append(const struct rt_sdbus *f, sd_bus_message *m, pid_t pid,
		     const struct rt_unit_properties *p)
{
	char digits[16];
	const char *const pids[] = {digits};
	const struct rt_unit_property first_process = {"PIDs", "au", pids, 1};
	int r = f->message_open_container(m, 'a', "(sv)");

	snprintf(digits, sizeof(digits), "%d", (int)pid);
	for (size_t i = 0; i < p->n && r >= 0; i++)
		r = append_property(f, m, &p->v[i]);
	if (r >= 0 && pid > 0)
		r = append_property(f, m, &first_process);
	return r < 0 ? r : f->message_close_container(m);
}

/* ---- from D-Bus ---- */

/* A number, or the next of an array. Returns 0 at the array's end. */
static int read_number(const struct rt_sdbus *f, sd_bus_message *reply, bool array, uint64_t *ret)
{
	uint8_t byte = 0;
	int r;

	if (!array)
		return f->message_read_basic(reply, 't', ret);
	r = f->message_read_basic(reply, 'y', &byte);
	*ret = byte;
	return r;
}

int rt_values_read(const struct rt_sdbus *f, sd_bus_message *reply, const char *type,
		   struct arena *a, struct rt_unit_property *ret)
{
	bool array = type[0] == 'a';
	size_t max = array ? SET_MAX : 1, n = 0;
	const char **values = ARENA_ARRAY(a, max, const char *);
	uint64_t number;
	int r = values ? f->message_enter_container(reply, 'v', type) : -ENOMEM;

	if (r >= 0 && array)
		r = f->message_enter_container(reply, 'a', type + 1);
	while (r >= 0 && n < max) {
		r = read_number(f, reply, array, &number);
		if (r <= 0)
			break;
		values[n] = arena_printf(a, "%" PRIu64, number);
		if (!values[n++])
			return -ENOMEM;
	}
	if (r < 0)
		return r;
	ret->type = type;
	ret->values = values;
	ret->n = n;
	return 0;
}
