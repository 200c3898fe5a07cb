/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/bpf.h"

#include <errno.h>
#include <linux/bpf_common.h>

#define REACH 255 /* of a conditional jump: its offset has 8 bits */

int sec_bpf_begin(struct bpf_out *o, struct arena *a)
{
	struct sock_filter *room = ARENA_ARRAY(a, BPF_MAXINSNS, struct sock_filter);

	if (!room)
		return -ENOMEM;
	*o = (struct bpf_out){.end = room + BPF_MAXINSNS};
	return 0;
}

static bpf_label put(struct bpf_out *o, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (o->n == BPF_MAXINSNS) {
		o->failed = true;
		return 0;
	}
	o->n++;
	*(o->end - o->n) = (struct sock_filter){code, jt, jf, k};
	return o->n - 1;
}

/* The offset that an instruction written now needs to reach the label. */
static uint32_t distance(const struct bpf_out *o, bpf_label to)
{
	return o->n - to - 1;
}

/* A label with the effect of `to` within `reach`: itself, a copy if it is a RET, or a jump there. */
static bpf_label near(struct bpf_out *o, bpf_label to, uint32_t reach)
{
	const struct sock_filter *insn = o->end - to - 1;

	if (distance(o, to) <= reach)
		return to;
	if (insn->code == (BPF_RET | BPF_K))
		return sec_bpf_ret(o, insn->k);
	return put(o, BPF_JMP | BPF_JA, 0, 0, distance(o, to));
}

bpf_label sec_bpf_ret(struct bpf_out *o, uint32_t k)
{
	return put(o, BPF_RET | BPF_K, 0, 0, k);
}

bpf_label sec_bpf_jump(struct bpf_out *o, uint16_t op, uint32_t k, bpf_label yes, bpf_label no)
{
	/* the stepping stone for `no` must not push `yes` out of reach */
	yes = near(o, yes, REACH - 1);
	no = near(o, no, REACH);
	return put(o, BPF_JMP | op | BPF_K, (uint8_t)distance(o, yes), (uint8_t)distance(o, no), k);
}

bpf_label sec_bpf_load(struct bpf_out *o, uint32_t offset, bpf_label next)
{
	near(o, next, 0);
	return put(o, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

bpf_label sec_bpf_and(struct bpf_out *o, uint32_t k, bpf_label next)
{
	near(o, next, 0);
	return put(o, BPF_ALU | BPF_AND | BPF_K, 0, 0, k);
}
