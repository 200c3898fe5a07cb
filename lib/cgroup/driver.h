/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who makes a container's cgroup. The plan says how one is made (cgroup_create, or systemd_unit);
 * what is left to the drivers is where it is, and its end. A container's driver is in its record.
 */
#ifndef RT_CGROUP_DRIVER_H
#define RT_CGROUP_DRIVER_H

#include "cgroup/cgroup.h"
#include "cgroup/systemd.h"

/* What a container asks for. */
struct rt_cgroup_request {
	const char *cgroups_path; /* linux.cgroupsPath, may be NULL */
	const char *id;
	const char *subgroup;     /* annotation run.oci.systemd.subgroup, may be NULL */
	bool limits;              /* values that take a controller */
	bool devices;             /* rules that refuse devices, to a caller who could make nodes */
	struct rt_cgroup_place place;
};

/* Where its cgroup is. */
struct rt_cgroup_home {
	const char *path;     /* below the root of the tree; "": none of its own */
	int made;             /* how many of its last directories create makes */
	struct rt_unit unit;  /* name NULL: none */
	const char *subgroup; /* below the unit's cgroup; "": the unit's own */
};

struct rt_cgroup_driver {
	const char *name; /* of --cgroup-manager and in the record */

	/* Work out where the cgroup will be; makes nothing. Errors name the field. */
	int (*choose)(struct arena *a, const struct rt_cgroup_request *q,
		      struct rt_cgroup_home *ret, struct err *e);

	/*
	 * What there is of it already: nothing that belongs to others (-EBUSY, -EEXIST). Sets
	 * home->made. To be asked before it comes into a record.
	 */
	int (*check)(const char *root, struct rt_cgroup_home *home, struct err *e);

	/* Remove it; processes are gone, or on their way. Bounded. What is not there is success. */
	int (*remove)(const char *root, const struct rt_cgroup_home *home, int timeout_msec,
		      struct err *e);
};

extern const struct rt_cgroup_driver rt_cgroupfs_driver, rt_systemd_driver, rt_disabled_driver;

/* The driver of a record; one without a name, or with an unknown one, is of cgroupfs. */
const struct rt_cgroup_driver *rt_cgroup_driver(const char *name);

#endif
