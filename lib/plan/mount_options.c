/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/mount_options.h"

#include <linux/mount.h>

#include "base/str.h"

enum kind {
	NOTHING, /* accepted: says what is so anyway */
	SET,     /* attribute of the mount */
	CLEAR,
	TREE_SET, /* the same of the whole tree */
	TREE_CLEAR,
	FS_SET, /* flag of the file system */
	FS_CLEAR,
	PROPAGATION,
	BIND, /* value: 1 for the whole tree */
	REMOUNT,
	COPY_UP,
	BIND_FLAG,
	IDMAP, /* value: 1 for the whole tree */
};

struct option {
	char name[16];
	enum kind kind;
	bool extension; /* not in the specification */
	uint64_t value;
};

/*
 * The access time attributes are one field of three values in mount_setattr(2), so each option of
 * it sets the value and clears the whole field first. relatime is the kernel's default and has the
 * value 0. Hence "not relatime" can only mean strictatime, and not the no-op that clearing 0 is.
 */
#define ATIME_FIELD MOUNT_ATTR__ATIME

/* Sorted by name. The columns of the specification's table are Requirement and Description. */
static const struct option options[] = {
	{"async", FS_CLEAR, false, MS_SYNCHRONOUS},
	{"atime", CLEAR, false, ATIME_FIELD},
	{"bind", BIND, false, 0},
	{"copy-symlink", BIND_FLAG, true, BINDF_COPY_SYMLINK},
	{"defaults", NOTHING, false, 0},
	{"dest-nofollow", BIND_FLAG, true, BINDF_DEST_NOFOLLOW},
	{"dev", CLEAR, false, MOUNT_ATTR_NODEV},
	{"diratime", CLEAR, false, MOUNT_ATTR_NODIRATIME},
	{"dirsync", FS_SET, false, MS_DIRSYNC},
	{"exec", CLEAR, false, MOUNT_ATTR_NOEXEC},
	{"idmap", IDMAP, false, 0},
	{"iversion", FS_SET, false, MS_I_VERSION},
	{"lazytime", FS_SET, false, MS_LAZYTIME},
	{"loud", FS_CLEAR, false, MS_SILENT},
	{"mand", FS_SET, false, MS_MANDLOCK},
	{"noatime", SET, false, MOUNT_ATTR_NOATIME},
	{"nodev", SET, false, MOUNT_ATTR_NODEV},
	{"nodiratime", SET, false, MOUNT_ATTR_NODIRATIME},
	{"noexec", SET, false, MOUNT_ATTR_NOEXEC},
	{"noiversion", FS_CLEAR, false, MS_I_VERSION},
	{"nolazytime", FS_CLEAR, false, MS_LAZYTIME},
	{"nomand", FS_CLEAR, false, MS_MANDLOCK},
	{"norelatime", SET, false, MOUNT_ATTR_STRICTATIME},
	{"nostrictatime", CLEAR, false, ATIME_FIELD},
	{"nosuid", SET, false, MOUNT_ATTR_NOSUID},
	{"nosymfollow", SET, false, MOUNT_ATTR_NOSYMFOLLOW},
	{"private", PROPAGATION, false, MS_PRIVATE},
	{"ratime", TREE_CLEAR, false, ATIME_FIELD},
	{"rbind", BIND, false, 1},
	{"rdev", TREE_CLEAR, false, MOUNT_ATTR_NODEV},
	{"rdiratime", TREE_CLEAR, false, MOUNT_ATTR_NODIRATIME},
	{"relatime", CLEAR, false, ATIME_FIELD},
	{"remount", REMOUNT, false, 0},
	{"rexec", TREE_CLEAR, false, MOUNT_ATTR_NOEXEC},
	{"ridmap", IDMAP, false, 1},
	{"rnoatime", TREE_SET, false, MOUNT_ATTR_NOATIME},
	{"rnodev", TREE_SET, true, MOUNT_ATTR_NODEV},
	{"rnodiratime", TREE_SET, false, MOUNT_ATTR_NODIRATIME},
	{"rnoexec", TREE_SET, false, MOUNT_ATTR_NOEXEC},
	{"rnorelatime", TREE_SET, false, MOUNT_ATTR_STRICTATIME},
	{"rnostrictatime", TREE_CLEAR, false, ATIME_FIELD},
	{"rnosuid", TREE_SET, false, MOUNT_ATTR_NOSUID},
	{"rnosymfollow", TREE_SET, false, MOUNT_ATTR_NOSYMFOLLOW},
	{"ro", SET, false, MOUNT_ATTR_RDONLY},
	{"rprivate", PROPAGATION, false, MS_REC | MS_PRIVATE},
	{"rrelatime", TREE_CLEAR, false, ATIME_FIELD},
	{"rro", TREE_SET, false, MOUNT_ATTR_RDONLY},
	{"rrw", TREE_CLEAR, false, MOUNT_ATTR_RDONLY},
	{"rshared", PROPAGATION, false, MS_REC | MS_SHARED},
	{"rslave", PROPAGATION, false, MS_REC | MS_SLAVE},
	{"rstrictatime", TREE_SET, false, MOUNT_ATTR_STRICTATIME},
	{"rsuid", TREE_CLEAR, false, MOUNT_ATTR_NOSUID},
	{"rsymfollow", TREE_CLEAR, false, MOUNT_ATTR_NOSYMFOLLOW},
	{"runbindable", PROPAGATION, false, MS_REC | MS_UNBINDABLE},
	{"rw", CLEAR, false, MOUNT_ATTR_RDONLY},
	{"shared", PROPAGATION, false, MS_SHARED},
	{"silent", FS_SET, false, MS_SILENT},
	{"slave", PROPAGATION, false, MS_SLAVE},
	{"src-nofollow", BIND_FLAG, true, BINDF_SRC_NOFOLLOW},
	{"strictatime", SET, false, MOUNT_ATTR_STRICTATIME},
	{"suid", CLEAR, false, MOUNT_ATTR_NOSUID},
	{"symfollow", CLEAR, false, MOUNT_ATTR_NOSYMFOLLOW},
	{"sync", FS_SET, false, MS_SYNCHRONOUS},
	{"tmpcopyup", COPY_UP, false, 0},
	{"unbindable", PROPAGATION, false, MS_UNBINDABLE},
};

