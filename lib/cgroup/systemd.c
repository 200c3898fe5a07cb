/* SPDX-License-Identifier: Apache-2.0 */
/* Talking with systemd: org.freedesktop.systemd1(5). */
#include "cgroup/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "cgroup/sdbus.h"
#include "cgroup/text.h"

#define TIMEOUT_MSEC 30000 /* systemd that executes itself anew on a busy host takes over 10 s */
#define SET_MAX (8192 / 8) /* bytes of a set of cpus, as in the plan */
#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER "/org/freedesktop/systemd1", DESTINATION ".Manager"
#define ERROR_EXISTS DESTINATION ".UnitExists"
#define ERROR_NO_UNIT DESTINATION ".NoSuchUnit"

/* A connection, and the job that is waited for. */
struct session {
	struct rt_sdbus f;
	sd_bus *bus;
	bool user;
	int64_t deadline;
	const char *doing, *unit; /* for messages */
	char job[80];             /* its object path */
	char result[24];          /* of the job: "done", "failed"; "" while it is under way */
};

/* ---- connecting ---- */

static uint64_t left_usec(const struct session *s)
{
	int64_t left = s->deadline - rt_cgroup_now_msec();

	return left > 0 ? (uint64_t)left * 1000 : 1;
}

/* bus: through a broker, which greets its clients; else a direct line to systemd. */
static int connect_to(struct session *s, const char *address, bool bus)
{
	int r = s->f.new(&s->bus);

	if (r >= 0)
		r = s->f.set_address(s->bus, address);
	if (r >= 0)
		r = s->f.set_bus_client(s->bus, bus);
	if (r >= 0) /* of what sd-bus itself calls: the greeting, AddMatch */
		r = s->f.set_method_call_timeout(s->bus, left_usec(s));
	if (r >= 0)
		r = s->f.start(s->bus);
	if (r < 0)
		s->bus = s->f.close_unref(s->bus);
	return r;
}

static int connect_file(struct session *s, const char *dir, const char *name, bool bus)
{
	char path[256], address[300];

	if (str_fmt(path, sizeof(path), "%s/%s", dir, name) < 0)
		return -ENAMETOOLONG;
	/* sd_bus_start() says nothing of a socket that is missing until the first call */
	if (access(path, F_OK) < 0)
		return -errno;
	str_fmt(address, sizeof(address), "unix:path=%s", path);
	return connect_to(s, address, bus);
}

static int no_connection(const struct session *s, int r, const char *dir, struct err *e)
{
	if (!s->user) {
		if (access("/run/systemd/system", F_OK) < 0)
			return err_set(e, ENOTCONN | RT_NO_TEXT, RT_E_HOST,
				       "systemd not running on this host, cannot use systemd "
				       "cgroups manager");
		return err_set(e, r, RT_E_HOST,
			       "systemd cgroup manager: connect to systemd (/run/systemd/private) "
			       "or to the system bus");
	}
	err_set(e, ENOTCONN | RT_NO_TEXT, RT_E_HOST,
		"systemd cgroup manager: no user session for uid %u: no socket %s/bus, and "
		"DBUS_SESSION_BUS_ADDRESS is %s",
		geteuid(), dir, getenv("DBUS_SESSION_BUS_ADDRESS") ? "of no use" : "unset");
	return err_hint(e, "log in through logind, run \"loginctl enable-linger\", or use "
			   "--cgroup-manager=cgroupfs");
}

/*
 * An address in the environment is what the caller wants. Else the direct line first: no broker in
 * between that is busy with others, no greeting, and it is there without any D-Bus daemon.
 */
