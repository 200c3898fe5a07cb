/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start a program from a process that may have threads and a large address space: clone3 with
 * CLONE_VM|CLONE_VFORK, so nothing is copied, and a child that makes system calls and nothing else
 * until it executes. It is an ordinary child: whatever exit signal it was cloned with, execve makes
 * it SIGCHLD, so an embedding program must not reap it with wait(-1) while it is being waited for.
 */
#ifndef RT_BASE_SPAWN_H
#define RT_BASE_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* A tree of open_tree(2) to be mounted on a directory, seen by the program alone. */
struct rt_spawn_mount {
	int tree;
	const char *target; /* an absolute path */
};

struct rt_spawn {
	int exec_fd;              /* the program, executed with execveat; or -1 and */
	const char *path;         /* its absolute path */
	const char *const *argv, *const *envp;
	const int *stdio;         /* three descriptors for 0, 1, 2; NULL: the caller's */
	const int32_t *keep;      /* descriptors that lose close-on-exec in the child; < 0 is skipped */
	uint32_t nkeep;
	int cwd_fd;               /* -1: stay */
	uint64_t namespaces;      /* CLONE_NEW* */
	int cgroup_fd;            /* -1: the caller's cgroup */
	/* a program of the host: default signals, empty mask, no fds but 0-2 and `keep`; it dies with
	 * the caller, unless */
	bool clean;
	bool outlives; /* what it does must not be left half done */
	const struct rt_spawn_mount *mounts; /* with CLONE_NEWNS among the namespaces */
	uint32_t nmounts;
};

/*
 * Start it. On success *ret_pid and *ret_pidfd (owned by the caller, close-on-exec) are set and the
 * program is running. Returns 0, or -errno of clone3 or execve; *ret_exec_failed tells which.
 */
int rt_spawn(const struct rt_spawn *s, pid_t *ret_pid, int *ret_pidfd, bool *ret_exec_failed);

/*
 * A moment after rt_spawn() returned the program may still be on its way out of our memory: execve
 * wakes the vfork's parent before it switches (exec_mmap). Wait for that: until then the OOM killer
 * of the program's cgroup, which kills all who share a victim's memory, would kill us too.
 */
void rt_spawn_await_own_memory(pid_t pid);

/*
 * Wait for the end of a process started here. timeout_msec -1: forever. *ret_status as waitpid's.
 * Returns 0, -ETIMEDOUT, or -ECHILD when it is not (or no longer) our child.
 */
int rt_spawn_wait(int pidfd, int timeout_msec, int *ret_status);

/*
 * End a child that was started here and not waited for yet, and reap it. Bounded: 10 s, then it is
 * left to itself. *ret_status may be NULL. Returns as rt_spawn_wait.
 */
int rt_spawn_kill(pid_t pid, int pidfd, int *ret_status);

/*
 * Reap our children that are, or are about to be, dead in this process group; none of them may have
 * to be killed first. Bounded: 1 s.
 */
void rt_spawn_reap_group(pid_t group);

/*
 * Run a program of the host to its end, or to the calling thread's: `input` on its stdin, its output kept up to `size`-1 bytes
 * (the last ones) in `output`. Killed with SIGKILL after timeout_msec (-1: never), then -ETIMEDOUT.
 * Only exec_fd, path, argv, envp, cwd_fd and stdio of `s` are used: stdio[1] and stdio[2], where they
 * are not negative, take what would be output. Returns 0 and the wait status, or -errno.
 */
int rt_spawn_run(const struct rt_spawn *s, const char *input, size_t input_len, int timeout_msec,
		 char *output, size_t size, int *ret_status);

#endif
