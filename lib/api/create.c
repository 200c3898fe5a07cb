/* SPDX-License-Identifier: Apache-2.0 */
/* create, and run, which is create and start in one process. */
#include <errno.h>
#include <unistd.h>

#include "api/making.h"

/* What create and run share: up to the point where the program waits at the gate. */
static int make(struct rt_making *m, const char *id, struct err *e)
{
	TRY(rt_making_prepare(m, id, e));
	TRY(rt_making_state(m, id, e));
	rt_times_work(&m->times, RT_WORK_RECORD);
	rt_making_host(m);
	TRY(rt_launch_start(&m->launch, e));
	rt_times_skip(&m->times);
	TRY(rt_making_draft(m, e));
	rt_times_work(&m->times, RT_WORK_DRAFT);
	TRY(rt_launch_await(&m->launch, e));
	rt_times_work(&m->times, RT_WORK_WAIT);
	TRY(rt_making_commit(m, e));
	rt_times_work(&m->times, RT_WORK_COMMIT);
	return 0;
}

int ocirt_create(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options)
{
	struct ocirt_create_options o;
	_cleanup_(rt_making_finish) struct rt_making m = {.ctx = ctx, .options = &o, .gate = true};
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	o.detach = 1; /* create never stays to relay a terminal */
	r = make(&m, id, e);
	if (r == 0)
		r = rt_launch_release(&m.launch, RT_MSG_GATE, e);
	rt_api_tell_times(ctx, &m.launch);
	if (r < 0)
		rt_making_undo(&m, e);
	return r;
}

/* With the program in the foreground it is this process that the service manager watches. */
static int listen_for_notifications(struct rt_making *m, struct err *e)
{
	const char *address = m->prepared.notify_socket;

	if (!address)
		return 0;
	m->notify.main_pid = m->options->detach ? m->host.pid : getpid();
	return rt_sd_notify_open(fd_slot_get(m->container.dir), rt_notify_name(address), address,
				 &m->notify, e);
}

/* Open the gate; then the hooks that the specification wants once the program runs. */
static int start(struct rt_making *m, struct err *e)
{
	if (m->options->relay)
		rt_api_block_signals(&m->signals);
	TRY(listen_for_notifications(m, e));
	TRY(rt_launch_release(&m->launch, RT_MSG_START, e));
	TRY(rt_launch_confirm(&m->launch, e));
	rt_times_executed(&m->times);
	TRY(rt_container_poststart(&m->container, e));
	rt_times_work(&m->times, RT_WORK_CONFIRM);
	return 0;
}

/*
 * Nobody will pass messages on when we have returned, but for who supervises the process. Not while
 * the container is locked: it may take long, and has to be stoppable.
 */
static void hand_over_notifications(struct rt_making *m, ocirt_process *process)
{
	if (fd_slot_get(m->notify.in) < 0)
		return;
	if (m->options->detach) {
		rt_container_close(&m->container);
		rt_sd_notify_await(&m->notify,
				   process ? process->pidfd : fd_slot_get(m->launch.pidfd));
	} else if (process) {
		process->notify = m->notify;
		m->notify = (struct rt_sd_notify){0};
	}
}

int ocirt_run(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
	      ocirt_process **ret)
{
	struct ocirt_create_options o;
	_cleanup_(rt_making_finish) struct rt_making m = {.ctx = ctx, .options = &o};
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	r = make(&m, id, e);
	if (r == 0)
		r = start(&m, e);
	if (r == 0 && ret)
		r = rt_api_process_new(&m.launch, &m.signals, ret, e);
	rt_api_tell_times(ctx, &m.launch);
	if (r < 0)
		rt_making_undo(&m, e);
	else
		hand_over_notifications(&m, ret ? *ret : NULL);
	return r;
}
