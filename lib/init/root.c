/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths in the container's root. Images are hostile: a component may be a symlink that leads out,
 * or is exchanged for one while we look (CVE-2021-30465, CVE-2024-45310). So the kernel resolves
 * every path as a whole below the root's descriptor, and what comes out is a descriptor that is
 * worked on; no path is used twice.
 */
#include "init/init.h"

#include <linux/magic.h>

#define LINKS_MAX 40 /* as many as the kernel follows (path_resolution(7)) */

/* Where a missing path is being made. */
struct maker {
	struct init *in;
	int root;
	uint64_t resolve;
	unsigned int kind;
	char path[PATH_SIZE]; /* below the root, with symlinks already replaced in front */
	size_t len;
	unsigned int links;
};

int root_fd(struct init *in, uint32_t root)
{
	if (root != NO_SLOT)
		return init_slot(in, root);
	return init_scratch(in, sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
}

int root_open(struct init *in, int root, const char *dest, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (root < 0)
		return root;
	/* EAGAIN: a rename raced with the walk, and the kernel could not prove where it is. */
	for (int tries = 0; tries < 64; tries++) { /* how has O_CLOEXEC */
		fd = sys_openat2(root, dest, &how);
		if (fd != -EAGAIN)
			break;
	}
	return init_scratch(in, fd);
}

bool root_is(const char *dest)
{
	while (*dest == '/' || *dest == '.')
		dest++;
	return !*dest;
}

int fd_type(int fd)
{
	struct statx st;
	int r = sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);

	return r < 0 ? r : st.stx_mode & S_IFMT;
}

/* Open the first `len` bytes of the path. */
static int open_prefix(struct maker *m, size_t len, uint64_t flags)
{
	char saved = m->path[len];
	int fd;

	m->path[len] = '\0';
	fd = root_open(m->in, m->root, len ? m->path : ".", O_PATH | flags, m->resolve);
	m->path[len] = saved;
	return fd;
}

/*
 * The longest prefix that is there; *ret_len is its length. It ends where a component ends, so that
 * what follows begins with a slash or is the end.
 */
static int open_existing(struct maker *m, size_t *ret_len)
{
	size_t len = m->len;
	int fd;

	for (;;) {
		while (len && m->path[len - 1] != '/')
			len--;
		while (len && m->path[len - 1] == '/')
			len--;
		fd = open_prefix(m, len, O_DIRECTORY);
		if (fd != -ENOENT || !len)
			break;
	}
	*ret_len = len;
	return fd;
}

/*
 * The component at m->path[at..end) of the directory `dir` is a symlink to something missing: put
 * its target in its place, so that the target is made, in the root. Not inlined: few paths need the
 * page of stack.
 */
static __attribute__((noinline)) int splice_link(struct maker *m, int dir, const char *name,
						 size_t at, size_t end)
{
	char target[PATH_SIZE];
	size_t rest = m->len - end, keep;
	long n = sys_readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		return (int)n;
	if (++m->links > LINKS_MAX || m->kind & TARGET_REAL)
		return -ELOOP;
	keep = n && target[0] == '/' ? 0 : at;
	if (keep + (size_t)n + rest >= sizeof(m->path) || n == sizeof(target))
		return -ENAMETOOLONG;
	memmove(m->path + keep + n, m->path + end, rest + 1);
	memcpy(m->path + keep, target, (size_t)n);
	m->len = keep + (size_t)n + rest;
	return 1;
}

static int make_one(int dir, const char *name, bool is_dir, unsigned int mode)
{
	int fd;

	if (is_dir)
		return sys_mkdirat(dir, name, mode);
	fd = sys_openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644);
	return fd < 0 ? fd : sys_close(fd);
}

/*
 * Make the component that begins at `at`, in `dir`. Returns its descriptor and moves *ret_end behind
 * it; -ERESTART: the path has changed by a symlink, and all begins anew.
 */
static int make_component(struct maker *m, int dir, size_t at, size_t *ret_end, unsigned int mode)
{
	size_t end = at;
	char name[256];
	bool last;
	int fd, r;

	while (m->path[end] && m->path[end] != '/')
		end++;
	*ret_end = end;
	if (end - at >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, m->path + at, end - at);
	name[end - at] = '\0';
	if (text_eq(name, ".."))
		return open_prefix(m, end, O_DIRECTORY); /* never upwards from a descriptor */
	while (m->path[end] == '/')
		end++;
	last = !m->path[end];
	r = make_one(dir, name, !last || m->kind & TARGET_DIR, last ? mode : 0755);
	if (r == -EEXIST) {
		r = splice_link(m, dir, name, at, *ret_end);
		if (r > 0)
			return -ERESTART;
		r = r == -EINVAL ? 0 : r; /* no symlink: somebody else made it just now */
	}
	if (r < 0)
		return r;
	fd = sys_openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	return init_scratch(m->in, fd);
}

