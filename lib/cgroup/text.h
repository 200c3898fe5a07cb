/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that the files of this folder share. */
#ifndef RT_CGROUP_TEXT_H
#define RT_CGROUP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is the word in a list separated by blanks, as cgroup.controllers is? */
bool rt_cgroup_has_word(const char *list, const char *word, size_t len);

/* The number behind "key " in a file of lines "key value"; 0 when it is not there. */
uint64_t rt_cgroup_value(const char *text, const char *key);

/*
 * The number in a file of the cgroup, UINT64_MAX for "max". False, and *ret is 0, for a file that is not
 * there.
 */
bool rt_cgroup_read_number(int cgroup, const char *file, uint64_t *ret);

/* The directory of a descriptor, for messages. Returns buf. */
const char *rt_cgroup_name(int fd, char *buf, size_t size);

#endif
