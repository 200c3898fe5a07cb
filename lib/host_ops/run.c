/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ioprio.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "host_ops/host_ops.h"
#include "host_ops/net.h"
#include "host_ops/notify.h"
#include "host_ops/rdt.h"
#include "host_ops/unit.h"
#include "host_ops/userns.h"
#include "plan/desc.h"
#include "state/state.h"

#define ENABLE_TRIES 50 /* once a millisecond */

static const char *text(const struct rt_host *h, uint32_t off)
{
	return plan_text(h->plan, off);
}

static void set_slot(struct rt_host *h, uint32_t slot, int own_fd)
{
	plan_slots(h->plan)[slot] = own_fd;
}

static int slot_fd(const struct rt_host *h, uint32_t slot)
{
	return slot == NO_SLOT ? -1 : plan_slots(h->plan)[slot];
}

static int check_ns(int fd, const struct op_open_path *op, const char *path, struct err *e)
{
	const char *name = op_value_name(opnames_ns, op->ns);
	int type = ioctl(fd, NS_GET_NSTYPE);
	struct stat theirs, ours;
	char own[40];

	if (type < 0)
		return err_set(e, 0, RT_E_NAMESPACE, "\"%s\" is no namespace", path);
	if ((uint64_t)(unsigned)type != op->ns)
		return err_set(e, 0, RT_E_NAMESPACE, "\"%s\" is no %s namespace", path, name);
	if (!op->foreign)
		return 0;
	/* The files have the kernel's short names. */
	snprintf(own, sizeof(own), "/proc/self/ns/%s",
		 op->ns == CLONE_NEWNET  ? "net"
		 : op->ns == CLONE_NEWNS ? "mnt"
					 : name);
	if (fstat(fd, &theirs) < 0 || stat(own, &ours) < 0)
		return err_set(e, errno, RT_E_NAMESPACE, "compare \"%s\" with \"%s\"", path, own);
	if (theirs.st_ino == ours.st_ino)
		return err_set(
			e, 0, RT_E_NAMESPACE,
			"\"%s\" is the runtime's own %s namespace, in which a sysctl or name "
			"would change the host's",
			path, name);
	return 0;
}

static int open_path(struct rt_host *h, const struct op_open_path *op, struct err *e)
{
	const char *path = text(h, op->path);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(e, errno, RT_E_NAMESPACE, "open \"%s\"", path);
	if (op->ns)
		TRY(check_ns(fd, op, path, e));
	set_slot(h, op->slot, TAKE_FD(fd));
	return 0;
}

static int open_target(struct rt_host *h, const struct op_open_target *op, struct err *e)
{
	int fd = fcntl(h->target_pidfd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return err_set(e, errno, RT_E_NAMESPACE, "the container's init");
	set_slot(h, op->slot, fd);
	return 0;
}

static int idmap_userns(struct rt_host *h, const struct op_idmap_userns *op, struct err *e)
{
	int fd = rt_userns_open(text(h, op->uid_map), text(h, op->gid_map), e);

	if (fd < 0)
		return fd;
	set_slot(h, op->slot, fd);
	return 0;
}

/* The symlink itself; -ELOOP when it is none. */
static int open_symlink(const char *path)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISLNK(st.st_mode) ? TAKE_FD(fd) : -ELOOP;
}

