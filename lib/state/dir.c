/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "base/time.h"
#include "state/state.h"

#define LOCK_MSEC 10000
#define LOCK_STEP_MSEC 5

int rt_state_check_id(const char *id, struct err *e)
{
	const char *why = NULL;

	if (str_empty(id))
		why = "it is empty";
	else if (id[0] == '.')
		why = "it begins with a dot";
	else if (strlen(id) > RT_STATE_ID_MAX)
		why = "it is longer than 255 bytes";
	else if (id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       "0123456789_+.-")])
		why = "only letters, digits and _ + . - are allowed";
	if (why)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "invalid container ID \"%.64s\": %s", id ? id : "", why);
	return 0;
}

/* mkdir -p, each new directory 0700. */
static int make_root(const char *root)
{
	_cleanup_free_ char *path = strdup(root);

	if (!path)
		return -ENOMEM;
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int rt_state_root(const char *root, bool make, struct err *e)
{
	int fd = open(root, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	int r;

	if (fd >= 0)
		return fd;
	if (errno == ENOENT && !make)
		return -ENOENT;
	if (errno != ENOENT)
		return err_set(e, errno, RT_E_STATE, "state root \"%s\"", root);
	r = make_root(root);
	if (r < 0)
		return err_set(e, r, RT_E_STATE, "make state root \"%s\"", root);
	fd = open(root, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(e, errno, RT_E_STATE, "state root \"%s\"", root);
}

/* -ENOENT: the directory was deleted by another command while we waited for its lock. */
static int check_there(int dir_fd)
{
	struct stat st;

	if (fstat(dir_fd, &st) < 0)
		return -errno;
	return st.st_nlink == 0 ? -ENOENT : 0;
}

static int lock_dir(int dir_fd)
{
	const struct timespec step = {.tv_nsec = LOCK_STEP_MSEC * 1000000L};
	int64_t end = 0;

	for (;;) {
		if (flock(dir_fd, LOCK_EX | LOCK_NB) == 0)
			return check_there(dir_fd);
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		/* by the clock: on a busy host a step takes much longer */
		if (!end)
			end = rt_clock_msec(CLOCK_MONOTONIC) + LOCK_MSEC;
		else if (rt_clock_msec(CLOCK_MONOTONIC) > end)
			return -EBUSY;
		nanosleep(&step, NULL);
	}
}

int rt_state_make(int root_fd, const char *id, struct err *e)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (mkdirat(root_fd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_set(e, EEXIST | RT_NO_TEXT, RT_E_EXISTS,
				       "container with ID \"%s\" already exists", id);
		return err_set(e, errno, RT_E_STATE, "make state directory of \"%s\"", id);
	}
	fd = openat(root_fd, id, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	r = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : check_there(fd);
	/* A delete --force may come between: then the directory is gone, or its to remove. */
	if (r == -ENOENT || r == -EWOULDBLOCK)
		return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BUSY,
			       "container \"%s\" was deleted while it was being created", id);
	if (r < 0) {
		unlinkat(root_fd, id, AT_REMOVEDIR);
		return err_set(e, r, RT_E_STATE, "state directory of \"%s\"", id);
	}
	return TAKE_FD(fd);
}

int rt_state_open(int root_fd, const char *id, enum rt_lock lock, struct err *e)
{
	_cleanup_close_ int fd = -EBADF;
	int r = 0;

	fd = root_fd < 0 ? -1
			 : openat(root_fd, id, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		r = root_fd < 0 ? -ENOENT : -errno;
	else if (lock == RT_LOCKED)
		r = lock_dir(fd);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return err_set(e, ENOENT | RT_NO_TEXT, RT_E_NOT_FOUND,
			       "container does not exist: \"%s\"", id);
	if (r == -EBUSY)
		return err_set(e, -r | RT_NO_TEXT, RT_E_BUSY,
			       "container \"%s\" is busy: another command held its lock for %d s",
			       id, LOCK_MSEC / 1000);
	if (r < 0)
		return err_set(e, r, RT_E_STATE, "state directory of \"%s\"", id);
	return TAKE_FD(fd);
}

bool rt_state_is_locked(int dir_fd)
{
	if (flock(dir_fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(dir_fd, LOCK_UN);
	return false;
}

static int remove_files(int dir_fd);

/* notify/, with a socket in it */
static void remove_directory(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name,
					O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && remove_files(fd) == 0)
		unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* All but the record. Not by readdir, whose buffer is eight pages for two or three names. */
static int remove_files(int dir_fd)
{
	char buf[1024] __attribute__((aligned(__alignof__(struct dirent64))));
	ssize_t n;

	if (lseek(dir_fd, 0, SEEK_SET) < 0)
		return -1;
	while ((n = getdents64(dir_fd, buf, sizeof(buf))) > 0) {
		const struct dirent64 *d;

		for (ssize_t at = 0; at < n; at += d->d_reclen) {
			d = (const void *)(buf + at);
			if (!streq(d->d_name, ".") && !streq(d->d_name, "..") &&
			    !streq(d->d_name, RT_STATE_FILE) &&
			    unlinkat(dir_fd, d->d_name, 0) < 0 && errno == EISDIR)
				remove_directory(dir_fd, d->d_name);
		}
	}
	return n < 0 ? -1 : 0;
}

int rt_state_remove(int root_fd, const char *id, int dir_fd, struct err *e)
{
	/* The record goes last: what is left after a crash can still be found and deleted. */
	if (remove_files(dir_fd) < 0)
		return err_set(e, errno, RT_E_STATE, "state directory of \"%s\"", id);
	if (unlinkat(dir_fd, RT_STATE_FILE, 0) < 0 && errno == EISDIR)
		remove_directory(dir_fd, RT_STATE_FILE); /* not by rt */
	if (unlinkat(root_fd, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_set(e, errno, RT_E_STATE, "remove state directory of \"%s\"", id);
	return 0;
}