/* One walk from the longest prefix that exists to the end. */
static int make_rest(struct maker *m, unsigned int mode)
{
	size_t at;
	int fd = open_existing(m, &at);

	while (fd >= 0) {
		size_t start;

		while (m->path[at] == '/' ||
		       (m->path[at] == '.' && (m->path[at + 1] == '/' || !m->path[at + 1])))
			at++;
		if (!m->path[at])
			break;
		start = at;
		fd = make_component(m, fd, start, &at, mode);
	}
	return fd;
}

static int make_target(struct maker *m, const char *dest, unsigned int mode)
{
	int fd;

	m->len = strlen(dest);
	if (m->len >= sizeof(m->path))
		return -ENAMETOOLONG;
	memcpy(m->path, dest, m->len + 1);
	/* Ends: a restart has counted a link. */
	do {
		fd = make_rest(m, mode);
	} while (fd == -ERESTART);
	return fd;
}

/*
 * The plan has looked at the words of the path. A symlink of the image may lead what they say into
 * a procfs all the same, whose files the runtime and the program rely on (CVE-2019-16884).
 */
int root_mount_point(struct init *in, int root, const char *dest, uint64_t flags, uint64_t resolve)
{
	sys_statfs st;
	int fd = root_open(in, root, dest, flags, resolve | RESOLVE_NO_SYMLINKS), r;

	if (fd != -ELOOP || resolve & RESOLVE_NO_SYMLINKS)
		return fd;
	fd = root_open(in, root, dest, flags, resolve);
	if (fd < 0)
		return fd;
	r = sys_fstatfs(fd, &st);
	if (r < 0)
		return r;
	if ((unsigned long)st.f_type == PROC_SUPER_MAGIC)
		return init_fail(
			in, -EINVAL, RT_WHY_DETAIL,
			"a symlink leads into a proc file system, where nothing may be mounted");
	return fd;
}

int root_target(struct init *in, int root, const char *dest, unsigned int kind, unsigned int mode)
{
	uint64_t flags = O_PATH, resolve = kind & TARGET_REAL ? RESOLVE_NO_SYMLINKS : 0;
	struct maker m;
	int fd;

	if (kind & TARGET_DIR)
		flags |= O_DIRECTORY;
	if (kind & TARGET_NOFOLLOW)
		flags |= O_NOFOLLOW;
	fd = kind & TARGET_MOUNT ? root_mount_point(in, root, dest, flags, resolve)
				 : root_open(in, root, dest, flags, resolve);
	in->made = fd == -ENOENT;
	if (in->made) {
		m.in = in;
		m.root = root;
		m.resolve = resolve;
		m.kind = kind;
		m.links = 0;
		fd = make_target(&m, dest, mode);
	}
	if (fd == -ENOTDIR || (fd == -ELOOP && kind & TARGET_REAL))
		return init_fail(in, -ENOTDIR, RT_WHY_NOT_DIR, dest);
	return fd;
}

int root_parent(struct init *in, uint32_t root, const char *dest, const char **ret_name)
{
	char dir[PATH_SIZE];
	size_t len = strlen(dest), at;
	int fd;

	for (at = len; at && dest[at - 1] != '/'; at--)
		;
	*ret_name = dest + at;
	if (at == len || text_eq(*ret_name, ".") || text_eq(*ret_name, ".."))
		return -EINVAL;
	if (at >= sizeof(dir))
		return -ENAMETOOLONG;
	if (in->parent.fd >= 0 && in->parent.root == root && in->parent.len == at &&
	    memcmp(in->parent.path, dest, at) == 0)
		return in->parent.fd;
	memcpy(dir, dest, at);
	dir[at] = '\0';
	fd = root_target(in, root_fd(in, root), at ? dir : ".", TARGET_DIR, 0755);
	if (fd >= 0) {
		in->parent.fd = fd;
		in->parent.root = root;
		in->parent.path = dest;
		in->parent.len = at;
	}
	return fd;
}
