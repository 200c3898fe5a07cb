/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "sandbox.h"
#include "tree.h"

#define SETTLE_MS 1000       /* for a process that dies by itself */
#define DELETE_US 5000000    /* the bound of delete --force */
#define PID_FILE CASE_DIR "/pid"

static struct words split(const char *line)
{
	struct words w = {0};
	char *at = xstrdup(line);

	for (char *word = strsep(&at, " "); word; word = strsep(&at, " "))
		words_add(&w, word);
	return w;
}

static void run_line(const struct world *w, const char *line, struct trial *t)
{
	struct words argv = {0}, words = split(line);

	words_add(&argv, xstrdup(w->runtime));
	words_add(&argv, xstrdup("--root"));
	words_add(&argv, xstrdup(CASE_STATE_ROOT));
	if (w->scenario->global)
		words_add(&argv, xstrdup(w->scenario->global));
	words_add_all(&argv, &words);
	tracer_run(t, argv.v);
}

/* Run to its end, unhurt. */
static bool succeeds(const struct world *w, const char *line, struct trial *t)
{
	*t = (struct trial){.how = HURT_TIME, .at = 20000000};
	run_line(w, line, t);
	return WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0;
}

static char *fails(const char *line, const struct trial *t)
{
	return xprintf("`%s` ended with status %#x: %s", line, t->status, text_str(&t->errors));
}

static char *apply(struct json *config, const struct patch *p)
{
	size_t len = strlen(p->path);
	char *error = NULL;
	struct json *value = json_parse(p->value, strlen(p->value), &error);
	int r = -1;

	if (value && len > 2 && strcmp(p->path + len - 2, "[]") == 0)
		r = json_append(config, xstrndup(p->path, len - 2), value, &error);
	else if (value)
		r = json_set(config, p->path, value, &error);
	return r < 0 ? error : NULL;
}

static char *write_config(const struct scenario *s)
{
	struct text base = {0}, t = {0};
	struct patch program = {"process.args", "[\"/bin/sleep\", \"1000\"]"};
	struct json *config;
	char *error = NULL;

	if (read_path(CASES_DIR "/base.json", &base) < 0)
		return xstrdup("cannot read " CASES_DIR "/base.json");
	config = json_parse(text_str(&base), base.len, &error);
	if (config)
		error = apply(config, &program);
	for (const struct patch *p = s->patches; !error && p && p->path; p++)
		error = apply(config, p);
	if (error)
		return error;
	json_print(config, &t);
	return write_path(CASE_DIR "/config.json", text_str(&t), t.len, 0644) < 0 ?
		       xstrdup("cannot write config.json") : NULL;
}

static void take_bundle(struct words *ret)
{
	*ret = (struct words){0};
	tree_list(CASE_DIR, CASE_DIR "/rootfs", ret);
}

char *world_make(struct world *w)
{
	char *error = write_config(w->scenario);

	if (error)
		return error;
	if (chdir(CASE_DIR) < 0)
		return xprintf("chdir: %s", strerror(errno));
	take_bundle(&w->bundle);
	inventory_take(&w->empty);
	return NULL;
}

char *world_setup(struct world *w)
{
	struct trial t;

	for (unsigned int i = 0; i < 3 && w->scenario->setup[i]; i++)
		if (!succeeds(w, w->scenario->setup[i], &t))
			return fails(w->scenario->setup[i], &t);
	inventory_take(&w->ready);
	return NULL;
}

void world_command(const struct world *w, struct trial *t)
{
	run_line(w, w->scenario->command, t);
}

static char *compare(const struct world *w, const struct inventory *before)
{
	struct inventory after;
	struct words bundle;
	struct text t = {0};
	char *left;

	unlink(PID_FILE); /* the caller's */
	take_bundle(&bundle);
	inventory_take(&after);
	left = inventory_leftovers(before, &after);
	if (left)
		text_puts(&t, left);
	for (size_t i = 0; i < bundle.n; i++)
		if (!words_have(&w->bundle, bundle.v[i]))
			text_printf(&t, "left: %s\n", bundle.v[i]);
	return t.data;
}

