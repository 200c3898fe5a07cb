/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt-init's plan as a whole against a fake kernel: the order of what is called, each call failing in
 * turn, and the channel.
 */
#include "init/fixture.h"

/* The place of the first such call among all. */
static long place(long nr)
{
	return first(nr) ? first(nr) - fake.calls : -1;
}

/* ---- a plan with every step ---- */

static void add_mounts(uint32_t root)
{
	struct op_rootfs *rootfs;
	struct op_mount_fs *fs;
	struct op_mount_bind *bind;
	struct op_mount_remount *remount;

	ADD(propagation)->propagation = MS_SLAVE | MS_REC;
	rootfs = ADD(rootfs);
	rootfs->root = root;
	rootfs->source = STR("/rootfs");
	rootfs->parent_private = true;
	fs = ADD(mount_fs);
	fs->root = root;
	fs->dest = STR("/tmp");
	fs->type = fs->source = STR("tmpfs");
	fs->options = words("size=1m", "huge");
	fs->sb_flags = MS_SYNCHRONOUS;
	fs->propagation = MS_SHARED;
	fs->flags = MOUNTF_MODE_FROM_DEST | MOUNTF_COPY_UP;
	bind = ADD(mount_bind);
	bind->root = root;
	bind->dest = STR("/data");
	bind->source = STR("/host/data");
	bind->attr_set = MOUNT_ATTR_RDONLY;
	bind->rec_set = MOUNT_ATTR_NODEV;
	remount = ADD(mount_remount);
	remount->root = root;
	remount->dest = STR("/tmp");
	remount->sb_mask = MS_RDONLY;
	remount->attr_set = MOUNT_ATTR_RDONLY;
}

static void add_dev(uint32_t root, uint32_t proc)
{
	struct op_device *device;
	struct op_symlink *link;
	struct op_mkdir *dir;
	struct op_console *console;
	struct op_sysctl *sysctl;
	uint32_t null = plan_slot(&b, "null"), empty = plan_slot(&b, "empty");

	ADD(procfs)->slot = proc;
	device = ADD(device);
	device->root = root;
	device->dest = STR("/dev/fuse");
	device->mode = S_IFCHR | 0666;
	device->uid = 5;
	device->gid = NO_ID;
	link = ADD(symlink);
	link->root = root;
	link->dest = STR("/dev/fd");
	link->target = STR("/proc/self/fd");
	dir = ADD(mkdir);
	dir->root = root;
	dir->dest = STR("/work");
	console = ADD(console);
	console->root = root;
	console->rows = 24;
	console->bind_console = true;
	console->uid = 5;
	sysctl = ADD(sysctl);
	sysctl->proc = proc;
	sysctl->file = STR("net/ipv4/ip_forward");
	sysctl->value = STR("1");
	for (int i = 0; i < 2; i++) {
		struct op_mask *mask = ADD(mask);

		mask->root = root;
		mask->dest = STR(i ? "/proc/scsi" : "/proc/acpi");
		mask->null = null;
		mask->empty = empty;
	}
	ADD(readonly)->root = root;
}

static void add_identity(void)
{
	static const uint32_t groups[] = {4, 5};
	struct op_identity *id;
	struct op_capabilities *caps;
	struct op_rlimit_raise *raise;

	ADD(keyring);
	raise = ADD(rlimit_raise);
	raise->resource = 7;
	raise->hard = 1000;
	ADD(home)->uid = 5;
	ADD(cwd)->path = STR("/work");
	ADD(bounding)->keep = 0xff;
	id = ADD(identity);
	id->uid = id->gid = 5;
	id->groups = plan_blob(&b, groups, sizeof(groups), 4);
	id->own_stdio = true;
	caps = ADD(capabilities);
	caps->permitted = caps->effective = caps->inheritable = 0xff;
	caps->ambient = 1;
	ADD(no_new_privs);
	ADD(umask)->mask = 022;
}

