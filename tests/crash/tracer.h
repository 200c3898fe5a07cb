/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command, hurt at one of the system calls of it or of what it starts. */
#ifndef CRASH_TRACER_H
#define CRASH_TRACER_H

#include <stdbool.h>

#include "text.h"

enum hurt {
	HURT_NOT,    /* run it to its end, and count */
	HURT_KILL,   /* SIGKILL as it enters its system call number `at` */
	HURT_FAIL,   /* that call is not made, and returns -error */
	HURT_TIME,   /* SIGKILL after `at` microseconds, without tracing */
	HURT_MEMORY, /* its allocation number `at` fails, without tracing (nomem.c) */
	HURT_ROOM,   /* RLIMIT_NOFILE is `at`, without tracing */
	HURT_MAX
};

/* Whose system calls are counted. */
enum role {
	ROLE_RUNTIME, /* the command's own process */
	ROLE_INIT,    /* rt-init, and children of either, until they execute another program */
	ROLE_MAX
};

struct trial {
	enum hurt how;
	enum role whom;
	bool writes_only; /* count only calls that change something with what they are given */
	long at;
	int error;
	int stdout_fd; /* 0: into `out` */
	bool slow;     /* it waits for a program that takes its time: criu */
	/* results */
	long calls[ROLE_MAX]; /* system calls entered; of the runtime behind its own execve */
	long number;          /* of the call that was hurt; -1: the command ended before */
	int status;           /* as from waitpid(2) */
	bool timed_out;       /* and was killed */
	long elapsed_us;
	struct text out;      /* what it printed to stdout and stderr */
	struct text errors;
};

/* Can system calls be made to fail on this architecture? */
bool tracer_can_fail(void);

/*
 * Run the command to its end. Containers that wait at their start gate are traced too. Ends the
 * process when the tests themselves cannot work.
 */
void tracer_run(struct trial *t, char *const *argv);

#endif