/* Processes that nobody waits for any more may take a moment. Tells how long. */
static char *compare_soon(const struct world *w, const struct inventory *before, long *ret_ms)
{
	long started = now_ms();
	char *left = compare(w, before);

	while (left && now_ms() - started < SETTLE_MS) {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		sleep_ms(1);
		left = compare(w, before);
	}
	*ret_ms = now_ms() - started;
	return left;
}

static unsigned int lines_of(const struct text *t)
{
	unsigned int n = 0;

	for (size_t i = 0; i < t->len; i++)
		n += t->data[i] == '\n';
	return n;
}

char *world_check_failure(const struct world *w, const struct trial *t)
{
	char *left;
	long ms;

	if (t->timed_out)
		return xstrdup("it hung");
	if (!WIFEXITED(t->status))
		return xprintf("it crashed: status %#x", t->status);
	if (WEXITSTATUS(t->status) == 0)
		return t->errors.len == 0 ? NULL :
					    xprintf("success, but: %s", text_str(&t->errors));
	if (lines_of(&t->errors) != 1)
		return xprintf("%u lines of error: %s", lines_of(&t->errors), text_str(&t->errors));
	if (!w->scenario->makes)
		return NULL;
	left = compare_soon(w, &w->ready, &ms);
	return left ? xprintf("%s  after: %s", left, text_str(&t->errors)) : NULL;
}

/* The process's name, "" when it has ended. */
static char *name_of(const char *pid)
{
	struct text stat = {0};
	const char *begin, *end;

	if (read_path(xprintf("/proc/%s/stat", pid), &stat) < 0)
		return xstrdup("");
	begin = strchr(text_str(&stat), '(');
	end = strrchr(text_str(&stat), ')');
	if (!begin || !end || end[2] == 'Z' || end[2] == 'X')
		return xstrdup("");
	return xstrndup(begin + 1, (size_t)(end - begin - 1));
}

/* Is it so, what `state` says? */
static char *doubt_state(const struct text *document)
{
	char *error, *name;
	struct json *state = json_parse(text_str(document), document->len, &error), *status, *pid;

	if (!state)
		return xprintf("state: %s", error);
	status = json_member(state, "status");
	pid = json_member(state, "pid");
	if (!status || !pid)
		return xstrdup("state: no status or no pid");
	name = name_of(text_str(&pid->value));
	if (strcmp(text_str(&status->value), "stopped") == 0)
		return strcmp(text_str(&pid->value), "0") == 0 ? NULL : xstrdup("stopped with a pid");
	if (strcmp(text_str(&status->value), "created") == 0 && strcmp(name, "rt-init") == 0)
		return NULL;
	if (strcmp(text_str(&status->value), "running") == 0 && *name &&
	    strcmp(name, "rt-init") != 0)
		return NULL;
	return xprintf("the state is \"%s\", but the init \"%s\"", text_str(&status->value),
		       *name ? name : "has ended");
}

/* Again while it may be on its way from one state to the next. */
char *world_check_state(const struct world *w)
{
	long started = now_ms();
	struct trial t;
	char *wrong;

	do {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (succeeds(w, "state c", &t))
			wrong = doubt_state(&t.out);
		else
			wrong = strstr(text_str(&t.errors), "does not exist") ? NULL :
										fails("state c", &t);
	} while (wrong && now_ms() - started < SETTLE_MS);
	if (!wrong && !succeeds(w, "list", &t))
		wrong = fails("list", &t);
	return wrong;
}

char *world_clean(struct world *w)
{
	struct trial t;
	char *left;
	long ms;

	if (!succeeds(w, "delete --force c", &t))
		return fails("delete --force c", &t);
	if (t.elapsed_us > w->slowest_delete_us)
		w->slowest_delete_us = t.elapsed_us;
	left = compare_soon(w, &w->empty, &ms);
	if (left) { /* told once, not again at every later point */
		take_bundle(&w->bundle);
		inventory_take(&w->empty);
	}
	if (ms > w->longest_linger_ms)
		w->longest_linger_ms = ms;
	if (!left && t.elapsed_us > DELETE_US)
		return xprintf("delete --force took %ld ms", t.elapsed_us / 1000);
	return left;
}
