/* SPDX-License-Identifier: Apache-2.0 */
/* lib/host: facts of this host, and facts as a document. */
#include <errno.h>
#include <unistd.h>

#include "base/str.h"
#include "host/facts.h"
#include "test.h"

Test(host, probe)
{
	_cleanup_arena_ struct arena a = {0};
	struct err e = ERR_INIT;
	struct rt_facts f;

	cr_assert_eq(rt_facts_probe(0, &a, &f, &e), 0, "%s", e.text);
	cr_expect_eq(f.euid, geteuid());
	cr_expect_eq(f.egid, getegid());
	/* 5.9, the last capability that was added */
	cr_expect(f.last_capability >= 40 && f.last_capability < 64);
	cr_expect(f.cgroup_tree && f.cgroup_root);
	cr_expect_eq(str_empty(f.cgroup_root), f.cgroup_tree == RT_CGROUP_TREE_NONE);
	cr_expect(!BIND_HAS(&f, controllers) && !BIND_HAS(&f, own_cgroup) && !BIND_HAS(&f, kernel));
	cr_assert_eq(rt_facts_probe(FACTS_ALL, &a, &f, &e), 0, "%s", e.text);
	cr_expect(BIND_HAS(&f, controllers));
	cr_expect(f.kernel && *f.kernel >= '1' && *f.kernel <= '9');
	if (f.cgroup_tree != RT_CGROUP_TREE_NONE)
		cr_expect(BIND_HAS(&f, own_cgroup) && *f.own_cgroup == '/');
}

/* What is printed is what is read. */
Test(host, document)
{
	_cleanup_arena_ struct arena a = {0};
	_cleanup_strbuf_ struct strbuf text = {0}, again = {0};
	struct bind_doc doc = {0};
	struct err e = ERR_INIT;
	const struct rt_facts *g;
	struct rt_facts f;

	cr_assert_eq(rt_facts_probe(FACTS_ALL, &a, &f, &e), 0, "%s", e.text);
	rt_facts_print(&f, &text);
	cr_assert_eq(rt_facts_parse(&doc, "facts", text.s, text.len, &g, &e), 0, "%s", e.text);
	rt_facts_print(g, &again);
	cr_expect_str_eq(text.s, again.s);
	cr_expect_eq(g->capabilities, f.capabilities);
	rt_bind_free(&doc);
	cr_expect_eq(rt_facts_parse(&doc, "facts", "{}", 2, &g, &e), -EINVAL);
	cr_expect_str_eq(e.field, "euid");
	rt_bind_free(&doc);
}

Test(host, capability)
{
	const struct rt_facts f = {.capabilities = 1ull << 40 | 1};

	cr_expect(rt_facts_can(&f, 0) && rt_facts_can(&f, 40));
	cr_expect(!rt_facts_can(&f, 1) && !rt_facts_can(&f, 39) && !rt_facts_can(&f, 63));
}
