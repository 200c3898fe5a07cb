/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources, which are in the terms of cgroup v1, as lines for the files of cgroup v2. */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "plan/parts.h"

#define DEFAULT_PERIOD 100000u /* of cpu.max, in microseconds */

/* ---- conversions ---- */

/* For x >= 1; digit by digit, so that the program needs no libm. */
static double log2_of(double x)
{
	double result = 0, bit = 1;

	/* NOLINTNEXTLINE(cert-flp30-c,clang-analyzer-security.FloatLoopCounter): halves are exact */
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

uint64_t plan_io_weight(uint16_t weight)
{
	return weight < 10 ? 1 : 1 + (weight - 10u) * 9999u / 990u;
}

/* ---- the list of limits ---- */

/* Does v2 have the controller here? Facts that were not probed say yes: create will find out. */
static bool is_available(const struct plan_ctx *c, const char *controller)
{
	return !BIND_HAS(c->facts, controllers) || streq(controller, "cgroup") ||
	       str_array_has(&c->facts->controllers, controller);
}

static int refuse(struct plan_ctx *c, const char *file, const char *controller, const char *field)
{
	const struct str_array *list = &c->facts->controllers;
	_cleanup_strbuf_ struct strbuf there = {0};

	for (size_t i = 0; i < list->n; i++)
		strbuf_addf(&there, "%s%s", i ? " " : "", list->v[i]);
	if (there.failed)
		return err_nomem(c->e);
	err_set(c->e, 0, RT_E_HOST,
		"cannot set \"%s\": controller \"%s\" is not available in the cgroup2 tree \"%s\" "
		"(available: %s)",
		file, controller, c->facts->cgroup_root, there.len ? there.s : "none");
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

/* ---- block io ---- */

/*
 * BFQ takes the weights of v1 as they are. Where it is not loaded, io.cost takes them on a scale of
 * its own. device: "8:0 ", or "" for the cgroup's weight.
 */
static int io_weight(struct plan_ctx *c, const char *field, const uint16_t *weight,
		     const char *device)
{
	struct arena *a = c->b->arena;

	if (!*weight) /* how engines say "none given" */
		return 0;
	TRY(add(c, field, weight, "io.bfq.weight", arena_printf(a, "%s%u", device, *weight)));
	c->limits[c->nlimits - 1].optional = true;
	TRY(add(c, field, weight, "io.weight",
		arena_printf(a, "%s%" PRIu64, device, plan_io_weight(*weight))));
	c->limits[c->nlimits - 1].unless = "io.bfq.weight";
	return 0;
}

/* A rate of 0 takes a limit away, as it did in v1. */
static int throttle(struct plan_ctx *c, const char *field, const char *key,
		    const struct oci_throttle_device_array *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_throttle_device *d = &list->v[i];
		char rate[24] = "max";

		if (d->rate)
			snprintf(rate, sizeof(rate), "%" PRIu64, d->rate);
		TRY(add(c, field, d, "io.max",
			arena_printf(c->b->arena, "%" PRIi64 ":%" PRIi64 " %s=%s", d->major,
				     d->minor, key, rate)));
	}
	return 0;
}

static int block_io(struct plan_ctx *c, const struct oci_block_io *b)
{
	TRY(io_weight(c, "blockIO.weight", &b->weight, ""));
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];
		const char *device = arena_printf(c->b->arena, "%" PRIi64 ":%" PRIi64 " ", d->major,
						  d->minor);

		if (!device)
			return err_nomem(c->e);
		TRY(io_weight(c, "blockIO.weightDevice", &d->weight, device));
	}
	TRY(throttle(c, "blockIO.throttleReadBpsDevice", "rbps", &b->throttle_read_bps_device));
	TRY(throttle(c, "blockIO.throttleWriteBpsDevice", "wbps", &b->throttle_write_bps_device));
	TRY(throttle(c, "blockIO.throttleReadIOPSDevice", "riops", &b->throttle_read_iops_device));
	return throttle(c, "blockIO.throttleWriteIOPSDevice", "wiops",
			&b->throttle_write_iops_device);
}

/* ---- huge pages, rdma ---- */

/*
 * Both what is reserved and what is touched: config-linux.md wants the limit on reservations, which
 * fails at mmap where the other one kills by SIGBUS, and pages can be had without a reservation.
 */
static int hugepages(struct plan_ctx *c, const struct oci_hugepage_limit *h)
{
	struct arena *a = c->b->arena;
	int number = (int)strspn(h->page_size, "0123456789");
	/* "64kB" is how older documents write it */
	char unit = h->page_size[number] == 'k' ? 'K' : h->page_size[number];
	const char *value = arena_printf(a, "%" PRIu64, h->limit);
	const char *reserved = arena_printf(a, "hugetlb.%.*s%cB.rsvd.max", number, h->page_size,
					    unit);
	const char *used = arena_printf(a, "hugetlb.%.*s%cB.max", number, h->page_size, unit);

	if (!value || !reserved || !used)
		return err_nomem(c->e);
	TRY(add(c, "hugepageLimits", h, used, value));
	return add(c, "hugepageLimits", h, reserved, value);
}

