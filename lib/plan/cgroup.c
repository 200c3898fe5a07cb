/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup: linux.resources, which are in the terms of cgroup v1, as files of v2. */
#include <errno.h>
#include <inttypes.h>

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

static int add(struct plan_ctx *c, const void *origin, const char *file, const char *value)
{
	const char *dot = strchr(file, '.');

	if (c->nlimits == c->limits_cap) {
		size_t cap = c->limits_cap ? c->limits_cap * 2 : 16;
		struct limit *grown = ARENA_ARRAY(c->b->arena, cap, struct limit);

		if (!grown)
			return err_nomem(c->e);
		if (c->nlimits)
			memcpy(grown, c->limits, c->nlimits * sizeof(*grown));
		c->limits = grown;
		c->limits_cap = cap;
	}
	c->limits[c->nlimits] = (struct limit){
		.file = file,
		.value = value,
		.controller = arena_strn(c->b->arena, file, (size_t)(dot - file)),
		.origin = origin,
	};
	return value && c->limits[c->nlimits++].controller ? 0 : err_nomem(c->e);
}

/* -1, and whatever else is below 0, is no limit. */
static int add_number(struct plan_ctx *c, const void *origin, const char *file, int64_t n)
{
	return add(c, origin, file, n < 0 ? "max" : arena_printf(c->b->arena, "%" PRIi64, n));
}

/*
 * What cgroup v2 has no file for. Engines send some of these with the value that means nothing, so
 * that is let pass; anything else would be a limit that silently is none.
 */
static int refuse(struct plan_ctx *c, const char *field, bool asks_nothing)
{
	if (asks_nothing)
		return 0;
	err_set(c->e, 0, RT_E_HOST, "cgroup v2 has no such limit");
	return err_field(c->e, "linux.resources.%s", field);
}

static int memory_swap(struct plan_ctx *c, const struct oci_memory *m)
{
	bool limited = OCI_HAS(m, limit) && m->limit > 0;
	int r = 0;

	if (!OCI_HAS(m, swap) || m->swap == 0) {
		/* As with cgroup v1, memory without limit brings swap without limit. */
		if (!OCI_HAS(m, limit) || m->limit >= 0)
			return 0;
		TRY(add(c, &m->limit, "memory.swap.max", "max"));
	} else if (m->swap < 0) {
		TRY(add(c, &m->swap, "memory.swap.max", "max"));
	} else {
		if (!limited)
			r = err_set(c->e, 0, RT_E_CONFIG,
				    "unable to set swap limit without memory limit");
		else if (m->swap < m->limit)
			r = err_set(c->e, 0, RT_E_CONFIG,
				    "memory+swap limit must not be below the memory limit");
		if (r < 0)
			return err_field(c->e, "linux.resources.memory.swap");
		/* v1 counts memory and swap together, v2 swap alone. */
		TRY(add_number(c, &m->swap, "memory.swap.max", m->swap - m->limit));
	}
	/* Without swap accounting there is no file, and no swap either. */
	c->limits[c->nlimits - 1].optional = m->swap <= 0 || m->swap == m->limit;
	return 0;
}

/* A limit or a reservation of 0 is how engines say "none given". */
static int memory(struct plan_ctx *c, const struct oci_memory *m)
{
	if (OCI_HAS(m, limit) && m->limit)
		TRY(add_number(c, &m->limit, "memory.max", m->limit));
	TRY(memory_swap(c, m));
	if (OCI_HAS(m, reservation) && m->reservation)
		TRY(add_number(c, &m->reservation, "memory.low", m->reservation));
	TRY(refuse(c, "memory.kernel", m->kernel <= 0));
	TRY(refuse(c, "memory.kernelTCP", m->kernel_tcp <= 0));
	TRY(refuse(c, "memory.swappiness", !m->swappiness));
	return refuse(c, "memory.disableOOMKiller", !m->disable_oom_killer);
}