static void add_end(uint32_t listener)
{
	static const uint64_t filter[2];
	struct op_program *program = ADD(program);
	struct op_rlimit *limit;
	struct op_container_hook *hook;
	struct op_exec *exec;

	program->name = STR("true");
	program->candidates = words("/bin/true", NULL);
	ADD(ready);
	ADD(gate)->listener = listener;
	hook = ADD(container_hook);
	hook->path = STR("/bin/hook");
	hook->args = words("hook", "arg");
	hook->env = words("A=b", NULL);
	hook->timeout_sec = 5;
	hook->state_head = STR("{\"pid\":");
	hook->state_tail = STR("}");
	limit = ADD(rlimit);
	limit->resource = 7;
	limit->soft = 10;
	limit->hard = 1000;
	ADD(close_fds);
	ADD(seccomp)->program = plan_blob(&b, filter, sizeof(filter), 8);
	exec = ADD(exec);
	exec->args = words("true", NULL);
	exec->env = plan_strv_new(&b, 1);
	plan_strv_set(&b, exec->env, 0, plan_home(&b));
}

static void add_namespaces(uint32_t user)
{
	uint32_t offsets = plan_slot(&b, "offsets");
	struct op_time_namespace *time;
	struct op_join *join;

	ADD(await_cgroup)->slot = plan_slot(&b, "cgroup");
	ADD(offsets_file)->slot = offsets;
	join = ADD(join);
	join->slot = user;
	join->namespaces = CLONE_NEWUSER;
	ADD(setsid);
	ADD(become_root);
	ADD(unshare)->namespaces = CLONE_NEWCGROUP;
	time = ADD(time_namespace);
	time->offsets = STR("monotonic 1 0\n");
	time->file = offsets;
	time->enter = true;
	ADD(loopback);
	ADD(hostname)->name = STR("box");
	ADD(domainname)->name = STR("example.org");
	ADD(await_runtime);
}

static void everything(void)
{
	uint32_t user, root, proc, listener;

	begin();
	fake.status = "Name:\trt-init\nSigIgn:\t8000000000001000\nSigCgt:\t1\n";
	fake.passwd = "user:x:5:5::/home/user:/bin/sh\n";
	fake.answers[0] = RT_MSG_CGROUP;
	fake.answers[1] = RT_MSG_GO_ON;
	fake.answers[2] = RT_MSG_GATE;
	fake.answers[3] = RT_MSG_START;
	fake.nanswers = 4;
	user = plan_slot(&b, "user");
	root = plan_slot(&b, "root");
	proc = plan_slot(&b, "proc");
	listener = plan_slot(&b, "gate");
	add_namespaces(user);
	add_mounts(root);
	add_dev(root, proc);
	ADD(pivot)->root = root;
	((struct op_pivot *)(void *)(b.steps + b.steps_len - sizeof(struct op_pivot)))->slave_old =
		true;
	ADD(root_attr)->attr_set = MOUNT_ATTR_RDONLY;
	add_identity();
	add_end(listener);
	finish();
	memset(&in, 0, sizeof(in)); /* init_main sets it up */
}

static void run_everything(void)
{
	if (!FAKE_RUN(fake.exit_status = init_main(&in, FAKE_PLAN_FD)))
		fake.exited = true; /* as init_start does it */
	cr_assert_lt(fake.ncalls, FAKE_CALLS);
}

Test(init, every_step, .fini = end)
{
	everything();
	run_everything();
	cr_assert(fake.executed, "step %u, why %u", in.step, in.why);
	cr_assert_eq(fake.nsent, 4);
	cr_expect_eq(fake.sent[0].type, RT_MSG_HOOKS);
	cr_expect_eq(fake.sent[1].type, RT_MSG_CONSOLE);
	cr_expect_eq(fake.sent[2].type, RT_MSG_READY);
	cr_expect_eq(fake.sent[3].type, RT_MSG_EXEC);
	/* 13 and 64 are ignored; the mask is emptied whatever it was. */
	cr_expect_eq(fake_count(__NR_rt_sigaction), 2);
	cr_expect_eq(first(__NR_rt_sigaction)->args[0], 13);
	cr_expect_eq(fake_count(__NR_rt_sigprocmask), 1);
	/* The program's umask is set before the filter, which may forbid it. */
	cr_expect_lt(fake_call(__NR_umask, 2) - fake.calls, place(__NR_seccomp));
	cr_expect_eq(fake_call(__NR_umask, 2)->args[0], 022);
	cr_expect_str_eq(first(__NR_execve)->text, "/bin/true");
	cr_expect_str_eq(*(char **)first(__NR_execve)->args[2], "HOME=/home/user");
	cr_expect_eq(fake_count(__NR_clock_gettime), 0); /* unless it is asked for */
}

