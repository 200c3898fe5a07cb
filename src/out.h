/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: one error per failing command, to stderr and to the log; what the library tells at
 * higher levels to the log alone. Documents go to stdout by stdio, see out_finish().
 *
 * Engines parse these bytes: containerd and podman read a JSON log as objects that begin
 * {"level":"error","msg":"...","time":"..."}, podman the whole file as one object; containerd and
 * CRI-O search stderr for the message, even when there is a log.
 */
#ifndef RT_OUT_H
#define RT_OUT_H

#include <stdbool.h>

#include "ocirt.h"

enum out_log_kind { OUT_LOG_FILE, OUT_LOG_JOURNAL, OUT_LOG_SYSLOG };

struct out {
	int log_fd; /* of the file or socket; -1: there is no log */
	enum out_log_kind log_kind;
	bool log_json;        /* a line of the file is an object */
	const char *log_name; /* what journald and syslog have as the name of the program */
	enum ocirt_log_level level;
};
#define OUT_INIT ((struct out){.log_fd = -1})

/* An error in all its parts; those that are not known are NULL or 0. */
struct out_error {
	const char *message;
	const char *code;  /* "E_USAGE" */
	int no;            /* errno */
	const char *field; /* of the configuration; the message begins with it */
	const char *stage; /* of the plan */
	const char *hint;  /* what to do about it; on stderr a line of its own */
	const struct ocirt_timing *timing; /* of the step that the message is about */
};

/*
 * Open the log. As crun spells it, `where` is "[file:]PATH", a file to append to, which is made
 * (0644) if need be; "journald:NAME" or "syslog:NAME", which must outlive *o. Returns 0 or -errno.
 * Closed by out_close().
 */
int out_open_log(struct out *o, const char *where);
void out_close(struct out *o);

/* Report the error, to stderr and to the log if there is one. */
void out_error(const struct out *o, const struct out_error *e);

/* An ocirt_log_fn with a struct out: to the log if there is one, else to stderr; debugging as a log's line. */
void out_log(enum ocirt_log_level level, const char *message, void *userdata);

/* What a step took, if debug messages are wanted: to the log, else to stderr as a log's line. */
void out_timing(const struct out *o, const struct ocirt_timing *timing);

/* A line for a person, on stderr; what is not printable is escaped. */
void out_line(const char *text);

/* The text of an errno as our messages have it: "no such file or directory". Returns text. */
const char *out_errno_text(int no, char *text, size_t size);

/* Print s as a JSON string, with its quotes, to stdout. */
void out_json_string(const char *s);

/* Flush stdout; 0, or -errno when something printed there got lost. */
int out_finish(void);

#endif
