/* SPDX-License-Identifier: Apache-2.0 */
/* lib/cgroup: paths; the tree for real, where the caller may make cgroups. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/stat.h"
#include "cgroup/text.h"
#include "test.h"

Test(cgroup, paths)
{
	static const struct {
		const char *asked, *own;
		bool privileged;
		const char *path; /* NULL: refused */
	} cases[] = {
		{ "/a/b", "/", true, "/a/b" },
		{ "//a///b/", "/", true, "/a/b" },
		{ "a/b", "/x/y", true, "/a/b" },
		{ "", "/", true, "/id" },
		{ NULL, "/", true, "/id" },
		{ "a", "/user.slice/s.scope", false, "/user.slice/a" },
		{ "", "/user.slice/s.scope", false, "/user.slice/id" },
		{ "/a", "/user.slice/s.scope", false, "/a" },
		{ "a", "/", false, "/a" },
		{ "system.slice:rt:x", "/", true, "/system.slice:rt:x" },
		{ "..a/b..", "/", true, "/..a/b.." },
		{ "/", "/", true, NULL },
		{ "///", "/", true, NULL },
		{ "..", "/", true, NULL },
		{ "/a/../b", "/", true, NULL },
		{ "a/./b", "/", true, NULL },
	};
	struct arena a = { 0 };
	char longest[5000];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rt_cgroup_place place = { "/sys/fs/cgroup", cases[i].own,
						       cases[i].privileged };
		struct err e = ERR_INIT;
		const char *path = NULL;
		int r = rt_cgroup_path(&a, cases[i].asked, "id", &place, &path, &e);

		cr_expect_eq(r, cases[i].path ? 0 : -EINVAL, "case %zu", i);
		if (cases[i].path)
			cr_expect_str_eq(path, cases[i].path, "case %zu", i);
		else
			cr_expect_str_eq(e.field, "linux.cgroupsPath");
		/* the message says the reason itself */
		cr_expect_null(strstr(e.text, "invalid argument"), "case %zu: %s", i, e.text);
	}
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 ? 'a' : '/';
	longest[sizeof(longest) - 1] = '\0';
	{
		const struct rt_cgroup_place place = { "/sys/fs/cgroup", "/", true };
		struct err e = ERR_INIT;
		const char *path;

		cr_assert_eq(rt_cgroup_path(&a, longest, "id", &place, &path, &e), -ENAMETOOLONG);
		memset(longest + 1, 'a', 300);
		longest[301] = '\0';
		cr_assert_eq(rt_cgroup_path(&a, longest, "id", &place, &path, &e), -ENAMETOOLONG);
	}
	arena_free(&a);
}

Test(cgroup, text)
{
	cr_assert(rt_cgroup_has_word("cpu memory pids", "memory", 6));
	cr_assert(rt_cgroup_has_word("cpu memory pids", "pids", 4));
	cr_assert(!rt_cgroup_has_word("cpuset memory", "cpu", 3));
	cr_assert(!rt_cgroup_has_word("", "cpu", 3));
	cr_assert_eq(rt_cgroup_value("low 1\nhigh 2\noom 3\noom_kill 4\n", "oom_kill"), 4);
	cr_assert_eq(rt_cgroup_value("low 1\noom_kill 4\n", "oom"), 0);
}

