/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup: device rules. What a program decides, by an interpreter, against the rules read one
 * by one; and what the kernel makes of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "cgroup/pins.h"
#include "test.h"

enum { CHAR = BPF_DEVCG_DEV_CHAR, BLOCK = BPF_DEVCG_DEV_BLOCK };
enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE };

#define NONE UINT32_MAX /* a major or minor that the rule does not have */

/* ---- the program ---- */

struct program {
	const struct bpf_insn *insns; /* NULL: everything is allowed */
	uint32_t n;
};

static bool jumps(const struct bpf_insn *i, uint32_t dst)
{
	switch (i->code) {
	case BPF_JMP | BPF_JA:
		return true;
	case BPF_JMP32 | BPF_JEQ | BPF_K:
		return dst == (uint32_t)i->imm;
	case BPF_JMP32 | BPF_JGE | BPF_K:
		return dst >= (uint32_t)i->imm;
	case BPF_JMP | BPF_JSET | BPF_K:
		return dst & (uint32_t)i->imm;
	default:
		cr_assert_fail("instruction with code 0x%x", i->code);
		return false;
	}
}

/* Does the program allow the access? */
static bool run(const struct program *p, uint32_t type, uint32_t access, uint32_t major,
		uint32_t minor)
{
	struct bpf_cgroup_dev_ctx ctx = {access << 16 | type, major, minor};
	uint64_t reg[BPF_REG_10] = {0};

	for (uint32_t pc = 0; p->insns && pc < p->n; pc++) {
		const struct bpf_insn *i = &p->insns[pc];
		uint64_t *dst = &reg[i->dst_reg];

		if (i->code == (BPF_LDX | BPF_W | BPF_MEM))
			memcpy(dst, (char *)&ctx + i->off, 4);
		else if (i->code == (BPF_ALU | BPF_MOV | BPF_X))
			*dst = (uint32_t)reg[i->src_reg];
		else if (i->code == (BPF_ALU64 | BPF_MOV | BPF_K))
			*dst = (uint64_t)(int64_t)i->imm;
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			*dst = (uint32_t)*dst & (uint32_t)i->imm;
		else if (i->code == (BPF_ALU | BPF_RSH | BPF_K))
			*dst = (uint32_t)*dst >> i->imm;
		else if (i->code == (BPF_JMP | BPF_EXIT))
			return reg[0];
		else if (jumps(i, (uint32_t)*dst))
			pc += (uint32_t)i->off;
	}
	cr_assert_null(p->insns, "the program runs over its end");
	return true;
}

static struct program compile(struct arena *a, const struct oci_device_rule *rules, size_t n)
{
	const struct oci_device_rule_array array = {n, rules};
	struct err e = ERR_INIT;
	struct program p;
	const void *code;
	uint32_t len;

	cr_assert_eq(rt_devices_compile(a, &array, &code, &len, &e), 0, "%s", e.text);
	p.insns = code;
	p.n = len / (uint32_t)sizeof(struct bpf_insn);
	return p;
}

/* ---- rules ---- */

static struct oci_device_rule rule(bool allow, enum oci_device_rule_type type, uint32_t major,
				   uint32_t minor, const char *access)
{
	struct oci_device_rule r = {.allow = allow, .type = type, .access = access};

	r.has.major = major != NONE;
	r.major = r.has.major ? major : 0;
	r.has.minor = minor != NONE;
	r.minor = r.has.minor ? minor : 0;
	return r;
}

/* The last rule that speaks of this one kind of access has the say. */
static bool model_one(const struct oci_device_rule *rules, size_t n, uint32_t type, uint32_t access,
		      uint32_t major, uint32_t minor)
{
	static const struct {
		uint32_t major, minor;
	} always[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}, {10, 200}};

	if (access == M || (type == CHAR && major == 136))
		return true;
	for (size_t i = 0; type == CHAR && i < ARRAY_SIZE(always); i++)
		if (always[i].major == major && always[i].minor == minor)
			return true;
	while (n-- > 0) {
		const struct oci_device_rule *r = &rules[n];
		char letter = access == R ? 'r' : 'w';

		if (r->type == OCI_DEVICE_RULE_CHAR && type != CHAR)
			continue;
		if (r->type == OCI_DEVICE_RULE_BLOCK && type != BLOCK)
			continue;
		if ((r->has.major && r->major != -1 && r->major != major) ||
		    (r->has.minor && r->minor != -1 && r->minor != minor))
			continue;
		if (!r->access || strchr(r->access, letter))
			return r->allow;
	}
	return false;
}

static bool model(const struct oci_device_rule *rules, size_t n, uint32_t type, uint32_t access,
		  uint32_t major, uint32_t minor)
{
	for (uint32_t bit = M; bit <= W; bit <<= 1)
		if (access & bit && !model_one(rules, n, type, bit, major, minor))
			return false;
	return true;
}

