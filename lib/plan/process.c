/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process object, for create and exec alike: one builder, so that an exec cannot be confined
 * less than the container.
 */
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/str.h"
#include "plan/parts.h"
#include "spec/annotations.h"
#include "spec/caps.h"

/* execvp(3)'s own, where the environment has no PATH */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const struct oci_user *plan_user(const struct plan_ctx *c)
{
	static const struct oci_user root = {0};

	return c->process->user ? c->process->user : &root;
}

const char *plan_env_value(const struct str_array *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = env->n; i-- > 0;)
		if (str_starts(env->v[i], name) && env->v[i][n] == '=')
			return env->v[i] + n + 1;
	return NULL;
}

int plan_process_host(struct plan_ctx *c)
{
	struct op_seccomp_connect *s;
	const char *path;
	const void *origin;

	TRY(plan_lsm_host(c));
	if (!c->opt->seccomp_notify)
		return 0;
	path = rt_seccomp_listener(c->config, &origin);
	c->listener = plan_slot(c->b, "listener");
	c->listener_text = plan_slot(c->b, "text");
	s = PLAN_ADD(c->b, seccomp_connect, origin);
	s->socket = c->listener;
	s->path = plan_str(c->b, path);
	s->text = c->listener_text;
	return 0;
}

static void listener_state(struct plan_ctx *c)
{
	const struct oci_seccomp *seccomp = c->linux->seccomp;
	struct op_seccomp_state *s;

	if (c->listener == NO_SLOT)
		return;
	s = PLAN_ADD(c->b, seccomp_state, seccomp ? &seccomp->listener_metadata : NULL);
	s->text = c->listener_text;
	s->oci_version = plan_str(c->b, c->config->oci_version);
	s->metadata = seccomp ? plan_str(c->b, seccomp->listener_metadata) : 0;
}

static bool has_oom_score(const struct plan_ctx *c)
{
	return OCI_HAS(c->process, oom_score_adj) || (c->base && OCI_HAS(c->base, oom_score_adj));
}

/* exec into a user namespace: what R could not write, not being root; see op.def. */
static bool sets_own_oom_score(const struct plan_ctx *c)
{
	return c->base && c->own_userns && c->facts->euid != 0;
}

void plan_process_before_join(struct plan_ctx *c)
{
	const int64_t *adj = PROCESS_MEMBER(c, oom_score_adj);

	if (has_oom_score(c) && sets_own_oom_score(c))
		PLAN_ADD(c->b, own_oom_score, adj)->value = plan_strf(c->b, "%" PRIi64, *adj);
}

void plan_process_outside(struct plan_ctx *c)
{
	const int64_t *adj = PROCESS_MEMBER(c, oom_score_adj);

	if (has_oom_score(c) && !sets_own_oom_score(c))
		PLAN_ADD(c->b, oom_score, adj)->value = *adj;
	plan_scheduling_outside(c);
	plan_rdt_join(c);
	listener_state(c);
}

/*
 * As runc and crun do, a missing directory is made, but not below a root that the document wants
 * read-only: it would stay in the image.
 */
void plan_process_cwd(struct plan_ctx *c)
{
	struct op_mkdir *s;

	if (streq(c->process->cwd, "/") || c->config->root->readonly)
		return;
	s = PLAN_ADD(c->b, mkdir, &c->process->cwd);
	s->root = c->root;
	s->dest = plan_str(c->b, c->process->cwd);
	s->mode = 0755;
}

void plan_process_console(struct plan_ctx *c, bool bind_console)
{
	const struct oci_console_size *size = c->process->console_size;
	struct op_console *s;

	if (!c->opt->have_console)
		return;
	s = PLAN_ADD(c->b, console, &c->process->terminal);
	s->root = c->root;
	if (size) {
		s->rows = (uint32_t)MIN(size->height, (uint64_t)UINT16_MAX);
		s->columns = (uint32_t)MIN(size->width, (uint64_t)UINT16_MAX);
	}
	if (c->opt->rows && c->opt->columns) {
		s->rows = c->opt->rows;
		s->columns = c->opt->columns;
	}
	s->bind_console = bind_console;
	s->uid = plan_user(c)->uid;
}

/* ---- PROC ---- */