static int open_source(struct rt_host *h, const struct op_open_source *op, struct err *e)
{
	const char *source = text(h, op->source);
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (op->flags & BINDF_COPY_SYMLINK) {
		r = open_symlink(source);
		if (r >= 0) {
			set_slot(h, op->slot, r);
			return 0;
		}
	}
	if (op->flags & BINDF_RECURSIVE)
		flags |= AT_RECURSIVE;
	if (op->flags & BINDF_SRC_NOFOLLOW)
		flags |= AT_SYMLINK_NOFOLLOW;
	fd = rt_sys_open_tree(AT_FDCWD, source, flags);
	if (fd == -ENOENT && op->flags & BINDF_OPTIONAL)
		return 0;
	if (fd < 0)
		return err_set(e, fd, RT_E_MOUNT, "mount source \"%s\"", source);
	if (op->idmap_userns != NO_SLOT) {
		flags = AT_EMPTY_PATH;
		if (op->flags & BINDF_IDMAP_RECURSIVE)
			flags |= AT_RECURSIVE;
		r = rt_sys_mount_setattr(fd, "", flags, MOUNT_ATTR_IDMAP, 0, 0,
					 slot_fd(h, op->idmap_userns));
		if (r < 0) {
			err_set(e, r, RT_E_MOUNT, "map the ids of mount source \"%s\"", source);
			return r == -EINVAL ? err_hint(e, "its file system may not support it") : r;
		}
	}
	set_slot(h, op->slot, TAKE_FD(fd));
	return 0;
}

/* The name is short whatever the state root: it goes through the directory's descriptor. */
static int gate_listen(struct rt_host *h, const struct op_gate_listen *op, struct err *e)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -EBADF;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/" RT_STATE_GATE,
		 h->state_dir);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 || listen(fd, 8) < 0)
		return err_set(e, errno, RT_E_STATE, "make the start gate");
	set_slot(h, op->slot, TAKE_FD(fd));
	return 0;
}

/* For whoever the program is: nobody of the host gets to it, through the state directory. */
static int notify_dir(struct rt_host *h, const struct op_notify_dir *op, struct err *e)
{
	(void)op;
	if (mkdirat(h->state_dir, RT_STATE_NOTIFY, 0755) < 0 ||
	    fchmodat(h->state_dir, RT_STATE_NOTIFY, 0755, 0) < 0)
		return err_set(e, errno, RT_E_STATE, "make %s in the state directory",
			       RT_STATE_NOTIFY);
	return 0;
}

static int hook_output(struct rt_host *h, const struct op_hook_output *op, struct err *e)
{
	int fd = rt_hook_open_output(text(h, op->path), e);

	if (fd < 0)
		return fd;
	set_slot(h, op->slot, fd);
	return 0;
}

static int seccomp_connect(struct rt_host *h, const struct op_seccomp_connect *op, struct err *e)
{
	int fd;

	TRY(rt_notify_text_open(&fd, e));
	set_slot(h, op->text, fd);
	TRY(rt_notify_connect(text(h, op->path), &fd, e));
	set_slot(h, op->socket, fd);
	return 0;
}

static int seccomp_state(struct rt_host *h, const struct op_seccomp_state *op, struct err *e)
{
	_cleanup_free_ char *state = h->hook_state(h->hook_data, h->pid);
	const struct rt_notify notify = {.oci_version = text(h, op->oci_version),
					 .metadata = text(h, op->metadata),
					 .pid = h->pid,
					 .state = state};

	return state ? rt_notify_text_write(slot_fd(h, op->text), &notify, e) : err_nomem(e);
}

