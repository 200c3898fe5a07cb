/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces: new ones, joined ones, and the two shapes of a start.
 *
 * Direct: the runtime's clone3 makes the namespaces and rt-init begins in them. Staged: rt-init
 * begins in the runtime's namespaces, joins what is joined and clones itself into what is new. A
 * user namespace needs the second shape, since an execve in it before its maps are written would
 * drop all capabilities, and so does joining, since a task that shares the runtime's memory may not
 * enter user and time namespaces. And so does a systemd unit, which has its limits before there is a
 * process in it: that one must not be the container's (it would have to be moved a second time), nor
 * share the runtime's memory (the OOM killer takes both).
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>

#include "base/str.h"
#include "plan/desc.h"
#include "plan/parts.h"
#include "spec/annotations.h"
#include "spec/sysctl.h"

/*
 * Made by rt-init with unshare, not by clone3: a cgroup namespace takes the cgroup of the caller of
 * clone3 as its root, which is still the runtime's; a time namespace of clone3 cannot be given offsets.
 */
#define UNSHARED (CLONE_NEWCGROUP | CLONE_NEWTIME)

uint64_t plan_ns_flag(enum oci_ns type)
{
	switch (type) {
	case OCI_NS_MOUNT:
		return CLONE_NEWNS;
	case OCI_NS_PID:
		return CLONE_NEWPID;
	case OCI_NS_NETWORK:
		return CLONE_NEWNET;
	case OCI_NS_UTS:
		return CLONE_NEWUTS;
	case OCI_NS_IPC:
		return CLONE_NEWIPC;
	case OCI_NS_USER:
		return CLONE_NEWUSER;
	case OCI_NS_CGROUP:
		return CLONE_NEWCGROUP;
	case OCI_NS_TIME:
		return CLONE_NEWTIME;
	case OCI_NS_ABSENT:
	case OCI_NS_MAX:
		break;
	}
	return 0;
}

static const struct oci_namespace *find_ns(const struct plan_ctx *c, uint64_t flag)
{
	const struct oci_namespace_array *list = &c->linux->namespaces;

	for (size_t i = 0; i < list->n; i++)
		if (plan_ns_flag(list->v[i].type) == flag)
			return &list->v[i];
	return NULL;
}

/* May the runtime write any map of a child's user namespace (user_namespaces(7))? */
static bool can_write_maps(const struct rt_facts *f)
{
	return rt_facts_can(f, CAP_SETUID) && rt_facts_can(f, CAP_SETGID);
}

/* The one map that the kernel takes without privilege: the caller's own id. */
static bool maps_own_id(const struct oci_id_mapping_array *maps, uint32_t id)
{
	return maps->n == 1 && maps->v[0].size == 1 && maps->v[0].host_id == id;
}

static bool maps_own_ids(const struct plan_ctx *c)
{
	return maps_own_id(&c->uids, c->facts->euid) && maps_own_id(&c->gids, c->facts->egid);
}

static bool maps_unprivileged(const struct plan_ctx *c)
{
	return !can_write_maps(c->facts) && maps_own_ids(c);
}

/*
 * A new user namespace for which the document has no maps, as "crun spec --rootless" writes it: the
 * caller becomes its root, and nobody else is mapped. That is the least that a program can run with.
 */
static void decide_maps(struct plan_ctx *c)
{
	c->uids = c->linux->uid_mappings;
	c->gids = c->linux->gid_mappings;
	if (!(c->new_ns & CLONE_NEWUSER) || c->uids.n || c->gids.n)
		return;
	c->own_ids[0] = (struct oci_id_mapping){{true, true, true}, 0, c->facts->euid, 1};
	c->own_ids[1] = (struct oci_id_mapping){{true, true, true}, 0, c->facts->egid, 1};
	c->uids = (struct oci_id_mapping_array){1, &c->own_ids[0]};
	c->gids = (struct oci_id_mapping_array){1, &c->own_ids[1]};
}

/*
 * What container root has no rights over: in a user namespace of its own, all that was not made
 * with it, and what is joined only if that user namespace owns it too.
 */
static uint64_t foreign_namespaces(const struct plan_ctx *c)
{
	if (!c->own_userns)
		return 0;
	if (c->new_ns & CLONE_NEWUSER)
		return ~c->new_ns;
	return ~(c->new_ns | c->joined_ns) | c->opt->foreign_ns;
}

