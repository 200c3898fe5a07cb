/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of update: a change of linux.resources as writes to the container's cgroup. */
#include <errno.h>
#include <inttypes.h>

#include "base/str.h"
#include "plan/parts.h"

static int bad(struct err *e, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int bad(struct err *e, const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_setv(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG, fmt, ap);
	va_end(ap);
	return err_field(e, "%s", field);
}

/* ---- the halves that a change leaves out: from what the kernel has ---- */

/* memory.swap is memory and swap together, so that neither can change without the other. */
static int fill_swap(struct oci_memory *m, const struct plan_now *now, struct err *e)
{
	if (m->swap > 0 && !m->limit) {
		if (now->memory < 0)
			return bad(e, "memory.swap",
				   "cannot set a swap limit without a memory limit");
		m->limit = now->memory;
		if (m->swap < m->limit)
			return bad(e, "memory.swap",
				   "%" PRIi64 " is memory and swap together, so not less than the "
				   "limit, which is %" PRIi64,
				   m->swap, m->limit);
	} else if (m->limit > 0 && !m->swap && now->memory >= 0 && now->swap >= 0) {
		m->swap = now->memory + now->swap;
		if (m->swap < m->limit)
			return bad(e, "memory.limit",
				   "%" PRIi64 " is above the limit of memory and swap together, "
				   "which is %" PRIi64 " and has to be changed with it",
				   m->limit, m->swap);
	}
	return 0;
}

static int fill_memory(struct oci_memory *m, const struct plan_now *now, struct err *e)
{
	if (now->check_usage && m->limit > 0 && (uint64_t)m->limit < now->memory_used)
		return bad(e, "memory.limit",
			   "%" PRIi64 " is less than the %" PRIu64 " bytes that are in use, and "
			   "checkBeforeUpdate is set",
			   m->limit, now->memory_used);
	return fill_swap(m, now, e);
}

static int fill_cpu(struct oci_cpu *c, const struct plan_now *now, struct err *e)
{
	if (c->quota && !c->period)
		c->period = now->period;
	if (c->period && !c->quota)
		c->quota = now->quota;
	if (!OCI_HAS(c, burst) && c->quota > 0 && now->burst > (uint64_t)c->quota)
		return bad(e, "cpu.quota",
			   "%" PRIi64 " is below the burst, which is %" PRIu64 " and has to be "
			   "changed with it",
			   c->quota, now->burst);
	/*
	 * The kernel refuses a weight while cpu.idle is set, and forgets the old one. It stays in
	 * the saved configuration, and is written once the cgroup is idle no more.
	 */
	if (now->idle && OCI_HAS(c, idle) && !c->idle && !c->shares)
		c->shares = now->saved_shares;
	else if (now->idle && !(OCI_HAS(c, idle) && !c->idle))
		c->shares = 0;
	return 0;
}

int plan_update_fill(struct arena *arena, const struct oci_resources *change,
		     const struct plan_now *now, struct oci_resources *ret, struct err *e)
{
	struct oci_memory *memory = ARENA_NEW(arena, struct oci_memory);
	struct oci_cpu *cpu = ARENA_NEW(arena, struct oci_cpu);

	if (!memory || !cpu)
		return err_nomem(e);
	*ret = *change;
	if (change->memory) {
		*memory = *change->memory;
		ret->memory = memory;
		TRY(fill_memory(memory, now, e));
	}
	if (change->cpu) {
		*cpu = *change->cpu;
		ret->cpu = cpu;
		TRY(fill_cpu(cpu, now, e));
	}
	return 0;
}

/* ---- order ---- */

/* The number that a file gets; false when it is not written, or gets no number. */
static bool find_number(const struct plan_ctx *c, const char *file, uint64_t *ret)
{
	bool found = false;

	for (size_t i = 0; i < c->nlimits; i++)
		if (streq(c->limits[i].file, file))
			found = str_to_u64(c->limits[i].value, 0, UINT64_MAX, ret) == 0;
	return found;
}

/* At no time may a write be one that the kernel refuses for what another will change. */
static void order(struct plan_ctx *c, const struct plan_now *now)
{
	uint64_t burst;

	if (find_number(c, "cpu.max.burst", &burst) &&
	    (now->quota < 0 || burst <= (uint64_t)now->quota))
		plan_limits_move(c, "cpu.max.burst", "cpu.max");
	if (now->idle) {
		plan_limits_move(c, "cpu.idle", "cpu.weight");
		plan_limits_move(c, "cpu.idle", "cpu.weight.nice");
	}
}

int plan_build_update(struct plan_builder *b, const struct oci_linux *change,
		      const struct plan_now *now, const struct rt_facts *facts,
		      const struct plan_options *opt, struct err *e)
{
	const struct oci_resources *filled = change->resources;
	struct plan_ctx c = {.b = b, .linux = change, .facts = facts, .opt = opt, .e = e};

	b->stage = STAGE_HOSTPID;
	TRY(plan_limits_prepare(&c, filled));
	order(&c, now);
	plan_limits(&c);
	/* Rules that allow everything need no program: what there is goes. */
	if (filled->devices.n && !opt->device_program)
		PLAN_ADD(b, cgroup_devices, &filled->devices);
	plan_rdt_schema(&c);
	/* Last: the kernel is more likely to refuse, and systemd to be asked to undo costs all its clients. */
	plan_systemd_change(&c);
	return 0;
}
