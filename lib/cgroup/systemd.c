/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver has systemd do: a unit is started, changed, stopped, or takes a process in. */
#include "cgroup/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pid.h"
#include "base/str.h"
#include "base/time.h"
#include "cgroup/session.h"
#include "cgroup/values.h"

/*
 * Which property is a refusal about? systemd names it in the text ("Cannot set property X, or
 * unknown property."), or not at all.
 */
static int find_property(const char *text, const struct rt_unit_properties *p)
{
	for (size_t i = 0; text && i < p->n; i++) {
		const char *at = strstr(text, p->v[i].name);
		size_t len = strlen(p->v[i].name);

		if (at && (at == text || at[-1] == ' ') && strchr(" ,.:='\"", at[len]))
			return (int)i;
	}
	return -1;
}

/* ---- where a unit's cgroup is ---- */

/* The process's cgroup, if its last component is the unit; *ret to be freed with free(). */
static int cgroup_of(pid_t pid, const char *unit, char **ret)
{
	_cleanup_free_ char *path = NULL;
	int r = rt_pid_cgroup(pid, &path);

	if (r < 0)
		return r;
	if (!streq(strrchr(path, '/') + 1, unit))
		return -ENOENT;
	*ret = TAKE_PTR(path);
	return 0;
}

/* A slice holds no process that could tell. */
static int ask_cgroup(const struct rt_session *s, char **ret, struct err *e)
{
	sd_bus_message *reply = NULL;
	const char *value;
	int r = rt_session_get(s, "ControlGroup", &reply, e);

	if (r < 0)
		return r;
	r = s->f.message_enter_container(reply, 'v', "s");
	if (r >= 0)
		r = s->f.message_read_basic(reply, 's', &value);
	if (r < 0)
		r = rt_session_failed(s, r, NULL, e);
	else
		*ret = strdup(value);
	s->f.message_unref(reply);
	if (r < 0)
		return r;
	return *ret ? 0 : err_nomem(e);
}

/* ---- start ---- */

static int append_string(const struct rt_session *s, sd_bus_message *m, int r, const char *text)
{
	return r < 0 ? r : s->f.message_append_basic(m, 's', text);
}

static int reset_failed(const struct rt_session *s)
{
	sd_bus_message *m = NULL;
	int r = rt_session_new_call(s, "ResetFailedUnit", &m);

	r = rt_session_call(s, r, m, NULL, NULL);
	s->f.message_unref(m);
	return r;
}

static int call_start(const struct rt_session *s, pid_t pid, const struct rt_unit_properties *p,
		      sd_bus_error *error, sd_bus_message **ret_reply)
{
	sd_bus_message *m = NULL;
	int r = rt_session_new_call(s, "StartTransientUnit", &m);

	r = append_string(s, m, r, "replace");
	if (r >= 0)
		r = rt_values_append(&s->f, m, pid, p);
	if (r >= 0)
		r = s->f.message_open_container(m, 'a', "(sa(sv))"); /* auxiliary units: none */
	if (r >= 0)
		r = s->f.message_close_container(m);
	r = rt_session_call(s, r, m, error, ret_reply);
	s->f.message_unref(m);
	return r;
}

static int start(struct rt_session *s, pid_t pid, struct rt_unit_properties *p, struct err *e)
{
	sd_bus_error error = {0};
	sd_bus_message *reply = NULL;
	int r = call_start(s, pid, p, &error, &reply);

	if (r < 0 && rt_session_is_error(&error, "UnitExists") && reset_failed(s) >= 0) {
		s->f.error_free(&error);
		error = (sd_bus_error){0};
		r = call_start(s, pid, p, &error, &reply);
	}
	if (r < 0) {
		p->refused = find_property(error.message, p);
		r = rt_session_failed(s, r, &error, e);
	} else {
		r = rt_session_wait_job(s, reply, e);
	}
	s->f.error_free(&error);
	s->f.message_unref(reply);
	return r;
}

/* Where it is, once it is started. */
static int find_cgroup(const struct rt_session *s, pid_t pid, char **ret_path, struct err *e)
{
	int r;

	if (pid <= 0)
		return ask_cgroup(s, ret_path, e);
	r = cgroup_of(pid, s->unit, ret_path);
	return r < 0 ? err_set(e, r, RT_E_CGROUP, "process %d is not in systemd unit \"%s\"",
			       (int)pid, s->unit)
		     : 0;
}

int rt_unit_start(const char *name, bool user, pid_t pid, struct rt_unit_properties *p,
		  char **ret_path, struct err *e)
{
	int64_t deadline = rt_clock_msec(CLOCK_MONOTONIC) + RT_SYSTEMD_TIMEOUT_MSEC;
	bool cut = false;

	for (;;) {
		struct rt_session s = {
			.doing = "start", .unit = name, .user = user, .deadline = deadline};
		int r = rt_session_open(&s, true, e);

		p->refused = -1;
		if (r >= 0)
			r = start(&s, pid, p, e);
		if (r == 0)
			r = find_cgroup(&s, pid, ret_path, e);
		rt_session_close(&s);
		if (!cut && !rt_session_is_cut(r))
			return r;
		/* cut off, now or before: the tree tells, or we try again when it is back */
		cut = true;
		if (r == 0 || (pid > 0 && cgroup_of(pid, name, ret_path) == 0)) {
			err_clear(e);
			return 0;
		}
		TRY(rt_session_again(deadline, e));
	}
}

