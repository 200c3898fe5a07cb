/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/container.h"
#include "base/str.h"

/* Tell the caller of one container. Gone meanwhile: nothing to tell. */
static int tell(ocirt_context *ctx, const char *id, ocirt_list_fn fn, void *userdata)
{
	struct ocirt_entry entry = {.struct_size = sizeof(entry), .id = id, .status = "unknown"};
	_cleanup_free_ char *state = NULL;
	_cleanup_(rt_container_close) struct rt_container c = {0};
	struct err e = ERR_INIT;
	char owner[256];
	int r = rt_container_open(ctx, id, RT_UNLOCKED, &c, &e);

	if (r == 0 && c.record) {
		state = rt_container_state(&c, RT_STATE_LINE);
		rt_owner_name(c.record->owner_uid, owner, sizeof(owner));
		entry.status = rt_status_word(c.status);
		entry.pid = rt_container_pid(&c);
		entry.bundle = c.record->bundle;
		entry.created = c.record->created;
		entry.owner = owner;
		entry.state = state;
	} else {
		entry.bundle = entry.created = entry.owner = "";
		entry.error = r < 0 ? e.text : "its creation was interrupted";
	}
	return e.code == RT_E_NOT_FOUND ? 0 : fn(&entry, userdata);
}

static int is_container(const struct dirent *d)
{
	struct err ignored = ERR_INIT;

	return rt_state_check_id(d->d_name, &ignored) == 0;
}

int ocirt_list(ocirt_context *ctx, ocirt_list_fn fn, void *userdata)
{
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
			r = tell(ctx, names[i]->d_name, fn, userdata);
		free(names[i]);
	}
	free(names);
	return r;
}
