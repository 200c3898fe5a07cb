/* SPDX-License-Identifier: Apache-2.0 */
/* config.mounts. First they are sorted out, then each becomes a step or two. */
#include <linux/capability.h>
#include <linux/mount.h>

#include "base/str.h"
#include "plan/idmap.h"
#include "plan/mount_options.h"

struct mount_item {
	const struct oci_mount *m;
	enum { FRESH, BOUND, CHANGED } how; /* a new file system, a bind, a remount */
	const char *dest;                   /* clean */
	const char *source;                 /* BOUND: absolute */
	const char *type;                   /* FRESH */
	struct mount_options o;
	bool late_ro;   /* becomes read-only when all is in place */
	bool made_late; /* BOUND: the source is there only when rt-init runs */
	uint32_t tree;  /* BOUND: slot of the tree that the runtime has opened */
};

static size_t index_of(const struct plan_ctx *c, const struct mount_item *it)
{
	return (size_t)(it - c->mounts);
}

#define REFUSE(c, it, member, ...)                                                                 \
	(err_set((c)->e, 0, RT_E_MOUNT, __VA_ARGS__),                                              \
	 err_field((c)->e, "mounts[%zu].%s", index_of(c, it), member))

const char *plan_clean_dest(struct plan_ctx *c, const char *dest)
{
	char *out = arena_alloc(c->b->arena, strlen(dest) + 2, 1);
	size_t len = 0;

	if (!out)
		return NULL;
	while (*dest) {
		size_t n = strcspn(dest, "/");

		if (n == 2 && !strncmp(dest, "..", 2)) {
			while (len && out[--len] != '/')
				;
		} else if (n && !(n == 1 && *dest == '.')) {
			out[len++] = '/';
			memcpy(out + len, dest, n);
			len += n;
		}
		dest += n + (dest[n] == '/');
	}
	if (!len)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

/* Is path inside dir, or dir itself? Both are clean. */
static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return str_starts(path, dir) && (path[n] == '\0' || path[n] == '/');
}

bool plan_is_bound(const struct plan_ctx *c, const char *dest)
{
	for (size_t i = 0; i < c->config->mounts.n; i++)
		if (c->mounts[i].how == BOUND && streq(c->mounts[i].dest, dest))
			return true;
	return false;
}

const struct oci_mount *plan_writable_cgroup(const struct plan_ctx *c)
{
	for (size_t i = 0; i < c->config->mounts.n; i++) {
		const struct mount_item *it = &c->mounts[i];

		if (it->how == FRESH && streq(it->type, "cgroup2") &&
		    streq(it->dest, "/sys/fs/cgroup") &&
		    !(plan_mount_attr(&it->o) & MOUNT_ATTR_RDONLY))
			return it->m;
	}
	return NULL;
}

/* ---- sorting out ---- */

/*
 * Over /proc itself only a procfs, below it only the files that lxcfs and engines replace
 * (CVE-2019-19921): everything else could send the runtime's or the program's writes astray.
 */
static int check_proc(struct plan_ctx *c, struct mount_item *it)
{
	static const char replaceable[][32] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/loadavg",
		"/proc/meminfo",
		"/proc/slabinfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/uptime",
		"/proc/sys/crypto/fips_enabled",
		"/proc/sys/kernel/ns_last_pid",
	};

	if (!is_below(it->dest, "/proc"))
		return 0;
	if (streq(it->dest, "/proc")) {
		if (it->how == CHANGED || (it->how == FRESH && streq(it->type, "proc")) ||
		    (it->how == BOUND && streq(it->source, "/proc")))
			return 0;
		return REFUSE(c, it, "destination",
			      "only a proc file system may be mounted on \"%s\"", it->dest);
	}
	for (size_t i = 0; i < ARRAY_SIZE(replaceable); i++)
		if (streq(it->dest, replaceable[i]))
			return 0;
	if (it->how == CHANGED)
		return 0;
	return REFUSE(c, it, "destination", "\"%s\" is inside /proc, where nothing may be mounted",
		      it->dest);
}

/*
 * A procfs shows one pid namespace, a sysfs one network namespace, and the kernel mounts them only
 * for who has CAP_SYS_ADMIN over that (proc_init_fs_context, sysfs_init_fs_context).
 */
static bool may_mount(const struct plan_ctx *c, uint64_t ns)
{
	if (c->own_userns)
		return !(c->foreign_ns & ns);
	return c->facts->initial_userns || (c->new_ns & ns);
}