static int connect_any(struct session *s, struct err *e)
{
	const char *address = getenv(s->user ? "DBUS_SESSION_BUS_ADDRESS"
					     : "DBUS_SYSTEM_BUS_ADDRESS");
	const char *dir = s->user ? getenv("XDG_RUNTIME_DIR") : "/run";
	char own[32];
	int r = -ENOENT;

	if (str_empty(dir)) {
		snprintf(own, sizeof(own), "/run/user/%u", geteuid());
		dir = own;
	}
	if (!str_empty(address))
		r = connect_to(s, address, true);
	if (r < 0)
		r = connect_file(s, dir, "systemd/private", false);
	/*
	 * A line that is refused is that of a systemd which executes itself anew. The broker's socket
	 * would take us, and let us wait until systemd has started a broker.
	 */
	if (r < 0 && (s->user || r != -ECONNREFUSED))
		r = connect_file(s, dir, s->user ? "bus" : "dbus/system_bus_socket", true);
	return r < 0 ? no_connection(s, r, dir, e) : 0;
}

/* ---- errors ---- */

static bool is_error(const sd_bus_error *error, const char *name)
{
	return error && error->name && streq(error->name, name);
}

/* systemd executes itself anew (daemon-reexec): its connections end, its jobs go on. */
static bool is_gone(int r, const sd_bus_error *error)
{
	return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE ||
	       (r != -ETIMEDOUT && is_error(error, "org.freedesktop.DBus.Error.NoReply")) ||
	       is_error(error, "org.freedesktop.DBus.Error.Disconnected");
}

/* -ECONNRESET: the talk was cut off, what came of the call is not known. */
static int call_failed(const struct session *s, int r, const sd_bus_error *error, struct err *e)
{
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT | RT_NO_TEXT, RT_E_TIMEOUT,
			       "%s systemd unit \"%s\": no answer from systemd within %d s",
			       s->doing, s->unit, TIMEOUT_MSEC / 1000);
	if (is_gone(r, error))
		return err_set(e, ECONNRESET | RT_NO_TEXT, RT_E_CGROUP,
			       "%s systemd unit \"%s\": systemd ended the talk", s->doing, s->unit);
	if (is_error(error, ERROR_EXISTS)) {
		err_set(e, EEXIST | RT_NO_TEXT, RT_E_CGROUP, "systemd unit \"%s\" already exists",
			s->unit);
		return err_hint(e, "see \"systemctl %sstatus %s\"", s->user ? "--user " : "",
				s->unit);
	}
	if (!error || !error->message)
		return err_set(e, r, RT_E_CGROUP, "%s systemd unit \"%s\"", s->doing, s->unit);
	err_set(e, -r | RT_NO_TEXT, RT_E_CGROUP, "%s systemd unit \"%s\": %s", s->doing, s->unit,
		error->message);
	if (r == -ENXIO) /* what a value of a wrong type comes to; systemd does not say of which */
		err_hint(e, "an annotation org.systemd.property.* may be of another type than the "
			    "property");
	if (r == -EACCES || r == -EPERM)
		err_hint(e, s->user ? "is this the session of the user who calls?"
				    : "it takes root, or a user session of systemd");
	return -e->no;
}

/* Behind a call: the error, if it has failed, and what the call held. */
static int call_done(const struct session *s, int r, sd_bus_message *m, sd_bus_error *error,
		     struct err *e)
{
	if (r < 0)
		r = call_failed(s, r, error, e);
	s->f.error_free(error);
	s->f.message_unref(m);
	return r < 0 ? r : 0;
}

/*
 * Which property is a refusal about? systemd names it in the text ("Cannot set property X, or
 * unknown property."), or not at all.
 */
static int find_property(const char *text, const struct rt_unit_property *v, size_t n)
{
	for (size_t i = 0; text && i < n; i++) {
		const char *at = strstr(text, v[i].name);
		size_t len = strlen(v[i].name);

		if (at && (at == text || at[-1] == ' ') && strchr(" ,.:='\"", at[len]))
			return (int)i;
	}
	return -1;
}

