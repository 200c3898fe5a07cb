/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls for which glibc 2.36 has no function, in their raw form: the result, or -errno. Tests
 * replace this one object file.
 */
#ifndef RT_BASE_SYS_H
#define RT_BASE_SYS_H

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/types.h>

/* of open_tree(2) */
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* pidfd_open(2): close-on-exec by itself. */
int rt_sys_pidfd_open(pid_t pid);

/* pidfd_send_signal(2) without siginfo. */
int rt_sys_pidfd_send_signal(int pidfd, int sig);

/* openat2(2). */
int rt_sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/* open_tree(2), mount_setattr(2) with the attributes of struct mount_attr. */
int rt_sys_open_tree(int dirfd, const char *path, unsigned int flags);
int rt_sys_mount_setattr(int dirfd, const char *path, unsigned int flags, uint64_t set,
			 uint64_t clear, uint64_t propagation, int userns_fd);

/* bpf(2); attr is a union bpf_attr, zeroed behind what the command uses. */
int rt_sys_bpf(int cmd, void *attr, unsigned int size);

/* A pointer as union bpf_attr has it. */
static inline uint64_t rt_sys_bpf_pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* memfd_create(2) for a program: executable also where vm.memfd_noexec is 1. */
int rt_sys_memfd_exec(const char *name);

/* What sched_setattr(2) takes; glibc has the struct since 2.41. */
struct rt_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

/*
 * The name of a system call which we need and which is not there, or which something else than the
 * kernel refuses; NULL if there is none. Tried with arguments that no kernel takes, so that nothing is
 * done; for the time after a failure.
 */
const char *rt_sys_refused(void);

/* sched_setattr(2) and ioprio_set(2) of one process; the size of attr is set here. */
int rt_sys_sched_setattr(pid_t pid, struct rt_sched_attr *attr);

/* Let the process run on every cpu that its cpuset has. */
int rt_sys_sched_all_cpus(pid_t pid);
int rt_sys_ioprio_set(pid_t pid, int ioprio);

#endif
