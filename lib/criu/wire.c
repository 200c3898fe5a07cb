/* SPDX-License-Identifier: Apache-2.0 */
#include "criu/wire.h"

#include <errno.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static void add_varint(struct strbuf *b, uint64_t v)
{
	char bytes[10];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (char)(v | 0x80);
	bytes[n++] = (char)v;
	strbuf_addn(b, bytes, n);
}

static void add_bytes(struct strbuf *b, uint32_t field, const char *s, size_t len)
{
	add_varint(b, (uint64_t)field << 3 | BYTES);
	add_varint(b, len);
	if (len)
		strbuf_addn(b, s, len);
}

void rt_wire_add_int(struct strbuf *b, uint32_t field, int64_t value)
{
	add_varint(b, (uint64_t)field << 3 | VARINT);
	add_varint(b, (uint64_t)value);
}

void rt_wire_add_text(struct strbuf *b, uint32_t field, const char *text)
{
	add_bytes(b, field, text, strlen(text));
}

void rt_wire_add_message(struct strbuf *b, uint32_t field, const struct strbuf *message)
{
	b->failed |= message->failed;
	add_bytes(b, field, message->s, message->len);
}

static int take_varint(struct rt_wire *w, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && w->at < w->end; shift += 7) {
		unsigned char byte = *w->at++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EBADMSG;
}

static int take_bytes(struct rt_wire *w, uint64_t len, struct rt_wire *ret)
{
	if (len > (uint64_t)(w->end - w->at))
		return -EBADMSG;
	*ret = (struct rt_wire){w->at, w->at + len};
	w->at += len;
	return 0;
}

int rt_wire_next(struct rt_wire *w, struct rt_wire_field *ret)
{
	uint64_t tag, len;
	int r;

	if (w->at == w->end)
		return 0;
	*ret = (struct rt_wire_field){0};
	r = take_varint(w, &tag);
	if (r < 0)
		return r;
	ret->number = (uint32_t)(tag >> 3);
	switch (tag & 7) {
	case VARINT:
		r = take_varint(w, &ret->value);
		break;
	case BYTES:
		r = take_varint(w, &len);
		if (r == 0)
			r = take_bytes(w, len, &ret->bytes);
		break;
	case FIXED64: /* no field that we know: passed over */
	case FIXED32:
		r = take_bytes(w, (tag & 7) == FIXED64 ? 8 : 4, &ret->bytes);
		break;
	default:
		r = -EBADMSG;
	}
	return r < 0 ? r : 1;
}

char *rt_wire_text(struct arena *a, const struct rt_wire *bytes)
{
	return arena_strn(a, (const char *)bytes->at, (size_t)(bytes->end - bytes->at));
}
