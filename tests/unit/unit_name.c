/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/unit.c: names of units, and where their cgroups are. */
#include <errno.h>

#include "base/str.h"
#include "cgroup/systemd.h"
#include "test.h"

/* "UNIT in SLICE at PATH", or "! MESSAGE". */
static const char *unit_of(struct arena *a, const char *path, bool user)
{
	struct err e = ERR_INIT;
	struct rt_unit u;

	if (rt_unit_name(a, path, "web", user, &u, &e) < 0) {
		cr_expect_str_eq(e.field, "linux.cgroupsPath");
		cr_expect(strstr(e.text, "\"slice:prefix:name\""), "%s", e.text);
		return arena_printf(a, "! %s", e.text);
	}
	cr_expect_eq(u.user, user);
	return arena_printf(a, "%s in %s at %s", u.name, u.slice,
			    rt_unit_path(a, &u, "container", 1000));
}

static const struct {
	const char *path;
	bool user;
	const char *expected;
} forms[] = {
	{NULL, false, "rt-web.scope in system.slice at /system.slice/rt-web.scope/container"},
	{"", false, "rt-web.scope in system.slice at /system.slice/rt-web.scope/container"},
	{"", true,
	 "rt-web.scope in user.slice at /user.slice/user-1000.slice/user@1000.service/user.slice/"
	 "rt-web.scope/container"},
	{":p:n", false, "p-n.scope in system.slice at /system.slice/p-n.scope/container"},
	{"::n", false, "n.scope in system.slice at /system.slice/n.scope/container"},
	{"m.slice:docker:0a1b", false,
	 "docker-0a1b.scope in m.slice at /m.slice/docker-0a1b.scope/container"},
	{"a-b-c.slice:p:n", false,
	 "p-n.scope in a-b-c.slice at /a.slice/a-b.slice/a-b-c.slice/p-n.scope/container"},
	{"-.slice:p:n", false, "p-n.scope in -.slice at /p-n.scope/container"},
	{"x.slice:p:a-b.slice", false, "a-b.slice in a.slice at /a.slice/a-b.slice/container"},
	{"::top.slice", false, "top.slice in -.slice at /top.slice/container"},
};

static const struct {
	const char *path, *message;
} wrong[] = {
	{"/sys/web", "has not three parts"},
	{"web", "has not three parts"},
	{"a.slice:web", "has not three parts"},
	{"a.slice:p:n:more", "has not three parts"},
	{"a.slice:p:", "has no name"},
	{"a.slice:p:n/sub", "has a character"},
	{"a.slice:p:a b", "has a character"},
	{"a.slice:p q:n", "has a character"},
	{"machine:p:n", "names no slice"},
	{".slice:p:n", "names no slice"},
	{"/a.slice:p:n", "has a character"},
	{"a--b.slice:p:n", "names a slice with an empty part"},
	{"-a.slice:p:n", "names a slice with an empty part"},
	{"a-.slice:p:n", "names a slice with an empty part"},
	{"::a--b.slice", "names a slice with an empty part"},
};

Test(unit_name, forms)
{
	_cleanup_arena_ struct arena a = {0};
	char name[300];

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		cr_expect_str_eq(unit_of(&a, forms[i].path, forms[i].user), forms[i].expected);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *got = unit_of(&a, wrong[i].path, false);

		cr_expect(got[0] == '!' && strstr(got, wrong[i].message), "%s: %s", wrong[i].path,
			  got);
	}
	memset(name, 'n', sizeof(name));
	memcpy(name, "::", 2);
	name[sizeof(name) - 1] = '\0';
	cr_expect(strstr(unit_of(&a, name, false), "is too long"));
}

Test(unit_name, subgroups)
{
	static const char *const refused[] = {"a/b", "..", ".", ".hidden"};
	const struct rt_unit scope = {.name = "a.scope"};
	const struct rt_unit slice = {.name = "a.slice", .is_slice = true};
	struct err e = ERR_INIT;
	const char *sub;

	cr_expect_eq(rt_unit_subgroup(NULL, &scope, &sub, &e), 0);
	cr_expect_str_eq(sub, "container");
	cr_expect_eq(rt_unit_subgroup(NULL, &slice, &sub, &e), 0);
	cr_expect_str_eq(sub, "");
	cr_expect_eq(rt_unit_subgroup("", &scope, &sub, &e), 0);
	cr_expect_str_eq(sub, "");
	cr_expect_eq(rt_unit_subgroup("payload", &slice, &sub, &e), 0);
	cr_expect_str_eq(sub, "payload");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		e = ERR_INIT;
		cr_expect_eq(rt_unit_subgroup(refused[i], &scope, &sub, &e), -EINVAL);
		cr_expect_str_eq(e.field, "annotations[run.oci.systemd.subgroup]");
	}
}
