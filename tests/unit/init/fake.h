/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel as the unit tests of rt-init see it: sys_call() of init/sys.h, answered from here. All
 * calls succeed in a plausible way unless the test says otherwise; all are recorded.
 */
#ifndef TESTS_INIT_FAKE_H
#define TESTS_INIT_FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/protocol.h"

#define FAKE_CALLS 4096
#define FAKE_PLAN_FD 90
#define FAKE_TIMES_FD 91
#define FAKE_STEPS 128

struct init;

struct fake_call {
	long nr, ret;
	long args[6];
	uint32_t step;    /* in->step when it was made */
	char text[64];    /* the first string among the arguments, cut */
};

/* A call that shall go another way: the nth one (from 1) of this number. */
struct fake_rule {
	long nr;
	unsigned int nth; /* 0: every one */
	long ret;
};

struct fake {
	/* set by the test */
	const void *plan;          /* what mmap gives, of plan_size bytes */
	size_t plan_size;
	struct init *in;           /* whose step is recorded */
	struct fake_rule rules[8];
	unsigned int nrules;
	unsigned int fail_at;      /* the nth call of all (from 1) fails */
	int fail_with;             /* with this errno, positive */
	const char *status;        /* /proc/self/status */
	const char *passwd;        /* /etc/passwd */
	const char *link;          /* what readlinkat finds; NULL: no symlink */
	bool missing_root_is_there; /* rules for openat2 do not concern "." */
	uint64_t capabilities;     /* what capget finds */
	uint32_t answers[8];       /* messages received, in this order; then EOF */
	unsigned int nanswers;

	/* recorded */
	struct fake_call calls[FAKE_CALLS];
	unsigned int ncalls;
	struct rt_msg sent[16];
	unsigned int nsent;
	uint64_t resolve;          /* of the last openat2 */
	uint64_t times[2 * FAKE_STEPS]; /* what a shared mapping gives: begin and end of each step */
	struct {
		uint64_t effective, permitted, inheritable;
	} capset;
	bool executed, exited;
	int exit_status;

	/* the fake's own */
	int next_fd;
	unsigned int answered;
	int64_t clock;
	char path[512][64];        /* by descriptor: what it was opened as */
	jmp_buf end;               /* exit_group and execve go here */
};

extern struct fake fake;

/* Forget everything. */
void fake_reset(void);

/* How often this call was made. */
unsigned int fake_count(long nr);

/* The nth call (from 1) of this number, or NULL. */
const struct fake_call *fake_call(long nr, unsigned int nth);

/* Run code that may end the process: 0 when it came back, 1 when it ended or executed. */
#define FAKE_RUN(code) (setjmp(fake.end) ? 1 : ((void)(code), 0))

#endif
