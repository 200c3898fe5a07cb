/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_oracle.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "test.h"

#define X32_BIT 0x40000000u

#ifdef __SANITIZE_ADDRESS__
/* libseccomp 2.5.4 loses memory when it refuses a rule. Called by LeakSanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp.so";
}
#endif

/* A big-endian machine has the upper half of an argument in front. */
static struct seccomp_data laid_out(const struct seccomp_data *data, bool big_endian)
{
	struct seccomp_data d = *data;

	for (size_t i = 0; big_endian && i < ARRAY_SIZE(d.args); i++)
		d.args[i] = d.args[i] << 32 | d.args[i] >> 32;
	return d;
}

uint32_t oracle_run(const struct sock_filter *insns, uint32_t n, const struct seccomp_data *data,
		    bool big_endian)
{
	struct seccomp_data d = laid_out(data, big_endian);
	uint32_t acc = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct sock_filter *f = &insns[i];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			cr_assert(f->k % 4 == 0 && f->k < sizeof(d), "load at %u", f->k);
			memcpy(&acc, (const char *)&d + f->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			acc &= f->k;
			break;
		case BPF_JMP | BPF_JA:
			i += f->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += acc == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			i += acc > f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += acc >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			i += acc & f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k;
		default:
			cr_assert_fail("instruction %u has code 0x%x", i, f->code);
		}
	}
	cr_assert_fail("the program runs over its end");
	return 0;
}

uint32_t oracle_token(enum oci_seccomp_arch arch)
{
	static const uint32_t tokens[OCI_SECCOMP_ARCH_MAX] = {
#define T(name) [OCI_SECCOMP_ARCH_##name] = SCMP_ARCH_##name,
		T(X86) T(X86_64) T(X32) T(ARM) T(AARCH64) T(MIPS) T(MIPS64) T(MIPS64N32) T(MIPSEL)
			T(MIPSEL64) T(MIPSEL64N32) T(PPC) T(PPC64) T(PPC64LE) T(S390) T(S390X)
				T(PARISC) T(PARISC64) T(RISCV64)
#undef T
	};
	return tokens[arch];
}

static uint32_t action(enum oci_seccomp_action a, bool given, uint32_t no)
{
	if (!given)
		no = EPERM;
	switch (a) {
	case OCI_SECCOMP_ACTION_KILL:
	case OCI_SECCOMP_ACTION_KILL_THREAD:
		return SCMP_ACT_KILL_THREAD;
	case OCI_SECCOMP_ACTION_KILL_PROCESS:
		return SCMP_ACT_KILL_PROCESS;
	case OCI_SECCOMP_ACTION_TRAP:
		return SCMP_ACT_TRAP;
	case OCI_SECCOMP_ACTION_ERRNO:
		return SCMP_ACT_ERRNO(no);
	case OCI_SECCOMP_ACTION_TRACE:
		return SCMP_ACT_TRACE(no);
	case OCI_SECCOMP_ACTION_LOG:
		return SCMP_ACT_LOG;
	case OCI_SECCOMP_ACTION_NOTIFY:
		return SCMP_ACT_NOTIFY;
	default:
		return SCMP_ACT_ALLOW;
	}
}

static uint32_t default_action(const struct oci_seccomp *s)
{
	return action(s->default_action, OCI_HAS(s, default_errno_ret), s->default_errno_ret);
}

static uint32_t rule_action(const struct oci_seccomp_rule *r)
{
	return action(r->action, OCI_HAS(r, errno_ret), r->errno_ret);
}

static bool separate(const struct oci_seccomp_rule *r)
{
	for (size_t i = 0; i < r->args.n; i++)
		for (size_t j = 0; j < i; j++)
			if (r->args.v[i].index == r->args.v[j].index)
				return true;
	return false;
}

/* ---- libseccomp ---- */

