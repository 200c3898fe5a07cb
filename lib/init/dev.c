/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes, links and directories of the container's /dev, and paths that are hidden. */
#include "init/init.h"

/* S_IFCHR 1:3. */
#define NULL_MAJOR 1
#define NULL_MINOR 3

/* Is it a node of this type (S_IFMT bits of mode) and number? A negative errno, 0 or 1. */
static int is_node(int dirfd, const char *path, unsigned int mode, uint32_t major, uint32_t minor)
{
	struct statx st;
	int flags = AT_SYMLINK_NOFOLLOW | (*path ? 0 : AT_EMPTY_PATH);
	int r = sys_statx(dirfd, path, flags, STATX_TYPE, &st);

	if (r < 0)
		return r;
	if ((st.stx_mode & S_IFMT) != (mode & S_IFMT))
		return 0;
	return (mode & S_IFMT) == S_IFIFO ||
	       (st.stx_rdev_major == major && st.stx_rdev_minor == minor);
}

/*
 * The host's node at this path, as a detached mount. It is looked at through the descriptor: the
 * right type and number are all that counts (CVE-2025-31133). -ENODEV: it is another.
 */
static int open_node(struct init *in, const struct op_device *op, const char *path)
{
	int tree = init_scratch(in,
				sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	int r = tree < 0 ? tree : is_node(tree, "", op->mode, op->major, op->minor);

	return r > 0 ? tree : r < 0 ? r : -ENODEV;
}

/* By the name that udev gives every node, since on the host it may have another one than here. */
static int open_node_by_number(struct init *in, const struct op_device *op)
{
	char path[40];
	struct text t = TEXT(path);

	text_add(&t, (op->mode & S_IFMT) == S_IFBLK ? "/dev/block/" : "/dev/char/");
	text_num(&t, op->major);
	text_add(&t, ":");
	text_num(&t, op->minor);
	return open_node(in, op, path);
}

/* A user namespace makes no nodes, so the host's is bound. */
static int bind_device(struct init *in, const struct op_device *op)
{
	const char *dest = init_text(in, op->dest);
	int tree = open_node(in, op, dest), r = tree, target;

	if (tree == -ENOENT && op->optional)
		return 0;
	if (tree < 0)
		tree = open_node_by_number(in, op);
	if (tree < 0 && r == -ENODEV)
		return init_fail(in, r, RT_WHY_WRONG_NODE, dest);
	if (tree < 0)
		return init_fail(in, r, RT_WHY_SOURCE, dest);
	target = root_target(in, root_fd(in, op->root), dest, TARGET_MOUNT, 0);
	return target < 0 ? target : mount_attach(in, tree, target, op->root, dest);
}

/*
 * By its descriptor: /dev may be a volume, in which another container exchanges the new node for a
 * link to a file.
 */
static int own_node(struct init *in, const struct op_device *op, int dir, const char *name)
{
	int node = init_scratch(in, sys_openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
	int r = node < 0 ? node : is_node(node, "", op->mode, op->major, op->minor);

	if (r == 0)
		return init_fail(in, -EEXIST, RT_WHY_WRONG_NODE, init_text(in, op->dest));
	return r < 0 ? r : sys_fchownat(node, "", op->uid, op->gid, AT_EMPTY_PATH);
}

int step_device(struct init *in, const struct op_device *op)
{
	const char *dest = init_text(in, op->dest), *name;
	int dir, r;

	if (op->bind)
		return bind_device(in, op);
	dir = root_parent(in, op->root, dest, &name);
	if (dir < 0)
		return dir;
	r = sys_mknodat(dir, name, op->mode, device_number(op->major, op->minor));
	if (r == -EEXIST) {
		/*
		 * The node that was asked for stays as it is: it may be the host's, by a bind of
		 * its /dev, and its owner and mode are then not ours to change.
		 */
		r = is_node(dir, name, op->mode, op->major, op->minor);
		return r > 0 ? 0 : init_fail(in, r < 0 ? r : -EEXIST, RT_WHY_WRONG_NODE, dest);
	}
	/* The nodes that we make are root's, and NO_ID leaves it so. */
	if (r < 0 || ((op->uid == 0 || op->uid == NO_ID) && (op->gid == 0 || op->gid == NO_ID)))
		return r;
	return own_node(in, op, dir, name);
}

int step_symlink(struct init *in, const struct op_symlink *op)
{
	const char *dest = init_text(in, op->dest), *target = init_text(in, op->target), *name;
	char have[PATH_SIZE];
	int dir = root_parent(in, op->root, dest, &name), r;
	long n;

	if (dir < 0)
		return dir;
	r = sys_symlinkat(target, dir, name);
	if (r != -EEXIST || op->optional)
		return r == -EEXIST ? 0 : r;
	n = sys_readlinkat(dir, name, have, sizeof(have));
	if (n != (long)strlen(target) || memcmp(have, target, (size_t)n) != 0)
		return init_fail(in, r, RT_WHY_WRONG_NODE, dest);
	return 0;
}

int step_mkdir(struct init *in, const struct op_mkdir *op)
{
	int fd = root_target(in, root_fd(in, op->root), init_text(in, op->dest), TARGET_DIR,
			     op->mode);

	return fd < 0 ? fd : 0;
}

static bool is_null(int fd)
{
	return fd >= 0 && is_node(fd, "", S_IFCHR, NULL_MAJOR, NULL_MINOR) > 0;
}

static int open_null(void)
{
	return sys_openat(AT_FDCWD, "/dev/null", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0);
}

/* An image without the device, or with another in its place, keeps what it was given. */
int step_null_stdio(struct init *in, const struct op_null_stdio *op)
{
	int null = -1, r;

	(void)op;
	for (int fd = 0; fd <= 2; fd++) {
		if (!is_null(fd))
			continue;
		if (null < 0) {
			null = init_scratch(in, open_null());
			if (!is_null(null))
				return 0;
		}
		r = sys_dup_stdio(null, fd);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- masked and read-only paths ---- */

/* The host's null device, once: an image's could be anything (CVE-2025-31133). */
static int null_device(struct init *in, uint32_t slot)
{
	int fd = init_slot(in, slot), r;

	if (fd >= 0)
		return fd;
	fd = init_scratch(in,
			  sys_openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
	if (fd < 0)
		return init_fail(in, fd, RT_WHY_SOURCE, "/dev/null");
	r = is_node(fd, "", S_IFCHR, NULL_MAJOR, NULL_MINOR);
	if (r <= 0)
		return init_fail(in, r < 0 ? r : -ENODEV, RT_WHY_WRONG_NODE, "/dev/null");
	init_slot_set(in, slot, fd);
	return fd;
}

/* A new empty directory that cannot be written to. */
static int empty_tmpfs(struct init *in, const struct op_mask *op)
{
	int fs = init_scratch(in, sys_fsopen("tmpfs", FSOPEN_CLOEXEC)), r, mnt;

	if (fs < 0)
		return fs;
	r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755");
	if (r >= 0 && op->label_option) {
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, init_text(in, op->label_option),
				 init_text(in, op->label));
		if (r < 0)
			return init_fail(in, r, RT_WHY_LABEL, init_text(in, op->label));
	}
	if (r >= 0)
		r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return mount_fs_failed(in, fs, r);
	mnt = sys_fsmount(fs, FSMOUNT_CLOEXEC,
			  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				  MOUNT_ATTR_NOEXEC);
	return mnt < 0 ? mount_fs_failed(in, fs, mnt) : init_scratch(in, mnt);
}

static int clone_of(struct init *in, int fd, unsigned int flags)
{
	if (fd < 0)
		return fd;
	return init_scratch(
		in,
		sys_open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags));
}

/*
 * What covers a directory. The first one gets the tmpfs itself, the others clones of it: a mount
 * that is closed without having been attached costs a wait for all processors.
 */
static int cover_dir(struct init *in, const struct op_mask *op)
{
	int fd = init_slot(in, op->empty);

	if (fd >= 0)
		return clone_of(in, fd, 0);
	fd = empty_tmpfs(in, op);
	if (fd >= 0)
		init_slot_set(in, op->empty, fd);
	return fd;
}

/*
 * What is below /proc is looked up in the procfs that was mounted, by its descriptor: the image may be
 * another container's too, which puts a symlink into the place of /proc, the mount point, at the
 * moment in which the path is walked, and the path would lead to nothing, or elsewhere.
 */
static int cover_root(struct init *in, uint32_t root, uint32_t proc, const char **dest)
{
	if (proc == NO_SLOT || !text_starts(*dest, "/proc/"))
		return root_fd(in, root);
	*dest += strlen("/proc");
	return init_slot(in, proc);
}

static bool not_there(int no)
{
	return no == -ENOENT || no == -ENOTDIR;
}

int step_mask(struct init *in, const struct op_mask *op)
{
	const char *dest = init_text(in, op->dest);
	int root = cover_root(in, op->root, op->proc, &dest);
	int target, tree;

	/* Which of the two it is, is asked of the walk: a mount that fails is the dearer probe. */
	target = root_open(in, root, dest, O_PATH | O_DIRECTORY, 0);
	if (target >= 0) {
		tree = cover_dir(in, op);
	} else {
		if (target == -ENOTDIR)
			target = root_open(in, root, dest, O_PATH, 0);
		if (target < 0)
			return not_there(target) ? 0 : target;
		tree = clone_of(in, null_device(in, op->null), 0);
	}
	return tree < 0 ? tree : mount_attach(in, tree, target, op->root, dest);
}

int step_readonly(struct init *in, const struct op_readonly *op)
{
	const char *dest = init_text(in, op->dest);
	int root = cover_root(in, op->root, op->proc, &dest);
	int target = root_open(in, root, dest, O_PATH, 0), tree, r;

	if (target < 0)
		return not_there(target) ? 0 : target;
	tree = clone_of(in, target, AT_RECURSIVE);
	if (tree < 0)
		return tree;
	r = mount_change(in, tree, MOUNT_ATTR_RDONLY, 0, 0, true);
	return r < 0 ? r : mount_attach(in, tree, target, op->root, dest);
}