/* ---- the talk ---- */

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct session *s = userdata;
	const char *job = "", *unit, *result = "";
	uint32_t id;

	(void)error;
	if (s->f.message_read_basic(m, 'u', &id) < 0 || s->f.message_read_basic(m, 'o', &job) < 0 ||
	    s->f.message_read_basic(m, 's', &unit) < 0 ||
	    s->f.message_read_basic(m, 's', &result) < 0)
		return 0;
	if (streq(job, s->job))
		str_fmt(s->result, sizeof(s->result), "%s", result);
	return 0;
}

/*
 * Until the other side has greeted us, for which sd-bus itself gives it 90 s. -ECONNRESET: it has
 * ended the talk.
 */
static int wait_ready(struct session *s)
{
	int r;

	while ((r = s->f.is_ready(s->bus)) == 0) {
		r = s->f.process(s->bus, NULL);
		if (r == 0)
			r = s->f.wait(s->bus, left_usec(s));
		if (r < 0 && r != -EINTR)
			break;
		if (rt_cgroup_now_msec() >= s->deadline)
			return -ETIMEDOUT;
	}
	return r < 0 ? -ECONNRESET : 0;
}

static int session_open(struct session *s, const char *doing, const char *unit, bool user, bool job,
			struct err *e)
{
	int r;

	*s = (struct session){.doing = doing, .unit = unit, .user = user};
	s->deadline = rt_cgroup_now_msec() + TIMEOUT_MSEC;
	TRY(rt_sdbus_open(&s->f, e));
	TRY(connect_any(s, e));
	r = wait_ready(s);
	if (r >= 0 && job)
		r = s->f.match_signal(s->bus, NULL, NULL, MANAGER, "JobRemoved", on_job_removed, s);
	return r < 0 ? call_failed(s, r, NULL, e) : 0;
}

static void session_close(struct session *s)
{
	if (s->bus)
		s->f.close_unref(s->bus); /* no flush: every call was waited for */
	rt_sdbus_close(&s->f);
}

/* ---- messages ---- */

/* One basic value in D-Bus's form. */
static int append_text(const struct session *s, sd_bus_message *m, char type, const char *text)
{
	uint64_t u = strtoull(text, NULL, 10);
	int64_t x = strtoll(text, NULL, 10);
	double d = strtod(text, NULL);
	int b = streq(text, "true");
	uint32_t u32 = (uint32_t)u;
	int32_t i32 = (int32_t)x;
	uint16_t u16 = (uint16_t)u;
	int16_t i16 = (int16_t)x;
	uint8_t byte = (uint8_t)u;
	const void *value;

	switch (type) {
	case 'b':
		value = &b;
		break;
	case 'y':
		value = &byte;
		break;
	case 'n':
		value = &i16;
		break;
	case 'q':
		value = &u16;
		break;
	case 'i':
		value = &i32;
		break;
	case 'u':
		value = &u32;
		break;
	case 'x':
		value = &x;
		break;
	case 't':
		value = &u;
		break;
	case 'd':
		value = &d;
		break;
	default: /* s, o, g */
		value = text;
	}
	return s->f.message_append_basic(m, type, value);
}

/* The variant of a property: a basic value, an array of them, or an array of structs of them. */
static int append_value(const struct session *s, sd_bus_message *m,
			const struct rt_unit_property *p)
{
	const char *element = p->type + (p->type[0] == 'a'), *members = element;
	bool is_struct = *element == '(';
	char inner[16] = "";
	size_t len = 1;
	int r = 0;

	if (is_struct) {
		members = element + 1;
		len = strcspn(members, ")");
		if (str_fmt(inner, sizeof(inner), "%.*s", (int)len, members) < 0 || len == 0)
			return -EINVAL;
	}
	if (p->type[0] == 'a')
		r = s->f.message_open_container(m, 'a', element);
	for (size_t i = 0; i < p->n && r >= 0; i++) {
		if (is_struct && i % len == 0)
			r = s->f.message_open_container(m, 'r', inner);
		if (r >= 0)
			r = append_text(s, m, members[i % len], p->values[i]);
		if (r >= 0 && is_struct && i % len == len - 1)
			r = s->f.message_close_container(m);
	}
	if (r >= 0 && p->type[0] == 'a')
		r = s->f.message_close_container(m);
	return r;
}

