/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmpcopyup: a new tmpfs gets what the directory under it holds, with owners, modes, times and
 * extended attributes. The copy is not attached yet, so nobody can get in its way; the source is the
 * image's and may do what it likes, within the depth here and the size of the tmpfs.
 *
 * Descriptors are closed by hand here: a tree has more of them than init_close_scratch is for.
 */
#include "init/init.h"

#define DEPTH_MAX 64

struct dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static int copy_dir(struct init *in, int from, int to, unsigned int depth);

static int close_both(int a, int b, int r)
{
	if (a >= 0)
		sys_close(a);
	if (b >= 0)
		sys_close(b);
	return r;
}

int copy_owner(int dirfd, const char *name, const struct statx *st)
{
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
	int r = sys_fchownat(dirfd, name, st->stx_uid, st->stx_gid, flags);

	/* statx shows an owner without an id in our user namespace as the overflow id. */
	return r == -EINVAL ? 1 : r;
}

/*
 * File capabilities, ACLs and what else is there, as far as a tmpfs takes it. Labels are the mount's
 * matter. Not inlined: the buffers need not be on the stack while directories are walked.
 */
static __attribute__((noinline)) int copy_xattrs(int from, int to)
{
	char list[1024], value[4096];
	long len = sys_flistxattr(from, list, sizeof(list));

	if (len == -EOPNOTSUPP)
		return 0;
	for (long at = 0; at < len; at += (long)strlen(list + at) + 1) {
		long n = sys_fgetxattr(from, list + at, value, sizeof(value));
		int r;

		if (text_eq(list + at, "security.selinux"))
			continue;
		r = n < 0 ? (int)n : sys_fsetxattr(to, list + at, value, (size_t)n);
		if (r < 0 && r != -EOPNOTSUPP)
			return r;
	}
	return len < 0 ? (int)len : 0;
}

/* What is between two holes. A file that another makes longer meanwhile has no part in it without end. */
static int copy_part(int from, int to, long begin, long end)
{
	long n = sys_lseek(from, begin, SEEK_SET);

	if (n >= 0)
		n = sys_lseek(to, begin, SEEK_SET);
	while (n >= 0 && begin < end) {
		n = sys_sendfile(to, from, (size_t)(end - begin));
		if (n <= 0)
			break;
		begin += n;
	}
	return n < 0 ? (int)n : 0;
}

/* Holes stay holes: a terabyte of nothing in an image is not to fill the memory. */
static int copy_content(int from, int to, long size)
{
	long data = 0, hole = 0;

	while (hole < size) {
		data = sys_lseek(from, hole, SEEK_DATA);
		if (data == -ENXIO) /* a hole to the end */
			break;
		if (data >= 0)
			hole = sys_lseek(from, data, SEEK_HOLE);
		if (data < 0 || hole < 0)
			return (int)(data < 0 ? data : hole);
		if (hole <= data) /* a file system that is another's program: no end would come */
			return -EIO;
		data = copy_part(from, to, data, hole);
		if (data < 0)
			return (int)data;
	}
	return sys_ftruncate(to, size);
}

/*
 * A directory or a file, with its owner: a change of that would take file capabilities away. What
 * counts is what was opened, and *st becomes its: by now another container with the same volume may
 * have put a device into the place of a file, or a file of its own into that of a set-id program.
 */
static int copy_node(struct init *in, int from, int to, const char *name, struct statx *st,
		     unsigned int depth)
{
	unsigned int type = st->stx_mode & S_IFMT;
	bool dir = type == S_IFDIR;
	int how = O_NOFOLLOW | O_CLOEXEC | (dir ? O_RDONLY | O_DIRECTORY : 0);
	int f, t, r;

	f = sys_openat(from, name, how | O_NONBLOCK, 0); /* how has O_CLOEXEC */
	r = f < 0 ? f : sys_statx(f, "", AT_EMPTY_PATH, STATX_BASIC_STATS, st);
	if (r >= 0 && (st->stx_mode & S_IFMT) != type)
		r = -ESTALE;
	if (r >= 0 && dir)
		r = sys_mkdirat(to, name, 0700);
	if (r < 0)
		return close_both(f, -1, r);
	/* how has O_CLOEXEC */
	t = sys_openat(to, name, how | (dir ? 0 : O_CREAT | O_EXCL | O_WRONLY), 0600);
	if (t < 0)
		return close_both(f, t, t);
	r = dir ? copy_dir(in, f, t, depth + 1) : copy_content(f, t, (long)st->stx_size);
	if (r >= 0)
		r = copy_owner(t, "", st);
	if (r >= 0) {
		int x = copy_xattrs(f, t);

		r = x < 0 ? x : r;
	}
	return close_both(f, t, r);
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_SIZE];
	long n = sys_readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return (int)n;
	target[n] = '\0';
	return sys_symlinkat(target, to, name);
}

static int copy_entry(struct init *in, int from, int to, const char *name, unsigned int depth)
{
	struct sys_timespec times[2];
	unsigned int mode = 07777, type;
	struct statx st;
	int r = sys_statx(from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);

	if (r < 0)
		return r;
	type = st.stx_mode & S_IFMT;
	if (type == S_IFDIR || type == S_IFREG) {
		r = copy_node(in, from, to, name, &st, depth);
	} else {
		r = type == S_IFLNK
			    ? copy_link(from, to, name)
			    : sys_mknodat(to, name, st.stx_mode,
					  device_number(st.stx_rdev_major, st.stx_rdev_minor));
		if (r >= 0)
			r = copy_owner(to, name, &st);
	}
	if (r > 0) /* not another's program with set-id bits as ours */
		mode = 0777;
	/* After the owner, whose change takes the set-id bits away. */
	if (r >= 0 && type != S_IFLNK)
		r = sys_fchmodat(to, name, st.stx_mode & mode);
	if (r < 0)
		return init_fail(in, r, RT_WHY_SOURCE, name);
	times[0] = (struct sys_timespec){st.stx_atime.tv_sec, st.stx_atime.tv_nsec};
	times[1] = (struct sys_timespec){st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec};
	return sys_utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static bool is_dots(const char *name)
{
	return text_eq(name, ".") || text_eq(name, "..");
}

static int copy_dir(struct init *in, int from, int to, unsigned int depth)
{
	char buf[2048] __attribute__((aligned(8)));
	long n;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	while ((n = sys_getdents64(from, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *d = (const struct dirent64 *)(buf + at);
			int r = is_dots(d->name) ? 0 : copy_entry(in, from, to, d->name, depth);

			if (r < 0)
				return r;
			at += d->len;
		}
	}
	return (int)n;
}

int copy_tree(struct init *in, int from, int to)
{
	/* fsmount gives an O_PATH descriptor, which has no attributes. */
	int dir = init_scratch(in, sys_openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	int r = dir < 0 ? dir : copy_dir(in, from, dir, 0);

	return r < 0 ? r : copy_xattrs(from, dir);
}
