/* SPDX-License-Identifier: Apache-2.0 */
#include "api/context.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "plan/desc.h"

#define DEFAULT_ROOT "/run/rt"

int ocirt_context_new(ocirt_context **ret)
{
	ocirt_context *ctx;

	if (!ret)
		return -EINVAL;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	err_clear(&ctx->err);
	ctx->stage = "";
	*ret = ctx;
	return 0;
}

void ocirt_context_free(ocirt_context *ctx)
{
	if (!ctx)
		return;
	free(ctx->root);
	free(ctx->notify_socket);
	free(ctx->criu);
	free(ctx);
}

void ocirt_free(void *p)
{
	free(p);
}

struct err *rt_api_begin(ocirt_context *ctx)
{
	err_clear(&ctx->err);
	ctx->stage = "";
	return &ctx->err;
}

/* An absolute path without "." components and doubled slashes at its end. */
static char *absolute(const char *dir)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	_cleanup_free_ char *cwd = NULL;

	if (dir[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return NULL;
		strbuf_addf(&b, "%s/", cwd);
	}
	strbuf_add(&b, dir);
	while (!b.failed && b.len > 1 && b.s[b.len - 1] == '/')
		b.s[--b.len] = '\0';
	return strbuf_take(&b);
}

int ocirt_context_set_root(ocirt_context *ctx, const char *dir)
{
	struct err *e;
	char *path;

	if (!ctx)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (str_empty(dir))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "the state root is empty");
	path = absolute(dir);
	if (!path)
		return err_nomem(e);
	if (streq(path, "/")) {
		free(path);
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "the state root is \"/\"");
	}
	free(ctx->root);
	ctx->root = path;
	return 0;
}

static bool in_user_namespace(void)
{
	char map[64];
	uint32_t inside = 1, outside = 1, count = 0;

	/* All ids are mapped to themselves, in one line: that is the initial one. Else there is more. */
	if (io_read_small(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) >= 0)
		sscanf(map, "%" SCNu32 " %" SCNu32 " %" SCNu32, &inside, &outside, &count);
	return inside != 0 || outside != 0 || count != UINT32_MAX;
}

/*
 * Root is not asked: the variable may be that of the user who became root with su. But root of a user
 * namespace is a user (rootless podman calls from there), unless that is the root of a container.
 * runc tells the two apart by $USER, and so do we.
 */
static bool is_user(void)
{
	const char *user = getenv("USER");

	return geteuid() != 0 || ((!user || !streq(user, "root")) && in_user_namespace());
}

int rt_api_root(ocirt_context *ctx, const char **ret, struct err *e)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	_cleanup_strbuf_ struct strbuf b = {0};

	if (!ctx->root) {
		if (!str_empty(runtime_dir) && runtime_dir[0] == '/' && is_user())
			strbuf_addf(&b, "%s/rt", runtime_dir);
		else
			strbuf_add(&b, DEFAULT_ROOT);
		ctx->root = strbuf_take(&b);
		if (!ctx->root)
			return err_nomem(e);
	}
	*ret = ctx->root;
	return 0;
}

int ocirt_context_set_notify_socket(ocirt_context *ctx, const char *address)
{
	struct err *e;
	char *copy = NULL;

	if (!ctx)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (!str_empty(address)) {
		TRY(rt_sd_notify_check(address, e));
		copy = strdup(address);
		if (!copy)
			return err_nomem(e);
	}
	free(ctx->notify_socket);
	ctx->notify_socket = copy;
	return 0;
}

int ocirt_context_set_criu(ocirt_context *ctx, const char *program)
{
	struct err *e;
	char *copy;

	if (!ctx)
		return -EINVAL;
	e = rt_api_begin(ctx);
	copy = program ? strdup(program) : NULL;
	if (program && !copy)
		return err_nomem(e);
	free(ctx->criu);
	ctx->criu = copy;
	return 0;
}

int ocirt_context_set_cgroup_manager(ocirt_context *ctx, enum ocirt_cgroup_manager manager)
{
	struct err *e;

	if (!ctx)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (manager != OCIRT_CGROUP_CGROUPFS && manager != OCIRT_CGROUP_SYSTEMD &&
	    manager != OCIRT_CGROUP_DISABLED)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "unknown cgroup manager");
	ctx->cgroup_manager = manager;
	return 0;
}

void ocirt_context_set_log(ocirt_context *ctx, enum ocirt_log_level level, ocirt_log_fn fn,
			   void *userdata)
{
	if (!ctx)
		return;
	ctx->log_level = level;
	ctx->log_fn = fn;
	ctx->log_data = userdata;
}

bool rt_api_logs(const ocirt_context *ctx, enum ocirt_log_level level)
{
	return ctx->log_fn && level <= ctx->log_level;
}

void rt_api_log(ocirt_context *ctx, enum ocirt_log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (!rt_api_logs(ctx, level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ctx->log_fn(level, line, ctx->log_data);
}

void rt_api_stage(ocirt_context *ctx, const struct plan *plan)
{
	const struct op_head *step;

	if (ctx->err.step == RT_NO_STEP || !plan->block)
		return;
	step = plan_step(plan, ctx->err.step);
	if (step)
		ctx->stage = plan_stage_name(step->stage);
}

int rt_api_options(const void *given, size_t given_size, void *ret, size_t size, struct err *e)
{
	memset(ret, 0, size);
	if (!given)
		return 0;
	if (given_size < sizeof(size_t))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "struct_size of the options is not set");
	for (size_t i = size; i < given_size; i++)
		if (((const char *)given)[i])
			return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_UNSUPPORTED,
				       "an option is set that libocirt %s does not know",
				       ocirt_version());
	memcpy(ret, given, MIN(given_size, size));
	return 0;
}

const char *ocirt_error_message(const ocirt_context *ctx)
{
	/* The line is composed on demand, into the context: const to the caller only. */
	ocirt_context *c = (ocirt_context *)(uintptr_t)ctx;
	const struct err *e;

	if (!c)
		return "";
	e = &c->err;
	snprintf(c->message, sizeof(c->message), "%s%s%s%s%s", e->at, e->at[0] ? ": " : "",
		 e->field, e->field[0] ? ": " : "", e->text);
	return c->message;
}

const char *ocirt_error_code(const ocirt_context *ctx)
{
	return err_code_word(ctx ? ctx->err.code : RT_E_NONE);
}

int ocirt_error_errno(const ocirt_context *ctx)
{
	return ctx ? ctx->err.no : 0;
}

const char *ocirt_error_field(const ocirt_context *ctx)
{
	return ctx ? ctx->err.field : "";
}

const char *ocirt_error_hint(const ocirt_context *ctx)
{
	return ctx ? ctx->err.hint : "";
}

const char *ocirt_error_stage(const ocirt_context *ctx)
{
	return ctx ? ctx->stage : "";
}

int rt_api_check_preserved(unsigned int n, struct err *e)
{
	for (unsigned int i = 0; i < n; i++)
		if (i > 65535 || fcntl((int)(3 + i), F_GETFD) < 0)
			return err_set(e, EBADF, RT_E_USAGE, "file descriptor %u to preserve",
				       3 + i);
	return 0;
}