/* The cgroup2 tree, if new cgroups can be made in it. */
static const char *tree(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs st;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (statfs(roots[i], &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC &&
		    access(roots[i], W_OK) == 0)
			return roots[i];
	return NULL;
}

/* A child that waits to be killed, in this cgroup. */
static pid_t waiter_in(int cgroup)
{
	char digits[16];
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	snprintf(digits, sizeof(digits), "%d", (int)pid);
	cr_assert_eq(io_write_small(cgroup, "cgroup.procs", digits), 0);
	return pid;
}

Test(cgroup, life)
{
	const char *root = tree();
	struct rt_cgroup_events events;
	struct err e = ERR_INIT;
	pid_t *pids = NULL, pid;
	char path[64], top[4096];
	int fd, again;
	size_t n;

	if (!root)
		test_skip("no cgroup2 tree that this user may write to");
	snprintf(path, sizeof(path), "/rt-unit-%d/a/b", (int)getpid());
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 3);
	snprintf(top, sizeof(top), "%s/rt-unit-%d", root, (int)getpid());
	cr_assert_eq(mkdir(top, 0755), 0);
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &fd, &e), 0, "%s", e.text);
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 0);

	/* it may be there, as long as nobody is in it */
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &again, &e), 0, "%s", e.text);
	close(again);
	pid = waiter_in(fd);
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &again, &e), -EBUSY);
	err_clear(&e);
	cr_assert_eq(rt_cgroup_events(fd, &events, &e), 0);
	cr_assert(events.populated && !events.frozen);
	cr_assert_eq(rt_cgroup_pids(fd, &pids, &n, &e), 0);
	cr_assert_eq(n, 1);
	cr_assert_eq(pids[0], pid);
	free(pids);

	/* bounded, and it says whom it waited for */
	cr_assert_eq(rt_cgroup_wait_empty(fd, 50, &e), -EBUSY);
	cr_assert(strstr(e.text, "did not end within 50 ms"), "%s", e.text);
	err_clear(&e);
	cr_assert_eq(rt_cgroup_signal(fd, 0, &e), 1);
	cr_assert_eq(rt_cgroup_kill(fd, &e), 0, "%s", e.text);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert_eq(rt_cgroup_wait_empty(fd, 5000, &e), 0, "%s", e.text);

	/* what is below goes too, and of the parents the one that create made */
	cr_assert_eq(mkdirat(fd, "x", 0755), 0);
	cr_assert_eq(mkdirat(fd, "x/y", 0755), 0);
	cr_assert_eq(mkdirat(fd, "z", 0755), 0);
	close(fd);
	cr_assert_eq(rt_cgroup_remove(root, path, 0, 5000, &e), 0, "%s", e.text);
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 2);
	snprintf(path, sizeof(path), "/rt-unit-%d", (int)getpid());
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0, "%s", e.text);
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 1);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0, "gone already is fine");
}

/* Deeper than any path is long, with a process at the very bottom. */
Test(cgroup, nested_deeply)
{
	enum { DEPTH = 60 };
	static const char name[] = "a-name-of-a-hundred-letters-"
				   "so-that-sixty-of-them-are-more-than-PATH_MAX-"
				   "even-without-the-slashes.";
	const char *root = tree();
	struct err e = ERR_INIT;
	pid_t *pids = NULL, pid;
	char path[64];
	int fd, dir;
	size_t n;

	if (!root)
		test_skip("no cgroup2 tree that this user may write to");
	snprintf(path, sizeof(path), "/rt-unit-deep-%d", (int)getpid());
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &fd, &e), 0, "%s", e.text);
	dir = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < DEPTH; i++) {
		int next;

		cr_assert_eq(mkdirat(dir, "other", 0755), 0);
		cr_assert_eq(mkdirat(dir, name, 0755), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(dir);
		dir = next;
	}
	pid = waiter_in(dir);
	close(dir);
	cr_assert_eq(rt_cgroup_pids(fd, &pids, &n, &e), 0, "%s", e.text);
	cr_assert_eq(n, 1);
	cr_assert_eq(pids[0], pid);
	free(pids);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 50, &e), -EBUSY, "it has a process");
	err_clear(&e);
	cr_assert_eq(rt_cgroup_signal(fd, SIGKILL, &e), 1, "%s", e.text);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	close(fd);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0, "%s", e.text);
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 1);
}

/* More processes than are held at once, some of them deeper, get the signal once each. */
Test(cgroup, signal_to_all)
{
	enum { CHILDREN = 70 };
	const char *root = tree();
	struct err e = ERR_INIT;
	pid_t pids[CHILDREN];
	char path[64];
	int fd, below, status;

	if (!root)
		test_skip("no cgroup2 tree that this user may write to");
	snprintf(path, sizeof(path), "/rt-unit-signal-%d", (int)getpid());
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &fd, &e), 0, "%s", e.text);
	cr_assert_eq(mkdirat(fd, "below", 0755), 0);
	below = openat(fd, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(below, 0);
	for (int i = 0; i < CHILDREN; i++)
		pids[i] = waiter_in(i % 2 ? fd : below);
	cr_expect_eq(rt_cgroup_signal(fd, SIGTERM, &e), CHILDREN, "%s", e.text);
	for (int i = 0; i < CHILDREN; i++) {
		cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
		cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
	cr_expect_eq(rt_cgroup_signal(fd, SIGTERM, &e), 0);
	cr_expect_eq(rt_cgroup_signal(fd, 65, &e), 0, "nobody is there to refuse it");
	close(below);
	close(fd);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0, "%s", e.text);
}

