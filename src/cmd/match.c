/* SPDX-License-Identifier: Apache-2.0 */
/* --regex: the containers whose ids match, as with crun. */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

struct matches {
	regex_t pattern;
	char **ids;
	size_t n;
};

static int add_match(const struct ocirt_entry *e, void *userdata)
{
	struct matches *m = userdata;
	char **more;

	if (regexec(&m->pattern, e->id, 0, NULL, 0) != 0)
		return 0;
	more = reallocarray(m->ids, m->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	m->ids = more;
	m->ids[m->n] = strdup(e->id);
	return m->ids[m->n] ? (m->n++, 0) : -ENOMEM;
}

/* The first failure is told; the others have their turn all the same. */
static int visit(struct cli *cli, const struct matches *m, match_fn *fn)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < m->n; i++)
		if (fn(cli, m->ids[i]) < 0 && status == STATUS_OK)
			status = fail_library(cli);
	return status;
}

int each_match(struct cli *cli, match_fn *fn)
{
	const char *pattern = cli->args.words[0];
	struct matches m = {.n = 0};
	char why[128];
	int r = regcomp(&m.pattern, pattern, REG_EXTENDED | REG_NOSUB), status;

	if (r) {
		regerror(r, &m.pattern, why, sizeof(why));
		return fail_usage(cli, "invalid regular expression \"%s\": %s", pattern, why);
	}
	r = ocirt_list(cli->ctx, add_match, &m);
	if (r == 0)
		status = visit(cli, &m, fn);
	else if (*ocirt_error_message(cli->ctx))
		status = fail_library(cli);
	else
		status = fail(cli, "E_NOMEM", r, "list containers");
	for (size_t i = 0; i < m.n; i++)
		free(m.ids[i]);
	free(m.ids);
	regfree(&m.pattern);
	return status;
}
