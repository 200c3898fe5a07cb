/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmd/cmd.h"

/* Of rt and of rt-init, which has it from here. */
#define STACK_BYTES ((size_t)128 * 1024)

static void see_help(char *buf, size_t size, enum command_id command, const char *hint)
{
	const char *name = command == CMD_NONE ? "" : opt_commands[command].name;

	snprintf(buf, size, "%ssee `rt %s%s--help`", hint, name, *name ? " " : "");
}

int fail(const struct cli *cli, const char *code, int no, const char *fmt, ...)
{
	char message[1024], text[96];
	struct out_error e = {.message = message, .code = code, .no = no < 0 ? -no : no};
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (no && n >= 0 && (size_t)n < sizeof(message))
		snprintf(message + n, sizeof(message) - (size_t)n, ": %s",
			 out_errno_text(e.no, text, sizeof(text)));
	out_error(&cli->out, &e);
	return STATUS_FAILED;
}

int fail_usage(const struct cli *cli, const char *fmt, ...)
{
	char message[1024], hint[64];
	struct out_error e = {message, "E_USAGE", EINVAL, .hint = hint};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	see_help(hint, sizeof(hint), cli->args.command, "");
	out_error(&cli->out, &e);
	return STATUS_FAILED;
}

int fail_library(const struct cli *cli)
{
	struct out_error e = {
		.message = ocirt_error_message(cli->ctx),
		.code = ocirt_error_code(cli->ctx),
		.no = ocirt_error_errno(cli->ctx),
		.field = ocirt_error_field(cli->ctx),
		.stage = ocirt_error_stage(cli->ctx),
		.hint = ocirt_error_hint(cli->ctx),
	};

	out_error(&cli->out, &e);
	return STATUS_FAILED;
}

/*
 * A descriptor 0 to 2 that the caller closed must not become a file of ours, which others then
 * read as stdin or write as stdout. It gets /dev/null in the direction that cannot be used.
 */
static void fill_stdio(void)
{
	struct pollfd p[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	if (poll(p, 3, 0) <= 0) /* one call for the three, and mostly all */
		return;
	for (int fd = 0; fd <= 2; fd++)
		if (p[fd].revents & POLLNVAL) /* no O_CLOEXEC: as any stdio */
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* The log comes first: an engine looks there for whatever goes wrong, a bad option included. */
static int open_log(struct cli *cli)
{
	const struct args *a = &cli->args;
	int r;

	cli->out.log_json = a->log_format && strcmp(a->log_format, "json") == 0;
	if (a->debug || (a->log_level && strcmp(a->log_level, "debug") == 0))
		cli->out.level = OCIRT_LOG_DEBUG;
	else if (a->log_level && strcmp(a->log_level, "warning") == 0)
		cli->out.level = OCIRT_LOG_WARNING;
	if (!a->log)
		return 0;
	r = out_open_log(&cli->out, a->log);
	return r < 0 ? fail(cli, "E_USAGE", r, "--log: open \"%s\"", a->log) : 0;
}

static int report_usage(const struct cli *cli, const struct usage_error *u)
{
	char hint[sizeof(u->hint) + 64];
	struct out_error e = {u->message, u->code, EINVAL, .hint = hint};

	if (!u->message[0])
		return fail(cli, "E_NOMEM", ENOMEM, "read the command line");
	see_help(hint, sizeof(hint), u->command, u->hint);
	out_error(&cli->out, &e);
	return STATUS_FAILED;
}

/*
 * Commands that make a container need the cgroup manager. For the others the container's own is on
 * record, and callers do not always tell theirs: it must not stand in their way.
 */
static int set_cgroup_manager(struct cli *cli)
{
	static const unsigned int makers = OPT_OF(CMD_CREATE) | OPT_OF(CMD_RUN) | OPT_OF(CMD_EXEC) |
					   OPT_OF(CMD_RESTORE) | OPT_OF(CMD_EXPLAIN);
	const char *word = cli->args.systemd_cgroup ? "systemd" : cli->args.cgroup_manager;
	enum ocirt_cgroup_manager manager = OCIRT_CGROUP_CGROUPFS;

	if (!word || !(makers & OPT_OF(cli->args.command)))
		return 0;
	if (strcmp(word, "systemd") == 0)
		manager = OCIRT_CGROUP_SYSTEMD;
	else if (strcmp(word, "disabled") == 0)
		manager = OCIRT_CGROUP_DISABLED;
	return ocirt_context_set_cgroup_manager(cli->ctx, manager);
}

/* Commands return the exit status, having reported what went wrong. */
static int call_command(struct cli *cli)
{
	switch (cli->args.command) {
#define COMMAND(id, name, ...)                                                                     \
	case CMD_##id:                                                                             \
		return cmd_##name(cli);
#include "table.def"
#undef COMMAND
	default:
		return STATUS_FAILED; /* not there: the parser wants one */
	}
}

static int timed_command(struct cli *cli)
{
	int status;

	timings_begin(cli);
	status = call_command(cli);
	timings_end(cli);
	return status;
}

static int run_command(struct cli *cli)
{
	int status;

	if (ocirt_context_new(&cli->ctx) < 0)
		return fail(cli, "E_NOMEM", ENOMEM, "begin");
	ocirt_context_set_log(cli->ctx, cli->out.level, out_log, &cli->out);
	if (cli->args.root && ocirt_context_set_root(cli->ctx, cli->args.root) < 0)
		status = fail_library(cli);
	else if (cli->args.criu && ocirt_context_set_criu(cli->ctx, cli->args.criu) < 0)
		status = fail_library(cli);
	else if (set_cgroup_manager(cli) < 0)
		status = fail_library(cli);
	else
		status = timed_command(cli);
	ocirt_context_free(cli->ctx);
	return status;
}

static int dispatch(struct cli *cli)
{
	if (cli->args.help)
		return cmd_help(cli);
	if (cli->args.version)
		return cmd_version(cli);
	return run_command(cli);
}

/*
 * A stack that is too small ends a program by SIGSEGV, without a word. libc has asked for the limit at
 * its own start, so that this costs no system call; other libcs than glibc tell a size that is large
 * enough. The message is plain, since the way to the log takes more stack than there may be.
 */
static bool has_stack(void)
{
	pthread_attr_t attr;
	size_t bytes = STACK_BYTES;

	if (pthread_getattr_default_np(&attr) != 0)
		return true;
	pthread_attr_getstacksize(&attr, &bytes);
	pthread_attr_destroy(&attr);
	if (bytes < STACK_BYTES)
		dprintf(STDERR_FILENO, "RLIMIT_STACK is %zu KiB, and %zu are needed\n",
			bytes / 1024, STACK_BYTES / 1024);
	return bytes >= STACK_BYTES;
}

/* Writes beyond RLIMIT_FSIZE are to fail, and be told of; the signal that they bring would end rt. */
static void survive_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		signal(SIGXFSZ, SIG_IGN);
}

int cli_main(int argc, char **argv)
{
	struct cli cli = {.out = OUT_INIT};
	struct usage_error usage;
	int parsed, status, r;

	if (!has_stack())
		return STATUS_FAILED;
	fill_stdio();
	survive_file_limit();
	parsed = opt_parse(argc, argv, &cli.args, &usage);
	status = open_log(&cli);
	if (status == STATUS_OK)
		status = parsed < 0 ? report_usage(&cli, &usage) : dispatch(&cli);
	r = out_finish();
	if (r < 0 && status == STATUS_OK)
		status = fail(&cli, "E_SYSTEM", r, "write to standard output");
	out_close(&cli.out);
	opt_free(&cli.args);
	return status;
}
