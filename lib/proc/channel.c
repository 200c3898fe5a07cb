/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"

#define MAX_FDS 4 /* room to see that there are more than allowed */

struct message {
	char name[8];
	bool from_init;
	uint32_t size, nfds;
};

static const struct message messages[RT_MSG_MAX] = {
#define SENDER_I true
#define SENDER_R false
#define X(n, number, sender, payload, fds)                                                         \
	[number] = {#n, SENDER_##sender, RT_MSG_SIZE(payload), fds},
	RT_MESSAGES(X)
#undef X
};

const char *rt_channel_name(uint32_t type)
{
	return type < RT_MSG_MAX && *messages[type].name ? messages[type].name : "unknown message";
}

static int send_message(int fd, const struct rt_msg *m)
{
	ssize_t n;

	do
		n = send(fd, m, messages[m->type].size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int rt_channel_send(int fd, enum rt_msg_type type)
{
	const struct rt_msg m = {.type = type};

	return send_message(fd, &m);
}

int rt_channel_say(int fd, const char *line)
{
	struct rt_msg m = {.type = RT_MSG_SAY};
	char *text = m.text.text;

	snprintf(text, sizeof(m.text.text) - 1, "%s", line);
	text[strlen(text)] = '\n'; /* a NUL is left behind it */
	return send_message(fd, &m);
}

int rt_channel_send_fd(int fd, enum rt_msg_type type, int carried)
{
	struct rt_msg m = {.type = type};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {.iov_base = &m, .iov_len = messages[type].size};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &carried, sizeof(int));
	do
		n = sendmsg(fd, &h, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Take the descriptors out of the control data; returns how many came, the first in *ret_fd. */
static uint32_t take_fds(struct msghdr *h, int *ret_fd)
{
	uint32_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (n++ == 0)
				*ret_fd = fd;
			else
				close(fd);
		}
	}
	return n;
}

static bool fits_table(const struct rt_msg *m, size_t size, uint32_t nfds, int flags)
{
	const struct message *t;

	if (size < sizeof(m->type) || m->type >= RT_MSG_MAX || !*messages[m->type].name)
		return false;
	t = &messages[m->type];
	return t->from_init && t->size == size && t->nfds == nfds &&
	       !(flags & (MSG_TRUNC | MSG_CTRUNC));
}

/* 0 when there is something to receive, MSG_DONTWAIT when the process has died, perhaps after a last word. */
static int wait_readable(int fd, int pidfd, int timeout_msec)
{
	/* poll(2) passes over a negative descriptor */
	struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
	int n;

	if (timeout_msec < 0 && pidfd < 0)
		return 0; /* recvmsg waits by itself */
	do
		n = poll(p, ARRAY_SIZE(p), timeout_msec);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : p[0].revents ? 0 : MSG_DONTWAIT;
}

int rt_channel_recv(int fd, int pidfd, int timeout_msec, struct rt_msg *ret, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = ret, .iov_len = sizeof(*ret)};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	_cleanup_close_ int got = -EBADF;
	uint32_t nfds;
	ssize_t n;
	int r;

	r = wait_readable(fd, pidfd, timeout_msec);
	if (r < 0)
		return r;
	do
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC | r);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET || (errno == EAGAIN && r) ? 0 : -errno;
	if (n == 0)
		return 0;
	nfds = take_fds(&h, &got);
	if (!fits_table(ret, (size_t)n, nfds, h.msg_flags))
		return -EPROTO;
	if (ret->type == RT_MSG_ERROR)
		ret->error.detail[sizeof(ret->error.detail) - 1] = '\0';
	*ret_fd = TAKE_FD(got);
	return 1;
}
