/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox.h"
#include "tree.h"

/*
 * But those over files in /etc: when somebody replaces the machine's own file by rename(2), as
 * every installation of a package with a user does, the kernel drops the mounts on it in all
 * namespaces.
 */
static void add_mounts(struct words *ret)
{
	struct text content = {0};
	char *at;

	if (read_path("/proc/self/mountinfo", &content) < 0)
		return;
	at = xstrdup(text_str(&content));
	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		if (*line && !strstr(line, " /etc/"))
			words_add(ret, line);
}

static void add_cgroups(const char *path, struct words *ret)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char *child;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		child = xprintf("%s/%s", path, entry->d_name);
		words_add(ret, child);
		add_cgroups(child, ret);
	}
	closedir(dir);
}

/* "PID NAME", or NULL if it is a zombie or gone: /proc/PID/stat reads "PID (NAME) STATE ...". */
static char *describe_process(const char *pid)
{
	struct text stat = {0};
	const char *name, *end;

	if (read_path(xprintf("/proc/%s/stat", pid), &stat) < 0)
		return NULL;
	name = strchr(text_str(&stat), '(');
	end = strrchr(text_str(&stat), ')');
	if (!name || !end || end[1] != ' ' || end[2] == 'Z' || end[2] == 'X')
		return NULL;
	return xprintf("%s %.*s", pid, (int)(end - name - 1), name + 1);
}

static void add_processes(struct words *ret)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char *process;

		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    atoi(entry->d_name) == (int)getpid())
			continue;
		process = describe_process(entry->d_name);
		if (process)
			words_add(ret, process);
	}
	closedir(dir);
}

size_t inventory_count_processes(void)
{
	struct words processes = {0};

	add_processes(&processes);
	return processes.n;
}

void inventory_take(struct inventory *ret)
{
	*ret = (struct inventory){0};
	add_mounts(&ret->mounts);
	add_cgroups(sandbox_cgroup_root(), &ret->cgroups);
	tree_list("/run", CASE_DIR, &ret->files);
	add_processes(&ret->processes);
}

static bool must_be_removed(const char *file)
{
	const char *path = strchr(file, ' ') + 1;

	if (strncmp(path, CASE_STATE_ROOT "/", strlen(CASE_STATE_ROOT) + 1) == 0)
		return true;
	return strncmp(file, "fifo ", 5) == 0 || strncmp(file, "socket ", 7) == 0;
}

static void add_difference(const struct words *from, const struct words *to, const char *what,
			   struct text *t)
{
	for (size_t i = 0; i < to->n; i++)
		if (!words_have(from, to->v[i]))
			text_printf(t, "%s: %s\n", what, to->v[i]);
}

char *inventory_leftovers(const struct inventory *before, const struct inventory *after)
{
	struct text t = {0};

	add_difference(&before->processes, &after->processes, "process left", &t);
	add_difference(&before->cgroups, &after->cgroups, "cgroup left", &t);
	add_difference(&before->mounts, &after->mounts, "mount left", &t);
	add_difference(&after->mounts, &before->mounts, "mount gone", &t);
	add_difference(&before->programs, &after->programs, "BPF program left", &t);
	for (size_t i = 0; i < after->files.n; i++)
		if (must_be_removed(after->files.v[i]) &&
		    !words_have(&before->files, after->files.v[i]))
			text_printf(&t, "left: %s\n", after->files.v[i]);
	return t.data;
}