static uint32_t resource_of(enum oci_rlimit_type type)
{
	static const uint8_t resources[OCI_RLIMIT_MAX] = {
		[OCI_RLIMIT_AS] = RLIMIT_AS,
		[OCI_RLIMIT_CORE] = RLIMIT_CORE,
		[OCI_RLIMIT_CPU] = RLIMIT_CPU,
		[OCI_RLIMIT_DATA] = RLIMIT_DATA,
		[OCI_RLIMIT_FSIZE] = RLIMIT_FSIZE,
		[OCI_RLIMIT_LOCKS] = RLIMIT_LOCKS,
		[OCI_RLIMIT_MEMLOCK] = RLIMIT_MEMLOCK,
		[OCI_RLIMIT_MSGQUEUE] = RLIMIT_MSGQUEUE,
		[OCI_RLIMIT_NICE] = RLIMIT_NICE,
		[OCI_RLIMIT_NOFILE] = RLIMIT_NOFILE,
		[OCI_RLIMIT_NPROC] = RLIMIT_NPROC,
		[OCI_RLIMIT_RSS] = RLIMIT_RSS,
		[OCI_RLIMIT_RTPRIO] = RLIMIT_RTPRIO,
		[OCI_RLIMIT_RTTIME] = RLIMIT_RTTIME,
		[OCI_RLIMIT_SIGPENDING] = RLIMIT_SIGPENDING,
		[OCI_RLIMIT_STACK] = RLIMIT_STACK,
	};

	return resources[type];
}

/* Going up takes CAP_SYS_RESOURCE, which is gone later, and may fail, which it must not later. */
static void raise_limits(struct plan_ctx *c)
{
	const struct oci_rlimit_array *list = PROCESS_MEMBER(c, rlimits);

	for (size_t i = 0; i < list->n; i++) {
		struct op_rlimit_raise *s = PLAN_ADD(c->b, rlimit_raise, &list->v[i]);

		s->resource = resource_of(list->v[i].type);
		s->hard = list->v[i].hard;
	}
}

static int identity(struct plan_ctx *c)
{
	const struct oci_user *user = plan_user(c);
	struct op_identity *s = PLAN_ADD(c->b, identity, user);

	s->uid = user->uid;
	s->gid = user->gid;
	s->keep_groups = plan_keeps_groups(c);
	s->maybe_denied = c->joined_ns & CLONE_NEWUSER ? 1 : 0;
	s->own_stdio = user->uid || c->own_userns;
	if (c->keep_groups)
		return 0;
	if (c->deny_setgroups && user->additional_gids.n) {
		err_set(c->e, 0, RT_E_IDENTITY,
			"groups cannot be set in a user namespace that maps only the caller");
		return err_field(c->e, "process.user.additionalGids");
	}
	s->groups = plan_blob(c->b, user->additional_gids.v,
			      user->additional_gids.n * sizeof(uint32_t), sizeof(uint32_t));
	return 0;
}

static uint64_t all_caps(const struct plan_ctx *c)
{
	return UINT64_MAX >> (63 - c->facts->last_capability);
}

/*
 * config.md: what cannot be granted must not fail the container, so it is left out. In a user
 * namespace of its own all can be granted; otherwise nothing that the runtime lacks.
 */
static struct rt_caps wanted_caps(const struct plan_ctx *c)
{
	const struct oci_capabilities *const *list = PROCESS_MEMBER(c, capabilities);
	struct rt_caps caps = rt_caps_from(*list, c->facts->last_capability, NULL, NULL);

	if (!c->own_userns)
		caps.permitted &= c->facts->capabilities;
	/* capabilities(7): what capset(2) and PR_CAP_AMBIENT_RAISE take */
	caps.effective &= caps.permitted;
	caps.inheritable &= caps.bounding & (c->own_userns ? ~0ull : c->facts->capabilities);
	caps.ambient &= caps.permitted & caps.inheritable;
	return caps;
}

static bool no_new_privileges(const struct plan_ctx *c)
{
	return *PROCESS_MEMBER(c, no_new_privileges);
}