static int append_property(const struct session *s, sd_bus_message *m,
			   const struct rt_unit_property *p)
{
	int r = s->f.message_open_container(m, 'r', "sv");

	if (r >= 0)
		r = s->f.message_append_basic(m, 's', p->name);
	if (r >= 0)
		r = s->f.message_open_container(m, 'v', p->type);
	if (r >= 0)
		r = append_value(s, m, p);
	if (r >= 0)
		r = s->f.message_close_container(m);
	return r < 0 ? r : s->f.message_close_container(m);
}

static int append_properties(const struct session *s, sd_bus_message *m, pid_t pid,
			     const struct rt_unit_property *v, size_t n)
{
	char digits[16];
	const char *const pids[] = {digits};
	const struct rt_unit_property p = {"PIDs", "au", pids, 1};
	int r = s->f.message_open_container(m, 'a', "(sv)");

	snprintf(digits, sizeof(digits), "%d", (int)pid);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = append_property(s, m, &v[i]);
	if (r >= 0 && pid > 0)
		r = append_property(s, m, &p);
	return r < 0 ? r : s->f.message_close_container(m);
}

/* A method of the manager. Returns 0, or -errno. */
static int new_call(const struct session *s, const char *method, sd_bus_message **ret)
{
	return s->f.message_new_method_call(s->bus, ret, DESTINATION, MANAGER, method);
}

static int append_string(const struct session *s, sd_bus_message *m, int r, const char *text)
{
	return r < 0 ? r : s->f.message_append_basic(m, 's', text);
}

/* ---- jobs ---- */

/* The path of the job that a reply names, to be waited for. */
static int read_job(struct session *s, sd_bus_message *reply)
{
	const char *job;
	int r = s->f.message_read_basic(reply, 'o', &job);

	return r < 0 ? r : str_fmt(s->job, sizeof(s->job), "%s", job);
}

static int wait_job(struct session *s)
{
	while (!s->result[0]) {
		int r = s->f.process(s->bus, NULL);

		if (r == 0)
			r = s->f.wait(s->bus, left_usec(s));
		if (r < 0 && r != -EINTR)
			return r;
		if (!s->result[0] && rt_cgroup_now_msec() >= s->deadline)
			return -ETIMEDOUT;
	}
	return 0;
}

static int job_failed(const struct session *s, int r, struct err *e)
{
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT | RT_NO_TEXT, RT_E_TIMEOUT,
			       "%s systemd unit \"%s\": job %s was not done after %d s", s->doing,
			       s->unit, s->job, TIMEOUT_MSEC / 1000);
	if (is_gone(r, NULL))
		return call_failed(s, r, NULL, e);
	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "%s systemd unit \"%s\": wait for job %s",
			       s->doing, s->unit, s->job);
	err_set(e, EIO | RT_NO_TEXT, RT_E_CGROUP, "%s systemd unit \"%s\": its job ended as \"%s\"",
		s->doing, s->unit, s->result);
	return err_hint(e, "see \"journalctl %s-u %s\"", s->user ? "--user " : "", s->unit);
}

/* ---- properties that a unit has ---- */

/* The reply, which holds the value as a variant; to be unref'd. */
static int get_property(struct session *s, const char *name, sd_bus_message **ret, struct err *e)
{
	const char *interface = rt_unit_is_slice(s->unit) ? DESTINATION ".Slice"
							  : DESTINATION ".Scope";
	_cleanup_strbuf_ struct strbuf path = {0};
	sd_bus_message *m = NULL;
	sd_bus_error error = {0};
	int r;

	/* the object's path has the unit's name, with all but letters and digits as _XX */
	strbuf_add(&path, "/org/freedesktop/systemd1/unit/");
	for (const char *c = s->unit; *c; c++)
		strbuf_addf(&path, strchr("-_.\\@:", *c) ? "_%02x" : "%c", (unsigned char)*c);
	if (path.failed)
		return err_nomem(e);
	r = s->f.message_new_method_call(s->bus, &m, DESTINATION, path.s,
					 "org.freedesktop.DBus.Properties", "Get");
	r = append_string(s, m, r, interface);
	r = append_string(s, m, r, name);
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), &error, ret);
	return call_done(s, r, m, &error, e);
}

