/* SPDX-License-Identifier: Apache-2.0 */
/* What callers are given when a program has been started: the terminal, the pid. */
#ifndef RT_API_CONSOLE_H
#define RT_API_CONSOLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Does what the caller gives go with the process: a socket exactly for a terminal that nobody here
 * relays, and a terminal of the caller's for one that is relayed? -EINVAL (E_USAGE), -ENOTTY.
 */
int rt_console_check(bool terminal, const char *socket, bool detach, bool relay, struct err *e);

/* Connect to an AF_UNIX stream socket whose path may be longer than sun_path. Returns a descriptor. */
int rt_console_connect(const char *path, struct err *e);

/* Send the pty's master with SCM_RIGHTS; the payload is its name, which conmon reads. */
int rt_console_send(int socket, int master, struct err *e);

/*
 * The other end of --pidfd-socket, to be connected before anything is made. The payload tells what the
 * process is, in runc's words: "standard", or "setns" for exec.
 */
int rt_pidfd_connect(const char *path, struct err *e);
int rt_pidfd_send(int socket, const char *payload, int pidfd, struct err *e);

/* Digits without a newline, complete before the name appears, mode 0644. */
int rt_pid_file_write(const char *path, pid_t pid, struct err *e);

#endif
