/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void *xgrow(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p) {
		fputs("run-cases: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xalloc(size_t size)
{
	return memset(xgrow(NULL, size), 0, size);
}

char *xstrndup(const char *s, size_t len)
{
	char *p = xalloc(len + 1);

	memcpy(p, s, len);
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xvprintf(const char *format, va_list args)
{
	char *s = NULL;

	if (vasprintf(&s, format, args) < 0) {
		fputs("run-cases: out of memory\n", stderr);
		abort();
	}
	return s;
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvprintf(format, args);
	va_end(args);
	return s;
}

void text_add(struct text *t, const char *data, size_t len)
{
	if (t->len + len + 1 > t->size) {
		t->size = (t->len + len + 1) * 2;
		t->data = xgrow(t->data, t->size);
	}
	memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvprintf(format, args);
	va_end(args);
	text_puts(t, s);
	free(s);
}

const char *text_str(const struct text *t)
{
	return t->data ? t->data : "";
}

void words_add(struct words *w, char *s)
{
	if (w->n + 2 > w->size) {
		w->size = w->size ? w->size * 2 : 8;
		w->v = xgrow(w->v, w->size * sizeof(*w->v));
	}
	w->v[w->n++] = s;
	w->v[w->n] = NULL;
}

void words_add_all(struct words *w, const struct words *more)
{
	for (size_t i = 0; i < more->n; i++)
		words_add(w, more->v[i]);
}

bool words_have(const struct words *w, const char *s)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->v[i], s) == 0)
			return true;
	return false;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void words_sort(struct words *w)
{
	if (w->n > 1)
		qsort(w->v, w->n, sizeof(*w->v), compare_words);
}

int read_fd(int fd, struct text *ret_text)
{
	struct text t = {0};
	char buffer[16384];
	off_t offset = 0;

	for (;;) {
		ssize_t n = pread(fd, buffer, sizeof(buffer), offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		text_add(&t, buffer, (size_t)n);
		offset += n;
	}
	*ret_text = t;
	return 0;
}

int read_path(const char *path, struct text *ret_text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	r = read_fd(fd, ret_text);
	close(fd);
	return r;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int write_path(const char *path, const char *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, data, len);
	close(fd);
	return r;
}

int put_string(const char *path, const char *s)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, s, strlen(s));
	close(fd);
	return r;
}

bool regex_matches(const char *pattern, const char *s, char **ret_error)
{
	regex_t regex;
	bool found;
	int r;

	r = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
	if (r != 0) {
		char reason[128];

		regerror(r, &regex, reason, sizeof(reason));
		*ret_error = xprintf("bad regular expression \"%s\": %s", pattern, reason);
		return false;
	}
	found = regexec(&regex, s, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}
