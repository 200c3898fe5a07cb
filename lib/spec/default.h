/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration to start from: `rt spec`. */
#ifndef RT_SPEC_DEFAULT_H
#define RT_SPEC_DEFAULT_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Append a config.json that runs a shell on a terminal, in namespaces of its own and with few
 * capabilities (default.json). It is kept to what crun and runc of Debian 12 take too.
 */
int rt_default_config(struct strbuf *out, struct err *e);

/*
 * The same for a caller who is not root: in a user namespace where uid and gid are root's, in the
 * host's network, without what needs more than that: limits, a fresh sysfs, the group of ttys.
 */
int rt_default_config_rootless(uint32_t uid, uint32_t gid, struct strbuf *out, struct err *e);

#endif