/* Each step of rt-init begins behind the end of the one before, whatever a filter allows afterwards. */
Test(init, times, .fini = end)
{
	const struct op_head *s;
	uint64_t last = 0;
	uint32_t i = 0;

	everything();
	plan.block->times = FAKE_TIMES_FD;
	cr_assert_leq(plan.block->nsteps, FAKE_STEPS);
	run_everything();
	cr_assert(fake.executed, "step %u, why %u", in.step, in.why);
	for (s = plan_first(&plan); s->op != OP_seccomp; s = plan_next(&plan, s), i++) {
		cr_expect_eq(fake.times[2 * i], ++last, "step %u", i);
		cr_expect_eq(fake.times[2 * i + 1], ++last, "step %u", i);
	}
	cr_expect_eq(fake.times[2 * i], last + 1);
	cr_expect_eq(fake.times[2 * i + 1], 0);
	cr_expect_eq(fake.times[2 * i + 2], 0);
	cr_expect_eq(fake_count(__NR_clock_gettime), last + 1);
}

/* The runtime's steps are for the runtime to time. */
Test(init, times_of_others, .fini = end)
{
	struct op_exec *exec;

	begin();
	b.stage = STAGE_HOSTPID;
	ADD(cgroup_enable);
	b.stage = STAGE_EXEC;
	exec = ADD(exec);
	exec->args = words("true", NULL);
	exec->env = words(NULL, NULL);
	finish();
	plan.block->times = FAKE_TIMES_FD;
	memset(&in, 0, sizeof(in));
	run_everything();
	cr_expect_eq(fake.times[0], 0);
	cr_expect_eq(fake.times[1], 0);
	cr_expect_eq(fake.times[2], 1);
}

/* ---- the kth call fails ---- */

/* Failures that are passed over on purpose, each for the reason that its code gives. */
static bool is_forgiven(const struct fake_call *c)
{
	switch (c->nr) {
	case __NR_prctl:
		/* Made dumpable, or not: the step that wants it fails by itself. */
		return (c->args[0] == PR_SET_DUMPABLE && c->args[1]) || c->args[0] == PR_SET_NAME;
	case __NR_close_range: /* of scratch; the step that closes before execve is not forgiven */
		return strcmp(op_desc(plan_step(&plan, c->step)->op)->name, "close_fds") != 0;
	case __NR_close:
	case __NR_umask: /* these cannot fail */
	case __NR_getpid:
	case __NR_kill:
		return true;
	case __NR_rt_sigaction: /* of what cannot be ignored */
		return c->args[0] == SIGKILL || c->args[0] == SIGSTOP;
	case __NR_sched_setaffinity: /* of what the caller left; the step of its own is not forgiven */
		return plan_step(&plan, c->step)->op != OP_affinity;
	case __NR_openat: /* then all signals are taken for ignored */
		return strstr(c->text, "/proc/self/status");
	case __NR_openat2: /* then HOME is "/" */
		return strstr(c->text, "/etc/passwd");
	case __NR_read:
		return true; /* of the status, passwd, and the hook's pipes: at its end anyway */
	case __NR_ppoll:     /* a client of the gate that is not understood is forgotten */
	case __NR_recvfrom:
		return plan_step(&plan, c->step)->op == OP_gate && c->args[0] != 40;
	case __NR_statx: /* of passwd, of stdio and of what stdio is */
		return c->args[0] <= 2 || plan_step(&plan, c->step)->op == OP_home;
	case __NR_fchownat:
		return plan_step(&plan, c->step)->op == OP_identity;
	default:
		return false;
	}
}

static const char *op_name_of(uint32_t step)
{
	return plan_step(&plan, step) ? op_desc(plan_step(&plan, step)->op)->name : "?";
}