/* The host's instead; attributes go for the whole tree, cgroups below it too (CVE-2023-25809). */
static void bind_hosts(struct mount_item *it, const char *source)
{
	it->how = BOUND;
	it->source = source;
	it->o.recursive = true;
	it->o.rec_set = plan_mount_attr(&it->o);
	it->o.attr_set = it->o.attr_clear = 0;
	it->o.ndata = 0;
}

/*
 * cgroup v1's type means "the cgroups of this host", which for us is cgroup2. Without a cgroup namespace
 * that is the whole tree, in which /proc/self/cgroup names the container's place; in one that another user
 * namespace owns, the container's own part of it.
 */
static int mount_cgroup(struct plan_ctx *c, struct mount_item *it)
{
	const char *root = c->facts->cgroup_root, *below = c->opt->cgroup_path;
	bool has_ns = plan_has_ns(c, CLONE_NEWCGROUP);

	it->type = "cgroup2";
	if (has_ns && !(c->foreign_ns & CLONE_NEWCGROUP))
		return 0;
	if (str_empty(root))
		return REFUSE(c, it, "type", "no cgroup2 file system is mounted on this host");
	/* Nothing in it is the container's: read-only, unless the opposite is asked for. */
	if (str_empty(below) && !(it->o.attr_clear & MOUNT_ATTR_RDONLY))
		it->o.attr_set |= MOUNT_ATTR_RDONLY;
	/* Mounted anew, its options (nsdelegate) would change for the host. */
	if (!has_ns) {
		bind_hosts(it, root);
		return 0;
	}
	if (str_empty(below))
		below = BIND_HAS(c->facts, own_cgroup) ? c->facts->own_cgroup : "";
	it->how = BOUND;
	/* systemd makes it, below directories that everybody may walk. */
	it->made_late = !str_empty(c->opt->unit);
	it->source = arena_printf(c->b->arena, "%s%s%s", root, *below && *below != '/' ? "/" : "",
				  below);
	it->o.ndata = 0;
	return it->source ? 0 : err_nomem(c->e);
}

static int prepare_bind(struct plan_ctx *c, struct mount_item *it)
{
	char member[40];

	if (it->o.ndata) {
		str_fmt(member, sizeof(member), "options[%zu]", it->o.data_index[0]);
		return REFUSE(c, it, member,
			      "bind mounts cannot have filesystem-specific options: \"%s\"",
			      it->o.data[0]);
	}
	if (str_empty(it->m->source)) /* the type "bind" alone; with the option the check says it */
		return REFUSE(c, it, "source", "a bind mount needs a source");
	it->source = it->m->source;
	if (*it->source != '/') /* config.md: relative to the bundle */
		it->source = arena_printf(c->b->arena, "%s/%s", c->opt->bundle, it->m->source);
	return it->source ? 0 : err_nomem(c->e);
}

static int prepare_fresh(struct plan_ctx *c, struct mount_item *it)
{
	if (str_empty(it->m->type))
		return REFUSE(c, it, "type",
			      "a mount without the option bind or rbind needs a type");
	if (it->o.bind_flags & (BINDF_SRC_NOFOLLOW | BINDF_COPY_SYMLINK))
		return REFUSE(c, it, "options",
			      "src-nofollow and copy-symlink are for bind mounts");
	it->type = it->m->type;
	if (streq(it->type, "cgroup") || streq(it->type, "cgroup2"))
		return mount_cgroup(c, it);
	if (streq(it->type, "sysfs") && !may_mount(c, CLONE_NEWNET))
		bind_hosts(it, "/sys");
	/* Of a pid namespace that is joined the host's procfs would show another. */
	if (streq(it->type, "proc") && !plan_has_ns(c, CLONE_NEWPID) && !may_mount(c, CLONE_NEWPID))
		bind_hosts(it, "/proc");
	if (it->o.copy_up && !streq(it->type, "tmpfs"))
		return REFUSE(c, it, "options", "tmpcopyup works on a tmpfs only");
	return 0;
}

static int prepare_idmap(struct plan_ctx *c, struct mount_item *it)
{
	if (it->m->uid_mappings.n || it->m->gid_mappings.n)
		it->o.idmap = true;
	if (!it->o.idmap)
		return 0;
	if (it->how != BOUND)
		return REFUSE(c, it, "options", "only bind mounts can be id-mapped");
	if (it->o.bind_flags & BINDF_COPY_SYMLINK)
		return REFUSE(c, it, "options", "copy-symlink and idmap exclude each other");
	if (!c->facts->initial_userns || !rt_facts_can(c->facts, CAP_SYS_ADMIN))
		return REFUSE(c, it, "options",
			      "id-mapped mounts take CAP_SYS_ADMIN in the initial user namespace");
	return 0;
}

