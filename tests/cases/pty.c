/* SPDX-License-Identifier: Apache-2.0 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int pty_resize(struct pty *pty, unsigned short rows, unsigned short columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	return ioctl(pty->master, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int pty_open(struct pty *pty, unsigned short rows, unsigned short columns)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (master < 0)
		return -errno;
	pty->master = master;
	if (grantpt(master) < 0 || unlockpt(master) < 0)
		return -errno;
	pty->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->slave < 0)
		return -errno;
	return pty_resize(pty, rows, columns);
}

int pty_listen(struct pty *pty, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0) {
		int e = errno;

		close(fd);
		return -e;
	}
	pty->listener = fd;
	return 0;
}

/* One message with one descriptor, as conmon and containerd expect it. */
static int receive_master(struct pty *pty, int connection)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char name[256];
	struct iovec vector = {.iov_base = name, .iov_len = sizeof(name)};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(&pty->master, CMSG_DATA(header), sizeof(int));
	text_add(&pty->name, name, (size_t)n);
	return fcntl(pty->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ? -errno : 0;
}

int pty_accept(struct pty *pty)
{
	int connection = accept4(pty->listener, NULL, NULL, SOCK_CLOEXEC);
	int r;

	if (connection < 0)
		return -errno;
	r = receive_master(pty, connection);
	close(connection);
	return r;
}

void pty_drain(struct pty *pty)
{
	char buffer[4096];
	ssize_t n;

	if (pty->master < 0)
		return;
	while ((n = read(pty->master, buffer, sizeof(buffer))) > 0)
		text_add(&pty->seen, buffer, (size_t)n);
	/*
	 * EIO: nobody has the other side open any more. We hold our own slave, so there it does not
	 * come.
	 */
	if (n < 0 && errno == EIO && pty->slave < 0) {
		close(pty->master);
		pty->master = -1;
	}
}
