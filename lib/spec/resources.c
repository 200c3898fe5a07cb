/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/resources.h"

#include "spec/bind.h"

/* Forget a member that is 0, NULL or "". */
#define DROP_ZERO(object, member) ((object)->has.member &= (object)->member != 0)
#define DROP_EMPTY(object, member) ((object)->has.member &= !str_empty((object)->member))

static void drop_memory(struct oci_memory *m)
{
	DROP_ZERO(m, limit);
	DROP_ZERO(m, reservation);
	DROP_ZERO(m, swap);
	DROP_ZERO(m, kernel);
	DROP_ZERO(m, kernel_tcp);
}

static void drop_cpu(struct oci_cpu *c)
{
	DROP_ZERO(c, shares);
	DROP_ZERO(c, quota);
	DROP_ZERO(c, period);
	DROP_EMPTY(c, cpus);
	DROP_EMPTY(c, mems);
}

int rt_resources_requests(struct oci_resources *r, struct arena *arena, struct err *e)
{
	struct oci_memory *memory = ARENA_NEW(arena, struct oci_memory);
	struct oci_cpu *cpu = ARENA_NEW(arena, struct oci_cpu);
	struct oci_block_io *block_io = ARENA_NEW(arena, struct oci_block_io);

	if (!memory || !cpu || !block_io)
		return err_nomem(e);
	if (r->memory) {
		*memory = *r->memory;
		drop_memory(memory);
		r->memory = memory;
	}
	if (r->cpu) {
		*cpu = *r->cpu;
		drop_cpu(cpu);
		r->cpu = cpu;
	}
	if (r->block_io) {
		*block_io = *r->block_io;
		DROP_ZERO(block_io, weight);
		DROP_ZERO(block_io, leaf_weight);
		r->block_io = block_io;
	}
	r->has.devices &= r->devices.n > 0;
	return 0;
}

int rt_resources_merge(const struct oci_resources *old, const struct oci_resources *change,
		       struct oci_resources *ret, struct arena *arena, struct err *e)
{
	static const struct bind_key keys[] = {
		{BIND_ID(oci_hugepage_limit), "pageSize"}, {BIND_ID(oci_throttle_device), "major"},
		{BIND_ID(oci_throttle_device), "minor"},   {BIND_ID(oci_weight_device), "major"},
		{BIND_ID(oci_weight_device), "minor"},     {0, NULL},
	};

	*ret = old ? *old : (struct oci_resources){0};
	if (rt_bind_merge(&rt_oci_schema, BIND_ID(oci_resources), ret, change, keys, arena) < 0)
		return err_nomem(e);
	return 0;
}
