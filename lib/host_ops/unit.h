/* SPDX-License-Identifier: Apache-2.0 */
/* The steps systemd_unit, systemd_attach and systemd_change. */
#ifndef RT_HOST_OPS_UNIT_H
#define RT_HOST_OPS_UNIT_H

#include "cgroup/systemd.h"
#include "host_ops/host_ops.h"

/*
 * Start the unit around h->pid with the properties of the plan, and make the container's cgroup in
 * it: h->cgroup and h->cgroup_path. When systemd refuses a property, e->step is that property's. On
 * failure the unit is stopped.
 */
int rt_unit_run(struct rt_host *h, const struct op_systemd_unit *op, struct err *e);

/* Move h->pid into a cgroup of a unit that is there; its descriptor is in h->cgroup then. */
int rt_unit_take_in(struct rt_host *h, const struct op_systemd_attach *op, struct err *e);

/* How the properties of a unit were. Zero-initialise; its memory is the arena. */
struct rt_unit_undo {
	struct arena arena;
	struct rt_unit_property *old;
	size_t n; /* 0: nothing was set */
};

/* Set the properties of the plan in the unit. On failure e->step as above. */
int rt_unit_change(struct rt_host *h, const struct op_systemd_change *op,
		   struct rt_unit_undo *undo, struct err *e);

/* Set them as they were. */
int rt_unit_change_back(const struct rt_host *h, const struct op_systemd_change *op,
			const struct rt_unit_undo *undo, struct err *e);

#endif
