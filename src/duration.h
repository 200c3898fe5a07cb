/* SPDX-License-Identifier: Apache-2.0 */
/* A length of time on the command line. */
#ifndef RT_DURATION_H
#define RT_DURATION_H

/* "5s", "1m30s", "250ms" as Go writes them, or seconds alone: milliseconds; -1 when it is none. */
int duration_msec(const char *text);

#endif
