/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-file reading and writing relative to directory descriptors. */
#ifndef RT_BASE_IO_H
#define RT_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read a whole regular file of at most max bytes into fresh memory with a NUL behind it (not
 * counted). Opened O_NONBLOCK so that a FIFO cannot hang us. *ret is freed by the caller with
 * free(). Returns 0 or -errno; -EFBIG when longer than max, -EINVAL when no regular file.
 */
int io_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len);

/*
 * The same of what a user names, which may also be a pipe, as of a shell's <(...): read to its end. A
 * FIFO that nobody has opened for writing is empty.
 */
int io_read_input(const char *path, size_t max, char **ret, size_t *ret_len);

/* The same for an open descriptor, of any type, read to its end. */
int io_read_fd(int fd, size_t max, char **ret, size_t *ret_len);

/*
 * Read a small kernel file (procfs, cgroupfs) into buf, NUL-terminated, trailing newline removed.
 * Returns the length or -errno; -ENOBUFS when it does not fit.
 */
int io_read_small(int dirfd, const char *path, char *buf, size_t size);

/* Write a small kernel file with one write(2). Returns 0 or -errno. */
int io_write_small(int dirfd, const char *path, const char *text);

/* Write all of buf, restarting after EINTR and short writes. Returns 0 or -errno. */
int io_write_all(int fd, const void *buf, size_t len);

/*
 * Replace dirfd/name by a file with these bytes: a temporary file in the same directory, then
 * rename, so that a reader sees the old or the new content and a crash leaves no half file.
 */
int io_replace_file(int dirfd, const char *name, mode_t mode, const void *buf, size_t len);

/*
 * The absolute path, without symbolic links, of an open file or directory: what realpath(3) gives,
 * by one call instead of one for each component. *ret is freed by the caller with free().
 */
int io_fd_path(int fd, char **ret);

/*
 * Open the directory of a path (O_PATH); *ret_name is the path's last component, in `path`. Returns
 * the descriptor or -errno.
 */
int io_open_parent(const char *path, const char **ret_name);

#endif
