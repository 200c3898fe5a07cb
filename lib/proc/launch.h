/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a plan: the runtime's steps here, rt-init's steps in the container, and the talk between the
 * two. One object goes through
 *
 *	rt_launch_start    HOST, SPAWN, HOSTPID; rt-init has begun with its steps
 *	rt_launch_await    rt-init's steps up to READY (or, for exec, EXEC)
 *	rt_launch_release  open the gate, or leave it to start.sock
 *	rt_launch_confirm  the program runs: execve has succeeded
 */
#ifndef RT_PROC_LAUNCH_H
#define RT_PROC_LAUNCH_H

#include "host_ops/host_ops.h"
#include "proc/protocol.h"
#include "proc/times.h"

struct bind_doc;

struct rt_launch {
	struct rt_host *host;     /* plan, slots; host->pid is set once the process is there */
	const struct bind_doc *doc; /* for the fields in messages; may be NULL */
	const struct bind_doc *base; /* exec: the saved config, for what is not in doc; or NULL */
	const int *stdio;         /* three descriptors, NULL: the caller's */
	struct rt_times *times;   /* of the steps, if they are taken */
	/* results, closed by rt_launch_close */
	struct fd_slot channel;
	struct fd_slot pidfd;
	struct fd_slot console;   /* the pty's master, when the plan has a console */
	bool exec_seen;
	bool ends_as_program; /* what execve refuses is a program that ends, see rt_talk_refused */
	pid_t group; /* of a staged start, until its child is known; else 0 */
};

/*
 * Both return 0, or -errno with the step's error; then nothing of rt-init runs any more and what else
 * was made on the host (the cgroup) is the caller's to undo. Between the two the caller does what it
 * can beside rt-init.
 */
int rt_launch_start(struct rt_launch *l, struct err *e);
int rt_launch_await(struct rt_launch *l, struct err *e);

/*
 * Run the runtime's wanted steps of one stage alone: for restore, where CRIU does rt-init's. An error
 * names the field that asked for the step.
 */
int rt_launch_stage(struct rt_launch *l, enum plan_stage stage, bool (*wanted)(enum op_code op),
		    struct err *e);

/* type: RT_MSG_START or RT_MSG_GATE. */
int rt_launch_release(struct rt_launch *l, enum rt_msg_type type, struct err *e);

/*
 * Wait for EXEC and the end of the talk. On failure the process is gone; with ends_as_program, an
 * execve that fails is none.
 */
int rt_launch_confirm(struct rt_launch *l, struct err *e);

/* Kill the process, if there is one, and wait for it. */
void rt_launch_abort(struct rt_launch *l);

/* Close what the launch holds; the process goes on. */
void rt_launch_close(struct rt_launch *l);

/*
 * The last part of the talk, also over a connection to start.sock: EXEC, then the end. Returns 0 when
 * the program runs, 1 when *ret is the ERROR that came, -ECHILD (no error set) when the other end
 * died before EXEC, or another negative errno.
 */
int rt_talk_confirm(int fd, bool exec_seen, struct rt_msg *ret, struct err *e);

/*
 * After an ERROR that e tells of: if it was execve that failed, rt-init, which waits at the other end
 * of fd, is given the words for the program's stderr and exits with 1; e is cleared, and the return
 * is 0. Else the return is -e->no. This is what engines know from runc: start and exec succeed, and
 * the program's exit status is 1.
 */
int rt_talk_refused(int fd, const struct plan *plan, struct err *e);

/*
 * Was an init of this cgroup, or none (negative), killed for its memory? The cause, to be put behind a
 * message: engines do not show hints. "" when it was not, or that cannot be seen: then *ret_counted,
 * which may be NULL, is false.
 */
const char *rt_launch_oom(int cgroup, bool *ret_counted);

/* Put an ERROR into words, with the field of the document that asked for the step. */
int rt_launch_error(const struct plan *plan, const struct bind_doc *doc, const struct msg_error *m,
		    struct err *e);

#endif
