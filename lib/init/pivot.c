/* SPDX-License-Identifier: Apache-2.0 */
/* The root of the container: how it is made, and the ways to get into it. */
#include "init/init.h"

#include <linux/magic.h>

/* umount2's flags are in no header of the user API. */
#define MNT_DETACH 2
#define UMOUNT_NOFOLLOW 8

#define COVERS_MAX 16 /* mounts on the host's root, one over the other */

int step_propagation(struct init *in, const struct op_propagation *op)
{
	struct mount_attr attr = {.propagation = op->propagation & ~(uint64_t)MS_REC};
	int r = sys_mount_setattr(AT_FDCWD, "/", op->propagation & MS_REC ? AT_RECURSIVE : 0,
				  &attr);

	return r == -EINVAL ? init_fail(in, r, RT_WHY_CHROOT, NULL) : r;
}

/*
 * Make the mount private that this directory lies on. Only a mount's root takes mount_setattr, so
 * walk up to it; no table of mounts is read, which would cost with every mount that the host has.
 */
static int make_private(int dir)
{
	static const struct mount_attr attr = {.propagation = MS_PRIVATE};
	char up[PATH_SIZE];
	struct text t = TEXT(up);
	int r;

	up[0] = '\0';
	do {
		r = sys_mount_setattr(dir, up, AT_EMPTY_PATH, &attr);
		text_add(&t, "../");
	} while (r == -EINVAL && !t.cut);
	return r;
}

/*
 * The tree is attached over the directory that it is a clone of, so that hooks find the container's
 * mounts under the path of its rootfs. In a user namespace that path may be closed to us; then it
 * goes over "/", whence pivot_root takes it as well.
 */