/* What holds whatever fails: one report at most, of the right step, and never beside success. */
static void check_outcome(unsigned int k, int no)
{
	const struct fake_call *c = &fake.calls[k - 1];
	unsigned int errors = 0;

	for (unsigned int i = 0; i < fake.nsent; i++)
		errors += fake.sent[i].type == RT_MSG_ERROR;
	cr_assert_leq(errors, 1, "call %u (%ld, \"%s\"), errno %d", k, c->nr, c->text, no);
	cr_assert(fake.executed != fake.exited);
	if (fake.executed) {
		cr_assert_eq(errors, 0);
		return;
	}
	cr_assert_neq(fake.exit_status, 0);
	if (errors)
		cr_assert_eq(fake.sent[fake.nsent - 1].error.step, c->step,
			     "call %u (%ld, \"%s\") of %s, errno %d: reported is %s", k, c->nr,
			     c->text, op_name_of(c->step), no,
			     op_name_of(fake.sent[fake.nsent - 1].error.step));
}

Test(init, each_call_fails_once, .fini = end)
{
	unsigned int n;

	everything();
	run_everything();
	n = fake.ncalls - 1; /* the last is execve */
	cr_assert_gt(n, 200);
	for (unsigned int k = 1; k <= n; k++) {
		const struct fake_call *c = &fake.calls[k - 1];

		everything();
		fake.fail_at = k;
		fake.fail_with = EIO;
		run_everything();
		check_outcome(k, EIO);
		if (fake.executed) {
			cr_expect(is_forgiven(c), "call %u (%ld, \"%s\") of %s fails unnoticed", k,
				  c->nr, c->text, op_name_of(c->step));
			continue;
		}
		/* Before there is a plan there is nobody to tell. */
		if (c->nr == __NR_mmap || (c->nr == __NR_statx && c->args[0] == FAKE_PLAN_FD))
			continue;
		cr_assert_gt(fake.nsent, 0, "call %u (%ld, \"%s\") is not reported", k, c->nr,
			     c->text);
		cr_expect_eq(fake.sent[fake.nsent - 1].type, RT_MSG_ERROR);
		cr_expect_eq(fake.sent[fake.nsent - 1].error.no, EIO, "call %u (%ld, \"%s\"): %d",
			     k, c->nr, c->text, fake.sent[fake.nsent - 1].error.no);
	}
}

/* Whoever forgets one of these is not confined, whatever the errno. */
static bool confines(const struct fake_call *c)
{
	switch (c->nr) {
	case __NR_capset:
	case __NR_seccomp:
	case __NR_pivot_root:
	case __NR_umount2:
	case __NR_setns:
	case __NR_unshare:
	case __NR_keyctl:
	case __NR_prlimit64:
	case __NR_move_mount:
	case __NR_fsmount:
	case __NR_setsid:
	case __NR_fchdir:
	case __NR_sethostname:
		return true;
	case __NR_setresuid: /* EINVAL: the user namespace has no root */
	case __NR_setresgid:
	case __NR_setgroups: /* become_root may be denied it: identity sets the groups, and the ids */
		return plan_step(&plan, c->step)->op != OP_become_root;
	case __NR_mount_setattr: /* EINVAL is how step_rootfs finds the parent mount */
		return plan_step(&plan, c->step)->op != OP_rootfs;
	case __NR_prctl:
		return c->args[0] == PR_SET_NO_NEW_PRIVS || c->args[0] == PR_SET_KEEPCAPS ||
		       c->args[0] == PR_CAP_AMBIENT;
	default:
		return false;
	}
}

Test(init, no_errno_makes_a_weaker_container, .fini = end)
{
	static const int errnos[] = {EPERM, ENOENT, EEXIST, EINVAL, EAGAIN, ENOTDIR, EBUSY, EACCES};
	unsigned int n;

	everything();
	run_everything();
	n = fake.ncalls - 1;
	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++) {
		for (unsigned int k = 1; k <= n; k++) {
			const struct fake_call *c = &fake.calls[k - 1];

			everything();
			fake.fail_at = k;
			fake.fail_with = errnos[i];
			run_everything();
			check_outcome(k, errnos[i]);
			cr_expect(!fake.executed || !confines(c),
				  "%s: call %ld fails with %d unnoticed", op_name_of(c->step),
				  c->nr, errnos[i]);
		}
	}
}

