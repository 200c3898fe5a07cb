/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts, made from the tables. Help texts in them hold no quotes and brackets. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

/* What can stand in place of a word of a usage text. */
enum completes { NOTHING, DIRS, FILES, CHOICES, CONTAINERS, COMMANDS };

static enum completes completes(const char *words)
{
	if (strncmp(words, "CONTAINER|BUNDLE", 16) == 0 || strncmp(words, "[BUNDLE", 7) == 0 ||
	    strcmp(words, "DIR") == 0)
		return DIRS;
	if (strncmp(words, "CONTAINER", 9) == 0)
		return CONTAINERS;
	if (strcmp(words, "[COMMAND]") == 0)
		return COMMANDS;
	if (strcmp(words, "FILE") == 0 || strcmp(words, "SOCKET") == 0 ||
	    strcmp(words, "PATH") == 0)
		return FILES;
	if (strchr(words, '|') && *words >= 'a')
		return CHOICES;
	return NOTHING;
}

/* The words that | divides, with blanks between. */
static void print_choices(const char *choices)
{
	for (; *choices; choices++)
		putchar(*choices == '|' ? ' ' : *choices);
}

static void print_commands(void)
{
	for (int id = 0; id < CMD_MAX; id++)
		printf("%s%s", id ? " " : "", opt_commands[id].name);
}

static bool is_listed(const struct opt *o, enum command_id taker)
{
	return o->takers & OPT_OF(taker) && *o->help;
}

static const char *command_name(enum command_id id)
{
	return id == CMD_NONE ? "" : opt_commands[id].name;
}

/* ---- bash ---- */

static void bash_reply(enum completes what, const char *words)
{
	printf("COMPREPLY=(");
	switch (what) {
	case DIRS:
		printf("$(compgen -d -- \"$cur\")");
		break;
	case FILES:
		printf("$(compgen -f -- \"$cur\")");
		break;
	case CONTAINERS:
		printf("$(compgen -W \"$(\"${COMP_WORDS[0]}\" \"${root[@]}\" list -q 2>/dev/null)\" "
		       "-- \"$cur\")");
		break;
	case CHOICES:
		printf("$(compgen -W \"");
		print_choices(words);
		printf("\" -- \"$cur\")");
		break;
	case COMMANDS:
		printf("$(compgen -W \"");
		print_commands();
		printf("\" -- \"$cur\")");
		break;
	case NOTHING:
		break;
	}
	printf(") ;;\n");
}

/* By the word before the cursor: an option's argument. */
static void bash_arguments(enum command_id taker)
{
	for (const struct opt *o = opt_table; *o->name; o++) {
		if (!is_listed(o, taker) || !*o->arg)
			continue;
		printf("\t%s,--%s", command_name(taker), o->name);
		if (o->letter)
			printf(" | %s,-%c", command_name(taker), o->letter);
		printf(") ");
		bash_reply(completes(o->arg), o->arg);
	}
}

/* Any option, or a word of the command. */
static void bash_words(enum command_id taker)
{
	printf("\t%s,-*) COMPREPLY=($(compgen -W \"", command_name(taker));
	for (const struct opt *o = opt_table; *o->name; o++)
		if (is_listed(o, taker))
			printf("--%s ", o->name);
	printf("\" -- \"$cur\")) ;;\n\t%s,*) ", command_name(taker));
	bash_reply(taker == CMD_NONE ? COMMANDS : completes(opt_commands[taker].words),
		   taker == CMD_NONE ? "" : opt_commands[taker].words);
}

static void print_bash(void)
{
	printf("# bash completion for rt, made by: rt completion bash\n"
	       "_rt()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	       "\tlocal command='' i root=()\n\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n"
	       "\t\t--root) root=(--root \"${COMP_WORDS[++i]}\") ;;\n");
	for (const struct opt *o = opt_table; *o->name; o++)
		if (is_listed(o, CMD_NONE) && *o->arg && strcmp(o->name, "root") != 0)
			printf("\t\t--%s) i=$((i + 1)) ;;\n", o->name);
	printf("\t\t-*) ;;\n"
	       "\t\t*) command=${COMP_WORDS[i]} && break ;;\n"
	       "\t\tesac\n"
	       "\tdone\n\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $command,$prev in\n");
	for (enum command_id id = 0; id <= CMD_NONE; id++)
		bash_arguments(id);
	printf("\t*) _rt_words ;;\n\tesac\n}\n\n"
	       "_rt_words()\n{\n\tcase $command,$cur in\n");
	for (enum command_id id = 0; id <= CMD_NONE; id++)
		bash_words(id);
	printf("\tesac\n}\n\ncomplete -F _rt rt\n");
}

/* ---- zsh ---- */

static void zsh_action(enum completes what, const char *words)
{
	switch (what) {
	case DIRS:
		printf("_files -/");
		break;
	case FILES:
		printf("_files");
		break;
	case CONTAINERS:
		printf("_rt_containers");
		break;
	case CHOICES:
		printf("(");
		print_choices(words);
		printf(")");
		break;
	case COMMANDS:
		printf("_rt_commands");
		break;
	case NOTHING:
		break;
	}
}

