/* SPDX-License-Identifier: Apache-2.0 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ab.h"

static const char *const kind_words[STEP_KIND_MAX] = {
	[STEP_SETUP] = "setup",       [STEP_DO] = "do", [STEP_TIME] = "time", [STEP_WAIT] = "wait",
	[STEP_TEARDOWN] = "teardown",
};

/* Room for one more element of an array that is never freed. */
static void *grow(void *array, size_t n, size_t size)
{
	void *p = reallocarray(array, n + 1, size);

	if (!p)
		err(125, "script");
	memset((char *)p + n * size, 0, size);
	return p;
}

static char **split(char *line)
{
	char **words = NULL, *word, *rest = line;
	size_t n = 0;

	while ((word = strsep(&rest, " \t\n"))) {
		if (!*word)
			continue;
		words = grow(words, n, sizeof(*words));
		words[n++] = word;
	}
	words = grow(words, n, sizeof(*words));
	return words;
}

static struct operation *operation_of(struct script *script, const char *name)
{
	struct operation *op;

	if (script->n_operations > 0) {
		op = &script->operations[script->n_operations - 1];
		if (!strcmp(op->name, name))
			return op;
	}
	script->operations = grow(script->operations, script->n_operations, sizeof(*op));
	op = &script->operations[script->n_operations++];
	op->name = name;
	return op;
}

const struct contender *contender_find(const struct operation *op, const char *name)
{
	for (size_t i = 0; i < op->n_contenders; i++)
		if (!strcmp(op->contenders[i].name, name))
			return &op->contenders[i];
	return NULL;
}

static struct contender *contender_of(struct operation *op, const char *name)
{
	struct contender *c = (struct contender *)contender_find(op, name);

	if (c)
		return c;
	op->contenders = grow(op->contenders, op->n_contenders, sizeof(*c));
	c = &op->contenders[op->n_contenders++];
	c->name = name;
	return c;
}

static enum step_kind kind_of(const char *word, size_t number)
{
	for (int kind = 0; kind < STEP_KIND_MAX; kind++)
		if (!strcmp(word, kind_words[kind]))
			return (enum step_kind)kind;
	errx(125, "script:%zu: unknown kind of step '%s'", number, word);
}

struct script script_read(FILE *in)
{
	struct script script = {0};
	size_t number = 0;

	for (;;) {
		size_t size = 0;
		char *line = NULL, **words;
		struct contender *c;

		if (getline(&line, &size, in) < 0)
			break;
		number++;
		words = split(line); /* the words stay in the line, which stays */
		if (!words[0])
			continue;
		if (!words[1] || !words[2] || !words[3])
			errx(125, "script:%zu: not OPERATION CONTENDER KIND WORD...", number);
		c = contender_of(operation_of(&script, words[0]), words[1]);
		c->steps = grow(c->steps, c->n_steps, sizeof(*c->steps));
		c->steps[c->n_steps].kind = kind_of(words[2], number);
		c->steps[c->n_steps++].argv = words + 3;
	}
	return script;
}
