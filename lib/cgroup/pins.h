/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device programs that are kept in bpffs for the next container with the same rules, which then
 * needs no load and no verifier: only where the administrator asks for it, by making the directory
 * RT_PINS after bpffs was mounted. What is in it is removed by rm(1), or with the directory, at
 * any time: programs in use stay in use.
 */
#ifndef RT_CGROUP_PINS_H
#define RT_CGROUP_PINS_H

#include <stdint.h>

#define RT_PINS "/sys/fs/bpf/rt"
#define RT_PINS_MAX 64 /* programs that are kept; whoever writes rules could fill the kernel else */

/*
 * A descriptor of RT_PINS, which the caller closes. -ENOENT: there is none. -EPERM: it is not the
 * caller's own, or others may write to it.
 */
int rt_pins_open(void);

/*
 * A descriptor, which the caller closes, of the kept program that has exactly these instructions
 * (len bytes of struct bpf_insn), and its id. -ENOENT: there is none.
 */
int rt_pins_find(const void *program, uint32_t len, uint32_t *ret_id);

/*
 * Keep the loaded program fd, which has these instructions, unless there are RT_PINS_MAX in the
 * directory dir, or it cannot be: then the next container loads its own.
 */
void rt_pins_add(int dir, int fd, const void *program, uint32_t len);

#endif
