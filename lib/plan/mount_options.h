/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a mount (config.md, Linux mount options), by what the new mount API calls them. */
#ifndef RT_PLAN_MOUNT_OPTIONS_H
#define RT_PLAN_MOUNT_OPTIONS_H

#include "plan/parts.h"

struct mount_options {
	/*
	 * MOUNT_ATTR_*, of this mount and of the whole tree; a later option overrides an earlier, so
	 * those of this mount come behind those of the tree.
	 */
	uint64_t attr_set, attr_clear;
	uint64_t rec_set, rec_clear;
	uint64_t sb_flags, sb_mask; /* MS_* of the file system: value, and which are named */
	uint64_t *propagation;      /* in order: slave, then shared, makes both */
	size_t npropagation;
	bool bind, recursive, remount;
	bool copy_up;        /* tmpcopyup */
	uint64_t bind_flags; /* BINDF_SRC_NOFOLLOW, _DEST_NOFOLLOW, _COPY_SYMLINK */
	bool idmap, idmap_recursive;
	const char *idmap_maps;   /* "uids=..;gids=..", or NULL: those of the mount */
	const char *const *data;  /* the file system's own: all that no row knows */
	const size_t *data_index; /* of each: index in the options */
	size_t ndata;
};

/* Sort the options of mounts[index]. Fails only when memory is short. */
int plan_mount_options(struct plan_ctx *c, const struct oci_mount *m, struct mount_options *ret);

/* What the mount itself gets in the end, as attributes of a new mount. */
uint64_t plan_mount_attr(const struct mount_options *o);

/*
 * Every option that is known, in the order of the alphabet: for the features document.
 * extension: not in the specification. Returns NULL behind the last.
 */
const char *plan_mount_option_name(size_t i, bool *ret_extension);

#endif
