/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

enum { ID, PID, STATUS, BUNDLE, CREATED, OWNER, COLUMNS };

/* A table needs all its rows before the first can be printed. */
struct table {
	char *(*rows)[COLUMNS];
	size_t count, room;
	int width[COLUMNS];
};

static int add_cell(struct table *t, int column, const char *text)
{
	int width = (int)strlen(text);

	t->rows[t->count][column] = strdup(text);
	if (!t->rows[t->count][column])
		return -ENOMEM;
	if (width > t->width[column])
		t->width[column] = width;
	return 0;
}

static int add_row(struct table *t, const char *const cells[COLUMNS])
{
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		void *rows = reallocarray(t->rows, room, sizeof(*t->rows));

		if (!rows)
			return -ENOMEM;
		t->rows = rows;
		t->room = room;
	}
	memset(t->rows[t->count], 0, sizeof(*t->rows));
	for (int i = 0; i < COLUMNS; i++) {
		if (add_cell(t, i, cells[i]) < 0) {
			t->count++; /* free_table() sees what is there */
			return -ENOMEM;
		}
	}
	t->count++;
	return 0;
}

static void free_table(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		for (int j = 0; j < COLUMNS; j++)
			free(t->rows[i][j]);
	free(t->rows);
}

static void print_table(const struct table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		for (int j = 0; j < COLUMNS - 1; j++)
			printf("%-*s   ", t->width[j], t->rows[i][j]);
		puts(t->rows[i][OWNER]);
	}
}

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

static int to_table(const struct ocirt_entry *e, void *userdata)
{
	char pid[16];
	const char *cells[COLUMNS] = {
		[ID] = e->id,
		[PID] = pid,
		[STATUS] = e->status,
		[BUNDLE] = or_dash(e->bundle),
		[CREATED] = or_dash(e->created),
		[OWNER] = or_dash(e->owner),
	};

	snprintf(pid, sizeof(pid), "%d", e->pid);
	return add_row(userdata, cells);
}

static int to_json(const struct ocirt_entry *e, void *userdata)
{
	bool *first = userdata;

	putchar(*first ? '[' : ',');
	*first = false;
	if (e->state) {
		printf("%s", e->state);
		return 0;
	}
	printf("{\"id\":");
	out_json_string(e->id);
	printf(",\"status\":\"%s\",\"pid\":0,\"error\":", e->status);
	out_json_string(e->error ? e->error : "");
	putchar('}');
	return 0;
}

static int to_ids(const struct ocirt_entry *e, void *userdata)
{
	puts(e->id);
	return 0;
}

static int list_json(struct cli *cli)
{
	bool first = true;
	int r;

	r = ocirt_list(cli->ctx, to_json, &first);
	if (r == 0)
		puts(first ? "[]" : "]");
	return r;
}

static int list_table(struct cli *cli)
{
	static const char *const head[COLUMNS] = {"ID",     "PID",     "STATUS",
						  "BUNDLE", "CREATED", "OWNER"};
	struct table t = {0};
	int r = add_row(&t, head);

	if (r == 0)
		r = ocirt_list(cli->ctx, to_table, &t);
	if (r == 0)
		print_table(&t);
	free_table(&t);
	return r;
}

int cmd_list(struct cli *cli)
{
	const char *format = cli->args.format;
	int r;

	if (cli->args.quiet)
		r = ocirt_list(cli->ctx, to_ids, NULL);
	else if (format && strcmp(format, "json") == 0)
		r = list_json(cli);
	else
		r = list_table(cli);
	if (r < 0 && ocirt_error_errno(cli->ctx) == 0)
		return fail(cli, "E_NOMEM", r, "list containers");
	return r < 0 ? fail_library(cli) : STATUS_OK;
}
