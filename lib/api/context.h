/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the opaque handles of ocirt.h, for the files of this folder. */
#ifndef RT_API_CONTEXT_H
#define RT_API_CONTEXT_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "ocirt.h"
#include "plan/plan.h"
#include "proc/launch.h"
#include "proc/sd_notify.h"

struct ocirt_context {
	char *root; /* absolute path of the state root; NULL: the default, found when needed */
	enum ocirt_cgroup_manager cgroup_manager;
	char *notify_socket; /* NULL: none */
	char *criu;          /* the program; NULL: the host's */
	enum ocirt_log_level log_level;
	ocirt_log_fn log_fn;
	void *log_data;
	ocirt_timing_fn timing_fn; /* NULL: no times are taken */
	void *timing_data;
	struct err err;       /* of the last call */
	const char *stage;    /* where in the plan it happened, "" when nowhere */
	char message[1024];   /* err as one line */
};

/* The signals of a caller that will supervise: blocked before the program can be signalled. */
struct rt_api_signals {
	bool blocked;
	sigset_t before;
};

/* Block all signals of this thread, remembering the mask; and back, if they are blocked. */
void rt_api_block_signals(struct rt_api_signals *s);
void rt_api_restore_signals(struct rt_api_signals *s);

struct ocirt_process {
	pid_t pid;
	int pidfd;   /* owned */
	int console; /* owned, or -EBADF */
	struct rt_api_signals signals;
	struct rt_sd_notify notify;
};

/* A public function begins: forget the last error. Returns where to put the next one. */
struct err *rt_api_begin(ocirt_context *ctx);

/* The state root's path. Returns 0 or -ENOMEM. */
int rt_api_root(ocirt_context *ctx, const char **ret, struct err *e);

/* Remember in which stage of the plan the error of the context happened. */
void rt_api_stage(ocirt_context *ctx, const struct plan *plan);

/* Does the caller want messages of this level? */
bool rt_api_logs(const ocirt_context *ctx, enum ocirt_log_level level);

/* Hand a message to the caller's log function, if it wants this level. */
void rt_api_log(ocirt_context *ctx, enum ocirt_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Hand the caller what a launch that has succeeded took, if it wants to know. */
void rt_api_tell_times(ocirt_context *ctx, const struct rt_launch *l);

/*
 * Copy a caller's option struct, which may be shorter or longer than ours: what it does not have is
 * zero. Returns -EINVAL when the size is nonsense, -ENOTSUP when what we do not have is not zero.
 */
int rt_api_options(const void *given, size_t given_size, void *ret, size_t size, struct err *e);

/*
 * Are the descriptors to preserve there? To be asked before anything is opened: one of our own that
 * has such a number, a directory of the host, would go to the program (CVE-2024-21626).
 */
int rt_api_check_preserved(unsigned int n, struct err *e);

/*
 * A program that was started: takes its descriptors from the launch, and the signals if they are
 * blocked. Returns 0, or -ENOMEM with nothing taken: the launch can still be aborted.
 */
int rt_api_process_new(struct rt_launch *l, struct rt_api_signals *signals, ocirt_process **ret,
		       struct err *e);

#endif
