/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources, and the document of update. */
#include "spec/check_priv.h"

/* ---- memory ------------------------------------------------------------------------------ */

static void check_bytes(struct check *c, const int64_t *value)
{
	if (*value < -1)
		BAD(c, value, "%lld is neither a number of bytes nor -1, no limit",
		    (long long)*value);
}

/*
 * config-linux.md, Memory: swap is memory and swap together. An update may leave out the limit,
 * which then stays what it is.
 */
static void check_swap(struct check *c, const struct oci_memory *m)
{
	if (m->swap <= 0)
		return;
	if (m->limit > 0 && m->swap < m->limit)
		BAD(c, &m->swap,
		    "%lld is memory and swap together, so not less than the limit %lld",
		    (long long)m->swap, (long long)m->limit);
	if (m->limit == -1 || (c->config && m->limit <= 0))
		BAD(c, &m->swap, "cannot set a swap limit without a memory limit");
}

static void check_memory(struct check *c, const struct oci_memory *m)
{
	check_bytes(c, &m->limit);
	check_bytes(c, &m->reservation);
	check_bytes(c, &m->swap);
	check_bytes(c, &m->kernel);
	check_bytes(c, &m->kernel_tcp);
	check_swap(c, m);
	if (m->swappiness > 100)
		BAD(c, &m->swappiness, "%llu is not in the range 0..100",
		    (unsigned long long)m->swappiness);
}

/* ---- cpu --------------------------------------------------------------------------------- */

/* Microseconds that the kernel takes in cpu.max: tg_set_cfs_bandwidth(). 0 is "leave it". */
#define PERIOD_MIN 1000u
#define PERIOD_MAX 1000000u

static void check_cpu(struct check *c, const struct oci_cpu *cpu)
{
	if (cpu->quota > 0 && cpu->quota < (int64_t)PERIOD_MIN)
		BAD(c, &cpu->quota, "%lld: the kernel's smallest quota is %u",
		    (long long)cpu->quota, PERIOD_MIN);
	if (cpu->period && (cpu->period < PERIOD_MIN || cpu->period > PERIOD_MAX))
		BAD(c, &cpu->period, "%llu is not in the range %u..%u",
		    (unsigned long long)cpu->period, PERIOD_MIN, PERIOD_MAX);
	if (cpu->burst && cpu->quota > 0 && cpu->burst > (uint64_t)cpu->quota)
		BAD(c, &cpu->burst, "%llu is above the quota %lld", (unsigned long long)cpu->burst,
		    (long long)cpu->quota);
	if (cpu->burst && c->config && cpu->quota <= 0)
		BAD(c, &cpu->burst, "needs a quota");
	if (cpu->idle != 0 && cpu->idle != 1)
		BAD(c, &cpu->idle, "%lld is neither 0 nor 1", (long long)cpu->idle);
	rt_check_list(c, &cpu->cpus, "cpus");
	rt_check_list(c, &cpu->mems, "memory nodes");
}

/* ---- devices ----------------------------------------------------------------------------- */

static void check_device_number(struct check *c, const int64_t *number)
{
	if (*number < -1 || *number > UINT32_MAX)
		BAD(c, number, "%lld is neither a device number nor -1, any", (long long)*number);
}

static void check_device_rule(struct check *c, const struct oci_device_rule *r)
{
	check_device_number(c, &r->major);
	check_device_number(c, &r->minor);
	if (r->access && (!*r->access || r->access[strspn(r->access, "rwm")]))
		BAD(c, &r->access, "\"%.40s\": only r, w and m can be allowed or denied",
		    r->access);
}

/* ---- block io, huge pages, network, rdma, unified ---------------------------------------- */

static void check_weight(struct check *c, const uint16_t *weight)
{
	if (*weight && (*weight < 10 || *weight > 1000))
		BAD(c, weight, "%u is not in the range 10..1000", *weight);
}

static void check_block_io(struct check *c, const struct oci_block_io *b)
{
	check_weight(c, &b->weight);
	check_weight(c, &b->leaf_weight);
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];

		check_weight(c, &d->weight);
		check_weight(c, &d->leaf_weight);
		/* config-linux.md: "You MUST specify at least one" */
		if (!OCI_HAS(d, weight) && !OCI_HAS(d, leaf_weight))
			BAD(c, d, "needs weight or leafWeight");
		if (d->leaf_weight)
			rt_check_not_in_v2(c, &d->leaf_weight, "blkio.leaf_weight_device");
	}
}

/* [1-9][0-9]*[KMG]B; "64kB" is older and still sent. It becomes part of a file's name. */
static bool is_page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && *s != '0' && s[n] && strchr("kKMG", s[n]) && streq(s + n + 1, "B");
}

static void check_hugepages(struct check *c, const struct oci_hugepage_limit_array *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].page_size && !is_page_size(a->v[i].page_size))
			BAD(c, &a->v[i].page_size, "\"%.40s\" is no page size like \"2MB\"",
			    a->v[i].page_size);
	if (a->n)
		rt_check_unique(c, &a->v->page_size, a->n, sizeof(*a->v), "the page size");
}

/* Files of every cgroup by which the runtime moves, freezes and kills: not for a configuration. */
static bool is_runtime_file(const char *file)
{
	static const char ours[][24] = {
		"cgroup.procs",  "cgroup.threads", "cgroup.kill",
		"cgroup.freeze", "cgroup.type",    "cgroup.subtree_control",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (streq(file, ours[i]))
			return true;
	return false;
}

/* config-linux.md, Unified: keys are names of files in the container's cgroup */
static void check_unified(struct check *c, const struct str_pair *u)
{
	if (!rt_check_is_component(u->key) || !strchr(u->key, '.'))
		BAD(c, u, "\"%.100s\" is no name of a cgroup file", u->key);
	else if (is_runtime_file(u->key))
		BAD(c, u, "\"%s\" is the runtime's to write", u->key);
}

static void check_network(struct check *c, const struct oci_network *n)
{
	for (size_t i = 0; i < n->priorities.n; i++) {
		const char *const *name = &n->priorities.v[i].name;

		if (*name && !rt_check_is_component(*name))
			BAD(c, name, "\"%.40s\" is no name of a network interface", *name);
	}
}

void rt_check_resource_rules(struct check *c, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->devices.n; i++)
		check_device_rule(c, &r->devices.v[i]);
	if (r->memory)
		check_memory(c, r->memory);
	if (r->cpu)
		check_cpu(c, r->cpu);
	if (r->pids && r->pids->limit < -1)
		BAD(c, &r->pids->limit, "%lld is neither a number of tasks nor -1, no limit",
		    (long long)r->pids->limit);
	if (r->block_io)
		check_block_io(c, r->block_io);
	check_hugepages(c, &r->hugepage_limits);
	if (r->network)
		check_network(c, r->network);
	for (size_t i = 0; i < r->rdma.n; i++)
		if (!rt_check_is_component(r->rdma.v[i].key))
			BAD(c, &r->rdma.v[i], "\"%.40s\" is no name of a device", r->rdma.v[i].key);
	for (size_t i = 0; i < r->unified.n; i++)
		check_unified(c, &r->unified.v[i]);
}
