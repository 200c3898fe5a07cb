/* SPDX-License-Identifier: Apache-2.0 */
/* The world of a scenario, in a sandbox of tests/cases, and what is asked about it. */
#ifndef CRASH_WORLD_H
#define CRASH_WORLD_H

#include <stdint.h>

#include "inventory.h"
#include "scenario.h"
#include "tracer.h"

struct world {
	const struct scenario *scenario;
	const char *runtime;
	struct inventory empty, ready; /* before the setup, and behind it */
	struct words bundle;           /* what is in the bundle's directory */
	char *settings;                /* of the container's cgroup, behind the setup */
	char *expected;                /* what the container sees and is limited to, unhurt */
	uint32_t mark;                 /* a device's number, by which its BPF programs are known */
	int output;                    /* of the container */
	long slowest_delete_us;
	long longest_linger_ms; /* of a process behind delete --force */
};

/* Functions return NULL, or what is wrong. */

/* Write the bundle, take the first inventory. In a sandbox's process. */
char *world_make(struct world *w);
/* Run the setup's commands. */
char *world_setup(struct world *w);
/* Run the scenario's command; t says how it is hurt. */
void world_command(const struct world *w, struct trial *t);
/*
 * After a call or an allocation that failed: one line of error and nothing left, or success without a
 * word, and a container that is confined as it is unhurt. Of an init that was killed likewise.
 */
char *world_check_failure(const struct world *w, const struct trial *t);
/* Let the container go on to its end, if it is a probe's, and take down what it is confined by. */
char *world_look(const struct world *w);
/* `state` tells of a container that there is, in the state that it tells; `list` works. */
char *world_check_state(const struct world *w);
/* delete --force succeeds, and nothing is left. */
char *world_clean(struct world *w);

#endif