static void compare(const struct program *p, const struct oci_device_rule *rules, size_t n,
		    uint32_t major, uint32_t minor)
{
	for (uint32_t type = BLOCK; type <= CHAR; type++)
		for (uint32_t access = 0; access <= (M | R | W); access++)
			cr_assert_eq(run(p, type, access, major, minor),
				     model(rules, n, type, access, major, minor),
				     "type %u, access %u, %u:%u", type, access, major, minor);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

static uint32_t random_number(void)
{
	static const uint32_t numbers[] = {0, 1, 2, 3, 5, 9, 10, 136, 200, 4095, UINT32_MAX - 1};

	return random_below(4) ? numbers[random_below(ARRAY_SIZE(numbers))] : random_below(20);
}

Test(devices, random_rules)
{
	static const char *const accesses[] = {"rwm", "r", "w", "m", "rw", "wm", NULL};
	struct oci_device_rule rules[24];

	random_state = 1;
	for (int round = 0; round < 400; round++) {
		_cleanup_arena_ struct arena a = {0};
		size_t n = random_below(ARRAY_SIZE(rules));
		struct program p;

		for (size_t i = 0; i < n; i++) {
			rules[i] = rule(random_below(2), random_below(OCI_DEVICE_RULE_MAX),
					random_below(3) ? random_number() : NONE,
					random_below(3) ? random_number() : NONE,
					accesses[random_below(ARRAY_SIZE(accesses))]);
			if (random_below(10) == 0)
				rules[i].major = -1;
		}
		p = compile(&a, rules, n);
		for (int i = 0; i < 300; i++)
			compare(&p, rules, n, random_number() + random_below(2),
				random_number() + random_below(2));
	}
}

/* What containers are usually given, and the size of it. */
Test(devices, usual_rules)
{
	const struct oci_device_rule deny = rule(false, 0, NONE, NONE, "rwm");
	const struct oci_device_rule allow = rule(true, OCI_DEVICE_RULE_ALL, NONE, NONE, "rwm");
	const struct oci_device_rule disk = rule(true, OCI_DEVICE_RULE_BLOCK, 8, 0, "r");
	struct oci_device_rule rules[3];
	_cleanup_arena_ struct arena a = {0};
	struct program none = compile(&a, NULL, 0), p;

	p = compile(&a, &deny, 1);
	cr_assert_eq(p.n, none.n);
	cr_assert_eq(memcmp(p.insns, none.insns, p.n * sizeof(*p.insns)), 0);
	cr_assert_leq(p.n, 48, "%u", p.n);
	cr_assert(run(&p, CHAR, R | W, 1, 3));
	cr_assert(!run(&p, CHAR, R, 1, 11));
	cr_assert(run(&p, BLOCK, M, 8, 0));
	cr_assert(!run(&p, BLOCK, R, 8, 0));

	/* everything, in the end: there is nothing to load */
	rules[0] = deny;
	rules[1] = disk;
	rules[2] = allow;
	cr_assert_null(compile(&a, rules, 3).insns);
	rules[1] = allow;
	rules[2] = disk;
	cr_assert_null(compile(&a, rules, 3).insns);

	rules[0] = deny;
	rules[1] = disk;
	p = compile(&a, rules, 2);
	cr_assert(run(&p, BLOCK, R, 8, 0));
	cr_assert(!run(&p, BLOCK, R | W, 8, 0));
	cr_assert(!run(&p, BLOCK, R, 8, 1));
}

/* 500 rules that come to one range cost nothing; and too many are refused. */
Test(devices, many_rules)
{
	static struct oci_device_rule rules[20000];
	struct oci_device_rule_array array = {ARRAY_SIZE(rules), rules};
	_cleanup_arena_ struct arena a = {0};
	uint32_t usual = compile(&a, NULL, 0).n, len;
	struct err e = ERR_INIT;
	const void *code;
	struct program p;

	for (uint32_t i = 0; i < 500; i++)
		rules[i] = rule(true, OCI_DEVICE_RULE_BLOCK, 8, i, "rw");
	p = compile(&a, rules, 500);
	cr_assert_leq(p.n, usual + 8, "%u", p.n);
	for (uint32_t i = 0; i < 502; i++)
		compare(&p, rules, 500, 8, i);

	for (uint32_t i = 0; i < 500; i++)
		rules[i] = rule(true, OCI_DEVICE_RULE_CHAR, 2 * i, 2 * i, "rw");
	p = compile(&a, rules, 500);
	for (uint32_t i = 0; i < 1002; i++)
		compare(&p, rules, 500, i, i);

	for (uint32_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i] = rule(true, OCI_DEVICE_RULE_BLOCK, 8, 2 * i, "rw");
	cr_assert_eq(rt_devices_compile(&a, &array, &code, &len, &e), -E2BIG);
	cr_assert_str_eq(e.field, "linux.resources.devices");
}

/* ---- the kernel ---- */

/* The cgroup2 tree, if programs can be attached to cgroups of our own there. */
static const char *tree(void)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct statfs st;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (geteuid() == 0 && statfs(roots[i], &st) == 0 &&
		    st.f_type == CGROUP2_SUPER_MAGIC && access(roots[i], W_OK) == 0)
			return roots[i];
	return NULL;
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* In a process in the cgroup: 0, or the number of the check that failed. */
static int live_in(int cgroup, bool kmsg)
{
	char node[] = "/tmp/rt-unit-device.XXXXXX";
	bool opened;

	if (io_write_small(cgroup, "cgroup.procs", "0") < 0)
		return 1;
	if (!opens("/dev/null", O_RDWR) || !opens("/dev/urandom", O_RDONLY))
		return 2;
	close(mkostemp(node, O_CLOEXEC));
	unlink(node);
	if (mknod(node, S_IFCHR | 0600, makedev(1, 11)) < 0)
		return 3;
	opened = opens(node, O_RDONLY);
	unlink(node);
	if (opened != kmsg)
		return 4;
	return kmsg || errno == EPERM ? 0 : 5;
}

static int live(int cgroup, bool kmsg)
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0)
		_exit(live_in(cgroup, kmsg));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256;
}

