/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations about exit statuses, states of containers and processes. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "match.h"
#include "reaper.h"
#include "steps.h"

int check_exit(struct context *cx, const struct statement *s)
{
	char *at = xstrdup(s->words.v[1]);

	if (!cx->last)
		return context_fail(cx, "no command was run");
	for (char *code = strsep(&at, "|"); code; code = strsep(&at, "|"))
		if (atoi(code) == command_exit_code(cx->last))
			return 0;
	return context_fail(cx, "expected: exit %s", s->words.v[1]);
}

/*
 * Our own runtime says one line, with a hint at its end in parentheses. Engines search the line for
 * words that have a meaning to them (podman makes exit codes of them): the hint must be free of
 * these.
 */
static const char *wrong_with_message(const char *err)
{
	static const char *const words[] = {"permission denied",
					    "operation not permitted",
					    "no such file or directory",
					    "not found",
					    "not running",
					    "does not exist"};
	const char *hint = strrchr(err, '(');
	const char *end = strchr(err, '\n');

	if (!end || end[1])
		return "an error must be one line";
	for (size_t i = 0; hint && end[-1] == ')' && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(hint, words[i]))
			return "engines take a word of the hint for the error";
	return NULL;
}

/*
 * The command must refuse in an orderly way: a status that means an error and no crash, something
 * to read on stderr, and from our own runtime no more than there should be.
 */
int check_fails(struct context *cx, const struct statement *s)
{
	struct text err;
	char *error = NULL;
	int code;

	if (!cx->last)
		return context_fail(cx, "no command was run");
	code = command_exit_code(cx->last);
	err = command_stderr(cx->last);
	if (code == 0)
		return context_fail(cx, "succeeded, but must fail");
	if (WIFSIGNALED(cx->last->status) || (code > 128 && code < 255) ||
	    strstr(text_str(&err), "goroutine"))
		return context_fail(cx, "crashed");
	if (err.len == 0 && !cx->caller.on_terminal)
		return context_fail(cx, "failed without a word");
	if (strcmp(cx->options->kind, "rt") == 0 && !cx->caller.on_terminal &&
	    wrong_with_message(text_str(&err)))
		return context_fail(cx, "%s", wrong_with_message(text_str(&err)));
	if (s->words.n < 2)
		return 0;
	if (match_text(&err, s->words.v[1], context_expand(cx, s->rest), &error) == MATCH_YES)
		return 0;
	return context_fail(cx, "expected: an error that %s %s%s%s", s->words.v[1], s->rest,
			    error ? ": " : "", error ? error : "");
}

int check_within(struct context *cx, const struct statement *s)
{
	if (!cx->last || cx->last->elapsed_ms > atol(s->words.v[1]))
		return context_fail(cx, "took %ld ms", cx->last ? cx->last->elapsed_ms : -1);
	return 0;
}

/* The word behind "status" in the state of the container; NULL if there is no state. */
static char *status_of(struct context *cx, const char *id)
{
	struct command c = command_on_the_side(cx, "state", id);
	struct text out = command_stdout(&c);
	char *error = NULL;
	struct json *state, *status;

	if (command_exit_code(&c) != 0)
		return NULL;
	state = json_parse(text_str(&out), out.len, &error);
	status = state ? json_member(state, "status") : NULL;
	return status ? xstrdup(text_str(&status->value)) : xstrdup("(no status)");
}

int check_is(struct context *cx, const struct statement *s)
{
	char *status = status_of(cx, s->words.v[1]);
	bool equal = status && strcmp(status, s->words.v[2]) == 0;

	if (equal != s->negated)
		return 0;
	return context_fail(cx, "expected%s: %s is %s; it is %s", s->negated ? " not" : "",
			    s->words.v[1], s->words.v[2], status ? status : "unknown");
}

struct wanted_status {
	const char *id, *wanted;
	char *found;
};

static bool has_status(struct context *cx, void *arg)
{
	struct wanted_status *w = arg;

	w->found = status_of(cx, w->id);
	return w->found && strcmp(w->found, w->wanted) == 0;
}

int check_becomes(struct context *cx, const struct statement *s)
{
	struct wanted_status w = {.id = s->words.v[1], .wanted = s->words.v[2]};

	if (context_wait(cx, has_status, &w))
		return 0;
	return context_fail(cx, "%s never became %s; it is %s", w.id, w.wanted,
			    w.found ? w.found : "unknown");
}

int check_gone(struct context *cx, const struct statement *s)
{
	char *status = status_of(cx, s->words.v[1]);

	return status ? context_fail(cx, "%s is still there: %s", s->words.v[1], status) : 0;
}

static bool has_processes(struct context *cx, void *arg)
{
	(void)cx;
	return inventory_count_processes() == *(const size_t *)arg;
}

int check_processes(struct context *cx, const struct statement *s)
{
	size_t wanted = strtoul(s->words.v[1], NULL, 10);

	if (context_wait(cx, has_processes, &wanted))
		return 0;
	return context_fail(cx, "expected: %zu processes; there are %zu", wanted,
			    inventory_count_processes());
}

static bool was_reaped(struct context *cx, void *arg)
{
	int status;

	(void)cx;
	return reaper_status(*(const pid_t *)arg, &status);
}

/*
 * The container's process must have become a child of ours, as engines rely on for its exit status.
 */
int check_exited(struct context *cx, const struct statement *s)
{
	char *path = s->words.v[1][0] == '/' ? s->words.v[1]
					     : xprintf(CASE_DIR "/%s", s->words.v[1]);
	struct text content = {0};
	int status, code;
	pid_t pid;

	if (read_path(path, &content) < 0)
		return context_fail(cx, "no pid file %s", path);
	pid = (pid_t)atoi(text_str(&content));
	if (!context_wait(cx, was_reaped, &pid))
		return context_fail(cx,
				    "process %d did not become a child of the caller, or runs on",
				    (int)pid);
	reaper_status(pid, &status);
	code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (code != atoi(s->words.v[2]))
		return context_fail(cx, "expected: process %d exits with %s; it was %d", (int)pid,
				    s->words.v[2], code);
	return 0;
}
