/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <string.h>
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

int rt_sys_sched_all_cpus(pid_t pid)
{
	uint8_t all[8192 / 8]; /* the most that a kernel is built for; it takes as many as it has */

	memset(all, 0xff, sizeof(all));
	return result(syscall(SYS_sched_setaffinity, pid, sizeof(all), all));
}

int rt_sys_ioprio_set(pid_t pid, int ioprio)
{
	return result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, ioprio));
}

const char *rt_sys_refused(void)
{
	static const struct {
		char name[20];
		short number;
		bool privileged; /* EPERM may be the kernel's own answer */
	} needed[] = {
		{"clone3", SYS_clone3, false},
		{"close_range", SYS_close_range, false},
		{"execveat", SYS_execveat, false},
		{"fsconfig", SYS_fsconfig, false},
		{"fsmount", SYS_fsmount, true},
		{"fsopen", SYS_fsopen, true},
		{"memfd_create", SYS_memfd_create, false},
		{"mount_setattr", SYS_mount_setattr, false},
		{"move_mount", SYS_move_mount, true},
		{"open_tree", SYS_open_tree, false},
		{"openat2", SYS_openat2, false},
		{"pidfd_open", SYS_pidfd_open, false},
		{"pidfd_send_signal", SYS_pidfd_send_signal, false},
		{"pivot_root", SYS_pivot_root, true},
		{"setns", SYS_setns, false},
		{"statx", SYS_statx, false},
		{"unshare", SYS_unshare, false},
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		int r = result(syscall(needed[i].number, -1L, -1L, -1L, -1L, -1L, -1L));

		if (r == -ENOSYS || (r == -EPERM && !needed[i].privileged))
			return needed[i].name;
	}
	return NULL;
}
