/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup: linux.resources, which are in the terms of cgroup v1, as files of v2. */
#include <inttypes.h>
#include <linux/capability.h>

#include "base/str.h"
#include "plan/parts.h"

#define DEFAULT_PERIOD 100000u /* of cpu.max, in microseconds */

/* ---- conversions ---- */

/* For x >= 1; digit by digit, so that the program needs no libm. */
static double log2_of(double x)
{
	double result = 0, bit = 1;

	for (; x >= 2; x /= 2)
		result++;
	for (int i = 0; i < 52; i++) {
		bit /= 2;
		x *= x;
		if (x >= 2) {
			x /= 2;
			result += bit;
		}
	}
	return result;
}

/* For 0 <= x < 5: the series of e^(x ln 10) at a small argument, squared up again. */
static double pow10_of(double x)
{
	double small = x * 2.302585092994046 / 1024, term = 1, sum = 1;

	for (int i = 1; i < 12; i++) {
		term *= small / i;
		sum += term;
	}
	for (int i = 0; i < 10; i++)
		sum *= sum;
	return sum;
}

/*
 * The curve through minimum, default and maximum of both that runc, crun and Kubernetes use
 * (opencontainers/cgroups#20), so that equal shares weigh the same under any of them.
 */
uint64_t plan_cpu_weight(uint64_t shares)
{
	double l, weight;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of((double)shares);
	weight = pow10_of((l * l + 125 * l) / 612 - 7.0 / 34);
	/* Rounded up, but for the error of computing: 1024 is 100, not 101. */
	return (uint64_t)(weight + 1 - 1e-8);
}

/* ---- the list of limits ---- */

/* What linux.resources can come to, but for `unified`. */
#define MAX_LIMITS 16

/* Does v2 have the controller here? Facts that were not probed say yes: create will find out. */
static bool is_available(const struct plan_ctx *c, const char *controller)
{
	const struct str_array *list = &c->facts->controllers;

	if (!BIND_HAS(c->facts, controllers) || streq(controller, "cgroup"))
		return true;
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->v[i], controller))
			return true;
	return false;
}

static int refuse(struct plan_ctx *c, const char *file, const char *controller, const char *field)
{
	err_set(c->e, 0, RT_E_HOST,
		"cannot set \"%s\": controller \"%s\" is not available in the cgroup2 tree \"%s\"",
		file, controller, c->facts->cgroup_root);
	if (c->facts->cgroup_tree == RT_CGROUP_TREE_HYBRID)
		err_hint(c->e, "cgroup v1 holds it: boot with cgroup_no_v1=all");
	return err_field(c->e, "linux.resources.%s", field);
}

/* field: below linux.resources; origin: its member in the document. */
static int add(struct plan_ctx *c, const char *field, const void *origin, const char *file,
	       const char *value)
{
	const char *controller = arena_strn(c->b->arena, file, strcspn(file, "."));

	if (!value || !controller)
		return err_nomem(c->e);
	if (!is_available(c, controller))
		return refuse(c, file, controller, field);
	c->limits[c->nlimits++] = (struct limit){
		.file = file,
		.value = value,
		.controller = controller,
		.origin = origin,
	};
	return 0;
}

/* -1 is no limit. */
static int add_number(struct plan_ctx *c, const char *field, const void *origin, const char *file,
		      int64_t n)
{
	return add(c, field, origin, file,
		   n < 0 ? "max" : arena_printf(c->b->arena, "%" PRIi64, n));
}

/* Of v1's limit on memory and swap together v2's on swap alone. */
static int memory_swap(struct plan_ctx *c, const struct oci_memory *m)
{
	int64_t swap;

	if (m->swap)
		swap = m->swap < 0 ? -1 : m->swap - m->limit;
	else if (m->limit < 0) /* as with v1, memory without limit brings swap without limit */
		swap = -1;
	else
		return 0;
	TRY(add_number(c, "memory.swap", m->swap ? &m->swap : &m->limit, "memory.swap.max", swap));
	/* Without swap accounting there is no file, and no swap either. */
	c->limits[c->nlimits - 1].optional = swap <= 0;
	return 0;
}

/* A limit or a reservation of 0 is how engines say "none given". */
static int memory(struct plan_ctx *c, const struct oci_memory *m)
{
	if (m->limit)
		TRY(add_number(c, "memory.limit", &m->limit, "memory.max", m->limit));
	TRY(memory_swap(c, m));
	if (m->reservation)
		TRY(add_number(c, "memory.reservation", &m->reservation, "memory.low",
			       m->reservation));
	return 0;
}

static int cpu_max(struct plan_ctx *c, const struct oci_cpu *cpu)
{
	uint64_t period = cpu->period ? cpu->period : DEFAULT_PERIOD;
	const char *value;

	if (!cpu->quota && !cpu->period)
		return 0;
	if (cpu->quota > 0)
		value = arena_printf(c->b->arena, "%" PRIi64 " %" PRIu64, cpu->quota, period);
	else
		value = arena_printf(c->b->arena, "max %" PRIu64, period);
	if (cpu->quota)
		return add(c, "cpu.quota", &cpu->quota, "cpu.max", value);
	return add(c, "cpu.period", &cpu->period, "cpu.max", value);
}

