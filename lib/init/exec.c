/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the plan. EXEC is told before the seccomp filter is loaded, since the filter may
 * forbid to tell anything; so what fails from then on is an ERROR behind an EXEC. A filter that
 * forbids write too leaves the exit status: 127 not found, 126 not executable, as shells have it.
 */
#include "init/init.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

/*
 * Closed and not only marked close-on-exec: execve resolves the program's path while marked ones
 * are still open (CVE-2024-21626). What is left, the channel, is a socket, through which no path
 * leads.
 */
int step_close_fds(struct init *in, const struct op_close_fds *op)
{
	unsigned int first = 3 + op->preserve, report = (unsigned int)in->report;
	int r = report > first ? sys_close_range(first, report - 1) : 0;

	in->scratch = 0;
	in->parent.fd = -1;
	return r < 0 ? r : sys_close_range(report + 1, UINT32_MAX);
}

/* The last that needs system calls which a filter may forbid. */
static int tell_exec(struct init *in)
{
	if (in->exec_told)
		return 0;
	in->exec_told = true;
	sys_umask(in->umask);
	return init_send(in, RT_MSG_EXEC);
}

int step_seccomp(struct init *in, const struct op_seccomp *op)
{
	const struct sock_fprog program = {
		.len = (unsigned short)(op->program.len / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(void *)init_text(in, op->program.off),
	};
	int r;

	if (op->program.len > BPF_MAXINSNS * sizeof(struct sock_filter))
		return -E2BIG;
	r = tell_exec(in);
	if (r < 0)
		return r;
	r = sys_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned int)op->flags, &program);
	return r < 0 ? r : 0;
}

int step_exec(struct init *in, const struct op_exec *op)
{
	char **argv = init_argv(in, op->args), **envp = init_argv(in, op->env);
	int r = tell_exec(in);

	if (r < 0)
		return r;
	if (!in->program)
		return -ENOENT;
	r = sys_execve(in->program, argv, envp);
	return probe_program(in, in->program, r);
}