/* Two that share a parent, which the one who leaves last removes. */
static int make_and_remove(const char *root, const char *path)
{
	struct err e = ERR_INIT;
	int fd;

	for (int i = 0; i < 300; i++) {
		if (rt_cgroup_create(root, path, NULL, &fd, &e) < 0)
			return 1;
		close(fd);
		if (rt_cgroup_remove(root, path, 2, 5000, &e) < 0)
			return 2;
	}
	return 0;
}

Test(cgroup, parent_in_common)
{
	const char *root = tree();
	struct err e = ERR_INIT;
	char path[64], other[64];
	int status;
	pid_t pid;

	if (!root)
		test_skip("no cgroup2 tree that this user may write to");
	snprintf(path, sizeof(path), "/rt-unit-both-%d/a", (int)getpid());
	snprintf(other, sizeof(other), "/rt-unit-both-%d/b", (int)getpid());
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0)
		_exit(make_and_remove(root, other));
	cr_expect_eq(make_and_remove(root, path), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0);
	cr_expect_eq(rt_cgroup_missing(root, path, &e), 2);
}

Test(cgroup, messages)
{
	const char *root = tree();
	struct err e = ERR_INIT;
	char path[64];
	int fd;

	if (!root)
		test_skip("no cgroup2 tree that this user may write to");
	snprintf(path, sizeof(path), "/rt-unit-msg-%d", (int)getpid());
	cr_assert_eq(rt_cgroup_create(root, path, "nosuch", &fd, &e), -ENOENT);
	cr_assert_eq(e.code, RT_E_HOST);
	cr_assert(strstr(e.text, "controller \"nosuch\" is not available in \""), "%s", e.text);
	cr_assert_eq(rt_cgroup_missing(root, path, &e), 1, "nothing is left of it");

	err_clear(&e);
	cr_assert_eq(rt_cgroup_create(root, path, NULL, &fd, &e), 0, "%s", e.text);
	cr_assert_eq(rt_cgroup_write(fd, "nosuch.max", "1", NULL, &e), -ENOENT);
	cr_assert(strstr(e.text, "controller \"nosuch\""), "%s", e.text);
	err_clear(&e);
	cr_assert_eq(rt_cgroup_write(fd, "../cgroup.procs", "1", NULL, &e), -EINVAL);
	err_clear(&e);
	cr_assert(rt_cgroup_write(fd, "cgroup.freeze", "7", NULL, &e) < 0);
	cr_assert(strstr(e.text, "write \"7\" to \""), "%s", e.text);
	close(fd);
	cr_assert_eq(rt_cgroup_remove(root, path, 1, 5000, &e), 0);
}

/* Linux 5.15 leaves out the end of the line of a device without numbers. */
Test(cgroup, io_statistics)
{
	static const char text[] = "7:1 \n7:0 254:16 rbytes=1 wbytes=2 rios=3 wios=4\n8:0 rbytes=5\n";
	char dir[] = "/tmp/rt-unit-stat-XXXXXX";
	struct strbuf out = {0};
	struct rt_cgroup_stat s;
	int fd;

	cr_assert(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(io_replace_file(fd, "io.stat", 0600, text, sizeof(text) - 1), 0);
	rt_cgroup_stat_json(fd, &out);
	rt_cgroup_stat(fd, &s);
	unlinkat(fd, "io.stat", 0);
	close(fd);
	rmdir(dir);
	cr_expect(strstr(out.s, "\"ioServiceBytesRecursive\":["
				"{\"major\":254,\"minor\":16,\"op\":\"Read\",\"value\":1},"
				"{\"major\":254,\"minor\":16,\"op\":\"Write\",\"value\":2},"
				"{\"major\":8,\"op\":\"Read\",\"value\":5}]"),
		  "%s", out.s);
	cr_expect(strstr(out.s, "\"ioStat\":{\"7:1\":{},\"254:16\":{\"rbytes\":1,\"wbytes\":2,"
				"\"rios\":3,\"wios\":4},\"8:0\":{\"rbytes\":5}}"),
		  "%s", out.s);
	cr_expect_eq(s.read_bytes, 6);
	cr_expect_eq(s.write_bytes, 2);
	free(out.s);
}
