/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"

bool rt_cgroup_has_word(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n;
		list += strspn(list, " ");
	}
	return false;
}

uint64_t rt_cgroup_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (*text) {
		if (strncmp(text, key, len) == 0 && text[len] == ' ')
			return strtoull(text + len + 1, NULL, 10);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return 0;
}

bool rt_cgroup_read_number(int cgroup, const char *file, uint64_t *ret)
{
	char text[64];

	*ret = 0;
	if (io_read_small(cgroup, file, text, sizeof(text)) < 0)
		return false;
	if (streq(text, "max"))
		*ret = UINT64_MAX;
	else
		str_to_u64(text, 0, UINT64_MAX, ret);
	return true;
}

const char *rt_cgroup_name(int fd, char *buf, size_t size)
{
	char link[40];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}
