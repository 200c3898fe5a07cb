/* SPDX-License-Identifier: Apache-2.0 */
#include "api/container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/bundle.h"
#include "base/io.h"
#include "base/pid.h"
#include "base/spawn.h"
#include "base/str.h"
#include "base/sys.h"
#include "cgroup/driver.h"
#include "host/facts.h"
#include "host_ops/host_ops.h"

#define KILL_MSEC 10000

const char *rt_status_word(enum rt_status status)
{
	static const char *const words[] = {"creating", "created", "running", "paused", "stopped"};

	return words[status];
}

/* Look for the cgroup2 tree, once: what is asked of it is about the same one. */
static int find_cgroup_root(struct rt_container *c, struct err *e)
{
	return c->cgroup_root ? 0 : rt_facts_cgroup_root(&c->cgroup_root, e);
}

int rt_container_open_cgroup(struct rt_container *c, struct err *e)
{
	struct err failure = ERR_INIT;
	int fd = -EBADF, r;

	if (fd_slot_get(c->cgroup) >= 0 || c->succeeded || !c->record ||
	    str_empty(c->record->cgroup_path))
		return 0;
	r = find_cgroup_root(c, &failure);
	if (r == 0 && *c->cgroup_root)
		r = rt_cgroup_open(c->cgroup_root, c->record->cgroup_path, &fd, &failure);
	if (r == -EMFILE || r == -ENFILE || r == -ENOMEM) {
		/* These say nothing of it: a paused container must not be taken for a running one. */
		*e = failure;
		return r;
	}
	if (fd < 0)
		return 0;
	fd_slot_set(&c->cgroup, fd);
	/* It was empty, or gone, when the other one got it: who is in it is not ours. */
	c->succeeded = fd_slot_get(c->pidfd) < 0 && rt_cgroup_populated(fd, &failure) == 1 &&
		       rt_container_has_successor(c);
	if (c->succeeded)
		fd_slot_close(&c->cgroup);
	return 0;
}

/*
 * The gate's socket is removed by `start`. One that is killed may have left it, so the process is
 * looked at too: it is rt-init as long as it waits.
 */
static bool waits_at_gate(const struct rt_container *c)
{
	char path[32], name[32];

	if (faccessat(fd_slot_get(c->dir), RT_STATE_GATE, F_OK, 0) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", c->record->pid);
	return io_read_small(AT_FDCWD, path, name, sizeof(name)) < 0 || streq(name, "rt-init");
}

/* Created, running or paused: its init lives. */
static int living_status(struct rt_container *c, enum rt_status *ret, struct err *e)
{
	struct err ignored = ERR_INIT;

	TRY(rt_container_open_cgroup(c, e));
	/* Also one that is not started: to open the gate of what stands still would take forever. */
	if (fd_slot_get(c->cgroup) >= 0 && rt_cgroup_frozen(fd_slot_get(c->cgroup), &ignored) == 1)
		*ret = RT_PAUSED;
	else
		*ret = waits_at_gate(c) ? RT_CREATED : RT_RUNNING;
	return 0;
}

int rt_container_refresh(struct rt_container *c, struct err *e)
{
	int fd;

	c->status = RT_STOPPED;
	fd_slot_close(&c->pidfd);
	if (!c->record)
		return 0;
	if (streq(c->record->status, "creating")) {
		/* The one who creates it holds the lock, unless we do: then it has died. */
		if (!c->locked && rt_state_is_locked(fd_slot_get(c->dir)))
			c->status = RT_CREATING;
		return 0;
	}
	fd = rt_pid_open(c->record->pid, c->record->start_time);
	if (fd == -ESRCH)
		return 0;
	if (fd < 0)
		return err_set(e, fd, RT_E_STATE, "look for the init of \"%s\"", c->id);
	fd_slot_set(&c->pidfd, fd);
	return living_status(c, &c->status, e);
}

/* An absolute path as rt writes it: not "/" itself, and no component is "", "." or "..". */
static bool is_plain_path(const char *path)
{
	size_t n = 0;

	for (; *path == '/'; path += n) {
		path++;
		n = strcspn(path, "/");
		if (n == 0 || (n <= 2 && strspn(path, ".") >= n))
			return false;
	}
	return n > 0 && !*path;
}

/*
 * Not what rt writes? Then nothing in it may be believed: a path that leads up would have others' processes
 * killed and directories removed.
 */
static int check_record(const struct rt_record *r, const char *id, struct err *e)
{
	const struct {
		const char *key, *value, *below;
	} paths[] = {
		{"cgroupPath", r->cgroup_path, ""},
		{"rdtGroup", r->rdt_group, RT_RESCTRL "/"},
		{"rdtMonitor", r->rdt_monitor, RT_RESCTRL "/"},
	};

	if (!streq(r->id, id))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_STATE,
			       RT_STATE_FILE ": id: it is the record of \"%.255s\"", r->id);
	if (rt_cgroup_driver(r->cgroup_manager) == &rt_systemd_driver && str_empty(r->systemd_unit))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_STATE,
			       RT_STATE_FILE ": systemdUnit: none, and cgroupManager is systemd");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!str_empty(paths[i].value) &&
		    (!is_plain_path(paths[i].value) || !str_starts(paths[i].value, paths[i].below)))
			return err_set(e, EINVAL | RT_NO_TEXT, RT_E_STATE,
				       RT_STATE_FILE ": %s: \"%.200s\" is no path that rt writes",
				       paths[i].key, paths[i].value);
	return 0;
}

