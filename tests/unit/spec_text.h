/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in C strings, readable: it is written with ' for ". */
#ifndef SPEC_TEXT_H
#define SPEC_TEXT_H

#include <string.h>

/* A copy with double quotes, to be freed. */
static inline char *quotes(const char *text)
{
	char *copy = strdup(text);

	cr_assert(copy);
	for (char *p = strchr(copy, '\''); p; p = strchr(p, '\''))
		*p = '"';
	return copy;
}

#endif