void plan_namespaces_decide(struct plan_ctx *c)
{
	const struct oci_namespace_array *list = &c->linux->namespaces;

	for (size_t i = 0; i < list->n; i++) {
		if (str_empty(list->v[i].path))
			c->new_ns |= plan_ns_flag(list->v[i].type);
		else
			c->joined_ns |= plan_ns_flag(list->v[i].type);
	}
	decide_maps(c);
	c->own_userns = plan_has_ns(c, CLONE_NEWUSER);
	c->foreign_ns = foreign_namespaces(c);
	/* A unit needs a process to begin with: the first one, whose child is cloned into it. */
	c->staged = c->joined_ns || (c->new_ns & CLONE_NEWUSER) || !str_empty(c->opt->unit);
	/* The kernel's condition for an unprivileged gid map (CVE-2014-8989); children inherit it. */
	c->deny_setgroups = !(c->joined_ns & CLONE_NEWUSER) &&
			    (!c->facts->setgroups ||
			     ((c->new_ns & CLONE_NEWUSER) && maps_unprivileged(c)));
	c->keep_groups = rt_annotation_get(&c->config->annotations,
					   RT_ANNOTATION_KEEP_ORIGINAL_GROUPS) != NULL;
}

int plan_namespaces_check(struct plan_ctx *c)
{
	if (c->own_userns || rt_facts_can(c->facts, CAP_SYS_ADMIN) || !(c->new_ns | c->joined_ns))
		return 0;
	err_set(c->e, EPERM | RT_NO_TEXT, RT_E_NAMESPACE,
		"without CAP_SYS_ADMIN a container needs a user namespace, and there is none here");
	return err_field(c->e, "linux.namespaces");
}

/*
 * The order of joining. With CAP_SYS_ADMIN here the user namespace comes last: namespaces that
 * belong to another one can be joined only before. Without it the user namespace is what gives the
 * right to join the others, so it comes first.
 */
static void order_of_joining(const struct plan_ctx *c, uint64_t order[8])
{
	bool user_last = rt_facts_can(c->facts, CAP_SYS_ADMIN);
	const uint64_t others[] = {
		CLONE_NEWNET,    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWPID,
		CLONE_NEWCGROUP, CLONE_NEWTIME, CLONE_NEWNS,
	};

	order[user_last ? 7 : 0] = CLONE_NEWUSER;
	memcpy(order + !user_last, others, sizeof(others));
}

/*
 * Does the document change something in this namespace? By its path it may be the runtime's own, so
 * the host's, and the check of the document cannot see that.
 */
static bool is_changed(const struct plan_ctx *c, const struct oci_namespace *ns)
{
	const struct str_map *sysctls = &c->linux->sysctl;
	char file[PATH_MAX];

	if (ns->type == OCI_NS_UTS &&
	    (!str_empty(c->config->hostname) || !str_empty(c->config->domainname)))
		return true;
	if (ns->type == OCI_NS_NETWORK && c->linux->net_devices.n)
		return true;
	for (size_t i = 0; i < sysctls->n; i++)
		if (rt_sysctl_file(sysctls->v[i].key, file, sizeof(file)) == 0 &&
		    rt_sysctl_namespace(file) == ns->type)
			return true;
	return false;
}

/* Slots are numbered in the order of joining, which plan_namespaces relies on. */
void plan_namespaces_open(struct plan_ctx *c)
{
	uint64_t order[8];

	order_of_joining(c, order);
	for (size_t i = 0; i < 8; i++) {
		const struct oci_namespace *ns = find_ns(c, order[i]);
		struct op_open_path *s;

		if (!ns || !(c->joined_ns & order[i]))
			continue;
		s = PLAN_ADD(c->b, open_path, ns);
		s->ns = order[i];
		s->foreign = is_changed(c, ns);
		s->path = plan_str(c->b, ns->path);
		s->slot = plan_slot(c->b, op_value_name(opnames_ns, order[i]));
		if (c->join_first == NO_SLOT)
			c->join_first = s->slot;
		if (order[i] == CLONE_NEWUSER)
			c->userns = s->slot;
	}
}

/*
 * Where cgroup2 is mounted with nsdelegate, as systemd does, the kernel moves nobody across the root
 * of the mover's cgroup namespace (ENOENT). So before one is joined, and that has to be before a
 * user namespace is made or joined, rt-init is in the container's cgroup already.
 */
static bool spawned_into_cgroup(const struct plan_ctx *c)
{
	return !c->staged || ((c->joined_ns & CLONE_NEWCGROUP) && str_empty(c->opt->unit));
}

