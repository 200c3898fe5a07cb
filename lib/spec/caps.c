/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/caps.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Rows of a fixed width, so that the table needs no relocations. */
static const char names[][24] = {
#define X(number, name) [number] = name,
	RT_CAPS(X)
#undef X
};

_Static_assert(sizeof(names) / sizeof(names[0]) == RT_CAP_LAST + 1, "a name for each");

int rt_cap_number(const char *name)
{
	for (int i = 0; i <= RT_CAP_LAST; i++)
		if (strcasecmp(name, names[i]) == 0)
			return i;
	return -EINVAL;
}

const char *rt_cap_name(unsigned int number)
{
	return number <= RT_CAP_LAST ? names[number] : NULL;
}

struct rt_caps rt_caps_from(const struct oci_capabilities *c, unsigned int last_cap,
			    rt_cap_ignored_fn fn, void *userdata)
{
	struct rt_caps caps = {0};
	const struct {
		const char *word;
		const struct str_array *list;
		uint64_t *set;
	} sets[] = {
		{"bounding", c ? &c->bounding : NULL, &caps.bounding},
		{"permitted", c ? &c->permitted : NULL, &caps.permitted},
		{"effective", c ? &c->effective : NULL, &caps.effective},
		{"inheritable", c ? &c->inheritable : NULL, &caps.inheritable},
		{"ambient", c ? &c->ambient : NULL, &caps.ambient},
	};

	for (size_t i = 0; c && i < sizeof(sets) / sizeof(sets[0]); i++)
		for (size_t j = 0; j < sets[i].list->n; j++) {
			int number = rt_cap_number(sets[i].list->v[j]);

			if (number >= 0 && (unsigned int)number <= last_cap)
				*sets[i].set |= UINT64_C(1) << number;
			else if (fn)
				fn(sets[i].word, sets[i].list->v[j], userdata);
		}
	return caps;
}
