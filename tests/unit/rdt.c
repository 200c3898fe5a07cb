/* SPDX-License-Identifier: Apache-2.0 */
/* resctrl, as a directory that looks like it: no machine of ours has the hardware. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "host_ops/rdt.h"

/* A group: what mkdir gives in resctrl itself. */
static void fill(const char *group, const char *schemata)
{
	static const char *const files[] = {"schemata", "tasks"};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%s", group, files[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		cr_assert_geq(fd, 0);
		if (i == 0)
			cr_assert_eq(io_write_all(fd, schemata, strlen(schemata)), 0);
		close(fd);
	}
}

static void empty(const char *group)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/schemata", group);
	unlink(path);
	snprintf(path, sizeof(path), "%s/tasks", group);
	unlink(path);
	rmdir(group);
}

static void expect_file(const char *group, const char *name, const char *want)
{
	char got[256];

	cr_assert_geq(io_read_small(AT_FDCWD, group, got, 0), -EISDIR);
	snprintf(got, sizeof(got), "%s/%s", group, name);
	cr_assert_geq(io_read_small(AT_FDCWD, got, got, sizeof(got)), 0);
	cr_expect_str_eq(got, want);
}

Test(rdt, make_write_join)
{
	char dir[] = "/tmp/rt-unit-rdt.XXXXXX", group[64], monitor[64];
	const struct rt_rdt_schema schema = {"L3:0=f;1=f\nMB:0=20\n", ""};
	struct err e = ERR_INIT;

	cr_assert(mkdtemp(dir));
	snprintf(group, sizeof(group), "%s/c1", dir);
	snprintf(monitor, sizeof(monitor), "%s/m1", dir);
	cr_expect_eq(rt_rdt_check(group, &e), -ENOENT);
	cr_expect_eq(e.code, RT_E_RDT);
	err_clear(&e);
	cr_expect_eq(rt_rdt_make(group, &e), 1);
	cr_expect_eq(rt_rdt_make(group, &e), 0);
	cr_expect_eq(rt_rdt_check(group, &e), 0);
	/* what the kernel would have made is not there yet */
	cr_expect_eq(rt_rdt_write(group, &schema, &e), -ENOENT);
	cr_expect(strstr(e.text, "write the schema of resctrl group"), "%s", e.text);
	err_clear(&e);
	cr_expect_eq(rt_rdt_join(group, NULL, 42, &e), -ENOENT);
	err_clear(&e);

	fill(group, "");
	cr_expect_eq(rt_rdt_write(group, &schema, &e), 0, "%s", e.text);
	expect_file(group, "schemata", "L3:0=f;1=f\nMB:0=20");
	cr_expect_eq(rt_rdt_make(monitor, &e), 1);
	fill(monitor, "");
	cr_expect_eq(rt_rdt_join(group, monitor, 42, &e), 0, "%s", e.text);
	expect_file(group, "tasks", "42");
	expect_file(monitor, "tasks", "42");
	empty(group);
	empty(monitor);
	cr_expect_eq(rt_rdt_make("/proc/none", &e), -ENOENT);
	cr_expect_eq(rmdir(dir), 0);
}

/* As the kernel prints it, and what people write. */
Test(rdt, compare)
{
	static const char there[] = "    MB:0=  20;1= 100\n    L3:0=007f0;1=0001f\nL2:0=ff\n";
	static const struct {
		const char *first, *last, *differs;
	} cases[] = {
		{"L3:0=7f0;1=1f\nMB:0=20;1=100\n", "", NULL},
		{"MB:1=100\n", "L3:1=1f\n", NULL},
		{"", "L2:0=ff\nL3: 0 = 7f0 ; 1 = 001f\n", NULL},
		{"L3:0=7f0;1=1f;\n", "", ""}, /* a domain without a value */
		{"L3:0=7f1\n", "", "L3:0=7f1"},
		{"L3:0=7f0\nMB:0=30\n", "", "MB:0=30"},
		{"", "L3:2=1f\n", "L3:2=1f"},
		{"", "L3CODE:0=7f0\n", "L3CODE:0=7f0"},
		{"", "L:0=7f0\n", "L:0=7f0"},
		{"", "L3:0\n", "L3:0"},
		{"MB:0=2\n", "", "MB:0=2"},
		{"MB:0=0\n", "", "MB:0=0"},
		{"", "L3:0=\n", "L3:0="},
	};
	char dir[] = "/tmp/rt-unit-rdt.XXXXXX";

	cr_assert(mkdtemp(dir));
	fill(dir, there);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rt_rdt_schema schema = {cases[i].first, cases[i].last};
		struct err e = ERR_INIT;
		int r = rt_rdt_compare(dir, &schema, &e);

		cr_expect_eq(r, cases[i].differs ? -EEXIST : 0, "%zu: %s", i, e.text);
		if (cases[i].differs)
			cr_expect(strstr(e.text, cases[i].differs), "%zu: %s", i, e.text);
	}
	empty(dir);
}
