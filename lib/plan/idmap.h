/* SPDX-License-Identifier: Apache-2.0 */
/* User namespaces for id-mapped mounts: one for each pair of maps that differs. */
#ifndef RT_PLAN_IDMAP_H
#define RT_PLAN_IDMAP_H

#include "plan/parts.h"

/* The user namespaces made so far. Zero-initialised = none. */
struct idmaps {
	struct idmap *v;
	size_t n;
};

/*
 * HOST: the user namespace for mounts[index]: that of the option's text (NULL: none), else of the
 * mount's uidMappings and gidMappings, else of the container's. *ret_slot may be one that an earlier
 * mount has asked for.
 */
int plan_idmap(struct plan_ctx *c, struct idmaps *maps, size_t index, const char *text,
	       uint32_t *ret_slot);

#endif
