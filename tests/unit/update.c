/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: a change of the limits in all its parts, on a directory that looks like a cgroup: the
 * order of the writes, the halves that are filled in, and the undoing of each failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "host_ops/update.h"
#include "plan/build.h"
#include "spec/bind.h"
#include "spec/resources.h"
#include "test.h"

/* ---- a cgroup of plain files ---- */

static const char *const files[][2] = {
	{"memory.max", "134217728"}, {"memory.swap.max", "67108864"}, {"memory.low", "0"},
	{"cpuset.cpus", ""},         {"cpuset.mems", "0"},            {"cpu.weight", "100"},
	{"cpu.max", "50000 200000"}, {"cpu.max.burst", "0"},          {"cpu.idle", "0"},
	{"pids.max", "max"},         {"io.max", "8:0 rbps=1 wbps=max riops=max wiops=max\n"
						"8:16 rbps=7 wbps=8 riops=9 wiops=10"},
};

static const char change[] =
	"{\"memory\":{\"limit\":67108864,\"swap\":100000000,\"reservation\":4096},"
	"\"cpu\":{\"cpus\":\"0\",\"mems\":\"0\",\"shares\":2048,\"quota\":20000,\"burst\":10000},"
	"\"pids\":{\"limit\":7},"
	"\"unified\":{\"io.max\":\"8:16 rbps=1\"}}";

struct fake {
	char path[32];
	int dir;
	struct arena arena;
	struct bind_doc doc;
	struct oci_resources filled;
	struct plan_now now;
	struct plan plan;
};

static void put(const struct fake *f, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(f->dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(fd >= 0 && io_write_all(fd, text, strlen(text)) == 0 &&
		  io_write_all(fd, "\n", 1) == 0);
}

/* The first line only: a plain file keeps the end of a longer text that was there. */
static void expect(const struct fake *f, const char *file, const char *text, size_t k)
{
	_cleanup_free_ char *found = NULL;
	size_t len;

	cr_assert(io_read_file(f->dir, file, 4096, &found, &len) == 0);
	cr_expect(strncmp(found, text, strlen(text)) == 0, "step %zu: %s is \"%s\", not \"%s\"", k,
		  file, found, text);
}

static void fill_files(const struct fake *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		unlinkat(f->dir, files[i][0], 0);
		put(f, files[i][0], files[i][1]);
	}
}

static void make_plan(struct fake *f, const char *text)
{
	struct plan_builder b = {.arena = &f->arena};
	struct plan_options o = {.cgroup_path = "/c"};
	struct rt_facts facts = {0};
	struct err e = ERR_INIT;

	cr_assert(rt_bind_parse(&f->doc, &rt_oci_schema, BIND_ID(oci_resources), "r", text,
				strlen(text), NULL, &e) == 0, "%s", e.text);
	rt_cgroup_now(f->dir, &f->now);
	cr_assert(plan_update_fill(&f->arena, f->doc.root, &f->now, &f->filled, &e) == 0, "%s",
		  e.text);
	cr_assert(plan_build_update(&b, &(struct oci_linux){.resources = &f->filled}, &f->now,
				    &facts, &o, &e) == 0,
		  "%s", e.text);
	cr_assert(plan_finish(&b, &f->plan, &e) == 0);
}

