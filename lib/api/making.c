/* SPDX-License-Identifier: Apache-2.0 */
#include "api/making.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "api/console.h"
#include "base/io.h"
#include "base/pid.h"
#include "base/str.h"
#include "spec/annotations.h"

static int check_options(const struct rt_making *m, struct err *e)
{
	const struct oci_process *process = m->bundle.config->process;

	return rt_console_check(process && process->terminal, m->options->console_socket,
				m->options->detach, m->options->relay, e);
}

/* Whoever wants the terminal or the pidfd must be there before anything is made. */
static int connect_receivers(struct rt_making *m, struct err *e)
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

int rt_making_prepare(struct rt_making *m, const char *id, struct err *e)
{
	if (m->ctx->timing_fn)
		rt_times_start(&m->times);
	TRY(rt_state_check_id(id, e));
	TRY(rt_api_check_preserved(m->options->preserve_fds, e));
	TRY(rt_bundle_open(m->options, &m->bundle, e));
	TRY(rt_bundle_check(m->ctx, &m->bundle, e));
	TRY(check_options(m, e));
	TRY(rt_bundle_rootfs(&m->bundle, e));
	rt_times_work(&m->times, RT_WORK_CONFIG);
	m->prepared.notify_socket = m->ctx->notify_socket;
	m->prepared.times = &m->times;
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

static void fill_record(struct rt_making *m, const char *id)
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
				.plan_shape = plan_shape(&m->prepared.plan),
				.notify_socket = m->prepared.notify_socket,
				.restored = m->restored,
				.late_hooks = has_late_hooks(m->bundle.config),
				.annotations = m->bundle.config->annotations};
	memset(&r->has, true, sizeof(r->has));
	r->has.pid = r->has.start_time = r->has.extra = false;
	r->has.notify_socket = r->notify_socket;
	r->has.annotations = r->annotations.n > 0;
	r->has.restored = r->restored;
	r->has.systemd_unit = r->has.systemd_user = r->systemd_unit;
	r->has.rdt_group = r->has.rdt_monitor = false;
}

/* Groups of resctrl that are not there yet, and so will be ours to remove. */
static void plan_rdt(struct rt_making *m)
{
	struct rt_record *r = &m->record;

	r->rdt_group = m->prepared.rdt_group;
	r->has.rdt_group = r->rdt_group && access(r->rdt_group, F_OK) < 0;
	r->rdt_monitor = m->prepared.rdt_monitor;
	r->has.rdt_monitor = r->rdt_monitor && access(r->rdt_monitor, F_OK) < 0;
}

/* What of the cgroup is to be made; one that exists must not be somebody else's. */
static int check_cgroup(struct rt_making *m, struct err *e)
{
	struct rt_prepared *p = &m->prepared;

	TRY(p->driver->check(p->facts.cgroup_root, &p->home, e));
	m->record.cgroup_made = (uint32_t)p->home.made;
	return 0;
}

int rt_making_state(struct rt_making *m, const char *id, struct err *e)
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
	fd = openat(fd, RT_STATE_CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return err_set(e, errno, RT_E_STATE, "write %s", RT_STATE_CONFIG);
	r = io_write_all(fd, m->bundle.text, m->bundle.len);
	close(fd);
	return r < 0 ? err_set(e, r, RT_E_STATE, "write %s", RT_STATE_CONFIG) : 0;
}

static char *hook_state(const void *data, pid_t pid)
{
	return rt_state_text(data, "creating", pid, RT_STATE_FOR_HOOK, NULL);
}

void rt_making_host(struct rt_making *m)
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
	m->launch.times = &m->times;
	m->launch.doc = &m->bundle.doc;
	m->launch.stdio = m->options->set_stdio ? m->options->stdio : NULL;
}

int rt_making_draft(struct rt_making *m, struct err *e)
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

int rt_making_commit(struct rt_making *m, struct err *e)
{
	TRY(rt_record_publish(fd_slot_get(m->container.dir), e));
	if (fd_slot_get(m->console_socket) >= 0)
		TRY(rt_console_send(fd_slot_get(m->console_socket), fd_slot_get(m->launch.console),
				    e));
	if (fd_slot_get(m->pidfd_socket) >= 0)
		TRY(rt_pidfd_send(fd_slot_get(m->pidfd_socket), "standard",
				  fd_slot_get(m->launch.pidfd), e));
	return str_empty(m->options->pid_file)
		       ? 0
		       : rt_pid_file_write(m->options->pid_file, m->host.pid, e);
}

void rt_making_undo(struct rt_making *m, struct err *e)
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
		m->record.cgroup_path =
			""; /* not made, or another's by now: see rt_cgroup_create */
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

void rt_making_finish(struct rt_making *m)
{
	rt_times_close(&m->times);
	rt_api_restore_signals(&m->signals);
	rt_launch_close(&m->launch);
	fd_slot_close(&m->console_socket);
	fd_slot_close(&m->pidfd_socket);
	rt_sd_notify_close(&m->notify);
	rt_container_close(&m->container);
	rt_host_close(&m->host); /* the record may have its cgroup's path */
	rt_prepared_free(&m->prepared);
	rt_bundle_free(&m->bundle);
}
