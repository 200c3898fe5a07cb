/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "api/context.h"
#include "base/fd.h"
#include "base/spawn.h"
#include "proc/supervise.h"

int rt_api_process_new(struct rt_launch *l, struct rt_api_signals *signals, ocirt_process **ret,
		       struct err *e)
{
	ocirt_process *p = calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(e);
	p->pid = l->host->pid;
	p->pidfd = fd_slot_take(&l->pidfd);
	p->console = fd_slot_take(&l->console);
	p->signals = *signals;
	signals->blocked = false;
	*ret = p;
	return 0;
}

void rt_api_block_signals(struct rt_api_signals *s)
{
	sigset_t all;

	sigfillset(&all);
	s->blocked = pthread_sigmask(SIG_SETMASK, &all, &s->before) == 0;
}

void rt_api_restore_signals(struct rt_api_signals *s)
{
	if (s->blocked)
		pthread_sigmask(SIG_SETMASK, &s->before, NULL);
	s->blocked = false;
}

int ocirt_process_pid(const ocirt_process *process)
{
	return process ? (int)process->pid : -EINVAL;
}

int ocirt_process_pidfd(const ocirt_process *process)
{
	return process ? process->pidfd : -EINVAL;
}

int ocirt_process_console(const ocirt_process *process)
{
	return process && process->console >= 0 ? process->console : -1;
}

int ocirt_process_wait(ocirt_process *process, int timeout_msec, int *ret_status)
{
	if (!process)
		return -EINVAL;
	return rt_spawn_wait(process->pidfd, timeout_msec, ret_status);
}

int ocirt_process_supervise(ocirt_context *ctx, ocirt_process *process, unsigned int flags,
			    int *ret_status)
{
	struct rt_supervise s;
	int r;

	if (!ctx || !process || !ret_status)
		return -EINVAL;
	s = (struct rt_supervise){.pid = process->pid,
				  .pidfd = process->pidfd,
				  .console = process->console,
				  .notify = &process->notify,
				  .subreaper = flags & OCIRT_SUPERVISE_SUBREAPER};
	r = rt_supervise(&s, ret_status, rt_api_begin(ctx));
	rt_api_restore_signals(&process->signals);
	return r;
}

void ocirt_process_free(ocirt_process *process)
{
	if (!process)
		return;
	rt_api_restore_signals(&process->signals);
	rt_fd_closep(&process->pidfd);
	rt_fd_closep(&process->console);
	rt_sd_notify_close(&process->notify);
	free(process);
}