static int rdma(struct plan_ctx *c, const struct oci_rdma_entry *r)
{
	_cleanup_strbuf_ struct strbuf value = {0};

	strbuf_add(&value, r->key);
	if (OCI_HAS(&r->value, hca_handles))
		strbuf_addf(&value, " hca_handle=%" PRIu32, r->value.hca_handles);
	if (OCI_HAS(&r->value, hca_objects))
		strbuf_addf(&value, " hca_object=%" PRIu32, r->value.hca_objects);
	if (value.failed)
		return err_nomem(c->e);
	return add(c, "rdma", r, "rdma.max", arena_strn(c->b->arena, value.s, value.len));
}

/* ---- order ---- */

/* In a cgroup that is new the kernel takes one only before the other (sched/core.c, cpuset.c). */
static const struct {
	char first[24], then[24];
} order[] = {
	{"cpu.weight", "cpu.idle"},
	{"cpu.weight.nice", "cpu.idle"},
	{"cpu.max", "cpu.max.burst"},
	{"cpuset.cpus", "cpuset.cpus.exclusive"},
	{"cpuset.cpus", "cpuset.cpus.partition"},
	{"cpuset.cpus.exclusive", "cpuset.cpus.partition"},
};

void plan_limits_move(struct plan_ctx *c, const char *file, const char *other)
{
	size_t from = c->nlimits, to = c->nlimits;
	struct limit moved;

	for (size_t i = 0; i < c->nlimits; i++) {
		if (streq(c->limits[i].file, file))
			from = i;
		if (streq(c->limits[i].file, other) && to == c->nlimits)
			to = i;
	}
	if (from == c->nlimits || to >= from)
		return;
	moved = c->limits[from];
	memmove(&c->limits[to + 1], &c->limits[to], (from - to) * sizeof(moved));
	c->limits[to] = moved;
}

/*
 * Forget the value of a file that comes later again: in another order it would have the last word,
 * and before it is replaced it may forbid another. cpu.max stays, of which "50000" leaves a half.
 */
static void forget_replaced(struct plan_ctx *c, const char *file)
{
	size_t last = c->nlimits, n = 0;

	for (size_t i = 0; i < c->nlimits; i++)
		if (streq(c->limits[i].file, file))
			last = i;
	for (size_t i = 0; i < c->nlimits; i++)
		if (i == last || !streq(c->limits[i].file, file))
			c->limits[n++] = c->limits[i];
	c->nlimits = n;
}

/* config-linux.md, "Unified": last, so that it has the last word, but in an order that works. */
static int unified(struct plan_ctx *c, const struct oci_resources *r)
{
	if (r->unified.n == 0)
		return 0;
	for (size_t i = 0; i < r->unified.n; i++)
		TRY(add(c, "unified", &r->unified.v[i], r->unified.v[i].key,
			r->unified.v[i].value));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (!streq(order[i].first, "cpu.max"))
			forget_replaced(c, order[i].first);
		forget_replaced(c, order[i].then);
		plan_limits_move(c, order[i].first, order[i].then);
	}
	return 0;
}

/* ---- all ---- */

/* No more than this come from memory, cpu, pids and the cgroup's own weight. */
#define MAX_OF_ONE_EACH 16

static size_t max_limits(const struct oci_resources *r)
{
	const struct oci_block_io *b = r->block_io;
	size_t n = MAX_OF_ONE_EACH + 2 * r->hugepage_limits.n + r->rdma.n + r->unified.n;

	if (b)
		n += 2 * b->weight_device.n + b->throttle_read_bps_device.n +
		     b->throttle_write_bps_device.n + b->throttle_read_iops_device.n +
		     b->throttle_write_iops_device.n;
	return n;
}

int plan_limits_prepare(struct plan_ctx *c, const struct oci_resources *r)
{
	if (!r)
		return 0;
	c->limits = ARENA_ARRAY(c->b->arena, max_limits(r), struct limit);
	if (!c->limits)
		return err_nomem(c->e);
	if (r->memory)
		TRY(memory(c, r->memory));
	if (r->cpu)
		TRY(cpu(c, r->cpu));
	if (r->pids) /* 0 is a limit: no more tasks than there are */
		TRY(add_number(c, "pids.limit", &r->pids->limit, "pids.max", r->pids->limit));
	if (r->block_io)
		TRY(block_io(c, r->block_io));
	for (size_t i = 0; i < r->hugepage_limits.n; i++)
		TRY(hugepages(c, &r->hugepage_limits.v[i]));
	for (size_t i = 0; i < r->rdma.n; i++)
		TRY(rdma(c, &r->rdma.v[i]));
	return unified(c, r);
}

int plan_asks_for_limits(struct arena *arena, const struct oci_resources *r, struct err *e)
{
	static const struct rt_facts anything;
	struct plan_builder b = {.arena = arena};
	struct plan_ctx c = {.b = &b, .facts = &anything, .e = e};

	TRY(plan_limits_prepare(&c, r));
	return c.nlimits > 0;
}
