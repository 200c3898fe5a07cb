/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least runtime that rt-init can work with: it starts the real rt-init with a plan made by hand
 * and keeps up the other end of the channel. It proves rt-init on the real kernel, alone.
 */
#ifndef TESTS_INIT_MINIR_H
#define TESTS_INIT_MINIR_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"
#include "proc/protocol.h"

struct minir {
	/* set before minir_run */
	struct arena arena;
	struct plan_builder b;
	uint64_t namespaces;    /* of the spawn; 0 for a staged start */
	const char *uid_map, *gid_map; /* written at PID, when there is a clone step with a new user ns */
	int32_t slots[32];      /* descriptors for the plan's slots; fill with minir_slot */
	uint32_t keep_slots;
	int preserve[4];        /* descriptors that become 3, 4, ... */
	bool gate;              /* send GATE at READY, and START by a client of the gate */
	int bad_clients;        /* clients that come first and go without START */
	int die_at;             /* close the channel instead of answering this message; 0: none */
	const char *say;        /* answer an ERROR with these words; NULL: hang up */
	bool keep_running;      /* leave the container running behind EXEC; minir_end ends it */

	/* results */
	pid_t pid;
	int pidfd, master;
	unsigned int seen;      /* bit per message type received */
	struct msg_error error; /* step and cause, when ERROR was received */
	char failed_op[32];     /* the name of the step it names */
	int status;             /* wait status of the process that would be the program */
	char out[16384];        /* what was written to stdout and stderr (and the pty) */
	char problem[160];      /* what went against the protocol; empty: nothing */
};

#define SAW(m, type) (((m)->seen >> RT_MSG_##type) & 1)

/* An empty plan. */
void minir_begin(struct minir *m);

/* A slot that holds a copy of this descriptor, or none (-1). */
uint32_t minir_slot(struct minir *m, const char *name, int fd);

/* Finish the plan, run it to its end (at most 20 s), and release all but the results. */
void minir_run(struct minir *m);

/* End a container that was kept running. */
void minir_end(struct minir *m);

/* A new root file system with nothing but busybox in it. Returns its path. */
const char *minir_rootfs(void);

/* Remove all that were made. */
void minir_remove_rootfs(void);

#endif
