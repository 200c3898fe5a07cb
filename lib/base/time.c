/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <stdio.h>

#define DAYS_OF_400_YEARS 146097
#define DAYS_OF_100_YEARS 36524
#define DAYS_OF_4_YEARS 1461
#define DAYS_1970 719468 /* from March 1 of year 0 to January 1 of 1970 */

void rt_time_text(const struct timespec *t, char buf[TIME_TEXT])
{
	unsigned long long days = (unsigned long long)t->tv_sec / 86400 + DAYS_1970;
	unsigned int second = (unsigned int)((unsigned long long)t->tv_sec % 86400);
	unsigned int era = (unsigned int)(days / DAYS_OF_400_YEARS);
	unsigned int day = (unsigned int)(days % DAYS_OF_400_YEARS);
	unsigned int year, month;

	/* Years begin in March here, so that the leap day is the last of its year. */
	year = (day - day / (DAYS_OF_4_YEARS - 1) + day / DAYS_OF_100_YEARS -
		day / (DAYS_OF_400_YEARS - 1)) /
	       365;
	day -= year * 365 + year / 4 - year / 100;
	/* From March on, each five months have 153 days. */
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	snprintf(buf, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%09ldZ", year, month, day + 1,
		 second / 3600, second / 60 % 60, second % 60, t->tv_nsec);
}

int64_t rt_clock_msec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