/* The plan's slot gets a descriptor of its own, if it has one for the cgroup. */
static int slot_cgroup(struct rt_host *h, uint32_t slot, const struct fd_slot *cgroup,
		       const char *name, struct err *e)
{
	int copy;

	if (slot == NO_SLOT)
		return 0;
	copy = fcntl(fd_slot_get(*cgroup), F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return err_set(e, errno, RT_E_CGROUP, "cgroup \"%s\"", name);
	set_slot(h, slot, copy);
	return 0;
}

static int cgroup_create(struct rt_host *h, const struct op_cgroup_create *op, struct err *e)
{
	int fd;

	TRY(rt_cgroup_create(h->cgroup_root, text(h, op->path), text(h, op->controllers), &fd, e));
	fd_slot_set(&h->cgroup, fd);
	return slot_cgroup(h, op->slot, &h->cgroup, text(h, op->path), e);
}

static int cgroup_delegate(struct rt_host *h, const struct op_cgroup_delegate *op, struct err *e)
{
	int fd;

	TRY(rt_cgroup_create_below(fd_slot_get(h->cgroup), text(h, op->name), &fd, e));
	fd_slot_set(&h->delegated, fd);
	return slot_cgroup(h, op->slot, &h->delegated, text(h, op->name), e);
}

/* Sent with the unit that they are of. */
static int systemd_property(struct rt_host *h, const struct op_systemd_property *op, struct err *e)
{
	(void)h, (void)op, (void)e;
	return 0;
}

static int cgroup_enter(struct rt_host *h, const struct op_cgroup_enter *op, struct err *e)
{
	char pid[16];

	(void)op;
	snprintf(pid, sizeof(pid), "%d", (int)h->pid);
	return rt_cgroup_write(rt_host_cgroup(h), "cgroup.procs", pid, "cgroup", e);
}

/* A cgroup's first process counts until the scheduler has let go of it: is it worth to wait once more? */
static bool still_leaving(int r, int *left, struct err *e)
{
	if (r != -EBUSY || (*left)-- == 0)
		return false;
	err_clear(e);
	poll(NULL, 0, 1);
	return true;
}

static int cgroup_enable(struct rt_host *h, const struct op_cgroup_enable *op, struct err *e)
{
	int r, left = ENABLE_TRIES;

	do
		r = rt_cgroup_enable(h->cgroup_root, h->cgroup_path, text(h, op->controllers), e);
	while (still_leaving(r, &left, e));
	return r;
}

static int id_map(struct rt_host *h, const struct op_id_map *op, struct err *e)
{
	return rt_id_map_write(h->pid, text(h, op->uid_map), text(h, op->gid_map), (int)op->helper,
			       (int)op->deny_setgroups, e);
}

static int cgroup_write(struct rt_host *h, const struct op_cgroup_write *op, struct err *e)
{
	const char *unless = text(h, op->unless);
	int cgroup = fd_slot_get(h->cgroup), r;

	if (unless && faccessat(cgroup, unless, F_OK, 0) == 0)
		return 0;
	r = rt_cgroup_write(cgroup, text(h, op->file), text(h, op->value), text(h, op->controller),
			    e);
	if (r == -ENOENT && op->optional) {
		err_clear(e);
		return 0;
	}
	return r;
}

static int memory_bound(struct rt_host *h, const struct op_memory_bound *op, struct err *e)
{
	char value[24];

	snprintf(value, sizeof(value), "%" PRIu64, op->pages * (uint64_t)sysconf(_SC_PAGESIZE));
	return rt_cgroup_write(fd_slot_get(h->cgroup), "memory.max", value, "memory", e);
}

static int cgroup_devices(struct rt_host *h, const struct op_cgroup_devices *op, struct err *e)
{
	return rt_cgroup_attach_devices(fd_slot_get(h->cgroup), text(h, op->rules.off),
					op->rules.len, e);
}

static int cgroup_chown(struct rt_host *h, const struct op_cgroup_chown *op, struct err *e)
{
	return rt_cgroup_chown(fd_slot_get(h->cgroup), op->uid, e);
}

static int cgroup_hand_over(struct rt_host *h, const struct op_cgroup_hand_over *op, struct err *e)
{
	int r, left = ENABLE_TRIES;

	do
		r = rt_cgroup_hand_down(fd_slot_get(h->cgroup), e);
	while (still_leaving(r, &left, e));
	return r < 0 ? r : rt_cgroup_chown(fd_slot_get(h->delegated), op->uid, e);
}

/* Is the group made, or found as it has to be? */
static int rdt_make_group(struct rt_host *h, const struct op_rdt_group *op, struct err *e)
{
	struct rt_rdt_schema schema = {text(h, op->schema), text(h, op->schema_last)};
	bool any = schema.first || schema.last;
	int r;

	if (!schema.first)
		schema.first = "";
	if (!schema.last)
		schema.last = "";
	if (op->found && !any) /* a missing one is told when it is joined: too late to be clear */
		return rt_rdt_check(text(h, op->path), e);
	r = rt_rdt_make(text(h, op->path), e);
	if (r < 0)
		return r;
	h->rdt_made = r == 1;
	return h->rdt_made || !op->found ? rt_rdt_write(text(h, op->path), &schema, e)
					 : rt_rdt_compare(text(h, op->path), &schema, e);
}

static int rdt_group(struct rt_host *h, const struct op_rdt_group *op, struct err *e)
{
	int r;

	TRY(rdt_make_group(h, op, e));
	if (!op->monitor)
		return 0;
	r = rt_rdt_make(text(h, op->monitor), e);
	if (r == 0)
		return err_set(e, EEXIST, RT_E_RDT, "make monitoring group \"%s\"",
			       text(h, op->monitor));
	h->rdt_monitor_made = r > 0;
	return r < 0 ? r : 0;
}

static int rdt_join(struct rt_host *h, const struct op_rdt_join *op, struct err *e)
{
	return rt_rdt_join(text(h, op->path), text(h, op->monitor), h->pid, e);
}

static int rdt_schema(struct rt_host *h, const struct op_rdt_schema *op, struct err *e)
{
	const struct rt_rdt_schema schema = {text(h, op->schema), ""};

	return rt_rdt_write(text(h, op->path), &schema, e);
}

static int net_device(struct rt_host *h, const struct op_net_device *op, struct err *e)
{
	return rt_net_move(&h->net, h->pid, text(h, op->name), text(h, op->new_name), e);
}

static int oom_score(struct rt_host *h, const struct op_oom_score *op, struct err *e)
{
	char path[48], value[24];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)h->pid);
	snprintf(value, sizeof(value), "%lld", (long long)op->value);
	r = io_write_small(AT_FDCWD, path, value);
	if (r < 0) {
		err_set(e, r, RT_E_SYSTEM, "set oom_score_adj to %s", value);
		if (r == -EACCES)
			err_hint(e, "lowering it takes CAP_SYS_RESOURCE");
	}
	return r;
}

