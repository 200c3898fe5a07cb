/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/sec: every decision of the compiled filter against libseccomp's, and against a model where
 * libseccomp 2.5.4 is known to be wrong or to hang: several rules of one call that compare an
 * argument by order (it lets 16 through for "less than 5, or at least 2^32+5"), or that have
 * several conditions each.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "sec/syscalls.h"
#include "seccomp_oracle.h"
#include "spec/bind.h"
#include "test.h"

#define X32_BIT 0x40000000u
#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)
#define NAMES_MAX 1024

/* ---- random profiles ---- */

/* A fixed sequence (xorshift), so that a failure can be repeated. */
static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % n;
}

static const char *names[NAMES_MAX];
static size_t n_names;

/* All names that libseccomp has for a number. */
static void find_names(void)
{
	static const int bases[] = {0, 4000, 5000, 6000, 0xf0000};

	random_state = 88172645463325252u;
	for (enum oci_seccomp_arch arch = 1; n_names == 0 || arch < OCI_SECCOMP_ARCH_MAX; arch++)
		for (size_t b = 0; b < ARRAY_SIZE(bases); b++)
			for (int i = 0; i < 700; i++) {
				char *name = oracle_token(arch)
						     ? seccomp_syscall_resolve_num_arch(
							       oracle_token(arch), bases[b] + i)
						     : NULL;
				/* there libseccomp 2.5.4 takes one for the other */
				bool old = !name || streq(name, "sys_debug_setcontext");

				for (size_t k = 0; !old && k < n_names; k++)
					old = streq(names[k], name);
				cr_assert(n_names < NAMES_MAX);
				if (old)
					free(name);
				else
					names[n_names++] = name;
			}
}

static void forget_names(void)
{
	while (n_names > 0)
		free((char *)names[--n_names]);
}

/* What a random rule may look like. */
enum shape {
	NO_ARGS,
	ONE_EQUALITY, /* one condition, == */
	ONE_MASK,     /* one condition, ==, != or masked, and one action for all */
	ANY_ARGS,
};

static const uint64_t values[] = {
	0,
	1,
	5,
	16,
	0x7e020000,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000005,
	0x1ffffffff,
	0x7fffffffffffffff,
	0xffffffff00000000,
	0xffffffffffffffff,
};

static struct oci_seccomp_arg random_arg(uint32_t index, enum shape shape)
{
	static const enum oci_seccomp_op equalities[] = {OCI_SECCOMP_OP_EQ, OCI_SECCOMP_OP_NE,
							 OCI_SECCOMP_OP_MASKED_EQ};
	struct oci_seccomp_arg arg = {.index = index};

	arg.op = shape == ANY_ARGS ? OCI_SECCOMP_OP_NE + random_below(OCI_SECCOMP_OP_MAX - 1)
				   : equalities[random_below(shape == ONE_MASK ? 3 : 1)];
	arg.value = values[random_below(ARRAY_SIZE(values))];
	arg.value_two = values[random_below(ARRAY_SIZE(values))];
	/* libseccomp takes a datum beyond its mask for a condition of its own */
	arg.value_two &= arg.value;
	return arg;
}

static void random_args(struct arena *a, struct oci_seccomp_rule *r, enum shape shape)
{
	uint32_t n = shape == NO_ARGS ? 0 : shape == ANY_ARGS ? random_below(4) : 1;
	struct oci_seccomp_arg *args = ARENA_ARRAY(a, n, struct oci_seccomp_arg);
	uint32_t index = random_below(3);

	for (uint32_t i = 0; i < n; i++)
		args[i] = random_arg(index + i, shape);
	r->args.n = n;
	r->args.v = args;
}

static enum oci_seccomp_action random_action(void)
{
	static const enum oci_seccomp_action actions[] = {
		OCI_SECCOMP_ACTION_ALLOW,        OCI_SECCOMP_ACTION_ALLOW, OCI_SECCOMP_ACTION_ERRNO,
		OCI_SECCOMP_ACTION_KILL_PROCESS, OCI_SECCOMP_ACTION_TRAP,  OCI_SECCOMP_ACTION_TRACE,
		OCI_SECCOMP_ACTION_LOG,
	};

