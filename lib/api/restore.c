/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a container from images. The plan is that of run; the runtime's steps are done as always,
 * and CRIU takes the place of rt-init: instead of running its steps it makes the processes as they
 * were.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/criu.h"
#include "api/making.h"
#include "base/io.h"
#include "base/str.h"
#include "base/sys.h"
#include "criu/images.h"
#include "criu/outside.h"
#include "criu/talk.h"

/* In the state directory: where CRIU finds the rootfs, and cgroup2 under its name for it. */
#define CRIU_DIR "criu"
#define ROOT_DIR CRIU_DIR "/root"
#define CGROUP_DIR CRIU_DIR "/unified"

struct restore {
	struct rt_making m;
	const struct ocirt_criu_options *given;
	struct rt_criu_options options;
	struct rt_criu_dirs dirs;
	struct fd_slot rootfs;
	struct fd_slot trees[2]; /* clones of mounts, for CRIU: of the rootfs, and of cgroup2 */
	struct rt_criu criu;
	int32_t keep[2]; /* namespaces that CRIU inherits */
	uint32_t nkeep;
	char *cgroup_path, *root_path, *yard_path, *cgroup_mount;
};

/* Of a plan's steps those that are about the host, not about processes that CRIU makes. */
static bool is_hosts(enum op_code op)
{
	switch (op) {
	case OP_open_path:
	case OP_notify_dir:
	case OP_hook_output:
	case OP_cgroup_create:
	case OP_cgroup_delegate:
	case OP_rdt_group:
	case OP_systemd_property:
	case OP_systemd_unit:
	case OP_cgroup_enable:
	case OP_cgroup_write:
	case OP_cgroup_devices:
	case OP_cgroup_chown:
	case OP_cgroup_hand_over:
	case OP_rdt_join:
		return true;
	default:
		return false;
	}
}

static bool is_hook(enum op_code op)
{
	return op == OP_runtime_hook;
}

/* ---- before anything is made ---- */

/*
 * Confinement is the configuration's, not the images': these may come from anywhere (CVE-2024-8676 and
 * its kin). What the caller names goes first, as with runc.
 */
static int choose_labels(struct restore *p, struct err *e)
{
	const struct oci_config *config = p->m.bundle.config;
	const struct str_array *lsms = &p->m.prepared.facts.lsms;
	const char *profile = config->process->apparmor_profile, *kind = NULL;
	const char *mounts = config->linux ? config->linux->mount_label : NULL;

	if (!str_empty(profile) && str_array_has(lsms, "apparmor")) {
		kind = "apparmor";
	} else {
		profile = config->process->selinux_label;
		if (!str_empty(profile) && str_array_has(lsms, "selinux"))
			kind = "selinux";
	}
	if (!str_empty(p->given->lsm_profile)) {
		p->options.lsm_profile = p->given->lsm_profile;
	} else if (kind) {
		p->options.lsm_profile = arena_printf(&p->m.prepared.arena, "%s:%s", kind, profile);
		if (!p->options.lsm_profile)
			return err_nomem(e);
	}
	if (!str_empty(p->given->lsm_mount_context))
		p->options.lsm_mount_context = p->given->lsm_mount_context;
	else if (!str_empty(mounts) && str_array_has(lsms, "selinux"))
		p->options.lsm_mount_context = mounts;
	return 0;
}

/* A pipe's end outside of the container is replaced by what we have under the same number. */
static int choose_stdio(struct restore *p, struct err *e)
{
	const char *names[3];

	TRY(rt_criu_load_descriptors(fd_slot_get(p->dirs.images), &p->m.prepared.arena, names, e));
	for (int i = 0; i < 3; i++)
		if (strstr(names[i], "pipe:"))
			rt_criu_add_inherited(&p->options, names[i], i);
	return p->options.lists.failed ? err_nomem(e) : 0;
}

/*
 * The mode "strict" is that no cgroup may exist. The container's own has to, by the time that CRIU
 * looks, so we look before.
 */
static int check_strict(struct restore *p, struct err *e)
{
	struct rt_prepared *d = &p->m.prepared;

	if (p->options.manage_cgroups_mode != RT_CRIU_CG_STRICT)
		return 0;
	p->options.manage_cgroups_mode = RT_CRIU_CG_FULL;
	TRY(d->driver->check(d->facts.cgroup_root, &d->home, e));
	if (*d->home.path && d->driver == &rt_cgroupfs_driver && d->home.made == 0)
		return err_set(e, EEXIST | RT_NO_TEXT, RT_E_CGROUP,
			       "cgroup \"%s\" exists, which \"strict\" does not allow",
			       d->home.path);
	return 0;
}

