/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program runs: its cpus, its memory; and as what. */
#include "init/init.h"

#include <linux/mempolicy.h>

/* The bits of a list in the plan; NULL for an empty one. */
static const void *bits_of(const struct init *in, struct op_blob bits)
{
	return bits.len ? init_text(in, bits.off) : NULL;
}

int step_affinity(struct init *in, const struct op_affinity *op)
{
	int r = sys_sched_setaffinity(op->bits.len, bits_of(in, op->bits));

	if (r == -EINVAL)
		return init_fail(in, r, RT_WHY_DETAIL,
				 "none of them is online and in the cgroup's cpuset");
	return r < 0 ? r : 0;
}

/* Is one of the nodes in the set of those that the cgroup allows? True when that is not known. */
static bool has_allowed_node(const void *nodes, size_t len)
{
	uint8_t allowed[4096 / 8];
	const uint8_t *wanted = nodes;

	memset(allowed, 0, sizeof(allowed));
	if (sys_get_mempolicy(allowed, sizeof(allowed) * 8, MPOL_F_MEMS_ALLOWED) < 0)
		return true;
	for (size_t i = 0; i < len && i < sizeof(allowed); i++)
		if (wanted[i] & allowed[i])
			return true;
	return false;
}

int step_memory_policy(struct init *in, const struct op_memory_policy *op)
{
	const void *nodes = bits_of(in, op->bits);
	/* The kernel takes one bit less than it is told (get_nodes in mm/mempolicy.c). */
	size_t max = nodes ? op->bits.len * 8 + 1 : 0;
	int r = sys_set_mempolicy((int)(op->mode | op->flags), nodes, max);

	if (r == -EINVAL && nodes && !(op->flags & MPOL_F_RELATIVE_NODES) &&
	    !has_allowed_node(nodes, op->bits.len))
		return init_fail(in, r, RT_WHY_DETAIL,
				 "none of them is online and in the cgroup's cpuset");
	return r;
}

int step_personality(struct init *in, const struct op_personality *op)
{
	int r = sys_personality(op->domain);

	(void)in;
	return r < 0 ? r : 0;
}
