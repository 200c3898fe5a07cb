/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's end of the talk with rt-init, message by message (protocol.h). */
#ifndef RT_PROC_CHANNEL_H
#define RT_PROC_CHANNEL_H

#include "proc/protocol.h"

/*
 * Send a message that carries nothing. Never raises SIGPIPE. Returns 0 or -errno; -EPIPE or
 * -ECONNRESET when the other end is gone.
 */
int rt_channel_send(int fd, enum rt_msg_type type);

/* SAY: as much of the line as there is room for. */
int rt_channel_say(int fd, const char *line);

/* The same as rt_channel_send with the descriptor that the message carries. */
int rt_channel_send_fd(int fd, enum rt_msg_type type, int carried);

/*
 * Receive one message within timeout_msec (-1: no bound). pidfd: of whose word is waited for, or -1.
 * In a staged start the channel does not end with the first process, since its child has it too.
 * *ret_fd is the descriptor that came with it, owned by the caller, or -EBADF. Returns 1; 0 at the end of
 * the talk or of the process; -ETIMEDOUT; -EPROTO when type, length, sender or number of descriptors
 * are not those of the table.
 */
int rt_channel_recv(int fd, int pidfd, int timeout_msec, struct rt_msg *ret, int *ret_fd);

/* "READY"; for messages. */
const char *rt_channel_name(uint32_t type);

#endif