static int cpu_max(struct plan_ctx *c, const struct oci_cpu *cpu)
{
	bool has_quota = OCI_HAS(cpu, quota) && cpu->quota;
	uint64_t period = cpu->period ? cpu->period : DEFAULT_PERIOD;
	const void *origin = has_quota ? (const void *)&cpu->quota : (const void *)&cpu->period;

	if (!has_quota && !cpu->period)
		return 0;
	return add(c, origin, "cpu.max",
		   cpu->quota > 0
			   ? arena_printf(c->b->arena, "%" PRIi64 " %" PRIu64, cpu->quota, period)
			   : arena_printf(c->b->arena, "max %" PRIu64, period));
}

static int cpu(struct plan_ctx *c, const struct oci_cpu *cpu)
{
	struct arena *a = c->b->arena;

	if (!str_empty(cpu->cpus))
		TRY(add(c, &cpu->cpus, "cpuset.cpus", cpu->cpus));
	if (!str_empty(cpu->mems))
		TRY(add(c, &cpu->mems, "cpuset.mems", cpu->mems));
	if (cpu->shares)
		TRY(add(c, &cpu->shares, "cpu.weight",
			arena_printf(a, "%" PRIu64, plan_cpu_weight(cpu->shares))));
	TRY(cpu_max(c, cpu));
	/* The kernel wants burst <= quota, and no weight any more once idle is set. */
	if (OCI_HAS(cpu, burst)) {
		TRY(add(c, &cpu->burst, "cpu.max.burst", arena_printf(a, "%" PRIu64, cpu->burst)));
		c->limits[c->nlimits - 1].optional = !cpu->burst;
	}
	if (OCI_HAS(cpu, idle)) {
		TRY(add(c, &cpu->idle, "cpu.idle", arena_printf(a, "%" PRIi64, cpu->idle)));
		c->limits[c->nlimits - 1].optional = !cpu->idle;
	}
	TRY(refuse(c, "cpu.realtimeRuntime", cpu->realtime_runtime <= 0));
	return refuse(c, "cpu.realtimePeriod", !cpu->realtime_period);
}

/* Of the core's own files only these are limits; the others would move, freeze or kill. */
static bool is_limit_file(const char *file)
{
	if (strchr(file, '/') || !strchr(file, '.') || *file == '.')
		return false;
	return !str_starts(file, "cgroup.") || str_starts(file, "cgroup.max.") ||
	       streq(file, "cgroup.pressure");
}

static int unified(struct plan_ctx *c, const struct str_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		if (!is_limit_file(map->v[i].key)) {
			err_set(c->e, 0, RT_E_CONFIG, "\"%s\" is no limit of cgroup v2",
				map->v[i].key);
			return err_field(c->e, "linux.resources.unified");
		}
		TRY(add(c, &map->v[i], map->v[i].key, map->v[i].value));
	}
	return 0;
}

int plan_limits_prepare(struct plan_ctx *c, const struct oci_resources *r)
{
	if (!r)
		return 0;
	if (r->memory)
		TRY(memory(c, r->memory));
	if (r->cpu)
		TRY(cpu(c, r->cpu));
	if (r->pids) /* 0 is a limit: no more tasks than there are */
		TRY(add_number(c, &r->pids->limit, "pids.max", r->pids->limit));
	return unified(c, &r->unified);
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
	s = PLAN_ADD(c->b, cgroup_create, &c->linux_->cgroups_path);
	s->path = plan_str(c->b, path);
	s->controllers = plan_str(c->b, controllers(c));
	s->slot = c->cgroup = plan_slot(c->b, "cgroup");
	return 0;
}

void plan_limits(struct plan_ctx *c)
{
	for (size_t i = 0; i < c->nlimits; i++) {
		struct op_cgroup_write *s = PLAN_ADD(c->b, cgroup_write, c->limits[i].origin);

		s->file = plan_str(c->b, c->limits[i].file);
		s->value = plan_str(c->b, c->limits[i].value);
		s->controller = plan_str(c->b, c->limits[i].controller);
		s->optional = c->limits[i].optional;
	}
	if (c->opt->device_program && !str_empty(c->opt->cgroup_path))
		PLAN_ADD(c->b, cgroup_devices, &c->linux_->resources->devices)->rules =
			plan_blob(c->b, c->opt->device_program, c->opt->device_len, 8);
}
