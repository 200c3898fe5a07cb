/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with systemd's manager about one unit: a connection, calls on it, and the job that a call
 * may begin; all of it before one deadline. And what its failures are called.
 */
#ifndef RT_CGROUP_SESSION_H
#define RT_CGROUP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cgroup/sdbus.h"

#define RT_SYSTEMD_NAME "org.freedesktop.systemd1"
#define RT_SYSTEMD_MANAGER "/org/freedesktop/systemd1", RT_SYSTEMD_NAME ".Manager"

/* systemd that executes itself anew on a busy host takes over 10 s */
#define RT_SYSTEMD_TIMEOUT_MSEC 30000

struct rt_session {
	/* what the caller says of it */
	const char *doing, *unit; /* for messages: "start", "rt-web.scope" */
	bool user;                /* the manager is that of the caller's session */
	int64_t deadline;         /* of rt_cgroup_now_msec() */

	struct rt_sdbus f;
	sd_bus *bus;
	char job[80];    /* its object path */
	char result[24]; /* of the job: "done", "failed"; "" while it is under way */
};

/*
 * Load libsystemd and connect, over the bus that the environment names, else directly, else over the
 * system's or the user's bus. jobs: be told when one ends, for rt_session_wait_job(). To be closed
 * whatever came out. -ENOTCONN (E_HOST): there is no systemd, or no session of this user; -ENOENT
 * (E_HOST): no libsystemd; -ETIMEDOUT, -ECONNRESET and -ECONNREFUSED as of rt_session_failed().
 */
int rt_session_open(struct rt_session *s, bool jobs, struct err *e);
void rt_session_close(struct rt_session *s);

/*
 * A call of a method of the manager, whose first argument is the unit's name; to be unref'd. Returns
 * 0, or -errno without a message.
 */
int rt_session_new_call(const struct rt_session *s, const char *method, sd_bus_message **ret);

/*
 * Make the call, if r says that the message came together; error and ret_reply may be NULL. Returns
 * r or what sd_bus_call() does, without a message.
 */
int rt_session_call(const struct rt_session *s, int r, sd_bus_message *m, sd_bus_error *error,
		    sd_bus_message **ret_reply);

/* Is it the error of systemd with this name, without "org.freedesktop.systemd1."? */
bool rt_session_is_error(const sd_bus_error *error, const char *name);

/*
 * What a failed call means: r is its negative result, error (may be NULL) what systemd answered.
 * -ETIMEDOUT (E_TIMEOUT); -EEXIST; -ECONNRESET (all E_CGROUP): the talk was cut off, what came of
 * the call is not known; else r, with systemd's own words.
 */
int rt_session_failed(const struct rt_session *s, int r, const sd_bus_error *error, struct err *e);

/* Behind a call whose reply tells nothing: its failure, if it has failed, and release what it held. */
int rt_session_done(const struct rt_session *s, int r, sd_bus_message *m, sd_bus_error *error,
		    struct err *e);

/*
 * Wait until the job that a reply names is done. Errors as of rt_session_failed(); -EIO: it has ended
 * otherwise.
 */
int rt_session_wait_job(struct rt_session *s, sd_bus_message *reply, struct err *e);

/*
 * Ask for a property of the unit. *ret_reply holds the value as a variant; to be unref'd. Errors as of
 * rt_session_failed().
 */
int rt_session_get(const struct rt_session *s, const char *name, sd_bus_message **ret_reply,
		   struct err *e);

/*
 * Was a session cut off, or taken up by nobody? Then systemd executes itself anew (daemon-reexec):
 * its connections end, its jobs go on, and one can talk to it again in a moment.
 */
bool rt_session_is_cut(int r);

/*
 * A moment to wait before the next session. 0, with the error cleared; or when the deadline is over
 * the error that there is, with a hint.
 */
int rt_session_again(int64_t deadline, struct err *e);

#endif
