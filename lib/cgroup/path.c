/* SPDX-License-Identifier: Apache-2.0 */
/* Where a container's cgroup is, and whether the caller may make it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup/cgroup.h"

/* Append the components of `path`; ".." and "." are no place to be asked for. */
static int add_components(struct strbuf *b, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if ((n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return -EINVAL;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		if (n > 0) {
			strbuf_add(b, "/");
			strbuf_addn(b, path, n);
		}
		path += n;
		path += *path == '/';
	}
	return 0;
}

int rt_cgroup_path(struct arena *a, const char *cgroups_path, const char *id,
		   const struct rt_cgroup_place *place, const char **ret, struct err *e)
{
	const char *asked = str_empty(cgroups_path) ? id : cgroups_path;
	_cleanup_strbuf_ struct strbuf b = {0};
	int r = 0;

	if (asked[0] != '/' && !place->privileged && place->own) {
		const char *last = strrchr(place->own, '/');

		strbuf_addn(&b, place->own, last ? (size_t)(last - place->own) : 0);
	}
	r = add_components(&b, asked);
	if (b.failed)
		return err_nomem(e);
	if (r == 0 && b.len == 0)
		r = -EINVAL;
	if (r == 0 && b.len > PATH_MAX - 256)
		r = -ENAMETOOLONG;
	if (r < 0) {
		err_set(e, -r | RT_NO_TEXT, RT_E_CONFIG, "\"%.200s\" is no path of a cgroup: %s",
			asked,
			r == -ENAMETOOLONG ? "it is too long"
			: b.len == 0       ? "it is the root"
					   : "it has a component \"..\" or \".\"");
		return err_field(e, "linux.cgroupsPath");
	}
	*ret = arena_strn(a, b.s, b.len);
	return *ret ? 0 : err_nomem(e);
}

/* The path on the host of the first `len` bytes of a cgroup's path, and a file in it. */
static int host_path(char *buf, size_t size, const char *root, const char *path, size_t len,
		     const char *file)
{
	return str_fmt(buf, size, "%s%.*s%s%s", root, (int)len, path, *file ? "/" : "", file);
}

/* The length of the longest part of the path that exists. */
static size_t existing(const char *root, const char *path)
{
	size_t len = strlen(path);
	char buf[PATH_MAX];

	while (len > 0) {
		if (host_path(buf, sizeof(buf), root, path, len, "") > 0 && access(buf, F_OK) == 0)
			break;
		while (len > 0 && path[--len] != '/')
			;
	}
	return len;
}

/* The length of the longest common directory of two paths. */
static size_t common(const char *a, size_t a_len, const char *b)
{
	size_t same = 0, i = 0;

	for (; i < a_len && b[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			same = i;
	if ((i == a_len || a[i] == '/') && (!b[i] || b[i] == '/'))
		same = i;
	return same;
}

int rt_cgroup_usable(const struct rt_cgroup_place *place, const char *path, bool limits_asked,
		     struct err *e)
{
	const char *own = place->own ? place->own : "/";
	char dir[PATH_MAX], procs[PATH_MAX];
	size_t there;

	if (place->privileged)
		return 1;
	there = existing(place->root, path);
	if (host_path(dir, sizeof(dir), place->root, path, there, "") > 0 &&
	    host_path(procs, sizeof(procs), place->root, path, common(path, there, own),
		      "cgroup.procs") > 0 &&
	    faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) == 0 &&
	    faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0)
		return 1;
	if (!limits_asked)
		return 0;
	err_set(e, EACCES, RT_E_CGROUP, "cannot make a cgroup for the limits below \"%s\"", dir);
	err_field(e, "linux.resources");
	return err_hint(e, "no cgroup subtree is delegated to this user: start rt in one, as with "
			   "\"systemd-run --user --scope -p Delegate=yes\", or ask for no limits");
}

int rt_cgroup_missing(const char *root, const char *path, struct err *e)
{
	int missing = 0;

	for (const char *p = path + existing(root, path); *p; p++)
		missing += *p == '/';
	return missing;
}