/* In this order the kernel takes them: burst <= quota, and no weight any more once idle is set. */
static int cpu(struct plan_ctx *c, const struct oci_cpu *cpu)
{
	struct arena *a = c->b->arena;

	if (!str_empty(cpu->cpus))
		TRY(add(c, "cpu.cpus", &cpu->cpus, "cpuset.cpus", cpu->cpus));
	if (!str_empty(cpu->mems))
		TRY(add(c, "cpu.mems", &cpu->mems, "cpuset.mems", cpu->mems));
	if (cpu->shares)
		TRY(add(c, "cpu.shares", &cpu->shares, "cpu.weight",
			arena_printf(a, "%" PRIu64, plan_cpu_weight(cpu->shares))));
	TRY(cpu_max(c, cpu));
	if (OCI_HAS(cpu, burst)) {
		TRY(add(c, "cpu.burst", &cpu->burst, "cpu.max.burst",
			arena_printf(a, "%" PRIu64, cpu->burst)));
		c->limits[c->nlimits - 1].optional = !cpu->burst;
	}
	if (OCI_HAS(cpu, idle)) {
		TRY(add(c, "cpu.idle", &cpu->idle, "cpu.idle",
			arena_printf(a, "%" PRIi64, cpu->idle)));
		c->limits[c->nlimits - 1].optional = !cpu->idle;
	}
	return 0;
}

int plan_limits_prepare(struct plan_ctx *c, const struct oci_resources *r)
{
	if (!r)
		return 0;
	c->limits = ARENA_ARRAY(c->b->arena, MAX_LIMITS + r->unified.n, struct limit);
	if (!c->limits)
		return err_nomem(c->e);
	if (r->memory)
		TRY(memory(c, r->memory));
	if (r->cpu)
		TRY(cpu(c, r->cpu));
	if (r->pids) /* 0 is a limit: no more tasks than there are */
		TRY(add_number(c, "pids.limit", &r->pids->limit, "pids.max", r->pids->limit));
	for (size_t i = 0; i < r->unified.n; i++)
		TRY(add(c, "unified", &r->unified.v[i], r->unified.v[i].key,
			r->unified.v[i].value));
	return 0;
}

/* ---- steps ---- */

/* The controllers that the limits need, each once; NULL when none. */
static const char *controllers(struct plan_ctx *c)
{
	_cleanup_strbuf_ struct strbuf out = {0};

	for (size_t i = 0; i < c->nlimits; i++) {
		bool seen = streq(c->limits[i].controller, "cgroup"); /* always there */

		for (size_t j = 0; j < i; j++)
			seen |= streq(c->limits[i].controller, c->limits[j].controller);
		if (!seen)
			strbuf_addf(&out, "%s%s", out.len ? " " : "", c->limits[i].controller);
	}
	c->b->failed |= out.failed;
	return out.len ? arena_strn(c->b->arena, out.s, out.len) : NULL;
}

int plan_cgroup(struct plan_ctx *c)
{
	const char *path = c->opt->cgroup_path;
	struct op_cgroup_create *s;

	if (str_empty(path)) {
		if (c->nlimits) {
			err_set(c->e, 0, RT_E_CGROUP,
				"limits need a cgroup of the container's own");
			return err_field(c->e, "linux.resources");
		}
		return 0;
	}
	s = PLAN_ADD(c->b, cgroup_create, &c->linux->cgroups_path);
	s->path = plan_str(c->b, path);
	s->controllers = plan_str(c->b, controllers(c));
	s->slot = c->cgroup = plan_slot(c->b, "cgroup");
	return 0;
}

/*
 * config-linux.md, "Cgroup ownership": the cgroup goes to the user of the program if, and only if,
 * it is the root of a cgroup namespace of the container's own and can be written to there. It is
 * what systemd in a container wants. A caller without CAP_CHOWN has nothing to give away: then the
 * cgroup is its own, which container root is mapped to.
 */
static void give_cgroup(struct plan_ctx *c)
{
	uint32_t user = c->process->user ? c->process->user->uid : 0, uid = user;
	const void *mount = plan_writable_cgroup(c);

	if (!mount || !(c->new_ns & CLONE_NEWCGROUP) || str_empty(c->opt->cgroup_path))
		return;
	if (c->own_userns && !plan_host_id(&c->uids, user, &uid))
		return;
	if (uid != c->facts->euid && rt_facts_can(c->facts, CAP_CHOWN))
		PLAN_ADD(c->b, cgroup_chown, mount)->uid = uid;
}

void plan_limits(struct plan_ctx *c)
{
	const struct oci_resources *r = c->linux->resources;

	for (size_t i = 0; i < c->nlimits; i++) {
		struct op_cgroup_write *s = PLAN_ADD(c->b, cgroup_write, c->limits[i].origin);

		s->file = plan_str(c->b, c->limits[i].file);
		s->value = plan_str(c->b, c->limits[i].value);
		s->controller = plan_str(c->b, c->limits[i].controller);
		s->optional = c->limits[i].optional;
	}
	if (c->opt->device_program && !str_empty(c->opt->cgroup_path))
		PLAN_ADD(c->b, cgroup_devices, r ? &r->devices : NULL)->rules =
			plan_blob(c->b, c->opt->device_program, c->opt->device_len, 8);
	give_cgroup(c);
}
