/* SPDX-License-Identifier: Apache-2.0 */
/* Starting rt-init: the blob and the plan in memory files, the control channel. */
#ifndef RT_PROC_RT_INIT_H
#define RT_PROC_RT_INIT_H

#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"

struct rt_init {
	pid_t pid;
	int pidfd;   /* owned by the caller from here on */
	int channel; /* the runtime's end, owned by the caller */
};

/*
 * Start rt-init on the plan, in the namespaces and cgroup that its spawn step names. Slots must be
 * filled. stdio: three descriptors, NULL: the caller's. Returns 0 or -errno.
 */
int rt_init_start(struct plan *plan, const struct op_spawn *spawn, const int *stdio,
		  struct rt_init *ret, struct err *e);

#endif
