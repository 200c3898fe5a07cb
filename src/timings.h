/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --timings: what a start took, step by step, as a table on stderr; with --debug the same is a message
 * for each step, in the log or on stderr. When neither is asked for, no time is taken.
 */
#ifndef RT_TIMINGS_H
#define RT_TIMINGS_H

#include <stdbool.h>
#include <stddef.h>

struct cli;

#define TIMINGS_STAGES 12

/* Zero-initialised, with the command line; stages are literals of the library. */
struct timings {
	bool taken;
	unsigned long start, last; /* microseconds of the clock */
	char *rows;                /* lines of the table */
	size_t len, size;
	struct {
		const char *stage;
		unsigned long steps, usec;
	} sums[TIMINGS_STAGES];
};

/* Ask the library for times, if the command line does. */
void timings_begin(struct cli *cli);

/* What was done since this was last called; step NULL: what has its own times. */
void timings_work(struct cli *cli, const char *step);

/* Print the table, if it was asked for and there is something in it. */
void timings_end(struct cli *cli);

#endif
