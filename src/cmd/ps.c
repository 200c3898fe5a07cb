/* SPDX-License-Identifier: Apache-2.0 */
/* ps: as JSON the ids; as a table what the host's ps(1) says of them, as with runc. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"

struct pids {
	int *v;
	size_t n;
};

static void print_json(const struct pids *pids)
{
	putchar('[');
	for (size_t i = 0; i < pids->n; i++)
		printf("%s%d", i ? "," : "", pids->v[i]);
	puts("]");
}

/* A host without ps(1), a container's perhaps. */
static void print_plain(const struct pids *pids)
{
	puts("PID");
	for (size_t i = 0; i < pids->n; i++)
		printf("%d\n", pids->v[i]);
}

/* Field `index` of a line, from 0, begins there; NULL when there are fewer. */
static const char *field(const char *line, int index)
{
	static const char blanks[] = " \t\n";

	for (;; index--) {
		line += strspn(line, blanks);
		if (!*line)
			return NULL;
		if (index == 0)
			return line;
		line += strcspn(line, blanks);
	}
}

/* In which field the heading is PID, or -1. */
static int pid_column(const char *heading)
{
	const char *s;

	for (int i = 0; (s = field(heading, i)); i++)
		if (strncmp(s, "PID", 3) == 0 && strcspn(s, " \t\n") == 3)
			return i;
	return -1;
}

static bool is_listed(const struct pids *pids, const char *line, int column)
{
	const char *s = field(line, column);
	long pid = s ? strtol(s, NULL, 10) : 0;

	for (size_t i = 0; i < pids->n; i++)
		if (pids->v[i] == pid)
			return true;
	return false;
}

/*
 * Print the heading, and the lines of the container's processes. Without a heading this was no
 * table: `said` is its first line then.
 */
static bool filter(FILE *from, const struct pids *pids, char *said, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	int column = -1;

	*said = '\0';
	while (getline(&line, &room, from) > 0) {
		bool heading = column < 0;

		if (heading)
			column = pid_column(line);
		if (column >= 0 && (heading || is_listed(pids, line, column)))
			fputs(line, stdout);
		else if (heading && !*said)
			snprintf(said, size, "%.*s", (int)strcspn(line, "\n"), line);
	}
	free(line);
	return column >= 0;
}

/* Start ps(1) with its output, of both kinds, into a pipe. Returns 0 or an errno. */
static int spawn_ps(char *const *argv, pid_t *ret_pid, FILE **ret_from)
{
	posix_spawn_file_actions_t actions;
	int ends[2], r;

	*ret_from = NULL;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	r = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (r == 0)
		*ret_from = fdopen(ends[0], "r");
	if (!*ret_from)
		close(ends[0]); /* which ends a ps that runs */
	return r;
}

/* Words behind the container are for ps(1), which gets them in its own order. */
static int print_table(const struct cli *cli, const struct pids *pids)
{
	static char name[] = "ps", all[] = "-ef";
	char *standard[] = {name, all, NULL}, **argv = standard, said[256];
	int status = 0, r;
	FILE *from;
	bool table;
	pid_t pid = -1;

	if (cli->args.n_words > 1) {
		argv = cli->args.words;
		argv[0] = name;
	}
	r = spawn_ps(argv, &pid, &from);
	if (r == ENOENT && argv == standard) {
		print_plain(pids);
		return STATUS_OK;
	}
	if (!from)
		return fail(cli, "E_SYSTEM", r ? r : ENOMEM, "run \"ps\"");
	table = filter(from, pids, said, sizeof(said));
	fclose(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		return fail(cli, "E_USAGE", 0, "\"ps\" failed: %s",
			    *said ? said : "no reason given");
	if (!table)
		return fail(cli, "E_USAGE", 0, "the output of \"ps\" has no column PID");
	return STATUS_OK;
}

int cmd_ps(struct cli *cli)
{
	const char *format = cli->args.format;
	bool json = format && strcmp(format, "json") == 0;
	struct pids pids = {0};
	int status = STATUS_OK;

	if (json && cli->args.n_words > 1)
		return fail_usage(cli, "arguments for ps(1) and --format json exclude each other");
	if (ocirt_ps(cli->ctx, cli->args.words[0], &pids.v, &pids.n) < 0)
		return fail_library(cli);
	if (json)
		print_json(&pids);
	else
		status = print_table(cli, &pids);
	ocirt_free(pids.v);
	return status;
}
