/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/sd_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unix.h"
#include "state/state.h"

#define MESSAGE_MAX 4096 /* as systemd takes them */
#define SEND_SEC 10
#define BARRIER_MSEC 10000

int rt_sd_notify_check(const char *address, struct err *e)
{
	const struct sockaddr_un sun;

	if ((address[0] != '/' && address[0] != '@') || !address[1])
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "NOTIFY_SOCKET \"%s\" is neither a path nor an abstract socket",
			       address);
	if (strlen(address) >= sizeof(sun.sun_path))
		return err_set(e, ENAMETOOLONG, RT_E_USAGE, "NOTIFY_SOCKET \"%s\"", address);
	return 0;
}

/* Returns a descriptor or -errno. */
static int listen_in(int state_dir, const char *name)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/" RT_STATE_NOTIFY "/%s",
		 state_dir, name);
	unlink(sun.sun_path); /* of a start that failed */
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    chmod(sun.sun_path, 0777) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* Returns a descriptor or -errno. */
static int connect_to(const char *address)
{
	const struct timeval bound = {.tv_sec = SEND_SEC};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(address);

	memcpy(sun.sun_path, address, len);
	if (address[0] == '@')
		sun.sun_path[0] = '\0';
	else
		len++;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound)) < 0 ||
	    connect(fd, (struct sockaddr *)&sun,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int rt_sd_notify_open(int state_dir, const char *name, const char *address,
		      struct rt_sd_notify *ret, struct err *e)
{
	int fd = listen_in(state_dir, name);

	if (fd < 0)
		return err_set(e, fd, RT_E_STATE, "listen for the container's notifications");
	fd_slot_set(&ret->in, fd);
	fd = connect_to(address);
	if (fd >= 0)
		fd_slot_set(&ret->out, fd);
	return 0;
}

static void tell(const struct rt_sd_notify *n, const char *text, size_t len)
{
	/* Nobody there, or nobody who reads: sd_notify(3) would not fail its caller either. */
	if (fd_slot_get(n->out) >= 0)
		(void)!send(fd_slot_get(n->out), text, len, MSG_NOSIGNAL);
}

static bool may_be_said(const char *line)
{
	static const char *const words[] = {
		"READY=1", "RELOADING=1", "MONOTONIC_USEC=", "STOPPING=1",
		"STATUS=", "ERRNO=",      "WATCHDOG=1",      "EXTEND_TIMEOUT_USEC="};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i][strlen(words[i]) - 1] == '=' ? str_starts(line, words[i])
							  : streq(line, words[i]))
			return true;
	return false;
}

/* As runc and crun send it, each in a message of its own. */
static void tell_main_pid(const struct rt_sd_notify *n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "MAINPID=%d", (int)n->main_pid);

	tell(n, text, (size_t)len);
}

/* Lines that may be said, put together again. */
static void pass_on(struct rt_sd_notify *n, char *message)
{
	char out[MESSAGE_MAX], *next, *line = message;
	bool ready = false;
	size_t len = 0;

	for (; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!may_be_said(line))
			continue;
		ready |= streq(line, "READY=1");
		if (len)
			out[len++] = '\n';
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): its length goes with it */
		memcpy(out + len, line, strlen(line));
		len += strlen(line);
	}
	if (len)
		tell(n, out, len);
	if (ready && !n->ready)
		tell_main_pid(n);
	n->ready |= ready;
}

bool rt_sd_notify_step(struct rt_sd_notify *n)
{
	char message[MESSAGE_MAX];
	ssize_t len;

	if (fd_slot_get(n->in) < 0)
		return false;
	/* Descriptors that come along are not asked for, so the kernel drops them. */
	len = recv(fd_slot_get(n->in), message, sizeof(message) - 1, MSG_DONTWAIT);
	if (len < 0)
		return false;
	message[len] = '\0';
	pass_on(n, message);
	return true;
}

/* The manager closes the descriptor when it has read all that came before. */
static void barrier(const struct rt_sd_notify *n)
{
	int fds[2];

	if (fd_slot_get(n->out) < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return;
	if (rt_unix_send_fd(fd_slot_get(n->out), "BARRIER=1", fds[1]) == 0) {
		struct pollfd p = {.fd = fds[0]};

		rt_fd_closep(&fds[1]);
		while (poll(&p, 1, BARRIER_MSEC) < 0 && errno == EINTR)
			;
	}
	rt_fd_closep(&fds[1]);
	rt_fd_closep(&fds[0]);
}

void rt_sd_notify_await(struct rt_sd_notify *n, int pidfd)
{
	struct pollfd p[2] = {
		{.fd = fd_slot_get(n->in), .events = POLLIN},
		{.fd = pidfd, .events = POLLIN},
	};

	while (!n->ready) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return;
		/* What it said last counts, also when it has ended since. */
		if (!rt_sd_notify_step(n) && p[1].revents)
			return;
	}
	barrier(n);
}

void rt_sd_notify_close(struct rt_sd_notify *n)
{
	fd_slot_close(&n->in);
	fd_slot_close(&n->out);
}
