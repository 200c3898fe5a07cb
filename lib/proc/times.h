/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long what takes: each step of the plan, whoever runs it, and what the runtime does around the
 * steps. rt-init writes its times into memory that both share, so that nothing is sent, and nothing at
 * all is done when nobody asks.
 */
#ifndef RT_PROC_TIMES_H
#define RT_PROC_TIMES_H

#include <stdbool.h>

#include "base/fd.h"
#include "plan/plan.h"

/* X(NAME, word): the runtime's work around the steps, one behind the other. */
#define RT_WORK(X)                                                                                 \
	X(CONTAINER, "container") /* exec: the record is read, the status found out */             \
	X(CONFIG, "config")       /* read, parsed, checked */                                      \
	X(FACTS, "facts")         /* what the host allows, where the cgroup will be */             \
	X(COMPILE, "compile")     /* seccomp and device programs */                                \
	X(PLAN, "plan")                                                                            \
	X(RECORD, "record")       /* the state directory with the intent */                        \
	X(DRAFT, "draft")         /* the record of what will be, beside rt-init */                 \
	X(WAIT, "wait")           /* for rt-init to be ready */                                    \
	X(COMMIT, "commit")       /* the record is valid; pid file, console, pidfd */              \
	X(CONFIRM, "confirm")     /* wait for execve; poststart hooks */

enum rt_work {
#define X(name, word) RT_WORK_##name,
	RT_WORK(X)
#undef X
	RT_WORK_MAX
};

/* Zeroed, it takes no times; close with rt_times_close. */
struct rt_times {
	bool on;
	uint64_t start, last;    /* when it was begun, and the work noted last ended */
	struct op_time *steps;   /* of the plan, once it is shared */
	uint32_t nsteps;
	struct fd_slot fd;       /* of that memory, until rt-init has it */
	struct op_time work[RT_WORK_MAX];
};

/* "config" */
const char *rt_work_word(enum rt_work work);

/* Take times from now on. */
void rt_times_start(struct rt_times *t);

/* This work ends now; it began where the one before ended. Without effect when times are not taken. */
void rt_times_work(struct rt_times *t, enum rt_work work);

/* What was done since the work before has its own times. */
void rt_times_skip(struct rt_times *t);

/* Make the memory for the plan's steps, for rt-init to map: plan->block->times. 0 or -errno. */
int rt_times_share(struct rt_times *t, struct plan *plan, struct err *e);

/* rt-init has it. */
void rt_times_shared(struct rt_times *t);

/* The runtime's step of this index begins, ends. */
void rt_times_begin(struct rt_times *t, uint32_t step);
void rt_times_end(struct rt_times *t, uint32_t step);

/* The program runs: what rt-init began last has ended with that. */
void rt_times_executed(struct rt_times *t);

void rt_times_close(struct rt_times *t);

#endif
