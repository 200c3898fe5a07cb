/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIRECTORIES 16

/* nftw(3) has no argument for its callbacks. */
static struct {
	uid_t uid;
	gid_t gid;
	const char *except;
	struct words *list;
} walk;

static int chown_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return lchown(path, walk.uid, walk.gid);
}

int tree_chown(const char *path, uid_t uid, gid_t gid)
{
	walk.uid = uid;
	walk.gid = gid;
	return nftw(path, chown_one, OPEN_DIRECTORIES, FTW_PHYS) == 0 ? 0 : -errno;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int tree_remove(const char *path)
{
	return nftw(path, remove_one, OPEN_DIRECTORIES, FTW_PHYS | FTW_DEPTH) == 0 ? 0 : -errno;
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	default:
		return "file";
	}
}

static int list_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type;
	if (ftw->level > 0)
		words_add(walk.list, xprintf("%s %s", kind_of(st->st_mode), path));
	return walk.except && strcmp(path, walk.except) == 0 ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
}

void tree_list(const char *path, const char *except, struct words *ret)
{
	walk.except = except;
	walk.list = ret;
	nftw(path, list_one, OPEN_DIRECTORIES, FTW_PHYS | FTW_ACTIONRETVAL);
}
