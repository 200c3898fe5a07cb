/* SPDX-License-Identifier: Apache-2.0 */
#include "api/exec_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "spec/check.h"

/* Optional members that a process file leaves out are the container's. */
static void inherit(struct oci_process *p, const struct oci_process *own, struct oci_user *user)
{
#define INHERIT(member)                                                                            \
	do {                                                                                       \
		if (!p->has.member) {                                                              \
			p->member = own->member;                                                   \
			p->has.member = own->has.member;                                           \
		}                                                                                  \
	} while (0)
	INHERIT(capabilities);
	INHERIT(rlimits);
	/* A sandbox without new privileges does not lose that through a file that is silent. */
	INHERIT(no_new_privileges);
	INHERIT(apparmor_profile);
	INHERIT(selinux_label);
	INHERIT(oom_score_adj);
	INHERIT(scheduler);
	INHERIT(io_priority);
	INHERIT(exec_cpu_affinity);
#undef INHERIT
	if (p->user)
		*user = *p->user;
	if (!user->has.umask && own->user && own->user->has.umask) {
		user->umask = own->user->umask;
		user->has.umask = true;
	}
	p->user = user;
	p->has.user = true;
}

static int from_file(const struct ocirt_exec_options *options, const struct oci_process *own,
		     struct rt_exec_process *p, struct err *e)
{
	struct oci_user *user = ARENA_NEW(&p->arena, struct oci_user);
	size_t len;
	int r;

	if (!user)
		return err_nomem(e);
	r = io_read_input(options->process, JSON_MAX_BYTES, &p->text, &len);
	if (r < 0)
		return err_set(e, r, RT_E_USAGE, "process file \"%s\"", options->process);
	TRY(rt_bind_parse(&p->doc, &rt_oci_schema, BIND_ID(oci_process), options->process, p->text,
			  len, NULL, e));
	TRY(rt_check_process(&p->doc, NULL, e));
	p->process = *(const struct oci_process *)p->doc.root;
	inherit(&p->process, own, user);
	if (options->tty) {
		p->process.terminal = true;
		p->process.has.terminal = true;
	}
	return 0;
}

static size_t count(const char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

/* own followed by more. */
static int join(struct arena *a, const struct str_array *own, const char *const *more,
		struct str_array *ret, struct err *e)
{
	size_t n = count(more);
	const char **v = ARENA_ARRAY(a, own->n + n + 1, const char *);

	if (!v)
		return err_nomem(e);
	if (own->n)
		memcpy(v, own->v, own->n * sizeof(*v));
	if (n)
		memcpy(v + own->n, more, n * sizeof(*v));
	*ret = (struct str_array){.n = own->n + n, .v = v};
	return 0;
}

/* Is the variable `s` ("K=V") set again further down? */
static bool is_overridden(const char *s, const char *const *env)
{
	size_t name = strcspn(s, "=");

	for (; *env; env++)
		if (strncmp(s, *env, name + 1) == 0 && s[name] == '=')
			return true;
	return false;
}

static int merge_env(const struct ocirt_exec_options *options, const struct oci_process *own,
		     struct rt_exec_process *p, struct err *e)
{
	static const char *const none[] = {NULL};
	const char *const *given = options->env ? options->env : none;
	struct str_array kept;
	const char **v = ARENA_ARRAY(&p->arena, own->env.n + 1, const char *);

	if (!v)
		return err_nomem(e);
	kept = (struct str_array){.v = v};
	for (const char *const *s = given; *s; s++)
		if (!strchr(*s, '=') || **s == '=')
			return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
				       "environment variable \"%s\" is not NAME=VALUE", *s);
	for (size_t i = 0; i < own->env.n; i++)
		if (!is_overridden(own->env.v[i], given))
			v[kept.n++] = own->env.v[i];
	p->process.has.env = true;
	return join(&p->arena, &kept, given, &p->process.env, e);
}

