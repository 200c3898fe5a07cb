/* SPDX-License-Identifier: Apache-2.0 */
/* The step systemd_unit. */
#ifndef RT_HOST_OPS_UNIT_H
#define RT_HOST_OPS_UNIT_H

#include "host_ops/host_ops.h"

/*
 * Start the unit around h->pid with the properties of the plan, and make the container's cgroup in
 * it: h->cgroup and h->cgroup_path. When systemd refuses a property, e->step is that property's. On
 * failure the unit is stopped.
 */
int rt_unit_run(struct rt_host *h, const struct op_systemd_unit *op, struct err *e);

#endif
