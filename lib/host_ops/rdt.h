/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt: groups in the resctrl file system (Documentation/filesystems/resctrl.rst of the
 * kernel). A group is a directory that the kernel fills with files; a process is in it when its pid
 * was written to "tasks", and so are its children.
 */
#ifndef RT_HOST_OPS_RDT_H
#define RT_HOST_OPS_RDT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* What goes to the file "schemata": lines, each ended; "" is nothing. */
struct rt_rdt_schema {
	const char *first; /* l3CacheSchema, memBwSchema */
	const char *last;  /* schemata; a write of its own, since it may say the same again */
};

/*
 * Make a directory for a group. Returns 1; 0 when it was there; -ENOSPC (E_RDT) when the hardware has
 * no more groups, or another negative errno.
 */
int rt_rdt_make(const char *group, struct err *e);

/* Is the group there? 0, or -ENOENT (E_RDT). */
int rt_rdt_check(const char *group, struct err *e);

/* Write the schema of a group that was made. The error holds the kernel's own explanation. */
int rt_rdt_write(const char *group, const struct rt_rdt_schema *schema, struct err *e);

/* The schema that a group has, which can be written again; to be freed with free(). */
int rt_rdt_read(const char *group, char **ret, struct err *e);

/*
 * Does the schema of a group that exists say the same? Numbers are compared, not their spelling; what
 * is not asked for may be anything. -EEXIST (E_RDT) names the first line that differs.
 */
int rt_rdt_compare(const char *group, const struct rt_rdt_schema *schema, struct err *e);

/* Put a process into the group, and into its monitoring group unless that is NULL. */
int rt_rdt_join(const char *group, const char *monitor, pid_t pid, struct err *e);

#endif
