/* SPDX-License-Identifier: Apache-2.0 */
/* Talking with systemd: org.freedesktop.systemd1(5). */
#include "cgroup/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "cgroup/systemd.h"

/* ---- connecting ---- */

static uint64_t left_usec(const struct rt_session *s)
{
	int64_t left = s->deadline - rt_clock_msec(CLOCK_MONOTONIC);

	return left > 0 ? (uint64_t)left * 1000 : 1;
}

/* bus: through a broker, which greets its clients; else a direct line to systemd. */
static int connect_to(struct rt_session *s, const char *address, bool bus)
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

static int connect_file(struct rt_session *s, const char *dir, const char *name, bool bus)
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

static int no_connection(const struct rt_session *s, int r, const char *dir, struct err *e)
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
static int connect_any(struct rt_session *s, struct err *e)
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

/* ---- jobs ---- */

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct rt_session *s = userdata;
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

/* Handle one message of the other side, or wait for it; -ETIMEDOUT behind the deadline. */
static int process(const struct rt_session *s)
{
	int r = s->f.process(s->bus, NULL);

	if (r == 0)
		r = s->f.wait(s->bus, left_usec(s));
	if (r < 0 && r != -EINTR)
		return r;
	return rt_clock_msec(CLOCK_MONOTONIC) >= s->deadline ? -ETIMEDOUT : 0;
}

static int wait_job(const struct rt_session *s)
{
	int r = 0;

	while (!s->result[0] && r == 0) {
		r = process(s);
		if (s->result[0])
			return 0;
	}
	return r;
}

static int job_failed(const struct rt_session *s, int r, struct err *e)
{
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT | RT_NO_TEXT, RT_E_TIMEOUT,
			       "%s systemd unit \"%s\": job %s was not done after %d s", s->doing,
			       s->unit, s->job, RT_SYSTEMD_TIMEOUT_MSEC / 1000);
	if (r < 0)
		return rt_session_failed(s, r, NULL, e);
	err_set(e, EIO | RT_NO_TEXT, RT_E_CGROUP, "%s systemd unit \"%s\": its job ended as \"%s\"",
		s->doing, s->unit, s->result);
	return err_hint(e, "see \"journalctl %s-u %s\"", s->user ? "--user " : "", s->unit);
}

int rt_session_wait_job(struct rt_session *s, sd_bus_message *reply, struct err *e)
{
	const char *job;
	int r = s->f.message_read_basic(reply, 'o', &job);

	if (r >= 0)
		r = str_fmt(s->job, sizeof(s->job), "%s", job);
	if (r >= 0)
		r = wait_job(s);
	return r < 0 || !streq(s->result, "done") ? job_failed(s, r, e) : 0;
}

/* ---- a session ---- */

/*
 * Until the other side has greeted us, for which sd-bus itself gives it 90 s. -ECONNRESET: it has
 * ended the talk.
 */
static int wait_ready(const struct rt_session *s)
{
	int r;

	while ((r = s->f.is_ready(s->bus)) == 0) {
		r = process(s);
		if (r < 0)
			return r == -ETIMEDOUT ? r : -ECONNRESET;
	}
	return r < 0 ? -ECONNRESET : 0;
}

int rt_session_open(struct rt_session *s, bool jobs, struct err *e)
{
	int r;

	TRY(rt_sdbus_open(&s->f, e));
	TRY(connect_any(s, e));
	r = wait_ready(s);
	if (r >= 0 && jobs)
		r = s->f.match_signal(s->bus, NULL, NULL, RT_SYSTEMD_MANAGER, "JobRemoved",
				      on_job_removed, s);
	return r < 0 ? rt_session_failed(s, r, NULL, e) : 0;
}

void rt_session_close(struct rt_session *s)
{
	if (s->bus)
		s->f.close_unref(s->bus); /* no flush: every call was waited for */
	rt_sdbus_close(&s->f);
}

bool rt_session_is_cut(int r)
{
	return r == -ECONNRESET || r == -ECONNREFUSED;
}

int rt_session_again(int64_t deadline, struct err *e)
{
	if (rt_clock_msec(CLOCK_MONOTONIC) >= deadline)
		return err_hint(e, "systemd was waited for %d s", RT_SYSTEMD_TIMEOUT_MSEC / 1000);
	err_clear(e);
	poll(NULL, 0, 50);
	return 0;
}

/* ---- calls ---- */

int rt_session_new_call(const struct rt_session *s, const char *method, sd_bus_message **ret)
{
	int r = s->f.message_new_method_call(s->bus, ret, RT_SYSTEMD_NAME, RT_SYSTEMD_MANAGER,
					     method);

	return r < 0 ? r : s->f.message_append_basic(*ret, 's', s->unit);
}

int rt_session_call(const struct rt_session *s, int r, sd_bus_message *m, sd_bus_error *error,
		    sd_bus_message **ret_reply)
{
	return r < 0 ? r : s->f.call(s->bus, m, left_usec(s), error, ret_reply);
}

int rt_session_get(const struct rt_session *s, const char *name, sd_bus_message **ret_reply,
		   struct err *e)
{
	const char *interface = rt_unit_is_slice(s->unit) ? RT_SYSTEMD_NAME ".Slice"
							  : RT_SYSTEMD_NAME ".Scope";
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
	r = s->f.message_new_method_call(s->bus, &m, RT_SYSTEMD_NAME, path.s,
					 "org.freedesktop.DBus.Properties", "Get");
	if (r >= 0)
		r = s->f.message_append_basic(m, 's', interface);
	if (r >= 0)
		r = s->f.message_append_basic(m, 's', name);
	r = rt_session_call(s, r, m, &error, ret_reply);
	return rt_session_done(s, r, m, &error, e);
}

int rt_session_done(const struct rt_session *s, int r, sd_bus_message *m, sd_bus_error *error,
		    struct err *e)
{
	if (r < 0)
		r = rt_session_failed(s, r, error, e);
	s->f.error_free(error);
	s->f.message_unref(m);
	return r < 0 ? r : 0;
}

/* ---- errors ---- */

static bool is_named(const sd_bus_error *error, const char *prefix, const char *name)
{
	return error && error->name && str_starts(error->name, prefix) &&
	       streq(error->name + strlen(prefix), name);
}

bool rt_session_is_error(const sd_bus_error *error, const char *name)
{
	return is_named(error, RT_SYSTEMD_NAME ".", name);
}

/* systemd executes itself anew (daemon-reexec): its connections end, its jobs go on. */
static bool is_gone(int r, const sd_bus_error *error)
{
	return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE ||
	       (r != -ETIMEDOUT && is_named(error, "org.freedesktop.DBus.Error.", "NoReply")) ||
	       is_named(error, "org.freedesktop.DBus.Error.", "Disconnected");
}

int rt_session_failed(const struct rt_session *s, int r, const sd_bus_error *error, struct err *e)
{
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT | RT_NO_TEXT, RT_E_TIMEOUT,
			       "%s systemd unit \"%s\": no answer from systemd within %d s",
			       s->doing, s->unit, RT_SYSTEMD_TIMEOUT_MSEC / 1000);
	if (is_gone(r, error))
		return err_set(e, ECONNRESET | RT_NO_TEXT, RT_E_CGROUP,
			       "%s systemd unit \"%s\": systemd ended the talk", s->doing, s->unit);
	if (rt_session_is_error(error, "UnitExists")) {
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
