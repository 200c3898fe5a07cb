/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The case's process is pid 1 of a pid namespace, so every process that a runtime leaves behind
 * becomes its child, as with an engine's shim. All of them are reaped, and how they ended is
 * remembered.
 */
#ifndef CASES_REAPER_H
#define CASES_REAPER_H

#include <stdbool.h>
#include <sys/types.h>

/* Block SIGCHLD and open the descriptor that tells of it. Once, in the case's process. */
void reaper_init(void);
/* In a forked child: give back the signal mask that the caller of the driver had. */
void reaper_leave(void);
/* Readable when children may have died. */
int reaper_fd(void);
/* Leave zombies alone from now on, as a slow engine does, or take them in again. */
void reaper_enable(bool on);
/* Take in all children that have died. */
void reaper_collect(void);
/* True if the process was reaped: *ret_status as from waitpid(2). */
bool reaper_status(pid_t pid, int *ret_status);

#endif
