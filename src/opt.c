/* SPDX-License-Identifier: Apache-2.0 */
#include "opt.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "guess.h"

struct parser {
	int argc, next;
	char **argv;
	struct args *args;
	struct usage_error *error;
};

/* Keep the first error; what comes after it may only be its echo. */
static int refuse(struct parser *p, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct parser *p, const char *hint, const char *fmt, ...)
{
	struct usage_error *e = p->error;
	va_list ap;

	if (e->message[0])
		return -EINVAL;
	e->command = p->args->command;
	e->code = "E_USAGE";
	va_start(ap, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	snprintf(e->hint, sizeof(e->hint), "%s", hint ? hint : "");
	return -EINVAL;
}

static bool takes(const struct opt *o, enum command_id taker)
{
	return o->takers & OPT_OF(taker);
}

const struct opt *opt_find(enum command_id taker, const char *name, size_t len)
{
	for (const struct opt *o = opt_table; *o->name; o++) {
		if (!takes(o, taker))
			continue;
		if (len == 1 && o->letter == *name)
			return o;
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	}
	return NULL;
}

enum command_id opt_find_command(const char *name)
{
	enum command_id id = 0;

	while (id < CMD_MAX && strcmp(opt_commands[id].name, name) != 0)
		id++;
	return id;
}

static int unknown_command(struct parser *p, const char *name)
{
	struct guess g = GUESS_INIT(name, strlen(name));
	char hint[64] = "";

	for (int id = 0; id < CMD_MAX; id++)
		guess_offer(&g, opt_commands[id].name);
	if (g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"? ", g.best);
	return refuse(p, hint, "unknown command \"%s\"", name);
}

static int unknown_option(struct parser *p, const char *word, size_t dashes, size_t len)
{
	enum command_id taker = p->args->command;
	const char *name = word + dashes;
	struct guess g = GUESS_INIT(name, len);
	char hint[128] = "";

	for (const struct opt *o = opt_table; *o->name; o++)
		if (takes(o, taker) && *o->help)
			guess_offer(&g, o->name);
	if (taker != CMD_NONE && opt_find(CMD_NONE, name, len))
		snprintf(hint, sizeof(hint), "put it before \"%s\", it is for all commands; ",
			 opt_commands[taker].name);
	else if (g.best)
		snprintf(hint, sizeof(hint), "did you mean \"--%s\"? ", g.best);
	return refuse(p, hint, "unknown option \"%.*s\"%s%s%s", (int)(dashes + len), word,
		      taker == CMD_NONE ? "" : " of \"",
		      taker == CMD_NONE ? "" : opt_commands[taker].name,
		      taker == CMD_NONE ? "" : "\"");
}

/* The words that Go's strconv.ParseBool takes, in any case. */
static int parse_switch(struct parser *p, const struct opt *o, const char *value, bool *ret)
{
	static const char *const words[2][3] = {{"false", "f", "0"}, {"true", "t", "1"}};

	for (int truth = 0; truth < 2; truth++) {
		for (int i = 0; i < 3; i++) {
			if (strcasecmp(value, words[truth][i]) == 0) {
				*ret = truth;
				return 0;
			}
		}
	}
	return refuse(p, NULL, "invalid %s \"%s\": true or false is wanted", o->name, value);
}

static int parse_number(struct parser *p, const struct opt *o, const char *value, unsigned int *ret)
{
	unsigned int n = 0;
	const char *c = value;

	for (; *c >= '0' && *c <= '9' && n < INT_MAX / 10; c++)
		n = n * 10 + (unsigned int)(*c - '0');
	if (*c)
		return refuse(p, NULL, "invalid %s \"%s\": a number is wanted", o->name, value);
	*ret = n;
	return 0;
}

static int parse_choice(struct parser *p, const struct opt *o, const char *value, const char **ret)
{
	size_t len = strlen(value), n;

	for (const char *w = o->arg; w; w = w[n] ? w + n + 1 : NULL) {
		n = strcspn(w, "|");
		if (n == len && memcmp(w, value, n) == 0) {
			*ret = value;
			return 0;
		}
	}
	return refuse(p, NULL, "invalid %s \"%s\": one of %s is wanted", o->name, value, o->arg);
}

static int append(struct parser *p, struct opt_list *list, const char *value)
{
	if (!list->values) {
		/* There cannot be more of them than arguments. */
		list->values = calloc((size_t)p->argc + 1, sizeof(*list->values));
		if (!list->values)
			return -ENOMEM;
	}
	list->values[list->count++] = value;
	return 0;
}

static int store(struct parser *p, const struct opt *o, const char *value)
{
	void *member = (char *)p->args + o->offset;

	if (o->kind != OPT_SWITCH && !value)
		value = "";
	if (*o->arg && !*value)
		return refuse(p, NULL, "--%s requires an argument that is not empty", o->name);
	switch (o->kind) {
	case OPT_SWITCH:
		*(bool *)member = true;
		return value ? parse_switch(p, o, value, member) : 0;
	case OPT_TEXT:
		*(const char **)member = value;
		return 0;
	case OPT_CHOICE:
		return parse_choice(p, o, value, member);
	case OPT_NUMBER:
		return parse_number(p, o, value, member);
	case OPT_LIST:
		return append(p, member, value);
	case OPT_LATER:
		refuse(p, NULL, "not supported yet: --%s", o->name);
		p->error->code = "E_UNSUPPORTED";
		return -EINVAL;
	}
	return -EINVAL;
}

/* One option: argv[next - 1], and the word behind it if that is its argument. */
static int parse_option(struct parser *p, const char *word)
{
	size_t dashes = word[1] == '-' ? 2 : 1;
	const char *name = word + dashes;
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct opt *o = opt_find(p->args->command, name, len);

	if (!o)
		return unknown_option(p, word, dashes, len);
	if (*o->arg && !value) {
		if (p->next == p->argc)
			return refuse(p, NULL, "flag needs an argument: --%s", o->name);
		value = p->argv[p->next++];
	}
	return store(p, o, value);
}

/* "-" is a word: a file name that means standard input. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static int parse_global(struct parser *p)
{
	int r = 0;

	while (p->next < p->argc && is_option(p->argv[p->next]) && !p->args->help) {
		const char *word = p->argv[p->next++];
		int this_r;

		if (strcmp(word, "--") == 0)
			break;
		this_r = parse_option(p, word);
		if (this_r < 0)
			r = this_r;
	}
	return r;
}

/* Options end at the name of exec's program, and at ps's container: what follows is the program's. */
static bool ends_options(const struct parser *p)
{
	return (p->args->command == CMD_EXEC && p->args->n_words == 2) ||
	       (p->args->command == CMD_PS && p->args->n_words == 1);
}

static int parse_command(struct parser *p)
{
	bool options = true;

	p->args->words = calloc((size_t)p->argc + 1, sizeof(*p->args->words));
	if (!p->args->words)
		return -ENOMEM;
	while (p->next < p->argc && !p->args->help) {
		char *word = p->argv[p->next++];
		int r;

		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && is_option(word)) {
			r = parse_option(p, word);
			if (r < 0)
				return r;
		} else {
			p->args->words[p->args->n_words++] = word;
			options = options && !ends_options(p);
		}
	}
	return 0;
}

