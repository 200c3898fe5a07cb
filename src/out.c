/* SPDX-License-Identifier: Apache-2.0 */
#include "out.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Limits in escaped bytes: a line of all parts stays whole, and with it valid JSON. */
#define LONGEST_MESSAGE 8000
#define LONGEST_VALUE 1000

/* A line is built here and written at once, so that concurrent commands do not mix theirs. */
struct line {
	size_t len;
	char text[16384];
};

/* The length of the UTF-8 character at s that may go to a terminal as it is, or 0. */
static size_t printable(const unsigned char *s)
{
	/* by length: bits of the first byte that are fixed, their value, least code point */
	static const struct {
		unsigned char mask, bits;
		uint32_t least;
	} shapes[] = {
		{0x80, 0, 0x20}, {0xe0, 0xc0, 0xa0}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	uint32_t c;
	size_t n = 0;

	while (n < 4 && (s[0] & shapes[n].mask) != shapes[n].bits)
		n++;
	if (n == 4)
		return 0;
	c = s[0] & (unsigned char)~shapes[n].mask;
	for (size_t i = 1; i <= n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	/* Control characters (also those of 8 bits), surrogates, beyond Unicode. */
	if (c < shapes[n].least || c == 0x7f || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	return n + 1;
}

/*
 * The next piece of *s in JSON or plain text: characters that are not printable are escaped, so
 * that a hostile name neither breaks the line nor drives the terminal. Returns its length.
 */
static size_t next_piece(const char **s, bool json, char *piece, size_t size)
{
	const unsigned char *c = (const unsigned char *)*s;
	size_t n = printable(c);
	int len;

	if (n == 1 && json && (*c == '"' || *c == '\\'))
		len = snprintf(piece, size, "\\%c", *c);
	else if (n)
		len = snprintf(piece, size, "%.*s", (int)n, *s);
	else if (*c == '\n' || *c == '\t')
		len = snprintf(piece, size, "\\%c", *c == '\n' ? 'n' : 't');
	else if (!json)
		len = snprintf(piece, size, "\\x%02x", *c);
	else if (*c < 0x80)
		len = snprintf(piece, size, "\\u%04x", *c);
	else
		len = snprintf(piece, size, "\xef\xbf\xbd"); /* U+FFFD: JSON is UTF-8 */
	*s += n ? n : 1;
	return (size_t)len;
}

static void line_add(struct line *l, const char *s)
{
	size_t n = strlen(s);

	if (n >= sizeof(l->text) - l->len)
		return;
	memcpy(l->text + l->len, s, n + 1);
	l->len += n;
}

/* Add at most `most` bytes of s, escaped. */
static void line_escape(struct line *l, const char *s, bool json, size_t most)
{
	char piece[8];

	for (size_t used = 0; *s;) {
		used += next_piece(&s, json, piece, sizeof(piece));
		if (used > most)
			return;
		line_add(l, piece);
	}
}

static void line_now(struct line *l)
{
	char text[48];
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%06ldZ", now.tv_nsec / 1000);
	line_add(l, text);
}

/*
 * Nobody can be told that a message was lost. Least of all may SIGPIPE end us for it: what failed is
 * still to be cleaned up.
 */
static void line_write(struct line *l, int fd)
{
	void (*on_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t n;

	line_add(l, "\n");
	for (size_t done = 0; done < l->len; done += (size_t)n) {
		n = write(fd, l->text + done, l->len - done);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	signal(SIGPIPE, on_pipe);
}

static const char *level_word(enum ocirt_log_level level)
{
	static const char *const words[] = {"error", "warning", "debug"};

	return words[level];
}

static void add_json_key(struct line *l, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	line_add(l, ",\"");
	line_add(l, key);
	line_add(l, "\":\"");
	line_escape(l, value, true, LONGEST_VALUE);
	line_add(l, "\"");
}

static void add_json(struct line *l, const char *level, const struct out_error *e)
{
	char no[32];

	line_add(l, "{\"level\":\"");
	line_add(l, level);
	line_add(l, "\",\"msg\":\"");
	line_escape(l, e->message, true, LONGEST_MESSAGE);
	line_add(l, "\",\"time\":\"");
	line_now(l);
	line_add(l, "\"");
	add_json_key(l, "code", e->code);
	if (e->no) {
		snprintf(no, sizeof(no), ",\"errno\":%d", e->no);
		line_add(l, no);
	}
	add_json_key(l, "field", e->field);
	add_json_key(l, "stage", e->stage);
	add_json_key(l, "hint", e->hint);
	line_add(l, "}");
}

static void add_text_key(struct line *l, const char *key, const char *value, size_t most)
{
	if (!value || !*value)
		return;
	line_add(l, " ");
	line_add(l, key);
	line_add(l, "=\"");
	line_escape(l, value, true, most);
	line_add(l, "\"");
}

/* As runc's: key=value with the strings quoted as in JSON. */
static void add_text(struct line *l, const char *level, const struct out_error *e)
{
	line_add(l, "time=\"");
	line_now(l);
	line_add(l, "\" level=");
	line_add(l, level);
	add_text_key(l, "msg", e->message, LONGEST_MESSAGE);
	add_text_key(l, "code", e->code, LONGEST_VALUE);
	add_text_key(l, "stage", e->stage, LONGEST_VALUE);
	add_text_key(l, "hint", e->hint, LONGEST_VALUE);
}

static void write_log(const struct out *o, enum ocirt_log_level level, const struct out_error *e)
{
	struct line l = {.len = 0};

	if (o->log_json)
		add_json(&l, level_word(level), e);
	else
		add_text(&l, level_word(level), e);
	line_write(&l, o->log_fd);
}

/* A tag in front, for a person. */
static void write_terminal(const char *tag, const char *color, const char *message)
{
	struct line l = {.len = 0};
	const char *no_color = getenv("NO_COLOR");
	bool plain = no_color && *no_color;

	line_add(&l, plain ? "" : color);
	line_add(&l, tag);
	line_add(&l, plain ? ": " : ":\033[0m ");
	line_escape(&l, message, false, LONGEST_MESSAGE);
	line_write(&l, STDERR_FILENO);
}

/* Programs that read a pipe get one line, without a tag: engines look for words in it. */
static void write_pipe(const char *message, const char *hint)
{
	struct line l = {.len = 0};

	line_escape(&l, message, false, LONGEST_MESSAGE);
	if (hint && *hint) {
		line_add(&l, " (");
		line_escape(&l, hint, false, LONGEST_VALUE);
		line_add(&l, ")");
	}
	line_write(&l, STDERR_FILENO);
}

int out_open_log(struct out *o, const char *path)
{
	o->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
	return o->log_fd < 0 ? -errno : 0;
}

void out_close(struct out *o)
{
	if (o->log_fd >= 0)
		close(o->log_fd);
	o->log_fd = -1;
}

void out_error(const struct out *o, const struct out_error *e)
{
	fflush(stdout); /* what was printed before it is read before it */
	if (o->log_fd >= 0)
		write_log(o, OCIRT_LOG_ERROR, e);
	if (!isatty(STDERR_FILENO)) {
		write_pipe(e->message, e->hint);
		return;
	}
	write_terminal("error", "\033[1;31m", e->message);
	if (e->hint && *e->hint)
		write_terminal("hint", "\033[1m", e->hint);
}

void out_log(enum ocirt_log_level level, const char *message, void *userdata)
{
	const struct out *o = userdata;

	if (level > o->level)
		return;
	if (o->log_fd >= 0)
		write_log(o, level, &(struct out_error){.message = message});
	else if (isatty(STDERR_FILENO))
		write_terminal(level_word(level), "\033[33m", message);
	else
		write_pipe(message, NULL);
}

const char *out_errno_text(int no, char *text, size_t size)
{
	snprintf(text, size, "%s", strerror(no));
	/* "RPC version wrong" keeps its capitals. */
	if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

void out_json_string(const char *s)
{
	char piece[8];

	putchar('"');
	while (*s) {
		next_piece(&s, true, piece, sizeof(piece));
		fputs(piece, stdout);
	}
	putchar('"');
}

int out_finish(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return errno ? -errno : -EIO;
}
