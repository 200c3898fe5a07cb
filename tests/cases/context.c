/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reaper.h"

#define LEFTOVER_GRACE_MS                                                                          \
	2000 /* for what is dying already: a zombie's cgroup, a lazily unmounted tree */

static void say_where(struct context *cx)
{
	const struct statement *s = cx->at;

	text_printf(&cx->message, "%s:%d: ", s->file, s->line);
}

int context_fail(struct context *cx, const char *format, ...)
{
	va_list args;

	say_where(cx);
	va_start(args, format);
	text_puts(&cx->message, xvprintf(format, args));
	va_end(args);
	text_puts(&cx->message, "\n");
	context_describe_last(cx);
	return -1;
}

int context_skip(struct context *cx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_puts(&cx->message, xvprintf(format, args));
	va_end(args);
	cx->skipped = true;
	return -1;
}

static void describe_stream(struct text *t, const char *name, const struct text *content)
{
	if (content->len == 0)
		return;
	text_printf(t, "%s: %.1000s%s", name, content->data,
		    content->data[content->len - 1] == '\n' ? "" : "\n");
}

void context_describe_last(struct context *cx)
{
	const struct command *c = cx->last;
	struct text out, err;

	if (!c)
		return;
	out = command_stdout(c);
	err = command_stderr(c);
	text_printf(&cx->message, "command: %s\n", c->line);
	if (!c->running)
		text_printf(&cx->message, "exit: %d%s\n", command_exit_code(c),
			    c->timed_out ? " (killed: took too long)" : "");
	describe_stream(&cx->message, "stdout", &out);
	describe_stream(&cx->message, "stderr", &err);
	describe_stream(&cx->message, "console", &cx->pty.seen);
}

/* "uts" -> "4026531838"; "" for a namespace that the kernel lacks. */
static char *namespace_inode(const char *type)
{
	struct stat st;

	if (stat(xprintf("/proc/self/ns/%s", type), &st) < 0)
		return xstrdup("");
	return xprintf("%lu", (unsigned long)st.st_ino);
}

/* How often a race is run: as the case says, unless RT_RACE_ROUNDS does. */
static char *rounds(const char *usual)
{
	const char *asked = getenv("RT_RACE_ROUNDS");

	return xstrdup(asked && *asked ? asked : usual);
}

static char *expansion(const struct context *cx, const char *what)
{
	struct text content = {0};

	if (strncmp(what, "rounds:", 7) == 0)
		return rounds(what + 7);
	if (strcmp(what, "runtime") == 0)
		return xstrdup(cx->options->runtime);
	if (strncmp(what, "ns:", 3) == 0)
		return namespace_inode(what + 3);
	if (strncmp(what, "file:", 5) != 0 || read_path(what + 5, &content) < 0)
		return NULL;
	if (content.len > 0 && content.data[content.len - 1] == '\n')
		content.data[content.len - 1] = '\0';
	return xstrdup(text_str(&content));
}

char *context_expand(const struct context *cx, const char *s)
{
	struct text t = {0};
	const char *at;

	text_puts(&t, "");
	while ((at = strchr(s, '@'))) {
		const char *end = strchr(at + 1, '@');
		char *value = end ? expansion(cx, xstrndup(at + 1, (size_t)(end - at - 1))) : NULL;

		if (value) {
			text_add(&t, s, (size_t)(at - s));
			text_puts(&t, value);
			s = end + 1;
		} else {
			text_add(&t, s, (size_t)(at - s) + 1);
			s = at + 1;
		}
	}
	text_puts(&t, s);
	return t.data;
}

bool context_wait(struct context *cx, bool (*done)(struct context *cx, void *arg), void *arg)
{
	long deadline = now_ms() + cx->options->timeout_ms / 2;
	long pause = 1;

	while (!done(cx, arg)) {
		if (now_ms() > deadline)
			return false;
		command_pump(&cx->pty, pause);
		if (pause < 32)
			pause *= 2;
	}
	return true;
}

/* The end of a case that did not come to its own end: nothing that it started may go on. */
static void stop_background(struct context *cx)
{
	if (!cx->background || !cx->background->running)
		return;
	kill(cx->background->pid, SIGKILL);
	command_wait(cx->background, &cx->pty, cx->options->timeout_ms);
}

static enum result check_leftovers(struct context *cx, const struct inventory *before)
{
	long deadline = now_ms() + LEFTOVER_GRACE_MS;
	struct inventory after;
	char *leftovers;

	reaper_enable(true);
	for (;;) {
		reaper_collect();
		inventory_take(&after);
		leftovers = inventory_leftovers(before, &after);
		if (!leftovers)
			return RESULT_PASSED;
		if (now_ms() > deadline)
			break;
		command_pump(&cx->pty, 10);
	}
	context_fail(cx, "something was left behind");
	text_puts(&cx->message, leftovers);
	return RESULT_FAILED;
}

enum result context_run(struct context *cx)
{
	struct inventory before;
	int r = 0;

	reaper_init();
	cx->pty = (struct pty)PTY_NONE;
	cx->caller.umask = 022;
	cx->caller.cwd = xstrdup(CASE_DIR);
	inventory_take(&before);
	for (size_t i = 0; r == 0 && i < cx->tc->n_statements; i++) {
		cx->at = &cx->tc->statements[i];
		if (cx->at->kind->run)
			r = cx->at->kind->run(cx, cx->at);
	}
	stop_background(cx);
	if (r < 0)
		return cx->skipped ? RESULT_SKIPPED : RESULT_FAILED;
	if (cx->options->keep_going)
		return RESULT_PASSED;
	return check_leftovers(cx, &before);
}