int step_rootfs(struct init *in, const struct op_rootfs *op)
{
	const char *source = init_text(in, op->source);
	int dir = init_scratch(in,
			       sys_openat(AT_FDCWD, source, O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	int tree = init_slot(in, op->tree);
	int r;

	if (dir == -EACCES && tree >= 0)
		dir = init_scratch(in,
				   sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	if (dir < 0)
		return dir;
	if (tree < 0)
		tree = init_scratch(in, sys_open_tree(dir, "",
						      AT_EMPTY_PATH | AT_RECURSIVE |
							      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	if (tree < 0)
		return tree;
	r = mount_change(in, tree, 0, 0, MS_PRIVATE, true);
	if (r >= 0 && op->parent_private)
		r = make_private(dir);
	if (r >= 0)
		r = mount_attach(in, tree, dir, NO_SLOT, source);
	if (r < 0)
		return r;
	init_slot_set(in, op->tree, -1);
	init_slot_set(in, op->root, tree);
	return 0;
}

/*
 * Does the mount namespace have another root than this one? So it is for a caller in a chroot; who
 * joins the namespace later would come out there: exec, and a program of the container with
 * CAP_SYS_ADMIN. setns(2) moves us to the namespace's root, whatever our own was. 1, 0 or -errno.
 */
static int root_differs(struct init *in, int root)
{
	struct statx ours, its;
	int self = sys_pidfd_open(sys_getpid()), r;

	/* The root has been changed: this step cannot be begun anew as others are (start.c). */
	if (self == -EMFILE) {
		init_close_scratch(in);
		self = sys_pidfd_open(sys_getpid());
	}
	r = init_scratch(in, self) < 0 ? self : sys_setns(self, CLONE_NEWNS);
	if (r >= 0)
		r = sys_statx(root, "", AT_EMPTY_PATH, STATX_MNT_ID, &ours);
	if (r >= 0)
		r = sys_statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &its);
	return r < 0 ? r : ours.stx_mnt_id != its.stx_mnt_id;
}

/* A root that is the initial ramfs can be covered, but not put aside (pivot_root(2)). */
static int pivot_failed(struct init *in, int no)
{
	sys_statfs st;
	int fd = init_scratch(in, sys_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0));

	if (no == -EINVAL && fd >= 0 && sys_fstatfs(fd, &st) >= 0 &&
	    ((unsigned long)st.f_type == RAMFS_MAGIC || (unsigned long)st.f_type == TMPFS_MAGIC))
		return init_fail(in, no, RT_WHY_INITRAMFS, NULL);
	return no;
}

/*
 * pivot_root(".", ".") puts the old root over the new one, at the same place, and then "." for
 * umount is the old one (pivot_root(2), NOTES).
 */
static int pivot(struct init *in, int root, bool slave_old)
{
	int old = -1, r;

	if (slave_old) {
		old = init_scratch(in, sys_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0));
		if (old < 0)
			return old;
	}
	r = sys_fchdir(root);
	if (r < 0)
		return r;
	r = sys_pivot_root(".", ".");
	if (r < 0)
		return pivot_failed(in, r);
	if (slave_old) {
		r = mount_change(in, old, 0, 0, MS_SLAVE | MS_REC, true);
		if (r < 0)
			return r;
	}
	r = sys_umount2(".", MNT_DETACH);
	return r < 0 ? r : sys_chdir("/");
}

/*
 * Something else is the namespace's root. In a chroot it is the host's tree around that, which is
 * shared with the host as far as it is not made slave. Where a mount lay on the old root, as after
 * `mount --bind / /`, only that one is gone, and the old root, still on ours, makes pivot_root busy.
 */
static int uncover(struct init *in, int root)
{
	int r;

	init_close_scratch(in); /* with room for one it need not be begun anew */
	r = pivot(in, root, true);
	return r == -EBUSY ? sys_umount2(".", MNT_DETACH) : r;
}

int step_pivot(struct init *in, const struct op_pivot *op)
{
	int root = init_slot(in, op->root);
	int r = root < 0 ? root : pivot(in, root, op->slave_old);

	for (int covers = 0; r >= 0; covers++) {
		r = root_differs(in, root);
		if (r == 0)
			break;
		if (r > 0)
			r = covers < COVERS_MAX ? uncover(in, root) : -EBUSY;
	}
	/* What was opened in the old tree would keep its mounts alive. */
	init_close_scratch(in);
	return r;
}

/* ---- without pivot_root ---- */

/* One line of mountinfo (proc_pid_mountinfo(5)), cut into what is needed; false: not understood. */
static bool parse_mount(char *line, char **ret_point, const char **ret_type)
{
	char *s = line, *to;

	for (int field = 0; field < 4; s++) {
		if (!*s)
			return false;
		field += *s == ' ';
	}
	*ret_point = to = s;
	for (; *s && *s != ' '; s++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) { /* \040 is a blank */
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	for (; *s && !text_starts(s, " - "); s++)
		;
	*to = '\0';
	if (!*s)
		return false;
	*ret_type = s + 3;
	return true;
}

/* Detach this mount if it is a procfs or sysfs outside the container's root. */
static int hide_mount(char *line, const char *inside)
{
	const char *type;
	char *point;
	int r;

	if (!parse_mount(line, &point, &type))
		return -EPROTO;
	if (!text_starts(type, "proc ") && !text_starts(type, "sysfs "))
		return 0;
	if (text_starts(point, inside) && point[strlen(inside)] == '/')
		return 0;
	r = sys_umount2(point, MNT_DETACH | UMOUNT_NOFOLLOW);
	/* One that a user namespace keeps from us is covered instead. */
	if (r == -EINVAL || r == -EPERM)
		r = sys_mount("tmpfs", point, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "");
	return r == -ENOENT ? 0 : r;
}

/*
 * A chroot leaves the host's mounts in the namespace, and where a whole procfs or sysfs is among
 * them the kernel lets the container mount one without masks. So these have to go.
 */
static int hide_host_mounts(struct init *in, const char *inside)
{
	char buf[2 * PATH_SIZE];
	size_t len = 0;
	int fd = init_scratch(
		in, sys_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0));
	long n = fd;

	while (n >= 0) {
		size_t at = 0;

		n = sys_read(fd, buf + len, sizeof(buf) - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		for (size_t end = 0; end < len; end++) {
			int r;

			if (buf[end] != '\n')
				continue;
			buf[end] = '\0';
			r = hide_mount(buf + at, inside);
			if (r < 0)
				return r;
			at = end + 1;
		}
		if (!at && len == sizeof(buf))
			return -EPROTO;
		memmove(buf, buf + at, len - at);
		len -= at;
	}
	return (int)n;
}

int step_move_root(struct init *in, const struct op_move_root *op)
{
	char here[PATH_SIZE];
	int old = init_scratch(in, sys_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0));
	int root = init_slot(in, op->root), r;

	if (root < 0)
		return root;
	r = old < 0 ? old : root_differs(in, old);
	if (r > 0)
		return init_fail(in, -EINVAL, RT_WHY_DETAIL,
				 "from a chroot only pivot_root leads to the namespace's root");
	if (r >= 0)
		r = sys_fchdir(root);
	if (r >= 0)
		r = (int)sys_getcwd(here, sizeof(here));
	if (r < 0)
		return r;
	if (here[0] != '/' || !here[1])
		return init_fail(in, -EINVAL, RT_WHY_DETAIL, "the rootfs has no path of its own");
	r = hide_host_mounts(in, here);
	init_close_scratch(in);
	if (r >= 0)
		r = sys_mount(".", "/", NULL, MS_MOVE, NULL);
	if (r >= 0)
		r = sys_chroot(".");
	return r < 0 ? r : sys_chdir("/");
}

int step_chroot(struct init *in, const struct op_chroot *op)
{
	int root = init_slot(in, op->root), r;

	if (root < 0)
		return root;
	r = sys_fchdir(root);
	return r < 0 ? r : sys_chroot(".");
}

int step_root_attr(struct init *in, const struct op_root_attr *op)
{
	int fd = root_fd(in, NO_SLOT);

	return fd < 0 ? fd : mount_attrs(in, fd, op->attr_set, 0, 0, 0, op->propagation);
}