/* A cgroup of this test process: its path, and a descriptor. */
static int make_cgroup(const char *root, const char *name, char path[64])
{
	struct err e = ERR_INIT;
	int fd = -1;

	snprintf(path, 64, "/rt-unit-%s-%d", name, (int)getpid());
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &fd, &e), 0, "%s", e.text);
	return fd;
}

static void remove_cgroup(const char *root, const char *path, int fd)
{
	struct err e = ERR_INIT;

	close(fd);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0, "%s", e.text);
}

static void attach(int cgroup, struct program p)
{
	struct err e = ERR_INIT;

	cr_expect_eq(rt_cgroup_attach_devices(cgroup, p.insns, p.n * 8, &e), 0, "%s (%s)", e.text,
		     e.hint);
}

Test(devices, in_force)
{
	const struct oci_device_rule kmsg = rule(true, OCI_DEVICE_RULE_CHAR, 1, 11, "rw");
	const char *root = tree();
	_cleanup_arena_ struct arena a = {0};
	struct program denied = compile(&a, NULL, 0), allowed = compile(&a, &kmsg, 1);
	struct err e = ERR_INIT;
	char path[64];
	int fd;

	if (!root)
		test_skip("no cgroup2 tree, or not root");
	fd = make_cgroup(root, "devices", path);
	attach(fd, denied);
	cr_expect_eq(live(fd, false), 0);
	/* in its place, not beside it */
	attach(fd, allowed);
	cr_expect_eq(live(fd, true), 0);
	attach(fd, denied);
	cr_expect_eq(live(fd, false), 0);
	cr_expect_eq(rt_cgroup_attach_devices(fd, NULL, 0, &e), 0, "%s", e.text);
	cr_expect_eq(live(fd, true), 0);
	remove_cgroup(root, path, fd);
}

/* Programs of all sizes pass the verifier; what does not is explained. */
Test(devices, verified)
{
	static struct oci_device_rule rules[500];
	static const size_t sizes[] = {0, 1, 3, 20, 100, ARRAY_SIZE(rules)};
	const struct bpf_insn broken = {.code = BPF_JMP | BPF_EXIT};
	const char *root = tree();
	struct err e = ERR_INIT;
	char path[64];
	int fd;

	if (!root)
		test_skip("no cgroup2 tree, or not root");
	random_state = 7;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i] = rule(random_below(2), random_below(OCI_DEVICE_RULE_MAX),
				random_below(100) ? random_below(300) : NONE,
				random_below(20) ? random_below(300) : NONE,
				random_below(2) ? "rw" : "w");
	fd = make_cgroup(root, "verify", path);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_arena_ struct arena a = {0};
		struct program p = compile(&a, rules, sizes[i]);

		cr_expect_eq(rt_cgroup_attach_devices(fd, p.insns, p.n * 8, &e), 0, "%zu: %s (%s)",
			     sizes[i], e.text, e.hint);
	}
	cr_expect_eq(rt_cgroup_attach_devices(fd, &broken, sizeof(broken), &e), -EACCES);
	cr_expect(strstr(e.hint, "R0 !read_ok"), "%s", e.hint);
	remove_cgroup(root, path, fd);
}