static bool has_config(const struct rt_container *c)
{
	return faccessat(fd_slot_get(c->dir), RT_STATE_CONFIG, F_OK, 0) == 0;
}

/*
 * Read the record. None: create was killed before it wrote one. The configuration is saved after it, and
 * removed before it: where that is, before and after a look, somebody else has removed the record.
 */
static int read_record(struct rt_container *c, struct err *e)
{
	int dir = fd_slot_get(c->dir), r = rt_record_read(dir, &c->file, e);

	if (r == -ENOENT && has_config(c))
		r = rt_record_read(dir, &c->file, e);
	if (r == -ENOENT && !has_config(c))
		return 0;
	if (r == -ENOENT)
		err_set(e, ENOENT, RT_E_STATE, RT_STATE_FILE);
	else if (r == 0)
		r = check_record(c->file.record, c->id, e);
	if (r == 0) {
		c->record = c->file.record;
		return 0;
	}
	/* what another look will not mend */
	c->lost = r == -ENOENT || r == -EINVAL || r == -EFBIG || r == -EISDIR;
	err_ctx(e, "container \"%s\"", c->id);
	return c->lost ? err_hint(e, "\"delete --force\" removes what is its own for certain") : r;
}

int rt_container_open(ocirt_context *ctx, const char *id, enum rt_lock lock, struct rt_container *c,
		      struct err *e)
{
	const char *root;
	int fd;

	c->ctx = ctx;
	c->id = id;
	TRY(rt_state_check_id(id, e));
	if (fd_slot_get(c->root) < 0) {
		TRY(rt_api_root(ctx, &root, e));
		fd = rt_state_root(root, false, e);
		if (fd < 0 && fd != -ENOENT)
			return fd;
		fd_slot_set(&c->root, fd);
	}
	fd = rt_state_open(fd_slot_get(c->root), id, lock, e);
	if (fd < 0)
		return fd;
	fd_slot_set(&c->dir, fd);
	c->locked = lock == RT_LOCKED;
	TRY(read_record(c, e));
	return rt_container_refresh(c, e);
}

void rt_container_leave(struct rt_container *c)
{
	fd_slot_close(&c->pidfd);
	fd_slot_close(&c->cgroup);
	fd_slot_close(&c->dir);
	rt_record_free(&c->file);
	c->record = NULL;
	c->succeeded = c->lost = false;
}

void rt_container_close(struct rt_container *c)
{
	rt_container_leave(c);
	fd_slot_close(&c->root);
}

const char *rt_owner_name(struct rt_owner *owner, uint32_t uid)
{
	struct passwd entry = {0}, *pw = NULL;
	char line[1024]; /* not fgetpwent: its buffer is shared with the caller's threads */
	FILE *f;

	if (owner->name[0] && owner->uid == uid)
		return owner->name;
	owner->uid = uid;
	snprintf(owner->name, sizeof(owner->name), "%u", uid);
	f = fopen("/etc/passwd", "re"); /* not getpwuid: a static rt has no NSS */
	while (f && fgetpwent_r(f, &entry, line, sizeof(line), &pw) == 0 && pw->pw_uid != uid)
		pw = NULL;
	if (pw)
		snprintf(owner->name, sizeof(owner->name), "%s", pw->pw_name);
	if (f)
		fclose(f);
	return owner->name;
}

char *rt_state_text(const struct rt_record *record, const char *status, pid_t pid,
		    enum rt_state_form form, const char *owner)
{
	struct rt_state_document d = {.oci_version = record->oci_version,
				      .id = record->id,
				      .pid = pid,
				      .status = status,
				      .bundle = record->bundle,
				      .rootfs = record->rootfs,
				      .created = record->created,
				      .annotations = record->annotations};
	_cleanup_strbuf_ struct strbuf b = {0};
	bool full = form != RT_STATE_FOR_HOOK;

	d.has.oci_version = d.has.id = d.has.pid = d.has.status = d.has.bundle = true;
	d.has.annotations = d.annotations.n > 0;
	d.has.rootfs = full && d.rootfs;
	d.has.created = full && d.created;
	d.owner = owner;
	d.has.owner = full;
	rt_bind_emit(&rt_state_schema, BIND_ID(rt_state_document), &d,
		     form == RT_STATE_PRETTY ? BIND_EMIT_PRETTY : 0, &b);
	return strbuf_take(&b);
}

