/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From config.json to the plan of create, all that is pure: a document that passes the check becomes
 * a seccomp program and a device program that are within the kernel's bounds, and a plan that
 * rt-init accepts and that can be printed; or it is refused with words. The first byte says which
 * host and which options.
 */
#include "fuzz.h"

#include <linux/filter.h>
#include <sched.h>
#include <string.h>

#include "cgroup/devices.h"
#include "plan/build.h"
#include "plan/print.h"
#include "sec/seccomp.h"
#include "spec/check.h"

enum host { AS_USER = 1, HYBRID = 2, WITH_UNIT = 4, GATE = 8, NO_CGROUP = 16, NOTIFY = 32 };

static void describe(unsigned int bits, struct rt_facts *f, struct plan_options *o)
{
	static const char *const controllers[] = {"cpuset", "cpu",     "io",
						  "memory", "hugetlb", "pids"};
	bool user = bits & AS_USER;

	*f = (struct rt_facts){
		.euid = user ? 1000 : 0,
		.egid = user ? 1000 : 0,
		.initial_userns = true,
		.setgroups = true,
		.capabilities = user ? 0 : (UINT64_C(1) << 41) - 1,
		.last_capability = 40,
		.cgroup_tree = bits & HYBRID ? RT_CGROUP_TREE_HYBRID : RT_CGROUP_TREE_UNIFIED,
		.cgroup_root = bits & HYBRID ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup",
		.controllers = {bits & HYBRID ? 0 : 6, controllers},
		.own_cgroup = "/user.slice",
	};
	memset(&f->has, 1, sizeof(f->has));
	*o = (struct plan_options){
		.id = "c",
		.bundle = "/bundle",
		.rootfs = "/bundle/rootfs",
		.cgroup_path = bits & NO_CGROUP ? "" : "/c",
		.gate = bits & GATE,
	};
	if ((bits & (WITH_UNIT | NO_CGROUP)) == WITH_UNIT) {
		o->unit = "rt-c.scope";
		o->unit_slice = "system.slice";
		o->unit_subgroup = "container";
		o->unit_user = user;
	}
	if (bits & NOTIFY) {
		o->notify_socket = "/run/notify";
		o->notify_dir = "/run/rt/c/notify";
	}
}

static int compile(struct arena *a, const struct oci_config *config, struct plan_options *o,
		   struct err *e)
{
	const struct oci_linux *l = config->linux;
	struct rt_seccomp s;

	if (l && l->seccomp) {
		TRY(rt_seccomp_compile(a, l->seccomp, &s, e));
		FUZZ_CHECK(s.n > 0 && s.n <= BPF_MAXINSNS);
		o->seccomp_program = s.insns;
		o->seccomp_len = s.n * (uint32_t)sizeof(*s.insns);
		o->seccomp_flags = s.flags;
		o->seccomp_notify = s.notify;
	}
	TRY(rt_devices_compile(a, l && l->resources ? &l->resources->devices : NULL,
			       &o->device_program, &o->device_len, e));
	FUZZ_CHECK(o->device_len % 8 == 0);
	return 0;
}

static const char *field(const void *doc, const void *member, char *buf, size_t size)
{
	return rt_bind_field(doc, member, buf, size);
}

static void print(const struct plan *plan, const struct bind_doc *doc)
{
	struct strbuf text = {0}, json = {0};

	plan_print_text(plan, field, doc, &text);
	plan_print_json(plan, field, doc, &json);
	FUZZ_CHECK(!text.failed && !json.failed);
	strbuf_free(&text);
	strbuf_free(&json);
}

static int build(struct arena *a, unsigned int bits, const struct bind_doc *doc, struct err *e)
{
	const struct oci_config *config = doc->root;
	struct plan_builder b = {.arena = a};
	struct plan_options o;
	struct rt_facts f;
	struct plan plan;

	describe(bits, &f, &o);
	o.have_console = config->process && config->process->terminal;
	TRY(compile(a, config, &o, e));
	TRY(plan_build_create(&b, config, &f, &o, e));
	TRY(plan_finish(&b, &plan, e));
	FUZZ_CHECK(plan_verify(plan.block, plan.block->size) == 0);
	print(&plan, doc);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bind_doc doc = {0};
	struct arena arena = {0};
	struct err e = ERR_INIT;

	if (size &&
	    rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_config), "config.json",
			  (const char *)data + 1, size - 1, NULL, &e) == 0 &&
	    rt_check_config(&doc, NULL, &e) == 0)
		FUZZ_CHECK((build(&arena, data[0], &doc, &e) < 0) == (e.text[0] != '\0'));
	arena_free(&arena);
	rt_bind_free(&doc);
	return 0;
}
