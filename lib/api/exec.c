/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/bundle.h"
#include "api/console.h"
#include "api/container.h"
#include "api/exec_process.h"
#include "base/mem.h"
#include "base/pid.h"
#include "base/str.h"
#include "proc/launch.h"
#include "spec/annotations.h"

#define DYING_MSEC 1000

/* One more program in a container. */
struct joining {
	ocirt_context *ctx;
	struct ocirt_exec_options *options;
	struct rt_container container;
	struct rt_bundle bundle; /* the configuration that create saved */
	struct rt_exec_process process;
	struct rt_prepared prepared;
	struct fd_slot console_socket, pidfd_socket;
	struct rt_api_signals signals;
	struct rt_host host;
	struct rt_launch launch;
	struct rt_times times;
	bool by_systemd; /* have the process moved: the caller is where it may not do it itself */
};

static int check_status(const struct rt_container *c, bool ignore_paused, struct err *e)
{
	if (c->status == RT_STOPPED || c->status == RT_CREATING)
		return err_set(e, ESRCH | RT_NO_TEXT, RT_E_BAD_STATE,
			       "cannot exec in a %s container: container not running",
			       rt_status_word(c->status));
	if (c->status == RT_PAUSED && !ignore_paused)
		return err_set(
			e, EBUSY | RT_NO_TEXT, RT_E_BAD_STATE,
			"cannot exec in a paused container (use --ignore-paused to override)");
	return 0;
}

/*
 * The namespaces that the configuration gave the container, as flags for setns(pidfd), and the time
 * namespace that CRIU gives it, so that its clocks go on where they stopped.
 */
static uint64_t namespaces_of(const struct oci_config *config, const struct rt_record *record)
{
	uint64_t set = record->restored ? CLONE_NEWTIME : 0;

	for (size_t i = 0; config->linux && i < config->linux->namespaces.n; i++)
		set |= plan_ns_flag(config->linux->namespaces.v[i].type);
	/* setns refuses to enter the caller's own user namespace again */
	if (set & CLONE_NEWUSER && rt_pid_shares_namespace(record->pid, "user") == 1)
		set &= ~(uint64_t)CLONE_NEWUSER;
	return set;
}

static int make_plan(struct joining *j, struct err *e)
{
	const struct rt_record *record = j->container.record;
	struct plan_exec_target target = {.pid = (uint32_t)record->pid,
					  .by_systemd = j->by_systemd};

	target.namespaces = namespaces_of(j->bundle.config, record);
	j->prepared.times = &j->times;
	return rt_prepare_exec(j->ctx, record, &j->bundle, &j->process.process, &target, j->options,
			       &j->prepared, e);
}

/* What exec will do, worked out before anything is done. */
static int prepare(struct joining *j, const char *id, struct err *e)
{
	struct rt_container *c = &j->container;
	int fd;

	TRY(rt_container_open(j->ctx, id, RT_UNLOCKED, c, e));
	TRY(check_status(c, j->options->ignore_paused, e));
	rt_times_work(&j->times, RT_WORK_CONTAINER);
	TRY(rt_bundle_open_saved(fd_slot_get(c->dir), c->record->bundle, &j->bundle, e));
	TRY(rt_exec_process_make(j->options, j->bundle.config->process, &j->process, e));
	TRY(rt_console_check(j->process.process.terminal, j->options->console_socket,
			     j->options->detach, j->options->relay, e));
	rt_times_work(&j->times, RT_WORK_CONFIG);
	TRY(make_plan(j, e));
	if (!str_empty(j->options->console_socket)) {
		fd = rt_console_connect(j->options->console_socket, e);
		if (fd < 0)
			return fd;
		fd_slot_set(&j->console_socket, fd);
	}
	if (!str_empty(j->options->pidfd_socket)) {
		fd = rt_pidfd_connect(j->options->pidfd_socket, e);
		if (fd < 0)
			return fd;
		fd_slot_set(&j->pidfd_socket, fd);
	}
	return 0;
}

/* The container's state, whose pid is that of its init and not of the program that joins it. */
static char *container_state(const void *data, pid_t pid)
{
	(void)pid;
	return rt_container_state(data, RT_STATE_FOR_HOOK);
}

static int launch(struct joining *j, struct err *e)
{
	struct rt_host *h = &j->host;
	int console;

	h->plan = &j->prepared.plan;
	h->cgroup_root = j->prepared.facts.cgroup_root;
	h->state_dir = -1;
	h->target_pidfd = fd_slot_get(j->container.pidfd);
	h->bundle_fd = -1;
	h->hook_state = container_state;
	h->hook_data = &j->container;
	j->launch.host = h;
	j->launch.times = &j->times;
	j->launch.doc = &j->process.doc;
	j->launch.base = &j->bundle.doc;
	j->launch.ends_as_program = true;
	j->launch.stdio = j->options->set_stdio ? j->options->stdio : NULL;
	if (j->options->relay && !j->signals.blocked)
		rt_api_block_signals(&j->signals);
	TRY(rt_launch_start(&j->launch, e));
	rt_times_skip(&j->times);
	TRY(rt_launch_await(&j->launch, e));
	rt_times_work(&j->times, RT_WORK_WAIT);
	console = fd_slot_get(j->launch.console);
	if (fd_slot_get(j->console_socket) >= 0)
		TRY(rt_console_send(fd_slot_get(j->console_socket), console, e));
	if (fd_slot_get(j->pidfd_socket) >= 0)
		TRY(rt_pidfd_send(fd_slot_get(j->pidfd_socket), "setns",
				  fd_slot_get(j->launch.pidfd), e));
	TRY(rt_launch_confirm(&j->launch, e));
	rt_times_executed(&j->times);
	rt_times_work(&j->times, RT_WORK_CONFIRM);
	return str_empty(j->options->pid_file) ? 0
					       : rt_pid_file_write(j->options->pid_file, h->pid, e);
}

