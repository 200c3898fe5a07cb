/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_UNIX. */
#ifndef RT_BASE_UNIX_H
#define RT_BASE_UNIX_H

/*
 * Connect a SOCK_STREAM to the socket at this path, which may be longer than sun_path. Returns the
 * descriptor or -errno; -ENAMETOOLONG when the last component alone is too long.
 */
int rt_unix_connect(const char *path);

/* Send a descriptor with SCM_RIGHTS, beside a text that is not empty. Returns 0 or -errno. */
int rt_unix_send_fd(int socket, const char *payload, int fd);

#endif
