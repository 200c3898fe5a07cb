/* SPDX-License-Identifier: Apache-2.0 */
/* Running the plan of update: cgroup writes and the unit's properties, all of them or none. */
#ifndef RT_HOST_OPS_UPDATE_H
#define RT_HOST_OPS_UPDATE_H

#include "cgroup/cgroup.h"
#include "host_ops/host_ops.h"
#include "host_ops/unit.h"

/* What was there before. Zero-initialise; free with rt_undo_free in any case. */
struct rt_undo {
	char **old; /* of step i: what to write so that it is as before; NULL: it was not run */
	uint32_t n;
	bool devices; /* the device programs may have changed; they were: */
	struct rt_device_programs programs;
	struct rt_unit_undo unit;
};

/*
 * Run the steps of a plan of update on h->cgroup and the container's unit. A value that is there
 * already is not written. When a write fails, those before it are undone in reverse order: e->step
 * says which it was, and the hint what could not be undone. Returns 0 or -errno.
 */
int rt_host_update(struct rt_host *h, struct rt_undo *undo, struct err *e);

/* Undo a whole update that succeeded, because of the error in *e, which is set. */
void rt_host_revert(struct rt_host *h, struct rt_undo *undo, struct err *e);

void rt_undo_free(struct rt_undo *undo);

#endif
