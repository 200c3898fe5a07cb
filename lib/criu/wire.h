/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocol buffers as bytes (protobuf.dev, "Encoding"): the few forms that CRIU's messages use. A
 * message is a row of fields, each a number with a varint, or with bytes: a text or a message.
 */
#ifndef RT_CRIU_WIRE_H
#define RT_CRIU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"

/* Append a field. A negative number is written as protobuf's int32 and int64 have it. */
void rt_wire_add_int(struct strbuf *b, uint32_t field, int64_t value);
void rt_wire_add_text(struct strbuf *b, uint32_t field, const char *text);
void rt_wire_add_message(struct strbuf *b, uint32_t field, const struct strbuf *message);

/* Bytes that are read, borrowed. */
struct rt_wire {
	const unsigned char *at, *end;
};

struct rt_wire_field {
	uint32_t number;
	uint64_t value;       /* a varint */
	struct rt_wire bytes; /* a text or a message; empty for a varint */
};

/* Take the next field. Returns 1, 0 at the end, -EBADMSG when this is no message. */
int rt_wire_next(struct rt_wire *w, struct rt_wire_field *ret);

/* The bytes as a string in the arena, cut at a NUL; NULL when memory is short. */
char *rt_wire_text(struct arena *a, const struct rt_wire *bytes);

#endif
