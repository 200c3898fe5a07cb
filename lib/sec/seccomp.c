/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/seccomp.h"

#include <errno.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sec/filter.h"

struct compiler {
	struct arena *arena;
	const struct oci_seccomp *doc;
	struct rt_seccomp *out;
	const char **unknown;
	int16_t *ids; /* of all names of all rules, those that are known */
	size_t n_ids;
	struct filter filter;
	struct filter_rule *rules;
	struct err *e;
};

/* ---- actions ---- */

uint32_t rt_seccomp_action(enum oci_seccomp_action action)
{
	static const uint32_t words[OCI_SECCOMP_ACTION_MAX] = {
		[OCI_SECCOMP_ACTION_KILL] = SECCOMP_RET_KILL_THREAD,
		[OCI_SECCOMP_ACTION_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
		[OCI_SECCOMP_ACTION_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
		[OCI_SECCOMP_ACTION_TRAP] = SECCOMP_RET_TRAP,
		[OCI_SECCOMP_ACTION_ERRNO] = SECCOMP_RET_ERRNO,
		[OCI_SECCOMP_ACTION_TRACE] = SECCOMP_RET_TRACE,
		[OCI_SECCOMP_ACTION_ALLOW] = SECCOMP_RET_ALLOW,
		[OCI_SECCOMP_ACTION_LOG] = SECCOMP_RET_LOG,
		[OCI_SECCOMP_ACTION_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	};

	return words[action];
}

/* The kernel's word for an action; `no` counts if it was given, and the action takes one. */
static uint32_t action_word(enum oci_seccomp_action action, bool given, uint32_t no)
{
	if (action != OCI_SECCOMP_ACTION_ERRNO && action != OCI_SECCOMP_ACTION_TRACE)
		return rt_seccomp_action(action);
	return rt_seccomp_action(action) | (given ? no & SECCOMP_RET_DATA : EPERM);
}

/* Would a program that is newer than the profile be told anything by the default action? */
static bool default_denies(enum oci_seccomp_action action)
{
	/* a tracer answers for new calls itself */
	return action != OCI_SECCOMP_ACTION_ALLOW && action != OCI_SECCOMP_ACTION_LOG &&
	       action != OCI_SECCOMP_ACTION_TRACE;
}

/* ---- rules ---- */

/* Two conditions on one argument: then each condition is a rule, as runc and crun have it. */
static bool has_separate_conditions(const struct oci_seccomp_rule *doc)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < doc->args.n; i++) {
		uint64_t bit = UINT64_C(1) << doc->args.v[i].index % 64;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

/* Names to ids; what is not known is noted. */
static void resolve_names(struct compiler *c, const struct str_array *names,
			  struct filter_rule *ret)
{
	ret->ids = c->ids + c->n_ids;
	for (size_t i = 0; i < names->n; i++) {
		int id = rt_syscall_id(names->v[i]);

		if (id >= 0)
			c->ids[c->n_ids++] = (int16_t)id;
		else
			c->unknown[c->out->n_unknown++] = names->v[i];
	}
	ret->n_ids = (size_t)(c->ids + c->n_ids - ret->ids);
}

static void compile_rule(struct compiler *c, const struct oci_seccomp_rule *doc)
{
	struct filter_rule rule = {
		.action = action_word(doc->action, OCI_HAS(doc, errno_ret), doc->errno_ret),
		.args = doc->args.v,
		.n_args = doc->args.n,
		.separate = has_separate_conditions(doc),
	};

	resolve_names(c, &doc->names, &rule);
	if (rule.action == c->filter.default_action)
		return;
	if (doc->action == OCI_SECCOMP_ACTION_NOTIFY)
		c->out->notify = true;
	c->rules[c->filter.n_rules++] = rule;
}

static int compile_rules(struct compiler *c)
{
	size_t n_rules = c->doc->syscalls.n, n_names = 0;

	for (size_t i = 0; i < n_rules; i++)
		n_names += c->doc->syscalls.v[i].names.n;
	c->rules = ARENA_ARRAY(c->arena, n_rules, struct filter_rule);
	c->ids = ARENA_ARRAY(c->arena, n_names, int16_t);
	c->unknown = ARENA_ARRAY(c->arena, n_names, const char *);
	if (!c->rules || !c->ids || !c->unknown)
		return err_nomem(c->e);
	for (size_t i = 0; i < n_rules; i++)
		compile_rule(c, &c->doc->syscalls.v[i]);
	c->filter.rules = c->rules;
	c->filter.named = c->ids;
	c->filter.n_named = c->n_ids;
	c->out->unknown = c->unknown;
	return 0;
}

/* ---- architectures ---- */

#define NATIVE SIZE_MAX

static int unknown_arch(struct compiler *c, size_t i)
{
	err_set(c->e, ENOTSUP | RT_NO_TEXT, RT_E_UNSUPPORTED,
		"rt was built without the system call numbers of this architecture: the libseccomp "
		"there did not know them");
	if (i == NATIVE)
		return err_field(c->e, "linux.seccomp");
	return err_field(c->e, "linux.seccomp.architectures[%zu]", i);
}

static int choose_archs(struct compiler *c, enum oci_seccomp_arch native, bool *on)
{
	bool big_endian = rt_syscall_arch(native)->big_endian;

	if (!rt_syscall_arch(native)->audit_arch)
		return unknown_arch(c, NATIVE);
	on[native] = true;
	for (size_t i = 0; i < c->doc->architectures.n; i++) {
		enum oci_seccomp_arch arch = c->doc->architectures.v[i];

		if (!rt_syscall_arch(arch)->audit_arch)
			return unknown_arch(c, i);
		/* a kernel has processes of one byte order only */
		if (rt_syscall_arch(arch)->big_endian == big_endian)
			on[arch] = true;
	}
	return 0;
}

static int write_arch(struct compiler *c, struct bpf_out *o, enum oci_seccomp_arch arch,
		      bool with_x32, bpf_label *next)
{
	bpf_label section;

	if (sec_filter_section(o, c->arena, &c->filter, arch, with_x32, &section) < 0)
		return err_nomem(c->e);
	*next = sec_bpf_jump(o, BPF_JEQ, rt_syscall_arch(arch)->audit_arch, section, *next);
	return 0;
}

/* The program, backwards: other architectures, the native one, which architecture it is. */
static int write_program(struct compiler *c, enum oci_seccomp_arch native)
{
	bool on[OCI_SECCOMP_ARCH_MAX] = {false}, x32;
	struct bpf_out o = {.arena = c->arena};
	bpf_label next;

	TRY(choose_archs(c, native, on));
	x32 = on[OCI_SECCOMP_ARCH_X32];
	/* x32 is a part of the section of x86_64, and its programs need an x86_64 kernel */
	on[OCI_SECCOMP_ARCH_X32] = false;
	next = sec_bpf_ret(&o, SECCOMP_RET_KILL_THREAD);
	for (enum oci_seccomp_arch i = 0; i < OCI_SECCOMP_ARCH_MAX; i++)
		if (on[i] && i != native)
			TRY(write_arch(c, &o, i, x32 && i == OCI_SECCOMP_ARCH_X86_64, &next));
	TRY(write_arch(c, &o, native, x32 && native == OCI_SECCOMP_ARCH_X86_64, &next));
	sec_bpf_load(&o, offsetof(struct seccomp_data, arch), next);
	if (o.failed) {
		err_set(c->e, E2BIG | RT_NO_TEXT, RT_E_CONFIG,
			"the rules do not fit into the kernel's %d instructions", BPF_MAXINSNS);
		return err_field(c->e, "linux.seccomp");
	}
	c->out->insns = sec_bpf_program(&o);
	c->out->n = o.n;
	return 0;
}

uint32_t rt_seccomp_flag(enum oci_seccomp_flag flag)
{
	static const uint32_t words[OCI_SECCOMP_FLAG_MAX] = {
		[OCI_SECCOMP_FLAG_TSYNC] = SECCOMP_FILTER_FLAG_TSYNC,
		[OCI_SECCOMP_FLAG_LOG] = SECCOMP_FILTER_FLAG_LOG,
		[OCI_SECCOMP_FLAG_SPEC_ALLOW] = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		[OCI_SECCOMP_FLAG_WAIT_KILLABLE_RECV] = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	};

	return words[flag];
}

uint32_t rt_seccomp_flags(const struct oci_seccomp *doc, bool notify)
{
	uint32_t flags = 0;

	/* as runc and crun: without it the program runs slower, as was usual before Linux 5.16 */
	if (!doc || !OCI_HAS(doc, flags))
		flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	else
		for (size_t i = 0; i < doc->flags.n; i++)
			flags |= rt_seccomp_flag(doc->flags.v[i]);
	if (notify)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	/* Both flags want the one return value: the kernel takes them only with a third (Linux 5.7). */
	if (notify && flags & SECCOMP_FILTER_FLAG_TSYNC)
		flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	return flags;
}

int rt_seccomp_compile_for(struct arena *a, const struct oci_seccomp *seccomp,
			   enum oci_seccomp_arch native, struct rt_seccomp *ret, struct err *e)
{
	struct rt_seccomp out = {
		.notify = seccomp->default_action == OCI_SECCOMP_ACTION_NOTIFY,
	};
	struct compiler c = {.arena = a, .doc = seccomp, .out = &out, .e = e};

	c.filter.default_action = action_word(seccomp->default_action,
					      OCI_HAS(seccomp, default_errno_ret),
					      seccomp->default_errno_ret);
	c.filter.newer_enosys = default_denies(seccomp->default_action);
	TRY(compile_rules(&c));
	TRY(write_program(&c, native));
	out.flags = rt_seccomp_flags(seccomp, out.notify);
	*ret = out;
	return 0;
}

int rt_seccomp_compile(struct arena *a, const struct oci_seccomp *seccomp, struct rt_seccomp *ret,
		       struct err *e)
{
	return rt_seccomp_compile_for(a, seccomp, RT_SECCOMP_ARCH_NATIVE, ret, e);
}

int rt_seccomp_probe_flags(uint32_t flags, struct err *e)
{
	/* valid only beside the listener that it is about */
	if (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	/* the flags are looked at before the program, which is not there */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) == 0 || errno == EFAULT)
		return 0;
	if (errno != EINVAL)
		return err_set(e, errno, RT_E_SECCOMP, "seccomp filters cannot be loaded here");
	err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_HOST, "this kernel does not know one of them");
	return err_field(e, "linux.seccomp.flags");
}
