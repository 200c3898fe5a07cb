/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. */
#ifndef RT_SIGNAME_H
#define RT_SIGNAME_H

/*
 * The number of a signal: "KILL", "SIGKILL", "kill", "RTMIN", "RTMIN+3", "SIGRTMAX-1", or a number
 * from 0 to 64. RTMIN is 34, as in glibc, whatever the C library of the container makes of it.
 * Returns -1 for anything else.
 */
int signal_from_text(const char *text);

#endif