/* One that comes before those that the options ask for. */
static int propagate_first(struct plan_ctx *c, struct mount_item *it, uint64_t propagation)
{
	uint64_t *all = ARENA_ARRAY(c->b->arena, it->o.npropagation + 1, uint64_t);

	if (!all)
		return err_nomem(c->e);
	all[0] = propagation;
	for (size_t i = 0; i < it->o.npropagation; i++)
		all[i + 1] = it->o.propagation[i];
	it->o.propagation = all;
	it->o.npropagation++;
	return 0;
}

/* Over the root: pivot_root(2) takes no shared mount, and the root's propagation has its own property. */
static int prepare_root(struct plan_ctx *c, struct mount_item *it)
{
	for (size_t i = 0; i < it->o.npropagation; i++)
		if (it->o.propagation[i] & MS_SHARED)
			return REFUSE(c, it, "options",
				      "\"/\" is made shared by linux.rootfsPropagation, not here");
	return it->o.npropagation ? 0 : propagate_first(c, it, MS_PRIVATE | MS_REC);
}

static int prepare(struct plan_ctx *c, struct mount_item *it)
{
	const char *type = it->m->type;

	TRY(plan_mount_options(c, it->m, &it->o));
	it->dest = plan_clean_dest(c, it->m->destination);
	if (!it->dest)
		return err_nomem(c->e);
	/* "bind" as a type is a dummy beside the option; alone it can only mean the same. */
	if (type && !it->o.bind && (streq(type, "bind") || streq(type, "rbind"))) {
		it->o.bind = true;
		it->o.recursive = *type == 'r';
	}
	if (it->o.remount) {
		it->how = CHANGED;
	} else if (it->o.bind) {
		it->how = BOUND;
		TRY(prepare_bind(c, it));
	} else {
		it->how = FRESH;
		TRY(prepare_fresh(c, it));
	}
	if (streq(it->dest, "/") && it->how != CHANGED)
		TRY(prepare_root(c, it));
	TRY(prepare_idmap(c, it));
	return check_proc(c, it);
}

/*
 * A read-only tmpfs in which something is still to be made: /dev, or one with a later mount below.
 */
static bool needs_late_ro(const struct plan_ctx *c, const struct mount_item *it)
{
	if (it->how != FRESH || !streq(it->type, "tmpfs") ||
	    !(plan_mount_attr(&it->o) & MOUNT_ATTR_RDONLY))
		return false;
	if (streq(it->dest, "/dev"))
		return true;
	for (size_t i = index_of(c, it) + 1; i < c->config->mounts.n; i++)
		if (is_below(c->mounts[i].dest, it->dest))
			return true;
	return false;
}

int plan_mounts_prepare(struct plan_ctx *c)
{
	size_t n = c->config->mounts.n;

	c->mounts = ARENA_ARRAY(c->b->arena, n, struct mount_item);
	if (!c->mounts)
		return err_nomem(c->e);
	for (size_t i = 0; i < n; i++) {
		c->mounts[i].m = &c->config->mounts.v[i];
		c->mounts[i].tree = NO_SLOT;
		TRY(prepare(c, &c->mounts[i]));
	}
	for (size_t i = 0; i < n; i++)
		c->mounts[i].late_ro = needs_late_ro(c, &c->mounts[i]);
	return 0;
}

/* ---- HOST ---- */

/*
 * Container root in a user namespace may not be allowed to walk to the source; whoever has the
 * right opens it outside.
 */
static bool opened_outside(const struct plan_ctx *c, const struct mount_item *it)
{
	if (it->how != BOUND || it->made_late)
		return false;
	return it->o.idmap || (c->own_userns && rt_facts_can(c->facts, CAP_SYS_ADMIN));
}

/*
 * What is cloned outside is in the peer group of the host's mount, so that the container's mounts
 * below it would appear on the host. What is bound inside comes from a tree that has left it already.
 */
static int leave_peers(struct plan_ctx *c, struct mount_item *it)
{
	uint64_t base = plan_sources_propagation(c);
	uint64_t first = it->o.npropagation ? it->o.propagation[0] : MS_SHARED;

	if (!base || (!(first & MS_SHARED) && (first & MS_REC || !it->o.recursive)))
		return 0;
	return propagate_first(c, it, base);
}

