/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line: what comes from a document or a file name must not break the log. */
static void one_line(char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = '?';
}

const char *err_no_text(int no)
{
	const char *text;

	/* The words that callers match (contract with containerd, CRI-O, podman) are lower case. */
	switch (abs(no)) {
	case ENOENT:
		return "no such file or directory";
	case ESRCH:
		return "no such process";
	case EACCES:
		return "permission denied";
	case EPERM:
		return "operation not permitted";
	case ENOTDIR:
		return "not a directory";
	case EISDIR:
		return "is a directory";
	case EINVAL:
		return "invalid argument";
	case EIO:
		return "input/output error";
	case ENOEXEC:
		return "exec format error";
	case ENOSPC:
		return "no space left on device";
	case ENOMEM:
		return "cannot allocate memory";
	case EEXIST:
		return "file exists";
	case EBUSY:
		return "device or resource busy";
	case ENODEV:
		return "no such device";
	case ETIMEDOUT:
		return "timed out";
	case ELOOP:
		return "too many levels of symbolic links";
	case ENOSYS:
		return "function not implemented";
	default:
		/* Not strerror: it may allocate and is translated by the locale. */
		text = strerrordesc_np(abs(no));
		return text ? text : "unknown error";
	}
}

/* In lower case, as the rest of the message: "Argument list too long", but "RFS specific error". */
static void add_no_text(char *buf, size_t size, const char *text)
{
	bool word = text[0] && islower((unsigned char)text[1]);

	snprintf(buf, size, ": %c%s", word ? tolower((unsigned char)text[0]) : text[0], text + 1);
}

int err_setv(struct err *e, int no, enum rt_error_code code, const char *fmt, va_list ap)
{
	int value = abs(no) & ~RT_NO_TEXT;
	int saved = errno;
	int n;

	e->code = code;
	e->no = value ? value : EINVAL;
	e->hint[0] = '\0';
	n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
	if (value && !(abs(no) & RT_NO_TEXT) && n >= 0 && (size_t)n < sizeof(e->text))
		add_no_text(e->text + n, sizeof(e->text) - (size_t)n, err_no_text(value));
	one_line(e->text);
	errno = saved;
	return -e->no;
}

int err_set(struct err *e, int no, enum rt_error_code code, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = err_setv(e, no, code, fmt, ap);
	va_end(ap);
	return r;
}

int err_nomem(struct err *e)
{
	return err_set(e, ENOMEM, RT_E_NOMEM, "out of memory");
}

int err_ctx(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->text)];
	va_list ap;
	size_t n;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	one_line(e->text);
	return -e->no;
}

int err_at(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e->at[0]) {
		va_start(ap, fmt);
		vsnprintf(e->at, sizeof(e->at), fmt, ap);
		va_end(ap);
		one_line(e->at);
	}
	return -e->no;
}

int err_field(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e->field[0]) {
		va_start(ap, fmt);
		vsnprintf(e->field, sizeof(e->field), fmt, ap);
		va_end(ap);
		one_line(e->field);
	}
	return -e->no;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	one_line(e->hint);
	return -e->no;
}

void err_clear(struct err *e)
{
	*e = ERR_INIT;
}

const char *err_line(const struct err *e, char *buf, uint32_t size)
{
	snprintf(buf, size, "%s%s%s%s%s%s%s%s", e->at, e->at[0] ? ": " : "", e->field,
		 e->field[0] ? ": " : "", e->text, e->hint[0] ? " (" : "", e->hint,
		 e->hint[0] ? ")" : "");
	return buf;
}

const char *err_code_word(enum rt_error_code code)
{
	switch (code) {
#define X(name, number, word)                                                                      \
	case RT_E_##name:                                                                          \
		return word;
		RT_ERROR_CODES(X)
#undef X
	case RT_E_MAX:
		break;
	}
	return "E_UNKNOWN";
}
