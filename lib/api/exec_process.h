/* SPDX-License-Identifier: Apache-2.0 */
/* The process object that exec runs: the container's own, changed only by what the caller names. */
#ifndef RT_API_EXEC_PROCESS_H
#define RT_API_EXEC_PROCESS_H

#include "base/mem.h"
#include "ocirt.h"
#include "spec/bind.h"
#include "spec/oci.h"

/* Zero-initialise; free with rt_exec_process_free in any case. */
struct rt_exec_process {
	struct oci_process process; /* what to run */
	struct arena arena;
	struct bind_doc doc;        /* of --process; its text below */
	char *text;
};

/*
 * From a file with a process object: what it names counts, optional members that it leaves out
 * (capabilities, rlimits, noNewPrivileges, oomScoreAdj, umask, labels, scheduling) are `own`'s, the
 * container's. From the command line: all is own's but args and what is given. -EINVAL (E_USAGE,
 * E_CONFIG).
 */
int rt_exec_process_make(const struct ocirt_exec_options *options, const struct oci_process *own,
			 struct rt_exec_process *p, struct err *e);

void rt_exec_process_free(struct rt_exec_process *p);

#endif