	return actions[random_below(ARRAY_SIZE(actions))];
}

static struct oci_seccomp_rule random_rule(struct arena *a, const char *const *pool, size_t n_pool,
					   size_t n, enum shape shape)
{
	struct oci_seccomp_rule r = {.action = shape == ONE_MASK ? OCI_SECCOMP_ACTION_TRAP
								 : random_action()};
	const char **list = ARENA_ARRAY(a, n, const char *);

	for (size_t i = 0; i < n; i++)
		list[i] = pool[random_below((uint32_t)n_pool)];
	r.names.v = list;
	r.names.n = n;
	if (r.action == OCI_SECCOMP_ACTION_ERRNO && random_below(2)) {
		r.has.errno_ret = true;
		r.errno_ret = random_below(134);
	}
	random_args(a, &r, shape);
	return r;
}

/* A profile for these architectures, whose rules take names from the pool. */
static struct oci_seccomp random_profile(struct arena *a, const enum oci_seccomp_arch *archs,
					 size_t n_archs, const char *const *pool, size_t n_pool,
					 size_t n_rules, enum shape shape)
{
	static const char *const everywhere = "read";
	struct oci_seccomp s = {.default_action = random_action()};
	struct oci_seccomp_rule *rules = ARENA_ARRAY(a, n_rules + 1, struct oci_seccomp_rule);

	s.architectures.v = archs;
	s.architectures.n = n_archs;
	s.syscalls.v = rules;
	s.syscalls.n = n_rules + 1;
	/* libseccomp 2.5.4 writes nonsense for x86_64 if x32 takes part and has no rule */
	rules[n_rules].action = s.default_action == OCI_SECCOMP_ACTION_ALLOW
					? OCI_SECCOMP_ACTION_LOG
					: OCI_SECCOMP_ACTION_ALLOW;
	rules[n_rules].names.v = &everywhere;
	rules[n_rules].names.n = 1;
	for (size_t i = 0; i < n_rules; i++)
		rules[i] = random_rule(a, pool, n_pool,
				       1 + random_below(shape == NO_ARGS ? 200 : 3), shape);
	return s;
}

/* ---- comparing ---- */

/* A profile, its filter, and what to hold it against. */
struct trial {
	const struct oci_seccomp *s;
	struct rt_seccomp ours;
	struct program theirs; /* n 0: the model instead */
	int64_t highest[OCI_SECCOMP_ARCH_MAX];
	bool big_endian;
	bool dropped[OCI_SECCOMP_ARCH_MAX]; /* architectures that the filter does not let in */
};

static uint32_t audit_arch(enum oci_seccomp_arch arch)
{
	return arch == OCI_SECCOMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : oracle_token(arch);
}

/* What the answer must be; arch: the one that the number belongs to. */
static uint32_t expected(const struct trial *t, enum oci_seccomp_arch arch,
			 const struct seccomp_data *d)
{
	bool s390 = arch == OCI_SECCOMP_ARCH_S390 || arch == OCI_SECCOMP_ARCH_S390X;
	uint32_t nr = (uint32_t)d->nr;

	if (!t->dropped[arch] && nr != UINT32_MAX && t->highest[arch] != UINT32_MAX &&
	    (nr > t->highest[arch] || (s390 && nr == 0)))
		return ENOSYS_ANSWER;
	return t->theirs.n ? oracle_run(t->theirs.insns, t->theirs.n, d, t->big_endian)
			   : oracle_model(t->s, arch, d);
}

static void compare(const struct trial *t, enum oci_seccomp_arch arch, struct seccomp_data d)
{
	uint32_t want, got;

	if (audit_arch(arch) == AUDIT_ARCH_X86_64)
		arch = (uint32_t)d.nr >= X32_BIT && d.nr != -1 ? OCI_SECCOMP_ARCH_X32
							       : OCI_SECCOMP_ARCH_X86_64;
	/* private calls of ARM are not newer than others, they are apart */
	if (arch == OCI_SECCOMP_ARCH_ARM && (uint32_t)d.nr >= 0xf0000 && d.nr != -1 &&
	    t->highest[arch] != UINT32_MAX)
		return;
	d.arch = audit_arch(arch);
	want = expected(t, arch, &d);
	got = oracle_run(t->ours.insns, t->ours.n, &d, t->big_endian);
	cr_assert_eq(got, want, "arch %d, call %d (%llx, %llx, %llx): 0x%x, not 0x%x", arch, d.nr,
		     d.args[0], d.args[1], d.args[2], got, want);
}

