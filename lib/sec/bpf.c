/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/bpf.h"

#include <linux/bpf_common.h>

#define ROOM_FIRST 512 /* times two, and so on, is BPF_MAXINSNS */
#define REACH 255 /* of a conditional jump: its offset has 8 bits */

/* Twice the room, in front of what is there. */
static bool grow(struct bpf_out *o)
{
	uint32_t room = o->room ? 2 * o->room : ROOM_FIRST;
	struct sock_filter *more = NULL;

	if (room <= BPF_MAXINSNS)
		more = ARENA_ARRAY(o->arena, room, struct sock_filter);
	if (!more)
		return false;
	if (o->n > 0)
		memcpy(more + room - o->n, o->end - o->n, o->n * sizeof(*more));
	o->end = more + room;
	o->room = room;
	return true;
}

static bpf_label put(struct bpf_out *o, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (o->n == o->room && !grow(o)) {
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
