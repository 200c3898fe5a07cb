/* SPDX-License-Identifier: Apache-2.0 */
/* ps: the processes of a container, by its cgroup; without one by its pid namespace. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/container.h"
#include "base/pid.h"
#include "base/str.h"
#include "cgroup/cgroup.h"

#define PID_LIMIT 4194304 /* PID_MAX_LIMIT of the kernel */

static bool same_namespace(int fd, const struct stat *ns)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == ns->st_dev && st.st_ino == ns->st_ino;
}

/* Is the process in this pid namespace, or in one below it? Ended, or not ours to see: no. */
static bool is_inside(int proc, const char *pid, const struct stat *ns)
{
	_cleanup_close_ int fd = -EBADF;
	char path[40];
	bool inside;

	if (str_fmt(path, sizeof(path), "%s/ns/pid", pid) < 0)
		return false;
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	inside = fd >= 0 && same_namespace(fd, ns);
	while (fd >= 0 && !inside) {
		/* EPERM above the caller's own: ioctl_ns(2) */
		int above = ioctl(fd, NS_GET_PARENT);

		rt_fd_closep(&fd);
		fd = above;
		inside = fd >= 0 && same_namespace(fd, ns);
	}
	return inside;
}

static int append(int **pids, size_t *n, int pid)
{
	/* doubled at each power of two */
	if ((*n & (*n - 1)) == 0) {
		int *more = reallocarray(*pids, *n ? 2 * *n : 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		*pids = more;
	}
	(*pids)[(*n)++] = pid;
	return 0;
}

static int list_namespace(const struct stat *ns, int **ret, size_t *ret_n, struct err *e)
{
	_cleanup_free_ int *pids = NULL;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	uint64_t pid;
	size_t n = 0;
	int r = 0;

	if (!proc)
		return err_set(e, errno, RT_E_SYSTEM, "read /proc");
	while (r == 0 && (entry = readdir(proc)))
		if (str_to_u64(entry->d_name, 1, PID_LIMIT, &pid) == 0 &&
		    is_inside(dirfd(proc), entry->d_name, ns))
			r = append(&pids, &n, (int)pid);
	closedir(proc);
	if (r < 0)
		return err_nomem(e);
	*ret = TAKE_PTR(pids);
	*ret_n = n;
	return 0;
}

/* No cgroup of its own: what is in the pid namespace of its init. */
static int list_by_namespace(const struct rt_container *c, int **ret, size_t *ret_n, struct err *e)
{
	struct stat its;
	char path[48];
	int own;

	if (c->status == RT_STOPPED)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)c->record->pid);
	own = rt_pid_shares_namespace(c->record->pid, "pid");
	if (own < 0 || stat(path, &its) < 0)
		return err_set(e, own < 0 ? own : errno, RT_E_SYSTEM, "the pid namespace of \"%s\"",
			       c->id);
	if (c->record->shared_pids || own)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			       "cannot list the processes of \"%s\": it has neither a cgroup nor a "
			       "pid namespace of its own",
			       c->id);
	return list_namespace(&its, ret, ret_n, e);
}

static int list(struct rt_container *c, int **ret, size_t *ret_n, struct err *e)
{
	pid_t *pids = NULL;

	if (!c->record)
		return 0;
	TRY(rt_container_open_cgroup(c, e));
	if (fd_slot_get(c->cgroup) < 0)
		return str_empty(c->record->cgroup_path) ? list_by_namespace(c, ret, ret_n, e) : 0;
	TRY(rt_cgroup_pids(fd_slot_get(c->cgroup), &pids, ret_n, e));
	*ret = pids;
	return 0;
}

int ocirt_ps(ocirt_context *ctx, const char *id, int **ret, size_t *ret_n)
{
	_cleanup_(rt_container_close) struct rt_container c = {0};
	size_t n = 0;
	int *pids = NULL;
	struct err *e;

	if (!ctx || !id || !ret || !ret_n)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_container_open(ctx, id, RT_UNLOCKED, &c, e));
	TRY(list(&c, &pids, &n, e));
	*ret = pids;
	*ret_n = n;
	return 0;
}
