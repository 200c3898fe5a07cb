/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of numbers as the kernel writes them, "0-3,7": cpus and memory nodes. */
#ifndef RT_SPEC_LIST_H
#define RT_SPEC_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* set_mempolicy(2) takes no more bits than fit a page, and no kernel has as many cpus. */
#define RT_LIST_BITS 32768u
#define RT_LIST_WORDS (RT_LIST_BITS / 64)

/* Numbers and ranges, blanks allowed; empty is fine. */
bool rt_list_is_valid(const char *s);

/*
 * The list as a set of bits, which is cleared first; *ret_words: up to the highest that is set, 0 for
 * an empty list. Returns 0, -EINVAL for no list, -ERANGE for a number of RT_LIST_BITS or more.
 */
int rt_list_to_bits(const char *s, uint64_t bits[RT_LIST_WORDS], size_t *ret_words);

#endif
