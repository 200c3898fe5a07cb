/* SPDX-License-Identifier: Apache-2.0 */
/* stats: a table that renews itself, or the events of all containers. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "duration.h"

#define DEFAULT_INTERVAL_MSEC 1000
#define FIRST_LOOK_MSEC 300 /* the time over which the cpu of a single table is counted */
#define HOME_AND_CLEAR "\033[H\033[J"

/* A container, and how much cpu it had used when. */
struct row {
	char *id;
	uint64_t cpu_usec, at_usec;
	int seen; /* at all: there is a difference to show */
};

struct rows {
	struct row *v;
	size_t n, room;
};

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int add_row(struct rows *rows, const char *id)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->v[i].id, id) == 0)
			return 0;
	if (rows->n == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 16;
		void *v = reallocarray(rows->v, room, sizeof(*rows->v));

		if (!v)
			return -ENOMEM;
		rows->v = v;
		rows->room = room;
	}
	rows->v[rows->n] = (struct row){.id = strdup(id)};
	return rows->v[rows->n].id ? (rows->n++, 0) : -ENOMEM;
}

static int add_running(const struct ocirt_entry *e, void *userdata)
{
	return e->pid > 0 ? add_row(userdata, e->id) : 0;
}

/* Those named, or all that run. */
static int find_rows(struct cli *cli, struct rows *rows)
{
	int r = 0;

	for (size_t i = 0; i < cli->args.n_words && r == 0; i++)
		r = add_row(rows, cli->args.words[i]);
	if (!cli->args.n_words)
		r = ocirt_list(cli->ctx, add_running, rows);
	if (r < 0)
		return *ocirt_error_message(cli->ctx) ? fail_library(cli)
						      : fail(cli, "E_NOMEM", r, "list containers");
	return STATUS_OK;
}

/* A row whose container has ended goes; one that was named and never ran is an error. */
static int gone(struct cli *cli, struct rows *rows, size_t i)
{
	int no = ocirt_error_errno(cli->ctx);

	if (cli->args.n_words && !rows->v[i].seen)
		return fail_library(cli);
	/* without a cgroup of its own there is nothing to tell */
	if (no != ESRCH && no != ENOENT && no != ENOTSUP)
		return fail_library(cli);
	free(rows->v[i].id);
	memmove(&rows->v[i], &rows->v[i + 1], (rows->n - i - 1) * sizeof(*rows->v));
	rows->n--;
	return STATUS_OK;
}

/* ---- as JSON ---- */

static int print_events(struct cli *cli, struct rows *rows)
{
	char *event;

	for (size_t i = 0; i < rows->n;) {
		if (ocirt_stats(cli->ctx, rows->v[i].id, NULL, &event) < 0) {
			if (gone(cli, rows, i) != STATUS_OK)
				return STATUS_FAILED;
			continue;
		}
		rows->v[i++].seen = 1;
		puts(event);
		ocirt_free(event);
	}
	return STATUS_OK;
}

/* ---- as a table ---- */

/* "1.5M" */
static const char *size_text(uint64_t bytes, char *buf, size_t size)
{
	static const char units[] = "BKMGTP";
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes == UINT64_MAX)
		return "-";
	for (; value >= 1024 && units[unit + 1]; unit++)
		value /= 1024;
	snprintf(buf, size, value < 10 && unit ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}

static void print_head(const struct rows *rows, int *ret_width)
{
	int width = 2;

	for (size_t i = 0; i < rows->n; i++)
		if ((int)strlen(rows->v[i].id) > width)
			width = (int)strlen(rows->v[i].id);
	printf("%-*s %7s %7s %7s %6s %6s %6s %7s %7s  %s\n", width, "ID", "CPU%", "MEMORY", "LIMIT",
	       "MEM%", "PIDS", "MAX", "READ", "WRITE", "PRESSURE CPU/MEM/IO");
	*ret_width = width;
}