static int scheduler(struct rt_host *h, const struct op_scheduler *op, struct err *e)
{
	/* The document has no value for the utilisation clamps: 0, as with other runtimes. */
	struct rt_sched_attr attr = {.policy = op->policy,
				     .flags = op->flags,
				     .nice = (int32_t)op->nice,
				     .priority = op->priority,
				     .runtime = op->runtime,
				     .deadline = op->deadline,
				     .period = op->period};
	int r = rt_sys_sched_setattr(h->pid, &attr);

	/* rt-init may not yet have put off the caller's cpus; an exec's process has, and may have its own. */
	if (r == -EPERM && op->policy == SCHED_DEADLINE && h->target_pidfd < 0 &&
	    rt_sys_sched_all_cpus(h->pid) == 0)
		r = rt_sys_sched_setattr(h->pid, &attr);
	if (r == 0)
		return 0;
	err_set(e, r, RT_E_HOST, "set scheduler %s", op_value_name(opnames_sched, op->policy));
	if (r == -EPERM)
		err_hint(e, op->policy == SCHED_DEADLINE
				    ? "it takes CAP_SYS_NICE, and a task that may run on all cpus"
				    : "it takes CAP_SYS_NICE, or RLIMIT_NICE and RLIMIT_RTPRIO");
	else if (r == -EBUSY)
		err_hint(e, "the tasks of SCHED_DEADLINE would take more time than the cpus have");
	else if (r == -EOPNOTSUPP)
		err_hint(e, "utilisation clamps take a kernel with CONFIG_UCLAMP_TASK");
	return r;
}

