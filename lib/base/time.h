/* SPDX-License-Identifier: Apache-2.0 */
/* Time as text, and in milliseconds. */
#ifndef RT_BASE_TIME_H
#define RT_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define TIME_TEXT 48 /* bytes that rt_time_text writes at most */

/*
 * RFC 3339 in UTC with nanoseconds, "2026-01-31T23:59:59.000000001Z", of a time after 1970. Not by
 * gmtime_r(3): that reads the time zone files of the host, though UTC has none.
 */
void rt_time_text(const struct timespec *t, char buf[TIME_TEXT]);

/* What a clock says, in milliseconds: for timeouts CLOCK_MONOTONIC, which only goes forward. */
int64_t rt_clock_msec(clockid_t clock);

#endif