/* A number, or an array of bytes: what limits are. Texts in the arena. */
static int read_values(const struct session *s, sd_bus_message *reply, const char *type,
		       const char **values, size_t *ret_n, struct arena *a)
{
	bool array = type[0] == 'a';
	uint64_t number = 0;
	uint8_t byte;
	size_t n = 0;
	int r = s->f.message_enter_container(reply, 'v', type);

	if (r >= 0 && array)
		r = s->f.message_enter_container(reply, 'a', type + 1);
	while (r >= 0 && n < (array ? SET_MAX : 1)) {
		if (array) {
			r = s->f.message_read_basic(reply, 'y', &byte);
			number = byte;
		} else {
			r = s->f.message_read_basic(reply, 't', &number);
		}
		if (r <= 0) /* 0: the array's end */
			break;
		values[n] = arena_printf(a, "%" PRIu64, number);
		if (!values[n++])
			return -ENOMEM;
	}
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int read_property(struct session *s, const struct rt_unit_property *p, struct arena *a,
			 struct rt_unit_property *ret, struct err *e)
{
	const char **values = ARENA_ARRAY(a, p->type[0] == 'a' ? SET_MAX : 1, const char *);
	sd_bus_message *reply = NULL;
	int r;

	if (!values)
		return err_nomem(e);
	TRY(get_property(s, p->name, &reply, e));
	*ret = (struct rt_unit_property){.type = p->type, .values = values};
	r = read_values(s, reply, p->type, values, &ret->n, a);
	s->f.message_unref(reply);
	if (r < 0)
		return call_failed(s, r, NULL, e);
	ret->name = p->name;
	return 0;
}

/* ---- where a unit's cgroup is ---- */

/* The process's cgroup, if its last component is the unit; *ret to be freed with free(). */
static int cgroup_of(pid_t pid, const char *unit, char **ret)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	const char *line, *last;
	size_t len;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	r = io_read_file(AT_FDCWD, path, 1u << 16, &text, &len);
	if (r < 0)
		return r;
	line = str_starts(text, "0::/") ? text : strstr(text, "\n0::/");
	if (!line)
		return -ENOENT;
	line = strchr(line, '/');
	len = strcspn(line, "\n");
	text[line - text + (ptrdiff_t)len] = '\0';
	last = strrchr(line, '/') + 1;
	if (!streq(last, unit))
		return -ENOENT;
	*ret = strdup(line);
	return *ret ? 0 : -ENOMEM;
}

/* A slice holds no process that could tell. */
static int ask_cgroup(struct session *s, char **ret, struct err *e)
{
	sd_bus_message *reply = NULL;
	const char *value;
	int r = get_property(s, "ControlGroup", &reply, e);

	if (r < 0)
		return r;
	r = s->f.message_enter_container(reply, 'v', "s");
	if (r >= 0)
		r = s->f.message_read_basic(reply, 's', &value);
	if (r < 0)
		r = call_failed(s, r, NULL, e);
	else
		*ret = strdup(value);
	s->f.message_unref(reply);
	if (r < 0)
		return r;
	return *ret ? 0 : err_nomem(e);
}

/* ---- what the driver does ---- */

static int reset_failed(struct session *s)
{
	sd_bus_message *m = NULL;
	int r = new_call(s, "ResetFailedUnit", &m);

	r = append_string(s, m, r, s->unit);
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), NULL, NULL);
	s->f.message_unref(m);
	return r;
}

