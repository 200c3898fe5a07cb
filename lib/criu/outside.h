/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a container CRIU neither saves nor makes, since it is the host's or another container's:
 * mounts whose content is outside, namespaces that are joined. The plan of its creation says what
 * that is; the names under which it stands in the images are runc's and crun's.
 */
#ifndef RT_CRIU_OUTSIDE_H
#define RT_CRIU_OUTSIDE_H

#include <sys/types.h>

#include "base/err.h"
#include "criu/rpc.h"
#include "plan/plan.h"

/*
 * For a dump: name each mount that shows something of the host. root: the container's, a descriptor;
 * symbolic links in destinations are resolved there.
 */
int rt_criu_dump_mounts(const struct plan *plan, int root, struct rt_criu_options *o,
			struct err *e);

/* For a restore: where each of them is now. root: the rootfs. */
int rt_criu_restore_mounts(const struct plan *plan, int root, struct rt_criu_options *o,
			   struct err *e);

/* Make the mount points that the rootfs does not have, as create would. */
int rt_criu_make_mountpoints(const struct plan *plan, int root, struct err *e);

/* For a dump: the network and pid namespaces that the container of this init has joined. */
int rt_criu_dump_namespaces(const struct plan *plan, pid_t init, struct rt_criu_options *o,
			    struct err *e);

/*
 * For a restore: the namespaces that are open in the plan's slots. keep: room for two descriptors that
 * criu must be started with, of which *ret_nkeep are used. -ENOTSUP for a type that CRIU cannot join.
 */
int rt_criu_restore_namespaces(struct plan *plan, struct rt_criu_options *o, int32_t keep[2],
			       uint32_t *ret_nkeep, struct err *e);

#endif
