/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime hears from rt-init: packets whose length is the byte in front of them, times 8,
 * with as many descriptors as its two highest bits say. Only messages of the table come through, an
 * error's text has an end, and no descriptor is left.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/channel.h"
#include "proc/launch.h"

static void say(int fd, const uint8_t *bytes, size_t size, unsigned int nfds)
{
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {(void *)(uintptr_t)bytes, size};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (nfds) {
		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		for (unsigned int i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
	}
	FUZZ_CHECK(sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size ||
		   errno == EAGAIN);
}

static void hear(int fd)
{
	struct rt_msg m;
	int got, r;

	do {
		got = -EBADF;
		r = rt_channel_recv(fd, -1, 0, &m, &got);
		FUZZ_CHECK(r == 1 || got < 0);
		if (r == 1 && m.type == RT_MSG_ERROR)
			FUZZ_CHECK(memchr(m.error.detail, 0, sizeof(m.error.detail)));
		FUZZ_CHECK(r != 1 || *rt_channel_name(m.type));
		if (got >= 0)
			close(got);
	} while (r == 1 || r == -EPROTO);
	FUZZ_CHECK(r == 0 || r == -ETIMEDOUT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_msg m;
	struct err e = ERR_INIT;
	int pair[2], lowest, n = 0;

	for (int whole = 0; whole <= 1; whole++) {
		FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
		n = 0;
		for (size_t i = 0; i < size && n < 8; n++) {
			size_t len = (data[i] & 0x3f) * 8u;

			len = len < size - i - 1 ? len : size - i - 1;
			if (len)
				say(pair[1], data + i + 1, len, data[i] >> 6);
			i += 1 + len;
		}
		shutdown(pair[1], SHUT_WR);
		if (whole)
			rt_talk_confirm(pair[0], size && data[0] & 1, &m, &e);
		else
			hear(pair[0]);
		close(pair[0]);
		close(pair[1]);
	}
	lowest = fcntl(0, F_DUPFD_CLOEXEC, 3);
	FUZZ_CHECK(lowest >= 0 && lowest == pair[0]);
	close(lowest);
	return 0;
}
