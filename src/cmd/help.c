/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

#define COLUMN 32 /* where the help of options begins */

static void print_option(const struct opt *o)
{
	int n = o->letter ? printf("  -%c, --%s", o->letter, o->name)
			  : printf("      --%s", o->name);

	if (*o->arg)
		n += printf(" %s", o->arg);
	/* On a line of its own when the name is long. */
	if (n + 2 > COLUMN)
		n = printf("\n") - 1;
	printf("%*s%s\n", COLUMN - n, "", o->help);
}

static void print_options(enum command_id taker)
{
	for (const struct opt *o = opt_table; *o->name; o++)
		if (o->takers & OPT_OF(taker) && *o->help)
			print_option(o);
}

/* Each line of text, moved in by two. */
static void print_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void print_page(enum command_id id)
{
	const struct command *c = &opt_commands[id];

	printf("rt %s: %s\n\nusage: rt [GLOBAL OPTIONS] %s [OPTIONS] %s\n", c->name, c->summary,
	       c->name, c->words);
	if (*c->text)
		printf("\n%s\n", c->text);
	if (*c->examples) {
		printf("\nexamples:\n");
		print_lines(c->examples);
	}
	printf("\noptions:\n");
	print_options(id);
	printf("\n\"rt --help\" shows the global options.\n");
}

static void print_overview(void)
{
	printf("rt: run OCI containers\n\nusage: rt [GLOBAL OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	       "examples:\n"
	       "  rt spec --bundle DIR         write DIR/config.json to start from\n"
	       "  rt run DIR                   run the bundle in DIR\n"
	       "\ncommands:\n");
	for (int id = 0; id < CMD_MAX; id++)
		printf("  %-12s %s\n", opt_commands[id].name, opt_commands[id].summary);
	printf("\nglobal options:\n");
	print_options(CMD_NONE);
	printf("\n\"rt COMMAND --help\" tells more. Options may have one dash or two, and their argument\n"
	       "behind a blank or \"=\".\n"
	       "\nexit status: 0 done, 1 failed; run and exec: the program's, 128+N when signal N ended\n"
	       "it; exec: 255 when the program could not be started.\n");
}

int cmd_help(struct cli *cli)
{
	enum command_id id = cli->args.command;
	const char *word = id == CMD_HELP && !cli->args.help ? cli->args.words[0] : NULL;

	if (word) {
		id = opt_find_command(word);
		if (id == CMD_NONE)
			return fail_usage(cli, "unknown command \"%s\"", word);
	} else if (id == CMD_HELP && !cli->args.help) {
		id = CMD_NONE;
	}
	if (id == CMD_NONE)
		print_overview();
	else
		print_page(id);
	return STATUS_OK;
}
