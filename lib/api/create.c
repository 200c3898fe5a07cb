/* SPDX-License-Identifier: Apache-2.0 */
/* create, and run, which is create and start in one process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "api/bundle.h"
#include "api/console.h"
#include "api/container.h"
#include "base/io.h"
#include "base/pid.h"
#include "base/str.h"
#include "base/time.h"
#include "proc/launch.h"
#include "spec/annotations.h"

/* A container while it is being made. */
struct making {
	ocirt_context *ctx;
	const struct ocirt_create_options *options;
	struct rt_bundle bundle;
	struct rt_prepared prepared;
	struct rt_container container; /* its directory: made by make_state */
	struct rt_record record;       /* what is written to it */
	char created[TIME_TEXT];
	struct fd_slot console_socket, pidfd_socket;
	struct rt_host host;
	struct rt_launch launch;
	struct rt_api_signals signals;
	struct rt_sd_notify notify;
	bool gate;
};

static int check_options(const struct making *m, struct err *e)
{
	const struct oci_process *process = m->bundle.config->process;

	return rt_console_check(process && process->terminal, m->options->console_socket,
				m->options->detach, m->options->relay, e);
}

/* Whoever wants the terminal or the pidfd must be there before anything is made. */
static int connect_receivers(struct making *m, struct err *e)
{
	const struct str_pair *receiver = rt_annotation_get(&m->bundle.config->annotations,
							    RT_ANNOTATION_PIDFD_RECEIVER);
	const char *pidfd_socket = m->options->pidfd_socket;
	int fd;

	if (!str_empty(m->options->console_socket)) {
		fd = rt_console_connect(m->options->console_socket, e);
		if (fd < 0)
			return fd;
		fd_slot_set(&m->console_socket, fd);
	}
	if (str_empty(pidfd_socket) && receiver)
		pidfd_socket = receiver->value;
	if (str_empty(pidfd_socket))
		return 0;
	fd = rt_pidfd_connect(pidfd_socket, e);
	if (fd < 0)
		return pidfd_socket == m->options->pidfd_socket ? fd : err_field(e, "annotations");
	fd_slot_set(&m->pidfd_socket, fd);
	return 0;
}

/* All that can be found wrong before anything is made. */
static int prepare(struct making *m, const char *id, struct err *e)
{
	TRY(rt_state_check_id(id, e));
	TRY(rt_api_check_preserved(m->options->preserve_fds, e));
	TRY(rt_bundle_open(m->options, &m->bundle, e));
	TRY(rt_bundle_check(m->ctx, &m->bundle, e));
	TRY(check_options(m, e));
	TRY(rt_bundle_rootfs(&m->bundle, e));
	m->prepared.notify_socket = m->ctx->notify_socket;
	TRY(rt_prepare(m->ctx, id, &m->bundle, m->options, m->gate, &m->prepared, e));
	return connect_receivers(m, e);
}

static bool has_own_pids(const struct oci_config *config)
{
	for (size_t i = 0; config->linux && i < config->linux->namespaces.n; i++)
		if (config->linux->namespaces.v[i].type == OCI_NS_PID)
			return !config->linux->namespaces.v[i].has.path;
	return false;
}

static bool has_late_hooks(const struct oci_config *config)
{
	return config->hooks && (config->hooks->poststart.n || config->hooks->poststop.n);
}

static void fill_record(struct making *m, const char *id)
{
	struct rt_record *r = &m->record;
	struct timespec now;

	/* Not by the vDSO: for one question its two pages cost more, a fault each. */
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	rt_time_text(&now, m->created);
	*r = (struct rt_record){.schema = RT_STATE_SCHEMA,
				.oci_version = m->bundle.config->oci_version,
				.id = id,
				.status = "creating",
				.bundle = m->bundle.path,
				.rootfs = m->bundle.rootfs,
				.created = m->created,
				.owner_uid = geteuid(),
				.cgroup_path = m->prepared.home.path,
				.cgroup_manager = m->prepared.driver->name,
				.systemd_unit = m->prepared.home.unit.name,
				.systemd_user = m->prepared.home.unit.user,
				.shared_pids = !has_own_pids(m->bundle.config),
				.no_pivot = m->options->no_pivot,
				.no_new_keyring = m->options->no_new_keyring,
				.preserve_fds = m->options->preserve_fds,
				.notify_socket = m->prepared.notify_socket,
				.late_hooks = has_late_hooks(m->bundle.config),
				.annotations = m->bundle.config->annotations};
	memset(&r->has, true, sizeof(r->has));
	r->has.pid = r->has.start_time = r->has.extra = false;
	r->has.notify_socket = r->notify_socket;
	r->has.annotations = r->annotations.n > 0;
	r->has.systemd_unit = r->has.systemd_user = r->systemd_unit;
	r->has.rdt_group = r->has.rdt_monitor = false;
}