static int check_count(struct parser *p)
{
	const struct command *c = &opt_commands[p->args->command];
	size_t n = p->args->n_words;
	char count[48];

	if (n >= c->min_words && n <= c->max_words)
		return 0;
	if (c->min_words == c->max_words)
		snprintf(count, sizeof(count), "exactly %zu", c->min_words);
	else if (n < c->min_words)
		snprintf(count, sizeof(count), "at least %zu", c->min_words);
	else
		snprintf(count, sizeof(count), "at most %zu", c->max_words);
	if (!*c->words)
		return refuse(p, NULL, "\"%s\" requires no argument, %zu given", c->name, n);
	return refuse(p, NULL, "\"%s\" requires %s argument(s) (%s), %zu given", c->name, count,
		      c->words, n);
}

int opt_parse(int argc, char **argv, struct args *ret, struct usage_error *ret_error)
{
	struct parser p = {argc, 1, argv, ret, ret_error};
	int r;

	*ret = (struct args){.command = CMD_NONE};
	*ret_error = (struct usage_error){.command = CMD_NONE};
	r = parse_global(&p);
	if (r < 0 || ret->help || ret->version)
		return r;
	if (p.next == argc)
		return refuse(&p, NULL, "no command was given");
	ret->command = opt_find_command(argv[p.next++]);
	if (ret->command == CMD_NONE)
		return unknown_command(&p, argv[p.next - 1]);
	/* "explain update ...": all that update takes. A bundle of that name is "./update". */
	if (ret->command == CMD_EXPLAIN && p.next < argc && strcmp(argv[p.next], "update") == 0) {
		ret->command = CMD_UPDATE;
		ret->explain = true;
		p.next++;
	}
	r = parse_command(&p);
	if (r < 0 || ret->help)
		return r;
	return check_count(&p);
}

void opt_free(struct args *args)
{
	free(args->words);
	free(args->env.values);
	free(args->cap.values);
	free(args->additional_gids.values);
	*args = (struct args){.command = CMD_NONE};
}
