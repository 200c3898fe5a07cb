/* SPDX-License-Identifier: Apache-2.0 */
#include "api/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pid.h"
#include "base/str.h"
#include "base/time.h"

/* The init is cloned right after the configuration was saved; a busy host may take its time. */
#define MSEC_BEFORE 1000
#define MSEC_AFTER 60000

/* When create saved the configuration, in milliseconds since boot, as the start of a process. */
static int64_t saved_msec(int dir)
{
	struct stat st;

	if (fstatat(dir, RT_STATE_CONFIG, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return INT64_MAX;
	return st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 -
	       rt_clock_msec(CLOCK_REALTIME) + rt_clock_msec(CLOCK_BOOTTIME);
}

/* The namespaces that are looked at: who is in new ones of these is in a container. */
static const struct telling {
	int type;
	const char *name;
} telling[] = {{OCI_NS_MOUNT, "mnt"}, {OCI_NS_PID, "pid"}};

static bool wants_new(const struct oci_config *config, int type)
{
	for (size_t i = 0; config->linux && i < config->linux->namespaces.n; i++)
		if ((int)config->linux->namespaces.v[i].type == type)
			return !config->linux->namespaces.v[i].has.path;
	return false;
}

/* NULL: it is in all the new namespaces that tell. Else why it may be a stranger. */
static const char *doubt(const struct oci_config *config, pid_t pid)
{
	const char *why = "the configuration gives it no namespace by which it could be told";

	for (size_t i = 0; i < ARRAY_SIZE(telling); i++) {
		if (!wants_new(config, telling[i].type))
			continue;
		/* also when that cannot be seen */
		if (rt_pid_shares_namespace(pid, telling[i].name) != 0)
			return "it is not in a namespace of the container's";
		why = NULL;
	}
	return why;
}

/*
 * Can the processes in the cgroup only be the container's? The first of them started when it was
 * created, and each is in namespaces of its own: no service of the host, nor a container that was
 * there before, or took the same cgroup later.
 */
static bool are_its_own(const struct rt_container *c, const struct oci_config *config, int cgroup,
			const char *path)
{
	int64_t first = INT64_MAX, saved = saved_msec(fd_slot_get(c->dir));
	_cleanup_free_ pid_t *pids = NULL;
	struct err ignored = ERR_INIT;
	const char *why = NULL;
	uint64_t ticks;
	pid_t who = 0;
	size_t n = 0;
	char state;

	if (rt_cgroup_pids(cgroup, &pids, &n, &ignored) < 0)
		why = ignored.text;
	for (size_t i = 0; i < n && !why; i++) {
		int r = pids[i] > 0 ? rt_pid_stat(pids[i], &ticks, &state) : -EPERM;
		int64_t start;

		if (r == -ESRCH || (r == 0 && (state == 'Z' || state == 'X')))
			continue;
		start = r < 0 ? -1 : (int64_t)(ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
		if (start < first) {
			first = start;
			who = pids[i];
		}
		why = doubt(config, pids[i]);
		if (why)
			who = pids[i];
	}
	if (!why && first != INT64_MAX &&
	    (first < saved - MSEC_BEFORE || first > saved + MSEC_AFTER))
		why = "it did not start when the container was created";
	if (why)
		rt_api_log(c->ctx, OCIRT_LOG_ERROR,
			   "container \"%s\": cgroup \"%s\" is left: process %d in it may be "
			   "another's: %s",
			   c->id, path, (int)who, why);
	return !why;
}

/* Where the container would be made by this driver. False: nowhere, or nothing is there. */
static bool find(const struct rt_container *c, struct rt_salvage *s,
		 const struct rt_cgroup_driver *driver, struct rt_cgroup_home *home,
		 int *ret_cgroup)
{
	const struct rt_cgroup_request q = rt_prepare_request(c->id, s->bundle.config, &s->facts);
	struct err ignored = ERR_INIT;

	return driver->choose(&s->arena, &q, home, &ignored) == 0 && *home->path &&
	       rt_cgroup_open(s->facts.cgroup_root, home->path, ret_cgroup, &ignored) == 0;
}

/* Look where a driver would have put it. 1: that is the place, and now in the record. */
static int try_driver(struct rt_container *c, struct rt_salvage *s,
		      const struct rt_cgroup_driver *driver, struct err *e)
{
	_cleanup_close_ int cgroup = -EBADF;
	struct rt_cgroup_home home;
	int populated;

	if (!find(c, s, driver, &home, &cgroup))
		return 0;
	populated = rt_cgroup_populated(cgroup, e);
	if (populated < 0)
		return populated;
	if (populated && !are_its_own(c, s->bundle.config, cgroup, home.path))
		return 0;
	s->record.cgroup_path = home.path;
	s->record.cgroup_manager = driver->name;
	s->record.systemd_unit = home.unit.name;
	s->record.systemd_user = home.unit.user;
	return 1;
}

int rt_salvage(struct rt_container *c, struct rt_salvage *s, struct err *e)
{
	static const struct rt_cgroup_driver *const drivers[] = {&rt_cgroupfs_driver,
								 &rt_systemd_driver};
	int r = rt_bundle_open_saved(fd_slot_get(c->dir), "", &s->bundle, e);

	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	err_clear(e);
	if (r < 0) {
		rt_api_log(c->ctx, OCIRT_LOG_ERROR,
			   "container \"%s\": its saved configuration is lost too: its "
			   "processes and its cgroup, if there are any, are left",
			   c->id);
		return 0;
	}
	TRY(rt_facts_probe(FACTS_OWN_CGROUP, &s->arena, &s->facts, e));
	/* How many of the cgroups above it create made is not known: made is 1, the last alone. */
	s->record =
		(struct rt_record){.id = c->id, .bundle = "", .cgroup_path = "", .cgroup_made = 1};
	/* None: their working directory is the bundle, which is not known. */
	s->record.has.late_hooks = true;
	r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(drivers) && r == 0; i++)
		r = try_driver(c, s, drivers[i], e);
	if (r < 0)
		return r;
	if (r == 0)
		rt_api_log(c->ctx, OCIRT_LOG_ERROR,
			   "container \"%s\": no cgroup is its own for certain: what it has "
			   "elsewhere is left",
			   c->id);
	if (s->bundle.config->hooks && s->bundle.config->hooks->poststop.n)
		rt_api_log(c->ctx, OCIRT_LOG_WARNING,
			   "container \"%s\": poststop hooks are not run: its bundle is not known",
			   c->id);
	c->record = &s->record;
	return 0;
}

void rt_salvage_free(struct rt_salvage *s)
{
	rt_bundle_free(&s->bundle);
	arena_free(&s->arena);
}