/* Every number, and what lies around the ends. */
static void compare_numbers(const struct trial *t, enum oci_seccomp_arch arch)
{
	static const uint32_t bases[] = {0, 4000, 5000, 6000, 0xf0000 - 50, X32_BIT};
	static const uint32_t ends[] = {UINT32_MAX, UINT32_MAX - 1, X32_BIT - 1, 0x3fffffff,
					0x7fffffff, 0x80000000,     0xbfffffff,  0xc0000000};

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++)
		for (uint32_t i = 0; i <= (b == 0 ? 1100 : 600); i++)
			compare(t, arch, (struct seccomp_data){.nr = (int)(bases[b] + i)});
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		compare(t, arch, (struct seccomp_data){.nr = (int)ends[i]});
}

/* The number that leads to the rules for this name, also through socketcall or ipc. */
static int number_of(enum oci_seccomp_arch arch, const char *name, uint64_t *ret_call)
{
	uint32_t token = oracle_token(arch);
	int nr = seccomp_syscall_resolve_name_arch(token, name);

	*ret_call = 0;
	if (nr >= 0 || nr < -300 || nr > -100)
		return nr;
	*ret_call = (uint64_t)(-nr % 100);
	return seccomp_syscall_resolve_name_arch(token, nr > -200 ? "socketcall" : "ipc");
}

/* A value at or beside one that a rule asks for, or has a bit changed. */
static uint64_t near_value(const struct oci_seccomp_arg *arg)
{
	uint64_t v = arg->op == OCI_SECCOMP_OP_MASKED_EQ && random_below(2) ? arg->value_two
									    : arg->value;

	switch (random_below(6)) {
	case 0:
		return v + 1;
	case 1:
		return v - 1;
	case 2:
		return v ^ UINT64_C(1) << random_below(64);
	case 3:
		return v + UINT64_C(0x100000000);
	case 4:
		return values[random_below(ARRAY_SIZE(values))];
	default:
		return v;
	}
}

/* The calls that rules name, with arguments around those that the rules ask for. */
static void compare_arguments(const struct trial *t, enum oci_seccomp_arch arch, int rounds)
{
	for (size_t i = 0; i < t->s->syscalls.n; i++) {
		const struct oci_seccomp_rule *r = &t->s->syscalls.v[i];

		for (size_t j = 0; j < r->names.n && r->args.n > 0; j++) {
			struct seccomp_data d = {0};
			uint64_t call;

			d.nr = number_of(arch, r->names.v[j], &call);
			for (int k = 0; k < rounds && d.nr >= 0; k++) {
				for (size_t l = 0; l < r->args.n; l++)
					d.args[r->args.v[l].index] = near_value(&r->args.v[l]);
				if (call && random_below(8))
					d.args[0] = call;
				compare(t, arch, d);
			}
		}
	}
}

/*
 * Compile for a machine and look up what ours must be equal to. False: libseccomp will not have it.
 */
static bool begin(struct trial *t, struct arena *a, const struct oci_seccomp *s,
		  enum oci_seccomp_arch native, bool libseccomp)
{
	struct err e = ERR_INIT;

	*t = (struct trial){.s = s, .big_endian = oracle_big_endian(native)};
	for (enum oci_seccomp_arch i = 1; i < OCI_SECCOMP_ARCH_MAX; i++)
		t->dropped[i] = i != native;
	for (size_t i = 0; i < s->architectures.n; i++)
		t->dropped[s->architectures.v[i]] = false;
	for (enum oci_seccomp_arch i = 1; i < OCI_SECCOMP_ARCH_MAX; i++)
		t->highest[i] = t->dropped[i] ? UINT32_MAX : oracle_highest(s, i);
	cr_assert_eq(rt_seccomp_compile_for(a, s, native, &t->ours, &e), 0, "%s", e.text);
	return !libseccomp || oracle_libseccomp(s, native, &t->theirs) == 0;
}

