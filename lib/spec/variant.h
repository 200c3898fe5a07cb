/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in GVariant's text format, in which annotations org.systemd.property.* have theirs: what
 * a property of a unit can be, no more. Pure.
 *
 *	true  5  uint64 5  1.5  'text'  "text"  ['a', 'b']  [('a', 'rwm')]  @as []
 */
#ifndef RT_SPEC_VARIANT_H
#define RT_SPEC_VARIANT_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* A value, flat: the texts of its basic values in order. Strings are in the arena. */
struct rt_variant {
	const char *type; /* D-Bus signature: "b", "t", "as", "a(ss)" */
	const char **values;
	size_t n;
};

/*
 * Parse: booleans, numbers (int32 and double when no type is named), strings, arrays of them and
 * arrays of tuples of them. Values come out as D-Bus would print them: "true", "-5", the bare text.
 * Dictionaries, variants and arrays of arrays are refused. Returns 0, -EINVAL (E_CONFIG, the
 * message says what and where), -ENOMEM.
 */
int rt_variant_parse(struct arena *a, const char *text, struct rt_variant *ret, struct err *e);

#endif
