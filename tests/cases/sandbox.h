/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world of one case: own mount, pid, network, UTS, IPC and cgroup namespaces and a tmpfs on
 * /run that holds all its files. What a runtime leaves behind is therefore the case's own and found
 * in one place, and it is gone when the case's process is gone, whatever happened.
 *
 *	/run/case		the bundle; the commands' working directory
 *	/run/case/rootfs	busybox, the probe, a few files
 *	/run/state		the runtime's --root
 *	/run/probe		the probe once more, for hooks on the host's side
 *	/run/bin		the runtime, so that every caller can reach it wherever it was built
 *	/run/cgroup		a link to the v2 tree, which is elsewhere on a hybrid machine
 *	/sys/fs/cgroup		the v2 tree, with the case's own cgroup as its root
 */
#ifndef CASES_SANDBOX_H
#define CASES_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CASE_DIR "/run/case"
#define CASE_STATE_ROOT "/run/state"
#define CASE_PROBE "/run/probe"
#define CASE_CGROUP "/run/cgroup"
#define CASE_BIN "/run/bin"

/* What all cases share: made once by the driver before the first of them. */
struct host {
	bool pure_cgroup2;	/* show cases a pure v2 tree even if the machine is a hybrid */
	char *cgroup_root;	/* where the v2 tree is mounted */
	char *cgroup;		/* the driver's own cgroup below it; each case gets a child of it */
	const char *runtime;	/* path of the binary under test on the machine, or NULL */
	int busybox, probe;	/* descriptors of the programs that go into the rootfs */
	const char *fs;		/* directory on a file system of choice for /run/case, or NULL */
};

/*
 * Take a mount namespace for the driver and a cgroup for the cases: NULL, or what this machine
 * lacks. host_release() removes the cgroup again.
 */
char *host_prepare(struct host *host, const char *busybox, const char *probe);
void host_release(const struct host *host);

/*
 * Fork a process into its world: returns its pid in the parent and 0 in the child, as fork(2) does,
 * -1 with errno set. The child goes on with sandbox_enter().
 */
pid_t sandbox_fork(const struct host *host, unsigned int number);
/* In the child: finish the world: NULL, or what went wrong. */
char *sandbox_enter(const struct host *host, unsigned int number);
/* In the parent, after the child's end: remove its cgroups. */
void sandbox_remove(const struct host *host, unsigned int number);
/* The path of the runtime as the case sees it. */
char *sandbox_runtime(const struct host *host);
/* The directory of the v2 tree as the case sees it. */
const char *sandbox_cgroup_root(void);

/* Fill /run/case (image.c): NULL, or what went wrong. */
char *image_make(const struct host *host);

/*
 * Cover /dev with the usual nodes and a terminal file system of the case's own (dev.c): as above.
 */
char *dev_make(void);

/*
 * For unprivileged callers (caller.c): uid 1000 is known to passwd and has the subordinate ids from
 * 100000 on; $XDG_RUNTIME_DIR is /run/user/caller. NULL, or what went wrong.
 */
char *caller_prepare(void);
/* Hand the case's files to the caller: as above. */
char *caller_take_over(uid_t uid, gid_t gid);

#endif
