/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"

int rt_cgroup_dir(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int rt_cgroup_enter(int *dir, const char *name)
{
	int fd = rt_cgroup_dir(*dir, name);

	if (fd < 0)
		return fd;
	rt_fd_closep(dir);
	*dir = fd;
	return 0;
}

DIR *rt_cgroup_list(int dir)
{
	int copy = rt_cgroup_dir(dir, ".");
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;

	if (!d)
		rt_fd_closep(&copy);
	return d;
}

bool rt_cgroup_is_below(const struct dirent *d)
{
	return d->d_type == DT_DIR && d->d_name[0] != '.';
}