pid_t rt_container_pid(const struct rt_container *c)
{
	return fd_slot_get(c->pidfd) >= 0 ? c->record->pid : 0;
}

char *rt_container_state(const struct rt_container *c, enum rt_state_form form)
{
	struct rt_owner looked_up = {0}, *owner = c->owner ? c->owner : &looked_up;
	bool full = form != RT_STATE_FOR_HOOK;

	return rt_state_text(c->record, rt_status_word(c->status), rt_container_pid(c), form,
			     full ? rt_owner_name(owner, c->record->owner_uid) : NULL);
}

/*
 * An init that has ended may be a child of ours, of a program that used create: nobody else can
 * reap it. For other callers waitid refuses.
 */
static void reap_init(const struct rt_record *record)
{
	_cleanup_close_ int fd = -EBADF;
	uint64_t start_time;
	char state;

	if (!record->has.pid || rt_pid_stat(record->pid, &start_time, &state) < 0 || state != 'Z' ||
	    start_time != record->start_time)
		return;
	fd = rt_sys_pidfd_open(record->pid);
	if (fd >= 0)
		rt_spawn_wait(fd, 0, NULL);
}

static int kill_init(struct rt_container *c, struct err *e)
{
	int pidfd = fd_slot_get(c->pidfd), cgroup = fd_slot_get(c->cgroup);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	rt_sys_pidfd_send_signal(pidfd, SIGKILL);
	/* Our own child, after a failed create, has to be reaped; others' only ended. */
	if (rt_spawn_wait(pidfd, KILL_MSEC, NULL) != -ETIMEDOUT && poll(&p, 1, 0) > 0)
		return 0;
	/* It waits for the others of its pid namespace: which of them is stuck, and where? */
	if (cgroup >= 0)
		TRY(rt_cgroup_stragglers(cgroup, KILL_MSEC, e));
	return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BUSY,
		       "the init of \"%s\", pid %d, did not end within %d ms", c->id,
		       c->record->pid, KILL_MSEC);
}

/* Is this process in the cgroup, or below it? It would kill itself, and half the work would be left. */
static int check_outside(const struct rt_container *c, struct err *e)
{
	const char *path = c->record->cgroup_path;
	_cleanup_free_ char *own = NULL;
	size_t n = strlen(path);

	if (rt_pid_cgroup(getpid(), &own) < 0 || strncmp(own, path, n) != 0 ||
	    (own[n] && own[n] != '/'))
		return 0;
	return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BUSY,
		       "cannot kill the processes of \"%s\": its cgroup \"%s\" is the caller's too",
		       c->id, path);
}

/* SIGKILL to the init, and to everything in the cgroup, and wait until they are gone. */
static int kill_all(struct rt_container *c, struct err *e)
{
	int cgroup = fd_slot_get(c->cgroup), r = 0;
	int populated = cgroup >= 0 ? rt_cgroup_populated(cgroup, e) : 0;

	if (populated < 0)
		return populated;
	if (populated) {
		TRY(check_outside(c, e));
		TRY(rt_cgroup_kill(cgroup, e));
	}
	if (fd_slot_get(c->pidfd) >= 0)
		r = kill_init(c, e);
	else
		reap_init(c->record);
	if (r == 0 && populated)
		r = rt_cgroup_wait_empty(cgroup, KILL_MSEC, e);
	if (r == -EBUSY)
		err_hint(e, "they got SIGKILL, and end when the kernel lets go of them; until then "
			    "the container stays: delete it again");
	return r;
}

/* What annotations say of the output of hooks: descriptors owned by the caller, or none. */
static int open_hook_outputs(const struct oci_config *config, struct fd_slot ret[2], struct err *e)
{
	for (int i = 0; i < 2; i++) {
		const char *path = rt_hook_output_path(&config->annotations, i);
		int fd = path ? rt_hook_open_output(path, e) : -1;

		if (path && fd < 0)
			return fd;
		fd_slot_set(&ret[i], fd);
	}
	return 0;
}