static void begin(struct fake *f)
{
	*f = (struct fake){.path = "/tmp/rt-update.XXXXXX"};
	cr_assert(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(f->dir >= 0);
	fill_files(f);
}

static void end(struct fake *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlinkat(f->dir, files[i][0], 0);
	rmdir(f->path);
	close(f->dir);
	rt_bind_free(&f->doc);
	arena_free(&f->arena);
}

static const char *file_of(const struct fake *f, uint32_t step)
{
	const struct op_head *s = plan_step(&f->plan, step);

	return plan_text(&f->plan, ((const struct op_cgroup_write *)s)->file);
}

/*
 * Fail every k-th write: its file becomes one that can be read and never written, /proc/version.
 * All others must be as before.
 */
Test(update, every_failure_is_undone)
{
	struct fake f;

	begin(&f);
	make_plan(&f, change);
	cr_assert_eq(f.plan.block->nsteps, 10);
	for (uint32_t k = 0; k < f.plan.block->nsteps; k++) {
		struct rt_host h = {.plan = &f.plan};
		struct rt_undo undo = {0};
		struct err e = ERR_INIT;

		unlinkat(f.dir, file_of(&f, k), 0);
		cr_assert(symlinkat("/proc/version", f.dir, file_of(&f, k)) == 0);
		h.cgroup.plus_one = f.dir + 1;
		cr_assert(rt_host_update(&h, &undo, &e) < 0);
		cr_expect_eq(e.step, k);
		rt_undo_free(&undo);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++)
			if (!streq(files[i][0], file_of(&f, k)) && !streq(files[i][0], "io.max"))
				expect(&f, files[i][0], files[i][1], k);
		/* its line as it was; the other line of the file was not touched by the kernel */
		if (!streq("io.max", file_of(&f, k)))
			expect(&f, "io.max", "8:", k);
		fill_files(&f);
	}
	end(&f);
}

