/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory: <root>/<id>/ with
 *   state.json    the record; the only truth about the container between two commands
 *   config.json   a copy of what was given to create: later changes of the bundle have no effect
 *                 (runtime.md, "Lifecycle")
 *   start.sock    the start gate; it is there as long as the container is "created"
 *   notify/       what is mounted in a container that may say when it is ready (sd_notify(3)): a
 *                 directory for its socket
 * An exclusive flock on the directory is the container's lock. Everything is 0700 or 0600 whatever
 * the umask (CVE-2021-41103).
 */
#ifndef RT_STATE_STATE_H
#define RT_STATE_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "spec/bind.h"
#include "state/state.def"

BIND_DECLARE(STATE_ENUMS, STATE_OBJECTS)

#define RT_STATE_SCHEMA 1
#define RT_STATE_FILE "state.json"
#define RT_STATE_CONFIG "config.json"
#define RT_STATE_GATE "start.sock"
#define RT_STATE_NOTIFY "notify"
#define RT_STATE_ID_MAX 255

/*
 * An id is one path component of [A-Za-z0-9_+.-] that does not begin with a dot. Returns 0, or
 * -EINVAL "invalid container ID".
 */
int rt_state_check_id(const char *id, struct err *e);

/* Open the root; with `make` it is created, 0700, parents too. -ENOENT without an error otherwise. */
int rt_state_root(const char *root, bool make, struct err *e);

/*
 * Make the directory of a new container and lock it. Returns its descriptor, owned by the caller
 * (closing it unlocks); -EEXIST when the id is taken.
 */
int rt_state_make(int root_fd, const char *id, struct err *e);

enum rt_lock { RT_UNLOCKED, RT_LOCKED };

/*
 * Open the directory of a container. A lock that is held by another command is waited for, at most
 * 10 s, then -EBUSY. Returns the descriptor; -ENOENT "container does not exist".
 */
int rt_state_open(int root_fd, const char *id, enum rt_lock lock, struct err *e);

/*
 * Is somebody holding the lock? Then a command on the container is under way. Not to be asked of a
 * descriptor that holds it: the answer would be no, and the lock lost.
 */
bool rt_state_is_locked(int dir_fd);

/* Remove the directory with all that is in it. Returns 0 or -errno. */
int rt_state_remove(int root_fd, const char *id, int dir_fd, struct err *e);

extern const struct bind_schema rt_state_schema;

/* A record that was read. Zero-initialised = none. */
struct rt_record_file {
	const struct rt_record *record;
	struct bind_doc doc;
	char *text;
};

/*
 * Read the record. -ENOENT without an error when create was killed before it was written. Free with
 * rt_record_free in any case.
 */
int rt_record_read(int dir_fd, struct rt_record_file *ret, struct err *e);
void rt_record_free(struct rt_record_file *file);

/*
 * Replace the record on disk by this one, in two parts: nobody sees the draft before it is published,
 * which is quick. The caller holds the lock. Each returns 0 or -errno.
 */
int rt_record_draft(int dir_fd, const struct rt_record *record, struct err *e);
int rt_record_publish(int dir_fd, struct err *e);

/* Both parts. */
int rt_record_write(int dir_fd, const struct rt_record *record, struct err *e);

#endif
