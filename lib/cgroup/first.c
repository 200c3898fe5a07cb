/* SPDX-License-Identifier: Apache-2.0 */
/* A first driver for the interface in cgroup.h: one leaf, made, joined, written and removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "sec/seccomp.h"

int rt_cgroup_path(struct arena *a, const char *path, const char *id,
		   const struct rt_cgroup_place *place, const char **ret, struct err *e)
{
	*ret = arena_printf(a, "/%s", str_empty(path) ? id : path + (*path == '/'));
	return *ret ? 0 : err_nomem(e);
}

int rt_cgroup_usable(const struct rt_cgroup_place *place, const char *path, bool limits,
		     struct err *e)
{
	if (!place->privileged && limits)
		return err_set(e, EACCES, RT_E_CGROUP, "no cgroup is delegated to the caller");
	return place->privileged;
}

int rt_cgroup_missing(const char *root, const char *path, struct err *e)
{
	return 1;
}

int rt_cgroup_open(const char *root, const char *path, int *ret_fd, struct err *e)
{
	char full[4096];
	int fd;

	if (str_fmt(full, sizeof(full), "%s%s", root, path) < 0)
		return err_set(e, ENAMETOOLONG, RT_E_CGROUP, "cgroup \"%s\"", path);
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, RT_E_CGROUP, "cgroup \"%s\"", full);
	*ret_fd = fd;
	return 0;
}

int rt_cgroup_create(const char *root, const char *path, const char *controllers, int *ret_fd,
		     struct err *e)
{
	char full[4096];

	if (str_fmt(full, sizeof(full), "%s%s", root, path) < 0)
		return err_set(e, ENAMETOOLONG, RT_E_CGROUP, "cgroup \"%s\"", path);
	if (mkdir(full, 0755) < 0 && errno != EEXIST)
		return err_set(e, errno, RT_E_CGROUP, "make cgroup \"%s\"", full);
	return rt_cgroup_open(root, path, ret_fd, e);
}

int rt_cgroup_write(int cgroup, const char *file, const char *value, const char *controller,
		    struct err *e)
{
	int r = io_write_small(cgroup, file, value);

	return r < 0 ? err_set(e, r, RT_E_CGROUP, "write \"%s\" to %s", value, file) : 0;
}

void rt_cgroup_explain_clone(int cgroup, int no, struct err *e)
{
}

int rt_cgroup_kill(int cgroup, struct err *e)
{
	return rt_cgroup_write(cgroup, "cgroup.kill", "1", NULL, e);
}

int rt_cgroup_signal(int cgroup, int signal, struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_CGROUP, "signal %d to all processes", signal);
}

int rt_cgroup_wait_empty(int cgroup, int timeout_msec, struct err *e)
{
	return 0;
}

int rt_cgroup_remove(const char *root, const char *path, int made, int timeout_msec, struct err *e)
{
	const struct timespec step = {.tv_nsec = 1000000};
	char full[4096];

	if (str_fmt(full, sizeof(full), "%s%s", root, path) < 0)
		return err_set(e, ENAMETOOLONG, RT_E_CGROUP, "cgroup \"%s\"", path);
	for (int i = 0; rmdir(full) < 0; i++) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || i >= timeout_msec)
			return err_set(e, errno, RT_E_CGROUP, "remove cgroup \"%s\"", full);
		nanosleep(&step, NULL);
	}
	return 0;
}

int rt_cgroup_frozen(int cgroup, struct err *e)
{
	char text[128];
	int r = io_read_small(cgroup, "cgroup.events", text, sizeof(text));

	return r < 0 ? err_set(e, r, RT_E_CGROUP, "cgroup.events") : !!strstr(text, "frozen 1");
}

int rt_cgroup_events(int cgroup, struct rt_cgroup_events *ret, struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_CGROUP, "memory.events");
}

int rt_devices_compile(struct arena *a, const struct oci_device_rule_array *rules,
		       const void **ret, uint32_t *ret_len, struct err *e)
{
	*ret = NULL;
	*ret_len = 0;
	return 0;
}

int rt_cgroup_attach_devices(int cgroup, const void *program, uint32_t len, struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_CGROUP, "device program");
}

int rt_seccomp_compile(struct arena *a, const struct oci_seccomp *seccomp, struct rt_seccomp *ret,
		       struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_UNSUPPORTED, "not supported yet: linux.seccomp");
}

int rt_seccomp_probe_flags(uint32_t flags, struct err *e)
{
	return 0;
}
