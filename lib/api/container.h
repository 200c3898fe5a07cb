/* SPDX-License-Identifier: Apache-2.0 */
/* A container that exists: its directory, its record, its init. */
#ifndef RT_API_CONTAINER_H
#define RT_API_CONTAINER_H

#include "api/context.h"
#include "base/fd.h"
#include "state/state.h"

enum rt_status { RT_CREATING, RT_CREATED, RT_RUNNING, RT_PAUSED, RT_STOPPED };

/* Zero-initialise; close with rt_container_close in any case. */
struct rt_container {
	ocirt_context *ctx;
	const char *id;
	struct fd_slot root, dir;
	bool locked; /* by us, through dir */
	struct rt_record_file file;
	const struct rt_record *record; /* NULL: create was killed before it wrote one, or: */
	bool lost; /* it is damaged, was removed, or is not what rt writes */
	enum rt_status status;
	struct fd_slot pidfd;  /* of the init, while it lives */
	struct fd_slot cgroup; /* while it exists, and if the container has one of its own */
	bool succeeded;        /* it has ended, and its cgroup is another container's by now */
	const char *cgroup_root; /* where cgroup2 is mounted, once it was looked for */
	struct rt_owner *owner;  /* names that were looked up before, of several; may be NULL */
};

/* The name of a user of the host, or the uid in digits; "" when none was looked up. */
struct rt_owner {
	uint32_t uid;
	char name[256];
};

/*
 * Open a container by id, read its record and find out its status. -ENOENT (E_NOT_FOUND). With
 * RT_LOCKED no other command changes it until it is closed.
 */
int rt_container_open(ocirt_context *ctx, const char *id, enum rt_lock lock,
		      struct rt_container *c, struct err *e);

/*
 * Open the container's cgroup into c->cgroup, if it has one of its own and it is there. Fails only for want
 * of descriptors or memory.
 */
int rt_container_open_cgroup(struct rt_container *c, struct err *e);

/* Has another container of the state root, that lives, the same cgroup? create takes one that is empty. */
bool rt_container_has_successor(const struct rt_container *c);

/* The pid of the init; 0 when there is none. */
pid_t rt_container_pid(const struct rt_container *c);

/* Find out the status again, after something was done. */
int rt_container_refresh(struct rt_container *c, struct err *e);

void rt_container_close(struct rt_container *c);

/* Close all that belongs to this one, and keep what the next one of the same state root will need. */
void rt_container_leave(struct rt_container *c);

/* "running" */
const char *rt_status_word(enum rt_status status);

/*
 * The one way to undo a container, for delete and for a create that failed: kill what runs, remove
 * the cgroup, run poststop hooks if `hooks` (a failure is logged: runtime.md, "Lifecycle" 13), and
 * remove the state directory. Bounded but for hooks; -EBUSY (E_BUSY) says what would not die, and
 * the record stays for another try.
 */
int rt_container_destroy(struct rt_container *c, bool hooks, struct err *e);

enum rt_state_form {
	RT_STATE_FOR_HOOK, /* the members of the specification, one line */
	RT_STATE_LINE,     /* and created, owner, rootfs */
	RT_STATE_PRETTY,   /* the same over several lines */
};

/*
 * The state document (runtime.md, "State") of a record, with this status and pid. owner: its user's
 * name, but for hooks. To be freed with free(); NULL when memory is short.
 */
char *rt_state_text(const struct rt_record *record, const char *status, pid_t pid,
		    enum rt_state_form form, const char *owner);

/* The same of a container, as it is now. */
char *rt_container_state(const struct rt_container *c, enum rt_state_form form);

/* Look the name of a user up, if it is not the one that is there. Returns the name. */
const char *rt_owner_name(struct rt_owner *owner, uint32_t uid);

/* Run poststart hooks, as the configuration that create saved has them. */
int rt_container_poststart(struct rt_container *c, struct err *e);

#endif