static void print_row(const struct row *row, int width, const struct ocirt_stats *s, uint64_t now)
{
	char memory[16], limit[16], in[16], out[16], share[16] = "-", most[24] = "-";
	double cpu = 0;

	if (row->seen && now > row->at_usec && s->cpu_usec > row->cpu_usec)
		cpu = 100.0 * (double)(s->cpu_usec - row->cpu_usec) / (double)(now - row->at_usec);
	if (s->memory_limit != UINT64_MAX && s->memory_limit)
		snprintf(share, sizeof(share), "%.1f",
			 100.0 * (double)s->memory / (double)s->memory_limit);
	if (s->pids_limit != UINT64_MAX)
		snprintf(most, sizeof(most), "%" PRIu64, s->pids_limit);
	printf("%-*s %7.1f %7s %7s %6s %6" PRIu64 " %6s %7s %7s  %u.%02u/%u.%02u/%u.%02u\n", width,
	       row->id, cpu, size_text(s->memory, memory, sizeof(memory)),
	       size_text(s->memory_limit, limit, sizeof(limit)), share, s->pids, most,
	       size_text(s->read_bytes, in, sizeof(in)),
	       size_text(s->write_bytes, out, sizeof(out)), s->cpu_pressure / 100,
	       s->cpu_pressure % 100, s->memory_pressure / 100, s->memory_pressure % 100,
	       s->io_pressure / 100, s->io_pressure % 100);
}

/* quietly: only remember, for the difference that the next one shows. */
static int print_rows(struct cli *cli, struct rows *rows, bool quietly)
{
	struct ocirt_stats s = {0};
	int width = 0;

	OCIRT_INIT(&s);
	if (!quietly)
		print_head(rows, &width);
	for (size_t i = 0; i < rows->n;) {
		uint64_t now;

		if (ocirt_stats(cli->ctx, rows->v[i].id, &s, NULL) < 0) {
			if (gone(cli, rows, i) != STATUS_OK)
				return STATUS_FAILED;
			continue;
		}
		now = now_usec();
		if (!quietly)
			print_row(&rows->v[i], width, &s, now);
		rows->v[i].cpu_usec = s.cpu_usec;
		rows->v[i].at_usec = now;
		rows->v[i++].seen = 1;
	}
	return STATUS_OK;
}

/* ---- again and again ---- */

static int show(struct cli *cli, struct rows *rows, bool json, bool live)
{
	if (json)
		return print_events(cli, rows);
	if (live)
		fputs(HOME_AND_CLEAR, stdout);
	return print_rows(cli, rows, false);
}

static int watch(struct cli *cli, struct rows *rows, int interval_msec, bool json)
{
	bool once = cli->args.no_stream, live = !once && isatty(STDOUT_FILENO);
	int status = STATUS_OK;

	if (!json) {
		status = print_rows(cli, rows, true);
		poll(NULL, 0, FIRST_LOOK_MSEC);
	}
	while (status == STATUS_OK) {
		status = show(cli, rows, json, live);
		if (once || status != STATUS_OK || fflush(stdout) != 0)
			break;
		poll(NULL, 0, interval_msec);
		/* those that were started meanwhile */
		if (!cli->args.n_words)
			status = find_rows(cli, rows);
		if (!rows->n)
			break;
	}
	return status;
}

int cmd_stats(struct cli *cli)
{
	const char *format = cli->args.format, *interval = cli->args.interval;
	bool json = format ? strcmp(format, "json") == 0 : !isatty(STDOUT_FILENO);
	int msec = interval ? duration_msec(interval) : DEFAULT_INTERVAL_MSEC;
	struct rows rows = {0};
	int status;

	if (msec <= 0)
		return fail_usage(cli,
				  "invalid interval \"%s\": a time is wanted, more than 0, as in "
				  "5s or 500ms",
				  interval);
	status = find_rows(cli, &rows);
	if (status == STATUS_OK)
		status = watch(cli, &rows, msec, json);
	for (size_t i = 0; i < rows.n; i++)
		free(rows.v[i].id);
	free(rows.v);
	return status;
}