/*
 * The cgroup of a unit is there too late for that. Without a user namespace the cgroup namespace can be
 * joined last of all instead; with one its turn is before, so the runtime has to move rt-init.
 */
bool plan_enters_cgroup(const struct plan_ctx *c)
{
	return (c->joined_ns & CLONE_NEWCGROUP) && !str_empty(c->opt->unit) && c->own_userns;
}

void plan_spawn(struct plan_ctx *c)
{
	struct op_spawn *s = PLAN_ADD(c->b, spawn, &c->linux->namespaces);

	s->staged = c->staged;
	if (!c->staged)
		s->namespaces = c->new_ns & ~(uint64_t)UNSHARED;
	if (spawned_into_cgroup(c))
		s->cgroup = c->cgroup;
}

const char *plan_map_text(struct plan_ctx *c, const struct oci_id_mapping_array *maps)
{
	_cleanup_strbuf_ struct strbuf text = {0};

	for (size_t i = 0; i < maps->n; i++)
		strbuf_addf(&text, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", maps->v[i].container_id,
			    maps->v[i].host_id, maps->v[i].size);
	return text.failed ? NULL : arena_strn(c->b->arena, text.s ? text.s : "", text.len);
}

bool plan_host_id(const struct oci_id_mapping_array *maps, uint32_t id, uint32_t *ret)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct oci_id_mapping *m = &maps->v[i];

		if (id >= m->container_id && id - m->container_id < m->size) {
			*ret = m->host_id + (id - m->container_id);
			return true;
		}
	}
	return false;
}

/* rt-init sets the container up as root of its user namespace, or as the program's user. */
static int check_one_mapped(struct plan_ctx *c)
{
	const struct oci_user *user = plan_user(c);
	uint32_t ignored;
	bool uid = plan_host_id(&c->uids, 0, &ignored) ||
		   plan_host_id(&c->uids, user->uid, &ignored);
	bool gid = plan_host_id(&c->gids, 0, &ignored) ||
		   plan_host_id(&c->gids, user->gid, &ignored);

	if (uid && gid)
		return 0;
	err_set(c->e, 0, RT_E_IDMAP,
		"id 0 of the container or the one of process.user must be mapped");
	return err_field(c->e, "linux.%s", uid ? "gidMappings" : "uidMappings");
}

void plan_become_root(struct plan_ctx *c, const void *origin)
{
	const struct oci_user *user = plan_user(c);
	struct op_become_root *s;

	if (!c->own_userns)
		return;
	s = PLAN_ADD(c->b, become_root, origin);
	s->keep_groups = plan_keeps_groups(c);
	s->uid = user->uid;
	s->gid = user->gid;
}

int plan_id_maps(struct plan_ctx *c)
{
	const char *uids = plan_map_text(c, &c->uids);
	const char *gids = plan_map_text(c, &c->gids);
	struct op_id_map *s;

	if (!(c->new_ns & CLONE_NEWUSER))
		return 0;
	TRY(check_one_mapped(c));
	if (!uids || !gids)
		return err_nomem(c->e);
	s = PLAN_ADD(c->b, id_map,
		     c->linux->uid_mappings.n ? (const void *)&c->linux->uid_mappings
					      : find_ns(c, CLONE_NEWUSER));
	s->uid_map = plan_str(c->b, uids);
	s->gid_map = plan_str(c->b, gids);
	s->deny_setgroups = maps_unprivileged(c);
	s->helper = !can_write_maps(c->facts) && !maps_own_ids(c);
	return 0;
}

static void add_net_devices(struct plan_ctx *c, bool templates)
{
	const struct oci_net_device_map *map = &c->linux->net_devices;

	for (size_t i = 0; i < map->n; i++) {
		const char *new_name = map->v[i].value.name;
		struct op_net_device *s;

		if ((!str_empty(new_name) && strchr(new_name, '%')) != templates)
			continue;
		s = PLAN_ADD(c->b, net_device, &map->v[i]);
		s->name = plan_str(c->b, map->v[i].key);
		if (!str_empty(new_name))
			s->new_name = plan_str(c->b, new_name);
	}
}

int plan_net_devices(struct plan_ctx *c)
{
	const struct oci_net_device_map *map = &c->linux->net_devices;

	if (map->n && !rt_facts_can(c->facts, CAP_NET_ADMIN)) {
		err_set(c->e, 0, RT_E_HOST,
			"moving network devices takes CAP_NET_ADMIN on the host");
		return err_field(c->e, "linux.netDevices");
	}
	/* Templates last: "eth%d" must not take the eth0 that another device is to be called. */
	add_net_devices(c, false);
	add_net_devices(c, true);
	return 0;
}

