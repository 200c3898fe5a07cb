/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations about what was printed and what is in files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "match.h"
#include "steps.h"

/* One expectation on its way through context_wait(). */
struct expectation {
	const struct statement *s;
	const struct command *command; /* NULL: the terminal */
	const char *op, *rest;
	enum match outcome;
	char *error;
};

/* What a terminal shows, with plain line ends. */
static struct text terminal_text(struct context *cx)
{
	struct text t = {0};

	pty_drain(&cx->pty);
	for (size_t i = 0; i < cx->pty.seen.len; i++)
		if (cx->pty.seen.data[i] != '\r')
			text_add(&t, &cx->pty.seen.data[i], 1);
	return t;
}

static struct text subject(struct context *cx, const struct expectation *e)
{
	const char *keyword = e->s->words.v[0];

	if (!e->command)
		return strcmp(e->s->words.v[1], "payload") == 0 ? cx->pty.name : terminal_text(cx);
	if (strcmp(keyword + strlen(keyword) - 3, "err") == 0)
		return command_stderr(e->command);
	return command_stdout(e->command);
}

static bool is_met(struct context *cx, void *arg)
{
	struct expectation *e = arg;
	struct text content = subject(cx, e);

	e->outcome = match_text(&content, e->op, e->rest, &e->error);
	return e->outcome != MATCH_NO;
}

static int report(struct context *cx, const struct statement *s, const char *subject_text,
		  enum match outcome, const char *error)
{
	if (outcome == MATCH_ERROR)
		return context_fail(cx, "%s", error);
	if ((outcome == MATCH_YES) != s->negated)
		return 0;
	return context_fail(
		cx, "expected%s: %s %s %s%s%s%s", s->negated ? " not" : "", s->words.v[0],
		s->words.n > 2 ? xprintf("%s %s", s->words.v[1], s->words.v[2]) : s->words.v[1],
		s->rest ? s->rest : "", subject_text ? "\nfound: " : "",
		subject_text ? subject_text : "", error ? xprintf("\n%s", error) : "");
}

/* The last command with that verb. */
static const struct command *command_of(const struct context *cx, const char *verb, size_t len)
{
	for (size_t i = cx->n_commands; i-- > 0;)
		if (strlen(cx->commands[i].verb) == len &&
		    strncmp(cx->commands[i].verb, verb, len) == 0)
			return &cx->commands[i];
	return NULL;
}

int check_stream(struct context *cx, const struct statement *s)
{
	const char *keyword = s->words.v[0];
	const char *dot = strchr(keyword, '.');
	bool terminal = strcmp(keyword, "console") == 0;
	struct expectation e = {.s = s, .op = s->words.v[1], .rest = context_expand(cx, s->rest)};

	if (terminal && strcmp(e.op, "payload") == 0)
		e.op = next_word(&e.rest);
	if (!e.op)
		return context_fail(cx, "console payload wants an operator");
	while (*e.rest == ' ')
		e.rest++;
	e.command = terminal ? NULL
		    : dot    ? command_of(cx, keyword, (size_t)(dot - keyword))
			     : cx->last;
	if (!terminal && !e.command)
		return context_fail(cx, "no such command was run");
	/* What another process writes may take its time; what a finished command wrote is there. */
	if ((terminal || dot) && !s->negated)
		context_wait(cx, is_met, &e);
	else
		is_met(cx, &e);
	return report(cx, s, terminal ? text_str(&cx->pty.seen) : NULL, e.outcome, e.error);
}

static const char *type_of(mode_t mode)
{
	return S_ISDIR(mode)    ? "directory"
	       : S_ISREG(mode)  ? "file"
	       : S_ISLNK(mode)  ? "symlink"
	       : S_ISFIFO(mode) ? "fifo"
	       : S_ISSOCK(mode) ? "socket"
	       : S_ISCHR(mode)  ? "char"
				: "block";
}

/* path P exists|missing|mode|type|owner; MATCH_ERROR without a text: not one of these. */
static enum match match_status(const char *path, const char *op, const char *rest)
{
	struct stat st;
	bool there = lstat(path, &st) == 0;

	if (strcmp(op, "exists") == 0)
		return there ? MATCH_YES : MATCH_NO;
	if (strcmp(op, "missing") == 0)
		return there ? MATCH_NO : MATCH_YES;
	if (strcmp(op, "mode") == 0)
		return there && (st.st_mode & 07777) == strtoul(rest, NULL, 8) ? MATCH_YES
									       : MATCH_NO;
	if (strcmp(op, "type") == 0)
		return there && strcmp(type_of(st.st_mode), rest) == 0 ? MATCH_YES : MATCH_NO;
	if (strcmp(op, "owner") == 0)
		return there && strcmp(xprintf("%u %u", st.st_uid, st.st_gid), rest) == 0
			       ? MATCH_YES
			       : MATCH_NO;
	return MATCH_ERROR;
}

int check_path(struct context *cx, const struct statement *s)
{
	char *path = context_expand(cx, s->words.v[1]);
	char *rest = context_expand(cx, s->rest);
	struct text content = {0};
	char *error = NULL;
	enum match outcome;
	int r;

	if (*path != '/')
		path = xprintf(CASE_DIR "/%s", path);
	outcome = match_status(path, s->words.v[2], rest);
	if (outcome != MATCH_ERROR)
		return report(cx, s, NULL, outcome, NULL);
	r = read_path(path, &content);
	if (r < 0)
		return context_fail(cx, "%s: %s", path, strerror(-r));
	outcome = match_text(&content, s->words.v[2], rest, &error);
	return report(cx, s, text_str(&content), outcome, error);
}
