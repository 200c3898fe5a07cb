/* SPDX-License-Identifier: Apache-2.0 */
/* The case's side of a terminal: one it made for the runtime, or one that the runtime sent it. */
#ifndef CASES_PTY_H
#define CASES_PTY_H

#include "text.h"

struct pty {
	int listener;		/* console socket, or -1 */
	int master;		/* or -1 */
	int slave;		/* open only for a terminal we made; or -1 */
	struct text seen;	/* all that came out of it so far */
	struct text name;	/* payload that came with the master through the console socket */
};

#define PTY_NONE { .listener = -1, .master = -1, .slave = -1 }

/* Make a terminal of that size: 0 or -errno. */
int pty_open(struct pty *pty, unsigned short rows, unsigned short columns);
/* Give it another size, which sends SIGWINCH to its foreground group: 0 or -errno. */
int pty_resize(struct pty *pty, unsigned short rows, unsigned short columns);
/* Listen for a runtime's --console-socket at path: 0 or -errno. */
int pty_listen(struct pty *pty, const char *path);
/*
 * Take the terminal that was sent to the console socket: 0, -EAGAIN if none came yet, else -errno.
 */
int pty_accept(struct pty *pty);
/* Read what is there into seen. At the end of the terminal's life master is closed. */
void pty_drain(struct pty *pty);

#endif
