/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/driver.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* No cgroup of the container's own: an error if limits are asked for. */
static int none(const struct rt_cgroup_request *q, const char *why, struct err *e)
{
	if (!q->limits)
		return 0;
	err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
		"limits are asked for, but the container gets no cgroup: %s", why);
	return err_field(e, "linux.resources");
}

/* ---- disabled ---- */

static int disabled_choose(struct arena *a, const struct rt_cgroup_request *q,
			   struct rt_cgroup_home *ret, struct err *e)
{
	(void)a;
	*ret = (struct rt_cgroup_home){.path = "", .subgroup = ""};
	return none(q, "the cgroup manager is \"disabled\"", e);
}

static int disabled_check(const char *root, struct rt_cgroup_home *home, struct err *e)
{
	(void)root, (void)home, (void)e;
	return 0;
}

static int disabled_remove(const char *root, const struct rt_cgroup_home *home, int timeout_msec,
			   struct err *e)
{
	(void)root, (void)home, (void)timeout_msec, (void)e;
	return 0;
}

const struct rt_cgroup_driver rt_disabled_driver = {"disabled", disabled_choose, disabled_check,
						    disabled_remove};

/* ---- cgroupfs ---- */

static int cgroupfs_choose(struct arena *a, const struct rt_cgroup_request *q,
			   struct rt_cgroup_home *ret, struct err *e)
{
	int r;

	*ret = (struct rt_cgroup_home){.path = "", .subgroup = ""};
	if (str_empty(q->place.root) && q->devices && !q->limits) {
		err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			"device rules need a cgroup, and cgroup2 is not mounted");
		return err_field(e, "linux.resources.devices");
	}
	if (str_empty(q->place.root))
		return none(q, "cgroup2 is not mounted", e);
	TRY(rt_cgroup_path(a, q->cgroups_path, q->id, &q->place, &ret->path, e));
	r = rt_cgroup_usable(&q->place, ret->path, q->limits, e);
	if (r == 0)
		ret->path = "";
	return r < 0 ? r : 0;
}

static int cgroupfs_check(const char *root, struct rt_cgroup_home *home, struct err *e)
{
	if (!*home->path)
		return 0;
	home->made = rt_cgroup_missing(root, home->path, e);
	if (home->made < 0)
		return home->made;
	if (home->made == 0 && rt_cgroup_check_unused(root, home->path, e) < 0)
		return err_field(e, "linux.cgroupsPath");
	return 0;
}

static int cgroupfs_remove(const char *root, const struct rt_cgroup_home *home, int timeout_msec,
			   struct err *e)
{
	return rt_cgroup_remove(root, home->path, home->made, timeout_msec, e);
}

const struct rt_cgroup_driver rt_cgroupfs_driver = {"cgroupfs", cgroupfs_choose, cgroupfs_check,
						    cgroupfs_remove};

/* ---- systemd ---- */

static int systemd_choose(struct arena *a, const struct rt_cgroup_request *q,
			  struct rt_cgroup_home *ret, struct err *e)
{
	*ret = (struct rt_cgroup_home){.path = ""};
	if (str_empty(q->place.root))
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			       "the systemd cgroup manager needs cgroup2, which is not mounted");
	TRY(rt_unit_name(a, q->cgroups_path, q->id, !q->place.privileged, &ret->unit, e));
	TRY(rt_unit_subgroup(q->subgroup, &ret->unit, &ret->subgroup, e));
	ret->path = rt_unit_path(a, &ret->unit, ret->subgroup, geteuid());
	return ret->path ? 0 : err_nomem(e);
}

/*
 * The path of the unit's own cgroup: the home's, up to the component with the unit's name. False
 * when there is none (a record that somebody has edited).
 */
static bool unit_path(const struct rt_cgroup_home *home, char *buf, size_t size)
{
	size_t len = strlen(home->unit.name);
	const char *at = home->path;

	while ((at = strstr(at, home->unit.name))) {
		if (at > home->path && at[-1] == '/' && (!at[len] || at[len] == '/'))
			return str_fmt(buf, size, "%.*s", (int)(at + len - home->path),
				       home->path) > 0;
		at += len;
	}
	return false;
}

static bool unit_exists(const char *root, const char *path)
{
	char dir[PATH_MAX];

	return str_fmt(dir, sizeof(dir), "%s%s", root, path) > 0 && access(dir, F_OK) == 0;
}

static int systemd_check(const char *root, struct rt_cgroup_home *home, struct err *e)
{
	char path[PATH_MAX];

	if (!unit_path(home, path, sizeof(path)) || !unit_exists(root, path))
		return 0;
	err_set(e, EEXIST | RT_NO_TEXT, RT_E_CGROUP, "systemd unit \"%s\" already exists",
		home->unit.name);
	return err_field(e, "linux.cgroupsPath");
}

/*
 * systemd lets a scope go when its last process has ended, so mostly there is nothing to do. Where
 * systemd does not answer the tree is cleaned all the same; it will notice.
 */
static int systemd_remove(const char *root, const struct rt_cgroup_home *home, int timeout_msec,
			  struct err *e)
{
	struct err second = ERR_INIT;
	char path[PATH_MAX];
	int r;

	if (!unit_path(home, path, sizeof(path)) || !unit_exists(root, path))
		return 0;
	r = rt_unit_stop(home->unit.name, home->unit.user, e);
	if (rt_cgroup_remove(root, path, 1, timeout_msec, &second) < 0) {
		if (r < 0)
			return r;
		*e = second;
		return -e->no;
	}
	err_clear(e);
	return 0;
}

const struct rt_cgroup_driver rt_systemd_driver = {"systemd", systemd_choose, systemd_check,
						   systemd_remove};

const struct rt_cgroup_driver *rt_cgroup_driver(const char *name)
{
	static const struct rt_cgroup_driver *const all[] = {&rt_systemd_driver,
							     &rt_disabled_driver};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (name && streq(name, all[i]->name))
			return all[i];
	return &rt_cgroupfs_driver;
}
