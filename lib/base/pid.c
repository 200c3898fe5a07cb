/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"

#define CGROUP_FILE_MAX (1u << 16) /* a path for each of the v1 hierarchies too */

int rt_pid_stat(pid_t pid, uint64_t *ret_start_time, char *ret_state)
{
	char path[32], buf[1024];
	char *p;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	r = io_read_small(AT_FDCWD, path, buf, sizeof(buf));
	if (r == -ENOENT)
		return -ESRCH;
	if (r < 0)
		return r;
	/* "PID (comm) S ...": comm may hold anything, so count from the last parenthesis */
	p = strrchr(buf, ')');
	if (!p || p[1] != ' ' || !p[2])
		return -EIO;
	*ret_state = p[2];
	p += 2;
	for (int field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -EIO;
		p++;
	}
	*ret_start_time = strtoull(p, NULL, 10);
	return 0;
}

int rt_pid_open(pid_t pid, uint64_t start_time)
{
	_cleanup_close_ int fd = -EBADF;
	uint64_t now;
	char state;
	int r;

	if (pid <= 0)
		return -ESRCH;
	fd = rt_sys_pidfd_open(pid);
	if (fd < 0)
		return fd;
	/* After the pidfd is held the pid cannot change its meaning without the pidfd ending. */
	r = rt_pid_stat(pid, &now, &state);
	if (r < 0)
		return r;
	if (now != start_time || state == 'Z' || state == 'X')
		return -ESRCH;
	return TAKE_FD(fd);
}

int rt_pid_cgroup(pid_t pid, char **ret)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	char path[32];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	r = io_read_file(AT_FDCWD, path, CGROUP_FILE_MAX, &text, &len);
	if (r < 0)
		return r;
	line = str_starts(text, "0::/") ? text : strstr(text, "\n0::/"); /* behind those of v1 */
	if (!line)
		return -ENOENT;
	line += strcspn(line, "/");
	*ret = strndup(line, strcspn(line, "\n"));
	return *ret ? 0 : -ENOMEM;
}

int rt_pid_shares_namespace(pid_t pid, const char *kind)
{
	struct stat its, own;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
	if (stat(path, &its) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (stat(path, &own) < 0)
		return -errno;
	return its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}