Test(update, all_is_written_and_can_be_undone)
{
	static const char *const wanted[][2] = {
		{"memory.max", "67108864"},  {"memory.swap.max", "32891136"}, {"memory.low", "4096"},
		{"cpu.max", "20000 200000"}, {"cpu.max.burst", "10000"},      {"pids.max", "7"},
	};
	struct rt_host h = {0};
	struct rt_undo undo = {0};
	struct err e = ERR_INIT;
	struct fake f;

	begin(&f);
	make_plan(&f, change);
	h.plan = &f.plan;
	h.cgroup.plus_one = f.dir + 1;
	cr_assert(rt_host_update(&h, &undo, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		expect(&f, wanted[i][0], wanted[i][1], 0);
	/* what the undo of a keyed file writes is the line of its key */
	for (uint32_t i = 0; i < undo.n; i++)
		if (streq(file_of(&f, i), "io.max"))
			cr_expect_str_eq(undo.old[i], "8:16 rbps=7 wbps=8 riops=9 wiops=10");
	err_set(&e, EIO, RT_E_STATE, "save");
	rt_host_revert(&h, &undo, &e);
	expect(&f, "memory.max", "134217728", 0);
	expect(&f, "cpu.max", "50000 200000", 0);
	cr_expect_str_eq(e.hint, "");
	rt_undo_free(&undo);
	end(&f);
}

/*
 * The schema of the group in resctrl is a step among the others. The fake group is the fake cgroup.
 */
Test(update, resctrl_schema)
{
	static const char old[] = "    MB:0= 100\n    L3:0=fffff;1=fffff";
	const struct oci_intel_rdt rdt = {.l3_cache_schema = "MB:0=50\nL3:0=f",
					  .mem_bw_schema = "MB:0=20"};
	const struct oci_pids pids = {.has = {.limit = true}, .limit = 7};
	const struct oci_resources resources = {.pids = &pids};
	const struct oci_linux all = {.resources = &resources, .intel_rdt = &rdt};
	struct rt_facts facts = {0};
	struct fake f;

	begin(&f);
	for (int fails = 0; fails < 2; fails++) {
		struct plan_options o = {.cgroup_path = "/c", .rdt_group = f.path};
		struct plan_builder b = {.arena = &f.arena};
		struct rt_host h = {.plan = &f.plan, .cgroup = {f.dir + 1}};
		struct rt_undo undo = {0};
		struct err e = ERR_INIT;

		cr_assert(plan_build_update(&b, &all, &f.now, &facts, &o, &e) == 0, "%s", e.text);
		cr_assert(plan_finish(&b, &f.plan, &e) == 0);
		cr_assert_eq(f.plan.block->nsteps, 2);
		if (fails)
			cr_assert(symlinkat("/proc/version", f.dir, "schemata") == 0);
		else
			put(&f, "schemata", old);
		cr_expect_eq(rt_host_update(&h, &undo, &e) < 0, fails, "%s", e.text);
		if (fails) {
			cr_expect_eq(e.step, 1);
			cr_expect(strstr(e.text, "schema of resctrl group"), "%s", e.text);
		} else {
			expect(&f, "pids.max", "7", 0);
			expect(&f, "schemata", "L3:0=f\nMB:0=20\n", 0);
			err_set(&e, EIO, RT_E_STATE, "save");
			rt_host_revert(&h, &undo, &e);
			cr_expect_str_eq(e.hint, "");
			expect(&f, "schemata", old, 0);
		}
		expect(&f, "pids.max", "max", 0);
		rt_undo_free(&undo);
		unlinkat(f.dir, "schemata", 0);
	}
	end(&f);
}

/* ---- what is filled in, and in what order it is written ---- */

Test(update, halves_and_order)
{
	static const struct {
		const char *change;
		struct plan_now now;
		const char *writes; /* NULL: refused */
	} cases[] = {
		{"{\"cpu\":{\"quota\":5000}}", {.quota = 9000, .period = 20000}, "cpu.max=5000 20000;"},
		{"{\"cpu\":{\"period\":5000}}", {.quota = 9000, .period = 20000}, "cpu.max=9000 5000;"},
		{"{\"cpu\":{\"period\":5000}}", {.quota = -1, .period = 20000}, "cpu.max=max 5000;"},
		{"{\"cpu\":{\"quota\":-1}}", {.quota = 9000, .period = 20000}, "cpu.max=max 20000;"},
		{"{\"cpu\":{\"quota\":5000}}", {.quota = 9000, .period = 1, .burst = 6000}, NULL},
		{"{\"cpu\":{\"quota\":5000,\"burst\":4000}}",
		 {.quota = 9000, .period = 20000, .burst = 6000},
		 "cpu.max.burst=4000;cpu.max=5000 20000;"},
		{"{\"cpu\":{\"quota\":9000,\"burst\":8000}}",
		 {.quota = 5000, .period = 20000},
		 "cpu.max=9000 20000;cpu.max.burst=8000;"},
		{"{\"cpu\":{\"shares\":1024}}", {.quota = -1, .idle = true}, ""},
		{"{\"cpu\":{\"shares\":1024,\"idle\":0}}",
		 {.quota = -1, .idle = true},
		 "cpu.idle=0;cpu.weight=100;"},
		{"{\"cpu\":{\"idle\":0}}",
		 {.quota = -1, .idle = true, .saved_shares = 1024},
		 "cpu.idle=0;cpu.weight=100;"},
		{"{\"cpu\":{\"shares\":1024,\"idle\":1}}", {.quota = -1}, "cpu.weight=100;cpu.idle=1;"},
		{"{\"unified\":{\"cpu.idle\":\"1\",\"cpu.weight\":\"50\"}}",
		 {.quota = -1},
		 "cpu.weight=50;cpu.idle=1;"},
		{"{\"unified\":{\"cpu.weight\":\"50\",\"cpu.idle\":\"0\"}}",
		 {.quota = -1, .idle = true},
		 "cpu.idle=0;cpu.weight=50;"},
		{"{\"unified\":{\"cpu.max.burst\":\"8000\",\"cpu.max\":\"9000\"}}",
		 {.quota = 5000, .period = 20000},
		 "cpu.max=9000;cpu.max.burst=8000;"},
		{"{\"unified\":{\"cpu.max\":\"5000\",\"cpu.max.burst\":\"4000\"}}",
		 {.quota = 9000, .period = 20000, .burst = 6000},
		 "cpu.max.burst=4000;cpu.max=5000;"},
		{"{\"memory\":{\"limit\":100}}",
		 {.memory = 50, .swap = 200},
		 "memory.max=100;memory.swap.max=150;"},
		{"{\"memory\":{\"limit\":100}}", {.memory = 50, .swap = -1}, "memory.max=100;"},
		{"{\"memory\":{\"limit\":100}}", {.memory = 50, .swap = 20}, NULL},
		{"{\"memory\":{\"swap\":100}}", {.memory = 50, .swap = 0},
		 "memory.max=50;memory.swap.max=50;"},
		{"{\"memory\":{\"swap\":100}}", {.memory = -1, .swap = 0}, NULL},
		{"{\"memory\":{\"swap\":-1}}", {.memory = 50, .swap = 0}, "memory.swap.max=max;"},
		{"{\"memory\":{\"limit\":-1}}", {.memory = 50, .swap = 0},
		 "memory.max=max;memory.swap.max=max;"},
		{"{\"memory\":{\"limit\":100}}",
		 {.memory = -1, .swap = -1, .memory_used = 101, .check_usage = true}, NULL},
		{"{\"memory\":{\"limit\":100}}", {.memory = -1, .swap = -1, .memory_used = 101},
		 "memory.max=100;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena arena = {0};
		_cleanup_strbuf_ struct strbuf got = {0};
		_cleanup_(rt_bind_free) struct bind_doc doc = {0};
		struct plan_builder b = {.arena = &arena};
		struct plan_options o = {.cgroup_path = "/c"};
		struct rt_facts facts = {0};
		struct oci_resources filled;
		struct err e = ERR_INIT;
		struct plan p;
		int r;

		strbuf_add(&got, "");
		cr_assert(rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_resources), "r",
					cases[i].change, strlen(cases[i].change), NULL, &e) == 0);
		r = plan_update_fill(&arena, doc.root, &cases[i].now, &filled, &e);
		cr_expect_eq(r < 0, !cases[i].writes, "case %zu: %s", i, e.text);
		if (r < 0)
			continue;
		cr_assert(plan_build_update(&b, &(struct oci_linux){.resources = &filled},
					    &cases[i].now, &facts, &o, &e) == 0);
		cr_assert(plan_finish(&b, &p, &e) == 0);
		for (const struct op_head *s = plan_first(&p); s; s = plan_next(&p, s)) {
			const struct op_cgroup_write *w = (const struct op_cgroup_write *)s;

			strbuf_addf(&got, "%s=%s;", plan_text(&p, w->file), plan_text(&p, w->value));
		}
		cr_expect_str_eq(got.s, cases[i].writes, "case %zu", i);
	}
}

/* ---- the same in the container's unit ---- */

/* One step: "file=value;", "Name:type=value;", "change UNIT;". */
static void add_step(struct strbuf *b, const struct plan *p, const struct op_head *s)
{
	const struct op_cgroup_write *write = (const struct op_cgroup_write *)s;
	const struct op_systemd_property *property = (const struct op_systemd_property *)s;
	const struct op_systemd_change *change_step = (const struct op_systemd_change *)s;

	if (s->op == OP_cgroup_write)
		strbuf_addf(b, "%s=%s;", plan_text(p, write->file), plan_text(p, write->value));
	else if (s->op == OP_systemd_property)
		strbuf_addf(b, "%s:%s=%s;", plan_text(p, property->name),
			    plan_text(p, property->type), plan_item(p, property->values, 0));
	else
		strbuf_addf(b, "change %s%s;", plan_text(p, change_step->unit),
			    change_step->user ? " of the user" : "");
}

Test(update, of_a_unit)
{
	static const struct {
		const char *change, *steps;
		bool user, idle;
	} cases[] = {
		{"{\"memory\":{\"limit\":100},\"pids\":{\"limit\":1}}",
		 "memory.max=100;pids.max=1;MemoryMax:t=100;TasksMax:t=2;change rt-c.scope;"},
		{"{\"cpu\":{\"quota\":5000,\"cpus\":\"0-1\"}}",
		 "cpuset.cpus=0-1;cpu.max=5000 20000;AllowedCPUs:ay=3;"
		 "CPUQuotaPerSecUSec:t=250000;CPUQuotaPeriodUSec:t=20000;change rt-c.scope of the user;",
		 .user = true},
		/* no limit, and no weight of its own */
		{"{\"memory\":{\"limit\":-1}}",
		 "memory.max=max;memory.swap.max=max;MemoryMax:t=18446744073709551615;"
		 "MemorySwapMax:t=18446744073709551615;change rt-c.scope;"},
		{"{\"cpu\":{\"idle\":1}}", "cpu.idle=1;CPUWeight:t=0;change rt-c.scope;"},
		{"{\"cpu\":{\"idle\":0}}",
		 "cpu.idle=0;CPUWeight:t=18446744073709551615;change rt-c.scope;", .idle = true},
		{"{\"cpu\":{\"idle\":0,\"shares\":1024}}",
		 "cpu.idle=0;cpu.weight=100;CPUWeight:t=100;change rt-c.scope;", .idle = true},
		/* systemd has no property for these */
		{"{\"cpu\":{\"burst\":0}}", "cpu.max.burst=0;"},
		{"{\"unified\":{\"memory.oom.group\":\"1\"}}", "memory.oom.group=1;"},
		/* a number as the kernel reads it is none for strtoull(text, NULL, 10) */
		{"{\"unified\":{\"memory.high\":\" 32M\\n\"}}",
		 "memory.high= 32M\n;MemoryHigh:t=33554432;change rt-c.scope;"},
		{"{\"unified\":{\"memory.max\":\"0x100k\",\"memory.low\":\"max\\n\"}}",
		 "memory.max=0x100k;memory.low=max\n;MemoryMax:t=262144;"
		 "MemoryLow:t=18446744073709551615;change rt-c.scope;"},
		{"{\"unified\":{\"pids.max\":\" 1 \",\"cpu.weight\":\"010\"}}",
		 "pids.max= 1 ;cpu.weight=010;TasksMax:t=2;CPUWeight:t=8;change rt-c.scope;"},
		/* and what it does not take is not for systemd either */
		{"{\"unified\":{\"memory.high\":\"32X\"}}", "memory.high=32X;"},
		{"{\"unified\":{\"memory.high\":\"32MM\"}}", "memory.high=32MM;"},
		{"{\"unified\":{\"memory.high\":\"maximum\"}}", "memory.high=maximum;"},
		{"{\"unified\":{\"memory.high\":\"16E\"}}", "memory.high=16E;"},
		{"{\"unified\":{\"memory.high\":\"-5\"}}", "memory.high=-5;"},
		{"{\"unified\":{\"memory.high\":\"99999999999999999999\"}}",
		 "memory.high=99999999999999999999;"},
		{"{\"unified\":{\"memory.high\":\"\"}}", "memory.high=;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena arena = {0};
		_cleanup_strbuf_ struct strbuf got = {0};
		_cleanup_(rt_bind_free) struct bind_doc doc = {0};
		const struct plan_now now = {.memory = -1, .swap = -1, .quota = -1,
					     .period = 20000, .idle = cases[i].idle};
		struct plan_options o = {.cgroup_path = "/c", .unit = "rt-c.scope",
					 .unit_user = cases[i].user};
		struct plan_builder b = {.arena = &arena};
		struct rt_facts facts = {0};
		struct oci_resources filled;
		struct err e = ERR_INIT;
		struct plan p;

		cr_assert(rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_resources), "r",
					cases[i].change, strlen(cases[i].change), NULL, &e) == 0);
		cr_assert(plan_update_fill(&arena, doc.root, &now, &filled, &e) == 0);
		cr_assert(plan_build_update(&b, &(struct oci_linux){.resources = &filled}, &now,
					    &facts, &o, &e) == 0,
			  "%s", e.text);
		cr_assert(plan_finish(&b, &p, &e) == 0);
		for (const struct op_head *s = plan_first(&p); s; s = plan_next(&p, s))
			add_step(&got, &p, s);
		cr_expect_str_eq(got.s, cases[i].steps, "case %zu: %s", i, got.s);
	}
}

