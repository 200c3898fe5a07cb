/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/spawn.h"
#include "base/str.h"
#include "host/facts.h"
#include "host_ops/host_ops.h"

#define MAP_LINES 340 /* user_namespaces(7) */
#define HELPER_MSEC 10000

/* One line of a map, "INSIDE OUTSIDE COUNT", gives three arguments to newuidmap. */
static int split_map(struct arena *a, const char *map, const char **argv, size_t max)
{
	char *text = arena_str(a, map);
	char *save = NULL;
	size_t n = 0;

	if (!text)
		return -ENOMEM;
	for (char *w = strtok_r(text, " \n", &save); w; w = strtok_r(NULL, " \n", &save)) {
		if (n + 1 >= max)
			return -E2BIG;
		argv[n++] = w;
	}
	argv[n] = NULL;
	return 0;
}

static int map_by_helper(const char *name, pid_t pid, const char *map, struct err *e)
{
	_cleanup_arena_ struct arena a = {0};
	const char *argv[3 * MAP_LINES + 3];
	const char *const envp[] = {NULL};
	char path[64], digits[16], output[256];
	struct rt_spawn s = {.exec_fd = -1, .argv = argv, .envp = envp, .cwd_fd = -1};
	int status, r;

	s.path = rt_facts_helper(name, path, sizeof(path));
	if (!s.path) {
		err_set(e, ENOENT | RT_NO_TEXT, RT_E_HOST, "\"%s\" is not installed", name);
		return err_hint(
			e, "mapping more than one's own id needs %s from the package uidmap", name);
	}
	snprintf(digits, sizeof(digits), "%d", (int)pid);
	argv[0] = name;
	argv[1] = digits;
	r = split_map(&a, map, argv + 2, ARRAY_SIZE(argv) - 2);
	if (r < 0)
		return err_set(e, r, RT_E_IDMAP, "id map");
	r = rt_spawn_run(&s, "", 0, HELPER_MSEC, output, sizeof(output), &status);
	if (r < 0)
		return err_set(e, r, RT_E_IDMAP, "run \"%s\"", path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	output[strcspn(output, "\n")] = '\0';
	err_set(e, EPERM | RT_NO_TEXT, RT_E_IDMAP, "\"%s\" refused the map: %s", name, output);
	return err_hint(e, "ranges are given to users in %s",
			streq(name, "newuidmap") ? "/etc/subuid" : "/etc/subgid");
}

static int map_by_file(pid_t pid, const char *file, const char *map, struct err *e)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	r = io_write_small(AT_FDCWD, path, map);
	if (r < 0)
		return err_set(e, r, RT_E_IDMAP, "write \"%s\" to %s", map, file);
	return 0;
}

int rt_id_map_write(pid_t pid, const char *uid_map, const char *gid_map, int helper,
		    int deny_setgroups, struct err *e)
{
	if (deny_setgroups)
		TRY(map_by_file(pid, "setgroups", "deny", e));
	if (helper) {
		TRY(map_by_helper("newuidmap", pid, uid_map, e));
		return map_by_helper("newgidmap", pid, gid_map, e);
	}
	TRY(map_by_file(pid, "uid_map", uid_map, e));
	return map_by_file(pid, "gid_map", gid_map, e);
}