/* ---- tests ---- */

/* The families of architectures that one kernel runs, the native one first. */
static const struct family {
	enum oci_seccomp_arch archs[3];
	size_t n;
} families[] = {
	{{OCI_SECCOMP_ARCH_X86_64, OCI_SECCOMP_ARCH_X86, OCI_SECCOMP_ARCH_X32}, 3},
	{{OCI_SECCOMP_ARCH_X86_64}, 1},
	{{OCI_SECCOMP_ARCH_X86_64, OCI_SECCOMP_ARCH_X86}, 2},
	{{OCI_SECCOMP_ARCH_X86}, 1},
	{{OCI_SECCOMP_ARCH_AARCH64, OCI_SECCOMP_ARCH_ARM}, 2},
	{{OCI_SECCOMP_ARCH_MIPS64, OCI_SECCOMP_ARCH_MIPS, OCI_SECCOMP_ARCH_MIPS64N32}, 3},
	{{OCI_SECCOMP_ARCH_MIPSEL64, OCI_SECCOMP_ARCH_MIPSEL, OCI_SECCOMP_ARCH_MIPSEL64N32}, 3},
	{{OCI_SECCOMP_ARCH_PPC64, OCI_SECCOMP_ARCH_PPC}, 2},
	{{OCI_SECCOMP_ARCH_PPC64LE}, 1},
	{{OCI_SECCOMP_ARCH_S390X, OCI_SECCOMP_ARCH_S390}, 2},
	{{OCI_SECCOMP_ARCH_PARISC64, OCI_SECCOMP_ARCH_PARISC}, 2},
	{{OCI_SECCOMP_ARCH_RISCV64}, 1},
};

/* The engines' profiles: containerd's and docker's is the benchmark's file too, podman's is as it gave it. */
static const char *const profiles[] = {"bench/seccomp.json", "unit/seccomp-podman.json"};

static void engines_profile(const char *name, struct bind_doc *doc, char **text)
{
	const char *top = getenv("RT_SRCDIR");
	struct err e = ERR_INIT;
	char path[4096];
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/%s", top ? top : ".", name);
	cr_assert_eq(io_read_file(AT_FDCWD, path, 1 << 20, text, &len), 0, "%s", path);
	cr_assert_eq(rt_bind_parse(doc, &rt_oci_schema, BIND_ID(oci_seccomp), path, *text, len,
				   NULL, &e),
		     0, "%s", e.text);
}

Test(seccomp, names_and_numbers)
{
	find_names();
	cr_assert_gt(n_names, 400);
	for (size_t i = 0; i < n_names; i++) {
		int id = rt_syscall_id(names[i]);

		cr_assert_geq(id, 0, "%s", names[i]);
		for (enum oci_seccomp_arch a = 1; a < OCI_SECCOMP_ARCH_MAX; a++) {
			const struct rt_syscall_arch *arch = rt_syscall_arch(a);
			int want = -1;
			uint16_t slot;

			if (!oracle_token(a)) {
				cr_assert_eq(arch->audit_arch, 0);
				continue;
			}
			cr_assert_eq(arch->audit_arch, audit_arch(a));
			want = seccomp_syscall_resolve_name_arch(oracle_token(a), names[i]);
			slot = rt_syscall_slot(arch, id);
			if (want >= 0)
				cr_assert_eq(rt_syscall_number(arch, slot), (uint32_t)want, "%s",
					     names[i]);
			else if (want < -300)
				cr_assert_eq(slot, RT_NO_SYSCALL, "%s", names[i]);
		}
	}
	cr_assert_lt(rt_syscall_id(""), 0);
	cr_assert_lt(rt_syscall_id("no_such_call"), 0);
	forget_names();
}

