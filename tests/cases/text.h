/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings, growing buffers and whole files.
 *
 * The driver is a short-lived program and every case runs in a process of its own: memory is taken
 * and never given back, and running out of it ends the process. Nothing here belongs to the project
 * under test; a test that shares code with its subject repeats its mistakes.
 */
#ifndef CASES_TEXT_H
#define CASES_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * A growing byte buffer; data is always followed by a NUL that is not counted, or is NULL if len is
 * 0.
 */
struct text {
	char *data;
	size_t len;
	size_t size;
};

/*
 * A growing list of strings; v[n] is always NULL once anything was added, so that v suits
 * execve(2).
 */
struct words {
	char **v;
	size_t n;
	size_t size;
};

/* Returns size zeroed bytes; ends the process if there are none. */
void *xalloc(size_t size);
/* Returns a grown copy of old with room for size bytes. */
void *xgrow(void *old, size_t size);
/* Return a new string. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Append to the buffer. */
void text_add(struct text *t, const char *data, size_t len);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The content as a C string, "" if empty. Bytes after an embedded NUL are out of sight. */
const char *text_str(const struct text *t);

/* Append a string (not copied), or all strings of another list. */
void words_add(struct words *w, char *s);
void words_add_all(struct words *w, const struct words *more);
bool words_have(const struct words *w, const char *s);
/* Sort by strcmp(3). */
void words_sort(struct words *w);

/* Read all of an open file from its start, or of a path: 0, or -errno and ret_text untouched. */
int read_fd(int fd, struct text *ret_text);
int read_path(const char *path, struct text *ret_text);
/* Create or replace a file: 0 or -errno. */
int write_path(const char *path, const char *data, size_t len, mode_t mode);
/* Write a short string into an existing file, as /proc and cgroup files want it: 0 or -errno. */
int put_string(const char *path, const char *s);

/*
 * True if the extended regular expression matches within s; an invalid one gives false and
 * *ret_error.
 */
bool regex_matches(const char *pattern, const char *s, char **ret_error);

/* Milliseconds of the monotonic clock. */
long now_ms(void);
/* Sleep; signals cut it short. */
void sleep_ms(long ms);

#endif
