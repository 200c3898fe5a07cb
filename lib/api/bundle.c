/* SPDX-License-Identifier: Apache-2.0 */
#include "api/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "spec/check.h"
#include "state/state.h"

#define CONFIG_NAME "config.json"

/* Without procfs nothing is known of a container's processes, and their names are not ours to guess. */
static int hint_at_proc(struct err *e)
{
	return access("/proc/self", F_OK) < 0 ? err_hint(e, "/proc is not mounted") : -e->no;
}

static int open_directory(const char *path, struct rt_bundle *b, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return err_set(e, errno, RT_E_BUNDLE, "bundle \"%s\"", path);
	fd_slot_set(&b->dir, fd);
	r = io_fd_path(fd, &b->path);
	if (r >= 0)
		return 0;
	err_set(e, r, RT_E_BUNDLE, "path of bundle \"%s\"", path);
	return hint_at_proc(e);
}

int rt_bundle_open(const struct ocirt_create_options *options, struct rt_bundle *b, struct err *e)
{
	const char *dir = options->bundle ? options->bundle : ".";
	const char *file = options->config ? options->config : CONFIG_NAME;
	int r;

	TRY(open_directory(dir, b, e));
	b->name = strdup(file);
	if (!b->name)
		return err_nomem(e);
	/* --config is a path of the caller's, the default one of the bundle's */
	r = io_read_file(options->config ? AT_FDCWD : fd_slot_get(b->dir), file, JSON_MAX_BYTES,
			 &b->text, &b->len);
	/* a pipe could keep us waiting, and its text is gone once it was read */
	if (r == -EINVAL)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_BUNDLE,
			       "\"%s\" of bundle \"%s\" is not a regular file", file, dir);
	if (r < 0)
		return err_set(e, r, RT_E_BUNDLE, "read \"%s\" of bundle \"%s\"", file, dir);
	return 0;
}

int rt_bundle_open_saved(int state_dir, const char *bundle_path, struct rt_bundle *b, struct err *e)
{
	int r;

	b->path = strdup(bundle_path);
	b->name = strdup(CONFIG_NAME);
	if (!b->path || !b->name)
		return err_nomem(e);
	/* the bundle may be gone meanwhile; nothing but the working directory of hooks needs it */
	fd_slot_set(&b->dir, open(bundle_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	r = io_read_file(state_dir, RT_STATE_CONFIG, JSON_MAX_BYTES, &b->text, &b->len);
	if (r < 0)
		return err_set(e, r, RT_E_STATE, "read the saved %s", RT_STATE_CONFIG);
	TRY(rt_bind_parse(&b->doc, &rt_oci_schema, BIND_ID(oci_config), b->name, b->text, b->len,
			  NULL, e));
	b->config = b->doc.root;
	return 0;
}

static int check(struct rt_bundle *b, struct problems *list, struct err *e)
{
	TRY(rt_bind_parse(&b->doc, &rt_oci_schema, BIND_ID(oci_config), b->name, b->text, b->len,
			  list, e));
	b->config = b->doc.root;
	return rt_check_config(&b->doc, list, e);
}

static void log_warnings(ocirt_context *ctx, const struct rt_bundle *b, struct problems *list)
{
	rt_problems_sort(list);
	for (size_t i = 0; i < list->n; i++) {
		const struct problem *p = &list->v[i];

		if (p->severity == PROBLEM_WARNING)
			rt_api_log(ctx, OCIRT_LOG_WARNING, "%s:%u:%u: %s%s%s%s%s", b->name, p->line,
				   p->column, p->field, *p->field ? ": " : "", p->message,
				   *p->suggestion ? ", " : "", p->suggestion);
	}
}

int rt_bundle_check(ocirt_context *ctx, struct rt_bundle *b, struct err *e)
{
	_cleanup_(rt_problems_free) struct problems list = {0};
	int r;

	if (!rt_api_logs(ctx, OCIRT_LOG_WARNING))
		return check(b, NULL, e);
	r = check(b, &list, e);
	log_warnings(ctx, b, &list);
	return r;
}

int rt_bundle_problems(struct rt_bundle *b, struct problems *list, struct err *e)
{
	/* Both go on after an error; the list has them all. */
	rt_bind_parse(&b->doc, &rt_oci_schema, BIND_ID(oci_config), b->name, b->text, b->len, list,
		      e);
	if (b->doc.root)
		rt_check_config(&b->doc, list, e);
	rt_problems_sort(list);
	return e->code == RT_E_NOMEM ? -ENOMEM : (int)list->errors;
}

int rt_bundle_rootfs(struct rt_bundle *b, struct err *e)
{
	const char *path = b->config->root->path;
	_cleanup_strbuf_ struct strbuf full = {0};
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (path[0] != '/')
		strbuf_addf(&full, "%s/", b->path);
	strbuf_add(&full, path);
	if (full.failed)
		return err_nomem(e);
	fd = open(full.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : io_fd_path(fd, &b->rootfs);
	if (r < 0) {
		err_set(e, r, RT_E_BUNDLE, "rootfs \"%s\"", full.s);
		hint_at_proc(e);
	} else if (streq(b->rootfs, "/")) {
		err_set(e, EINVAL | RT_NO_TEXT, RT_E_BUNDLE,
			"rootfs \"/\": the host's root cannot be the container's");
	} else {
		return 0;
	}
	return err_field(e, "root.path");
}

void rt_bundle_free(struct rt_bundle *b)
{
	rt_bind_free(&b->doc);
	fd_slot_close(&b->dir);
	free(b->path);
	free(b->text);
	free(b->name);
	free(b->rootfs);
	*b = (struct rt_bundle){0};
}
