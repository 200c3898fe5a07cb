/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmpcopyup: a new tmpfs gets what the directory under it holds, with owners, modes and times. The
 * copy is not attached yet, so nobody can get in its way; the source is the image's and may do what
 * it likes, within the depth here and the size of the tmpfs.
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

static int copy_subdir(struct init *in, int from, int to, const char *name, unsigned int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	int r = sys_mkdirat(to, name, 0700);
	int f, t;

	if (r < 0)
		return r;
	f = sys_openat(from, name, flags | O_CLOEXEC, 0);
	t = f < 0 ? f : sys_openat(to, name, flags | O_CLOEXEC, 0);
	return close_both(f, t, t < 0 ? t : copy_dir(in, f, t, depth + 1));
}

static int copy_file(int from, int to, const char *name)
{
	int f = sys_openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	int t = f < 0 ? f : sys_openat(to, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	long n = t;

	while (n >= 0 && t >= 0) {
		n = sys_sendfile(t, f, 1 << 30);
		if (n == 0)
			break;
	}
	return close_both(f, t, n < 0 ? (int)n : 0);
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
	struct statx st;
	int r = sys_statx(from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);

	if (r < 0)
		return r;
	if ((st.stx_mode & S_IFMT) == S_IFDIR)
		r = copy_subdir(in, from, to, name, depth);
	else if ((st.stx_mode & S_IFMT) == S_IFREG)
		r = copy_file(from, to, name);
	else if ((st.stx_mode & S_IFMT) == S_IFLNK)
		r = copy_link(from, to, name);
	else
		r = sys_mknodat(to, name, st.stx_mode,
				device_number(st.stx_rdev_major, st.stx_rdev_minor));
	if (r >= 0)
		r = sys_fchownat(to, name, st.stx_uid, st.stx_gid, AT_SYMLINK_NOFOLLOW);
	/* After the owner, whose change takes the set-id bits away. */
	if (r >= 0 && (st.stx_mode & S_IFMT) != S_IFLNK)
		r = sys_fchmodat(to, name, st.stx_mode & 07777);
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
	return copy_dir(in, from, to, 0);
}