static void privileges(struct plan_ctx *c, const struct rt_caps *caps)
{
	struct op_capabilities *s = PLAN_ADD(c->b, capabilities, *PROCESS_MEMBER(c, capabilities));

	s->effective = caps->effective;
	s->permitted = caps->permitted;
	s->inheritable = caps->inheritable;
	s->ambient = caps->ambient;
	/* seccomp(2) wants no_new_privs or this one; execve recomputes the sets in any case. */
	s->keep_admin = c->opt->seccomp_program && !no_new_privileges(c);
	if (no_new_privileges(c))
		PLAN_ADD(c->b, no_new_privs, PROCESS_MEMBER(c, no_new_privileges));
}

/* config.md, user: without one it is the caller's, which rt-init gives back at the end (exec.c). */
static void add_umask(struct plan_ctx *c)
{
	const struct oci_user *user = plan_user(c);

	if (!OCI_HAS(user, umask) && c->base && c->base->user)
		user = c->base->user;
	if (OCI_HAS(user, umask))
		PLAN_ADD(c->b, umask, &user->umask)->mask = user->umask & 0777;
}

/*
 * Where the program may be: itself if it has a slash, else in each directory of PATH. An empty
 * entry means the working directory.
 */
static struct op_strv candidates(struct plan_ctx *c, const char *name)
{
	const char *path = plan_env_value(&c->process->env, "PATH");
	struct op_strv v;
	size_t n = 1;

	if (strchr(name, '/') || !*name)
		return plan_strv(c->b, &name, 1);
	if (!path)
		path = DEFAULT_PATH;
	for (const char *p = path; *p; p++)
		n += *p == ':';
	v = plan_strv_new(c->b, n);
	for (size_t i = 0; i < n; i++) {
		int len = (int)strcspn(path, ":");

		plan_strv_set(c->b, v, i,
			      plan_strf(c->b, "%.*s/%s", len ? len : 1, len ? path : ".", name));
		path += len + 1;
	}
	return v;
}

static void add_cwd(struct plan_ctx *c, uint32_t attempt)
{
	struct op_cwd *s = PLAN_ADD(c->b, cwd, &c->process->cwd);

	s->path = plan_str(c->b, c->process->cwd);
	s->attempt = attempt;
}

int plan_process_proc(struct plan_ctx *c)
{
	const struct rt_caps caps = wanted_caps(c);
	bool is_root = !plan_user(c)->uid;
	struct op_program *program;

	plan_lsm(c);
	if (!c->opt->no_new_keyring)
		PLAN_ADD(c->b, keyring, NULL);
	plan_scheduling_inside(c);
	raise_limits(c);
	if (str_empty(plan_env_value(&c->process->env, "HOME")))
		PLAN_ADD(c->b, home, &c->process->env)->uid = plan_user(c)->uid;
	add_cwd(c, is_root ? CWD_NOW : CWD_TRY);
	if (caps.bounding != all_caps(c))
		PLAN_ADD(c->b, bounding, *PROCESS_MEMBER(c, capabilities))->keep = caps.bounding;
	if (!c->opt->have_console)
		PLAN_ADD(c->b, null_stdio, NULL);
	TRY(identity(c));
	privileges(c, &caps);
	add_umask(c);
	if (!is_root)
		add_cwd(c, CWD_AGAIN);
	program = PLAN_ADD(c->b, program, &c->process->args);
	program->name = plan_str(c->b, c->process->args.v[0]);
	program->candidates = candidates(c, c->process->args.v[0]);
	return 0;
}

/* ---- EXEC ---- */

static void limits(struct plan_ctx *c)
{
	const struct oci_rlimit_array *list = PROCESS_MEMBER(c, rlimits);

	for (size_t i = 0; i < list->n; i++) {
		struct op_rlimit *s = PLAN_ADD(c->b, rlimit, &list->v[i]);

		s->resource = resource_of(list->v[i].type);
		s->soft = list->v[i].soft;
		s->hard = list->v[i].hard;
	}
}

/* What sd_listen_fds(3) and sd_listen_fds_with_names(3) look at. */
static bool says_sockets(const char *entry)
{
	static const char *const names[] = {
		"LISTEN_FDS=", "LISTEN_PID=", "LISTEN_PIDFDID=", "LISTEN_FDNAMES="};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_starts(entry, names[i]))
			return true;
	return false;
}

