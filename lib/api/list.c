/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/container.h"
#include "base/str.h"

/*
 * Tell the caller of one container, in *c what was found out with those before. Gone meanwhile: nothing
 * to tell.
 */
static int tell(struct rt_container *c, const char *id, ocirt_list_fn fn, void *userdata)
{
	struct ocirt_entry entry = {.struct_size = sizeof(entry), .id = id, .status = "unknown"};
	_cleanup_free_ char *state = NULL;
	struct err e = ERR_INIT;
	int r = rt_container_open(c->ctx, id, RT_UNLOCKED, c, &e);

	if (r == 0 && c->record) {
		state = rt_container_state(c, RT_STATE_LINE);
		entry.status = rt_status_word(c->status);
		entry.pid = rt_container_pid(c);
		entry.bundle = c->record->bundle;
		entry.created = c->record->created;
		entry.owner = rt_owner_name(c->owner, c->record->owner_uid);
		entry.state = state;
	} else {
		entry.bundle = entry.created = entry.owner = "";
		entry.error = r < 0 ? e.text : "its creation was interrupted";
	}
	r = e.code == RT_E_NOT_FOUND ? 0 : fn(&entry, userdata);
	rt_container_leave(c);
	return r;
}

static int is_container(const struct dirent *d)
{
	struct err ignored = ERR_INIT;

	return rt_state_check_id(d->d_name, &ignored) == 0;
}

static bool is_successor(const struct rt_container *c, const struct rt_container *other)
{
	return !streq(other->id, c->id) && other->record && other->status != RT_STOPPED &&
	       !str_empty(other->record->cgroup_path) &&
	       streq(other->record->cgroup_path, c->record->cgroup_path);
}

bool rt_container_has_successor(const struct rt_container *c)
{
	struct rt_container other = {.ctx = c->ctx};
	struct err ignored = ERR_INIT;
	const char *root;
	bool found = false;
	DIR *dir;

	if (rt_api_root(c->ctx, &root, &ignored) < 0)
		return false;
	dir = opendir(root);
	for (const struct dirent *d; !found && dir && (d = readdir(dir));) {
		if (is_container(d) &&
		    rt_container_open(c->ctx, d->d_name, RT_UNLOCKED, &other, &ignored) == 0)
			found = is_successor(c, &other);
		rt_container_leave(&other);
	}
	if (dir)
		closedir(dir);
	rt_container_close(&other);
	return found;
}

int ocirt_list(ocirt_context *ctx, ocirt_list_fn fn, void *userdata)
{
	struct rt_owner owner = {0};
	struct rt_container c = {.ctx = ctx, .owner = &owner};
	struct dirent **names = NULL;
	const char *root;
	struct err *e;
	int n, r = 0;

	if (!ctx || !fn)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_root(ctx, &root, e));
	n = scandir(root, &names, is_container, alphasort);
	if (n < 0)
		return errno == ENOENT ? 0
				       : err_set(e, errno, RT_E_STATE, "state root \"%s\"", root);
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = tell(&c, names[i]->d_name, fn, userdata);
		free(names[i]);
	}
	free(names);
	rt_container_close(&c);
	return r;
}
