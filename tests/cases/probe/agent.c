/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of SCMP_ACT_NOTIFY: run on the host, by "host rootfs/bin/probe seccomp-agent:...". */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_LIMIT_SECONDS 30

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		exit(97);
	return fd;
}

/* The text and the one descriptor that come with the first byte; then there must be no more. */
static int receive(int connection, char *text, size_t size)
{
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = text, .iov_len = size - 1};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(connection, &h, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&h) : NULL;
	int fd = -1;

	text[n > 0 ? n : 0] = '\0';
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static int is_mkdir(int nr)
{
#ifdef SYS_mkdir
	if (nr == SYS_mkdir)
		return 1;
#endif
	return nr == SYS_mkdirat;
}

/* mkdir fails with ENOSPC, which nobody else would say; all others go on. */
static void answer_all(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (poll(&p, 1, -1) > 0 && p.revents & POLLIN) {
		struct seccomp_notif question = {0};
		struct seccomp_notif_resp answer = {0};

		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
			continue;
		answer.id = question.id;
		if (is_mkdir(question.data.nr))
			answer.error = -ENOSPC;
		else
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* A file that is complete once it is there. */
static void put(const char *name, const char *text)
{
	char temp[160];
	FILE *f;

	snprintf(temp, sizeof(temp), "%s.new", name);
	f = fopen(temp, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0 || rename(temp, name) < 0)
		exit(97);
}

/*
 * SOCKET,N: take N connections, write what came to SOCKET.1 and so on, and answer for as long as there
 * is somebody to ask. The socket is removed at the end.
 */
static void do_agent(const char *argument)
{
	char path[100], name[128], text[16384];
	int n, listener;

	if (sscanf(argument, "%99[^,],%d", path, &n) != 2)
		exit(99);
	alarm(LIFE_LIMIT_SECONDS);
	listener = listen_at(path);
	for (int i = 1; i <= n; i++) {
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		int fd = receive(connection, text, sizeof(text));

		snprintf(name, sizeof(name), "%s.%d", path, i);
		put(name, fd < 0 ? "no descriptor" : text);
		if (fd >= 0 && fork() == 0) {
			alarm(LIFE_LIMIT_SECONDS);
			close(connection);
			answer_all(fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
		close(connection);
	}
	while (wait(NULL) > 0)
		;
	unlink(path);
}

/*
 * SOCKET: take one connection and write "TEXT PID" to SOCKET.1: the text that came, and whose process
 * the pidfd beside it is.
 */
static void do_pidfd(const char *path)
{
	char name[128], text[100], line[100], out[250];
	int listener, fd, pid = -1;
	FILE *info;

	alarm(LIFE_LIMIT_SECONDS);
	listener = listen_at(path);
	fd = receive(accept4(listener, NULL, NULL, SOCK_CLOEXEC), text, sizeof(text));
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	info = fopen(name, "re");
	while (info && fgets(line, sizeof(line), info))
		sscanf(line, "Pid: %d", &pid);
	snprintf(out, sizeof(out), "%s %d", text, pid);
	snprintf(name, sizeof(name), "%.99s.1", path);
	unlink(path);
	put(name, out);
}

static int datagram_socket(const char *path, struct sockaddr_un *ret, socklen_t *ret_len)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	snprintf(ret->sun_path, sizeof(ret->sun_path), "%.107s", path);
	if (path[0] == '@')
		ret->sun_path[0] = '\0';
	else
		++*ret_len;
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/*
 * SOCKET,FILE: the service manager of sd_notify(3). Append what comes to FILE, a line each, "|" for a
 * new line; as systemd, drop the descriptor of a BARRIER=1 when it is read. Ends with "END".
 */
static void do_notify_manager(const char *argument)
{
	char path[100], name[100], text[4096];
	struct sockaddr_un address;
	socklen_t len;
	int fd;

	if (sscanf(argument, "%99[^,],%99s", path, name) != 2)
		exit(99);
	alarm(LIFE_LIMIT_SECONDS);
	fd = datagram_socket(path, &address, &len);
	if (bind(fd, (struct sockaddr *)&address, len) < 0)
		exit(97);
	for (;;) {
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
		FILE *f = fopen(name, "ae");

		text[n > 0 ? n : 0] = '\0';
		for (char *p = text; *p; p++)
			*p = *p == '\n' ? '|' : *p;
		if (strcmp(text, "END") == 0)
			break;
		fprintf(f, "%s\n", text);
		fclose(f);
	}
	if (path[0] == '/')
		unlink(path);
}

/* TEXT or SOCKET,TEXT: send it there or to $NOTIFY_SOCKET; "|" is a new line. */
static void do_notify(const char *argument)
{
	const char *comma = argument[0] == '/' || argument[0] == '@' ? strchr(argument, ',') : NULL;
	char *path = comma ? strndup(argument, (size_t)(comma - argument)) : getenv("NOTIFY_SOCKET");
	char text[4096];
	struct sockaddr_un address;
	socklen_t len;
	int fd;

	if (!path) {
		printf("notify nobody\n");
		return;
	}
	snprintf(text, sizeof(text), "%s", comma ? comma + 1 : argument);
	for (char *p = text; *p; p++)
		*p = *p == '|' ? '\n' : *p;
	fd = datagram_socket(path, &address, &len);
	if (sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, len) < 0)
		printf("notify failed: %s\n", strerror(errno));
	close(fd);
}

const struct request agent_requests[] = {
	{"notify-manager", do_notify_manager, "notify-manager:SOCKET,FILE: write what is sent there"},
	{"notify", do_notify, "notify:[SOCKET,]TEXT: tell the service manager"},
	{"seccomp-agent", do_agent, "seccomp-agent:SOCKET,N connections: answer SCMP_ACT_NOTIFY"},
	{"pidfd-receiver", do_pidfd, "pidfd-receiver:SOCKET: whose pidfd is sent there"},
	{NULL, NULL, NULL},
};