static int call_start(struct session *s, pid_t pid, const struct rt_unit_property *properties,
		      size_t n, sd_bus_error *error)
{
	sd_bus_message *m = NULL, *reply = NULL;
	int r = new_call(s, "StartTransientUnit", &m);

	r = append_string(s, m, r, s->unit);
	r = append_string(s, m, r, "replace");
	if (r >= 0)
		r = append_properties(s, m, pid, properties, n);
	if (r >= 0)
		r = s->f.message_open_container(m, 'a', "(sa(sv))"); /* auxiliary units: none */
	if (r >= 0)
		r = s->f.message_close_container(m);
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), error, &reply);
	if (r >= 0)
		r = read_job(s, reply);
	s->f.message_unref(m);
	s->f.message_unref(reply);
	return r;
}

static int start(struct session *s, pid_t pid, const struct rt_unit_property *properties, size_t n,
		 int *ret_property, struct err *e)
{
	sd_bus_error error = {0};
	int r = call_start(s, pid, properties, n, &error);

	if (r < 0 && is_error(&error, ERROR_EXISTS) && reset_failed(s) >= 0) {
		s->f.error_free(&error);
		error = (sd_bus_error){0};
		r = call_start(s, pid, properties, n, &error);
	}
	if (r < 0) {
		*ret_property = find_property(error.message, properties, n);
		r = call_failed(s, r, &error, e);
	} else {
		r = wait_job(s);
		if (r < 0 || !streq(s->result, "done"))
			r = job_failed(s, r, e);
	}
	s->f.error_free(&error);
	return r;
}

/* Where it is, once it is started. */
static int find_cgroup(struct session *s, pid_t pid, char **ret_path, struct err *e)
{
	int r;

	if (pid <= 0)
		return ask_cgroup(s, ret_path, e);
	r = cgroup_of(pid, s->unit, ret_path);
	return r < 0 ? err_set(e, r, RT_E_CGROUP, "process %d is not in systemd unit \"%s\"",
			       (int)pid, s->unit)
		     : 0;
}

static int not_back(struct err *e)
{
	return err_hint(e, "systemd was waited for %d s", TIMEOUT_MSEC / 1000);
}

/* Was the talk cut off, or did nobody take it up? Then systemd executes itself anew. */
static bool is_cut(int r)
{
	return r == -ECONNRESET || r == -ECONNREFUSED;
}

int rt_unit_start(const char *name, bool user, pid_t pid, const struct rt_unit_property *properties,
		  size_t n, char **ret_path, int *ret_property, struct err *e)
{
	int64_t deadline = rt_cgroup_now_msec() + TIMEOUT_MSEC;
	bool cut = false;

	for (;;) {
		struct session s;
		int r = session_open(&s, "start", name, user, true, e);

		s.deadline = deadline;
		*ret_property = -1;
		if (r >= 0)
			r = start(&s, pid, properties, n, ret_property, e);
		if (r == 0)
			r = find_cgroup(&s, pid, ret_path, e);
		session_close(&s);
		if (!cut && !is_cut(r))
			return r;
		/* cut off, now or before: the tree tells, or we try again when it is back */
		cut = true;
		if (r == 0 || (pid > 0 && cgroup_of(pid, name, ret_path) == 0)) {
			err_clear(e);
			return 0;
		}
		if (rt_cgroup_now_msec() >= deadline)
			return not_back(e);
		err_clear(e);
		poll(NULL, 0, 50);
	}
}

/*
 * A talk that may be had twice. It is when systemd executes itself anew in the middle: one that comes
 * back with a scope that is empty meanwhile does not notice, and keeps it for ever.
 */
static int talk(const char *doing, const char *name, bool user, bool job,
		int (*fn)(struct session *s, const void *arg, struct err *e), const void *arg,
		struct err *e)
{
	int64_t deadline = rt_cgroup_now_msec() + TIMEOUT_MSEC;

