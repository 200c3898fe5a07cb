/* SPDX-License-Identifier: Apache-2.0 */
/* When and where the kernel runs the program: scheduler, I/O priority, cpus, memory, personality. */
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/personality.h>
#include <linux/sched.h>

#include "base/str.h"
#include "plan/parts.h"
#include "spec/list.h"

#define SCHED_ISO 4                 /* reserved: linux/sched.h has a comment in its place */
#define MPOL_WEIGHTED_INTERLEAVE 6u /* Linux 6.9 */

static uint32_t policy_of(enum oci_sched policy)
{
	static const uint8_t policies[OCI_SCHED_MAX] = {
		[OCI_SCHED_OTHER] = SCHED_NORMAL,
		[OCI_SCHED_FIFO] = SCHED_FIFO,
		[OCI_SCHED_RR] = SCHED_RR,
		[OCI_SCHED_BATCH] = SCHED_BATCH,
		[OCI_SCHED_ISO] = SCHED_ISO,
		[OCI_SCHED_IDLE] = SCHED_IDLE,
		[OCI_SCHED_DEADLINE] = SCHED_DEADLINE,
	};

	return policies[policy];
}

static uint64_t sched_flags(const struct oci_scheduler *s)
{
	static const uint8_t flags[OCI_SCHED_FLAG_MAX] = {
		[OCI_SCHED_FLAG_RESET_ON_FORK] = SCHED_FLAG_RESET_ON_FORK,
		[OCI_SCHED_FLAG_RECLAIM] = SCHED_FLAG_RECLAIM,
		[OCI_SCHED_FLAG_DL_OVERRUN] = SCHED_FLAG_DL_OVERRUN,
		[OCI_SCHED_FLAG_KEEP_POLICY] = SCHED_FLAG_KEEP_POLICY,
		[OCI_SCHED_FLAG_KEEP_PARAMS] = SCHED_FLAG_KEEP_PARAMS,
		[OCI_SCHED_FLAG_UTIL_CLAMP_MIN] = SCHED_FLAG_UTIL_CLAMP_MIN,
		[OCI_SCHED_FLAG_UTIL_CLAMP_MAX] = SCHED_FLAG_UTIL_CLAMP_MAX,
	};
	uint64_t set = 0;

	for (size_t i = 0; i < s->flags.n; i++)
		set |= flags[s->flags.v[i]];
	return set;
}

static void scheduler(struct plan_ctx *c)
{
	const struct oci_scheduler *const *from = PROCESS_MEMBER(c, scheduler);
	struct op_scheduler *s;

	if (!*from)
		return;
	s = PLAN_ADD(c->b, scheduler, *from);
	s->policy = policy_of((*from)->policy);
	s->flags = sched_flags(*from);
	s->nice = (*from)->nice;
	s->priority = (uint32_t)(*from)->priority;
	s->runtime = (*from)->runtime;
	s->deadline = (*from)->deadline;
	s->period = (*from)->period;
}

static void io_priority(struct plan_ctx *c)
{
	static const uint8_t classes[OCI_IOPRIO_MAX] = {
		[OCI_IOPRIO_RT] = IOPRIO_CLASS_RT,
		[OCI_IOPRIO_BE] = IOPRIO_CLASS_BE,
		[OCI_IOPRIO_IDLE] = IOPRIO_CLASS_IDLE,
	};
	const struct oci_io_priority *const *from = PROCESS_MEMBER(c, io_priority);
	struct op_io_priority *s;

	if (!*from)
		return;
	s = PLAN_ADD(c->b, io_priority, *from);
	s->class = classes[(*from)->class];
	s->priority = (uint32_t)(*from)->priority;
}

/* By the runtime: in a user namespace of its own rt-init has no CAP_SYS_NICE that counts. */
void plan_scheduling_outside(struct plan_ctx *c)
{
	scheduler(c);
	io_priority(c);
}

/* The list of numbers as the kernel takes it: words of 64 bits, no more than needed. */
static struct op_blob bits_of(struct plan_ctx *c, const char *list)
{
	uint64_t bits[RT_LIST_WORDS];
	size_t words = 0;

	rt_list_to_bits(list, bits, &words); /* the check has seen it */
	return plan_blob(c->b, bits, words * sizeof(*bits), sizeof(*bits));
}

void plan_affinity(struct plan_ctx *c, bool final)
{
	const struct oci_cpu_affinity *const *from = PROCESS_MEMBER(c, exec_cpu_affinity);
	const char *const *cpus;
	struct op_affinity *s;

	if (!*from)
		return;
	cpus = final ? &(*from)->final : &(*from)->initial;
	if (str_empty(*cpus))
		return;
	s = PLAN_ADD(c->b, affinity, cpus);
	s->cpus = plan_str(c->b, *cpus);
	s->bits = bits_of(c, *cpus);
}

static void memory_policy(struct plan_ctx *c)
{
	static const uint8_t modes[OCI_MEMORY_POLICY_MAX] = {
		[OCI_MEMORY_POLICY_DEFAULT] = MPOL_DEFAULT,
		[OCI_MEMORY_POLICY_BIND] = MPOL_BIND,
		[OCI_MEMORY_POLICY_INTERLEAVE] = MPOL_INTERLEAVE,
		[OCI_MEMORY_POLICY_WEIGHTED_INTERLEAVE] = MPOL_WEIGHTED_INTERLEAVE,
		[OCI_MEMORY_POLICY_PREFERRED] = MPOL_PREFERRED,
		[OCI_MEMORY_POLICY_PREFERRED_MANY] = MPOL_PREFERRED_MANY,
		[OCI_MEMORY_POLICY_LOCAL] = MPOL_LOCAL,
	};
	static const uint16_t flags[OCI_MEMORY_POLICY_FLAG_MAX] = {
		[OCI_MEMORY_POLICY_FLAG_NUMA_BALANCING] = MPOL_F_NUMA_BALANCING,
		[OCI_MEMORY_POLICY_FLAG_RELATIVE_NODES] = MPOL_F_RELATIVE_NODES,
		[OCI_MEMORY_POLICY_FLAG_STATIC_NODES] = MPOL_F_STATIC_NODES,
	};
	const struct oci_memory_policy *from = c->linux->memory_policy;
	struct op_memory_policy *s;

	if (!from)
		return;
	s = PLAN_ADD(c->b, memory_policy, from);
	s->mode = modes[from->mode];
	for (size_t i = 0; i < from->flags.n; i++)
		s->flags |= flags[from->flags.v[i]];
	if (str_empty(from->nodes))
		return;
	s->nodes = plan_str(c->b, from->nodes);
	s->bits = bits_of(c, from->nodes);
}

void plan_scheduling_inside(struct plan_ctx *c)
{
	const struct oci_personality *p = c->linux->personality;

	if (c->base) /* config.md: "not applicable to the container's init process" */
		plan_affinity(c, true);
	memory_policy(c);
	if (p)
		PLAN_ADD(c->b, personality, p)->domain = p->domain == OCI_PERSONALITY_LINUX32
								 ? PER_LINUX32
								 : PER_LINUX;
}
