/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/launch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/spawn.h"
#include "base/str.h"
#include "base/sys.h"
#include "cgroup/cgroup.h"
#include "plan/desc.h"
#include "plan/message.h"
#include "proc/channel.h"
#include "proc/rt_init.h"
#include "spec/bind.h"

/* How long rt-init may work on its steps; a hook without a timeout lifts the bound. */
#define SETUP_MSEC 300000

/* Name the field that asked for the step, if it is in this document and none is named yet. */
static int name_field(const struct plan *p, const struct bind_doc *doc, uint32_t index,
		      struct err *e)
{
	char path[sizeof(e->field)];

	if (e->step == RT_NO_STEP)
		e->step = index;
	index = e->step;
	if (doc && doc->root && index < p->block->nsteps && p->origin[index] &&
	    *rt_bind_field(doc, p->origin[index], path, sizeof(path)))
		err_field(e, "%s", path);
	return -e->no;
}

int rt_launch_stage(struct rt_launch *l, enum plan_stage stage, bool (*wanted)(enum op_code op),
		    struct err *e)
{
	const struct plan *p = l->host->plan;
	uint32_t i = 0;

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s), i++) {
		if (s->stage != stage || op_desc(s->op)->init || !wanted(s->op))
			continue;
		rt_times_begin(l->times, i);
		if (rt_host_step(l->host, s, e) < 0) {
			name_field(p, l->doc, i, e);
			return name_field(p, l->base, i, e);
		}
		rt_times_end(l->times, i);
	}
	return 0;
}

/* Hooks have a place of their own in the talk. */
static bool is_hook(enum op_code op)
{
	return op == OP_runtime_hook;
}

static bool is_no_hook(enum op_code op)
{
	return op != OP_runtime_hook && op != OP_spawn;
}

int rt_launch_error(const struct plan *p, const struct bind_doc *doc, const struct msg_error *m,
		    struct err *e)
{
	const struct plan_failure f = {
		.no = m->no, .step = m->step, .code = m->code, .why = m->why, .detail = m->detail};

	plan_error(p, &f, e);
	return name_field(p, doc, m->step, e);
}

static int told_error(struct rt_launch *l, const struct msg_error *m, struct err *e)
{
	rt_launch_error(l->host->plan, l->doc, m, e);
	return name_field(l->host->plan, l->base, m->step, e);
}

static const struct op_head *find_step(const struct plan *p, enum op_code op)
{
	const struct op_head *s = plan_first(p);

	while (s && s->op != op)
		s = plan_next(p, s);
	return s;
}

/* Is there a limit that the OOM killer enforces? */
static bool limits_memory(const struct plan *p)
{
	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s)) {
		const struct op_cgroup_write *file = (const struct op_cgroup_write *)s;
		const struct op_systemd_property *property = (const struct op_systemd_property *)s;

		if ((s->op == OP_cgroup_write && streq(plan_text(p, file->controller), "memory")) ||
		    (s->op == OP_systemd_property &&
		     streq(plan_text(p, property->name), "MemoryMax")))
			return true;
	}
	return false;
}

const char *rt_launch_oom(int cgroup, bool *ret_counted)
{
	struct rt_cgroup_events events = {0};
	struct err ignored = ERR_INIT;
	bool counted = cgroup >= 0 && rt_cgroup_events(cgroup, &events, &ignored) == 0;

	if (ret_counted)
		*ret_counted = counted;
	return events.oom_kill > 0 ? ": out of memory: linux.resources.memory.limit is too low"
				   : "";
}

/*
 * rt-init was killed by SIGKILL: for the memory? systemd removes an empty cgroup at once, and with it
 * the count of kills; and who dies in the unit's own cgroup is not counted in the container's below.
 */
static const char *reason_of_kill(const struct rt_host *h)
{
	bool counted;
	const char *reason = rt_launch_oom(fd_slot_get(h->cgroup), &counted);

	if (!*reason && limits_memory(h->plan) && (!counted || find_step(h->plan, OP_systemd_unit)))
		return ": probably out of memory: linux.resources.memory.limit is too low";
	return reason;
}

static int tell_death(const struct rt_launch *l, int status, struct err *e)
{
	if (!WIFSIGNALED(status))
		return err_set(e, EIO | RT_NO_TEXT, RT_E_INIT_DIED,
			       "the container's init ended during set-up with status %d",
			       WEXITSTATUS(status));
	return err_set(e, EIO | RT_NO_TEXT, RT_E_INIT_DIED,
		       "the container's init was killed by signal %d during set-up%s",
		       WTERMSIG(status),
		       WTERMSIG(status) == SIGKILL ? reason_of_kill(l->host) : "");
}

/* The process has gone without a word: say how. */
static int init_died(struct rt_launch *l, struct err *e)
{
	int status = 0;

	rt_spawn_wait(fd_slot_get(l->pidfd), 5000, &status);
	fd_slot_close(&l->pidfd);
	return tell_death(l, status, e);
}