static void compare_on_every_machine(const char *profile)
{
	_cleanup_free_ char *text = NULL;
	struct bind_doc doc = {0};

	engines_profile(profile, &doc, &text);
	random_state = 1;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct oci_seccomp s = *(const struct oci_seccomp *)doc.root;
		_cleanup_arena_ struct arena a = {0};
		struct trial t;

		s.architectures.v = families[i].archs;
		s.architectures.n = families[i].n;
		cr_assert(begin(&t, &a, &s, families[i].archs[0], true));
		cr_assert_lt(t.ours.n, t.theirs.n);
		cr_assert_eq(t.ours.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
		cr_assert_eq(t.ours.n_unknown, 0, "%s", t.ours.unknown[0]);
		for (enum oci_seccomp_arch arch = 1; arch < OCI_SECCOMP_ARCH_MAX; arch++) {
			if (!oracle_token(arch))
				continue;
			compare_numbers(&t, arch);
			if (!t.dropped[arch])
				compare_arguments(&t, arch, 2000);
		}
	}
	rt_bind_free(&doc);
}

Test(seccomp, engines_profiles_on_every_machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		compare_on_every_machine(profiles[i]);
}

/* Rules without args, allow lists and deny lists: against libseccomp, every number. */
Test(seccomp, random_lists)
{
	int refused = 0;

	find_names();
	for (int round = 0; round < 240; round++) {
		const struct family *f = &families[(size_t)round % ARRAY_SIZE(families)];
		_cleanup_arena_ struct arena a = {0};
		struct oci_seccomp s = random_profile(&a, f->archs, f->n, names, n_names,
						      1 + random_below(6), NO_ARGS);
		struct trial t;

		/* one call of socketcall with two actions */
		if (!begin(&t, &a, &s, f->archs[0], true)) {
			refused++;
			continue;
		}
		for (size_t i = 0; i < f->n; i++)
			compare_numbers(&t, f->archs[i]);
	}
	cr_assert_lt(refused, 80, "%d", refused);
	forget_names();
}

/* One rule of any shape for a name: against libseccomp. */
Test(seccomp, random_conditions)
{
	find_names();
	for (int round = 0; round < 3000; round++) {
		const struct family *f = &families[(size_t)round % ARRAY_SIZE(families)];
		const char *name = names[random_below((uint32_t)n_names)];
		_cleanup_arena_ struct arena a = {0};
		struct oci_seccomp s = random_profile(&a, f->archs, f->n, &name, 1, 1, ANY_ARGS);
		struct trial t;

		cr_assert(begin(&t, &a, &s, f->archs[0], true));
		for (size_t i = 0; i < f->n; i++)
			compare_arguments(&t, f->archs[i], 60);
	}
	forget_names();
}

/* Several rules of one condition each for a few names: against libseccomp. */
static void random_single_conditions(enum shape shape)
{
	int refused = 0;

	find_names();
	for (int round = 0; round < 2000; round++) {
		const struct family *f = &families[(size_t)round % ARRAY_SIZE(families)];
		const char *pool[2] = {names[random_below((uint32_t)n_names)],
				       names[random_below((uint32_t)n_names)]};
		_cleanup_arena_ struct arena a = {0};
		struct oci_seccomp s = random_profile(&a, f->archs, f->n, pool, 2,
						      1 + random_below(6), shape);
		struct trial t;

		if (!begin(&t, &a, &s, f->archs[0], true)) {
			refused++;
			continue;
		}
		for (size_t i = 0; i < f->n; i++)
			compare_arguments(&t, f->archs[i], 20);
	}
	cr_assert_lt(refused, 500, "%d", refused);
	forget_names();
}

Test(seccomp, random_equalities)
{
	random_single_conditions(ONE_EQUALITY);
}

Test(seccomp, random_masks)
{
	random_single_conditions(ONE_MASK);
}

/* Anything, against the model. */
Test(seccomp, random_rules_by_model)
{
	find_names();
	for (int round = 0; round < 1500; round++) {
		const struct family *f = &families[(size_t)round % ARRAY_SIZE(families)];
		const char *pool[4];
		_cleanup_arena_ struct arena a = {0};
		struct oci_seccomp s;
		struct trial t;

		for (size_t i = 0; i < ARRAY_SIZE(pool); i++)
			pool[i] = names[random_below((uint32_t)n_names)];
		s = random_profile(&a, f->archs, f->n, pool, ARRAY_SIZE(pool), 1 + random_below(8),
				   ANY_ARGS);
		cr_assert(begin(&t, &a, &s, f->archs[0], false));
		for (size_t i = 0; i < f->n; i++)
			compare_arguments(&t, f->archs[i], 10);
	}
	forget_names();
}