/* Join those of the document's namespaces that are in the set. */
static void join(struct plan_ctx *c, uint64_t set)
{
	uint32_t slot = c->join_first;
	uint64_t order[8];

	order_of_joining(c, order);
	for (size_t i = 0; i < 8; i++) {
		struct op_join *s;

		if (c->joined_ns & set & order[i]) {
			s = PLAN_ADD(c->b, join, find_ns(c, order[i]));
			s->slot = slot;
			s->namespaces = order[i];
		}
		slot += (c->joined_ns & order[i]) != 0;
	}
}

/*
 * A new time namespace belongs to the container's user namespace. So it is made by the first process
 * of a staged start where that namespace is joined, and by the second where it is new.
 */
static bool makes_time_first(const struct plan_ctx *c)
{
	return c->staged && !(c->new_ns & CLONE_NEWUSER);
}

static uint32_t offsets_file(struct plan_ctx *c)
{
	const struct oci_time_offsets *t = c->linux->time_offsets;
	uint32_t slot;

	if (!(c->new_ns & CLONE_NEWTIME) || !t || !(t->monotonic || t->boottime))
		return NO_SLOT;
	slot = plan_slot(c->b, "offsets");
	PLAN_ADD(c->b, offsets_file, t)->slot = slot;
	return slot;
}

/* proc_pid_timens_offsets: one clock a line */
static void time_namespace(struct plan_ctx *c, uint32_t file)
{
	const struct oci_time_offsets *t = c->linux->time_offsets;
	_cleanup_strbuf_ struct strbuf text = {0};
	struct op_time_namespace *s;

	if (!(c->new_ns & CLONE_NEWTIME))
		return;
	s = PLAN_ADD(c->b, time_namespace, t);
	s->file = file;
	s->enter = !makes_time_first(c);
	if (t && t->monotonic)
		strbuf_addf(&text, "monotonic %" PRIi64 " %" PRIu32 "\n", t->monotonic->secs,
			    t->monotonic->nanosecs);
	if (t && t->boottime)
		strbuf_addf(&text, "boottime %" PRIi64 " %" PRIu32 "\n", t->boottime->secs,
			    t->boottime->nanosecs);
	c->b->failed |= text.failed;
	if (text.len)
		s->offsets = plan_strn(c->b, text.s, text.len);
}

void plan_namespaces(struct plan_ctx *c)
{
	struct op_clone *clone;
	bool unit = !str_empty(c->opt->unit);
	uint32_t offsets = NO_SLOT;
	uint64_t late = 0;

	/* The unit's cgroup is there only now; where it can be, what would be in its way comes late. */
	if (unit && !c->own_userns)
		late = c->joined_ns & CLONE_NEWCGROUP;
	if (unit)
		PLAN_ADD(c->b, await_cgroup, &c->linux->cgroups_path)->slot = c->cgroup;
	if (makes_time_first(c))
		offsets = offsets_file(c);
	join(c, ~late);
	if (makes_time_first(c))
		time_namespace(c, offsets);
	if (c->staged) {
		clone = PLAN_ADD(c->b, clone, &c->linux->namespaces);
		clone->namespaces = c->new_ns & ~(uint64_t)UNSHARED;
		clone->cgroup = spawned_into_cgroup(c) || plan_enters_cgroup(c) ? NO_SLOT
										: c->cgroup;
	}
	join(c, late);
	if (!makes_time_first(c)) /* before become_root: the file belongs to whom the runtime is */
		offsets = offsets_file(c);
	/* Before the console, which becomes the controlling terminal of the session's leader. */
	PLAN_ADD(c->b, setsid, NULL);
	plan_become_root(c, find_ns(c, CLONE_NEWUSER));
	if (c->new_ns & CLONE_NEWCGROUP)
		PLAN_ADD(c->b, unshare, &c->linux->namespaces)->namespaces = CLONE_NEWCGROUP;
	if (!makes_time_first(c))
		time_namespace(c, offsets);
	if (c->new_ns & CLONE_NEWNET)
		PLAN_ADD(c->b, loopback, find_ns(c, CLONE_NEWNET));
	if (!str_empty(c->config->hostname))
		PLAN_ADD(c->b, hostname, &c->config->hostname)->name =
			plan_str(c->b, c->config->hostname);
	if (!str_empty(c->config->domainname))
		PLAN_ADD(c->b, domainname, &c->config->domainname)->name =
			plan_str(c->b, c->config->domainname);
}
