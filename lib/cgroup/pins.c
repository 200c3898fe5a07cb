/* SPDX-License-Identifier: Apache-2.0 */
/* Device programs in bpffs: bpf(2), BPF_OBJ_PIN. */
#include "cgroup/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "cgroup/dir.h"

#define PATH_SIZE (sizeof(RT_PINS "/") + 16)

/* A hash that anyone can find a second text for: it is a name, what counts is holds(). */
static void pin_path(const void *program, uint32_t len, char ret[PATH_SIZE])
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (const uint8_t *c = program, *end = c + len; c < end; c++)
		h = (h ^ *c) * 1099511628211u;
	snprintf(ret, PATH_SIZE, RT_PINS "/%016" PRIx64, h);
}

/*
 * Has it these instructions? They are as the verifier left them, which changes nothing in a program
 * without maps, helpers and dead code; if a kernel does, none is ever found.
 */
static bool holds(int fd, const void *program, uint32_t len, uint32_t *ret_id)
{
	_cleanup_free_ void *its = calloc(1, len);
	struct bpf_prog_info info = {.xlated_prog_len = len,
				     .xlated_prog_insns = rt_sys_bpf_pointer(its)};
	union bpf_attr attr = {.info = {
				       .bpf_fd = (uint32_t)fd,
				       .info_len = sizeof(info),
				       .info = rt_sys_bpf_pointer(&info),
			       }};

	if (!its || rt_sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0 ||
	    info.type != BPF_PROG_TYPE_CGROUP_DEVICE || info.xlated_prog_len != len ||
	    !info.xlated_prog_insns || memcmp(its, program, len) != 0)
		return false;
	*ret_id = info.id;
	return true;
}

int rt_pins_open(void)
{
	_cleanup_close_ int dir = rt_cgroup_dir(AT_FDCWD, RT_PINS);
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstat(dir, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	return TAKE_FD(dir);
}

int rt_pins_find(const void *program, uint32_t len, uint32_t *ret_id)
{
	char path[PATH_SIZE];
	union bpf_attr attr = {.pathname = rt_sys_bpf_pointer(path)};
	_cleanup_close_ int fd = -EBADF;

	pin_path(program, len, path);
	fd = rt_sys_bpf(BPF_OBJ_GET, &attr, sizeof(attr));
	if (fd < 0)
		return fd;
	return holds(fd, program, len, ret_id) ? TAKE_FD(fd) : -ENOENT;
}

static bool has_room(int dir)
{
	DIR *d = rt_cgroup_list(dir);
	int n = 0;

	if (!d)
		return false;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2 < RT_PINS_MAX; /* without "." and ".." */
}

void rt_pins_add(int dir, int fd, const void *program, uint32_t len)
{
	char path[PATH_SIZE];
	union bpf_attr attr = {.pathname = rt_sys_bpf_pointer(path), .bpf_fd = (uint32_t)fd};

	if (!has_room(dir))
		return;
	pin_path(program, len, path);
	rt_sys_bpf(BPF_OBJ_PIN, &attr, sizeof(attr));
}
