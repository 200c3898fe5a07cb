/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps in the tree, by descriptors: down by names and up by "..". A container may nest cgroups of its
 * own deeper than any path is long. Nobody can move one (cgroup v2 has no rename), and ".." leads up
 * from one that is removed meanwhile, too.
 */
#ifndef RT_CGROUP_DIR_H
#define RT_CGROUP_DIR_H

#include <dirent.h>
#include <stdbool.h>

/* On a parent that a create made. User attributes of cgroups: Linux 5.7. */
#define RT_CGROUP_MADE "user.rt.made"

/* Open a directory, no symlink, in another one (AT_FDCWD: a path). A descriptor, or -errno. */
int rt_cgroup_dir(int parent, const char *name);

/* Replace a directory's descriptor by that of one in it, or of the one above: "..". 0, or -errno. */
int rt_cgroup_enter(int *dir, const char *name);

/* Read what is in it, with a descriptor of its own. NULL, with errno, when that is not possible. */
DIR *rt_cgroup_list(int dir);

/* Is the entry of such a list a cgroup below? */
bool rt_cgroup_is_below(const struct dirent *d);

#endif
