/* SPDX-License-Identifier: Apache-2.0 */
/* The foreground of run and exec: terminal, signals, the end of the program. */
#ifndef RT_PROC_SUPERVISE_H
#define RT_PROC_SUPERVISE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "proc/sd_notify.h"

struct rt_supervise {
	pid_t pid;
	int pidfd;
	int console;    /* the pty's master, or -1 */
	struct rt_sd_notify *notify; /* its messages are passed on meanwhile */
	bool subreaper; /* adopt orphans of the container meanwhile, and reap them */
};

/*
 * Relay standard input and output of this process and the pty (raw mode, window size), forward
 * every signal but SIGCHLD, until the program has ended. Signals of the calling thread are blocked
 * meanwhile; terminal mode, signal mask and subreaper setting are put back. *ret_status as
 * waitpid's. Returns 0 or -errno.
 */
int rt_supervise(const struct rt_supervise *s, int *ret_status, struct err *e);

#endif
