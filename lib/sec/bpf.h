/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An assembler of classic BPF that writes backwards. All jumps of classic BPF go forward, so a
 * program that is written from its end knows the target of every jump when it comes to it: there
 * is nothing to patch, and what is out of reach of a conditional jump (255 instructions) gets a
 * stepping stone right behind it.
 */
#ifndef RT_SEC_BPF_H
#define RT_SEC_BPF_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* An instruction, counted from the end of the program. */
typedef uint32_t bpf_label;

struct bpf_out {
	struct arena *arena;
	struct sock_filter *end; /* one behind the last instruction */
	uint32_t n, room;
	bool failed; /* memory was short, or the kernel's BPF_MAXINSNS are not enough */
};

/* The finished program. */
static inline const struct sock_filter *sec_bpf_program(const struct bpf_out *o)
{
	return o->end - o->n;
}

bpf_label sec_bpf_ret(struct bpf_out *o, uint32_t k);

/*
 * Jump on the accumulator: op is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET; `yes` and `no` are
 * anywhere behind.
 */
bpf_label sec_bpf_jump(struct bpf_out *o, uint16_t op, uint32_t k, bpf_label yes, bpf_label no);

/* Load 32 bits at this offset of struct seccomp_data, then go on at `next`. */
bpf_label sec_bpf_load(struct bpf_out *o, uint32_t offset, bpf_label next);

/* AND the accumulator, then go on at `next`. */
bpf_label sec_bpf_and(struct bpf_out *o, uint32_t k, bpf_label next);

#endif
