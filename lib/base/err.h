/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors are values: a function that can fail returns a negative errno and fills a struct err that
 * its caller owns. No heap, no globals, so the same value works after clone and under ENOMEM.
 *
 * An error is set once, where it happens (err_set); callers on the way up add what they know:
 * the config field (err_field) or a word in front (err_ctx). The text is one line, lower case,
 * quotes the object and ends with the errno text; the hint is there only if its cause was probed.
 */
#ifndef RT_BASE_ERR_H
#define RT_BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

#include "base/errcode.h"

#define RT_NO_STEP UINT32_MAX

struct err {
	enum rt_error_code code;
	int no;         /* errno, positive; 0 when nothing went wrong */
	uint32_t step;  /* index of the plan's step, RT_NO_STEP when none */
	char at[96];     /* place in a file, "config.json:41:17"; may be empty */
	char field[160]; /* path in the document, "mounts[3].options[1]"; may be empty */
	char text[640];
	char hint[320];
};

#define ERR_INIT ((struct err){.step = RT_NO_STEP})

/*
 * Set the error: `no` is an errno of either sign, and its text is appended to the message after
 * ": " unless `no` is 0 or RT_NO_TEXT is or-ed in: to a positive errno, since in a negative one the
 * flag's bit is set anyway (tests/lint/errors looks for it). Must not be called on an error already set.
 * Returns -|no|, or -EINVAL when no is 0, so that `return err_set(...)` is the idiom.
 */
#define RT_NO_TEXT 0x10000
int err_set(struct err *e, int no, enum rt_error_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int err_setv(struct err *e, int no, enum rt_error_code code, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

/* -ENOMEM with its one message. */
int err_nomem(struct err *e);

/* Put "<prefix>: " in front of the message. Returns -e->no. */
int err_ctx(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name the place in a file, if none is named yet. Returns -e->no. */
int err_at(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name the field of the document, if none is named yet. Returns -e->no. */
int err_field(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add what was probed about the cause, or what to do. Must not contain words that callers match. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forget the error: the caller dealt with it. */
void err_clear(struct err *e);

/* The whole line that a user sees: [at: ][field: ]text[ (hint)]. Returns buf. */
const char *err_line(const struct err *e, char *buf, uint32_t size);

/* "E_CONFIG"; never NULL. */
const char *err_code_word(enum rt_error_code code);

/* The errno's text, never translated; those that callers match are in lower case. Never "". */
const char *err_no_text(int no);

/* Run an expression that returns negative on failure; pass a failure on. */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		int try_r_ = (expr);                                                               \
		if (try_r_ < 0)                                                                    \
			return try_r_;                                                             \
	} while (0)

#endif
