/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

int rt_sys_pidfd_open(pid_t pid)
{
	int r = result(syscall(SYS_pidfd_open, pid, 0));

	/*
	 * The number may live on as that of a session or process group whose leader is gone; a
	 * kernel before 6.9 says EINVAL to that, as to a thread's.
	 */
	return r == -EINVAL || r == -ENOENT ? -ESRCH : r;
}

int rt_sys_pidfd_send_signal(int pidfd, int sig)
{
	return result(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int rt_sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};

	return result(syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
}

int rt_sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return result(syscall(SYS_open_tree, dirfd, path, flags));
}

int rt_sys_mount_setattr(int dirfd, const char *path, unsigned int flags, uint64_t set,
			 uint64_t clear, uint64_t propagation, int userns_fd)
{
	struct mount_attr attr = {.attr_set = set,
				  .attr_clr = clear,
				  .propagation = propagation,
				  .userns_fd = userns_fd >= 0 ? (uint64_t)userns_fd : 0};

	return result(syscall(SYS_mount_setattr, dirfd, path, flags, &attr, sizeof(attr)));
}

int rt_sys_bpf(int cmd, void *attr, unsigned int size)
{
	return result(syscall(SYS_bpf, cmd, attr, size));
}

int rt_sys_memfd_exec(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

int rt_sys_sched_setattr(pid_t pid, struct rt_sched_attr *attr)
{
	attr->size = sizeof(*attr);
	return result(syscall(SYS_sched_setattr, pid, attr, 0));
}

int rt_sys_ioprio_set(pid_t pid, int ioprio)
{
	return result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, ioprio));
}