/* Groups of resctrl that are not there yet, and so will be ours to remove. */
static void plan_rdt(struct making *m)
{
	struct rt_record *r = &m->record;

	r->rdt_group = m->prepared.rdt_group;
	r->has.rdt_group = r->rdt_group && access(r->rdt_group, F_OK) < 0;
	r->rdt_monitor = m->prepared.rdt_monitor;
	r->has.rdt_monitor = r->rdt_monitor && access(r->rdt_monitor, F_OK) < 0;
}

/* What of the cgroup is to be made; one that exists must not be somebody else's. */
static int check_cgroup(struct making *m, struct err *e)
{
	struct rt_prepared *p = &m->prepared;

	TRY(p->driver->check(p->facts.cgroup_root, &p->home, e));
	m->record.cgroup_made = (uint32_t)p->home.made;
	return 0;
}

/*
 * The intent record: on disk before the first side effect, so that delete --force knows what to
 * undo wherever this process is killed.
 */
static int make_state(struct making *m, const char *id, struct err *e)
{
	struct rt_container *c = &m->container;
	const char *root;
	int fd, r;

	c->ctx = m->ctx;
	c->id = id;
	fill_record(m, id);
	TRY(rt_api_root(m->ctx, &root, e));
	fd = rt_state_root(root, true, e);
	if (fd < 0)
		return fd;
	fd_slot_set(&c->root, fd);
	fd = rt_state_make(fd, id, e);
	if (fd < 0)
		return fd;
	fd_slot_set(&c->dir, fd);
	TRY(check_cgroup(m, e));
	plan_rdt(m);
	TRY(rt_record_write(fd, &m->record, e));
	c->record = &m->record;
	fd = openat(fd, RT_STATE_CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, errno, RT_E_STATE, "write %s", RT_STATE_CONFIG);
	r = io_write_all(fd, m->bundle.text, m->bundle.len);
	close(fd);
	return r < 0 ? err_set(e, r, RT_E_STATE, "write %s", RT_STATE_CONFIG) : 0;
}

static char *hook_state(const void *data, pid_t pid)
{
	return rt_state_text(data, "creating", pid, RT_STATE_FOR_HOOK);
}

static int launch(struct making *m, struct err *e)
{
	struct rt_host *h = &m->host;

	h->plan = &m->prepared.plan;
	h->cgroup_root = m->prepared.facts.cgroup_root;
	h->state_dir = fd_slot_get(m->container.dir);
	h->target_pidfd = -1;
	h->bundle_fd = fd_slot_get(m->bundle.dir);
	h->hook_state = hook_state;
	h->hook_data = &m->record;
	m->launch.host = h;
	m->launch.doc = &m->bundle.doc;
	m->launch.stdio = m->options->set_stdio ? m->options->stdio : NULL;
	return rt_launch_start(&m->launch, e);
}

/* The record of the container as it will be when rt-init is ready: written while rt-init works. */
static int draft_record(struct making *m, struct err *e)
{
	char state;
	int r;

	m->record.pid = m->host.pid;
	r = rt_pid_stat(m->host.pid, &m->record.start_time, &state);
	if (r < 0)
		return err_set(e, r, RT_E_INIT_DIED, "the container's init");
	m->record.status = "created";
	if (m->host.cgroup_path) /* systemd has the last word on where it is */
		m->record.cgroup_path = m->host.cgroup_path;
	m->record.has.pid = m->record.has.start_time = true;
	/* config-linux.md, IntelRdt: a group that closID names stays, whoever made it */
	if (m->record.has.rdt_group && OCI_HAS(m->bundle.config->linux->intel_rdt, clos_id))
		m->record.has.rdt_group = false;
	return rt_record_draft(fd_slot_get(m->container.dir), &m->record, e);
}

/* The container is there: say so on disk, and to those who asked for it. */
static int commit(struct making *m, struct err *e)
{
	TRY(rt_record_publish(fd_slot_get(m->container.dir), e));
	if (fd_slot_get(m->console_socket) >= 0)
		TRY(rt_console_send(fd_slot_get(m->console_socket), fd_slot_get(m->launch.console), e));
	if (fd_slot_get(m->pidfd_socket) >= 0)
		TRY(rt_pidfd_send(fd_slot_get(m->pidfd_socket), "standard",
				  fd_slot_get(m->launch.pidfd), e));
	return str_empty(m->options->pid_file) ?
		       0 :
		       rt_pid_file_write(m->options->pid_file, m->host.pid, e);
}