/* Whose the sockets are is written by rt-init, over the longest number that it can be. */
static void add_sockets(struct plan_ctx *c, struct op_strv env, size_t n, uint32_t listen_pid)
{
	plan_strv_set(c->b, env, n++, plan_strf(c->b, "LISTEN_FDS=%u", c->opt->listen_fds));
	plan_strv_set(c->b, env, n++, listen_pid);
	if (c->opt->listen_names)
		plan_strv_set(c->b, env, n,
			      plan_strf(c->b, "LISTEN_FDNAMES=%s", c->opt->listen_names));
}

struct variable {
	const char *text;
	size_t place;
};

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return a[n] && strncmp(a, b, n + 1) == 0;
}

static int by_name(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;
	size_t i = 0;

	while (x->text[i] && x->text[i] != '=' && x->text[i] == y->text[i])
		i++;
	if (x->text[i] != y->text[i])
		return (unsigned char)x->text[i] < (unsigned char)y->text[i] ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

/*
 * The entries that the program gets; NULL in place of the others. Of the same name the last one holds,
 * as with runc; getenv(3) would find the first. What socket activation says is in place of what the
 * document says of it; an empty HOME is none. Sorted, since there may be a million of them.
 */
static const char **kept_env(struct plan_ctx *c, const struct str_array *env, uint32_t listen_pid)
{
	const char **kept = ARENA_ARRAY(c->b->arena, env->n + 1, const char *);
	struct variable *sorted = ARENA_ARRAY(c->b->arena, env->n + 1, struct variable);

	if (!kept || !sorted) {
		c->b->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < env->n; i++) {
		bool other = (listen_pid && says_sockets(env->v[i])) || streq(env->v[i], "HOME=");

		kept[i] = other ? NULL : env->v[i];
		sorted[i] = (struct variable){env->v[i], i};
	}
	qsort(sorted, env->n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < env->n; i++)
		if (same_name(sorted[i - 1].text, sorted[i].text))
			kept[sorted[i - 1].place] = NULL;
	return kept;
}

static void add_env(struct plan_ctx *c, struct op_exec *s, uint32_t listen_pid)
{
	const struct str_array *env = &c->process->env;
	const char **kept = kept_env(c, env, listen_pid);
	bool home = str_empty(plan_env_value(env, "HOME"));
	uint32_t notify = plan_notify_env(c);
	size_t n = 0;

	if (!kept)
		return;
	for (size_t i = 0; i < env->n; i++)
		n += kept[i] != NULL;
	s->env = plan_strv_new(c->b,
			       n + home + !!notify + (listen_pid ? 2 + !!c->opt->listen_names : 0));
	n = 0;
	for (size_t i = 0; i < env->n; i++)
		if (kept[i])
			plan_strv_set(c->b, s->env, n++, plan_str(c->b, kept[i]));
	if (home)
		plan_strv_set(c->b, s->env, n++, plan_home(c->b));
	if (notify)
		plan_strv_set(c->b, s->env, n++, notify);
	if (listen_pid)
		add_sockets(c, s->env, n, listen_pid);
}

struct op_blob plan_filter(struct plan_ctx *c)
{
	if (!c->filter.off)
		c->filter = plan_blob(c->b, c->opt->seccomp_program, c->opt->seccomp_len, 8);
	return c->filter;
}

void plan_process_exec(struct plan_ctx *c)
{
	struct op_close_fds *fds;
	struct op_seccomp *filter;
	struct op_exec *s;
	uint32_t listen_pid = 0;

	/* So late because a low RLIMIT_NOFILE or RLIMIT_FSIZE must not hit rt-init itself. */
	limits(c);
	fds = PLAN_ADD(c->b, close_fds, NULL);
	fds->preserve = c->b->preserve = c->opt->preserve_fds;
	fds->listener = c->listener;
	fds->text = c->listener_text;
	if (c->opt->listen_fds)
		listen_pid = plan_str(c->b, "LISTEN_PID=4294967295");
	fds->listen_pid = listen_pid;
	if (c->opt->seccomp_program) {
		filter = PLAN_ADD(c->b, seccomp, c->linux->seccomp);
		filter->flags = c->opt->seccomp_flags;
		filter->listener = c->listener;
		filter->text = c->listener_text;
		filter->program = plan_filter(c);
	}
	s = PLAN_ADD(c->b, exec, &c->process->args);
	s->args = plan_strv(c->b, c->process->args.v, c->process->args.n);
	add_env(c, s, listen_pid);
}
