/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd driver: a container's cgroup is that of a transient unit, a scope or a slice, so that
 * systemd knows of it and its limits. libsystemd is loaded when a call is to be made, and closed
 * behind it (session.h).
 *
 * The processes of a scope are one level deeper, in a cgroup of their own below it: what is there
 * belongs to the runtime and not to systemd (systemd's CGROUP_DELEGATION.md), which therefore
 * leaves the files and the device program there alone, whatever is reloaded.
 */
#ifndef RT_CGROUP_SYSTEMD_H
#define RT_CGROUP_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

/* A container's unit. */
struct rt_unit {
	const char *name;  /* "rt-web.scope" */
	const char *slice; /* in which it is: "system.slice" */
	bool is_slice;     /* the unit itself is one */
	bool user;         /* of the systemd of the caller's session, not of the host */
};

/*
 * The unit that linux.cgroupsPath asks for. Pure.
 *   slice:prefix:name        prefix-name.scope in the slice
 *   slice::name              name.scope
 *   :prefix:name             in system.slice; in user.slice for the user's own systemd
 *   slice:prefix:name.slice  name.slice, whose own name says what it is in
 *   empty/NULL               :rt:<id>
 * Anything else is refused (-EINVAL, E_CONFIG) with the form in the message. Strings are in the arena
 * or static.
 */
int rt_unit_name(struct arena *a, const char *cgroups_path, const char *id, bool user,
		 struct rt_unit *ret, struct err *e);

/* Is it the name of a slice? Pure. */
bool rt_unit_is_slice(const char *name);

/*
 * The cgroup below the unit's that the container is in: what the annotation
 * run.oci.systemd.subgroup (NULL: not there) says; "" is the unit's own. By default "container" in a
 * scope, which is delegated to us; a slice cannot be, and systemd takes controllers away from what
 * others have made in one, so there it is "".
 */
int rt_unit_subgroup(const char *annotation, const struct rt_unit *unit, const char **ret,
		     struct err *e);

/*
 * Where the cgroup of a unit, and of `subgroup` below it, will be in the cgroup2 tree of a host whose
 * systemd is the tree's root: "/a.slice/a-b.slice/rt-web.scope/container". Where systemd has put it
 * in the end is what rt_unit_start() tells. uid: of the owner of a user's unit. In the arena; NULL
 * when memory is short. Pure.
 */
const char *rt_unit_path(struct arena *a, const struct rt_unit *unit, const char *subgroup,
			 unsigned int uid);

/* A property of a unit; type and values as in op.def, systemd_property. */
struct rt_unit_property {
	const char *name, *type;
	const char *const *values;
	size_t n;
};

struct rt_unit_properties {
	struct rt_unit_property *v;
	size_t n;
	int refused; /* set by those who send them: the index of the one that systemd named, or -1 */
};

/*
 * Start a transient unit, with this process in it if it is a scope, and wait until it is there: 30 s
 * at most, and the message says what was waited for. One call on one connection; when the unit is
 * left over as failed, it is reset and the call is made once more. *ret_path is its cgroup below
 * the root of the cgroup2 tree, to be freed with free(). -EEXIST when there is such a unit;
 * -ENOTCONN, -ETIMEDOUT; -EINVAL for a property that is refused.
 */
int rt_unit_start(const char *name, bool user, pid_t pid, struct rt_unit_properties *p,
		  char **ret_path, struct err *e);

/*
 * Stop a unit, and wait until it is gone: 30 s at most. A unit that does not exist is success.
 */
int rt_unit_stop(const char *name, bool user, struct err *e);

/*
 * Have systemd move a process of the caller's own into a unit that is delegated: into its cgroup, or
 * into one below it, "/container". For callers that the kernel does not let do it themselves. 30 s at
 * most; errors as those of rt_unit_start(), -EACCES when systemd refuses.
 */
int rt_unit_attach(const char *name, bool user, const char *subgroup, pid_t pid, struct err *e);

/*
 * Change properties of a unit that exists, until the next boot (SetUnitProperties): all of them or
 * none, 30 s at most. ret_old, unless it is NULL: as many properties, zeroed by the caller, that say how
 * they were, to be set again; their strings are in the arena, and those that were not read yet when it
 * failed stay zeroes. Only of the types "t" and "ay". Errors as those of rt_unit_start().
 */
int rt_unit_set(const char *name, bool user, struct rt_unit_properties *p, struct arena *a,
		struct rt_unit_property *ret_old, struct err *e);

#endif
