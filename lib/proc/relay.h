/* SPDX-License-Identifier: Apache-2.0 */
/* Copy a byte stream from one descriptor to another without blocking on either. */
#ifndef RT_PROC_RELAY_H
#define RT_PROC_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RT_RELAY_BUF 16384

struct rt_relay {
	int from, to; /* borrowed; -1 once that side has ended */
	size_t start, end;
	char *buf; /* RT_RELAY_BUF bytes, borrowed */
};

/* With from or to -1 the relay does nothing, and needs no buffer. */
void rt_relay_init(struct rt_relay *r, int from, int to, char *buf);

/* What to poll: the reader while there is room, the writer while there is something to write. */
struct pollfd rt_relay_reader(const struct rt_relay *r);
struct pollfd rt_relay_writer(const struct rt_relay *r);

/* Move what the events of the two allow. */
void rt_relay_step(struct rt_relay *r, short reader_events, short writer_events);

/* Copy what is there until the source has nothing more, at most for a second. */
void rt_relay_drain(struct rt_relay *r);

/* Put a terminal into raw mode. Returns 0 and the old mode, or -errno (-ENOTTY). */
int rt_relay_raw_mode(int fd, struct termios *ret_saved);

#endif
