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
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
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

static void add_json_timing(struct line *l, const struct ocirt_timing *t)
{
	char numbers[96];

	add_json_key(l, "step", t->step);
	add_json_key(l, "by", t->by_init ? "rt-init" : "rt");
	snprintf(numbers, sizeof(numbers), ",\"at_usec\":%lu,\"usec\":%lu", t->begin_usec, t->usec);
	line_add(l, numbers);
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
	if (e->timing)
		add_json_timing(l, e->timing);
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
	const struct ocirt_timing *t = e->timing;

	line_add(l, "time=\"");
	line_now(l);
	line_add(l, "\" level=");
	line_add(l, level);
	add_text_key(l, "msg", e->message, LONGEST_MESSAGE);
	add_text_key(l, "code", e->code, LONGEST_VALUE);
	add_text_key(l, "stage", e->stage, LONGEST_VALUE);
	add_text_key(l, "hint", e->hint, LONGEST_VALUE);
	if (t) {
		add_text_key(l, "field", t->field, LONGEST_VALUE);
		add_text_key(l, "by", t->by_init ? "rt-init" : "rt", LONGEST_VALUE);
	}
}

static const int priorities[] = {
	[OCIRT_LOG_ERROR] = LOG_ERR,
	[OCIRT_LOG_WARNING] = LOG_WARNING,
	[OCIRT_LOG_DEBUG] = LOG_DEBUG,
};

static void add_field(struct line *l, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	line_add(l, name);
	line_add(l, "=");
	line_escape(l, value, false, LONGEST_MESSAGE);
	line_add(l, "\n");
}

/* systemd's Native Journal Protocol: NAME=VALUE lines, since no value of ours has a newline in it. */
static void add_journal(struct line *l, const char *name, enum ocirt_log_level level,
			const struct out_error *e)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", priorities[level]);
	add_field(l, "PRIORITY", number);
	add_field(l, "SYSLOG_IDENTIFIER", name);
	add_field(l, "MESSAGE", e->message);
	snprintf(number, sizeof(number), "%d", e->no);
	add_field(l, "ERRNO", e->no ? number : NULL);
	add_field(l, "RT_CODE", e->code);
	add_field(l, "RT_FIELD", e->field);
	add_field(l, "RT_STAGE", e->stage);
	add_field(l, "RT_HINT", e->hint);
}

/* As syslog(3) writes to /dev/log, whose own descriptor would be out of our sight. */
static void add_syslog(struct line *l, const char *name, enum ocirt_log_level level,
		       const struct out_error *e)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "<%d>", LOG_DAEMON | priorities[level]);
	strftime(text + n, sizeof(text) - n, "%b %e %T ", localtime_r(&now, &tm));
	line_add(l, text);
	line_escape(l, name, false, LONGEST_VALUE);
	snprintf(text, sizeof(text), "[%d]: ", getpid());
	line_add(l, text);
	line_escape(l, e->message, false, LONGEST_MESSAGE);
	add_text_key(l, "code", e->code, LONGEST_VALUE);
	add_text_key(l, "hint", e->hint, LONGEST_VALUE);
}

/* Without a log, what belongs there goes to stderr. */
static void write_log(const struct out *o, enum ocirt_log_level level, const struct out_error *e)
{
	struct line l = {.len = 0};

	if (o->log_kind == OUT_LOG_JOURNAL)
		add_journal(&l, o->log_name, level, e);
	else if (o->log_kind == OUT_LOG_SYSLOG)
		add_syslog(&l, o->log_name, level, e);
	else if (o->log_json)
		add_json(&l, level_word(level), e);
	else
		add_text(&l, level_word(level), e);
	line_write(&l, o->log_fd < 0 ? STDERR_FILENO : o->log_fd);
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

/* A fifo that nobody reads would be waited for without end (fifo(7)): with O_NONBLOCK it is ENXIO. */
static int open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		      0644);

	if (fd < 0)
		return -errno;
	fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

static int connect_to(const struct sockaddr_un *address)
{
	int r, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd < 0 ? -errno : fd;
}

static int open_kind(enum out_log_kind kind, const char *path)
{
	static const struct sockaddr_un journal = {AF_UNIX, "/run/systemd/journal/socket"};
	static const struct sockaddr_un syslog = {AF_UNIX, "/dev/log"};

	switch (kind) {
	case OUT_LOG_FILE:
		return open_file(path);
	case OUT_LOG_JOURNAL:
		return connect_to(&journal);
	case OUT_LOG_SYSLOG:
		return connect_to(&syslog);
	}
	return -EINVAL;
}

int out_open_log(struct out *o, const char *where)
{
	static const char prefixes[][12] = {
		[OUT_LOG_FILE] = "file:",
		[OUT_LOG_JOURNAL] = "journald:",
		[OUT_LOG_SYSLOG] = "syslog:",
	};
	size_t n;
	int fd;

	o->log_kind = OUT_LOG_FILE;
	for (enum out_log_kind kind = OUT_LOG_FILE; kind <= OUT_LOG_SYSLOG; kind++) {
		n = strlen(prefixes[kind]);
		if (strncmp(where, prefixes[kind], n) == 0) {
			o->log_kind = kind;
			where += n;
			break;
		}
	}
	o->log_name = *where ? where : "rt";
	fd = open_kind(o->log_kind, where);
	o->log_fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
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
	if (o->log_fd >= 0 || level == OCIRT_LOG_DEBUG)
		write_log(o, level, &(struct out_error){.message = message});
	else if (isatty(STDERR_FILENO))
		write_terminal(level_word(level), "\033[33m", message);
	else
		write_pipe(message, NULL);
}

void out_timing(const struct out *o, const struct ocirt_timing *timing)
{
	char message[640];
	struct out_error e = {.message = message,
			      .stage = timing->stage,
			      .field = timing->field,
			      .timing = timing};

	if (o->level < OCIRT_LOG_DEBUG)
		return;
	snprintf(message, sizeof(message), "%s took %lu us",
		 *timing->object ? timing->object : timing->step, timing->usec);
	write_log(o, OCIRT_LOG_DEBUG, &e);
}

void out_line(const char *text)
{
	write_pipe(text, NULL);
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