/* What the tests above compare, said once by hand. */
Test(seccomp, meaning)
{
	static const char *const socket_names[] = {"socket", "no_such_call"};
	static const char *const open_names[] = {"openat", "close"};
	static const char *const clone_names[] = {"clone"};
	/* two conditions on one argument: either is enough, and so is the third */
	static const struct oci_seccomp_arg either[] = {
		{.index = 0, .op = OCI_SECCOMP_OP_EQ, .value = AF_UNIX},
		{.index = 0, .op = OCI_SECCOMP_OP_EQ, .value = AF_INET},
		{.index = 2, .op = OCI_SECCOMP_OP_EQ, .value = 7},
	};
	/* none of the bits of the mask `value`: how engines forbid new namespaces */
	static const struct oci_seccomp_arg no_namespaces[] = {
		{.index = 0, .op = OCI_SECCOMP_OP_MASKED_EQ, .value = 0x7e020000},
	};
	static const struct oci_seccomp_rule rules[] = {
		{.names = {2, socket_names},
		 .action = OCI_SECCOMP_ACTION_ALLOW,
		 .args = {3, either}},
		{.names = {2, open_names}, .action = OCI_SECCOMP_ACTION_LOG},
		{.names = {2, open_names}, .action = OCI_SECCOMP_ACTION_ALLOW},
		{.names = {1, clone_names},
		 .action = OCI_SECCOMP_ACTION_ALLOW,
		 .args = {1, no_namespaces}},
	};
	static const enum oci_seccomp_flag no_flags[] = {OCI_SECCOMP_FLAG_LOG,
							 OCI_SECCOMP_FLAG_TSYNC};
	const struct oci_seccomp s = {
		.default_action = OCI_SECCOMP_ACTION_ERRNO,
		.has = {.default_errno_ret = true, .flags = true},
		.default_errno_ret = 13,
		.flags = {2, no_flags},
		.syscalls = {ARRAY_SIZE(rules), rules},
	};
	static const struct {
		struct seccomp_data d;
		uint32_t answer;
	} cases[] = {
		{{41, 0, 0, {AF_UNIX, 0, 0}}, SECCOMP_RET_ALLOW},
		{{41, 0, 0, {AF_INET, 0, 0}}, SECCOMP_RET_ALLOW},
		{{41, 0, 0, {99, 0, 7}}, SECCOMP_RET_ALLOW},
		{{41, 0, 0, {99, 0, 8}}, SECCOMP_RET_ERRNO | 13},
		{{41, 0, 0, {UINT64_C(0x100000001), 0, 0}}, SECCOMP_RET_ERRNO | 13},
		{{257, 0, 0, {0}}, SECCOMP_RET_LOG}, /* the first of two */
		{{3, 0, 0, {0}}, SECCOMP_RET_LOG},
		{{56, 0, 0, {CLONE_VM | CLONE_VFORK}}, SECCOMP_RET_ALLOW},
		{{56, 0, 0, {CLONE_VM | CLONE_NEWUSER}}, SECCOMP_RET_ERRNO | 13},
		{{0, 0, 0, {0}}, SECCOMP_RET_ERRNO | 13},
		{{258, 0, 0, {0}}, ENOSYS_ANSWER}, /* newer than openat */
		{{-1, 0, 0, {0}}, SECCOMP_RET_ERRNO | 13},
		{{(int)X32_BIT, 0, 0, {0}}, SECCOMP_RET_KILL_THREAD},
	};
	_cleanup_arena_ struct arena a = {0};
	struct err e = ERR_INIT;
	struct rt_seccomp f;

	cr_assert_eq(rt_seccomp_compile_for(&a, &s, OCI_SECCOMP_ARCH_X86_64, &f, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seccomp_data d = cases[i].d;

		d.arch = AUDIT_ARCH_X86_64;
		cr_expect_eq(oracle_run(f.insns, f.n, &d, false), cases[i].answer, "case %zu", i);
		d.arch = AUDIT_ARCH_I386;
		cr_expect_eq(oracle_run(f.insns, f.n, &d, false), SECCOMP_RET_KILL_THREAD);
	}
	cr_expect_eq(f.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC);
	cr_expect(!f.notify);
	cr_expect_eq(f.n_unknown, 1);
	cr_expect_str_eq(f.unknown[0], "no_such_call");
}

/* SCMP_ACT_NOTIFY takes a listener, and beside TSYNC a flag that only this kernel's filters know. */
Test(seccomp, notify)
{
	static const char *const calls[] = {"mkdir"};
	static const enum oci_seccomp_flag flags[] = {OCI_SECCOMP_FLAG_TSYNC};
	const struct oci_seccomp_rule rule = {.names = {ARRAY_SIZE(calls), calls},
					      .action = OCI_SECCOMP_ACTION_NOTIFY};
	struct oci_seccomp s = {.default_action = OCI_SECCOMP_ACTION_ALLOW, .syscalls = {1, &rule}};
	_cleanup_arena_ struct arena a = {0};
	struct seccomp_data d = {.nr = 83, .arch = AUDIT_ARCH_X86_64};
	struct err e = ERR_INIT;
	struct rt_seccomp f;

	cr_assert_eq(rt_seccomp_compile_for(&a, &s, OCI_SECCOMP_ARCH_X86_64, &f, &e), 0);
	cr_expect(f.notify);
	cr_expect_eq(f.flags, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	cr_expect_eq(oracle_run(f.insns, f.n, &d, false), SECCOMP_RET_USER_NOTIF);
	s.flags.n = 1;
	s.flags.v = flags;
	s.has.flags = true;
	cr_assert_eq(rt_seccomp_compile_for(&a, &s, OCI_SECCOMP_ARCH_X86_64, &f, &e), 0);
	cr_expect_eq(f.flags, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
				      SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
	cr_assert_eq(rt_seccomp_probe_flags(f.flags, &e), 0, "%s", e.text);
}

/* A filter from elsewhere: base64, then what the kernel checks. */
Test(seccomp, raw)
{
	static const struct {
		const char *text;
		uint32_t n; /* 0: refused */
	} cases[] = {
		{"BgAAAAAA/38=", 1}, /* RET ALLOW */
		{"BgAAAAAA/38", 1},
		{"IAAAAAAAAAAVAAABUAAAAAYAAAAcAAUABgAAAAAA/38=", 4},
		{"IAAAAAAAAAA=", 0},                             /* does not end with RET */
		{"IAAAAAEAAAAGAAAAAAD/fw==", 0},                 /* LD at offset 1 */
		{"IAAAAEAAAAAGAAAAAAD/fw==", 0},                 /* LD behind the data */
		{"FQAAAQAAAAAGAAAAAAD/fw==", 0},                 /* JEQ beyond the end */
		{"BQAAAAEAAAAGAAAAAAD/fw==", 0},                 /* JA beyond the end */
		{"NAAAAAAAAAAGAAAAAAD/fw==", 0},                 /* DIV by 0 */
		{"YQAAABAAAAAGAAAAAAD/fw==", 0},                 /* memory word 16 */
		{"KAAAAAAAAAAGAAAAAAD/fw==", 0},                 /* LD of half a word */
		{"", 0},
		{"A", 0},
		{"AAAA", 0},
		{"BgAAAAAA/38===", 0},
		{"BgAA AAAA/38=", 0},
		{"BgAAAAAA=/38=", 0},
	};
	struct oci_seccomp doc = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena a = {0};
		struct err e = ERR_INIT;
		struct rt_seccomp f;
		int r = rt_seccomp_raw(&a, cases[i].text, i % 2 ? &doc : NULL, &f, &e);

		cr_assert_eq(r, cases[i].n ? 0 : -EINVAL, "%s: %s", cases[i].text, e.text);
		if (r == 0)
			cr_expect(f.n == cases[i].n && !f.notify &&
				  f.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	}
}

/* A list of rules that is longer than a conditional jump reaches, and one that is too long. */
Test(seccomp, sizes)
{
	static const char *const ioctl_name[] = {"ioctl"};
	static struct oci_seccomp_arg args[3000];
	static struct oci_seccomp_rule rules[3000];
	struct oci_seccomp s = {.default_action = OCI_SECCOMP_ACTION_KILL_PROCESS};
	_cleanup_arena_ struct arena a = {0};
	struct err e = ERR_INIT;
	struct rt_seccomp f;
	struct seccomp_data d = {.nr = 16, .arch = AUDIT_ARCH_X86_64};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		args[i].index = 1;
		args[i].value = i * 7919 % ARRAY_SIZE(args);
		args[i].op = OCI_SECCOMP_OP_EQ;
		rules[i].names.v = ioctl_name;
		rules[i].names.n = 1;
		rules[i].action = i % 2 ? OCI_SECCOMP_ACTION_ALLOW : OCI_SECCOMP_ACTION_LOG;
		rules[i].args.v = &args[i];
		rules[i].args.n = 1;
	}
	s.syscalls.v = rules;
	s.syscalls.n = 900;
	cr_assert_eq(rt_seccomp_compile_for(&a, &s, OCI_SECCOMP_ARCH_X86_64, &f, &e), 0, "%s",
		     e.text);
	cr_assert_gt(f.n, 2000);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		uint32_t want = i >= 900 ? SECCOMP_RET_KILL_PROCESS
				: i % 2  ? SECCOMP_RET_ALLOW
					 : SECCOMP_RET_LOG;

		d.args[1] = args[i].value;
		cr_assert_eq(oracle_run(f.insns, f.n, &d, false), want, "rule %zu", i);
	}
	s.syscalls.n = ARRAY_SIZE(rules);
	cr_assert_eq(rt_seccomp_compile_for(&a, &s, OCI_SECCOMP_ARCH_X86_64, &f, &e), -E2BIG);
	cr_assert_str_eq(e.field, "linux.seccomp");
}

Test(seccomp, unknown_architecture)
{
	/* what an architecture that is not in the tables looks like, whichever those are */
	static const enum oci_seccomp_arch archs[] = {OCI_SECCOMP_ARCH_AARCH64,
						      OCI_SECCOMP_ARCH_ABSENT};
	struct oci_seccomp s = {.default_action = OCI_SECCOMP_ACTION_ALLOW,
				.architectures = {2, archs}};
	_cleanup_arena_ struct arena a = {0};
	struct err e = ERR_INIT;
	struct rt_seccomp f;

	cr_assert_eq(rt_seccomp_compile(&a, &s, &f, &e), -ENOTSUP);
	cr_assert_eq(e.code, RT_E_UNSUPPORTED);
	cr_assert_str_eq(e.field, "linux.seccomp.architectures[1]");
}

Test(seccomp, flags_of_the_kernel)
{
	struct err e = ERR_INIT;

	cr_assert_eq(rt_seccomp_probe_flags(SECCOMP_FILTER_FLAG_SPEC_ALLOW, &e), 0, "%s", e.text);
	cr_assert_eq(rt_seccomp_probe_flags(1u << 31, &e), -ENOTSUP);
	cr_assert_str_eq(e.field, "linux.seccomp.flags");
}

/* In a process of its own, the filter loaded: 0, or the number of the check that failed. */
static int live_under(const struct rt_seccomp *f)
{
	struct sock_fprog program = {(unsigned short)f->n, (struct sock_filter *)f->insns};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, f->flags, &program) < 0)
		return 2;
	if (syscall(SYS_getppid) <= 0)
		return 3;
	if (personality(0xffffffff) < 0)
		return 4;
	if (personality(ADDR_NO_RANDOMIZE) >= 0 || errno != EPERM)
		return 5;
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return 6;
	if (syscall(1000) >= 0 || errno != ENOSYS)
		return 7;
	if (socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 || errno != EPERM)
		return 8;
	if (syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 9;
	return 0;
}

Test(seccomp, the_kernel_takes_it)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_arena_ struct arena a = {0};
	struct bind_doc doc = {0};
	struct err e = ERR_INIT;
	struct rt_seccomp f;
	int status;
	pid_t pid;

	engines_profile(profiles[0], &doc, &text);
	cr_assert_eq(rt_seccomp_compile(&a, doc.root, &f, &e), 0, "%s", e.text);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0)
		_exit(live_under(&f));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status 0x%x", (unsigned)status);
	rt_bind_free(&doc);
}
