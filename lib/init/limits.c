/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits. */
#include "init/init.h"

/* Long before the limit is needed, so that a refusal is found while it can still be told well. */
int step_rlimit_raise(struct init *in, const struct op_rlimit_raise *op)
{
	struct sys_rlimit limit;
	int r = sys_prlimit(op->resource, NULL, &limit);

	(void)in;
	if (r < 0 || limit.hard >= op->hard)
		return r;
	limit.hard = op->hard;
	return sys_prlimit(op->resource, &limit, NULL);
}

int step_rlimit(struct init *in, const struct op_rlimit *op)
{
	const struct sys_rlimit limit = {op->soft, op->hard};

	(void)in;
	return sys_prlimit(op->resource, &limit, NULL);
}
