/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup v2 file driver: the container's place in the tree, its limits and its end. Everything
 * goes through the descriptor of the container's own cgroup ("the leaf"), never twice through its
 * path. Messages name the directory, which is read back from the descriptor when one is composed.
 *
 * A path is "/a/b", below the root of the cgroup2 tree: /sys/fs/cgroup, or on a host that still has
 * v1 controllers /sys/fs/cgroup/unified. Nothing here touches cgroup v1.
 */
#ifndef RT_CGROUP_CGROUP_H
#define RT_CGROUP_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"

/* Where the caller stands, as host/ found it. */
struct rt_cgroup_place {
	const char *root; /* mount point of the cgroup2 tree */
	const char *own;  /* the caller's cgroup below it: the "0::" line of /proc/self/cgroup */
	bool privileged;  /* may make cgroups anywhere: euid 0 in the initial user namespace */
};

/*
 * The path of a container's cgroup (config-linux.md "Cgroups Path"). Pure.
 *   absolute   from the root of the tree, whoever asks
 *   relative   privileged: from the root. Others: beside the caller's own cgroup, in its parent,
 *              which is where a delegated subtree has room: the caller's own cgroup holds the
 *              caller, and so cannot hand controllers down (cgroups(7), "no internal processes")
 *   empty/NULL the same as the relative path `id`
 * Repeated and trailing slashes are removed; ".." and "." as components, the root itself and paths
 * too long are refused (-EINVAL, E_CONFIG, field linux.cgroupsPath). *ret is in the arena.
 */
int rt_cgroup_path(struct arena *a, const char *cgroups_path, const char *id,
		   const struct rt_cgroup_place *place, const char **ret, struct err *e);

/*
 * Can the caller make this cgroup and put a process there? A privileged caller: yes. Others need a
 * delegated subtree: write access to the deepest directory that exists, and to cgroup.procs of the
 * common ancestor of it and their own cgroup (cgroups(7), "Delegation containment").
 * Returns 1: yes. 0: no, and no limit is asked for: the container stays in the caller's cgroup.
 * -EACCES (E_CGROUP) with the remedy: no, but limits_asked.
 */
int rt_cgroup_usable(const struct rt_cgroup_place *place, const char *path, bool limits_asked,
		     struct err *e);

/*
 * How many trailing components of the path do not exist yet: what create will make, and what the
 * intent record should remember for rt_cgroup_remove(). 0 when the leaf exists. Or -errno.
 */
int rt_cgroup_missing(const char *root, const char *path, struct err *e);

/*
 * A leaf that exists may be taken only if no process is in it and it is not frozen: -EBUSY. To be
 * asked before it comes into a record, since who undoes the record kills what is in the leaf.
 */
int rt_cgroup_check_unused(const char *root, const char *path, struct err *e);

/*
 * mkdir -p (0755) and enable controllers ("memory pids", may be NULL) in cgroup.subtree_control of
 * those above, only where they are missing; and, where that can be, the controllers that count
 * processor time, memory, tasks and I/O. A leaf that exists already must be empty of processes
 * and not frozen (-EBUSY), since its limits would hit strangers. *ret_fd is the leaf, a directory
 * descriptor for CLONE_INTO_CGROUP. Parents that are made here get the attribute user.rt.made, by which
 * rt_cgroup_remove_parents() knows them. On failure every directory made here is removed again.
 * -ENOENT (E_HOST): a controller is not to be had, the message says what is available and, on a
 * hybrid host, that cgroup v1 holds it.
 */
int rt_cgroup_create(const char *root, const char *path, const char *controllers, int *ret_fd,
		     struct err *e);

/*
 * One more level below a cgroup that has a process in it for the moment. No controllers are enabled:
 * those that can be threaded would turn the upper one into the root of a threaded subtree, in which
 * clone3 into the lower one is not possible (cgroups(7), "domain invalid"). *ret_fd is as of
 * rt_cgroup_create; one that is there already is taken.
 */
int rt_cgroup_create_below(int cgroup, const char *name, int *ret_fd, struct err *e);

/* Hand all controllers of a cgroup down to those below it; no process may be in it itself (-EBUSY). */
int rt_cgroup_hand_down(int cgroup, struct err *e);

/*
 * Hand these controllers (may be NULL) down to a cgroup that exists, from the root of the tree on,
 * and as far as possible those that count. Errors as of rt_cgroup_create().
 */
int rt_cgroup_enable(const char *root, const char *path, const char *controllers, struct err *e);

/* Open the leaf, or one below it. -ENOENT when it is gone. */
int rt_cgroup_open(const char *root, const char *path, int *ret_fd, struct err *e);

