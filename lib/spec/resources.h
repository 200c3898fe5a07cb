/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources as a document that changes: what update is given, and what it leads to. */
#ifndef RT_SPEC_RESOURCES_H
#define RT_SPEC_RESOURCES_H

#include "base/err.h"
#include "base/mem.h"
#include "spec/oci.h"

/*
 * Take out of *change what asks for nothing, since engines send it: a limit, share or quota of 0, an
 * empty list. The structs it leads to are copied into the arena first. Returns 0 or -ENOMEM.
 */
int rt_resources_requests(struct oci_resources *change, struct arena *arena, struct err *e);

/*
 * Lay a change over resources: members that it has replace theirs; elements of lists and maps
 * replace those of the same device, page size or key; the list of device rules is replaced as a
 * whole, since the order of its rules is their meaning. *ret lives in the arena, strings are
 * borrowed from both. Returns 0 or -ENOMEM.
 */
int rt_resources_merge(const struct oci_resources *old, const struct oci_resources *change,
		       struct oci_resources *ret, struct arena *arena, struct err *e);

#endif