/*
 * A step of ours has failed because something is not there any more: a file of the process, its
 * cgroup, which systemd removes with the last process in it. If the process was killed for its memory,
 * that is the reason to be told.
 */
static void suspect_death(struct rt_launch *l, struct err *e)
{
	bool gone = e->no == ENOENT || e->no == ENODEV || e->no == ESRCH;
	int status, pidfd = fd_slot_get(l->pidfd);

	if (!gone || pidfd < 0 || !limits_memory(l->host->plan))
		return;
	/* who has left its cgroup is not quite dead yet */
	if (rt_spawn_wait(pidfd, 20, &status) < 0)
		return;
	fd_slot_close(&l->pidfd);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		err_clear(e);
		tell_death(l, status, e);
	}
}

/*
 * One message: 1, or the reason why there is none. An ERROR is turned into the error it tells.
 */
static int receive(struct rt_launch *l, int timeout_msec, struct rt_msg *m, int *ret_fd,
		   struct err *e)
{
	/* the first process of a staged start is not the only one that has the channel */
	int pidfd = l->group ? fd_slot_get(l->pidfd) : -1;
	int r = rt_channel_recv(fd_slot_get(l->channel), pidfd, timeout_msec, m, ret_fd);

	if (r == 0)
		return init_died(l, e);
	if (r == -ETIMEDOUT)
		return err_set(e, -r | RT_NO_TEXT, RT_E_TIMEOUT,
			       "the container's init was not ready after %d s", SETUP_MSEC / 1000);
	if (r < 0)
		return err_set(e, r, RT_E_PROTOCOL, "talk with the container's init");
	return m->type == RT_MSG_ERROR ? told_error(l, &m->error, e) : 1;
}

static int not_now(const struct rt_msg *m, struct err *e)
{
	return err_set(e, EPROTO, RT_E_PROTOCOL, "message %s of the container's init",
		       rt_channel_name(m->type));
}

static int go_on(struct rt_launch *l, struct err *e)
{
	int r = rt_channel_send(fd_slot_get(l->channel), RT_MSG_GO_ON);

	return r < 0 ? init_died(l, e) : 0;
}

/* Staged start: the first process has made the container's, which waits for its id maps. */
static int adopt_child(struct rt_launch *l, struct err *e)
{
	struct rt_msg m;
	int fd = -EBADF;

	TRY(receive(l, SETUP_MSEC, &m, &fd, e));
	if (m.type != RT_MSG_PID) {
		rt_fd_closep(&fd);
		return not_now(&m, e);
	}
	/* the first process has done its work and exits */
	rt_spawn_wait(fd_slot_get(l->pidfd), 10000, NULL);
	l->group = 0;
	fd_slot_set(&l->pidfd, fd);
	l->host->pid = m.pid.pid;
	return 0;
}

/*
 * A systemd unit around the first process, or one that takes it in; then rt-init is told where its
 * child will be. The unit has its limits from the start.
 */
static int join_unit(struct rt_launch *l, struct err *e)
{
	const struct rt_host *h = l->host;
	int r;

	if (!find_step(h->plan, OP_systemd_unit) && !find_step(h->plan, OP_systemd_attach))
		return 0;
	rt_spawn_await_own_memory(h->pid);
	TRY(rt_launch_stage(l, STAGE_SPAWN, is_no_hook, e));
	r = rt_channel_send_fd(fd_slot_get(l->channel), RT_MSG_CGROUP, rt_host_cgroup(h));
	return r < 0 ? init_died(l, e) : 0;
}

static bool has_unbounded_hook(const struct plan *p)
{
	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s))
		if (s->op == OP_container_hook &&
		    ((const struct op_container_hook *)s)->timeout_sec == 0)
			return true;
	return false;
}

/* Serve rt-init until it is ready. */
static int serve(struct rt_launch *l, struct err *e)
{
	int timeout = has_unbounded_hook(l->host->plan) ? -1 : SETUP_MSEC;

	for (;;) {
		struct rt_msg m;
		int fd = -EBADF;

		TRY(receive(l, timeout, &m, &fd, e));
		switch (m.type) {
		case RT_MSG_HOOKS:
			TRY(rt_launch_stage(l, STAGE_HOSTPID, is_hook, e));
			TRY(go_on(l, e));
			break;
		case RT_MSG_CONSOLE:
			fd_slot_set(&l->console, fd);
			break;
		case RT_MSG_READY:
			return 0;
		case RT_MSG_EXEC:
			l->exec_seen = true;
			return 0;
		default:
			rt_fd_closep(&fd);
			return not_now(&m, e);
		}
	}
}

static uint32_t index_of(const struct plan *p, const struct op_head *step)
{
	uint32_t i = 0;

	for (const struct op_head *s = plan_first(p); s != step; s = plan_next(p, s))
		i++;
	return i;
}

/* The step spawn, and what it takes. */
static int spawn(struct rt_launch *l, const struct op_spawn *step, struct rt_init *ret,
		 struct err *e)
{
	struct plan *p = l->host->plan;
	uint32_t i = l->times->on ? index_of(p, &step->head) : 0;

