/* SPDX-License-Identifier: Apache-2.0 */
/* linux: namespaces, ids, devices, paths, sysctls and what else is the kernel's. */
#include <limits.h>

#include "spec/check_priv.h"
#include "spec/sysctl.h"

/* ---- namespaces and ids ------------------------------------------------------------------ */

void rt_check_namespaces(struct check *c, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];

		if (ns->type && c->ns[ns->type])
			BAD(c, &ns->type, "the %s namespace stands twice", WORD(oci_ns, ns->type));
		else
			c->ns[ns->type] = ns;
	}
}

/* The kernel takes 340 lines (UID_GID_MAP_MAX_EXTENTS). */
#define MAPPINGS_MAX 340u

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return (uint64_t)a < (uint64_t)b + b_size && (uint64_t)b < (uint64_t)a + a_size;
}

/* user_namespaces(7), "Defining user and group ID mappings" */
void rt_check_id_mappings(struct check *c, const struct oci_id_mapping_array *map)
{
	if (map->n > MAPPINGS_MAX) {
		BAD(c, map, "%zu lines, the kernel takes %u", map->n, MAPPINGS_MAX);
		return;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct oci_id_mapping *m = &map->v[i];

		if (m->size == 0)
			BAD(c, &m->size, "must not be 0");
		/* the last id, -1, is nobody's */
		if ((uint64_t)m->container_id + m->size > UINT32_MAX)
			BAD(c, m, "the range ends above the last id in the container");
		if ((uint64_t)m->host_id + m->size > UINT32_MAX)
			BAD(c, m, "the range ends above the last id of the host");
		for (size_t j = 0; j < i; j++) {
			const struct oci_id_mapping *o = &map->v[j];

			if (overlap(m->container_id, m->size, o->container_id, o->size))
				BAD(c, m, "overlaps range %zu in the container", j);
			if (overlap(m->host_id, m->size, o->host_id, o->size))
				BAD(c, m, "overlaps range %zu on the host", j);
		}
	}
}

static void check_user_namespace(struct check *c, const struct oci_linux *l)
{
	const struct oci_namespace *user = c->ns[OCI_NS_USER];

	if (!user && l->uid_mappings.n)
		BAD(c, &l->uid_mappings, "needs a user namespace: linux.namespaces has none");
	if (!user && l->gid_mappings.n)
		BAD(c, &l->gid_mappings, "needs a user namespace: linux.namespaces has none");
	/* one that is joined has its maps; engines say again which */
	if (user && !user->path && !l->uid_mappings.n != !l->gid_mappings.n)
		BAD(c, user, "linux.uidMappings and linux.gidMappings must be given both or none");
	else if (user && !user->path && !l->uid_mappings.n)
		WARN(c, user, "without linux.uidMappings only the caller is mapped, as its root");
	rt_check_id_mappings(c, &l->uid_mappings);
	rt_check_id_mappings(c, &l->gid_mappings);
}

/* time_namespaces(7) */
static void check_time_offsets(struct check *c, const struct oci_time_offsets *t)
{
	const struct oci_namespace *ns = c->ns[OCI_NS_TIME];
	const struct oci_time_offset *const both[] = {t->monotonic, t->boottime};

	if (!ns)
		BAD(c, t, "needs a time namespace: linux.namespaces has none");
	else if (ns->path)
		BAD(c, t, "the offsets of a time namespace that is joined cannot be set");
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (both[i] && both[i]->nanosecs > 999999999)
			BAD(c, &both[i]->nanosecs, "%u is not in the range 0..999999999",
			    both[i]->nanosecs);
}

/* ---- devices ----------------------------------------------------------------------------- */

/* The kernel's MINORBITS is 20, what is left of 32 are majors. */
#define MAJOR_MAX 4095
#define MINOR_MAX 1048575