const char *plan_mount_option_name(size_t i, bool *ret_extension)
{
	if (i >= ARRAY_SIZE(options))
		return NULL;
	*ret_extension = options[i].extension;
	return options[i].name;
}

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct option *)row)->name);
}

static const struct option *find(const char *name)
{
	return bsearch(name, options, ARRAY_SIZE(options), sizeof(options[0]), compare);
}

static void set_attr(uint64_t attr, uint64_t *set, uint64_t *clear)
{
	if (attr & ATIME_FIELD) {
		*set = (*set & ~(uint64_t)ATIME_FIELD) | attr;
		*clear |= ATIME_FIELD;
	} else {
		*set |= attr;
		*clear &= ~attr;
	}
}

static void clear_attr(uint64_t attr, uint64_t *set, uint64_t *clear)
{
	*set &= ~attr;
	*clear |= attr;
}

/* An option of the tree undoes an earlier one of this mount alone; the other way round both stand. */
static void forget_attr(uint64_t attr, struct mount_options *m)
{
	m->attr_set &= ~(attr & ATIME_FIELD ? attr | ATIME_FIELD : attr);
	m->attr_clear &= ~(attr & ATIME_FIELD ? attr | ATIME_FIELD : attr);
}

static void apply(const struct option *o, struct mount_options *m)
{
	switch (o->kind) {
	case NOTHING:
		break;
	case SET:
		set_attr(o->value, &m->attr_set, &m->attr_clear);
		break;
	case CLEAR:
		clear_attr(o->value, &m->attr_set, &m->attr_clear);
		break;
	case TREE_SET:
		forget_attr(o->value, m);
		set_attr(o->value, &m->rec_set, &m->rec_clear);
		break;
	case TREE_CLEAR:
		forget_attr(o->value, m);
		clear_attr(o->value, &m->rec_set, &m->rec_clear);
		break;
	case FS_SET:
		m->sb_flags |= o->value;
		m->sb_mask |= o->value;
		break;
	case FS_CLEAR:
		m->sb_flags &= ~o->value;
		m->sb_mask |= o->value;
		break;
	case PROPAGATION:
		m->propagation[m->npropagation++] = o->value;
		break;
	case BIND:
		m->bind = true;
		m->recursive = o->value;
		break;
	case REMOUNT:
		m->remount = true;
		break;
	case COPY_UP:
		m->copy_up = true;
		break;
	case BIND_FLAG:
		m->bind_flags |= o->value;
		break;
	case IDMAP:
		m->idmap = true;
		m->idmap_recursive = o->value;
		break;
	}
}

/* "idmap=uids=0-1000-10;gids=..": how Podman passes the maps of a volume */
static bool apply_idmap_with_maps(const char *option, struct mount_options *m)
{
	bool recursive = str_starts(option, "ridmap=");

	if (!recursive && !str_starts(option, "idmap="))
		return false;
	m->idmap = true;
	m->idmap_recursive = recursive;
	m->idmap_maps = strchr(option, '=') + 1;
	return true;
}

uint64_t plan_mount_attr(const struct mount_options *o)
{
	return (o->rec_set & ~o->attr_clear) | o->attr_set;
}

int plan_mount_options(struct plan_ctx *c, const struct oci_mount *m, struct mount_options *ret)
{
	size_t n = m->options.n;
	const char **data = ARENA_ARRAY(c->b->arena, n, const char *);
	size_t *index = ARENA_ARRAY(c->b->arena, n, size_t);

	*ret = (struct mount_options){
		.propagation = ARENA_ARRAY(c->b->arena, n, uint64_t),
		.data = data,
		.data_index = index,
	};
	if (n && (!data || !index || !ret->propagation))
		return err_nomem(c->e);
	for (size_t i = 0; i < n; i++) {
		const struct option *o = find(m->options.v[i]);

		if (o) {
			apply(o, ret);
		} else if (!apply_idmap_with_maps(m->options.v[i], ret)) {
			data[ret->ndata] = m->options.v[i];
			index[ret->ndata++] = i;
		}
	}
	return 0;
}
