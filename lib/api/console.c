/* SPDX-License-Identifier: Apache-2.0 */
#include "api/console.h"

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
#include "base/unix.h"

int rt_console_check(bool terminal, const char *socket, bool detach, bool relay, struct err *e)
{
	if (!terminal && !str_empty(socket))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "cannot use console socket: the process has no terminal");
	if (!terminal || !str_empty(socket))
		return 0;
	if (detach)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "cannot allocate tty if rt will detach without setting console "
			       "socket");
	if (!relay || isatty(STDIN_FILENO))
		return 0;
	err_set(e, ENOTTY | RT_NO_TEXT, RT_E_CONSOLE,
		"the process gets a terminal, but stdin is not one to connect it with");
	return err_hint(e, "set \"terminal\" to false, or pass --console-socket");
}

int rt_console_connect(const char *path, struct err *e)
{
	int fd = rt_unix_connect(path);

	return fd < 0 ? err_set(e, fd, RT_E_CONSOLE, "connect to console socket \"%s\"", path) : fd;
}

int rt_console_send(int socket, int master, struct err *e)
{
	int r = rt_unix_send_fd(socket, "/dev/ptmx", master);

	return r < 0 ? err_set(e, r, RT_E_CONSOLE, "send the terminal to the console socket") : 0;
}

int rt_pidfd_connect(const char *path, struct err *e)
{
	int fd = rt_unix_connect(path);

	return fd < 0 ? err_set(e, fd, RT_E_USAGE, "connect to pidfd socket \"%s\"", path) : fd;
}

int rt_pidfd_send(int socket, const char *payload, int pidfd, struct err *e)
{
	int r = rt_unix_send_fd(socket, payload, pidfd);

	return r < 0 ? err_set(e, r, RT_E_USAGE, "send the pidfd to the pidfd socket") : 0;
}

/*
 * A file without a name until it is complete, so that a crash leaves nothing beside it. -EOPNOTSUPP
 * where the file system has no such files.
 */
static int link_file(int dir, const char *name, const char *text, size_t len)
{
	_cleanup_close_ int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
	char self[32];
	int r;

	if (fd < 0)
		return -errno;
	r = io_write_all(fd, text, len);
	if (r < 0)
		return r;
	if (fchmod(fd, 0644) < 0) /* whatever the umask */
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	unlinkat(dir, name, 0); /* of an earlier container */
	return linkat(AT_FDCWD, self, dir, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int rt_pid_file_write(const char *path, pid_t pid, struct err *e)
{
	_cleanup_close_ int dir = -EBADF;
	const char *name;
	char digits[16];
	int n, r;

	dir = io_open_parent(path, &name);
	n = snprintf(digits, sizeof(digits), "%d", (int)pid);
	r = dir < 0 ? dir : link_file(dir, name, digits, (size_t)n);
	if (r == -EOPNOTSUPP)
		r = io_replace_file(dir, name, 0644, digits, (size_t)n);
	return r < 0 ? err_set(e, r, RT_E_STATE, "write pid file \"%s\"", path) : 0;
}
