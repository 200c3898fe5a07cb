/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

struct reader {
	struct suite *suite;
	const char *file;
	int line;
	struct statement *prelude; /* statements in front of the first case */
	size_t n_prelude;
	struct test_case *tc; /* the one being read, NULL in the prelude */
	struct text pending;  /* a statement and its continuation lines */
	int pending_line;
};

static int complain(const struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int complain(const struct reader *r, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvprintf(format, args);
	va_end(args);
	fprintf(stderr, "%s:%d: %s\n", r->file, r->pending_line, s);
	free(s);
	return -1;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode one escape; *at stands behind the backslash. */
static char escaped_char(const char **at)
{
	static const char from[] = "nte0", to[] = "\n\t\x1b";
	const char *s = *at;
	const char *known = *s ? strchr(from, *s) : NULL;

	if (*s == 'x' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
		*at += 3;
		return (char)(hex_digit(s[1]) * 16 + hex_digit(s[2]));
	}
	*at += *s != '\0';
	return known ? to[known - from] : *s;
}

static void add_quoted(struct text *t, const char **at, char quote)
{
	const char *s = *at;

	while (*s && *s != quote) {
		char c = *s++;

		if (c == '\\' && quote == '"')
			c = escaped_char(&s);
		text_add(t, &c, 1);
	}
	*at = s + (*s == quote);
}

char *next_word(const char **at)
{
	struct text word = {0};
	const char *s = *at;

	while (isspace((unsigned char)*s))
		s++;
	if (!*s)
		return NULL;
	text_puts(&word, "");
	while (*s && !isspace((unsigned char)*s)) {
		if (*s == '"' || *s == '\'') {
			char quote = *s++;

			add_quoted(&word, &s, quote);
		} else {
			text_add(&word, s++, 1);
		}
	}
	*at = s;
	return word.data;
}

char *operand_text(const char *rest)
{
	struct text t = {0};

	if (*rest != '"')
		return xstrdup(rest);
	rest++;
	text_puts(&t, "");
	add_quoted(&t, &rest, '"');
	return t.data;
}

/* Where free text begins: behind blanks of the same line; a continuation keeps its own blanks. */
static char *rest_of(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return xstrdup(*at == '\n' ? at + 1 : at);
}

/* A note with a typo would silently mean something else. */
static bool note_is_valid(const struct statement *s)
{
	static const char *const verbs[] = {"fails:", "may-fail:", "skip:"};

	if (strcmp(s->words.v[0], "peer") != 0)
		return true;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(s->words.v[2], verbs[i]) == 0)
			return *s->rest != '\0';
	return false;
}

static int read_statement(struct reader *r, const char *at, struct statement *ret)
{
	struct statement s = {.file = r->file, .line = r->pending_line};
	char *word = next_word(&at);
	int n = 0;

	if (strcmp(word, "not") == 0) {
		s.negated = true;
		word = next_word(&at);
		if (!word)
			return complain(r, "\"not\" of what?");
	}
	s.kind = statement_find(word);
	if (!s.kind)
		return complain(r, "unknown statement \"%s\"", word);
	if (s.negated && !(s.kind->flags & STATEMENT_CHECK))
		return complain(r, "\"not\" goes with expectations only");
	words_add(&s.words, word);
	while (s.kind->max_words < 0 || n < s.kind->max_words) {
		const char *before = at;

		word = next_word(&at);
		if (!word) {
			at = before;
			break;
		}
		words_add(&s.words, word);
		n++;
	}
	if (s.kind->rest)
		s.rest = rest_of(at);
	else if ((word = next_word(&at)) != NULL)
		return complain(r, "too many words from \"%s\" on; usage: %s", word, s.kind->usage);
	if (n < s.kind->min_words)
		return complain(r, "too few words; usage: %s", s.kind->usage);
	if (!note_is_valid(&s))
		return complain(r, "usage: %s", s.kind->usage);
	*ret = s;
	return 0;
}

static void add_statement(struct statement **list, size_t *n, const struct statement *s)
{
	*list = xgrow(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = *s;
}

/* "tests/cases/mounts.case" -> "mounts" */
static char *subject_of(const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	return xstrndup(base, strcspn(base, "."));
}

static int begin_case(struct reader *r, const char *at)
{
	size_t len;
	struct test_case *tc;
	struct suite *suite = r->suite;

	while (isspace((unsigned char)*at))
		at++;
	len = strcspn(at, ": \t");
	if (len == 0)
		return complain(r, "a case needs a name");
	suite->cases = xgrow(suite->cases, (suite->n_cases + 1) * sizeof(*suite->cases));
	tc = &suite->cases[suite->n_cases++];
	*tc = (struct test_case){.file = r->file, .line = r->pending_line};
	tc->name = xprintf("%s:%.*s", subject_of(r->file), (int)len, at);
	if (at[len] == ':')
		tc->purpose = rest_of(at + len + 1);
	for (size_t i = 0; i + 1 < suite->n_cases; i++)
		if (strcmp(suite->cases[i].name, tc->name) == 0)
			return complain(r, "a second case called %s", tc->name);
	for (size_t i = 0; i < r->n_prelude; i++)
		add_statement(&tc->statements, &tc->n_statements, &r->prelude[i]);
	r->tc = tc;
	return 0;
}

/* The pending statement is complete: take it in. */
static int flush(struct reader *r)
{
	const char *at = r->pending.data;
	struct statement s;

	if (r->pending.len == 0)
		return 0;
	r->pending = (struct text){0};
	if (strncmp(at, "case", 4) == 0 && isspace((unsigned char)at[4]))
		return begin_case(r, at + 4);
	if (read_statement(r, at, &s) < 0)
		return -1;
	if (r->tc)
		add_statement(&r->tc->statements, &r->tc->n_statements, &s);
	else
		add_statement(&r->prelude, &r->n_prelude, &s);
	return 0;
}

static int take_line(struct reader *r, char *line)
{
	size_t len;

	while (isspace((unsigned char)*line))
		line++;
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	if (*line == '#')
		return 0;
	if (*line == '|') {
		if (r->pending.len == 0)
			return complain(r, "a continuation of nothing");
		text_printf(&r->pending, "\n%s", line[1] == ' ' ? line + 2 : line + 1);
		return 0;
	}
	if (flush(r) < 0)
		return -1;
	if (*line) {
		text_puts(&r->pending, line);
		r->pending_line = r->line;
	}
	return 0;
}

int suite_read(struct suite *suite, const char *path)
{
	struct reader r = {.suite = suite, .file = path};
	struct text content = {0};
	char *at;
	int e = read_path(path, &content);

	if (e < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-e));
		return -1;
	}
	at = xstrdup(text_str(&content));
	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n")) {
		r.line++;
		if (take_line(&r, line) < 0)
			return -1;
	}
	return flush(&r);
}

/* The statement reads: peer NAME fails|may-fail|skip: REASON */
enum peer_expectation case_expectation(const struct test_case *tc, const char *runtime,
				       const char **ret_reason)
{
	for (size_t i = tc->n_statements; i-- > 0;) {
		const struct statement *s = &tc->statements[i];

		if (strcmp(s->kind->keyword, "peer") != 0 || strcmp(s->words.v[1], runtime) != 0)
			continue;
		*ret_reason = s->rest;
		if (strcmp(s->words.v[2], "fails:") == 0)
			return PEER_FAILS;
		if (strcmp(s->words.v[2], "may-fail:") == 0)
			return PEER_MAY_FAIL;
		return PEER_SKIPPED;
	}
	return PEER_PASSES;
}
