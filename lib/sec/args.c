/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/args.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

static uint32_t low(uint64_t v)
{
	return (uint32_t)v;
}

static uint32_t high(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

/* Offset in struct seccomp_data of the half of an argument. */
static uint32_t half_offset(const struct rt_syscall_arch *arch, uint32_t index, bool high_half)
{
	uint32_t offset = (uint32_t)offsetof(struct seccomp_data, args) + 8 * index;

	return offset + (high_half != arch->big_endian ? 4 : 0);
}

/* (half & mask) == value; a mask of 0 asks nothing. */
static bpf_label half_equal(struct bpf_out *o, uint32_t offset, uint32_t mask, uint32_t value,
			    bpf_label yes, bpf_label no)
{
	bpf_label test;

	if (!mask)
		return yes;
	if (mask == UINT32_MAX) {
		test = sec_bpf_jump(o, BPF_JEQ, value, yes, no);
	} else if (!value) {
		test = sec_bpf_jump(o, BPF_JSET, mask, no, yes);
	} else {
		test = sec_bpf_jump(o, BPF_JEQ, value, yes, no);
		test = sec_bpf_and(o, mask, test);
	}
	return sec_bpf_load(o, offset, test);
}

/* (argument & mask) == value */
static bpf_label equal(struct bpf_out *o, const struct rt_syscall_arch *arch, uint32_t index,
		       uint64_t mask, uint64_t value, bpf_label yes, bpf_label no)
{
	value &= mask;
	yes = half_equal(o, half_offset(arch, index, false), low(mask), low(value), yes, no);
	if (!arch->wide)
		return yes;
	return half_equal(o, half_offset(arch, index, true), high(mask), high(value), yes, no);
}

/* argument > value, or >=: by op, BPF_JGT or BPF_JGE */
static bpf_label greater(struct bpf_out *o, const struct rt_syscall_arch *arch, uint32_t index,
			 uint16_t op, uint64_t value, bpf_label yes, bpf_label no)
{
	bpf_label test = sec_bpf_jump(o, op, low(value), yes, no);

	test = sec_bpf_load(o, half_offset(arch, index, false), test);
	if (!arch->wide)
		return test;
	test = sec_bpf_jump(o, BPF_JEQ, high(value), test, no);
	test = sec_bpf_jump(o, BPF_JGT, high(value), yes, test);
	return sec_bpf_load(o, half_offset(arch, index, true), test);
}

bpf_label sec_arg_write(struct bpf_out *o, const struct rt_syscall_arch *arch,
			const struct oci_seccomp_arg *arg, bpf_label yes, bpf_label no)
{
	uint32_t index = arg->index;
	uint64_t value = arg->value;

	switch (arg->op) {
	case OCI_SECCOMP_OP_NE:
		return equal(o, arch, index, UINT64_MAX, value, no, yes);
	case OCI_SECCOMP_OP_LT:
		return greater(o, arch, index, BPF_JGE, value, no, yes);
	case OCI_SECCOMP_OP_LE:
		return greater(o, arch, index, BPF_JGT, value, no, yes);
	case OCI_SECCOMP_OP_GE:
		return greater(o, arch, index, BPF_JGE, value, yes, no);
	case OCI_SECCOMP_OP_GT:
		return greater(o, arch, index, BPF_JGT, value, yes, no);
	case OCI_SECCOMP_OP_MASKED_EQ: /* `value` is the mask, as runc and crun have it */
		return equal(o, arch, index, value, arg->value_two, yes, no);
	default:
		return equal(o, arch, index, UINT64_MAX, value, yes, no);
	}
}

bool sec_arg_asks(const struct rt_syscall_arch *arch, const struct oci_seccomp_arg *arg)
{
	if (arg->op != OCI_SECCOMP_OP_MASKED_EQ)
		return true;
	return arch->wide ? arg->value != 0 : low(arg->value) != 0;
}

static int op_rank(enum oci_seccomp_op op)
{
	switch (op) {
	case OCI_SECCOMP_OP_LT:
	case OCI_SECCOMP_OP_LE:
		return 1;
	case OCI_SECCOMP_OP_GE:
	case OCI_SECCOMP_OP_GT:
		return 2;
	default:
		return 0;
	}
}

static uint64_t operand(const struct rt_syscall_arch *arch, const struct oci_seccomp_arg *arg)
{
	uint64_t v = arg->op == OCI_SECCOMP_OP_MASKED_EQ ? arg->value & arg->value_two : arg->value;

	return arch->wide ? v : low(v);
}

int sec_arg_compare(const struct rt_syscall_arch *arch, const struct oci_seccomp_arg *x, size_t n_x,
		    const struct oci_seccomp_arg *y, size_t n_y)
{
	for (size_t i = 0; i < n_x && i < n_y; i++) {
		int rank_x = op_rank(x[i].op), rank_y = op_rank(y[i].op);
		uint64_t v_x = operand(arch, &x[i]), v_y = operand(arch, &y[i]);

		if (x[i].index != y[i].index)
			return x[i].index > y[i].index ? -1 : 1;
		if (rank_x != rank_y)
			return rank_x - rank_y;
		if (v_x != v_y)
			return (v_x > v_y) == (rank_x != op_rank(OCI_SECCOMP_OP_LT)) ? -1 : 1;
	}
	return n_x == n_y ? 0 : n_x < n_y ? -1 : 1;
}
