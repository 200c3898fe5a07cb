/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RT_HOST_OPS_USERNS_H
#define RT_HOST_OPS_USERNS_H

#include "base/err.h"

/*
 * Make a user namespace with these maps, for mount_setattr(MOUNT_ATTR_IDMAP). Returns a descriptor
 * owned by the caller, or -errno.
 */
int rt_userns_open(const char *uid_map, const char *gid_map, struct err *e);

#endif