static int prepare(struct restore *p, const char *id, struct err *e)
{
	struct rt_making *m = &p->m;
	const char *images = p->given->image_path ? p->given->image_path : "checkpoint";
	int fd;

	TRY(rt_making_prepare(m, id, e));
	TRY(rt_api_criu_options(m->ctx, p->given, &m->prepared.facts, m->bundle.config, &p->options,
				e));
	TRY(rt_criu_dirs_open(images, p->given->work_path, false, "restore.log", &p->dirs, e));
	TRY(check_strict(p, e));
	TRY(choose_labels(p, e));
	TRY(choose_stdio(p, e));
	fd = open(m->bundle.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, RT_E_BUNDLE, "rootfs \"%s\"", m->bundle.rootfs);
	fd_slot_set(&p->rootfs, fd);
	return 0;
}

/* ---- the host's side ---- */

/* A path in the state directory; to be freed, NULL when memory is short. */
static char *state_path(const struct restore *p, const char *name)
{
	_cleanup_free_ char *state = NULL;
	_cleanup_strbuf_ struct strbuf path = {0};

	if (io_fd_path(fd_slot_get(p->m.container.dir), &state) < 0)
		return NULL;
	strbuf_addf(&path, "%s/%s", state, name);
	return strbuf_take(&path);
}

static int clone_tree(const char *path, unsigned int flags, struct fd_slot *ret, struct err *e)
{
	int fd = rt_sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);

	fd_slot_set(ret, fd);
	return fd < 0 ? err_set(e, fd, RT_E_MOUNT, "clone the mount of \"%s\"", path) : 0;
}

/*
 * CRIU wants its root to be a mount, whose parent is not covered. It sees one below the state
 * directory, in a mount namespace that ends with it: nothing of it can be left on the host. There it
 * cannot mount anything in its work directory, which is the caller's, so it is given cgroups too.
 */
static int make_root(struct restore *p, struct err *e)
{
	const char *cgroup_root = p->m.host.cgroup_root;
	int dir = fd_slot_get(p->m.container.dir);

	if (mkdirat(dir, CRIU_DIR, 0700) < 0 || mkdirat(dir, ROOT_DIR, 0700) < 0 ||
	    mkdirat(dir, CGROUP_DIR, 0700) < 0)
		return err_set(e, errno, RT_E_STATE, "make " CRIU_DIR " in the state directory");
	p->root_path = state_path(p, ROOT_DIR);
	p->yard_path = state_path(p, CRIU_DIR);
	p->cgroup_mount = state_path(p, CGROUP_DIR);
	if (!p->root_path || !p->yard_path || !p->cgroup_mount)
		return err_nomem(e);
	TRY(clone_tree(p->m.bundle.rootfs, AT_RECURSIVE, &p->trees[0], e));
	p->options.root = p->root_path;
	if (str_empty(cgroup_root))
		return 0;
	TRY(clone_tree(cgroup_root, 0, &p->trees[1], e));
	p->options.cgroup_yard = p->yard_path;
	return 0;
}

static void remove_root(struct restore *p)
{
	int dir = fd_slot_get(p->m.container.dir);

	fd_slot_close(&p->trees[0]);
	fd_slot_close(&p->trees[1]);
	unlinkat(dir, CGROUP_DIR, AT_REMOVEDIR);
	unlinkat(dir, ROOT_DIR, AT_REMOVEDIR);
	unlinkat(dir, CRIU_DIR, AT_REMOVEDIR);
}

/* The container's processes were in a cgroup that had another name, maybe. */
static int choose_cgroup(struct restore *p, int cgroup, struct err *e)
{
	size_t n = strlen(p->m.host.cgroup_root);

	if (io_fd_path(cgroup, &p->cgroup_path) < 0)
		return err_nomem(e);
	rt_criu_add_cgroup_root(&p->options, p->cgroup_path + n);
	return p->options.lists.failed ? err_nomem(e) : 0;
}

/* What CRIU makes is where it is itself; for the mode "ignore" that is all. */
static int enter_cgroup(struct restore *p, struct err *e)
{
	int cgroup = rt_host_cgroup(&p->m.host);
	char digits[16];
	int r;

	if (cgroup < 0) {
		p->options.manage_cgroups_mode = RT_CRIU_CG_IGNORE;
		return 0;
	}
	snprintf(digits, sizeof(digits), "%d", (int)p->criu.pid);
	r = io_write_small(cgroup, "cgroup.procs", digits);
	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "put criu into the container's cgroup");
	return choose_cgroup(p, cgroup, e);
}

