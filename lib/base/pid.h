/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that we did not start: a pid alone may have been given to another one meanwhile. */
#ifndef RT_BASE_PID_H
#define RT_BASE_PID_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The start time of a process in clock ticks since boot (field 22 of /proc/PID/stat) and its state
 * letter ('Z' zombie, 'D' uninterruptible, ...). Returns 0, or -ESRCH when there is no such process.
 */
int rt_pid_stat(pid_t pid, uint64_t *ret_start_time, char *ret_state);

/*
 * A pidfd of the process that had this pid at this start time. Returns the descriptor, owned by the
 * caller, or -ESRCH when it has ended (a zombie has, too) or the pid is another process's now.
 */
int rt_pid_open(pid_t pid, uint64_t start_time);

/*
 * The process's cgroup in the cgroup2 tree, as the caller's cgroup namespace shows it: what is behind
 * "0::" in /proc/PID/cgroup (cgroups(7)). *ret is freed by the caller with free(). Returns 0, or
 * -errno; -ENOENT also when the host has no cgroup2 tree.
 */
int rt_pid_cgroup(pid_t pid, char **ret);

/*
 * Is the process in the caller's own namespace of this kind, named as in /proc/PID/ns ("mnt")? 1, 0, or
 * -errno when that cannot be seen.
 */
int rt_pid_shares_namespace(pid_t pid, const char *kind);

#endif
