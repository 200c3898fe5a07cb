/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/relay.h"

#include <errno.h>
#include <unistd.h>

void rt_relay_init(struct rt_relay *r, int from, int to, char *buf)
{
	r->buf = buf;
	r->from = to < 0 ? -1 : from;
	r->to = from < 0 ? -1 : to;
	r->start = r->end = 0;
}

struct pollfd rt_relay_reader(const struct rt_relay *r)
{
	return (struct pollfd){.fd = r->start == r->end ? r->from : -1, .events = POLLIN};
}

struct pollfd rt_relay_writer(const struct rt_relay *r)
{
	return (struct pollfd){.fd = r->start != r->end ? r->to : -1, .events = POLLOUT};
}

/*
 * Only called when poll said so, so that neither descriptor has to be made non-blocking: they are
 * shared with other processes, which would see it.
 */
void rt_relay_step(struct rt_relay *r, short reader_events, short writer_events)
{
	ssize_t n;

	if (reader_events && r->start == r->end) {
		n = read(r->from, r->buf, RT_RELAY_BUF);
		r->start = 0;
		r->end = n > 0 ? (size_t)n : 0;
		/* EIO: the last slave of the pty was closed */
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			r->from = -1;
	}
	if (writer_events && r->start != r->end) {
		/* at most a pipe's guaranteed room, so that the write does not block */
		size_t len = r->end - r->start;

		n = write(r->to, r->buf + r->start, len < 4096 ? len : 4096);
		if (n > 0) {
			r->start += (size_t)n;
		} else if (n < 0 && errno != EINTR && errno != EAGAIN) {
			r->start = r->end = 0; /* the reader is gone: keep the source flowing */
			r->to = -1;
		}
	}
	if (r->to < 0)
		r->start = r->end; /* drop */
}

void rt_relay_drain(struct rt_relay *r)
{
	for (int i = 0; i < 1000; i++) {
		struct pollfd p[2] = {rt_relay_reader(r), rt_relay_writer(r)};

		if ((p[0].fd < 0 && p[1].fd < 0) || poll(p, 2, p[1].fd >= 0 ? 1000 : 0) <= 0)
			return;
		rt_relay_step(r, p[0].revents, p[1].revents);
	}
}

int rt_relay_raw_mode(int fd, struct termios *ret_saved)
{
	struct termios raw;

	if (tcgetattr(fd, ret_saved) < 0)
		return -errno;
	raw = *ret_saved;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* messages of this process end in \n */
	return tcsetattr(fd, TCSADRAIN, &raw) < 0 ? -errno : 0;
}