/* The id of the one program that is attached to the cgroup. */
static uint32_t attached(int cgroup)
{
	struct rt_device_programs p = {0};
	struct err e = ERR_INIT;

	cr_assert_eq(rt_cgroup_device_programs(cgroup, &p, &e), 0, "%s", e.text);
	cr_expect_eq(p.n, 1);
	rt_cgroup_device_programs_close(&p);
	return p.id[0];
}

/* How many programs are kept; the path of one of them. */
static int kept(char one[64])
{
	DIR *d = opendir(RT_PINS);
	int n = 0;

	cr_assert(d);
	for (const struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(one, 64, RT_PINS "/%.40s", entry->d_name);
		n++;
	}
	closedir(d);
	return n;
}

/*
 * With the administrator's directory there, containers of equal rules share a program. One that has
 * its name and not its instructions is not taken, nor anything from a directory of others.
 */
Test(devices, kept_for_the_next)
{
	const struct oci_device_rule kmsg = rule(true, OCI_DEVICE_RULE_CHAR, 1, 11, "rw");
	const char *root = tree();
	_cleanup_arena_ struct arena a = {0};
	struct program denied = compile(&a, NULL, 0), allowed = compile(&a, &kmsg, 1);
	char paths[2][64], pin[64], other[64];
	uint32_t first;
	int fds[2];

	if (!root || access("/sys/fs/bpf", F_OK) < 0)
		test_skip("no cgroup2 tree, no /sys/fs/bpf, or not root");
	cr_assert_eq(unshare(CLONE_NEWNS), 0);
	cr_assert_eq(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL), 0);
	cr_assert_eq(mkdir(RT_PINS, 0700), 0);
	for (int i = 0; i < 2; i++) {
		fds[i] = make_cgroup(root, i == 0 ? "pins-0" : "pins-1", paths[i]);
		attach(fds[i], denied);
		cr_expect_eq(live(fds[i], false), 0);
	}
	first = attached(fds[0]);
	cr_expect_eq(attached(fds[1]), first);
	cr_expect_eq(kept(pin), 1);
	/* attached already */
	attach(fds[0], denied);
	cr_expect_eq(attached(fds[0]), first);
	/* a program that allows more, under the name of the one that is asked for */
	cr_assert_eq(unlink(pin), 0);
	attach(fds[0], allowed);
	cr_expect_eq(live(fds[0], true), 0);
	cr_assert_eq(kept(other), 1);
	cr_assert_eq(rename(other, pin), 0);
	attach(fds[0], denied);
	cr_expect_eq(live(fds[0], false), 0);
	/* a directory that others may write to */
	cr_assert_eq(unlink(pin), 0);
	cr_assert_eq(chmod(RT_PINS, 01777), 0);
	attach(fds[0], allowed);
	cr_expect_eq(kept(pin), 0);
	cr_assert_eq(chmod(RT_PINS, 0700), 0);
	/* one of each document that is ever seen would be too many */
	for (uint32_t i = 0; i < RT_PINS_MAX + 2; i++) {
		const struct oci_device_rule one = rule(true, OCI_DEVICE_RULE_CHAR, 1000 + i, 0, "rw");

		attach(fds[0], compile(&a, &one, 1));
	}
	cr_expect_eq(kept(pin), RT_PINS_MAX);
	for (int i = 0; i < 2; i++)
		remove_cgroup(root, paths[i], fds[i]);
}

static void on_signal(int number)
{
	(void)number;
}

/* A signal that comes while the verifier works makes it give up; of 300 loads that hits several. */
Test(devices, loaded_among_signals)
{
	const struct itimerval ticks = {{.tv_usec = 5000}, {.tv_usec = 5000}}, none = {{0}, {0}};
	struct sigaction ours = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
	struct oci_device_rule rules[20];
	_cleanup_arena_ struct arena a = {0};
	const char *root = tree();
	struct err e = ERR_INIT;
	struct program p;
	char path[64];
	int fd, failed = 0;

	if (!root)
		test_skip("no cgroup2 tree, or not root");
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i] = rule(i % 2, OCI_DEVICE_RULE_CHAR, (uint32_t)i * 2, NONE, "rw");
	p = compile(&a, rules, ARRAY_SIZE(rules));
	fd = make_cgroup(root, "signals", path);
	cr_assert_eq(sigaction(SIGALRM, &ours, &before), 0);
	cr_assert_eq(setitimer(ITIMER_REAL, &ticks, NULL), 0);
	for (int i = 0; i < 300; i++)
		failed += rt_cgroup_attach_devices(fd, p.insns, p.n * 8, &e) < 0;
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	cr_expect_eq(failed, 0, "%d: %s", failed, e.text);
	remove_cgroup(root, path, fd);
}
