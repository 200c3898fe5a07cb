/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"

/* More descriptors than a process can have (fs.nr_open of 2^20, its default). */
#define MOST_FDS (1u << 20)

/* LISTEN_FDS of sd_listen_fds(3), 0 when it is not for us. Some callers leave LISTEN_PID unset. */
static int listen_fds(const struct cli *cli, unsigned int *ret)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	unsigned long n;
	char *end;

	*ret = 0;
	if (!count || !*count || (pid && strtol(pid, NULL, 10) != getpid()))
		return STATUS_OK;
	n = strtoul(count, &end, 10);
	if (*end || *count < '0' || *count > '9' || n > MOST_FDS)
		return fail_usage(cli, "invalid LISTEN_FDS \"%s\" in the environment", count);
	*ret = (unsigned int)n;
	return STATUS_OK;
}

int preserved_fds(const struct cli *cli, unsigned int *ret_preserve, unsigned int *ret_listen)
{
	unsigned int n = cli->args.preserve_fds;

	if (n > MOST_FDS)
		return fail_usage(cli, "invalid preserve-fds \"%u\": at most %u is possible", n,
				  MOST_FDS);
	if (listen_fds(cli, ret_listen) != STATUS_OK)
		return STATUS_FAILED;
	*ret_preserve = n + *ret_listen;
	/* The log file, the one that is open before the library looks. */
	if (cli->out.log_fd >= 3 && (unsigned int)cli->out.log_fd - 3 < *ret_preserve)
		return fail(cli, "E_USAGE", EBADF, "file descriptor %d to preserve",
			    cli->out.log_fd);
	return STATUS_OK;
}

int set_notify_socket(struct cli *cli)
{
	const char *address = getenv("NOTIFY_SOCKET");

	if (!address || ocirt_context_set_notify_socket(cli->ctx, address) == 0)
		return STATUS_OK;
	return fail_library(cli);
}

int new_container_options(struct cli *cli, struct ocirt_create_options *ret)
{
	const struct args *a = &cli->args;

	if (set_notify_socket(cli) != STATUS_OK)
		return STATUS_FAILED;
	*ret = (struct ocirt_create_options){
		.bundle = a->bundle,
		.config = a->config,
		.console_socket = a->console_socket,
		.pidfd_socket = a->pidfd_socket,
		.pid_file = a->pid_file,
		.no_pivot = a->no_pivot,
		.no_new_keyring = a->no_new_keyring,
		.detach = a->detach,
	};
	OCIRT_INIT(ret);
	if (preserved_fds(cli, &ret->preserve_fds, &ret->listen_fds) != STATUS_OK)
		return STATUS_FAILED;
	ret->listen_names = ret->listen_fds ? getenv("LISTEN_FDNAMES") : NULL;
	return STATUS_OK;
}

int bundle_of_word(struct cli *cli)
{
	if (!cli->args.words[0])
		return 0;
	if (!*cli->args.words[0])
		return fail_usage(cli, "the name of the bundle is empty");
	if (cli->args.bundle)
		return fail_usage(cli, "\"%s\" and --bundle both name a bundle, one is wanted",
				  cli->args.words[0]);
	cli->args.bundle = cli->args.words[0];
	return 0;
}

int wait_for(const struct cli *cli, ocirt_process *process, unsigned int flags, int *ret_status)
{
	int status = 0, r;

	r = ocirt_process_supervise(cli->ctx, process, flags, &status);
	if (r >= 0)
		*ret_status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status)
						  : WEXITSTATUS(status);
	return r;
}

int foreground(struct cli *cli, const char *id, ocirt_process *process)
{
	unsigned int flags = cli->args.no_subreaper ? 0 : OCIRT_SUPERVISE_SUBREAPER;
	int status, waited, deleted = 0;

	timings_work(cli, NULL);
	waited = wait_for(cli, process, flags, &status);
	timings_work(cli, "program");
	if (waited < 0)
		status = fail_library(cli);
	/* Forced: a container that shares a pid namespace can have processes left. */
	if (!cli->args.keep) {
		deleted = ocirt_delete(cli->ctx, id, OCIRT_DELETE_FORCE);
		timings_work(cli, "delete");
	}
	if (deleted < 0 && waited >= 0) {
		fail_library(cli);
		status = status == STATUS_OK ? STATUS_FAILED : status;
	}
	return status;
}

void hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void criu_options(const struct cli *cli, struct ocirt_criu_options *ret)
{
	const struct args *a = &cli->args;

	*ret = (struct ocirt_criu_options){
		.image_path = a->image_path,
		.work_path = a->work_path,
		.parent_path = a->parent_path,
		.pre_dump = a->pre_dump,
		.leave_running = a->leave_running,
		.tcp_established = a->tcp_established,
		.tcp_skip_in_flight = a->tcp_skip_in_flight,
		.tcp_close = a->tcp_close,
		.ext_unix_sk = a->ext_unix_sk,
		.shell_job = a->shell_job,
		.file_locks = a->file_locks,
		.link_remap = a->link_remap,
		.auto_dedup = a->auto_dedup,
		.lazy_pages = a->lazy_pages,
		.empty_network = a->empty_ns != NULL,
		.page_server = a->page_server,
		.cgroups_mode = a->cgroups_mode,
		.network_lock = a->network_lock,
		.lsm_profile = a->lsm_profile,
		.lsm_mount_context = a->lsm_mount_context,
		.set_status_fd = a->status_fd != 0,
		.status_fd = (int)a->status_fd,
	};
	OCIRT_INIT(ret);
}
