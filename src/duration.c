/* SPDX-License-Identifier: Apache-2.0 */
#include "duration.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The milliseconds of the unit at *s, which goes behind it; 0 when it is none. */
static double take_unit(const char **s)
{
	static const struct {
		const char *name;
		double msec;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = strlen(units[i].name);

		if (strncmp(*s, units[i].name, n) == 0) {
			*s += n;
			return units[i].msec;
		}
	}
	return 0;
}

int duration_msec(const char *text)
{
	double total = 0;

	if (!*text)
		return -1;
	for (const char *s = text; *s;) {
		size_t n = strspn(s, "0123456789.");
		double value, unit;
		char *end;

		value = strtod(s, &end);
		if (n == 0 || end != s + n)
			return -1;
		/* a number alone is seconds */
		unit = !*end && s == text ? 1000 : take_unit((const char **)&end);
		if (unit == 0)
			return -1;
		total += value * unit;
		s = end;
	}
	return total < INT_MAX ? (int)total : -1;
}