static void check_device(struct check *c, const struct oci_device *d)
{
	if (d->type != OCI_DEVICE_FIFO && !OCI_HAS(d, major))
		BAD(c, &d->major, "required for a device, but missing");
	if (d->type != OCI_DEVICE_FIFO && !OCI_HAS(d, minor))
		BAD(c, &d->minor, "required for a device, but missing");
	if (d->major < 0 || d->major > MAJOR_MAX)
		BAD(c, &d->major, "%lld is not in the range 0..%d", (long long)d->major, MAJOR_MAX);
	if (d->minor < 0 || d->minor > MINOR_MAX)
		BAD(c, &d->minor, "%lld is not in the range 0..%d", (long long)d->minor, MINOR_MAX);
	if (d->file_mode > 0777)
		WARN(c, &d->file_mode, "more than permissions (511, 0777); the rest is ignored");
}

static void check_devices(struct check *c, const struct oci_device_array *a)
{
	for (size_t i = 0; i < a->n; i++)
		check_device(c, &a->v[i]);
	if (a->n)
		rt_check_unique(c, &a->v->path, a->n, sizeof(*a->v), "the path");
}

/* The kernel's dev_valid_name(); "%d" is filled in by it. */
static bool is_interface_name(const char *s)
{
	if (!rt_check_is_component(s) || strlen(s) > 15 || strpbrk(s, ": \t\n\v\f\r"))
		return false;
	for (const char *p = strchr(s, '%'); p; p = strchr(p + 1, '%'))
		if (p[1] != 'd' || p != strchr(s, '%'))
			return false;
	return true;
}

static const char *name_inside(const struct oci_net_device_entry *d)
{
	return str_empty(d->value.name) ? d->key : d->value.name;
}

/* Two devices of one name; a template makes a new name each time. */
static void check_net_names(struct check *c, const struct oci_net_device_map *map)
{
	for (size_t i = 1; i < map->n; i++)
		for (size_t j = 0; j < i; j++)
			if (streq(name_inside(&map->v[i]), name_inside(&map->v[j])) &&
			    !strchr(name_inside(&map->v[i]), '%'))
				BAD(c, &map->v[i],
				    "the name \"%s\" in the container is taken by \"%s\"",
				    name_inside(&map->v[i]), map->v[j].key);
}

static void check_net_devices(struct check *c, const struct oci_net_device_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct oci_net_device_entry *d = &map->v[i];

		if (!is_interface_name(d->key) || strchr(d->key, '%'))
			BAD(c, d, "\"%.40s\" is no name of a network interface", d->key);
		if (!str_empty(d->value.name) && !is_interface_name(d->value.name))
			BAD(c, &d->value.name, "\"%.40s\" is no name of a network interface",
			    d->value.name);
	}
	check_net_names(c, map);
	if (map->n && !c->ns[OCI_NS_NETWORK])
		BAD(c, map,
		    "unable to move network devices without a NET namespace: linux.namespaces has none");
}

/* ---- sysctl ------------------------------------------------------------------------------ */

/*
 * The key comes from images too (CVE-2022-0811): what it names must be one file, known to belong
 * to a namespace that the container has of its own.
 */