int plan_mount_sources(struct plan_ctx *c)
{
	struct idmaps maps = {0};

	for (size_t i = 0; i < c->config->mounts.n; i++) {
		struct mount_item *it = &c->mounts[i];
		uint32_t userns = NO_SLOT;
		struct op_open_source *s;

		if (!opened_outside(c, it))
			continue;
		if (it->o.idmap)
			TRY(plan_idmap(c, &maps, i, it->o.idmap_maps, &userns));
		s = PLAN_ADD(c->b, open_source, it->m);
		s->source = plan_str(c->b, it->source);
		s->flags = (it->o.bind_flags & (BINDF_SRC_NOFOLLOW | BINDF_COPY_SYMLINK)) |
			   (it->o.recursive ? BINDF_RECURSIVE : 0) |
			   (it->o.idmap_recursive ? BINDF_IDMAP_RECURSIVE : 0);
		s->idmap_userns = userns;
		s->slot = it->tree = plan_slot(c->b, it->dest);
		TRY(leave_peers(c, it));
	}
	return 0;
}

/* ---- ROOTFS ---- */

/* Only the first propagation goes with the mount: mount_setattr takes one at a time. */
static void more_propagation(struct plan_ctx *c, const struct mount_item *it)
{
	for (size_t i = 1; i < it->o.npropagation; i++) {
		struct op_mount_remount *s = PLAN_ADD(c->b, mount_remount, it->m);

		s->root = c->root;
		s->dest = plan_str(c->b, it->dest);
		s->bind = true;
		s->propagation = it->o.propagation[i];
	}
}

static uint64_t first_propagation(const struct mount_item *it)
{
	return it->o.npropagation ? it->o.propagation[0] : 0;
}

/*
 * "ro" makes the file system read-only too when it is one that keeps data; the kernel's own exist
 * once, or are filled after they were mounted.
 */
static bool keeps_data(const char *type)
{
	static const char own[][12] = {"bpf",    "cgroup2", "debugfs", "devpts",
				       "mqueue", "proc",    "pstore",  "securityfs",
				       "sysfs",  "tmpfs",   "tracefs"};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (streq(type, own[i]))
			return false;
	return true;
}

/* devpts: a gid that the user namespace does not map is EINVAL; without it nodes are the opener's. */
static bool drops_option(const struct plan_ctx *c, const struct mount_item *it, const char *option)
{
	const struct oci_id_mapping_array *maps = &c->gids;
	uint32_t gid;

	if (!streq(it->type, "devpts") || !c->own_userns || !maps->n ||
	    !str_starts(option, "gid=") || str_to_id(option + 4, &gid) < 0)
		return false;
	return !plan_host_id(maps, gid, &gid);
}

static bool has_data(const struct mount_item *it, const char *prefix)
{
	for (size_t i = 0; i < it->o.ndata; i++)
		if (str_starts(it->o.data[i], prefix))
			return true;
	return false;
}

static struct op_strv fs_options(struct plan_ctx *c, const struct mount_item *it)
{
	struct op_strv v;
	size_t n = 0;

	for (size_t i = 0; i < it->o.ndata; i++)
		n += !drops_option(c, it, it->o.data[i]);
	if (!n)
		return (struct op_strv){0};
	v = plan_strv_new(c->b, n);
	n = 0;
	for (size_t i = 0; i < it->o.ndata; i++)
		if (!drops_option(c, it, it->o.data[i]))
			plan_strv_set(c->b, v, n++, plan_str(c->b, it->o.data[i]));
	return v;
}

/* A procfs in which sysctls can be written: whole, and writable. */
static bool serves_sysctl(const struct mount_item *it)
{
	return streq(it->type, "proc") && !has_data(it, "subset=") &&
	       !(plan_mount_attr(&it->o) & MOUNT_ATTR_RDONLY);
}

/* linux.mountLabel, unless the mount's own options say it. */
static void label_mount(struct plan_ctx *c, const struct mount_item *it, struct op_mount_fs *s)
{
	const char *option = plan_mount_label_option(c, it->type);

	if (!option || (*option && has_data(it, option)))
		return;
	s->label_option = *option ? plan_str(c->b, option) : 0;
	s->label = plan_str(c->b, c->linux->mount_label);
}

/* Is something of the container's procfs hidden or read-only? */
static bool covers_proc(const struct plan_ctx *c)
{
	const struct str_array *lists[] = {&c->linux->masked_paths, &c->linux->readonly_paths};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			if (str_starts(lists[i]->v[k], "/proc/"))
				return true;
	return false;
}

/* The mount's descriptor stays open for what is done in it later. */
static void keep_proc(struct plan_ctx *c, const struct mount_item *it, struct op_mount_fs *s)
{
	bool sysctl = c->linux->sysctl.n && c->proc == NO_SLOT && serves_sysctl(it);
	bool own = streq(it->dest, "/proc") && covers_proc(c);

	if (!streq(it->type, "proc") || (!sysctl && !own))
		return;
	s->keep = plan_slot(c->b, "proc");
	if (sysctl)
		c->proc = s->keep;
	if (own)
		c->own_proc = s->keep;
}

