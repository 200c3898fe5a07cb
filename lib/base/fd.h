/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership of file descriptors. Every descriptor is made with O_CLOEXEC. */
#ifndef RT_BASE_FD_H
#define RT_BASE_FD_H

#include <errno.h>
#include <unistd.h>

/* Close *fd unless it is negative, keep errno. For the cleanup attribute. */
static inline void rt_fd_closep(int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		close(*fd);
		errno = saved;
		*fd = -EBADF;
	}
}

#define _cleanup_close_ __attribute__((cleanup(rt_fd_closep)))

/* Hand an owned descriptor on; the variable forgets it. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int take_fd_ = (fd);                                                               \
		(fd) = -EBADF;                                                                     \
		take_fd_;                                                                          \
	})

/*
 * A descriptor inside a struct or an array: zero-initialised means "none", so that an array that
 * was set up half way can always be closed as a whole.
 */
struct fd_slot {
	int plus_one;
};

static inline int fd_slot_get(struct fd_slot s)
{
	return s.plus_one - 1; /* negative when none */
}

/* Take ownership of own_fd; a descriptor already held is closed. */
static inline void fd_slot_set(struct fd_slot *s, int own_fd)
{
	int old = s->plus_one - 1;

	rt_fd_closep(&old);
	s->plus_one = own_fd >= 0 ? own_fd + 1 : 0;
}

/* Hand the descriptor on; the slot holds none then. Negative when it held none. */
static inline int fd_slot_take(struct fd_slot *s)
{
	int fd = s->plus_one - 1;

	s->plus_one = 0;
	return fd;
}

static inline void fd_slot_close(struct fd_slot *s)
{
	fd_slot_set(s, -EBADF);
}

#endif
