/* SPDX-License-Identifier: Apache-2.0 */
/* lib/plan: the block, descriptors, tables. What plans look like is in tests/golden. */
#include <errno.h>

#include "base/str.h"
#include "plan/message.h"
#include "plan/mount_options.h"
#include "plan/print.h"
#include "test.h"

Test(plan, block)
{
	static const char *const words[] = {"one", "", "three"};
	static const uint32_t gids[] = {5, 6};
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a, .preserve = 2, .stage = STAGE_NS};
	struct err e = ERR_INIT;
	const struct op_hostname *name;
	const struct op_exec *exec;
	const struct op_identity *user;
	struct plan p;
	int origin;

	cr_assert_eq(plan_slot(&b, "first"), 0);
	cr_assert_eq(plan_slot(&b, "second"), 1);
	PLAN_ADD(&b, hostname, &origin)->name = plan_strf(&b, "%s-%d", "host", 7);
	b.stage = STAGE_EXEC;
	PLAN_ADD(&b, exec, NULL)->args = plan_strv(&b, words, 3);
	PLAN_ADD(&b, identity, NULL)->groups = plan_blob(&b, gids, sizeof(gids), 4);
	cr_assert_eq(plan_str(&b, NULL), 0);
	cr_assert_eq(plan_finish(&b, &p, &e), 0);

	cr_expect_eq(p.block->nsteps, 3);
	cr_expect_eq(p.block->preserve, 2);
	cr_expect_eq(p.block->steps % 8, 0);
	cr_expect_eq(plan_slots(&p)[0], -1);
	cr_expect_eq(plan_slots(&p)[1], -1);
	cr_expect_str_eq(p.slot_names[1], "second");
	cr_expect_eq(p.origin[0], &origin);
	cr_expect_null(p.origin[1]);

	name = (const struct op_hostname *)plan_first(&p);
	cr_assert_eq(name->head.op, OP_hostname);
	cr_expect_eq(name->head.stage, STAGE_NS);
	cr_expect_str_eq(plan_text(&p, name->name), "host-7");
	exec = (const struct op_exec *)plan_next(&p, &name->head);
	cr_expect_eq(exec->head.stage, STAGE_EXEC);
	cr_expect_eq(exec->args.n, 3);
	cr_expect_eq(exec->args.off % 8, 0);
	cr_expect_str_eq(plan_item(&p, exec->args, 0), "one");
	cr_expect_str_eq(plan_item(&p, exec->args, 1), "");
	cr_expect_str_eq(plan_item(&p, exec->args, 2), "three");
	cr_expect_str_eq(plan_item(&p, exec->args, 3), "");
	user = (const struct op_identity *)plan_step(&p, 2);
	cr_expect_eq(user->groups.len, sizeof(gids));
	cr_expect_arr_eq(plan_text(&p, user->groups.off), gids, sizeof(gids));
	cr_expect_null(plan_next(&p, &user->head));
	cr_expect_null(plan_step(&p, 3));
}

Test(plan, slots_and_ids_begin_as_none)
{
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	const struct op_mount_bind *s = PLAN_ADD(&b, mount_bind, NULL);

	cr_expect_eq(s->root, NO_SLOT);
	cr_expect_eq(s->tree, NO_SLOT);
	cr_expect_eq(s->dest, 0);
	cr_expect_eq(s->head.size, sizeof(*s));
}

/* Steps, strings and vectors stay whole while the buffers grow. */
Test(plan, grows)
{
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	struct err e = ERR_INIT;
	char text[32];
	struct plan p;
	uint32_t i = 0;

	for (i = 0; i < 5000; i++) {
		str_fmt(text, sizeof(text), "name %u", i);
		PLAN_ADD(&b, hostname, NULL)->name = plan_str(&b, text);
	}
	cr_assert_eq(plan_finish(&b, &p, &e), 0);
	cr_expect_eq(p.block->nsteps, 5000);
	i = 0;
	for (const struct op_head *s = plan_first(&p); s; s = plan_next(&p, s)) {
		str_fmt(text, sizeof(text), "name %u", i++);
		cr_assert_str_eq(plan_text(&p, ((const struct op_hostname *)s)->name), text);
	}
	cr_expect_eq(i, 5000);
}