/*
 * Where the init is below the container's cgroup, or below the delegated one in that, "init.scope";
 * false: it is in that itself.
 */
static bool find_cgroup_of_init(const struct joining *j, char *ret, size_t size)
{
	const struct rt_record *record = j->container.record;
	const char *delegate = rt_delegate_cgroup(j->bundle.config);
	_cleanup_free_ char *path = NULL;
	char own[PATH_MAX];
	int n;

	if (rt_pid_cgroup(record->pid, &path) < 0)
		return false;
	n = str_fmt(own, sizeof(own), "%s/%s%s", record->cgroup_path, delegate ? delegate : "",
		    delegate ? "/" : "");
	return n > 0 && strncmp(path, own, (size_t)n) == 0 &&
	       str_fmt(ret, size, "%s", path + n) > 0;
}

/* With a plan that is worked out again. */
static int relaunch(struct joining *j, struct err *e)
{
	err_clear(e);
	rt_host_close(&j->host);
	rt_launch_close(&j->launch);
	rt_prepared_free(&j->prepared);
	j->host = (struct rt_host){0};
	j->launch = (struct rt_launch){0};
	j->prepared = (struct rt_prepared){0};
	TRY(make_plan(j, e));
	return launch(j, e);
}

/*
 * systemd in a container moves to a cgroup below its own and hands controllers down from there, so
 * that no process can be in the container's cgroup itself any more (cgroups(7), "no internal
 * processes"): the program goes where the init is. Told by the kernel, so that no other exec has to
 * ask.
 */
static int launch_beside_init(struct joining *j, struct err *e)
{
	char cgroup[PATH_MAX];
	int r;

	if (j->options->cgroup || !find_cgroup_of_init(j, cgroup, sizeof(cgroup)))
		return -e->no;
	j->options->cgroup = cgroup;
	r = relaunch(j, e);
	j->options->cgroup = NULL;
	return r;
}

/*
 * cgroups(7), "Delegation containment": from outside of the subtree that was delegated to a user no
 * process of his can go into it, and a session that he has logged in to is outside. His systemd can
 * have it moved.
 */
static int launch_from_outside(struct joining *j, struct err *e)
{
	const struct rt_record *record = j->container.record;

	if (record->systemd_unit && record->systemd_user) {
		j->by_systemd = true;
		return relaunch(j, e);
	}
	err_clear(e);
	err_set(e, EACCES, RT_E_CGROUP, "enter cgroup \"%s\"", record->cgroup_path);
	return err_hint(e, "the caller is in a cgroup outside of what is delegated to this user; "
			   "inside is \"systemd-run --user --scope rt exec ...\"");
}

/* Other ways, or clearer words, for a cgroup that the kernel does not let the program into. */
static int launch_once_more(struct joining *j, struct err *e)
{
	if (e->step == RT_NO_STEP || plan_step(&j->prepared.plan, e->step)->op != OP_clone)
		return -e->no;
	if (e->no == EBUSY)
		return launch_beside_init(j, e);
	return e->no == EACCES ? launch_from_outside(j, e) : -e->no;
}

/*
 * Whatever failed when the container has ended meanwhile, this is why. A moment before its init is dead
 * its pid namespace has no pid for anybody, which is ENOMEM (alloc_pid()).
 */
static int explain_end(const struct rt_container *c, struct err *e)
{
	struct pollfd p = {.fd = fd_slot_get(c->pidfd), .events = POLLIN};

	if (p.fd < 0 || poll(&p, 1, e->no == ENOMEM ? DYING_MSEC : 0) <= 0)
		return -e->no;
	err_clear(e);
	return err_set(e, ESRCH | RT_NO_TEXT, RT_E_BAD_STATE,
		       "cannot exec in a stopped container: container not running");
}

static void finish(struct joining *j)
{
	rt_times_close(&j->times);
	rt_api_restore_signals(&j->signals);
	rt_host_close(&j->host);
	rt_launch_close(&j->launch);
	fd_slot_close(&j->console_socket);
	fd_slot_close(&j->pidfd_socket);
	rt_exec_process_free(&j->process);
	rt_prepared_free(&j->prepared);
	rt_bundle_free(&j->bundle);
	rt_container_close(&j->container);
}

int ocirt_exec(ocirt_context *ctx, const char *id, const struct ocirt_exec_options *options,
	       ocirt_process **ret)
{
	struct ocirt_exec_options o;
	_cleanup_(finish) struct joining j = {.ctx = ctx, .options = &o};
	struct err *e;
	int r;

	if (!ctx || !id || !options)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (ctx->timing_fn)
		rt_times_start(&j.times);
	TRY(rt_api_options(options, options->struct_size, &o, sizeof(o), e));
	TRY(rt_api_check_preserved(o.preserve_fds, e));
	r = prepare(&j, id, e);
	if (r == 0) {
		r = launch(&j, e);
		if (r < 0)
			r = launch_once_more(&j, e);
	}
	if (r == 0 && ret)
		r = rt_api_process_new(&j.launch, &j.signals, ret, e);
	rt_api_tell_times(ctx, &j.launch);
	if (r < 0) {
		rt_api_stage(ctx, &j.prepared.plan);
		rt_launch_abort(&j.launch);
		r = explain_end(&j.container, e);
	}
	return r;
}