/* ---- the other deeds ---- */

struct deed {
	const char *doing; /* for messages */
	bool job;          /* it begins one */
	int (*fn)(struct rt_session *s, const void *arg, struct err *e);
};

/*
 * A session that may be had twice. It is when systemd executes itself anew in the middle: one that comes
 * back with a scope that is empty meanwhile does not notice, and keeps it for ever.
 */
static int talk(const struct deed *d, const char *name, bool user, const void *arg, struct err *e)
{
	int64_t deadline = rt_clock_msec(CLOCK_MONOTONIC) + RT_SYSTEMD_TIMEOUT_MSEC;

	for (;;) {
		struct rt_session s = {
			.doing = d->doing, .unit = name, .user = user, .deadline = deadline};
		int r = rt_session_open(&s, d->job, e);

		if (r >= 0)
			r = d->fn(&s, arg, e);
		rt_session_close(&s);
		if (!rt_session_is_cut(r))
			return r;
		TRY(rt_session_again(deadline, e));
	}
}

static int stop(struct rt_session *s, const void *arg, struct err *e)
{
	sd_bus_message *m = NULL, *reply = NULL;
	sd_bus_error error = {0};
	int r = rt_session_new_call(s, "StopUnit", &m);

	(void)arg;
	r = append_string(s, m, r, "replace");
	r = rt_session_call(s, r, m, &error, &reply);
	if (r >= 0)
		r = rt_session_wait_job(s, reply, e);
	else if (rt_session_is_error(&error, "NoSuchUnit"))
		r = 0;
	else
		r = rt_session_failed(s, r, &error, e);
	s->f.error_free(&error);
	s->f.message_unref(m);
	s->f.message_unref(reply);
	return r;
}

int rt_unit_stop(const char *name, bool user, struct err *e)
{
	static const struct deed deed = {"stop", true, stop};

	return talk(&deed, name, user, NULL, e);
}

struct attachment {
	const char *subgroup;
	pid_t pid;
};

static int attach(struct rt_session *s, const void *arg, struct err *e)
{
	const struct attachment *a = arg;
	const uint32_t pid = (uint32_t)a->pid;
	sd_bus_message *m = NULL;
	sd_bus_error error = {0};
	int r = rt_session_new_call(s, "AttachProcessesToUnit", &m);

	r = append_string(s, m, r, a->subgroup);
	if (r >= 0)
		r = s->f.message_open_container(m, 'a', "u");
	if (r >= 0)
		r = s->f.message_append_basic(m, 'u', &pid);
	if (r >= 0)
		r = s->f.message_close_container(m);
	r = rt_session_call(s, r, m, &error, NULL);
	return rt_session_done(s, r, m, &error, e);
}

int rt_unit_attach(const char *name, bool user, const char *subgroup, pid_t pid, struct err *e)
{
	static const struct deed deed = {"enter", false, attach};
	const struct attachment a = {subgroup, pid};

	return talk(&deed, name, user, &a, e);
}

/* A change of properties, and where to put the old ones: NULL, or as many. */
struct change {
	struct rt_unit_properties *new;
	struct arena *arena;
	struct rt_unit_property *old;
};

static int read_old(const struct rt_session *s, const struct rt_unit_property *p, struct arena *a,
		    struct rt_unit_property *ret, struct err *e)
{
	sd_bus_message *reply = NULL;
	int r;

	TRY(rt_session_get(s, p->name, &reply, e));
	r = rt_values_read(&s->f, reply, p->type, a, ret);
	s->f.message_unref(reply);
	if (r < 0)
		return rt_session_failed(s, r, NULL, e);
	ret->name = p->name;
	return 0;
}

static int set(const struct rt_session *s, const struct change *c, struct err *e)
{
	static const int runtime = 1; /* until the next boot */
	sd_bus_message *m = NULL;
	sd_bus_error error = {0};
	int r = rt_session_new_call(s, "SetUnitProperties", &m);

	if (r >= 0)
		r = s->f.message_append_basic(m, 'b', &runtime);
	if (r >= 0)
		r = rt_values_append(&s->f, m, 0, c->new);
	r = rt_session_call(s, r, m, &error, NULL);
	if (r < 0)
		c->new->refused = find_property(error.message, c->new);
	return rt_session_done(s, r, m, &error, e);
}

/* Had twice, the old values are read once: by then the new ones may be there. */
static int change(struct rt_session *s, const void *arg, struct err *e)
{
	const struct change *c = arg;

	for (size_t i = 0; i < c->new->n && c->old; i++)
		if (!c->old[i].name)
			TRY(read_old(s, &c->new->v[i], c->arena, &c->old[i], e));
	return set(s, c, e);
}

int rt_unit_set(const char *name, bool user, struct rt_unit_properties *p, struct arena *a,
		struct rt_unit_property *ret_old, struct err *e)
{
	static const struct deed deed = {"change", false, change};
	const struct change c = {p, a, ret_old};

	p->refused = -1;
	return talk(&deed, name, user, &c, e);
}
