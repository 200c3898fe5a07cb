/* SPDX-License-Identifier: Apache-2.0 */
/* A filter that was compiled elsewhere: the annotation run.oci.seccomp_bpf_data. */
#include <errno.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <string.h>

#include "sec/seccomp.h"

/* The value of a digit of base64 (RFC 4648), -1 for what is none. */
static int digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Padding at the end may be missing. Returns the number of bytes, or -EINVAL. */
static ssize_t decode(const char *text, unsigned char *out)
{
	size_t n = strcspn(text, "="), len = 0;
	uint32_t bits = 0;

	if (n % 4 == 1 || strspn(text + n, "=") != strlen(text + n) || strlen(text + n) > 2)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		int value = digit(text[i]);

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 0)
			out[len++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	return (ssize_t)len;
}

/* What the kernel takes of one instruction (seccomp_check_filter, bpf_check_classic). */
static bool is_insn(const struct sock_filter *f, uint32_t left)
{
	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return f->k % 4 == 0 && f->k < sizeof(struct seccomp_data);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return f->k < BPF_MEMWORDS;
	case BPF_ALU | BPF_DIV | BPF_K:
		return f->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return f->k < 32;
	case BPF_JMP | BPF_JA:
		return f->k < left;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return f->jt < left && f->jf < left;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_ALU | BPF_NEG:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_X:
		return true;
	default:
		return false;
	}
}

static bool is_filter(const struct sock_filter *insns, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!is_insn(&insns[i], n - i - 1))
			return false;
	return n > 0 && n <= BPF_MAXINSNS && BPF_CLASS(insns[n - 1].code) == BPF_RET;
}

int rt_seccomp_raw(struct arena *a, const char *text, const struct oci_seccomp *seccomp,
		   struct rt_seccomp *ret, struct err *e)
{
	struct rt_seccomp out = {0};
	size_t room = strlen(text) / 4 * 3 + 3;
	struct sock_filter *insns = ARENA_ARRAY(a, room / sizeof(*insns) + 1, struct sock_filter);
	ssize_t len;

	if (!insns)
		return err_nomem(e);
	len = decode(text, (unsigned char *)insns);
	if (len < 0)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG, "this is no base64");
	out.insns = insns;
	out.n = (uint32_t)((size_t)len / sizeof(*insns));
	if ((size_t)len % sizeof(*insns) != 0 || !is_filter(insns, out.n))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			       "this is no filter that the kernel would take");
	for (uint32_t i = 0; i < out.n; i++)
		if (insns[i].code == (BPF_RET | BPF_K) &&
		    (insns[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
			out.notify = true;
	out.flags = rt_seccomp_flags(seccomp, out.notify);
	*ret = out;
	return 0;
}
