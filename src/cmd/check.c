/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

struct report {
	const struct args *args;
	bool json, begun;
	unsigned int warnings;
};

static const char *severity_word(const struct ocirt_problem *p)
{
	return p->severity == OCIRT_PROBLEM_ERROR ? "error" : "warning";
}

static void print_file(const struct args *a)
{
	if (a->config)
		printf("%s", a->config);
	else if (a->bundle)
		printf("%s%sconfig.json", a->bundle,
		       a->bundle[strlen(a->bundle) - 1] == '/' ? "" : "/");
	else
		printf("config.json");
}

/* As compilers do, so that editors find the place. */
static void print_text(const struct report *r, const struct ocirt_problem *p)
{
	print_file(r->args);
	if (p->line)
		printf(":%u:%u", p->line, p->column);
	printf(": %s: %s%s%s", severity_word(p), p->field, *p->field ? ": " : "", p->message);
	if (p->suggestion)
		printf(" (%s)", p->suggestion);
	putchar('\n');
}

static void print_member(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	out_json_string(value);
}

static void print_json(const struct report *r, const struct ocirt_problem *p)
{
	printf("%s\n{\"severity\":\"%s\",\"line\":%u,\"column\":%u", r->begun ? "," : "",
	       severity_word(p), p->line, p->column);
	print_member("field", p->field);
	print_member("message", p->message);
	if (p->suggestion)
		print_member("suggestion", p->suggestion);
	print_member("code", p->code);
	putchar('}');
}

static void on_problem(const struct ocirt_problem *p, void *userdata)
{
	struct report *r = userdata;

	if (r->json)
		print_json(r, p);
	else
		print_text(r, p);
	r->begun = true;
	r->warnings += p->severity == OCIRT_PROBLEM_WARNING;
}

int cmd_check(struct cli *cli)
{
	struct report report = {.args = &cli->args};
	struct ocirt_create_options o;
	int r;

	report.json = cli->args.format && strcmp(cli->args.format, "json") == 0;
	if (bundle_of_word(cli) != 0 || new_container_options(cli, &o) != 0)
		return STATUS_FAILED;
	if (report.json)
		printf("{\"problems\":[");
	r = ocirt_check(cli->ctx, &o, on_problem, &report);
	if (report.json)
		printf("],\"errors\":%d,\"warnings\":%u}\n", r < 0 ? 1 : r, report.warnings);
	if (r < 0)
		return fail_library(cli);
	if (r > 0)
		return fail(cli, "E_CONFIG", 0, "%d error%s in the configuration", r,
			    r == 1 ? "" : "s");
	return STATUS_OK;
}
