/* SPDX-License-Identifier: Apache-2.0 */
#include "timings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

#define LONGEST_ROW 640

static unsigned long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000000 + (unsigned long)t.tv_nsec / 1000;
}

static void add_sum(struct timings *t, const struct ocirt_timing *timing)
{
	for (size_t i = 0; i < TIMINGS_STAGES; i++) {
		if (t->sums[i].stage && strcmp(t->sums[i].stage, timing->stage) != 0)
			continue;
		t->sums[i].stage = timing->stage;
		t->sums[i].steps++;
		t->sums[i].usec += timing->usec;
		return;
	}
}

/* A row that there is no memory for is missing. */
static void add_row(struct timings *t, const struct ocirt_timing *timing)
{
	size_t size = t->size ? t->size * 2 : 16384;
	char *rows;

	if (t->size - t->len < LONGEST_ROW) {
		rows = realloc(t->rows, size);
		if (!rows)
			return;
		t->rows = rows;
		t->size = size;
	}
	t->len += (size_t)snprintf(t->rows + t->len, LONGEST_ROW,
				   "%8lu %8lu  %-7s  %-7s  %s%s%.250s%s%.250s", timing->begin_usec,
				   timing->usec, timing->by_init ? "rt-init" : "rt", timing->stage,
				   timing->step, *timing->object ? "  " : "", timing->object,
				   *timing->field ? "  # " : "", timing->field);
	t->len++; /* the NUL ends the row */
}

static void take(const struct ocirt_timing *timing, void *userdata)
{
	struct cli *cli = userdata;

	add_sum(&cli->timings, timing);
	add_row(&cli->timings, timing);
	/* The table is enough on stderr. */
	if (!cli->args.timings || cli->out.log_fd >= 0)
		out_timing(&cli->out, timing);
}

void timings_begin(struct cli *cli)
{
	struct timings *t = &cli->timings;

	if (!cli->args.timings && cli->out.level < OCIRT_LOG_DEBUG)
		return;
	t->taken = true;
	t->start = t->last = now();
	ocirt_context_set_timings(cli->ctx, take, cli);
}

void timings_work(struct cli *cli, const char *step)
{
	struct timings *t = &cli->timings;
	struct ocirt_timing timing = {.stage = "runtime", .step = step, .object = "", .field = ""};
	unsigned long end;

	if (!t->taken)
		return;
	end = now();
	timing.begin_usec = t->last - t->start;
	timing.usec = end - t->last;
	t->last = end;
	if (step)
		take(&timing, cli);
}

void timings_end(struct cli *cli)
{
	struct timings *t = &cli->timings;
	char line[64];

	if (cli->args.timings && t->len) {
		out_line("   at us  took us  by       stage    step");
		for (size_t at = 0; at < t->len; at += strlen(t->rows + at) + 1)
			out_line(t->rows + at);
		out_line("");
		out_line("stage    steps  took us");
		for (size_t i = 0; i < TIMINGS_STAGES && t->sums[i].stage; i++) {
			snprintf(line, sizeof(line), "%-7s  %5lu %8lu", t->sums[i].stage,
				 t->sums[i].steps, t->sums[i].usec);
			out_line(line);
		}
	}
	free(t->rows);
	*t = (struct timings){0};
}
