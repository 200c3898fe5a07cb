/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a unit in the form in which D-Bus carries them, from text and back to text. */
#ifndef RT_CGROUP_VALUES_H
#define RT_CGROUP_VALUES_H

#include "cgroup/sdbus.h"
#include "cgroup/systemd.h"

/*
 * Append an array of properties, "a(sv)", to a message. pid: the first process of the unit, which is
 * one property more; 0: none. Returns 0, or -errno without a message.
 */
int rt_values_append(const struct rt_sdbus *f, sd_bus_message *m, pid_t pid,
		     const struct rt_unit_properties *p);

/*
 * Read the variant of a property, which must be of this type: "t", a number, or "ay", an array of
 * bytes; what limits are. ret->values are texts in the arena, ret->type is `type`, ret->name is left
 * alone. Returns 0, or -errno without a message.
 */
int rt_values_read(const struct rt_sdbus *f, sd_bus_message *reply, const char *type,
		   struct arena *a, struct rt_unit_property *ret);

#endif