/* ---- the saved configuration ---- */

Test(update, merge)
{
	static const struct {
		const char *old, *change, *merged;
	} cases[] = {
		{"{}", "{\"pids\":{\"limit\":5}}", "{\"pids\":{\"limit\":5}}"},
		{"{\"pids\":{\"limit\":5}}", "{}", "{\"pids\":{\"limit\":5}}"},
		{"{\"memory\":{\"limit\":5,\"swap\":9}}", "{\"memory\":{\"limit\":6}}",
		 "{\"memory\":{\"limit\":6,\"swap\":9}}"},
		{"{\"memory\":{\"limit\":5}}", "{\"memory\":{\"limit\":0,\"reservation\":2}}",
		 "{\"memory\":{\"limit\":5,\"reservation\":2}}"},
		{"{\"unified\":{\"a.a\":\"1\",\"b.b\":\"2\"}}", "{\"unified\":{\"b.b\":\"3\",\"c.c\":\"4\"}}",
		 "{\"unified\":{\"a.a\":\"1\",\"b.b\":\"3\",\"c.c\":\"4\"}}"},
		{"{\"rdma\":{\"x\":{\"hcaHandles\":1,\"hcaObjects\":2}}}",
		 "{\"rdma\":{\"x\":{\"hcaObjects\":3},\"y\":{\"hcaHandles\":4}}}",
		 "{\"rdma\":{\"x\":{\"hcaHandles\":1,\"hcaObjects\":3},\"y\":{\"hcaHandles\":4}}}"},
		{"{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1},{\"pageSize\":\"1GB\",\"limit\":2}]}",
		 "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":3}]}",
		 "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1},{\"pageSize\":\"1GB\",\"limit\":3}]}"},
		{"{\"blockIO\":{\"weight\":10,\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}]}}",
		 "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":2},"
		 "{\"major\":8,\"minor\":0,\"rate\":3}]}}",
		 "{\"blockIO\":{\"weight\":10,\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":3},"
		 "{\"major\":8,\"minor\":16,\"rate\":2}]}}"},
		{"{\"devices\":[{\"allow\":true}]}", "{\"devices\":[{\"allow\":false}]}",
		 "{\"devices\":[{\"allow\":false}]}"},
		{"{\"devices\":[{\"allow\":true}]}", "{\"devices\":[]}", "{\"devices\":[{\"allow\":true}]}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena arena = {0};
		_cleanup_strbuf_ struct strbuf got = {0};
		_cleanup_(rt_bind_free) struct bind_doc old = {0}, change_doc = {0};
		struct oci_resources wanted, merged;
		struct err e = ERR_INIT;

		cr_assert(rt_bind_parse(&old, &rt_oci_schema, BIND_ID(oci_resources), "o",
					cases[i].old, strlen(cases[i].old), NULL, &e) == 0);
		cr_assert(rt_bind_parse(&change_doc, &rt_oci_schema, BIND_ID(oci_resources), "c",
					cases[i].change, strlen(cases[i].change), NULL, &e) == 0);
		wanted = *(const struct oci_resources *)change_doc.root;
		cr_assert(rt_resources_requests(&wanted, &arena, &e) == 0);
		cr_assert(rt_resources_merge(old.root, &wanted, &merged, &arena, &e) == 0);
		rt_bind_emit(&rt_oci_schema, BIND_ID(oci_resources), &merged, 0, &got);
		cr_expect_str_eq(got.s, cases[i].merged, "case %zu", i);
	}
}

Test(update, splice)
{
	static const struct {
		const char *text, *spliced;
	} cases[] = {
		{"{\"a\": {\"b\": [1, {}], \"c\":2} , \"d\":3}", "{\"a\": {\"b\": NEW, \"c\":2} , \"d\":3}"},
		{"{\"a\":{ }}", "{\"a\":{\"b\":NEW }}"},
		{"{\"a\":{\"x\":\"}\"}}", "{\"a\":{\"b\":NEW,\"x\":\"}\"}}"},
		{"{ \"x\" : 1}", "{\"a\":{\"b\":NEW}, \"x\" : 1}"},
		{"{}\n", "{\"a\":{\"b\":NEW}}\n"},
		{"{\"a\":null}", "{\"a\":{\"b\":NEW}}"},
	};
	static const char *const path[] = {"a", "b", NULL};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf got = {0};
		struct err e = ERR_INIT;

		cr_assert(rt_json_splice(cases[i].text, strlen(cases[i].text), path, "NEW", &got,
					 &e) == 0);
		cr_expect_str_eq(got.s, cases[i].spliced, "case %zu", i);
	}
}