static int start_criu(struct restore *p, struct err *e)
{
	struct rt_making *m = &p->m;
	const struct rt_spawn_mount mounts[] = {
		{fd_slot_get(p->trees[0]), p->root_path},
		{fd_slot_get(p->trees[1]), p->cgroup_mount},
	};
	const struct rt_criu_start start = {
		.program = m->ctx->criu,
		.stdio = m->options->set_stdio ? m->options->stdio : NULL,
		.keep = p->keep,
		.nkeep = p->nkeep,
		.mounts = mounts,
		.nmounts = p->options.cgroup_yard ? 2 : 1,
	};

	TRY(rt_criu_start(&p->criu, &start, e));
	m->host.pid = p->criu.pid; /* what a systemd unit begins with */
	TRY(rt_launch_stage(&m->launch, STAGE_SPAWN, is_hosts, e));
	return enter_cgroup(p, e);
}

/* ---- while CRIU works ---- */

/* All is there, and stands still: from here on it is a container like any other. */
static int restored(struct restore *p, int pid, struct err *e)
{
	struct rt_making *m = &p->m;
	int fd = rt_sys_pidfd_open(pid);

	if (fd < 0)
		return err_set(e, fd, RT_E_CRIU, "the restored init, pid %d", pid);
	fd_slot_set(&m->launch.pidfd, fd);
	m->host.pid = pid;
	TRY(rt_launch_stage(&m->launch, STAGE_HOSTPID, is_hosts, e));
	if (m->options->relay)
		rt_api_block_signals(&m->signals);
	TRY(rt_making_draft(m, e));
	return rt_making_commit(m, e);
}

static int notice(const struct rt_criu_answer *n, struct fd_slot *fd, void *data, struct err *e)
{
	struct restore *p = data;
	struct rt_making *m = &p->m;

	if (streq(n->notice, "orphan-pts-master")) {
		fd_slot_set(&m->launch.console, fd_slot_take(fd));
		return 0;
	}
	if (streq(n->notice, "post-restore"))
		return restored(p, n->pid, e);
	if (!streq(n->notice, "setup-namespaces"))
		return 0;
	/* its namespaces are there, as runtime.md has it for prestart and createRuntime */
	m->host.pid = n->pid;
	return rt_launch_stage(&m->launch, STAGE_HOSTPID, is_hook, e);
}

static int call_criu(struct restore *p, struct err *e)
{
	struct rt_criu_options *o = &p->options;
	const struct rt_criu_call call = {
		.type = RT_CRIU_RESTORE, .options = o, .notice = notice, .data = p};
	struct rt_criu_answer answer;

	o->images_dir_fd = fd_slot_get(p->dirs.images);
	o->work_dir_fd = fd_slot_get(p->dirs.work);
	o->log_file = p->dirs.log;
	o->evasive_devices = true;
	o->rst_sibling = true;
	TRY(rt_criu_call(&p->criu, &call, &p->m.prepared.arena, &answer, e));
	if (!answer.success)
		return rt_criu_failed(&p->dirs, "restore", &answer, e);
	if (fd_slot_get(p->m.launch.pidfd) < 0)
		return err_set(e, EPROTO, RT_E_CRIU, "criu did not tell of the restored processes");
	return 0;
}

static int make(struct restore *p, const char *id, struct err *e)
{
	struct rt_making *m = &p->m;
	int r;

	TRY(prepare(p, id, e));
	TRY(rt_making_state(m, id, e));
	rt_making_host(m);
	TRY(rt_launch_stage(&m->launch, STAGE_HOST, is_hosts, e));
	TRY(rt_criu_make_mountpoints(&m->prepared.plan, fd_slot_get(p->rootfs), e));
	TRY(rt_criu_restore_mounts(&m->prepared.plan, fd_slot_get(p->rootfs), &p->options, e));
	TRY(rt_criu_restore_namespaces(&m->prepared.plan, &p->options, p->keep, &p->nkeep, e));
	TRY(make_root(p, e));
	r = start_criu(p, e);
	if (r == 0)
		r = call_criu(p, e);
	rt_criu_end(&p->criu);
	remove_root(p);
	return r;
}

static void finish(struct restore *p)
{
	rt_making_finish(&p->m);
	rt_criu_options_free(&p->options);
	rt_criu_dirs_close(&p->dirs);
	fd_slot_close(&p->rootfs);
	free(p->cgroup_path);
	free(p->root_path);
	free(p->yard_path);
	free(p->cgroup_mount);
}

int ocirt_restore(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		  const struct ocirt_criu_options *criu, ocirt_process **ret)
{
	struct ocirt_create_options o;
	struct ocirt_criu_options c;
	_cleanup_(finish) struct restore p = {.m = {.ctx = ctx, .options = &o, .restored = true},
					      .given = &c};
	struct rt_making *m = &p.m;
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	TRY(rt_api_options(criu, criu ? criu->struct_size : 0, &c, sizeof(c), e));
	r = make(&p, id, e);
	if (r == 0 && ret)
		r = rt_api_process_new(&m->launch, &m->signals, ret, e);
	if (r < 0)
		rt_making_undo(m, e);
	return r;
}
