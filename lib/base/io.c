/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)

static ssize_t read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Read to the end; size: what the file has by stat(2), 0 when that is not known. */
static int read_to_end(int fd, size_t size, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	size_t cap = 0, len = 0;

	for (;;) {
		ssize_t n;

		if (len == cap) {
			size_t more = cap ? cap * 2 : (size ? size : MIN(max, (size_t)4096)) + 1;
			char *p = more > cap ? realloc(buf, more + 1) : NULL;

			if (!p)
				return -ENOMEM;
			buf = p;
			rt_mem_populate(buf + cap, more - cap);
			cap = more;
		}
		n = read_some(fd, buf + len, cap - len);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		/* There was room for one more byte: no second read is needed to see the end. */
		if (len == size)
			break;
	}
	buf[len] = '\0';
	*ret = TAKE_PTR(buf);
	*ret_len = len;
	return 0;
}

int io_read_fd(int fd, size_t max, char **ret, size_t *ret_len)
{
	return read_to_end(fd, 0, max, ret, ret_len);
}

static int read_path(int dirfd, const char *path, bool pipes, size_t max, char **ret,
		     size_t *ret_len)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;

	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISFIFO(st.st_mode) && pipes)
		return fcntl(fd, F_SETFL, 0) < 0 ? -errno : read_to_end(fd, 0, max, ret, ret_len);
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return -EFBIG;
	return read_to_end(fd, (size_t)st.st_size, max, ret, ret_len);
}

int io_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	return read_path(dirfd, path, false, max, ret, ret_len);
}

int io_read_input(const char *path, size_t max, char **ret, size_t *ret_len)
{
	return read_path(AT_FDCWD, path, true, max, ret, ret_len);
}

/*
 * A read(2) of a file that the kernel makes up gives all there is of it, up to a page (seq_file), so
 * that no second one is needed to see its end.
 */
#define IO_ONE_READ 4096

int io_read_small(int dirfd, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	size_t len = 0;
	ssize_t n;

	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = read_some(fd, buf + len, size - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
	} while (n > 0 && len < size && len >= IO_ONE_READ);
	if (len == size)
		return -ENOBUFS;
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return (int)len;
}

int io_write_small(int dirfd, const char *path, const char *text)
{
	_cleanup_close_ int fd = -EBADF;
	ssize_t n;

	fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, strlen(text));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(text) ? 0 : -EIO;
}

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_replace_file(int dirfd, const char *name, mode_t mode, const void *buf, size_t len)
{
	_cleanup_close_ int fd = -EBADF;
	char temp[256];
	int r;

	/* The pid keeps two writers apart; a file left by a crash is in the way of none but its pid. */
	r = str_fmt(temp, sizeof(temp), ".%s.%d", name, (int)getpid());
	if (r < 0)
		return r;
	fd = openat(dirfd, temp, NEW_FILE, mode); /* with O_CLOEXEC */
	if (fd < 0 && errno == EEXIST && unlinkat(dirfd, temp, 0) == 0)
		fd = openat(dirfd, temp, NEW_FILE, mode); /* with O_CLOEXEC */
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, buf, len);
	/* A umask takes nothing from a file that is its owner's alone. */
	if (r == 0 && mode & 077 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && renameat(dirfd, temp, dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dirfd, temp, 0);
	return r;
}

int io_fd_path(int fd, char **ret)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	if (path[0] != '/')
		return -ENOENT;
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

int io_open_parent(const char *path, const char **ret_name)
{
	_cleanup_free_ char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	int fd;

	if (!dir)
		return -ENOMEM;
	*ret_name = slash ? path + (slash - dir) + 1 : path;
	if (slash)
		slash[slash == dir ? 1 : 0] = '\0';
	fd = open(slash ? dir : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
