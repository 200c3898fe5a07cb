/* SPDX-License-Identifier: Apache-2.0 */
/* A container whose record is lost: state.json is missing, damaged, or not what rt writes. */
#ifndef RT_API_SALVAGE_H
#define RT_API_SALVAGE_H

#include "api/bundle.h"
#include "api/container.h"

/* What was found out instead of the record. Zero-initialise; free with rt_salvage_free. */
struct rt_salvage {
	struct arena arena;
	struct rt_facts facts;
	struct rt_bundle bundle; /* with the saved configuration alone */
	struct rt_record record;
};

/*
 * Give the container, opened and locked but for its record, one made of its saved configuration: the
 * cgroup that it must have been in, if all that is in it can only be the container's own. Told is
 * what is not known, and left therefore. The record lives as long as *s. Fails for want of memory or
 * descriptors alone.
 */
int rt_salvage(struct rt_container *c, struct rt_salvage *s, struct err *e);
void rt_salvage_free(struct rt_salvage *s);

#endif