/* "UID" changes the uid alone, "UID:GID" both, as in runc. */
static int parse_user(const char *text, struct oci_user *user, struct err *e)
{
	char uid[16], *colon;
	int r = str_fmt(uid, sizeof(uid), "%s", text);

	colon = r < 0 ? NULL : strchr(uid, ':');
	if (colon) {
		*colon = '\0';
		r = str_to_id(colon + 1, &user->gid);
		user->has.gid = true;
	}
	if (r >= 0)
		r = str_to_id(uid, &user->uid);
	user->has.uid = true;
	if (r < 0)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "user \"%.64s\" is not UID or UID:GID, numbers from 0 to 4294967294",
			       text);
	return 0;
}

static int add_gids(struct arena *a, const char *text, struct oci_user *user, struct err *e)
{
	char *list = arena_str(a, text), *save = NULL;
	uint32_t *v = ARENA_ARRAY(a, user->additional_gids.n + strlen(text) / 2 + 1, uint32_t);
	size_t n = user->additional_gids.n;

	if (!list || !v)
		return err_nomem(e);
	if (n)
		memcpy(v, user->additional_gids.v, n * sizeof(*v));
	for (char *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (str_to_id(w, &v[n++]) < 0)
			return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
				       "additional group \"%.64s\" is no group id", w);
	user->additional_gids = (struct u32_array){.n = n, .v = v};
	user->has.additional_gids = true;
	return 0;
}

/* To all sets but ambient and inheritable, so that a program run as another user does not keep it. */
static int add_caps(const struct ocirt_exec_options *options, struct rt_exec_process *p,
		    struct err *e)
{
	struct oci_capabilities *c = ARENA_NEW(&p->arena, struct oci_capabilities);

	if (!c)
		return err_nomem(e);
	if (p->process.capabilities)
		*c = *p->process.capabilities;
	TRY(join(&p->arena, &c->bounding, options->caps, &c->bounding, e));
	TRY(join(&p->arena, &c->permitted, options->caps, &c->permitted, e));
	TRY(join(&p->arena, &c->effective, options->caps, &c->effective, e));
	c->has.bounding = c->has.permitted = c->has.effective = true;
	p->process.capabilities = c;
	p->process.has.capabilities = true;
	return 0;
}

/* What was put together must keep the rules that a document has to keep. */
static int check_composed(const struct oci_process *process, struct err *e)
{
	const struct bind_doc doc = {.schema = &rt_oci_schema,
				     .object = BIND_ID(oci_process),
				     .root = process,
				     .name = "exec"};

	return rt_check_process(&doc, NULL, e);
}

static int from_command_line(const struct ocirt_exec_options *options,
			     const struct oci_process *own, struct rt_exec_process *p,
			     struct err *e)
{
	struct oci_user *user = ARENA_NEW(&p->arena, struct oci_user);

	if (!user)
		return err_nomem(e);
	if (count(options->args) == 0)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "\"exec\" requires a command");
	p->process = *own;
	p->process.terminal = options->tty;
	p->process.has.terminal = true;
	p->process.args = (struct str_array){.n = count(options->args), .v = options->args};
	p->process.has.args = true;
	if (own->user)
		*user = *own->user;
	p->process.user = user;
	p->process.has.user = true;
	if (options->user)
		TRY(parse_user(options->user, user, e));
	if (options->additional_gids)
		TRY(add_gids(&p->arena, options->additional_gids, user, e));
	if (options->caps)
		TRY(add_caps(options, p, e));
	if (options->cwd && options->cwd[0] != '/')
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "cwd \"%s\" is not absolute",
			       options->cwd);
	if (options->cwd)
		p->process.cwd = options->cwd;
	if (options->apparmor_profile)
		p->process.apparmor_profile = options->apparmor_profile;
	if (options->selinux_label)
		p->process.selinux_label = options->selinux_label;
	if (options->no_new_privs)
		p->process.no_new_privileges = p->process.has.no_new_privileges = true;
	TRY(merge_env(options, own, p, e));
	return check_composed(&p->process, e);
}

int rt_exec_process_make(const struct ocirt_exec_options *options, const struct oci_process *own,
			 struct rt_exec_process *p, struct err *e)
{
	return options->process ? from_file(options, own, p, e)
				: from_command_line(options, own, p, e);
}

void rt_exec_process_free(struct rt_exec_process *p)
{
	rt_bind_free(&p->doc);
	arena_free(&p->arena);
	free(p->text);
}
