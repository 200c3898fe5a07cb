/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/bundle.h"
#include "api/container.h"
#include "base/sys.h"
#include "proc/channel.h"
#include "proc/launch.h"

#define END_MSEC 10000 /* for an init that is about to exit, or was killed */

/* The init may have been killed while it waited, within the container's limits. */
static const char *reason_of_death(struct rt_container *c)
{
	struct err ignored = ERR_INIT;

	return rt_container_open_cgroup(c, &ignored) < 0
		       ? ""
		       : rt_launch_oom(fd_slot_get(c->cgroup), NULL);
}

static int not_created(struct rt_container *c, struct err *e)
{
	if (c->status == RT_RUNNING)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_BAD_STATE,
			       "cannot start an already running container");
	if (c->status == RT_STOPPED) {
		/* with its gate still there it has never run */
		bool ran = faccessat(fd_slot_get(c->dir), RT_STATE_GATE, F_OK, 0) < 0;

		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_BAD_STATE,
			       "cannot start a container that has stopped%s",
			       ran ? "" : reason_of_death(c));
	}
	return err_set(e, EINVAL | RT_NO_TEXT, RT_E_BAD_STATE,
		       "cannot start a container that is %s", rt_status_word(c->status));
}

/* -ECHILD: nobody listens, since it was killed after we had asked for its status. */
static int connect_gate(const struct rt_container *c, struct err *e)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/" RT_STATE_GATE,
		 fd_slot_get(c->dir));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return TAKE_FD(fd);
	if (errno == ECONNREFUSED)
		return -ECHILD;
	return err_set(e, errno, RT_E_STATE, "the start gate of \"%s\"", c->id);
}

/* The step is one of another plan: what is known without it. */
static int unknown_step(const struct rt_container *c, const struct msg_error *m, struct err *e)
{
	return err_set(e, m->no, RT_E_SYSTEM,
		       "start of container \"%s\", which another build of rt has created%s%.*s",
		       c->id, *m->detail ? ": " : "", (int)sizeof(m->detail), m->detail);
}

/*
 * rt-init tells the step that failed by its number. The plan is not kept on disk: it is made again
 * from the saved configuration and options, which gives the same one, if it is the same build of rt.
 */
static int explain_failure(struct rt_container *c, int gate, const struct msg_error *m,
			   struct err *e)
{
	_cleanup_(rt_bundle_free) struct rt_bundle b = {0};
	_cleanup_(rt_prepared_free) struct rt_prepared p = {0};
	struct err ignored = ERR_INIT;

	if (rt_prepare_again(c->ctx, fd_slot_get(c->dir), c->record, true, &b, &p, &ignored) < 0)
		return err_set(e, m->no, RT_E_SYSTEM, "start of container \"%s\"", c->id);
	if (c->record->plan_shape != plan_shape(&p.plan))
		return unknown_step(c, m, e);
	rt_launch_error(&p.plan, &b.doc, m, e);
	return rt_talk_refused(gate, &p.plan, e);
}

/*
 * Who is told that start failed finds the container stopped: containerd deletes it at once, refuses
 * to while it knows of no end, and then leaves it for ever.
 */
static void await_end(const struct rt_container *c)
{
	struct pollfd p = {.fd = fd_slot_get(c->pidfd), .events = POLLIN};

	while (poll(&p, 1, END_MSEC) < 0 && errno == EINTR)
		;
}

static int pass_gate(struct rt_container *c, struct err *e)
{
	_cleanup_close_ int fd = connect_gate(c, e);
	struct rt_msg m;
	int r;

	if (fd < 0 && fd != -ECHILD)
		return fd;
	r = fd < 0 ? fd : rt_channel_send(fd, RT_MSG_START);
	if (r >= 0)
		r = rt_talk_confirm(fd, false, &m, e);
	else if (r == -ECHILD || r == -EPIPE || r == -ECONNRESET)
		r = -ECHILD; /* it was killed behind its gate */
	else
		return err_set(e, r, RT_E_STATE, "the start gate of \"%s\"", c->id);
	if (r == 1)
		r = explain_failure(c, fd, &m.error, e);
	if (r == 0)
		return 0;
	rt_fd_closep(&fd); /* an init that waits for words ends with it */
	await_end(c);
	if (r != -ECHILD)
		return r;
	return err_set(e, EIO | RT_NO_TEXT, RT_E_INIT_DIED,
		       "the container's init was killed before it could execute its program%s",
		       reason_of_death(c));
}

/* runtime.md, "Lifecycle" 9: after a poststart hook that failed */
static void stop(const struct rt_container *c)
{
	rt_sys_pidfd_send_signal(fd_slot_get(c->pidfd), SIGKILL);
	await_end(c);
}

/* Both must have asked for it: who made the container, and who starts it. */
static int listen_for_notifications(struct rt_container *c, struct rt_sd_notify *ret, struct err *e)
{
	const char *address = c->record->notify_socket;

	if (!address || !c->ctx->notify_socket)
		return 0;
	ret->main_pid = rt_container_pid(c);
	return rt_sd_notify_open(fd_slot_get(c->dir), rt_notify_name(address),
				 c->ctx->notify_socket, ret, e);
}

int ocirt_start(ocirt_context *ctx, const char *id)
{
	struct rt_container c = {0};
	struct rt_sd_notify notify = {0};
	_cleanup_close_ int pidfd = -EBADF;
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	r = rt_container_open(ctx, id, RT_LOCKED, &c, e);
	if (r == 0 && c.status != RT_CREATED)
		r = not_created(&c, e);
	if (r == 0)
		r = listen_for_notifications(&c, &notify, e);
	if (r == 0) {
		r = pass_gate(&c, e);
		/* Opened or broken, it is a gate no more. */
		unlinkat(fd_slot_get(c.dir), RT_STATE_GATE, 0);
	}
	if (r == 0) {
		r = rt_container_poststart(&c, e);
		if (r < 0)
			stop(&c);
	}
	pidfd = fd_slot_take(&c.pidfd);
	rt_container_close(&c);
	/* Not while it is locked: it may take long, and has to be stoppable. */
	if (r == 0 && fd_slot_get(notify.in) >= 0)
		rt_sd_notify_await(&notify, pidfd);
	rt_sd_notify_close(&notify);
	return r;
}
