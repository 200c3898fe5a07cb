/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program rt with a resctrl below it that no machine of ours has: the linker puts these functions
 * in place of libc's (--wrap). /sys/fs/resctrl is any directory with "info/last_cmd_status" in it,
 * which a case makes; here it behaves as Documentation/filesystems/resctrl.rst of the kernel says.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define ROOT "/sys/fs/resctrl"
#define STATUS ROOT "/info/last_cmd_status"
#define FULL ROOT "/info/full" /* a case makes it: no more groups */

int __real_statfs(const char *path, struct statfs *ret);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
ssize_t __real_write(int fd, const void *buf, size_t len);
int __wrap_statfs(const char *path, struct statfs *ret);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
ssize_t __wrap_write(int fd, const void *buf, size_t len);

/* A file of the fake, in the group's directory; text of NULL: remove it. */
static void put(const char *dir, const char *name, const char *text)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!text) {
		unlink(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || __real_write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static int fail(int no, const char *status)
{
	put(ROOT "/info", "last_cmd_status", status);
	errno = no;
	return -1;
}

static int is_group(const char *path)
{
	return strncmp(path, ROOT "/", sizeof(ROOT)) == 0 && access(STATUS, F_OK) == 0;
}

int __wrap_statfs(const char *path, struct statfs *ret)
{
	int r = __real_statfs(path, ret);

	if (r == 0 && strcmp(path, ROOT) == 0 && access(STATUS, F_OK) == 0)
		ret->f_type = RDTGROUP_SUPER_MAGIC;
	return r;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	char monitors[4096];

	if (!is_group(path))
		return __real_mkdir(path, mode);
	if (access(path, F_OK) < 0 && access(FULL, F_OK) == 0)
		return fail(ENOSPC, "Out of CLOSIDs\n");
	if (__real_mkdir(path, mode) < 0)
		return -1;
	put(path, "tasks", "");
	if (!strstr(path, "/mon_groups/")) {
		put(path, "schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n");
		snprintf(monitors, sizeof(monitors), "%s/mon_groups", path);
		return __real_mkdir(monitors, mode);
	}
	return 0;
}

int __wrap_rmdir(const char *path)
{
	char monitors[4096];

	if (is_group(path)) {
		put(path, "tasks", NULL);
		put(path, "schemata", NULL);
		snprintf(monitors, sizeof(monitors), "%s/mon_groups", path);
		__real_rmdir(monitors);
	}
	return __real_rmdir(path);
}

/* The kernel takes a schema as a whole: what was there before does not show through. */
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	char link[64], path[4096];
	const char *text = buf;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n > 0) {
		path[n] = '\0';
		if (is_group(path) && ftruncate(fd, 0) == 0 && strstr(path, "/schemata") &&
		    memmem(text, len, "=x", 2))
			return fail(EINVAL, "Non-hex character in the mask x\n");
	}
	return __real_write(fd, buf, len);
}