Test(plan, too_large)
{
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	struct err e = ERR_INIT;
	struct plan p;

	cr_expect_eq(plan_strv_new(&b, SIZE_MAX / 8).off, 0);
	PLAN_ADD(&b, hostname, NULL)->name = plan_str(&b, "still safe to call");
	cr_expect_eq(plan_finish(&b, &p, &e), -ENOMEM);
	cr_expect_eq(e.code, RT_E_NOMEM);
}

/* One step of each kind, with nothing in it: whatever is printed must stand it. */
Test(plan, every_operation_prints)
{
	_cleanup_arena_ struct arena a = {0};
	_cleanup_strbuf_ struct strbuf out = {0};
	struct plan_builder b = {.arena = &a};
	struct err e = ERR_INIT;
	char object[200];
	struct plan p;
	uint32_t i = 0;

	for (int op = 0; op < OP_MAX; op++) {
		const struct op_desc *d = op_desc((enum op_code)op);

		plan_add(&b, (enum op_code)op, NULL);
		cr_expect(d->size % 8 == 0 && *d->word && *d->name);
		for (size_t j = 0; j < d->nargs; j++)
			cr_expect_lt(d->args[j].offset, d->size, "%s.%s", d->name, d->args[j].name);
	}
	cr_expect_null(op_desc(OP_MAX));
	cr_assert_eq(plan_finish(&b, &p, &e), 0);
	plan_print_text(&p, NULL, NULL, &out);
	plan_print_json(&p, NULL, NULL, &out);
	cr_expect(!out.failed);
	for (const struct op_head *s = plan_first(&p); s; s = plan_next(&p, s), i++) {
		for (int why = 0; why <= RT_WHY_MAX; why++) {
			struct plan_failure f = {EINVAL, i, RT_E_NONE, (enum rt_why)why, NULL};

			err_clear(&e);
			cr_expect_eq(plan_error(&p, &f, &e), -EINVAL);
			cr_expect(e.code != RT_E_NONE && *e.text);
			cr_expect(!strpbrk(e.text, "{}"), "%s", e.text);
		}
		plan_object(&p, s, object, sizeof(object));
		cr_expect(*object && !strpbrk(object, "{}"), "%s", object);
	}
}

/* Members of op.def that a row of messages names must exist: none may come out empty. */
Test(plan, objects)
{
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	struct err e = ERR_INIT;
	struct op_mount_fs *fs = PLAN_ADD(&b, mount_fs, NULL);
	struct op_container_hook *hook;
	char buf[100], small[8];
	struct plan p;

	fs->type = plan_str(&b, "pr\"oc");
	fs->dest = plan_str(&b, "/a\nb");
	hook = PLAN_ADD(&b, container_hook, NULL);
	hook->kind = plan_str(&b, "startContainer");
	hook->path = plan_str(&b, "/h");
	hook->index = 3;
	PLAN_ADD(&b, join, NULL)->namespaces = CLONE_NEWNET | CLONE_NEWPID;
	PLAN_ADD(&b, rlimit, NULL)->resource = 9999;
	cr_assert_eq(plan_finish(&b, &p, &e), 0);
	cr_expect_str_eq(plan_object(&p, plan_step(&p, 0), buf, sizeof(buf)),
			 "mount \"pr\\\"oc\" on \"/a\\nb\"");
	cr_expect_str_eq(plan_object(&p, plan_step(&p, 1), buf, sizeof(buf)),
			 "error running startContainer hook #3: \"/h\"");
	cr_expect_str_eq(plan_object(&p, plan_step(&p, 2), buf, sizeof(buf)),
			 "join pid|network namespace");
	cr_expect_str_eq(plan_object(&p, plan_step(&p, 3), buf, sizeof(buf)), "set 9999");
	cr_expect_str_eq(plan_object(&p, plan_step(&p, 0), small, sizeof(small)), "mount \"");
}