	for (;;) {
		struct session s;
		int r = session_open(&s, doing, name, user, job, e);

		s.deadline = deadline;
		if (r >= 0)
			r = fn(&s, arg, e);
		session_close(&s);
		if (!is_cut(r))
			return r;
		if (rt_cgroup_now_msec() >= deadline)
			return not_back(e);
		err_clear(e);
		poll(NULL, 0, 50);
	}
}

static int stop(struct session *s, const void *arg, struct err *e)
{
	sd_bus_message *m = NULL, *reply = NULL;
	sd_bus_error error = {0};
	int r = new_call(s, "StopUnit", &m);

	(void)arg;
	r = append_string(s, m, r, s->unit);
	r = append_string(s, m, r, "replace");
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), &error, &reply);
	if (r < 0 && is_error(&error, ERROR_NO_UNIT)) {
		r = 0;
	} else if (r < 0) {
		r = call_failed(s, r, &error, e);
	} else {
		r = read_job(s, reply);
		if (r >= 0)
			r = wait_job(s);
		if (r < 0)
			r = job_failed(s, r, e);
	}
	s->f.error_free(&error);
	s->f.message_unref(m);
	s->f.message_unref(reply);
	return r;
}

int rt_unit_stop(const char *name, bool user, struct err *e)
{
	return talk("stop", name, user, true, stop, NULL, e);
}

struct attachment {
	const char *subgroup;
	pid_t pid;
};

static int attach(struct session *s, const void *arg, struct err *e)
{
	const struct attachment *a = arg;
	const uint32_t pid = (uint32_t)a->pid;
	sd_bus_message *m = NULL;
	sd_bus_error error = {0};
	int r = new_call(s, "AttachProcessesToUnit", &m);

	r = append_string(s, m, r, s->unit);
	r = append_string(s, m, r, a->subgroup);
	if (r >= 0)
		r = s->f.message_open_container(m, 'a', "u");
	if (r >= 0)
		r = s->f.message_append_basic(m, 'u', &pid);
	if (r >= 0)
		r = s->f.message_close_container(m);
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), &error, NULL);
	return call_done(s, r, m, &error, e);
}

int rt_unit_attach(const char *name, bool user, const char *subgroup, pid_t pid, struct err *e)
{
	const struct attachment a = {subgroup, pid};

	return talk("enter", name, user, false, attach, &a, e);
}

/* A change of properties, and where to put the old ones: NULL, or as many. */
struct change {
	const struct rt_unit_property *properties;
	size_t n;
	struct arena *arena;
	struct rt_unit_property *old;
	int *refused;
};

static int set(struct session *s, const struct change *c, struct err *e)
{
	static const int runtime = 1; /* until the next boot */
	sd_bus_message *m = NULL;
	sd_bus_error error = {0};
	int r = new_call(s, "SetUnitProperties", &m);

	r = append_string(s, m, r, s->unit);
	if (r >= 0)
		r = s->f.message_append_basic(m, 'b', &runtime);
	if (r >= 0)
		r = append_properties(s, m, 0, c->properties, c->n);
	if (r >= 0)
		r = s->f.call(s->bus, m, left_usec(s), &error, NULL);
	if (r < 0)
		*c->refused = find_property(error.message, c->properties, c->n);
	return call_done(s, r, m, &error, e);
}

/* Had twice, the old values are read once: by then the new ones may be there. */
static int change(struct session *s, const void *arg, struct err *e)
{
	const struct change *c = arg;

	for (size_t i = 0; i < c->n && c->old; i++)
		if (!c->old[i].name)
			TRY(read_property(s, &c->properties[i], c->arena, &c->old[i], e));
	return set(s, c, e);
}

int rt_unit_set(const char *name, bool user, const struct rt_unit_property *properties, size_t n,
		struct arena *a, struct rt_unit_property *ret_old, int *ret_property, struct err *e)
{
	const struct change c = {properties, n, a, ret_old, ret_property};

	*ret_property = -1;
	return talk("change", name, user, false, change, &c, e);
}
