/* SPDX-License-Identifier: Apache-2.0 */
/* Print the keys and words of all tables as a dictionary for libFuzzer. */
#include <stdio.h>

#include "spec/bind.h"
#include "spec/oci.h"

int main(void)
{
	const struct bind_schema *s = &rt_oci_schema;

	for (unsigned int i = 0; i < s->nobjects; i++)
		for (unsigned int j = 0; j < s->objects[i].nfields; j++)
			printf("\"\\\"%s\\\"\"\n", s->fields(i)[j].key);
	for (unsigned int i = 0; i < s->nenums; i++)
		for (int v = 1; v <= s->enums[i].nwords; v++)
			printf("\"\\\"%s\\\"\"\n", rt_bind_word(s, i, v));
	return 0;
}