/* What create and run share: up to the point where the program waits at the gate. */
static int make(struct making *m, const char *id, struct err *e)
{
	TRY(prepare(m, id, e));
	TRY(make_state(m, id, e));
	TRY(launch(m, e));
	TRY(draft_record(m, e));
	TRY(rt_launch_await(&m->launch, e));
	return commit(m, e);
}

/* Leave nothing behind; the error that is told is the one that came first. */
static void undo(struct making *m, struct err *e)
{
	struct err second = ERR_INIT;

	rt_api_stage(m->ctx, &m->prepared.plan);
	rt_launch_abort(&m->launch);
	if (rt_host_undo(&m->host, &second) < 0) {
		rt_api_log(m->ctx, OCIRT_LOG_WARNING, "undo: %s", second.text);
		err_clear(&second);
	}
	/* What was not made, or is another's by now */
	m->record.has.rdt_group = m->host.rdt_made;
	m->record.has.rdt_monitor = m->host.rdt_monitor_made;
	if (fd_slot_get(m->host.cgroup) < 0)
		m->record.cgroup_path = ""; /* not made, or another's by now: see rt_cgroup_create */
	else if (m->host.cgroup_path)
		m->record.cgroup_path = m->host.cgroup_path;
	if (m->record.has.pid && !str_empty(m->options->pid_file))
		unlink(m->options->pid_file);
	/* That there are no more of them may be what failed (RLIMIT_NOFILE). */
	rt_host_close_fds(&m->host);
	fd_slot_close(&m->bundle.dir);
	fd_slot_close(&m->console_socket);
	fd_slot_close(&m->pidfd_socket);
	/* runtime.md, "Lifecycle": a hook that failed leads to the poststop hooks */
	if (fd_slot_get(m->container.dir) >= 0 &&
	    rt_container_destroy(&m->container, e->code == RT_E_HOOK, &second) < 0)
		rt_api_log(m->ctx, OCIRT_LOG_WARNING, "undo: %s", second.text);
}

static void finish(struct making *m)
{
	rt_launch_close(&m->launch);
	fd_slot_close(&m->console_socket);
	fd_slot_close(&m->pidfd_socket);
	rt_sd_notify_close(&m->notify);
	rt_container_close(&m->container);
	rt_host_close(&m->host); /* the record may have its cgroup's path */
	rt_prepared_free(&m->prepared);
	rt_bundle_free(&m->bundle);
}

int ocirt_create(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options)
{
	struct ocirt_create_options o;
	struct making m = { .ctx = ctx, .options = &o, .gate = true };
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	r = rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e);
	if (r < 0)
		return r;
	o.detach = 1; /* create never stays to relay a terminal */
	r = make(&m, id, e);
	if (r == 0)
		r = rt_launch_release(&m.launch, RT_MSG_GATE, e);
	if (r < 0)
		undo(&m, e);
	finish(&m);
	return r;
}

/* With the program in the foreground it is this process that the service manager watches. */
static int listen_for_notifications(struct making *m, struct err *e)
{
	const char *address = m->prepared.notify_socket;

	if (!address)
		return 0;
	m->notify.main_pid = m->options->detach ? m->host.pid : getpid();
	return rt_sd_notify_open(fd_slot_get(m->container.dir), rt_notify_name(address), address,
				 &m->notify, e);
}

/* Open the gate; then the hooks that the specification wants once the program runs. */
static int start(struct making *m, struct err *e)
{
	if (m->options->relay)
		rt_api_block_signals(&m->signals);
	TRY(listen_for_notifications(m, e));
	TRY(rt_launch_release(&m->launch, RT_MSG_START, e));
	TRY(rt_launch_confirm(&m->launch, e));
	return rt_container_poststart(&m->container, e);
}

/*
 * Nobody will pass messages on when we have returned, but for who supervises the process. Not while
 * the container is locked: it may take long, and has to be stoppable.
 */
static void hand_over_notifications(struct making *m, ocirt_process *process)
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
	struct making m = { .ctx = ctx, .options = &o };
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	r = rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e);
	if (r < 0)
		return r;
	r = make(&m, id, e);
	if (r == 0)
		r = start(&m, e);
	if (r == 0 && ret)
		r = rt_api_process_new(&m.launch, &m.signals, ret, e);
	if (r < 0)
		undo(&m, e);
	else
		hand_over_notifications(&m, ret ? *ret : NULL);
	rt_api_restore_signals(&m.signals);
	finish(&m);
	return r;
}