/*
 * Write a limit. file is one component ("memory.max"). The error names file and value; if the file
 * is missing it says which controller (may be NULL: the part before the dot) is not enabled and
 * what is; the caller adds the field of the document.
 */
int rt_cgroup_write(int cgroup, const char *file, const char *value, const char *controller,
		    struct err *e);

/*
 * Give the cgroup to a user of the host, as config-linux.md ("Cgroup ownership") has it: the
 * directory and those of its files that /sys/kernel/cgroup/delegate lists, as far as they are there.
 */
int rt_cgroup_chown(int cgroup, uid_t uid, struct err *e);

/* Read what a change of the limits depends on. What is not there has no limit. */
struct plan_now;
void rt_cgroup_now(int cgroup, struct plan_now *ret);

/*
 * Explain why clone3(CLONE_INTO_CGROUP) failed with this errno (EBUSY, EOPNOTSUPP, EAGAIN, EACCES,
 * ENOSPC) as the hint of an error that is already set; adds nothing when nothing was found.
 */
void rt_cgroup_explain_clone(int cgroup, int no, struct err *e);

/* 1: processes live in it or below; 0: none, or the cgroup is gone. */
int rt_cgroup_populated(int cgroup, struct err *e);

/* cgroup.kill: SIGKILL to every process below, forks in flight and frozen ones included. */
int rt_cgroup_kill(int cgroup, struct err *e);

/*
 * Another signal to every process below, through pidfds. Returns how many were signalled; processes
 * that fork meanwhile may be missed.
 */
int rt_cgroup_signal(int cgroup, int signal, struct err *e);

/*
 * Wait until no process is left below. Waits on pidfds of what is left, since the kernel tells
 * changes of cgroup.events at most every 10 ms. -EBUSY (E_BUSY) after timeout_msec names the
 * processes: pid, name, state, and where in the kernel they sleep.
 */
int rt_cgroup_wait_empty(int cgroup, int timeout_msec, struct err *e);

/* The same error at once, about processes that were waited for otherwise; 0 when there are none. */
int rt_cgroup_stragglers(int cgroup, int waited_msec, struct err *e);

/*
 * Remove the leaf with all cgroups below it, and its parents as rt_cgroup_remove_parents(). Processes
 * must be gone or on their way: waits for them as rt_cgroup_wait_empty(). A leaf that does not exist is
 * success.
 */
int rt_cgroup_remove(const char *root, const char *path, int made, int timeout_msec,
		     struct err *e);

/*
 * Of a leaf that is removed: its parents from below, as far as they are empty and were made by its own
 * create, which made `made` with the leaf (see rt_cgroup_missing()), or by that of another container.
 */
int rt_cgroup_remove_parents(const char *root, const char *path, int made, struct err *e);

/* 1: frozen, itself or by an ancestor; 0: not, or the cgroup is gone. */
int rt_cgroup_frozen(int cgroup, struct err *e);

/*
 * Freeze or thaw all processes below, and wait until cgroup.events says that it is done, by poll.
 * When freezing fails nothing is frozen. -ETIMEDOUT (E_TIMEOUT): some would not freeze, and the hint
 * names processes. -EBUSY (E_BUSY): thawed, but for an ancestor that is frozen.
 */
int rt_cgroup_freeze(int cgroup, bool freeze, int timeout_msec, struct err *e);

/* All processes below, cgroups below included. *ret is freed with free(); NULL when there are none. */
int rt_cgroup_pids(int cgroup, pid_t **ret, size_t *ret_n, struct err *e);

/* cgroup.events and, where the memory controller is enabled, memory.events. */
struct rt_cgroup_events {
	bool populated, frozen;
	bool has_memory;
	uint64_t oom, oom_kill; /* since the cgroup was made, cgroups below included */
};
int rt_cgroup_events(int cgroup, struct rt_cgroup_events *ret, struct err *e);

/* ---- device programs ---- */

#define RT_DEVICE_PROGRAMS_MAX 64 /* BPF_CGROUP_MAX_PROGS of the kernel */

/* The device programs of a cgroup, held by descriptors. Zero-initialised = none. */
struct rt_device_programs {
	int n;
	uint32_t id[RT_DEVICE_PROGRAMS_MAX];
	struct fd_slot fd[RT_DEVICE_PROGRAMS_MAX];
};

/* Take hold of the programs attached to the cgroup itself. Close them in any case. */
int rt_cgroup_device_programs(int cgroup, struct rt_device_programs *ret, struct err *e);
void rt_cgroup_device_programs_close(struct rt_device_programs *p);

/* Make these the only ones again. */
int rt_cgroup_restore_devices(int cgroup, const struct rt_device_programs *p, struct err *e);

#endif
