/* SPDX-License-Identifier: Apache-2.0 */
/* Whole directory trees; symbolic links are never followed. */
#ifndef CASES_TREE_H
#define CASES_TREE_H

#include <sys/types.h>

#include "text.h"

/* Give everything in the tree to uid:gid: 0 or -errno. */
int tree_chown(const char *path, uid_t uid, gid_t gid);
/* Remove the tree: 0 or -errno. */
int tree_remove(const char *path);
/*
 * Add "KIND PATH" for everything in the tree but path itself; KIND is one of file directory symlink
 * fifo socket char block. What is at `except` (or NULL) is named, but not entered.
 */
void tree_list(const char *path, const char *except, struct words *ret);

#endif