Test(init, interrupted_calls_are_made_again, .fini = end)
{
	static const long calls[] = {__NR_recvfrom, __NR_sendto, __NR_sendmsg, __NR_ppoll,
				     __NR_accept4};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		everything();
		fake.rules[0] = (struct fake_rule){calls[i], 1, -EINTR};
		fake.nrules = 1;
		run_everything();
		cr_expect(fake.executed, "call %ld", calls[i]);
	}
}

/* ---- start ---- */

Test(init, stray_descriptors_are_closed, .fini = end)
{
	static const struct {
		int slots[3];
		uint32_t preserve;
		unsigned int ranges[8]; /* first, last, ...; up to a 0 */
	} cases[] = {
		{{50, 51, 52}, 0, {3, 39, 41, 49, 53, UINT32_MAX}},
		{{-1, -1, -1}, 0, {3, 39, 41, UINT32_MAX}},
		{{3, 4, 41}, 0, {5, 39, 42, UINT32_MAX}},
		{{41, 41, -1}, 2, {5, 39, 42, UINT32_MAX}},
		{{60, 41, 50}, 37, {42, 49, 51, 59, 61, UINT32_MAX}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		for (int s = 0; s < 3; s++)
			plan_slot(&b, "x");
		b.preserve = cases[i].preserve;
		finish();
		memcpy(in.slots, cases[i].slots, sizeof(cases[i].slots));
		in.scratch = 1;
		init_close_scratch(&in);
		for (unsigned int r = 0; r < 4 && cases[i].ranges[2 * r + 1]; r++) {
			const struct fake_call *c = fake_call(__NR_close_range, r + 1);

			cr_assert(c, "case %zu, range %u", i, r);
			cr_expect_eq((unsigned int)c->args[0], cases[i].ranges[2 * r]);
			cr_expect_eq((unsigned int)c->args[1], cases[i].ranges[2 * r + 1]);
		}
		init_close_scratch(&in); /* nothing more to do */
		cr_expect_leq(fake_count(__NR_close_range), 3);
	}
}

Test(init, without_procfs_all_signals_are_reset, .fini = end)
{
	static const char *const texts[] = {"", "Name:\tx\n", "Name:\tx\nSigBlk:\t0\n"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		everything();
		fake.status = texts[i];
		run_everything();
		cr_expect_eq(fake_count(__NR_rt_sigaction), 64);
		cr_expect(fake.executed);
	}
}

static void bad_plan(int kind)
{
	everything();
	switch (kind) {
	case 0:
		plan.block->magic++;
		break;
	case 1:
		plan.block->control = 2; /* would be stdio */
		break;
	case 2:
		plan_slots(&plan)[0] = 2;
		break;
	case 3:
		fake.plan_size--;
		break;
	case 4:
		plan.block->nsteps++;
		break;
	case 5:
		fake.plan_size = 3;
		break;
	}
	cr_expect_eq(FAKE_RUN(fake.exit_status = init_main(&in, FAKE_PLAN_FD)), 0);
	cr_expect_eq(fake.exit_status, 1, "kind %d", kind);
	cr_expect_eq(fake.nsent, 0);
	cr_expect_leq(fake.ncalls, 4);
}

Test(init, bad_plans_do_not_run, .fini = end)
{
	for (int kind = 0; kind < 6; kind++)
		bad_plan(kind);
}

Test(init, a_hole_among_the_preserved_is_told, .fini = end)
{
	everything();
	plan.block->preserve = 3;
	fake.rules[0] = (struct fake_rule){__NR_fcntl, 3, -EBADF}; /* behind F_SETFD and of 3 */
	fake.nrules = 1;
	run_everything();
	cr_assert_eq(fake.nsent, 1);
	cr_expect_eq(fake.sent[0].error.why, RT_WHY_NOT_OPEN);
	cr_expect_str_eq(fake.sent[0].error.detail, "4");
	cr_expect_str_eq(op_name_of(fake.sent[0].error.step), "close_fds");
}

/* ---- the channel ---- */

Test(init, malformed_messages, .fini = end)
{
	begin();
	ADD(await_runtime);
	finish();
	fake.rules[0] = (struct fake_rule){__NR_recvfrom, 0, 5}; /* a wrong length */
	fake.nrules = 1;
	cr_expect_eq(init_recv(&in), -EPROTO);
	fake.nrules = 0;
	fake.answers[0] = RT_MSG_MAX;
	fake.answers[1] = RT_MSG_START;
	fake.nanswers = 2;
	cr_expect_eq(init_recv(&in), -EPROTO);
	cr_expect_eq(init_await(&in, RT_MSG_GO_ON), -EPROTO);
	/* one that should bring a descriptor: another type, and none */
	fake.nanswers = 3;
	fake.answers[2] = RT_MSG_GO_ON;
	cr_expect_eq(init_await_fd(&in, RT_MSG_CGROUP), -EPROTO);
	/* EOF: the runtime is gone */
	cr_expect_eq(FAKE_RUN(init_await_fd(&in, RT_MSG_CGROUP)), 1);
	cr_expect_eq(FAKE_RUN(init_recv(&in)), 1);
	cr_expect_eq(fake.exit_status, 1);
}

Test(init, nobody_listens, .fini = end)
{
	begin();
	finish();
	fake.rules[0] = (struct fake_rule){__NR_sendto, 0, -EPIPE};
	fake.nrules = 1;
	cr_expect_eq(FAKE_RUN(init_send(&in, RT_MSG_READY)), 1);
	/* but a client of the gate had his wish */
	in.gated = true;
	cr_expect_eq(FAKE_RUN(init_send(&in, RT_MSG_EXEC)), 0);
}

Test(init, gate_forgets_bad_clients, .fini = end)
{
	struct op_gate op = {.listener = 0};

	begin();
	plan_slot(&b, "gate");
	finish();
	fake.answers[0] = RT_MSG_GATE;
	fake.answers[1] = RT_MSG_GO_ON;
	fake.answers[2] = RT_MSG_EXEC;
	fake.answers[3] = RT_MSG_START;
	fake.nanswers = 4;
	fake.rules[0] = (struct fake_rule){__NR_ppoll, 3, 0}; /* says nothing in time */
	fake.nrules = 1;
	cr_expect_eq(step_gate(&in, &op), 0);
	cr_expect_eq(fake_count(__NR_accept4), 4);
	cr_expect_eq(in.report, 103);
	cr_expect(in.gated);
}

Test(init, error_report_is_complete, .fini = end)
{
	char long_text[1000];

	begin();
	finish();
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	in.step = 7;
	cr_expect_eq(init_fail(&in, -EPERM, RT_WHY_DETAIL, long_text), -EPERM);
	cr_expect_eq(init_fail(&in, -EIO, RT_WHY_LOCKED, "later"), -EIO);
	cr_expect_eq(FAKE_RUN(init_die(&in, -EPERM)), 1);
	cr_expect_eq(fake.exit_status, 1);
	cr_expect_eq(fake.sent[0].type, RT_MSG_ERROR);
	cr_expect_eq(fake.sent[0].error.no, EPERM);
	cr_expect_eq(fake.sent[0].error.step, 7);
	cr_expect_eq(fake.sent[0].error.why, RT_WHY_DETAIL);
	cr_expect_eq(strlen(fake.sent[0].error.detail), sizeof(in.detail) - 1);
}

/* ---- plan_verify ---- */

Test(init, damaged_plans_are_safe, .fini = end)
{
	static const uint32_t values[] = {0, 1, 7, 0x7fffffff, 0xfffffff8, UINT32_MAX};
	uint32_t size;
	char *copy;

	everything();
	size = plan.block->size;
	cr_assert_eq(plan_verify(plan.block, size), 0);
	copy = malloc(size); /* exactly this long, for the sanitizer */
	cr_assert_not_null(copy);
	for (uint32_t off = 0; off + 4 <= size; off += 4) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			memcpy(copy, plan.block, size);
			memcpy(copy + off, &values[v], 4);
			plan_verify((struct plan_head *)(void *)copy,
				    size); /* must not read outside */
		}
	}
	for (uint32_t len = 0; len < size; len += 13) {
		memcpy(copy, plan.block, len);
		cr_expect_eq(plan_verify((struct plan_head *)(void *)copy, len), -EINVAL);
	}
	free(copy);
}
