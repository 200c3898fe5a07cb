/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace for id-mapped mounts: nobody stays in it, the descriptor keeps it alive. */
#include "host_ops/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "host_ops/host_ops.h"

/* A copy of this process that only waits to be killed: system calls and nothing else. */
static pid_t clone_waiter(int *ret_pidfd)
{
	int pidfd = -1;
	struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_PIDFD,
				  .pidfd = (uint64_t)(uintptr_t)&pidfd};
	pid_t parent = getpid();
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent) /* else it has died before the call above */
			poll(NULL, 0, -1);
		_exit(0);
	}
	*ret_pidfd = pidfd;
	return pid < 0 ? -errno : (pid_t)pid;
}

int rt_userns_open(const char *uid_map, const char *gid_map, struct err *e)
{
	_cleanup_close_ int pidfd = -EBADF, fd = -EBADF;
	char path[64];
	pid_t pid;
	int r;

	pid = clone_waiter(&pidfd);
	if (pid < 0)
		return err_set(e, pid, RT_E_IDMAP, "make a user namespace");
	r = rt_id_map_write(pid, uid_map, gid_map, 0, 0, e);
	if (r == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			r = err_set(e, errno, RT_E_IDMAP, "open the user namespace");
	}
	rt_spawn_kill(pid, pidfd, NULL);
	return r < 0 ? r : TAKE_FD(fd);
}
