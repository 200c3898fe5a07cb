/* SPDX-License-Identifier: Apache-2.0 */
#include "criu/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"

#define MASK "/dev/null" /* what covers a file that is masked */

static int open_in(int root, const char *path, uint64_t flags)
{
	return rt_sys_openat2(root, path, flags | O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
}

/* ---- mounts ---- */

static int fd_path(int fd, char *buf, size_t size)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

/*
 * The destination as CRIU finds it among the mounts: without symbolic links, below the root. One that
 * is not there, since it lies in another mount, stays as it is: the plan's paths are clean.
 */
static const char *resolve(int root, const char *dest, char *buf, size_t size)
{
	_cleanup_close_ int fd = open_in(root, dest, 0);
	char top[PATH_MAX];
	size_t n;

	if (fd < 0 || fd_path(fd, buf, size) < 0 || fd_path(root, top, sizeof(top)) < 0)
		return dest;
	n = streq(top, "/") ? 0 : strlen(top);
	return str_starts(buf, top) && buf[n] == '/' ? buf + n : dest;
}

/* A bind, or a device of the host that is bound: in a user namespace no node can be made. */
static const char *outside_mount(const struct plan *p, const struct op_head *s,
				 const char **ret_source)
{
	const struct op_mount_bind *bind = (const struct op_mount_bind *)s;
	const struct op_device *device = (const struct op_device *)s;

	if (s->op == OP_mount_bind) {
		*ret_source = plan_text(p, bind->source);
		return plan_text(p, bind->dest);
	}
	if (s->op == OP_device && device->bind)
		return *ret_source = plan_text(p, device->dest);
	return NULL;
}

/* Files are covered by the host's null device; directories by a file system of the container's own. */
static bool is_masked_file(int root, const struct plan *p, const struct op_head *s)
{
	struct stat st;
	_cleanup_close_ int fd = -EBADF;

	if (s->op != OP_mask)
		return false;
	fd = open_in(root, plan_text(p, ((const struct op_mask *)s)->dest), 0);
	return fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
}

int rt_criu_dump_mounts(const struct plan *plan, int root, struct rt_criu_options *o, struct err *e)
{
	char buf[PATH_MAX];

	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s)) {
		const char *source, *dest = outside_mount(plan, s, &source);

		if (dest) {
			dest = resolve(root, dest, buf, sizeof(buf));
			rt_criu_add_mount(o, dest, dest);
		} else if (is_masked_file(root, plan, s)) {
			dest = plan_text(plan, ((const struct op_mask *)s)->dest);
			rt_criu_add_mount(o, resolve(root, dest, buf, sizeof(buf)), MASK);
		}
	}
	return o->lists.failed ? err_nomem(e) : 0;
}

int rt_criu_restore_mounts(const struct plan *plan, int root, struct rt_criu_options *o,
			   struct err *e)
{
	bool masks = false;
	char buf[PATH_MAX];

	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s)) {
		const char *source, *dest = outside_mount(plan, s, &source);

		if (dest)
			rt_criu_add_mount(o, resolve(root, dest, buf, sizeof(buf)), source);
		masks |= s->op == OP_mask;
	}
	if (masks)
		rt_criu_add_mount(o, MASK, MASK);
	return o->lists.failed ? err_nomem(e) : 0;
}

/* ---- mount points ---- */

static const char *mount_dest(const struct plan *p, const struct op_head *s)
{
	if (s->op == OP_mount_fs)
		return plan_text(p, ((const struct op_mount_fs *)s)->dest);
	return s->op == OP_mount_bind ? plan_text(p, ((const struct op_mount_bind *)s)->dest)
				      : NULL;
}

/* The mount before `s` in which its destination lies, the last one; NULL: the rootfs itself. */
static const struct op_head *covering(const struct plan *p, const struct op_head *s)
{
	const char *dest = mount_dest(p, s);
	const struct op_head *found = NULL;

	for (const struct op_head *t = plan_first(p); dest && t != s; t = plan_next(p, t)) {
		const char *top = mount_dest(p, t);
		size_t n = top ? strlen(top) : 0;

		if (top && str_starts(dest, top) && dest[n] == '/')
			found = t;
	}
	return found;
}

