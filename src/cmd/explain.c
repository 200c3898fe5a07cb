/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "embed.h"
#include "guess.h"

#define ID_OF_PLAN "container" /* stands in the plan where run puts its id */

static const char *next_page(const char *text)
{
	const char *head = strstr(text, "\n## ");

	return head ? head + 4 : NULL;
}

static int print_page(const struct cli *cli, const char *code, const char *page, bool json)
{
	const char *end = next_page(page);
	char *text = strndup(page, end ? (size_t)(end - page) - 4 : strlen(page));

	if (!text)
		return fail(cli, "E_NOMEM", ENOMEM, "explain \"%s\"", code);
	if (json) {
		printf("{\"code\":\"%s\",\"text\":", code);
		out_json_string(text);
		puts("}");
	} else {
		fputs(text, stdout);
	}
	free(text);
	return STATUS_OK;
}

/* docs/errors.md has a page "## CODE" for each. */
static int explain_code(const struct cli *cli, const char *code, bool json)
{
	struct guess g = GUESS_INIT(code, strlen(code));
	char name[32], best[32] = "";

	for (const char *page = next_page(embed_errors); page; page = next_page(page)) {
		size_t len = strcspn(page, "\n");

		snprintf(name, sizeof(name), "%.*s", (int)len, page);
		if (strcmp(name, code) == 0)
			return print_page(cli, code, page, json);
		guess_offer(&g, name);
		if (g.best == name)
			g.best = memcpy(best, name, sizeof(best));
	}
	return fail_usage(cli, "unknown error code \"%s\"%s%s%s", code,
			  g.best ? ", did you mean \"" : "", g.best ? g.best : "",
			  g.best ? "\"?" : "");
}

int cmd_explain(struct cli *cli)
{
	const char *word = cli->args.words[0], *format = cli->args.format;
	bool json = format && strcmp(format, "json") == 0;
	struct ocirt_create_options o;
	char *plan;

	if (word && strncmp(word, "E_", 2) == 0)
		return explain_code(cli, word, json);
	if (bundle_of_word(cli) != 0 || new_container_options(cli, &o) != 0)
		return STATUS_FAILED;
	if (ocirt_explain(cli->ctx, ID_OF_PLAN, &o, json ? OCIRT_EXPLAIN_JSON : 0, &plan) < 0)
		return fail_library(cli);
	fputs(plan, stdout);
	ocirt_free(plan);
	return STATUS_OK;
}