static void check_sysctl(struct check *c, const struct str_pair *s)
{
	char file[PATH_MAX];
	enum oci_ns ns;

	if (rt_sysctl_file(s->key, file, sizeof(file)) < 0) {
		BAD(c, s, "\"%.100s\" is no name of a sysctl", s->key);
		return;
	}
	ns = rt_sysctl_namespace(file);
	if (!ns)
		BAD(c, s, "sysctl \"%.100s\" is not in a separate kernel namespace", s->key);
	else if (!c->ns[ns])
		BAD(c, s, "sysctl \"%.100s\" needs a %s namespace: linux.namespaces has none",
		    s->key, WORD(oci_ns, ns));
	if (streq(file, "kernel/hostname"))
		BAD(c, s, "the property \"hostname\" sets it");
	if (streq(file, "kernel/domainname") && c->config && !str_empty(c->config->domainname))
		BAD(c, s, "the property \"domainname\" sets it");
	if (strchr(s->value, '\n'))
		BAD(c, s, "the value has more than one line");
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void check_cgroups_path(struct check *c, const char *const *path)
{
	const char *s = *path;

	if (strlen(s) >= PATH_MAX)
		BAD(c, path, "longer than a path may be (%d bytes)", PATH_MAX - 1);
	if (s[strcspn(s, "\n")])
		BAD(c, path, "must not hold a line break");
	while (*s) {
		size_t n = strcspn(s, "/");

		if (n == 2 && str_starts(s, "..")) {
			BAD(c, path, "\"..\" leads out of the place for containers");
			return;
		}
		s += n;
		s += strspn(s, "/");
	}
}

/* config-linux.md, IntelRdt; resctrl's documentation in the kernel */
static void check_intel_rdt(struct check *c, const struct oci_intel_rdt *r)
{
	if (r->clos_id && !streq(r->clos_id, "/") && !rt_check_is_component(r->clos_id))
		BAD(c, &r->clos_id, "\"%.100s\" is no name of a directory", r->clos_id);
	if (!str_empty(r->mem_bw_schema) &&
	    (!str_starts(r->mem_bw_schema, "MB:") || strchr(r->mem_bw_schema, '\n')))
		BAD(c, &r->mem_bw_schema, "must be one line that begins with \"MB:\"");
	for (size_t i = 0; i < r->schemata.n; i++)
		if (strchr(r->schemata.v[i], '\n'))
			BAD(c, &r->schemata.v[i], "must be one line");
}

/* set_mempolicy(2) */
static void check_memory_policy(struct check *c, const struct oci_memory_policy *p)
{
	bool no_nodes = p->mode == OCI_MEMORY_POLICY_DEFAULT || p->mode == OCI_MEMORY_POLICY_LOCAL;
	bool nodes_open = no_nodes || p->mode == OCI_MEMORY_POLICY_PREFERRED;
	bool seen[OCI_MEMORY_POLICY_FLAG_MAX] = {false};

	if (no_nodes && !str_empty(p->nodes))
		BAD(c, &p->nodes, "%s has no nodes", WORD(oci_memory_policy_mode, p->mode));
	if (p->mode && !nodes_open && str_empty(p->nodes))
		BAD(c, &p->nodes, "%s needs nodes", WORD(oci_memory_policy_mode, p->mode));
	rt_check_list(c, &p->nodes, "memory nodes");
	for (size_t i = 0; i < p->flags.n; i++)
		seen[p->flags.v[i]] = true;
	if (seen[OCI_MEMORY_POLICY_FLAG_RELATIVE_NODES] &&
	    seen[OCI_MEMORY_POLICY_FLAG_STATIC_NODES])
		BAD(c, &p->flags,
		    "MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other");
	/* of these modes since Linux 5.12 and 6.9 */
	if (seen[OCI_MEMORY_POLICY_FLAG_NUMA_BALANCING] && p->mode != OCI_MEMORY_POLICY_BIND &&
	    p->mode != OCI_MEMORY_POLICY_PREFERRED_MANY)
		BAD(c, &p->flags,
		    "MPOL_F_NUMA_BALANCING goes with MPOL_BIND and MPOL_PREFERRED_MANY only");
}

void rt_check_linux(struct check *c, const struct oci_linux *l)
{
	check_user_namespace(c, l);
	if (l->time_offsets)
		check_time_offsets(c, l->time_offsets);
	check_devices(c, &l->devices);
	check_net_devices(c, &l->net_devices);
	if (l->cgroups_path)
		check_cgroups_path(c, &l->cgroups_path);
	if (l->resources)
		rt_check_resource_rules(c, l->resources);
	if (l->intel_rdt)
		check_intel_rdt(c, l->intel_rdt);
	if (l->memory_policy)
		check_memory_policy(c, l->memory_policy);
	for (size_t i = 0; i < l->sysctl.n; i++)
		check_sysctl(c, &l->sysctl.v[i]);
	if (l->seccomp)
		rt_check_seccomp(c, l->seccomp);
	/* config-linux.md: "none supported yet" */
	if (l->personality && l->personality->flags.n)
		BAD(c, &l->personality->flags, "there are no flags of a personality");
}