static void zsh_option(const struct opt *o)
{
	const char *star = o->kind == OPT_LIST ? "*" : "";

	for (int shortly = 0; shortly <= (o->letter ? 1 : 0); shortly++) {
		if (shortly)
			printf(" \\\n\t\t'%s-%c[%s]", star, o->letter, o->help);
		else
			printf(" \\\n\t\t'%s--%s%s[%s]", star, o->name, *o->arg ? "=" : "",
			       o->help);
		if (*o->arg) {
			printf(":argument:");
			zsh_action(completes(o->arg), o->arg);
		}
		putchar('\'');
	}
}

static void zsh_options(enum command_id taker)
{
	for (const struct opt *o = opt_table; *o->name; o++)
		if (is_listed(o, taker))
			zsh_option(o);
}

static void print_zsh(void)
{
	printf("#compdef rt\n# zsh completion for rt, made by: rt completion zsh\n\n"
	       "_rt_commands()\n{\n\tlocal -a commands=(\n");
	for (int id = 0; id < CMD_MAX; id++)
		printf("\t\t'%s:%s'\n", opt_commands[id].name, opt_commands[id].summary);
	printf("\t)\n\t_describe command commands\n}\n\n"
	       "_rt_containers()\n{\n\tlocal -a ids root\n"
	       "\t[[ -n ${opt_args[--root]} ]] && root=(--root ${opt_args[--root]})\n"
	       "\tids=(${(f)\"$(rt $root list -q 2>/dev/null)\"})\n"
	       "\tcompadd -a ids\n}\n\n"
	       "_rt()\n{\n\tlocal context state state_descr line\n\ttypeset -A opt_args\n\n"
	       "\t_arguments -C");
	zsh_options(CMD_NONE);
	printf(" \\\n\t\t'1:command:_rt_commands' '*::argument:->command' && return\n"
	       "\tcase $line[1] in\n");
	for (enum command_id id = 0; id < CMD_MAX; id++) {
		const char *words = opt_commands[id].words;

		printf("\t%s)\n\t\t_arguments -S", opt_commands[id].name);
		zsh_options(id);
		if (*words) {
			printf(" \\\n\t\t'1:argument:");
			zsh_action(completes(words), words);
			putchar('\'');
		}
		printf("\n\t\t;;\n");
	}
	printf("\tesac\n}\n\n_rt \"$@\"\n");
}

/* ---- fish ---- */

static void fish_values(enum completes what, const char *words)
{
	switch (what) {
	case DIRS:
		printf(" -x -a '(__fish_complete_directories)'");
		break;
	case FILES:
		printf(" -r -F");
		break;
	case CONTAINERS:
		printf(" -x -a '(rt list -q 2>/dev/null)'");
		break;
	case CHOICES:
		printf(" -x -a '");
		print_choices(words);
		printf("'");
		break;
	case COMMANDS:
		printf(" -x -a '");
		print_commands();
		printf("'");
		break;
	case NOTHING:
		printf(" -x");
		break;
	}
}

static void fish_condition(enum command_id taker)
{
	if (taker == CMD_NONE)
		printf("complete -c rt -n __fish_use_subcommand");
	else
		printf("complete -c rt -n '__fish_seen_subcommand_from %s'",
		       opt_commands[taker].name);
}

static void fish_options(enum command_id taker)
{
	for (const struct opt *o = opt_table; *o->name; o++) {
		if (!is_listed(o, taker))
			continue;
		fish_condition(taker);
		printf(" -l %s", o->name);
		if (o->letter)
			printf(" -s %c", o->letter);
		printf(" -d '%s'", o->help);
		if (*o->arg)
			fish_values(completes(o->arg), o->arg);
		putchar('\n');
	}
}

static void print_fish(void)
{
	printf("# fish completion for rt, made by: rt completion fish\ncomplete -c rt -f\n");
	for (int id = 0; id < CMD_MAX; id++) {
		fish_condition(CMD_NONE);
		printf(" -a %s -d '%s'\n", opt_commands[id].name, opt_commands[id].summary);
	}
	fish_options(CMD_NONE);
	for (enum command_id id = 0; id < CMD_MAX; id++) {
		const char *words = opt_commands[id].words;

		if (completes(words) != NOTHING) {
			fish_condition(id);
			fish_values(completes(words), words);
			putchar('\n');
		}
		fish_options(id);
	}
}

int cmd_completion(struct cli *cli)
{
	const char *shell = cli->args.words[0];

	if (strcmp(shell, "bash") == 0)
		print_bash();
	else if (strcmp(shell, "zsh") == 0)
		print_zsh();
	else if (strcmp(shell, "fish") == 0)
		print_fish();
	else
		return fail_usage(cli, "unknown shell \"%s\": one of bash, zsh, fish is wanted",
				  shell);
	return STATUS_OK;
}
