/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "json.h"

typedef enum match (*operator_fn)(const struct text *content, const char *rest, char **ret_error);

static enum match yes_if(bool condition)
{
	return condition ? MATCH_YES : MATCH_NO;
}

/* Equal, but for the newline at the end. */
static enum match match_equal(const struct text *content, const char *rest, char **ret_error)
{
	char *wanted = operand_text(rest);
	size_t len = content->len;

	(void)ret_error;
	if (len > 0 && content->data[len - 1] == '\n' &&
	    !(*wanted && wanted[strlen(wanted) - 1] == '\n'))
		len--;
	return yes_if(len == strlen(wanted) && memcmp(text_str(content), wanted, len) == 0);
}

static enum match match_has(const struct text *content, const char *rest, char **ret_error)
{
	(void)ret_error;
	return yes_if(strstr(text_str(content), operand_text(rest)) != NULL);
}

static enum match match_regex(const struct text *content, const char *rest, char **ret_error)
{
	char *error = NULL;
	bool found = regex_matches(rest, text_str(content), &error);

	if (error) {
		*ret_error = error;
		return MATCH_ERROR;
	}
	return yes_if(found);
}

static enum match match_line(const struct text *content, const char *rest, char **ret_error)
{
	char *wanted = operand_text(rest);
	char *at = xstrdup(text_str(content));

	(void)ret_error;
	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		if (strcmp(line, wanted) == 0)
			return MATCH_YES;
	return MATCH_NO;
}

static enum match match_empty(const struct text *content, const char *rest, char **ret_error)
{
	(void)ret_error;
	(void)rest;
	return yes_if(content->len == 0);
}

static enum match match_lines(const struct text *content, const char *rest, char **ret_error)
{
	size_t n = 0;

	for (size_t i = 0; i < content->len; i++)
		n += content->data[i] == '\n' || i + 1 == content->len;
	if (strspn(rest, "0123456789") != strlen(rest) || !*rest) {
		*ret_error = xprintf("lines: \"%s\" is not a number", rest);
		return MATCH_ERROR;
	}
	return yes_if(n == strtoul(rest, NULL, 10));
}

/* A JSON value as text: strings without their quotes. */
static struct text plain(const struct json *j)
{
	struct text t = {0};

	if (j->type == JSON_STRING)
		return j->value;
	json_print(j, &t);
	return t;
}

/* json PATH exists | json PATH = JSON | json PATH length N | json PATH OPERATOR TEXT */
static enum match match_json(const struct text *content, const char *rest, char **ret_error)
{
	struct json *document = json_parse(text_str(content), content->len, ret_error);
	struct json *wanted, *found;
	struct text as_text;
	char *path, *op;

	if (!document)
		return MATCH_NO;
	path = next_word(&rest);
	op = path ? next_word(&rest) : NULL;
	if (!op) {
		*ret_error = xstrdup("usage: json PATH OPERATOR [VALUE]");
		return MATCH_ERROR;
	}
	while (*rest == ' ')
		rest++;
	found = json_find(document, path);
	if (!found || strcmp(op, "exists") == 0)
		return yes_if(found);
	if (strcmp(op, "length") == 0)
		return yes_if(json_length(found) == strtoul(rest, NULL, 10));
	if (strcmp(op, "=") == 0) {
		wanted = json_parse(rest, strlen(rest), ret_error);
		return wanted ? yes_if(json_equal(found, wanted)) : MATCH_ERROR;
	}
	as_text = plain(found);
	return match_text(&as_text, op, rest, ret_error);
}

static const struct {
	const char *name;
	operator_fn fn;
} operators[] = {
	{"=", match_equal},     {"has", match_has},     {"~", match_regex},   {"line", match_line},
	{"empty", match_empty}, {"lines", match_lines}, {"json", match_json},
};

enum match match_text(const struct text *content, const char *op, const char *rest,
		      char **ret_error)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(operators[i].name, op) == 0)
			return operators[i].fn(content, rest, ret_error);
	*ret_error = xprintf("unknown operator \"%s\"", op);
	return MATCH_ERROR;
}
