/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

/* The groups as the library takes them, "1,2,3"; they may also be given so. Freed by the caller. */
static char *join_gids(const struct opt_list *gids)
{
	size_t len = 1;
	char *text, *end;

	for (size_t i = 0; i < gids->count; i++)
		len += strlen(gids->values[i]) + 1;
	text = end = malloc(len);
	if (!text)
		return NULL;
	for (size_t i = 0; i < gids->count; i++) {
		if (i)
			*end++ = ',';
		end = stpcpy(end, gids->values[i]);
	}
	return text;
}

/*
 * runc's "CONTROLLER,...:PATH" tells in which trees of v1; in v2 all controllers share one. "/" is the
 * container's cgroup.
 */
static const char *sub_cgroup(const char *argument)
{
	const char *colon;

	if (!argument)
		return NULL;
	colon = strchr(argument, ':');
	argument = colon ? colon + 1 : argument;
	return argument + strspn(argument, "/");
}

static int exec_options(const struct cli *cli, struct ocirt_exec_options *ret)
{
	const struct args *a = &cli->args;

	*ret = (struct ocirt_exec_options){
		.process = a->process,
		.args = a->process ? NULL : (const char *const *)a->words + 1,
		.env = a->env.values,
		.caps = a->cap.values,
		.cwd = a->cwd,
		.user = a->user,
		.no_new_privs = a->no_new_privs,
		.tty = a->tty,
		.console_socket = a->console_socket,
		.pidfd_socket = a->pidfd_socket,
		.pid_file = a->pid_file,
		.ignore_paused = a->ignore_paused,
		.detach = a->detach,
		.relay = !a->detach,
		.cgroup = sub_cgroup(a->cgroup),
		.apparmor_profile = a->apparmor,
		.selinux_label = a->process_label,
	};
	OCIRT_INIT(ret);
	if (preserved_fds(cli, &ret->preserve_fds, &ret->listen_fds) != STATUS_OK)
		return STATUS_FAILED;
	ret->listen_names = ret->listen_fds ? getenv("LISTEN_FDNAMES") : NULL;
	return STATUS_OK;
}

static int start(struct cli *cli, struct ocirt_exec_options *o, ocirt_process **ret)
{
	const struct opt_list *gids = &cli->args.additional_gids;
	char *joined = NULL;
	int status = STATUS_OK;

	if (gids->count) {
		joined = join_gids(gids);
		if (!joined)
			return fail(cli, "E_NOMEM", ENOMEM, "read --additional-gids");
	}
	o->additional_gids = joined;
	if (ocirt_exec(cli->ctx, cli->args.words[0], o, ret) < 0)
		status = fail_library(cli);
	free(joined);
	return status;
}

/* A process file says all that these options and words would; none of both is left out silently. */
static int check_process_file(const struct cli *cli)
{
	const struct args *a = &cli->args;
	bool options = a->user || a->cwd || a->env.count || a->cap.count ||
		       a->additional_gids.count || a->no_new_privs || a->apparmor ||
		       a->process_label;

	if (!a->process && a->n_words == 1)
		return fail_usage(cli, "\"exec\" requires a command as argument, or --process");
	if (a->process && a->n_words > 1)
		return fail_usage(cli,
				  "\"exec --process\" requires exactly 1 argument, the container: "
				  "the command is in \"%s\"",
				  a->process);
	if (a->process && options)
		return fail_usage(
			cli,
			"--process excludes --user, --additional-gids, --env, --cap, --cwd, "
			"--no-new-privs, --apparmor and --process-label: say it in \"%s\"",
			a->process);
	return STATUS_OK;
}

int cmd_exec(struct cli *cli)
{
	const struct args *a = &cli->args;
	struct ocirt_exec_options o;
	ocirt_process *process = NULL;
	int status;

	if (check_process_file(cli) != STATUS_OK)
		return STATUS_FAILED;
	if (exec_options(cli, &o) != 0)
		return STATUS_FAILED;
	if (start(cli, &o, &process) != STATUS_OK)
		return STATUS_EXEC_FAILED;
	if (a->detach)
		status = STATUS_OK;
	else if (wait_for(cli, process, 0, &status) < 0)
		status = fail_library(cli);
	ocirt_process_free(process);
	return status;
}
