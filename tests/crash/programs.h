/* SPDX-License-Identifier: Apache-2.0 */
/* BPF programs of the kernel: which of them are of a world. */
#ifndef CRASH_PROGRAMS_H
#define CRASH_PROGRAMS_H

#include <stdint.h>

#include "text.h"

/*
 * The programs that are loaded now and have the number among their instructions, a word for each: programs
 * are not of any namespace, so that a world marks its own by a device that no other world's rules name.
 */
void programs_list(uint32_t mark, struct words *ret);

#endif