	rt_times_begin(l->times, i);
	TRY(rt_init_start(p, step, l->stdio, ret, e));
	rt_times_end(l->times, i);
	rt_times_shared(l->times);
	return 0;
}

static int start(struct rt_launch *l, struct err *e)
{
	struct plan *p = l->host->plan;
	const struct op_spawn *step = (const struct op_spawn *)find_step(p, OP_spawn);
	struct rt_init init;

	TRY(rt_times_share(l->times, p, e));
	TRY(rt_launch_stage(l, STAGE_HOST, is_no_hook, e));
	TRY(spawn(l, step, &init, e));
	fd_slot_set(&l->channel, init.channel);
	fd_slot_set(&l->pidfd, init.pidfd);
	l->host->pid = init.pid;
	l->group = step->staged ? init.pid : 0;
	TRY(join_unit(l, e));
	if (step->staged)
		TRY(adopt_child(l, e));
	else if (limits_memory(p))
		rt_spawn_await_own_memory(init.pid);
	/* Beside rt-init, which goes on with its mounts unless it waits for us. */
	TRY(rt_launch_stage(l, STAGE_HOSTPID, is_no_hook, e));
	return step->staged ? go_on(l, e) : 0;
}

/* What around us makes system calls fail that do not fail by themselves. */
static void suspect_caller(struct err *e)
{
	const char *call = NULL;

	if (e->no == ENOSYS || e->no == EPERM || e->code == RT_E_INIT_DIED)
		call = rt_sys_refused();
	if (call)
		err_hint(e,
			 "the system call %s is refused, by a seccomp filter around rt or by a "
			 "kernel older than 5.14",
			 call);
	else if (e->no == EAGAIN && e->code != RT_E_CGROUP && !e->hint[0])
		err_hint(e, "RLIMIT_NPROC of the caller is reached, or pids.max of a cgroup");
}

static int give_up(struct rt_launch *l, struct err *e)
{
	suspect_death(l, e);
	rt_launch_abort(l);
	suspect_caller(e);
	return -e->no;
}

int rt_launch_start(struct rt_launch *l, struct err *e)
{
	return start(l, e) < 0 ? give_up(l, e) : 0;
}

int rt_launch_await(struct rt_launch *l, struct err *e)
{
	return serve(l, e) < 0 ? give_up(l, e) : 0;
}

int rt_launch_release(struct rt_launch *l, enum rt_msg_type type, struct err *e)
{
	int r = rt_channel_send(fd_slot_get(l->channel), type);

	return r < 0 ? init_died(l, e) : 0;
}

int rt_talk_confirm(int fd, bool exec_seen, struct rt_msg *ret, struct err *e)
{
	for (;;) {
		int got = -EBADF;
		int r = rt_channel_recv(fd, -1, -1, ret, &got);

		rt_fd_closep(&got);
		if (r < 0)
			return err_set(e, r, RT_E_PROTOCOL, "talk with the container's init");
		if (r == 0)
			return exec_seen ? 0 : -ECHILD;
		if (ret->type == RT_MSG_ERROR)
			return 1;
		if (ret->type != RT_MSG_EXEC || exec_seen)
			return not_now(ret, e);
		exec_seen = true;
	}
}

int rt_talk_refused(int fd, const struct plan *p, struct err *e)
{
	const struct op_head *step = e->step == RT_NO_STEP ? NULL : plan_step(p, e->step);
	char line[sizeof(struct msg_text)];

	if (!step || step->op != OP_exec)
		return -e->no;
	/* A container that an older rt has created does not wait for words: they are said here. */
	if (rt_channel_say(fd, err_line(e, line, sizeof(line))) < 0)
		return -e->no;
	err_clear(e);
	return 0;
}

int rt_launch_confirm(struct rt_launch *l, struct err *e)
{
	struct rt_msg m;
	int r = rt_talk_confirm(fd_slot_get(l->channel), l->exec_seen, &m, e);

	if (r == 1) {
		r = told_error(l, &m.error, e);
		if (l->ends_as_program)
			r = rt_talk_refused(fd_slot_get(l->channel), l->host->plan, e);
	} else if (r == -ECHILD) {
		r = init_died(l, e);
	}
	if (r < 0)
		rt_launch_abort(l);
	return r;
}

void rt_launch_abort(struct rt_launch *l)
{
	int pidfd = fd_slot_get(l->pidfd);

	/* Without its channel rt-init ends by itself, also in the part of a staged start where we
	 * do not know the child yet. */
	fd_slot_close(&l->channel);
	if (pidfd >= 0) {
		rt_spawn_kill(l->host->pid, pidfd, NULL);
		fd_slot_close(&l->pidfd);
	}
	if (l->group)
		rt_spawn_reap_group(l->group);
	l->group = 0;
	fd_slot_close(&l->console);
}

void rt_launch_close(struct rt_launch *l)
{
	fd_slot_close(&l->channel);
	fd_slot_close(&l->pidfd);
	fd_slot_close(&l->console);
}
