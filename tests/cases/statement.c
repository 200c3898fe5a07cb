/* SPDX-License-Identifier: Apache-2.0 */
#include "statement.h"

#include <stdio.h>
#include <string.h>

#include "steps.h"

#define CHECK STATEMENT_CHECK

static const struct statement_kind kinds[] = {
	/* keyword, words, rest?, flags, function, usage */
	{"peer", 2, 2, true, STATEMENT_NOTE, NULL, "peer NAME fails:|may-fail:|skip: REASON"},
	{"need", 1, 4, false, 0, step_need, "need WHAT [WHICH]"},

	{"base", 1, 1, false, 0, step_base, "base FILE"},
	{"set", 1, 1, true, 0, step_set, "set PATH JSON"},
	{"append", 1, 1, true, 0, step_append, "append PATH JSON"},
	{"unset", 1, -1, false, 0, step_delete_member, "unset PATH..."},
	{"args", 1, -1, false, 0, step_args, "args WORD..."},
	{"probe", 0, -1, false, 0, step_probe, "probe REQUEST..."},
	{"config-text", 0, 0, true, 0, step_config_text, "config-text TEXT"},
	{"config-replace", 2, 2, false, 0, step_config_replace, "config-replace OLD NEW"},

	{"file", 1, 1, true, 0, step_file, "file PATH TEXT"},
	{"dir", 1, 2, false, 0, step_dir, "dir PATH [MODE]"},
	{"symlink", 2, 2, false, 0, step_symlink, "symlink PATH TARGET"},
	{"fifo", 1, 1, false, 0, step_fifo, "fifo PATH"},
	{"node", 4, 4, false, 0, step_node, "node PATH c|b MAJOR MINOR"},
	{"chmod", 2, 2, false, 0, step_chmod, "chmod PATH MODE"},
	{"chown", 3, 3, false, 0, step_chown, "chown PATH UID GID"},
	{"remove", 1, -1, false, 0, step_remove, "remove PATH..."},

	{"runtime", 0, -1, false, STATEMENT_COMMAND, step_runtime, "runtime WORD..."},
	{"background", 1, -1, false, 0, step_background, "background VERB WORD..."},
	{"join", 0, 0, false, STATEMENT_COMMAND, step_join, "join"},
	{"signal", 1, 1, false, 0, step_signal, "signal NAME"},
	{"host", 0, 0, true, STATEMENT_COMMAND, step_host, "host SHELL-COMMAND"},
	{"global", 1, -1, false, 0, step_global, "global OPTION..."},
	{"reap", 1, 1, false, 0, step_reap, "reap on|off"},
	{"sleep", 1, 1, false, 0, step_pause, "sleep MILLISECONDS"},

	{"caller", 1, -1, false, 0, step_caller,
	 "caller user|cwd|env|umask|stdin|fd|rlimit|keyring|tty ..."},
	{"console", 1, 1, true, CHECK, step_console,
	 "console listen|accept|send|resize|[payload] OPERATOR ..."},

	{"exit", 1, 1, false, STATEMENT_EXIT, check_exit, "exit CODE[|CODE...]"},
	{"fails", 0, 1, true, STATEMENT_EXIT, check_fails, "fails [OPERATOR TEXT]"},
	{"within", 1, 1, false, 0, check_within, "within MILLISECONDS"},
	{"stdout", 1, 1, true, CHECK, check_stream, "[VERB.]stdout OPERATOR [VALUE]"},
	{"stderr", 1, 1, true, CHECK, check_stream, "[VERB.]stderr OPERATOR [VALUE]"},
	{"path", 2, 2, true, CHECK, check_path, "path PATH OPERATOR [VALUE]"},
	{"is", 2, 2, false, CHECK, check_is, "is ID STATUS"},
	{"becomes", 2, 2, false, 0, check_becomes, "becomes ID STATUS"},
	{"gone", 1, 1, false, 0, check_gone, "gone ID"},
	{"processes", 1, 1, false, 0, check_processes, "processes NUMBER"},
	{"exited", 2, 2, false, 0, check_exited, "exited PIDFILE CODE"},
};

/* The runtime's own commands: the line is the command line behind "RUNTIME --root ROOT". */
static const char *const verbs[] = {
	"create", "start",   "run", "state", "kill",   "delete", "exec",   "list",  "spec",
	"check",  "explain", "ps",  "pause", "resume", "update", "events", "stats", "features",
	"checkpoint", "restore",
};

static const struct statement_kind verb_kind = {
	"VERB", 0, -1, false, STATEMENT_COMMAND, step_verb, "create|start|run|... WORD...",
};

/* "create.stdout" is the stdout of the last create. */
static const char *without_verb(const char *keyword)
{
	const char *dot = strchr(keyword, '.');

	if (dot && (strcmp(dot, ".stdout") == 0 || strcmp(dot, ".stderr") == 0))
		return dot + 1;
	return keyword;
}

const struct statement_kind *statement_find(const char *keyword)
{
	keyword = without_verb(keyword);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].keyword, keyword) == 0)
			return &kinds[i];
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i], keyword) == 0)
			return &verb_kind;
	return NULL;
}

void statement_print_all(void)
{
	puts("case NAME[: PURPOSE]");
	puts(verb_kind.usage);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		puts(kinds[i].usage);
}
