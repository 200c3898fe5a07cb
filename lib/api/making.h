/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container while it is being made: what create, run and restore have in common. In this order:
 * prepare, state, host; then the plan is run by whoever makes the processes; draft, commit. After a
 * failure undo, and finish in any case.
 */
#ifndef RT_API_MAKING_H
#define RT_API_MAKING_H

#include "api/bundle.h"
#include "api/container.h"
#include "base/time.h"
#include "proc/launch.h"

/* Zero-initialise; set ctx, options, and gate for create. */
struct rt_making {
	ocirt_context *ctx;
	const struct ocirt_create_options *options;
	struct rt_bundle bundle;
	struct rt_prepared prepared;
	struct rt_container container; /* its directory: made by make_state */
	struct rt_record record;       /* what is written to it */
	char created[TIME_TEXT];
	struct fd_slot console_socket, pidfd_socket;
	struct rt_host host;
	struct rt_launch launch;
	struct rt_times times;
	struct rt_api_signals signals;
	struct rt_sd_notify notify;
	bool gate;
	bool restored; /* by CRIU */
};

/* All that can be found wrong before anything is made. */
int rt_making_prepare(struct rt_making *m, const char *id, struct err *e);

/*
 * The state directory with the intent record: on disk before the first side effect, so that
 * delete --force knows what to undo wherever this process is killed.
 */
int rt_making_state(struct rt_making *m, const char *id, struct err *e);

/* Fill in what the steps of the plan work on. */
void rt_making_host(struct rt_making *m);

/*
 * The record of the container with the init m->host.pid, as it will be when all is done: not yet where
 * others look for it, so that it can be written while the processes are still made.
 */
int rt_making_draft(struct rt_making *m, struct err *e);

/*
 * The container is there, with m->launch.pidfd and perhaps a console: say so on disk, and to those who
 * asked for it.
 */
int rt_making_commit(struct rt_making *m, struct err *e);

/* Leave nothing behind; the error *e that is told is the one that came first. */
void rt_making_undo(struct rt_making *m, struct err *e);

/* Free and close all, and let the caller's signals in again; the container goes on. */
void rt_making_finish(struct rt_making *m);

#endif
