/* SPDX-License-Identifier: Apache-2.0 */
/* Removing cgroups. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/dir.h"

/* The name of one cgroup below; false when there is none. */
static bool first_child(int cgroup, char *name, size_t size)
{
	DIR *dir = rt_cgroup_list(cgroup);
	const struct dirent *d;
	bool found = false;

	while (dir && !found && (d = readdir(dir)))
		if (rt_cgroup_is_below(d))
			found = str_fmt(name, size, "%s", d->d_name) > 0;
	if (dir)
		closedir(dir);
	return found;
}

/*
 * Remove all below the cgroup: down to one that has none below, and back by "..". Each is entered
 * once, however deep and wide the container has made the tree. -EBUSY: there are processes in one.
 */
static int remove_below(int cgroup)
{
	_cleanup_close_ int here = rt_cgroup_dir(cgroup, ".");
	char name[NAME_MAX + 1], deeper[NAME_MAX + 1];
	size_t depth = 0;
	int r = here < 0 ? here : 0;

	while (r == 0) {
		if (!first_child(here, name, sizeof(name))) {
			if (depth == 0)
				return 0;
			r = rt_cgroup_enter(&here, "..");
			depth--;
			continue;
		}
		if (unlinkat(here, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		if (errno != EBUSY)
			return -errno;
		r = rt_cgroup_enter(&here, name);
		if (r == -ENOENT)
			r = 0;
		else if (r == 0 && !first_child(here, deeper, sizeof(deeper)))
			r = -EBUSY;
		else
			depth++;
	}
	return r;
}

/* Remove the cgroup with all below it, as it is at the moment. */
static int remove_now(int parent, const char *name)
{
	_cleanup_close_ int cgroup = rt_cgroup_dir(parent, name);
	int r = cgroup < 0 ? cgroup : remove_below(cgroup);

	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r == -ENOENT ? 0 : r;
}

/* Remove a cgroup with all below it, as long as they are busy only with dying processes. */
static int remove_tree(int parent, const char *name, int timeout_msec, struct err *e)
{
	int64_t deadline;
	int r;

	/* Mostly it is empty, and this is all. A file of the cgroup above may have its name: no cgroup was made. */
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOTDIR)
		return 0;
	deadline = rt_clock_msec(CLOCK_MONOTONIC) + timeout_msec;
	for (;;) {
		r = remove_now(parent, name);
		if (r == 0)
			return 0;
		if (r == -EBUSY && rt_clock_msec(CLOCK_MONOTONIC) < deadline) {
			_cleanup_close_ int dir = rt_cgroup_dir(parent, name);

			if (dir >= 0)
				TRY(rt_cgroup_wait_empty(
					dir, (int)(deadline - rt_clock_msec(CLOCK_MONOTONIC)), e));
			poll(NULL, 0, 1); /* a task counts until the scheduler has let go of it */
		} else {
			return err_set(e, r, RT_E_CGROUP, "remove cgroup \"%s\"", name);
		}
	}
}

int rt_cgroup_remove_parents(const char *root, const char *path, int made, struct err *e)
{
	char whole[PATH_MAX], *last;
	int r = str_fmt(whole, sizeof(whole), "%s%s", root, path);
	const char *top = whole + strlen(root);

	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "cgroup \"%s%s\"", root, path);
	while ((last = strrchr(top, '/')) && last > top) {
		*last = '\0';
		/* a create that was killed may not have marked what it made, or made only the upper ones */
		if (--made <= 0 && getxattr(whole, RT_CGROUP_MADE, NULL, 0) < 0)
			return 0;
		if (rmdir(whole) == 0 || errno == ENOENT || errno == ENOTDIR)
			continue;
		/* others live there by now: a cgroup below, or processes */
		if (errno == ENOTEMPTY || errno == EBUSY)
			return 0;
		return err_set(e, errno, RT_E_CGROUP, "remove cgroup \"%s\"", whole);
	}
	return 0;
}

int rt_cgroup_remove(const char *root, const char *path, int made, int timeout_msec,
		     struct err *e)
{
	_cleanup_close_ int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int parent = -EBADF;
	_cleanup_free_ char *copy = strdup(path);
	char *name;

	if (!copy)
		return err_nomem(e);
	if (root_fd < 0)
		return err_set(e, errno, RT_E_CGROUP, "cgroup2 root \"%s\"", root);
	name = strrchr(copy, '/');
	*name++ = '\0';
	if (*copy)
		parent = openat(root_fd, copy + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*copy && parent < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_set(e, errno, RT_E_CGROUP, "cgroup \"%s\"", copy);
	if (!*copy || parent >= 0)
		TRY(remove_tree(*copy ? parent : root_fd, name, timeout_msec, e));
	return rt_cgroup_remove_parents(root, path, made, e);
}
