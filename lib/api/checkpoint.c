/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint: the state of a container goes to images, by CRIU. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/bundle.h"
#include "api/container.h"
#include "api/criu.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "criu/images.h"
#include "criu/outside.h"
#include "criu/talk.h"

#define FREEZE_MSEC 10000

struct checkpoint {
	ocirt_context *ctx;
	const struct ocirt_criu_options *given;
	struct rt_container container;
	struct rt_bundle bundle;
	struct rt_prepared prepared; /* of its creation: what it has from outside */
	struct rt_criu_options options;
	struct rt_criu_dirs dirs;
	struct fd_slot root, status;
	struct strbuf cgroup_path;
};

static int check_status(const struct rt_container *c, struct err *e)
{
	if (c->status == RT_RUNNING || c->status == RT_PAUSED)
		return 0;
	return err_set(e, EINVAL | RT_NO_TEXT, RT_E_BAD_STATE,
		       "container cannot be checkpointed in %s state", rt_status_word(c->status));
}

/* Relative to the images, so that all of them can be moved together (criu(8), --prev-images-dir). */
static int check_parent(const struct checkpoint *p, struct err *e)
{
	const char *parent = p->given->parent_path;
	struct stat st;

	if (str_empty(parent))
		return 0;
	if (parent[0] == '/')
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "parent path \"%s\" must be relative to the image path", parent);
	if (fstatat(fd_slot_get(p->dirs.images), parent, &st, 0) < 0)
		return err_set(e, errno, RT_E_CRIU, "images \"%s\" of an earlier checkpoint",
			       parent);
	return 0;
}

static int open_root(struct checkpoint *p, struct err *e)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root", p->container.record->pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd_slot_set(&p->root, fd);
	return fd < 0 ? err_set(e, errno, RT_E_CRIU, "the container's root") : 0;
}

/* The container stands still by its cgroup's freezer: no fork escapes it. */
static int choose_freezer(struct checkpoint *p, struct err *e)
{
	const struct rt_container *c = &p->container;

	if (fd_slot_get(c->cgroup) < 0)
		return 0;
	strbuf_addf(&p->cgroup_path, "%s%s", c->cgroup_root, c->record->cgroup_path);
	p->options.freeze_cgroup = p->cgroup_path.s;
	return p->cgroup_path.failed ? err_nomem(e) : 0;
}

/* All that can be found wrong while the container still runs. */
static int prepare(struct checkpoint *p, struct err *e)
{
	struct rt_container *c = &p->container;
	struct rt_criu_options *o = &p->options;

	TRY(check_status(c, e));
	TRY(rt_container_open_cgroup(c, e));
	TRY(rt_prepare_again(p->ctx, fd_slot_get(c->dir), c->record, false, &p->bundle,
			     &p->prepared, e));
	TRY(rt_api_criu_options(p->ctx, p->given, &p->prepared.facts, p->bundle.config, o, e));
	TRY(rt_criu_dirs_open(p->given->image_path ? p->given->image_path : "checkpoint",
			      p->given->work_path, true, "dump.log", &p->dirs, e));
	TRY(check_parent(p, e));
	TRY(open_root(p, e));
	TRY(choose_freezer(p, e));
	TRY(rt_criu_dump_mounts(&p->prepared.plan, fd_slot_get(p->root), o, e));
	TRY(rt_criu_dump_namespaces(&p->prepared.plan, c->record->pid, o, e));
	o->images_dir_fd = fd_slot_get(p->dirs.images);
	o->work_dir_fd = fd_slot_get(p->dirs.work);
	o->log_file = p->dirs.log;
	o->pid = c->record->pid;
	o->root = p->bundle.rootfs;
	o->leave_running = p->given->leave_running;
	o->parent_img = str_empty(p->given->parent_path) ? NULL : p->given->parent_path;
	o->track_mem = o->parent_img || p->given->pre_dump;
	return p->given->pre_dump ? 0
				  : rt_criu_save_descriptors((int)o->images_dir_fd, (int)o->pid, e);
}

/* criu(8), --status-fd: pages can be asked for. */
static int notice(const struct rt_criu_answer *n, struct fd_slot *fd, void *data, struct err *e)
{
	struct checkpoint *p = data;

	(void)fd;
	if (!streq(n->notice, "status-ready") || fd_slot_get(p->status) < 0)
		return 0;
	if (write(fd_slot_get(p->status), "", 1) != 1)
		return err_set(e, errno, RT_E_USAGE, "write to the status descriptor");
	fd_slot_close(&p->status);
	return 0;
}

static int dump(struct checkpoint *p, struct err *e)
{
	const struct rt_criu_start start = {.program = p->ctx->criu, .quiet = true};
	const struct rt_criu_call call = {
		.type = p->given->pre_dump ? RT_CRIU_PRE_DUMP : RT_CRIU_DUMP,
		.options = &p->options,
		.notice = notice,
		.data = p,
	};
	struct rt_criu_answer answer;
	struct rt_criu criu = {0};
	int r = rt_criu_start(&criu, &start, e);

	if (r == 0)
		r = rt_criu_call(&criu, &call, &p->prepared.arena, &answer, e);
	rt_criu_end(&criu);
	if (r == 0 && !answer.success)
		r = rt_criu_failed(&p->dirs, p->given->pre_dump ? "pre-dump" : "dump", &answer, e);
	return r;
}

/* CRIU lets go of what it holds; one that was killed leaves the cgroup frozen. */
static void let_go_on(struct checkpoint *p)
{
	struct err ignored = ERR_INIT;
	int cgroup = fd_slot_get(p->container.cgroup);

	if (cgroup >= 0 && p->container.status == RT_RUNNING &&
	    rt_cgroup_frozen(cgroup, &ignored) == 1 &&
	    rt_cgroup_freeze(cgroup, false, FREEZE_MSEC, &ignored) < 0)
		rt_api_log(p->ctx, OCIRT_LOG_WARNING, "%s", ignored.text);
}

static int checkpoint(struct checkpoint *p, const char *id, struct err *e)
{
	bool stays = p->given->leave_running || p->given->pre_dump;
	int r;

	TRY(rt_container_open(p->ctx, id, RT_LOCKED, &p->container, e));
	TRY(prepare(p, e));
	r = dump(p, e);
	if (r < 0 || stays)
		let_go_on(p);
	if (r < 0 || stays)
		return r;
	return rt_container_destroy(&p->container, true, e) < 0 ? err_ctx(e, "after the checkpoint")
								: 0;
}

static void finish(struct checkpoint *p)
{
	rt_criu_options_free(&p->options);
	rt_criu_dirs_close(&p->dirs);
	strbuf_free(&p->cgroup_path);
	fd_slot_close(&p->root);
	fd_slot_close(&p->status);
	rt_prepared_free(&p->prepared);
	rt_bundle_free(&p->bundle);
	rt_container_close(&p->container);
}

int ocirt_checkpoint(ocirt_context *ctx, const char *id, const struct ocirt_criu_options *options)
{
	struct ocirt_criu_options o;
	_cleanup_(finish) struct checkpoint p = {.ctx = ctx, .given = &o};
	struct err *e;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	if (o.set_status_fd)
		fd_slot_set(&p.status, o.status_fd);
	return checkpoint(&p, id, e);
}