static struct scmp_arg_cmp comparison(const struct oci_seccomp_arg *a)
{
	static const enum scmp_compare ops[OCI_SECCOMP_OP_MAX] = {
		[OCI_SECCOMP_OP_NE] = SCMP_CMP_NE,
		[OCI_SECCOMP_OP_LT] = SCMP_CMP_LT,
		[OCI_SECCOMP_OP_LE] = SCMP_CMP_LE,
		[OCI_SECCOMP_OP_EQ] = SCMP_CMP_EQ,
		[OCI_SECCOMP_OP_GE] = SCMP_CMP_GE,
		[OCI_SECCOMP_OP_GT] = SCMP_CMP_GT,
		[OCI_SECCOMP_OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return (struct scmp_arg_cmp){a->index, ops[a->op], a->value, a->value_two};
}

static int add_name(scmp_filter_ctx ctx, const struct oci_seccomp_rule *r, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp args[64];
	unsigned int n = (unsigned int)r->args.n;
	int rc = 0;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	for (size_t i = 0; i < n; i++)
		args[i] = comparison(&r->args.v[i]);
	if (!separate(r))
		return seccomp_rule_add_array(ctx, rule_action(r), nr, n, args);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add_array(ctx, rule_action(r), nr, 1, &args[i]);
	return rc;
}

static int add_rules(scmp_filter_ctx ctx, const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.v[i];

		if (rule_action(r) == default_action(s))
			continue;
		for (size_t j = 0; j < r->names.n; j++) {
			int rc = add_name(ctx, r, r->names.v[j]);

			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static bool is_action(uint32_t k)
{
	switch (k & SECCOMP_RET_ACTION_FULL) {
	case SCMP_ACT_ERRNO(0):
	case SCMP_ACT_TRACE(0):
		return true;
	case SCMP_ACT_KILL_PROCESS:
	case SCMP_ACT_KILL_THREAD:
	case SCMP_ACT_TRAP:
	case SCMP_ACT_LOG:
	case SCMP_ACT_ALLOW:
	case SCMP_ACT_NOTIFY:
		return (k & SECCOMP_RET_DATA) == 0;
	default:
		return false;
	}
}

/*
 * libseccomp writes a program in the byte order of the machine that it is for, but for the actions
 * that belong to no architecture, which are in the order of the machine that it runs on.
 */
static void to_host(struct program *p, enum oci_seccomp_arch native)
{
	for (uint32_t i = 0; oracle_big_endian(native) && i < p->n; i++) {
		struct sock_filter *f = &p->insns[i];

		f->code = __builtin_bswap16(f->code);
		if (f->code != (BPF_RET | BPF_K) || !is_action(f->k))
			f->k = __builtin_bswap32(f->k);
	}
}

bool oracle_big_endian(enum oci_seccomp_arch arch)
{
	return !(oracle_token(arch) & __AUDIT_ARCH_LE);
}

int oracle_libseccomp(const struct oci_seccomp *s, enum oci_seccomp_arch native,
		      struct program *ret)
{
	scmp_filter_ctx ctx = seccomp_init(default_action(s));
	_cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t n = -1;
	int rc;

	cr_assert(ctx && fd >= 0);
	if (oracle_token(native) != seccomp_arch_native()) {
		/* one without filters takes an architecture of any byte order */
		cr_assert_eq(seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE), 0);
		cr_assert_eq(seccomp_arch_add(ctx, oracle_token(native)), 0);
	}
	for (size_t i = 0; i < s->architectures.n; i++) {
		rc = seccomp_arch_add(ctx, oracle_token(s->architectures.v[i]));
		cr_assert(rc == 0 || rc == -EEXIST, "arch %d: %d", s->architectures.v[i], rc);
	}
	rc = add_rules(ctx, s);
	if (rc == 0)
		rc = seccomp_export_bpf(ctx, fd);
	if (rc == 0)
		n = pread(fd, ret->insns, sizeof(ret->insns), 0);
	ret->n = n > 0 ? (uint32_t)n / sizeof(ret->insns[0]) : 0;
	to_host(ret, native);
	seccomp_release(ctx);
	cr_assert(rc < 0 || ret->n > 0);
	return rc;
}

/* ---- model ---- */

static bool wide(enum oci_seccomp_arch arch)
{
	uint32_t token = oracle_token(arch);

	return token & __AUDIT_ARCH_64BIT && token != SCMP_ARCH_MIPS64N32 &&
	       token != SCMP_ARCH_MIPSEL64N32;
}

/* The call of socketcall (-100) or ipc (-200) that this is, as libseccomp numbers it; 0: none. */
static int multiplexed(enum oci_seccomp_arch arch, const struct seccomp_data *d)
{
	uint64_t call = wide(arch) ? d->args[0] : (uint32_t)d->args[0];
	uint32_t token = oracle_token(arch);
	int nr = (int)d->nr;

	if (call == 0 || call > 99)
		return 0;
	if (seccomp_syscall_resolve_name_arch(token, "socket") == -101 &&
	    nr == seccomp_syscall_resolve_name_arch(token, "socketcall"))
		return -100 - (int)call;
	if (seccomp_syscall_resolve_name_arch(token, "msgget") == -213 &&
	    nr == seccomp_syscall_resolve_name_arch(token, "ipc"))
		return -200 - (int)call;
	return 0;
}

/* Is the call named so? *ret_mux: as a call of socketcall or ipc. */
static bool is_named(enum oci_seccomp_arch arch, const struct seccomp_data *d, const char *name,
		     bool *ret_mux)
{
	uint32_t token = oracle_token(arch);
	int wanted = seccomp_syscall_resolve_name_arch(token, name);
	_cleanup_free_ char *direct = NULL;

	*ret_mux = wanted < -100 && wanted > -300 && multiplexed(arch, d) == wanted;
	if (wanted == (int)d->nr || *ret_mux)
		return wanted != __NR_SCMP_ERROR;
	if (wanted >= 0 || wanted < -300)
		return false;
	direct = seccomp_syscall_resolve_num_arch(token, (int)d->nr);
	return direct && streq(direct, name);
}

static bool holds(const struct oci_seccomp_arg *a, const struct seccomp_data *d, bool is_wide)
{
	uint64_t mask = is_wide ? UINT64_MAX : UINT32_MAX;
	uint64_t arg = d->args[a->index] & mask, value = a->value & mask;

	switch (a->op) {
	case OCI_SECCOMP_OP_NE:
		return arg != value;
	case OCI_SECCOMP_OP_LT:
		return arg < value;
	case OCI_SECCOMP_OP_LE:
		return arg <= value;
	case OCI_SECCOMP_OP_GE:
		return arg >= value;
	case OCI_SECCOMP_OP_GT:
		return arg > value;
	case OCI_SECCOMP_OP_MASKED_EQ:
		return (arg & value) == (a->value_two & value);
	default:
		return arg == value;
	}
}

/* A rule that matches, and its sort key: a condition per argument. */
struct match {
	uint32_t action;
	unsigned int n_asked; /* conditions that say anything */
	struct oci_seccomp_arg key[6];
};

static int rank(const struct oci_seccomp_arg *a)
{
	if (a->op == OCI_SECCOMP_OP_LT || a->op == OCI_SECCOMP_OP_LE)
		return 1;
	return a->op == OCI_SECCOMP_OP_GE || a->op == OCI_SECCOMP_OP_GT ? 2 : 0;
}

/* Does x come before y, which is earlier in the profile? */
static bool before(const struct match *x, const struct match *y, bool is_wide)
{
	for (unsigned int i = 0; i < x->n_asked && i < y->n_asked; i++) {
		const struct oci_seccomp_arg *a = &x->key[i], *b = &y->key[i];
		uint64_t va = a->value, vb = b->value;

		if (a->op == OCI_SECCOMP_OP_MASKED_EQ)
			va &= a->value_two;
		if (b->op == OCI_SECCOMP_OP_MASKED_EQ)
			vb &= b->value_two;
		if (!is_wide) {
			va = (uint32_t)va;
			vb = (uint32_t)vb;
		}
		if (a->index != b->index)
			return a->index > b->index;
		if (rank(a) != rank(b))
			return rank(a) < rank(b);
		if (va != vb)
			return rank(a) == 1 ? va < vb : va > vb;
	}
	return x->n_asked < y->n_asked;
}

/* Match one rule, or its condition `only`, against the call. */
static bool match(const struct oci_seccomp_rule *r, size_t only, const struct seccomp_data *d,
		  bool mux, bool is_wide, struct match *ret)
{
	*ret = (struct match){.action = rule_action(r)};
	if (mux)
		ret->key[ret->n_asked++] = (struct oci_seccomp_arg){.op = OCI_SECCOMP_OP_EQ,
								    .value = d->args[0]};
	for (uint32_t index = mux ? 1 : 0; index < 6; index++)
		for (size_t i = 0; i < r->args.n; i++) {
			const struct oci_seccomp_arg *a = &r->args.v[i];
			uint64_t value = is_wide ? a->value : (uint32_t)a->value;

			if (a->index != index || (only != SIZE_MAX && only != i))
				continue;
			if (!holds(a, d, is_wide))
				return false;
			if (a->op != OCI_SECCOMP_OP_MASKED_EQ || value)
				ret->key[ret->n_asked++] = *a;
		}
	return true;
}

struct verdict {
	bool any, final;
	struct match best;
};

static void consider(struct verdict *v, const struct match *m, bool is_wide)
{
	if (v->final)
		return;
	if (!v->any || m->n_asked == 0 || before(m, &v->best, is_wide))
		v->best = *m;
	v->any = true;
	v->final = m->n_asked == 0;
}

static bool x86_64_family(enum oci_seccomp_arch arch)
{
	return arch == OCI_SECCOMP_ARCH_X86_64 || arch == OCI_SECCOMP_ARCH_X32;
}

uint32_t oracle_model(const struct oci_seccomp *s, enum oci_seccomp_arch arch,
		      const struct seccomp_data *d)
{
	struct verdict v = {0};
	bool is_wide = wide(arch), mux;
	struct match m;

	if ((int)d->nr == -1)
		return default_action(s);
	if (x86_64_family(arch) && ((uint32_t)d->nr >= X32_BIT) != (arch == OCI_SECCOMP_ARCH_X32))
		return SCMP_ACT_KILL_THREAD; /* asked for an architecture that is not in it */
	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.v[i];

		for (size_t j = 0; j < r->names.n && rule_action(r) != default_action(s); j++) {
			if (!is_named(arch, d, r->names.v[j], &mux))
				continue;
			for (size_t k = 0; k < (separate(r) ? r->args.n : 1); k++)
				if (match(r, separate(r) ? k : SIZE_MAX, d, mux, is_wide, &m))
					consider(&v, &m, is_wide);
		}
	}
	return v.any ? v.best.action : default_action(s);
}

/* The number of a call that also goes through socketcall or ipc; -1 when it has none. */
static int direct_number(enum oci_seccomp_arch arch, const char *name)
{
	uint32_t token = oracle_token(arch);
	bool mips = token == SCMP_ARCH_MIPS || token == SCMP_ARCH_MIPSEL;
	int base = mips ? 4000 : 0;

	for (int nr = base; nr < base + 600; nr++) {
		_cleanup_free_ char *at = seccomp_syscall_resolve_num_arch(token, nr);

		if (at && streq(at, name))
			return nr;
	}
	return -1;
}

int64_t oracle_highest(const struct oci_seccomp *s, enum oci_seccomp_arch arch)
{
	uint32_t token = oracle_token(arch);
	int64_t highest = -1;

	if (s->default_action == OCI_SECCOMP_ACTION_ALLOW ||
	    s->default_action == OCI_SECCOMP_ACTION_LOG ||
	    s->default_action == OCI_SECCOMP_ACTION_TRACE)
		return UINT32_MAX;
	for (size_t i = 0; i < s->syscalls.n; i++)
		for (size_t j = 0; j < s->syscalls.v[i].names.n; j++) {
			const char *name = s->syscalls.v[i].names.v[j];
			int nr = seccomp_syscall_resolve_name_arch(token, name);

			if (nr < -100 && nr > -300) {
				const char *mux = nr > -200 ? "socketcall" : "ipc";

				nr = MAX(direct_number(arch, name),
					 seccomp_syscall_resolve_name_arch(token, mux));
			}
			if (nr > highest && (token != SCMP_ARCH_ARM || nr < 0xf0000))
				highest = nr;
		}
	return highest >= 0 ? highest : UINT32_MAX;
}
