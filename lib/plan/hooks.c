/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that run while the container is made (config.md, POSIX-platform Hooks). poststart and
 * poststop are no steps of this plan: they run in other commands, from the saved document.
 */
#include "base/str.h"
#include "plan/parts.h"
#include "spec/annotations.h"
#include "spec/bind.h"

static uint32_t timeout_sec(const struct oci_hook *h)
{
	return h->timeout > 0 ? (uint32_t)MIN(h->timeout, (int64_t)UINT32_MAX) : 0;
}

/* execve wants an argv[0]: without args it is the path. */
static struct op_strv args_of(struct plan_ctx *c, const struct oci_hook *h)
{
	return h->args.n ? plan_strv(c->b, h->args.v, h->args.n) : plan_strv(c->b, &h->path, 1);
}

const char *rt_hook_output_path(const struct str_map *annotations, bool err)
{
	const struct str_pair *file = rt_annotation_get(
		annotations, err ? RT_ANNOTATION_HOOKS_STDERR : RT_ANNOTATION_HOOKS_STDOUT);

	return file && !str_empty(file->value) ? file->value : NULL;
}

static uint32_t open_output(struct plan_ctx *c, bool err)
{
	const char *path = rt_hook_output_path(&c->config->annotations, err);
	struct op_hook_output *s;

	if (!path)
		return NO_SLOT;
	s = PLAN_ADD(c->b, hook_output, &c->config->annotations);
	s->path = plan_str(c->b, path);
	return s->slot = plan_slot(c->b, err ? "hook-stderr" : "hook-stdout");
}

void plan_hook_outputs(struct plan_ctx *c)
{
	const struct oci_hooks *h = c->config->hooks;

	if (!plan_has_runtime_hooks(c) && !(h && (h->create_container.n || h->start_container.n)))
		return;
	c->hook_out = open_output(c, false);
	c->hook_err = open_output(c, true);
}

static void runtime_hooks(struct plan_ctx *c, const char *kind, const struct oci_hook_array *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_hook *h = &list->v[i];
		struct op_runtime_hook *s = PLAN_ADD(c->b, runtime_hook, h);

		s->kind = plan_str(c->b, kind);
		s->index = (uint32_t)i;
		s->path = plan_str(c->b, h->path);
		s->args = args_of(c, h);
		if (OCI_HAS(h, env))
			s->env = plan_strv(c->b, h->env.v, h->env.n);
		s->timeout_sec = timeout_sec(h);
		s->out = c->hook_out;
		s->err = c->hook_err;
	}
}

bool plan_has_runtime_hooks(const struct plan_ctx *c)
{
	const struct oci_hooks *hooks = c->config->hooks;

	return hooks && (hooks->prestart.n || hooks->create_runtime.n);
}

void plan_runtime_hooks(struct plan_ctx *c)
{
	if (!plan_has_runtime_hooks(c))
		return;
	runtime_hooks(c, "prestart", &c->config->hooks->prestart);
	runtime_hooks(c, "createRuntime", &c->config->hooks->create_runtime);
}

/*
 * The state document (runtime.md, State) but for the pid, which only rt-init knows: what comes
 * before the number and what comes behind it.
 */
static int state_text(struct plan_ctx *c, enum oci_status status, uint32_t *ret_head,
		      uint32_t *ret_tail)
{
	_cleanup_strbuf_ struct strbuf doc = {0};
	struct oci_state state = {
		.has = {.oci_version = true,
			.id = true,
			.status = true,
			.bundle = true,
			.annotations = c->config->annotations.n},
		.oci_version = OCI_VERSION,
		.id = c->opt->id,
		.status = status,
		.bundle = c->opt->bundle,
		.annotations = c->config->annotations,
	};

	rt_bind_emit(&rt_oci_schema, BIND_ID(oci_state), &state, 0, &doc);
	if (doc.failed)
		return err_nomem(c->e);
	*ret_head = plan_str(c->b, "{\"pid\":");
	*ret_tail = plan_strf(c->b, ",%s", doc.s + 1); /* without its brace */
	return 0;
}

/*
 * A program of the image is confined as the container's own is. Not where somebody listens, to whom
 * the hook's calls would be another process's.
 */
static void filter_hook(struct plan_ctx *c, struct op_container_hook *s)
{
	if (!c->opt->seccomp_program || c->listener != NO_SLOT)
		return;
	s->filter_flags = c->opt->seccomp_flags;
	s->filter = plan_filter(c);
}

static int container_hooks(struct plan_ctx *c, const char *kind, const struct oci_hook_array *list,
			   enum oci_status status, const struct str_array *default_env)
{
	uint32_t head = 0, tail = 0;

	if (!list->n)
		return 0;
	TRY(state_text(c, status, &head, &tail));
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_hook *h = &list->v[i];
		const struct str_array *env = OCI_HAS(h, env) ? &h->env : default_env;
		struct op_container_hook *s = PLAN_ADD(c->b, container_hook, h);

		s->kind = plan_str(c->b, kind);
		s->index = (uint32_t)i;
		s->path = plan_str(c->b, h->path);
		s->args = args_of(c, h);
		s->env = plan_strv(c->b, env->v, env->n);
		s->timeout_sec = timeout_sec(h);
		s->out = c->hook_out;
		s->err = c->hook_err;
		s->state_head = head;
		s->state_tail = tail;
		/* The host's paths are there until the root is changed. */
		if (status == OCI_STATUS_CREATING)
			s->cwd = plan_str(c->b, c->opt->bundle);
		else
			filter_hook(c, s);
	}
	return 0;
}

/* Its path is the host's, so the container's environment is none of its business. */
int plan_create_hooks(struct plan_ctx *c)
{
	static const struct str_array none = {0};

	if (!c->config->hooks)
		return 0;
	return container_hooks(c, "createContainer", &c->config->hooks->create_container,
			       OCI_STATUS_CREATING, &none);
}

/* A program of the container: without env of its own it gets the container's, as with runc. */
int plan_start_hooks(struct plan_ctx *c)
{
	if (!c->config->hooks)
		return 0;
	return container_hooks(c, "startContainer", &c->config->hooks->start_container,
			       OCI_STATUS_CREATED, &c->process->env);
}