static int io_priority(struct rt_host *h, const struct op_io_priority *op, struct err *e)
{
	int r = rt_sys_ioprio_set(h->pid, (int)(op->class << IOPRIO_CLASS_SHIFT | op->priority));

	if (r < 0) {
		err_set(e, r, RT_E_HOST, "set I/O priority %s %u",
			op_value_name(opnames_ioprio, op->class), op->priority);
		if (r == -EPERM && op->class == IOPRIO_CLASS_RT)
			err_hint(e, "it takes CAP_SYS_NICE or CAP_SYS_ADMIN");
	}
	return r;
}

/* A vector of the plan as NULL-terminated array; NULL when the plan has none or memory is short. */
static const char **vector(const struct rt_host *h, struct op_strv v)
{
	const uint64_t *offsets = (const uint64_t *)(const void *)text(h, v.off);
	const char **argv = offsets ? calloc((size_t)v.n + 1, sizeof(*argv)) : NULL;

	for (uint32_t i = 0; argv && i < v.n; i++)
		argv[i] = text(h, (uint32_t)offsets[i]);
	return argv;
}

static int runtime_hook(struct rt_host *h, const struct op_runtime_hook *op, struct err *e)
{
	_cleanup_free_ const char **args = vector(h, op->args), **env = vector(h, op->env);
	_cleanup_free_ char *state = h->hook_state(h->hook_data, h->pid);
	struct rt_hook hook = {.kind = text(h, op->kind),
			       .index = op->index,
			       .path = text(h, op->path),
			       .args = args,
			       .env = env,
			       .timeout_sec = op->timeout_sec,
			       .out = slot_fd(h, op->out),
			       .err = slot_fd(h, op->err)};

	if (!state || (op->args.off && !args) || (op->env.off && !env))
		return err_nomem(e);
	return rt_hook_run(&hook, state, h->bundle_fd, e);
}

int rt_host_step(struct rt_host *h, const struct op_head *step, struct err *e)
{
	switch ((enum op_code)step->op) {
#define RUN(name)                                                                                  \
	case OP_##name:                                                                            \
		return name(h, (const struct op_##name *)step, e)
		RUN(open_path);
		RUN(open_target);
		RUN(idmap_userns);
		RUN(open_source);
		RUN(gate_listen);
		RUN(notify_dir);
		RUN(hook_output);
		RUN(seccomp_connect);
		RUN(cgroup_create);
		RUN(cgroup_delegate);
		RUN(systemd_property);
	case OP_systemd_unit:
		return rt_unit_run(h, (const struct op_systemd_unit *)step, e);
		RUN(cgroup_enter);
	case OP_systemd_attach:
		return rt_unit_take_in(h, (const struct op_systemd_attach *)step, e);
		RUN(cgroup_enable);
		RUN(memory_bound);
		RUN(rdt_group);
		RUN(id_map);
		RUN(cgroup_write);
		RUN(cgroup_devices);
		RUN(cgroup_chown);
		RUN(cgroup_hand_over);
		RUN(rdt_join);
		RUN(rdt_schema);
		RUN(net_device);
		RUN(oom_score);
		RUN(scheduler);
		RUN(io_priority);
		RUN(seccomp_state);
		RUN(runtime_hook);
#undef RUN
	default:
		return err_set(e, ENOSYS, RT_E_PROTOCOL, "step \"%s\" is not the runtime's",
			       op_desc(step->op)->name);
	}
}

int rt_host_undo(struct rt_host *h, struct err *e)
{
	return h->net ? rt_net_return(h->net, e) : 0;
}

void rt_host_close_fds(struct rt_host *h)
{
	int32_t *slots = h->plan && h->plan->block ? plan_slots(h->plan) : NULL;

	for (uint32_t i = 0; slots && i < h->plan->block->nslots; i++)
		rt_fd_closep(&slots[i]);
	fd_slot_close(&h->cgroup);
	fd_slot_close(&h->delegated);
}

void rt_host_close(struct rt_host *h)
{
	rt_host_close_fds(h);
	rt_net_free(h->net);
	h->net = NULL;
	free(h->cgroup_path);
	h->cgroup_path = NULL;
}
