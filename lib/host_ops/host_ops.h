/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime's own steps of a plan: what is done on the host, before rt-init starts and beside it.
 * Each operation is one function that takes the step; nothing here decides, the plan did.
 */
#ifndef RT_HOST_OPS_HOST_OPS_H
#define RT_HOST_OPS_HOST_OPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/fd.h"
#include "plan/plan.h"
#include "spec/oci.h"

/* What the steps of one run work on; what they make is closed by rt_host_close. */
struct rt_host {
	struct plan *plan;
	const char *cgroup_root; /* mount point of the cgroup2 tree; NULL when there is none */
	struct rt_net *net;      /* network devices that were moved, if any */
	struct fd_slot cgroup;   /* the container's cgroup: made by cgroup_create, or given by the caller */
	struct fd_slot delegated; /* below it, where its processes are; none: in the cgroup itself */
	char *cgroup_path;       /* the same below the root, once systemd_unit has learned it; owned */
	bool rdt_made, rdt_monitor_made; /* groups in resctrl */
	int state_dir;           /* borrowed: where start.sock is made; -1 for exec */
	int target_pidfd;        /* borrowed, exec: the container's init; else -1 */
	pid_t pid;               /* the process being started, as seen here; 0 before it runs */
	/*
	 * Makes the state document for hooks and seccomp listeners, given the pid of the process, to
	 * be freed with free(); NULL when memory is short.
	 */
	char *(*hook_state)(const void *data, pid_t pid);
	const void *hook_data;
	int bundle_fd;           /* borrowed: where hooks run */
};

/* The cgroup that the container's processes are in: borrowed, negative when there is none. */
static inline int rt_host_cgroup(const struct rt_host *h)
{
	int delegated = fd_slot_get(h->delegated);

	return delegated >= 0 ? delegated : fd_slot_get(h->cgroup);
}

/*
 * Run one step. Returns 0 or -errno with an error that names the object; the caller adds the field
 * of the document from the step's origin. e->step is set when another step is to blame for it.
 */
int rt_host_step(struct rt_host *h, const struct op_head *step, struct err *e);

/*
 * Take back what the steps have done to the host and what no record tells: network devices. For a
 * create that fails, when its processes have ended. Returns 0 or the first error; goes on behind it.
 */
int rt_host_undo(struct rt_host *h, struct err *e);

/* Close the descriptors of the plan and the cgroup's: what comes is an undo, which takes some. */
void rt_host_close_fds(struct rt_host *h);

/* Close the cgroup and every descriptor in the plan's slots, on success and on failure. */
void rt_host_close(struct rt_host *h);

/* Run one hook of the runtime's namespaces; also used for poststart and poststop. */
struct rt_hook {
	const char *kind; /* "createRuntime" */
	uint32_t index;   /* in the document's array */
	const char *path;
	const char *const *args; /* NULL-terminated; NULL or empty: just the path */
	const char *const *env;  /* NULL-terminated; NULL: the runtime's own, as in runc and crun */
	uint32_t timeout_sec;                 /* 0: none */
	int out, err;                         /* borrowed: its stdout, stderr; -1: for the error */
};
int rt_hook_run(const struct rt_hook *hook, const char *state, int cwd, struct err *e);

/*
 * The same for a hook as it stands in the document: poststart and poststop, which no plan holds.
 * outputs: as `out` and `err` above.
 */
int rt_hook_run_spec(const struct oci_hook *hook, const char *kind, uint32_t index, const char *state,
		     const int outputs[2], int cwd, struct err *e);

/* Open a file for the output of hooks, to append to it. Returns a descriptor or -errno. */
int rt_hook_open_output(const char *path, struct err *e);

/*
 * Write uid_map and gid_map of the process, by newuidmap and newgidmap when `helper` is set.
 * Texts as in user_namespaces(7), one line a range.
 */
int rt_id_map_write(pid_t pid, const char *uid_map, const char *gid_map, int helper,
		    int deny_setgroups, struct err *e);

#endif