static int make_one(int root, const char *dir, const char *name, bool file)
{
	_cleanup_close_ int parent = open_in(root, *dir ? dir : ".", O_DIRECTORY), fd = -EBADF;

	if (parent < 0)
		return parent;
	if (!file)
		return mkdirat(parent, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
	return fd < 0 && errno != EEXIST ? -errno : 0;
}

/* mkdir -p inside of root; the last component is an empty file if `file`. */
static int make_path(int root, const char *path, bool file)
{
	char part[PATH_MAX], *name = part + 1;
	int r = str_fmt(part, sizeof(part), "%s", path);

	while (r >= 0 && *name) {
		char *end = name + strcspn(name, "/");
		bool last = !*end;

		*end = '\0';
		name[-1] = '\0';
		r = make_one(root, part, name, last && file);
		name[-1] = '/';
		if (last)
			break;
		*end = '/';
		name = end + 1;
	}
	return r < 0 ? r : 0;
}

static int make_mountpoint(const struct plan *p, int root, const struct op_head *s, struct err *e)
{
	const struct op_head *over = covering(p, s);
	const struct op_mount_bind *bind = (const struct op_mount_bind *)s;
	_cleanup_close_ int below = -EBADF, found = -EBADF;
	const char *dest = mount_dest(p, s), *path = dest;
	struct stat st;
	int r;

	if (over && over->op != OP_mount_bind)
		return 0; /* in what CRIU or the kernel fills */
	if (over) {
		bind = (const struct op_mount_bind *)over;
		below = open(plan_text(p, bind->source), O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (below < 0)
			return err_set(e, errno, RT_E_MOUNT, "mount source \"%s\"",
				       plan_text(p, bind->source));
		path += strlen(plan_text(p, bind->dest));
		bind = (const struct op_mount_bind *)s;
	}
	found = open_in(over ? below : root, path, 0);
	if (found >= 0)
		return 0;
	if (s->op == OP_mount_bind && stat(plan_text(p, bind->source), &st) < 0)
		return err_set(e, errno, RT_E_MOUNT, "mount source \"%s\"",
			       plan_text(p, bind->source));
	r = make_path(over ? below : root, path, s->op == OP_mount_bind && !S_ISDIR(st.st_mode));
	return r < 0 ? err_set(e, r, RT_E_MOUNT, "make mount point \"%s\"", dest) : 0;
}

int rt_criu_make_mountpoints(const struct plan *plan, int root, struct err *e)
{
	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s))
		if (mount_dest(plan, s))
			TRY(make_mountpoint(plan, root, s, e));
	return 0;
}

/* ---- namespaces ---- */

/* key: under which CRIU leaves one alone; "": it can only be entered when all is made anew. */
static const struct joined {
	uint64_t flag;
	char file[5], key[13];
} joinable[] = {
	{CLONE_NEWNET, "net", "extRootNetNS"},
	{CLONE_NEWPID, "pid", "extRootPidNS"},
	{CLONE_NEWUTS, "uts", ""},
	{CLONE_NEWIPC, "ipc", ""},
	{CLONE_NEWUSER, "user", ""},
	{CLONE_NEWTIME, "time", ""},
};

static const struct joined *find_joined(const struct op_head *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(joinable); i++)
		if (((const struct op_join *)s)->namespaces == joinable[i].flag)
			return &joinable[i];
	return NULL;
}

int rt_criu_dump_namespaces(const struct plan *plan, pid_t init, struct rt_criu_options *o,
			    struct err *e)
{
	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s)) {
		const struct joined *j = s->op == OP_join ? find_joined(s) : NULL;
		char text[64];
		struct stat st;

		if (!j || !*j->key)
			continue;
		snprintf(text, sizeof(text), "/proc/%d/ns/%s", (int)init, j->file);
		if (stat(text, &st) < 0)
			return err_set(e, errno, RT_E_CRIU, "the container's %s namespace",
				       j->file);
		snprintf(text, sizeof(text), "%s[%" PRIu64 "]:%s", j->file, (uint64_t)st.st_ino,
			 j->key);
		rt_criu_add_external(o, text);
	}
	return o->lists.failed ? err_nomem(e) : 0;
}

int rt_criu_restore_namespaces(struct plan *plan, struct rt_criu_options *o, int32_t keep[2],
			       uint32_t *ret_nkeep, struct err *e)
{
	*ret_nkeep = 0;
	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s)) {
		const struct joined *j;
		char path[48];
		int fd;

		if (s->op != OP_join)
			continue;
		j = find_joined(s);
		fd = plan_slots(plan)[((const struct op_join *)s)->slot];
		if (!j) {
			err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU,
				"criu cannot restore into a mount or cgroup namespace that exists");
			return err_field(e, "linux.namespaces");
		}
		if (*j->key) {
			keep[(*ret_nkeep)++] = fd;
			rt_criu_add_inherited(o, j->key, fd);
			continue;
		}
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
		rt_criu_add_join(o, j->file, path);
	}
	return o->lists.failed ? err_nomem(e) : 0;
}