/* poststop: what fails is told, and the next one has its turn (runtime.md, "Lifecycle" 14). */
static int run_list(struct rt_container *c, const struct rt_bundle *b, bool poststop,
		    const char *state, struct err *e)
{
	const char *kind = poststop ? "poststop" : "poststart";
	const struct oci_hook_array *hooks = poststop ? &b->config->hooks->poststop
						      : &b->config->hooks->poststart;
	struct fd_slot files[2] = {{0}};
	int r = hooks->n ? open_hook_outputs(b->config, files, e) : 0;
	const int output[] = {fd_slot_get(files[0]), fd_slot_get(files[1])};

	if (r < 0 && poststop) {
		rt_api_log(c->ctx, OCIRT_LOG_WARNING, "hooks.%s: %s", kind, e->text);
		err_clear(e);
		r = 0;
	}
	for (size_t i = 0; i < hooks->n && r == 0; i++) {
		r = rt_hook_run_spec(&hooks->v[i], kind, (uint32_t)i, state, output,
				     fd_slot_get(b->dir), e);
		if (r < 0)
			err_field(e, "hooks.%s[%zu]", kind, i);
		if (r < 0 && poststop) {
			rt_api_log(c->ctx, OCIRT_LOG_WARNING, "%s: %s", e->field, e->text);
			err_clear(e);
			r = 0;
		}
	}
	fd_slot_close(&files[0]);
	fd_slot_close(&files[1]);
	return r;
}

/* Run the hooks of one kind from the saved configuration. */
static int run_hooks(struct rt_container *c, bool poststop, struct err *e)
{
	_cleanup_free_ char *state = NULL;
	_cleanup_(rt_bundle_free) struct rt_bundle b = {0};

	if (c->record->has.late_hooks && !c->record->late_hooks)
		return 0;
	TRY(rt_bundle_open_saved(fd_slot_get(c->dir), c->record->bundle, &b, e));
	if (!b.config->hooks)
		return 0;
	state = rt_state_text(c->record, poststop ? "stopped" : "running",
			      poststop ? 0 : c->record->pid, RT_STATE_FOR_HOOK, NULL);
	return state ? run_list(c, &b, poststop, state, e) : err_nomem(e);
}

int rt_container_poststart(struct rt_container *c, struct err *e)
{
	return run_hooks(c, false, e);
}

static int remove_cgroup(struct rt_container *c, struct err *e)
{
	const struct rt_record *r = c->record;
	const struct rt_cgroup_driver *driver = rt_cgroup_driver(r->cgroup_manager);
	const struct rt_cgroup_home home = {
		.path = r->cgroup_path,
		.made = (int)r->cgroup_made,
		.unit = {.name = r->systemd_unit, .user = r->systemd_user},
	};

	if (str_empty(home.path) || (driver == &rt_systemd_driver && !home.unit.name))
		return 0;
	TRY(find_cgroup_root(c, e));
	if (!*c->cgroup_root)
		return err_set(e, ENOENT | RT_NO_TEXT, RT_E_CGROUP,
			       "cannot remove cgroup \"%s\": cgroup2 is not mounted", home.path);
	return driver->remove(c->cgroup_root, &home, KILL_MSEC, e);
}

/* The monitoring group is a part of the group. One that is missing is as good as removed. */
static int remove_rdt(const struct rt_record *r, struct err *e)
{
	const char *dirs[] = {r->has.rdt_monitor ? r->rdt_monitor : NULL,
			      r->has.rdt_group ? r->rdt_group : NULL};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (dirs[i] && rmdir(dirs[i]) < 0 && errno != ENOENT)
			return err_set(e, errno, RT_E_RDT, "remove resctrl group \"%s\"", dirs[i]);
	return 0;
}

/*
 * Mostly all processes have ended, and this one call is all: the kernel refuses it while there is a
 * process, or a cgroup below.
 */
static bool removed_at_once(struct rt_container *c)
{
	const struct rt_record *r = c->record;
	struct err ignored = ERR_INIT;
	char path[PATH_MAX];

	return fd_slot_get(c->pidfd) < 0 && !str_empty(r->cgroup_path) && r->cgroup_made == 1 &&
	       rt_cgroup_driver(r->cgroup_manager) == &rt_cgroupfs_driver &&
	       find_cgroup_root(c, &ignored) == 0 && *c->cgroup_root &&
	       str_fmt(path, sizeof(path), "%s%s", c->cgroup_root, r->cgroup_path) > 0 &&
	       rmdir(path) == 0;
}

static int end_processes(struct rt_container *c, struct err *e)
{
	if (removed_at_once(c)) {
		reap_init(c->record);
		return rt_cgroup_remove_parents(c->cgroup_root, c->record->cgroup_path, 1, e);
	}
	TRY(rt_container_open_cgroup(c, e));
	TRY(kill_all(c, e));
	return c->succeeded ? 0 : remove_cgroup(c, e);
}

int rt_container_destroy(struct rt_container *c, bool hooks, struct err *e)
{
	struct err ignored = ERR_INIT;

	if (c->record) {
		TRY(end_processes(c, e));
		TRY(remove_rdt(c->record, e));
		if (hooks && run_hooks(c, true, &ignored) < 0)
			rt_api_log(c->ctx, OCIRT_LOG_WARNING, "poststop hooks: %s", ignored.text);
	}
	return rt_state_remove(fd_slot_get(c->root), c->id, fd_slot_get(c->dir), e);
}
