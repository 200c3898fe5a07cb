/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's side of sd_notify(3): a socket of its own, whose messages are passed on to the
 * service manager of who started it.
 */
#ifndef RT_PROC_SD_NOTIFY_H
#define RT_PROC_SD_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/fd.h"

/* Zero-initialised: there is none. */
struct rt_sd_notify {
	struct fd_slot in, out; /* of the container; connected to the manager, if it is there */
	pid_t main_pid;         /* whom the manager is to watch: told when the container is ready */
	bool ready;             /* has been passed on */
};

/*
 * Refuse an address that is neither a path nor an abstract socket ("@name"). -EINVAL (E_USAGE).
 */
int rt_sd_notify_check(const char *address, struct err *e);

/*
 * Listen as `name` in notify/ of the state directory, where every user of the container may send to.
 * A manager that is not at `address` is no error, as it is none for sd_notify(3): nobody is told.
 */
int rt_sd_notify_open(int state_dir, const char *name, const char *address,
		      struct rt_sd_notify *ret, struct err *e);

/*
 * Take one message, if there is one, and pass on what a container may say: that it is ready,
 * reloading, stopping, alive, and its status. Not what is about processes and descriptors of the
 * host, MAINPID=, FDSTORE= and their like. Returns false when there was none.
 */
bool rt_sd_notify_step(struct rt_sd_notify *n);

/*
 * Until the container is ready or its process has ended, however long that is; then until the
 * manager has read what it was sent, for 10 s at most: the messages of a process that is gone by
 * then are nobody's to it (sd_notify_barrier(3)).
 */
void rt_sd_notify_await(struct rt_sd_notify *n, int pidfd);

void rt_sd_notify_close(struct rt_sd_notify *n);

#endif
