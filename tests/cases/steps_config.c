/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <string.h>

#define CONFIG CASE_DIR "/config.json"

static int load(struct context *cx, const char *path)
{
	struct text content = {0};
	char *error = NULL;
	int r = read_path(path, &content);

	if (r < 0)
		return context_fail(cx, "base %s: %s", path, strerror(-r));
	cx->config = json_parse(text_str(&content), content.len, &error);
	if (!cx->config)
		return context_fail(cx, "base %s: %s", path, error);
	cx->config_dirty = true;
	return 0;
}

/* A path beside the case file. */
static char *beside(const struct context *cx, const char *path)
{
	const char *slash = strrchr(cx->tc->file, '/');

	if (*path == '/' || !slash)
		return xstrdup(path);
	return xprintf("%.*s/%s", (int)(slash - cx->tc->file), cx->tc->file, path);
}

int step_base(struct context *cx, const struct statement *s)
{
	return load(cx, beside(cx, s->words.v[1]));
}

/* Every change begins here: the default base is read when a case names none. */
static int begin_change(struct context *cx)
{
	if (!cx->config && load(cx, beside(cx, "base.json")) < 0)
		return -1;
	cx->config_dirty = true;
	return 0;
}

static struct json *value_of(struct context *cx, const struct statement *s)
{
	char *error = NULL;
	char *text = context_expand(cx, s->rest);
	struct json *value = json_parse(text, strlen(text), &error);

	if (!value)
		context_fail(cx, "%s %s: %s", s->words.v[0], s->words.v[1], error);
	return value;
}

static int finish_change(struct context *cx, int r, const char *error)
{
	return r < 0 ? context_fail(cx, "%s", error) : 0;
}

int step_set(struct context *cx, const struct statement *s)
{
	struct json *value = value_of(cx, s);
	char *error = NULL;

	if (!value || begin_change(cx) < 0)
		return -1;
	return finish_change(cx, json_set(cx->config, s->words.v[1], value, &error), error);
}

int step_append(struct context *cx, const struct statement *s)
{
	struct json *value = value_of(cx, s);
	char *error = NULL;

	if (!value || begin_change(cx) < 0)
		return -1;
	return finish_change(cx, json_append(cx->config, s->words.v[1], value, &error), error);
}

int step_delete_member(struct context *cx, const struct statement *s)
{
	char *error = NULL;
	int r = 0;

	if (begin_change(cx) < 0)
		return -1;
	for (size_t i = 1; r == 0 && i < s->words.n; i++)
		r = json_delete(cx->config, s->words.v[i], &error);
	return finish_change(cx, r, error);
}

static int set_args(struct context *cx, const char *first, const struct statement *s)
{
	struct json *array = xalloc(sizeof(*array));
	struct json **at = &array->child;
	char *error = NULL;

	array->type = JSON_ARRAY;
	for (size_t i = first ? 0 : 1; i < s->words.n; i++) {
		struct json *word = xalloc(sizeof(*word));

		word->type = JSON_STRING;
		text_puts(&word->value, i == 0 ? first : context_expand(cx, s->words.v[i]));
		*at = word;
		at = &word->next;
	}
	if (begin_change(cx) < 0)
		return -1;
	return finish_change(cx, json_set(cx->config, "process.args", array, &error), error);
}

int step_args(struct context *cx, const struct statement *s)
{
	return set_args(cx, NULL, s);
}

int step_probe(struct context *cx, const struct statement *s)
{
	return set_args(cx, "/bin/probe", s);
}

int step_config_text(struct context *cx, const struct statement *s)
{
	if (begin_change(cx) < 0)
		return -1;
	cx->config_text = (struct text){0};
	text_puts(&cx->config_text, operand_text(s->rest));
	return 0;
}

int step_config_replace(struct context *cx, const struct statement *s)
{
	if (begin_change(cx) < 0)
		return -1;
	words_add(&cx->replacements, s->words.v[1]);
	words_add(&cx->replacements, s->words.v[2]);
	return 0;
}

/* Apply one pair of "config-replace": what is not there is the case's mistake. */
static int replace(struct context *cx, struct text *t, const char *old, const char *new)
{
	const char *at = strstr(text_str(t), old);
	struct text result = {0};

	if (!at)
		return context_fail(cx, "config-replace: \"%s\" is not in the document", old);
	text_add(&result, t->data, (size_t)(at - t->data));
	text_puts(&result, new);
	text_puts(&result, at + strlen(old));
	*t = result;
	return 0;
}

int config_write(struct context *cx)
{
	struct text t = {0};
	int r;

	if (!cx->config && begin_change(cx) < 0)
		return -1;
	if (!cx->config_dirty)
		return 0;
	if (cx->config_text.len > 0)
		t = cx->config_text;
	else
		json_print(cx->config, &t);
	for (size_t i = 0; i + 1 < cx->replacements.n; i += 2)
		if (replace(cx, &t, cx->replacements.v[i], cx->replacements.v[i + 1]) < 0)
			return -1;
	r = write_path(CONFIG, text_str(&t), t.len, 0644);
	if (r < 0)
		return context_fail(cx, "write " CONFIG ": %s", strerror(-r));
	cx->config_dirty = false;
	return 0;
}