static void mount_fresh(struct plan_ctx *c, const struct mount_item *it)
{
	struct op_mount_fs *s = PLAN_ADD(c->b, mount_fs, it->m);

	s->root = c->root;
	s->dest = plan_str(c->b, it->dest);
	s->type = plan_str(c->b, it->type);
	s->source = plan_str(c->b, str_empty(it->m->source) ? it->type : it->m->source);
	s->options = fs_options(c, it);
	label_mount(c, it, s);
	s->sb_flags = it->o.sb_flags;
	/* The mount is new: there is no tree below that could differ. */
	s->attr = plan_mount_attr(&it->o);
	if ((s->attr & MOUNT_ATTR_RDONLY) && keeps_data(it->type))
		s->sb_flags |= MS_RDONLY;
	if (it->late_ro)
		s->attr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	s->propagation = first_propagation(it);
	if (streq(it->type, "proc") || streq(it->type, "sysfs"))
		s->flags |= MOUNTF_REAL_DIR;
	if (streq(it->type, "tmpfs") && !has_data(it, "mode="))
		s->flags |= MOUNTF_MODE_FROM_DEST;
	if (it->o.copy_up)
		s->flags |= MOUNTF_COPY_UP;
	if (it->o.copy_up && !has_data(it, "uid=") && !has_data(it, "gid="))
		s->flags |= MOUNTF_OWNER_FROM_DEST;
	if (it->o.bind_flags & BINDF_DEST_NOFOLLOW)
		s->flags |= MOUNTF_DEST_NOFOLLOW;
	keep_proc(c, it, s);
}

static void mount_bound(struct plan_ctx *c, const struct mount_item *it)
{
	struct op_mount_bind *s = PLAN_ADD(c->b, mount_bind, it->m);

	s->root = c->root;
	s->dest = plan_str(c->b, it->dest);
	s->source = plan_str(c->b, it->source);
	s->tree = it->tree;
	s->flags = it->o.bind_flags | (it->o.recursive ? BINDF_RECURSIVE : 0);
	s->attr_set = it->o.attr_set;
	s->attr_clear = it->o.attr_clear;
	s->rec_set = it->o.rec_set;
	s->rec_clear = it->o.rec_clear;
	s->propagation = first_propagation(it);
	if (streq(it->dest, "/proc"))
		c->own_proc = NO_SLOT; /* this one lies over it */
}

static void mount_changed(struct plan_ctx *c, const struct mount_item *it)
{
	struct op_mount_remount *s = PLAN_ADD(c->b, mount_remount, it->m);

	s->root = c->root;
	s->dest = plan_str(c->b, it->dest);
	s->attr_set = it->o.attr_set;
	s->attr_clear = it->o.attr_clear;
	s->rec_set = it->o.rec_set;
	s->rec_clear = it->o.rec_clear;
	s->propagation = first_propagation(it);
	s->bind = it->o.bind;
	if (it->o.bind)
		return;
	s->sb_flags = it->o.sb_flags;
	s->sb_mask = it->o.sb_mask;
	if ((it->o.attr_set | it->o.attr_clear) & MOUNT_ATTR_RDONLY) {
		s->sb_mask |= MS_RDONLY;
		s->sb_flags |= it->o.attr_set & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0;
	}
	if (it->o.ndata)
		s->options = plan_strv(c->b, it->o.data, it->o.ndata);
}

void plan_mounts(struct plan_ctx *c)
{
	for (size_t i = 0; i < c->config->mounts.n; i++) {
		const struct mount_item *it = &c->mounts[i];

		switch (it->how) {
		case FRESH:
			mount_fresh(c, it);
			break;
		case BOUND:
			mount_bound(c, it);
			break;
		case CHANGED:
			mount_changed(c, it);
			break;
		}
		more_propagation(c, it);
	}
}

void plan_mounts_finish(struct plan_ctx *c)
{
	for (size_t i = 0; i < c->config->mounts.n; i++) {
		const struct mount_item *it = &c->mounts[i];
		struct op_mount_remount *s;

		if (!it->late_ro)
			continue;
		s = PLAN_ADD(c->b, mount_remount, it->m);
		s->root = c->root;
		s->dest = plan_str(c->b, it->dest);
		s->bind = true;
		s->attr_set = MOUNT_ATTR_RDONLY;
	}
}
