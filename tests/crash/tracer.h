/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command, hurt at one of its system calls. */
#ifndef CRASH_TRACER_H
#define CRASH_TRACER_H

#include <stdbool.h>

#include "text.h"

enum hurt {
	HURT_NOT,  /* run it to its end, and count */
	HURT_KILL, /* SIGKILL as it enters its system call number `at` */
	HURT_FAIL, /* that call is not made, and returns -error */
	HURT_TIME, /* SIGKILL after `at` microseconds, without tracing */
};

struct trial {
	enum hurt how;
	long at;
	int error;
	/* results */
	long calls;       /* system calls entered, execve not counted */
	long number;      /* of the call that was hurt; -1: the command ended before */
	int status;       /* as from waitpid(2) */
	bool timed_out;   /* and was killed */
	long elapsed_us;
	struct text out;  /* what it printed to stdout and stderr */
	struct text errors;
};

/* Can system calls be made to fail on this architecture? */
bool tracer_can_fail(void);

/* Run the command to its end. Ends the process when the tests themselves cannot work. */
void tracer_run(struct trial *t, char *const *argv);

#endif
