/* SPDX-License-Identifier: Apache-2.0 */
/* Single steps of rt-init against a fake kernel, and what plan_verify refuses. */
#include "init/fixture.h"

/* Symlinks that lead to each other come to an end. */
Test(init, dangling_links_are_bounded, .fini = end)
{
	begin();
	finish();
	fake.rules[0] = (struct fake_rule){__NR_openat2, 0, -ENOENT};
	fake.rules[1] = (struct fake_rule){__NR_mkdirat, 0, -EEXIST};
	fake.nrules = 2;
	fake.missing_root_is_there = true;
	fake.link = "loop/again";
	cr_expect_eq(root_target(&in, 50, "/loop/x", TARGET_DIR, 0755), -ELOOP);
	cr_expect_leq(fake_count(__NR_readlinkat), 41);
	fake.link = "/a/long/way/that/gets/longer/with/each/round/and/round/x";
	cr_expect(root_target(&in, 50, "/loop", TARGET_DIR, 0755) < 0);
}

Test(init, nothing_above_the_root_is_opened, .fini = end)
{
	begin();
	finish();
	fake.rules[0] = (struct fake_rule){__NR_openat2, 1, -ENOENT};
	fake.rules[1] = (struct fake_rule){__NR_openat2, 2, -ENOENT};
	fake.nrules = 2;
	fake.missing_root_is_there = true;
	cr_expect_gt(root_target(&in, 50, "/a/../../b", TARGET_DIR, 0755), 0);
	for (unsigned int i = 0; i < fake.ncalls; i++) {
		const struct fake_call *c = &fake.calls[i];

		/* ".." only by openat2, which stays in the root */
		cr_expect(strcmp(c->text, "..") != 0 || c->nr == __NR_openat2, "call %ld", c->nr);
		if (c->nr == __NR_openat2)
			cr_expect_eq(fake.resolve & (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS),
				     RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	}
}

Test(init, parent_is_opened_once, .fini = end)
{
	const char *name;

	begin();
	plan_slot(&b, "root");
	finish();
	cr_expect_gt(root_parent(&in, 0, "/dev/null", &name), 0);
	cr_expect_str_eq(name, "null");
	cr_expect_gt(root_parent(&in, 0, "/dev/zero", &name), 0);
	cr_expect_eq(fake_count(__NR_openat2), 1);
	cr_expect_gt(root_parent(&in, 0, "/device", &name), 0);
	cr_expect_eq(fake_count(__NR_openat2), 2);
	cr_expect_eq(root_parent(&in, 0, "/dev/..", &name), -EINVAL);
	cr_expect_eq(root_parent(&in, 0, "/dev/", &name), -EINVAL);
	/* A mount may have come between. */
	cr_expect_gt(root_parent(&in, 0, "/device", &name), 0);
	cr_expect_eq(mount_attach(&in, 70, 71, 0, "/x"), 0);
	cr_expect_gt(root_parent(&in, 0, "/device", &name), 0);
	cr_expect_eq(fake_count(__NR_openat2), 3);
}

Test(init, a_mount_on_the_root_becomes_the_root, .fini = end)
{
	begin();
	plan_slot(&b, "root");
	finish();
	cr_expect_eq(mount_attach(&in, 70, 71, 0, "/./"), 0);
	cr_expect_eq(init_slot(&in, 0), 70);
	cr_expect_eq(mount_attach(&in, 72, 71, 0, "/x"), 0);
	cr_expect_eq(init_slot(&in, 0), 70);
}

Test(init, masks_share_one_tmpfs, .fini = end)
{
	struct op_mask op = {.root = 0, .null = 1, .empty = 2};

	begin();
	plan_slot(&b, "root");
	plan_slot(&b, "null");
	plan_slot(&b, "empty");
	op.dest = STR("/proc/acpi");
	finish();
	in.slots[1] = in.slots[2] = -1;
	for (int i = 0; i < 3; i++)
		cr_expect_eq(step_mask(&in, &op), 0);
	cr_expect_eq(fake_count(__NR_fsmount), 1);
	cr_expect_eq(fake_count(__NR_open_tree), 2);
	cr_expect_eq(fake_count(__NR_move_mount), 3);
	/* Files: a null device that is none is refused, what is not there is passed over. */
	fake.rules[0] = (struct fake_rule){__NR_openat2, 4, -ENOTDIR};
	fake.rules[1] = (struct fake_rule){__NR_statx, 1, 0}; /* all zero: no type */
	fake.rules[2] = (struct fake_rule){__NR_openat2, 6, -ENOENT};
	fake.rules[3] = (struct fake_rule){__NR_openat2, 7, -ENOTDIR};
	fake.rules[4] = (struct fake_rule){__NR_openat2, 8, -ENOTDIR};
	fake.nrules = 5;
	cr_expect_eq(step_mask(&in, &op), -ENODEV);
	cr_expect_eq(in.why, RT_WHY_WRONG_NODE);
	cr_expect_eq(step_mask(&in, &op), 0);
	cr_expect_eq(step_mask(&in, &op), 0);
	cr_expect_eq(fake_count(__NR_move_mount), 3);
}

Test(init, capability_sets, .fini = end)
{
	static const struct {
		uint64_t have, permitted, effective, inheritable, ambient;
		bool admin;
		uint64_t want_permitted, want_effective, want_inheritable;
		unsigned int raises;
	} cases[] = {
		{~0ULL, 0xff, 0xff, 0, 0, false, 0xff, 0xff, 0, 0},
		{~0ULL, 0xff, 0x0f, 0xf0, 0xff, false, 0xff, 0x0f, 0xf0, 4},
		{0x0f, 0xff, 0xff, 0xff, 0xff, false, 0x0f, 0x0f, 0x0f, 4},
		{~0ULL, 1, 1, 0, 0, true, 1 | 1 << 21, 1 | 1 << 21, 0, 0},
		{1, 1, 1, 0, 0, true, 1, 1, 0, 0},
		{~0ULL, 1ULL << 40, 1ULL << 40, 0, 0, false, 1ULL << 40, 1ULL << 40, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct op_capabilities op = {
			.permitted = cases[i].permitted,
			.effective = cases[i].effective,
			.inheritable = cases[i].inheritable,
			.ambient = cases[i].ambient,
			.keep_admin = cases[i].admin,
		};

		begin();
		finish();
		fake.capabilities = cases[i].have;
		cr_expect_eq(step_capabilities(&in, &op), 0);
		cr_expect_eq(fake.capset.permitted, cases[i].want_permitted, "case %zu", i);
		cr_expect_eq(fake.capset.effective, cases[i].want_effective, "case %zu", i);
		cr_expect_eq(fake.capset.inheritable, cases[i].want_inheritable, "case %zu", i);
		cr_expect_eq(fake_count(__NR_prctl), 1 + cases[i].raises, "case %zu", i);
		cr_expect_eq(first(__NR_prctl)->args[1], PR_CAP_AMBIENT_CLEAR_ALL);
	}
}

Test(init, bounding_set, .fini = end)
{
	struct op_bounding op = {.keep = 0x5};

	begin();
	finish();
	fake.rules[0] = (struct fake_rule){__NR_prctl, 40, -EINVAL}; /* 41: the last one is passed */
	fake.nrules = 1;
	cr_expect_eq(step_bounding(&in, &op), 0);
	cr_expect_eq(fake_count(__NR_prctl), 40);
	cr_expect_eq(first(__NR_prctl)->args[1], 1);
	/* Every kernel that will do has this one. */
	fake_reset();
	fake.rules[0] = (struct fake_rule){__NR_prctl, 10, -EINVAL};
	fake.nrules = 1;
	cr_expect_eq(step_bounding(&in, &op), -EINVAL);
	/* Not allowed, and it is there: 1 is what PR_CAPBSET_READ says. */
	fake_reset();
	fake.rules[0] = (struct fake_rule){__NR_prctl, 1, -EPERM};
	fake.rules[1] = (struct fake_rule){__NR_prctl, 2, 1};
	fake.nrules = 2;
	cr_expect_eq(step_bounding(&in, &op), -EPERM);
}

Test(init, groups_denied_by_the_namespace, .fini = end)
{
	struct op_identity op = {.uid = 0};

	begin();
	finish();
	fake.rules[0] = (struct fake_rule){__NR_setgroups, 0, -EPERM};
	fake.nrules = 1;
	fake.capabilities = 1 << CAP_SETGID;
	cr_expect_eq(step_identity(&in, &op), -EPERM); /* a filter says so: the caller's would stay */
	op.maybe_denied = true;
	cr_expect_eq(step_identity(&in, &op), 0);
	op.groups.off = 8; /* a list cannot be set */
	op.groups.len = 8;
	cr_expect_eq(step_identity(&in, &op), -EPERM);
	op.groups.len = 0; /* without the right, old groups would stay */
	fake.capabilities = 0;
	cr_expect_eq(step_identity(&in, &op), -EPERM);
	op.keep_groups = true;
	cr_expect_eq(step_identity(&in, &op), 0);
}

Test(init, stdio_is_given_only_where_it_is_a_pipe, .fini = end)
{
	begin();
	finish();
	/* stdin is the null device, stdout a pipe, stderr a file */
	strcpy(fake.path[0], "/dev/null");
	strcpy(fake.path[1], "fifo");
	strcpy(fake.path[2], "bin/file");
	cr_expect_eq(step_identity(&in, &(struct op_identity){.uid = 5, .own_stdio = true}), 0);
	cr_expect_eq(fake_count(__NR_fchownat), 1);
	cr_expect_eq(first(__NR_fchownat)->args[0], 1);
}

/* SELinux cannot be had in the guest: what is written where, and that nothing leads astray. */
Test(init, selinux_label_goes_to_the_own_thread, .fini = end)
{
	struct op_selinux op = {0};

	begin();
	op.proc = plan_slot(&b, "host-proc");
	op.file = STR("attr/exec");
	op.label = STR("system_u:system_r:container_t:s0:c1,c2");
	finish();
	cr_expect_eq(step_selinux(&in, &op), 0);
	cr_assert_eq(fake_count(__NR_openat2), 1);
	cr_expect_eq(fake_call(__NR_openat2, 1)->args[0], 50);
	cr_expect_str_eq(fake_call(__NR_openat2, 1)->text, "thread-self/attr/exec");
	cr_expect_eq(fake.resolve, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	cr_assert_eq(fake_count(__NR_write), 1);
	cr_expect_eq(fake_call(__NR_write, 1)->args[2], 38);
	/* a label that the policy does not know */
	fake.rules[0] = (struct fake_rule){__NR_write, 0, -EINVAL};
	fake.nrules = 1;
	cr_expect_eq(step_selinux(&in, &op), -EINVAL);
}

Test(init, cwd_attempts, .fini = end)
{
	struct op_cwd op = {.attempt = CWD_TRY};

	begin();
	op.path = STR("/root");
	finish();
	fake.rules[0] = (struct fake_rule){__NR_chdir, 1, -EACCES};
	fake.nrules = 1;
	cr_expect_eq(step_cwd(&in, &op), 0);
	cr_expect(!in.cwd_done);
	op.attempt = CWD_AGAIN;
	cr_expect_eq(step_cwd(&in, &op), 0);
	cr_expect_eq(fake_count(__NR_chdir), 2);
	cr_expect_eq(step_cwd(&in, &op), 0); /* checked again, not changed again */
	cr_expect_eq(fake_count(__NR_chdir), 2);
	cr_expect_eq(fake_count(__NR_getcwd), 2);
	in.cwd_done = false;
	fake.rules[0] = (struct fake_rule){__NR_chdir, 3, -ENOENT};
	op.attempt = CWD_TRY;
	cr_expect_eq(step_cwd(&in, &op), -ENOENT);
}

Test(init, classic_mount_has_all_flags, .fini = end)
{
	struct op_mount_fs *op;

	begin();
	plan_slot(&b, "root");
	op = ADD(mount_fs);
	op->root = 0;
	op->dest = STR("/x");
	op->type = op->source = STR("ext4");
	op->options = words("a=b", "c");
	op->sb_flags = MS_I_VERSION;
	op->attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME;
	finish();
	cr_expect_eq(step_mount_fs(&in, (void *)((char *)plan.block + plan.block->steps)), 0);
	cr_assert_eq(fake_count(__NR_mount), 1);
	cr_expect_str_eq(first(__NR_mount)->text, ".");
	cr_expect_eq((unsigned long)first(__NR_mount)->args[3],
		     MS_I_VERSION | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME);
	cr_expect_eq(fake_count(__NR_fsopen), 0);
}

/* In the hook's process, after the clone. */
Test(init, hooks_inherit_nothing, .fini = end)
{
	struct op_container_hook *op;

	begin();
	op = ADD(container_hook);
	op->path = STR("/bin/hook");
	op->state_head = STR("{");
	op->state_tail = STR("}");
	finish();
	in.umask = 027;
	fake.rules[0] = (struct fake_rule){__NR_clone3, 1, 0};
	fake.nrules = 1;
	cr_assert_eq(FAKE_RUN(step_container_hook(
			     &in, (void *)((char *)plan.block + plan.block->steps))),
		     1);
	cr_expect(fake.executed);
	cr_expect_eq(fake_count(__NR_dup3), 4);
	for (unsigned int i = 0; i < 4; i++)
		cr_expect_eq(fake_call(__NR_dup3, i + 1)->args[1], i);
	cr_expect_eq(fake_call(__NR_dup3, 4)->args[2], O_CLOEXEC);
	cr_expect_eq(first(__NR_close_range)->args[0], 4);
	cr_expect_eq(first(__NR_umask)->args[0], 027);
}

Test(init, staged_child_waits_for_its_maps, .fini = end)
{
	struct op_clone op = {.namespaces = CLONE_NEWUSER | CLONE_NEWNS, .cgroup = NO_SLOT};

	begin();
	finish();
	cr_expect_eq(FAKE_RUN(step_clone(&in, &op)), 1); /* the first process has done its work */
	cr_expect_eq(fake.exit_status, 0);
	cr_expect_eq(fake.sent[0].type, RT_MSG_PID);
	cr_expect_eq(fake.sent[0].pid.pid, 77);
	fake_reset();
	fake.rules[0] = (struct fake_rule){__NR_clone3, 1, 0};
	fake.rules[1] = (struct fake_rule){__NR_geteuid, 1, 1000};
	fake.nrules = 2;
	fake.answers[0] = RT_MSG_GO_ON;
	fake.nanswers = 1;
	cr_expect_eq(step_clone(&in, &op), 0);
	/* Dumpable only as long as an unprivileged runtime writes the maps. */
	cr_expect_eq(fake_count(__NR_prctl), 2);
	cr_expect_eq(fake_call(__NR_prctl, 1)->args[1], 1);
	cr_expect_eq(fake_call(__NR_prctl, 2)->args[1], 0);
	cr_expect_gt(fake_call(__NR_prctl, 2), first(__NR_recvfrom));
}

/* ---- plan_verify ---- */

Test(init, verify_refuses, .fini = end)
{
	struct op_exec *exec;
	struct op_join *join;
	struct op_seccomp *filter;

	for (int i = 0; i < 10; i++) {
		begin();
		plan_slot(&b, "x");
		join = ADD(join);
		join->slot = 0;
		filter = ADD(seccomp);
		filter->program = plan_blob(&b, "12345678", 8, 8);
		exec = ADD(exec);
		exec->args = words("a", "b");
		exec->env = words(NULL, NULL);
		finish();
		join = (void *)((char *)plan.block + plan.block->steps);
		filter = (void *)(join + 1);
		exec = (void *)(filter + 1);
		cr_assert_eq(plan_verify(plan.block, plan.block->size), 0);
		switch (i) {
		case 0:
			join->slot = 1;
			break;
		case 1:
			filter->program.len = plan.block->size;
			break;
		case 2:
			exec->args.n = 3; /* the end of a vector is a 0 */
			break;
		case 3:
			exec->args.off += 4;
			break;
		case 4:
			*(uint64_t *)(void *)((char *)plan.block + exec->args.off) = 1ULL << 40;
			break;
		case 5:
			exec->head.size -= 8;
			break;
		case 6:
			exec->head.op = OP_MAX;
			break;
		case 7:
			exec->head.stage = STAGE_MAX;
			break;
		case 8:
			plan.block->slots = plan.block->size;
			break;
		case 9:
			plan.block->steps_end -= 8;
			break;
		}
		cr_expect_eq(plan_verify(plan.block, plan.block->size), -EINVAL, "case %d", i);
	}
}
