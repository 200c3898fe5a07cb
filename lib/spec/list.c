/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/list.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* One number at *s, which is moved behind it. */
static bool number(const char **s, unsigned long *ret)
{
	const char *begin = *s;
	unsigned long v = 0;

	while (**s >= '0' && **s <= '9' && v < INT_MAX / 10)
		v = v * 10 + (unsigned long)(*(*s)++ - '0');
	*ret = v;
	return *s > begin && (**s < '0' || **s > '9');
}

/* The first range of the list *s, which is moved to the next: 1, 0 at the end, -EINVAL. */
static int next_range(const char **s, unsigned long *ret_first, unsigned long *ret_last)
{
	*s += strspn(*s, " ");
	if (!**s)
		return 0;
	if (!number(s, ret_first))
		return -EINVAL;
	*ret_last = *ret_first;
	if (**s == '-') {
		++*s;
		if (!number(s, ret_last) || *ret_last < *ret_first)
			return -EINVAL;
	}
	*s += strspn(*s, " ");
	if (!**s)
		return 1;
	if (*(*s)++ != ',' || !(*s)[strspn(*s, " ")])
		return -EINVAL;
	return 1;
}

bool rt_list_is_valid(const char *s)
{
	unsigned long first, last;
	int r;

	while ((r = next_range(&s, &first, &last)) > 0)
		;
	return r == 0;
}

int rt_list_to_bits(const char *s, uint64_t bits[RT_LIST_WORDS], size_t *ret_words)
{
	unsigned long first, last;
	size_t words = 0;
	int r;

	memset(bits, 0, RT_LIST_BITS / 8);
	while ((r = next_range(&s, &first, &last)) > 0) {
		if (last >= RT_LIST_BITS)
			return -ERANGE;
		for (unsigned long i = first; i <= last; i++)
			bits[i / 64] |= 1ull << i % 64;
		if (last / 64 >= words)
			words = last / 64 + 1;
	}
	*ret_words = words;
	return r;
}