Test(plan, names)
{
	uint64_t value;

	cr_expect_eq(op_name_value(opnames_cap, "CAP_KILL", &value), 0);
	cr_expect_eq(value, 1u << 5);
	cr_expect_eq(op_name_value(opnames_cap, "KILL", &value), -ENOENT);
	cr_expect_str_eq(op_value_name(opnames_ns, CLONE_NEWTIME), "time");
	cr_expect_null(op_value_name(opnames_ns, CLONE_NEWTIME | CLONE_NEWPID));
	cr_expect_str_eq(op_value_name(opnames_rlimit, 0), "RLIMIT_CPU");
	cr_expect_str_eq(plan_stage_name(STAGE_PIVOT), "pivot");
	cr_expect_str_eq(plan_stage_name(STAGE_MAX), "?");
}

/* The table is searched by halves; the specification has 61 options. */
Test(plan, mount_option_table)
{
	const char *name, *last = "";
	size_t specified = 0, i = 0;
	bool extension;

	for (; (name = plan_mount_option_name(i, &extension)); i++) {
		cr_expect_lt(strcmp(last, name), 0, "%s before %s", last, name);
		last = name;
		specified += !extension;
	}
	cr_expect_eq(i, 65, "%zu", i);
	cr_expect_eq(specified, 61, "%zu", specified);
}

/* Each option by itself on a bind mount: known ones change something, and none is fs data. */
Test(plan, mount_options_are_all_understood)
{
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	struct err e = ERR_INIT;
	struct plan_ctx c = {.b = &b, .e = &e};
	const char *name;
	bool extension;

	for (size_t i = 0; (name = plan_mount_option_name(i, &extension)); i++) {
		struct oci_mount m = {.options = {1, &name}};
		struct mount_options o;
		bool says = false;

		cr_assert_eq(plan_mount_options(&c, &m, &o), 0);
		cr_expect_eq(o.ndata, 0, "%s", name);
		says = o.attr_set || o.attr_clear || o.rec_set || o.rec_clear || o.sb_mask ||
		       o.npropagation || o.bind || o.remount || o.copy_up || o.bind_flags ||
		       o.idmap;
		cr_expect_eq(says, !streq(name, "defaults"), "%s", name);
	}
}

/* The values of opencontainers/cgroups#20, computed with the C library's log2 and pow. */
Test(plan, cpu_weight)
{
	static const struct {
		uint64_t shares, weight;
	} cases[] = {
		{0, 1},
		{2, 1},
		{3, 2},
		{10, 4},
		{100, 17},
		{256, 35},
		{512, 59},
		{768, 80},
		{1023, 100},
		{1024, 100},
		{1025, 101},
		{2048, 174},
		{4096, 303},
		{10000, 627},
		{100000, 4340},
		{262143, 10000},
		{262144, 10000},
		{1ull << 40, 10000},
		{UINT64_MAX, 10000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(plan_cpu_weight(cases[i].shares), cases[i].weight, "%llu",
			     (unsigned long long)cases[i].shares);
	cr_expect_eq(plan_io_weight(10), 1);
	cr_expect_eq(plan_io_weight(200), 1920, "as runc and crun");
	cr_expect_eq(plan_io_weight(1000), 10000);
}

Test(plan, clean_destination)
{
	static const char *const cases[][2] = {
		{"/", "/"},
		{"", "/"},
		{"a", "/a"},
		{"/a/", "/a"},
		{"//a///b//", "/a/b"},
		{"/a/./b/.", "/a/b"},
		{"/a/../b", "/b"},
		{"/../../a", "/a"},
		{"/a/b/../../..", "/"},
		{"/..a/...", "/..a/..."},
		{"../a", "/a"},
		{"/a/b/..", "/a"},
	};
	_cleanup_arena_ struct arena a = {0};
	struct plan_builder b = {.arena = &a};
	struct plan_ctx c = {.b = &b};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_str_eq(plan_clean_dest(&c, cases[i][0]), cases[i][1], "\"%s\"",
				 cases[i][0]);
}
