/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "reaper.h"

static struct command *new_command(struct context *cx, const char *verb)
{
	struct command *c;

	if (cx->n_commands == MAX_COMMANDS) {
		context_fail(cx, "more than %d commands in one case", MAX_COMMANDS);
		return NULL;
	}
	c = &cx->commands[cx->n_commands++];
	c->verb = xstrdup(verb);
	return c;
}

/* RUNTIME --root ROOT GLOBALS... WORDS... */
static struct words runtime_argv(struct context *cx, const struct words *words, size_t skip)
{
	struct words argv = {0};

	words_add(&argv, xstrdup(cx->options->runtime));
	words_add(&argv, xstrdup("--root"));
	words_add(&argv, xstrdup(CASE_STATE_ROOT));
	words_add_all(&argv, &cx->global);
	for (size_t i = skip; i < words->n; i++)
		words_add(&argv, context_expand(cx, words->v[i]));
	return argv;
}

/*
 * Is there an expectation about the exit status among the statements that follow, up to the next
 * command?
 */
static bool exit_is_expected(const struct context *cx)
{
	const struct statement *end = cx->tc->statements + cx->tc->n_statements;

	for (const struct statement *s = cx->at + 1; s < end; s++) {
		if (s->kind->flags & STATEMENT_COMMAND)
			return false;
		if (s->kind->flags & STATEMENT_EXIT)
			return true;
	}
	return false;
}

static int finish(struct context *cx, struct command *c)
{
	command_wait(c, &cx->pty, cx->options->timeout_ms);
	cx->last = c;
	if (c->timed_out)
		return context_fail(cx, "took longer than %ld ms", cx->options->timeout_ms);
	if (command_exit_code(c) != 0 && !exit_is_expected(cx))
		return context_fail(cx, "failed, which is not expected here");
	return 0;
}

static int run(struct context *cx, const char *verb, const struct words *argv)
{
	struct command *c;

	if (config_write(cx) < 0)
		return -1;
	c = new_command(cx, verb);
	if (!c)
		return -1;
	command_start(c, argv, &cx->caller, &cx->pty);
	return finish(cx, c);
}

int step_verb(struct context *cx, const struct statement *s)
{
	struct words argv = runtime_argv(cx, &s->words, 0);

	return run(cx, s->words.v[0], &argv);
}

int step_runtime(struct context *cx, const struct statement *s)
{
	struct words argv = {0};

	words_add(&argv, xstrdup(cx->options->runtime));
	for (size_t i = 1; i < s->words.n; i++)
		words_add(&argv, context_expand(cx, s->words.v[i]));
	return run(cx, "runtime", &argv);
}

int step_host(struct context *cx, const struct statement *s)
{
	struct words argv = {0};
	struct caller plain = {.umask = 022, .cwd = xstrdup(CASE_DIR)};
	struct command *c = new_command(cx, "host");

	if (!c || config_write(cx) < 0)
		return -1;
	words_add(&argv, xstrdup("/bin/sh"));
	words_add(&argv, xstrdup("-c"));
	words_add(&argv, context_expand(cx, s->rest));
	command_start(c, &argv, &plain, NULL);
	return finish(cx, c);
}

int step_background(struct context *cx, const struct statement *s)
{
	struct words argv = runtime_argv(cx, &s->words, 1);
	struct command *c;

	if (cx->background && cx->background->running)
		return context_fail(cx, "there is a command in the background already");
	if (config_write(cx) < 0)
		return -1;
	c = new_command(cx, s->words.v[1]);
	if (!c)
		return -1;
	command_start(c, &argv, &cx->caller, &cx->pty);
	cx->background = c;
	return 0;
}

int step_join(struct context *cx, const struct statement *s)
{
	(void)s;
	if (!cx->background)
		return context_fail(cx, "nothing runs in the background");
	return finish(cx, cx->background);
}

static int signal_number(const char *name)
{
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int n = 1; n < NSIG; n++) {
		const char *known = sigabbrev_np(n);

		if (known && strcmp(known, name) == 0)
			return n;
	}
	return atoi(name);
}

int step_signal(struct context *cx, const struct statement *s)
{
	int n = signal_number(s->words.v[1]);

	if (!cx->background || !cx->background->running)
		return context_fail(cx, "nothing runs in the background");
	if (n <= 0)
		return context_fail(cx, "unknown signal %s", s->words.v[1]);
	/* It may have ended meanwhile: what is expected of its exit tells. */
	if (kill(cx->background->pid, n) < 0 && errno != ESRCH)
		return context_fail(cx, "kill: %s", strerror(errno));
	return 0;
}

int step_global(struct context *cx, const struct statement *s)
{
	for (size_t i = 1; i < s->words.n; i++)
		words_add(&cx->global, s->words.v[i]);
	return 0;
}

int step_reap(struct context *cx, const struct statement *s)
{
	(void)cx;
	reaper_enable(strcmp(s->words.v[1], "on") == 0);
	return 0;
}

int step_pause(struct context *cx, const struct statement *s)
{
	long end = now_ms() + atol(s->words.v[1]);

	for (long left = end - now_ms(); left > 0; left = end - now_ms())
		command_pump(&cx->pty, left);
	return 0;
}

struct command command_on_the_side(struct context *cx, const char *verb, const char *id)
{
	struct words words = {0}, argv;
	struct caller plain = {.umask = 022, .cwd = xstrdup(CASE_DIR)};
	struct command c = {.verb = xstrdup(verb)};

	/* The same person asks, but not from the case's terminal or with its descriptors. */
	plain.unprivileged = cx->caller.unprivileged;
	plain.uid = cx->caller.uid;
	plain.gid = cx->caller.gid;
	plain.env = cx->caller.env;
	words_add(&words, xstrdup(verb));
	words_add(&words, xstrdup(id));
	argv = runtime_argv(cx, &words, 0);
	command_start(&c, &argv, &plain, NULL);
	command_wait(&c, &cx->pty, cx->options->timeout_ms);
	return c;
}
