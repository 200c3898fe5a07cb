/* SPDX-License-Identifier: Apache-2.0 */
/* "need WHAT": what the machine must have for a case to mean anything. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "steps.h"

struct need {
	const char *name;
	bool (*is_met)(const char *which);
	const char *lacking; /* reads on with the argument */
};

static bool need_controller(const char *which)
{
	struct text list = {0};
	char *at;

	if (read_path(xprintf("%s/cgroup.controllers", sandbox_cgroup_root()), &list) < 0)
		return false;
	at = xstrdup(text_str(&list));
	for (char *name = strsep(&at, " \n"); name; name = strsep(&at, " \n"))
		if (strcmp(name, which) == 0)
			return true;
	return false;
}

static bool need_no_controller(const char *which)
{
	return !need_controller(which);
}

static bool need_program(const char *which)
{
	static const char *const directories[] = {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin",
						  "/sbin"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (access(xprintf("%s/%s", directories[i], which), X_OK) == 0)
			return true;
	return false;
}

/* "SYS_RESOURCE": in our own effective set, as the runtime would inherit it. */
static bool need_capability(const char *which)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {{"SYS_RESOURCE", CAP_SYS_RESOURCE},
		     {"MKNOD", CAP_MKNOD},
		     {"SYS_ADMIN", CAP_SYS_ADMIN},
		     {"SYS_NICE", CAP_SYS_NICE},
		     {"MAC_ADMIN", CAP_MAC_ADMIN},
		     {"SYS_TIME", CAP_SYS_TIME}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, which) == 0)
			return prctl(PR_CAPBSET_READ, known[i].number) == 1;
	return false;
}

static bool need_kernel(const char *which)
{
	struct utsname name;
	int have[2] = {0}, want[2] = {0};

	uname(&name);
	sscanf(name.release, "%d.%d", &have[0], &have[1]);
	sscanf(which, "%d.%d", &want[0], &want[1]);
	return have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
}

/* numa: a second memory node. Without an argument. */
static bool need_numa(const char *which)
{
	(void)which;
	return access("/sys/devices/system/node/node1", F_OK) == 0;
}

static bool need_namespace(const char *which)
{
	return access(xprintf("/proc/self/ns/%s", which), F_OK) == 0;
}

static bool need_file(const char *which)
{
	return access(which, F_OK) == 0;
}

static bool need_no_file(const char *which)
{
	return !need_file(which);
}

/* Make a user namespace with a map, clone the directory's mount and try to put the map on it. */
static bool need_idmap(const char *which)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};
	int tree, userns = -1;
	bool works = false;
	pid_t pid;

	(void)which;
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	if (pid < 0)
		return false;
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, CASE_DIR, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree >= 0 && put_string(xprintf("/proc/%d/uid_map", (int)pid), "0 1000 1") == 0 &&
	    put_string(xprintf("/proc/%d/gid_map", (int)pid), "0 1000 1") == 0)
		userns = open(xprintf("/proc/%d/ns/user", (int)pid), O_RDONLY | O_CLOEXEC);
	if (userns >= 0) {
		attr.userns_fd = (unsigned long)userns;
		works = syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) ==
			0;
		close(userns);
	}
	if (tree >= 0)
		close(tree);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return works;
}

/* crun before 1.9 raises RLIMIT_MEMLOCK for every device program. */
static bool need_memlock(const char *which)
{
	struct rlimit limit;

	(void)which;
	return need_capability("SYS_RESOURCE") ||
	       (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_max == RLIM_INFINITY);
}

/* "apparmor": among the security modules; securityfs may not be mounted where there are none. */
static bool need_lsm(const char *which)
{
	struct text list = {0};
	char *at;

	if (read_path("/sys/kernel/security/lsm", &list) < 0)
		return false;
	at = xstrdup(text_str(&list));
	for (char *name = strsep(&at, ",\n"); name; name = strsep(&at, ",\n"))
		if (strcmp(name, which) == 0)
			return true;
	return false;
}

/* Sanitizers take more address space and threads than a low limit leaves. Without an argument. */
static bool need_no_sanitizer(const char *which)
{
	(void)which;
#ifdef SANITIZED
	return false;
#else
	return true;
#endif
}

static const struct need needs[] = {
	{"controller", need_controller, "no cgroup v2 controller"},
	{"no-controller", need_no_controller, "there is the controller"},
	{"program", need_program, "not installed:"},
	{"capability", need_capability, "the machine withholds CAP"},
	{"kernel", need_kernel, "the kernel is older than"},
	{"no-sanitizer", need_no_sanitizer, "the runtime was built with a sanitizer"},
	{"namespace", need_namespace, "the kernel has no namespace of type"},
	{"file", need_file, "no file"},
	{"no-file", need_no_file, "there is the file"},
	{"idmap", need_idmap, "no idmapped mounts on the file system of /run/case"},
	{"lsm", need_lsm, "the kernel runs without"},
	{"numa", need_numa, "the machine has one memory node"},
	{"memlock", need_memlock, "RLIMIT_MEMLOCK is limited"},
};

int step_need(struct context *cx, const struct statement *s)
{
	const char *which = s->words.n > 2 ? s->words.v[2] : "";

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (strcmp(needs[i].name, s->words.v[1]) != 0)
			continue;
		if (needs[i].is_met(which))
			return 0;
		return context_skip(cx, "%s: %s %s", s->words.v[1], needs[i].lacking, which);
	}
	return context_fail(cx, "unknown need \"%s\"", s->words.v[1]);
}
