/* SPDX-License-Identifier: Apache-2.0 */
/* The one file that knows yajl. */
#include "base/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

/*
 * A token: its kind, the offset of its first byte and a length, which is that of the text of a
 * scalar, and for an opening bracket the number of tokens from there to the closing one.
 */
enum kind {
	KIND_NULL,
	KIND_FALSE,
	KIND_TRUE,
	KIND_INTEGER,
	KIND_FRACTION,
	KIND_STRING,
	KIND_ESCAPED,
	KIND_ARRAY,
	KIND_OBJECT,
	KIND_END
};

_Static_assert(JSON_MAX_BYTES < 1u << 28, "an offset of a token has 28 bits");

static uint64_t token(enum kind kind, size_t offset, size_t len)
{
	return (uint64_t)kind | (uint64_t)offset << 4 | (uint64_t)len << 32;
}

static enum kind token_kind(uint64_t t)
{
	return (enum kind)(t & 15);
}

static size_t token_offset(uint64_t t)
{
	return t >> 4 & 0xfffffff;
}

static uint32_t token_len(uint64_t t)
{
	return (uint32_t)(t >> 32);
}

/* ---- parsing ----------------------------------------------------------------------------- */

/* Up to here the keys of one object are compared pairwise, beyond they are sorted at its end. */
#define FEW_KEYS 32u

struct key {
	const char *s;
	uint32_t len, at;
};

struct parse {
	struct json_reader *r;
	struct err *e;
	yajl_handle yajl;
	jmp_buf no_memory;
	struct arena arena; /* yajl's memory, and keys with escapes */
	size_t used;        /* of first */
	size_t at;          /* offset of the fault */
	unsigned depth;
	struct {
		size_t token;     /* of the opening bracket */
		size_t first_key; /* in keys */
	} open[JSON_MAX_DEPTH];
	struct key *keys; /* of all objects that are open */
	size_t nkeys, keys_cap;
	_Alignas(16) char first[1024]; /* yajl's memory, before the arena: mostly it is enough */
};

/* Returns 0: told so by a callback, yajl stops. */
__attribute__((format(printf, 3, 4))) static int fail(struct parse *p, size_t at, const char *fmt,
						      ...)
{
	va_list ap;

	p->at = at;
	va_start(ap, fmt);
	err_setv(p->e, EINVAL | RT_NO_TEXT, RT_E_JSON, fmt, ap);
	va_end(ap);
	return 0;
}

static int push(struct parse *p, enum kind kind, size_t offset, size_t len)
{
	struct json_reader *r = p->r;

	if (r->ntokens == r->cap) {
		size_t cap = r->cap * 2;
		uint64_t *tokens = realloc(r->tokens, cap * sizeof(*tokens));

		if (!tokens)
			longjmp(p->no_memory, 1);
		r->tokens = tokens;
		r->cap = cap;
	}
	r->tokens[r->ntokens++] = token(kind, offset, len);
	return 1;
}

/* Offset behind the token that yajl just reported. */
static size_t behind(const struct parse *p)
{
	return yajl_get_bytes_consumed(p->yajl);
}

/* ---- parsing: strings -------------------------------------------------------------------- */

/* Length of the UTF-8 sequence at p (Unicode 15, table 3-7); 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (left < n)
		return 0;
	if (p[0] == 0xe0) /* no over-long form */
		low = 0xa0;
	else if (p[0] == 0xed) /* no surrogate */
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4) /* not above U+10FFFF */
		high = 0x8f;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (p[i] < low || p[i] > high)
			return 0;
	return n;
}

/* The four hex digits at s; yajl saw to it that they are there. */
static unsigned hex4(const char *s)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)s[i];

		v = v << 4 | (c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10);
	}
	return v;
}

/*
 * The length of the \uXXXX, or pair of them, at s; 0 when it is half a pair, for which yajl puts a
 * question mark.
 */
static size_t unicode_length(const char *s, size_t left)
{
	unsigned first = hex4(s + 2), second;

	if (first < 0xd800 || first > 0xdfff)
		return 6;
	if (first > 0xdbff || left < 12 || s[6] != '\\' || s[7] != 'u')
		return 0;
	second = hex4(s + 8);
	return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

/* What yajl lets pass in the text of a string: at most n bytes from offset. */
static int check_string(struct parse *p, size_t offset, size_t n)
{
	const char *s = p->r->text + offset;

	for (size_t i = str_plain(s, n), step; i < n; i += step) {
		step = 1;
		if (s[i] == '\\' && s[i + 1] != 'u') {
			step = 2;
		} else if (s[i] == '\\') {
			step = unicode_length(s + i, n - i);
			if (!step)
				return fail(p, offset + i, "half of a surrogate pair in a string");
			if (step == 6 && hex4(s + i + 2) == 0)
				return fail(p, offset + i, "NUL (\\u0000) in a string");
		} else if ((unsigned char)s[i] >= 0x80) {
			step = utf8_length((const unsigned char *)s + i, n - i);
			if (!step)
				return fail(p, offset + i, "invalid UTF-8 in a string");
		} else {
			step = MAX(str_plain(s + i, n - i), (size_t)1);
		}
	}
	return 1;
}

/* Is the quote at this offset one that belongs to a string, after an odd number of backslashes? */
static bool is_escaped(const char *text, size_t quote)
{
	size_t slashes = 0;

	while (slashes < quote && text[quote - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2;
}

/* The slice of the string that ends before `end`, its closing quote. */
static struct json_slice raw_string(const struct parse *p, const unsigned char *val, size_t len,
				    size_t end)
{
	const char *text = p->r->text, *s = (const char *)val;
	size_t opening = end - 1;

	if (s >= text && s <= text + p->r->len)
		return (struct json_slice){s, (uint32_t)len, false, false};
	/* yajl decoded it elsewhere; going back, the next quote that is not escaped opened it */
	while (text[opening] != '"' || is_escaped(text, opening))
		opening--;
	return (struct json_slice){text + opening + 1, (uint32_t)(end - opening - 1), true, false};
}

static int push_string(struct parse *p, const unsigned char *val, size_t len)
{
	struct json_slice s = raw_string(p, val, len, behind(p) - 1);
	size_t offset = (size_t)(s.s - p->r->text);

	return check_string(p, offset, s.len) &&
	       push(p, s.escaped ? KIND_ESCAPED : KIND_STRING, offset, s.len);
}

/* ---- parsing: keys ----------------------------------------------------------------------- */

static int key_order(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->s, y->s, x->len);
}

static int duplicate(struct parse *p, const struct key *a, const struct key *b)
{
	return fail(p, MAX(a->at, b->at), "duplicate key \"%.*s\"", (int)MIN(a->len, 100u), a->s);
}

static void append_key(struct parse *p, const struct key *key)
{
	if (p->nkeys == p->keys_cap) {
		size_t cap = p->keys_cap ? p->keys_cap * 2 : 64;
		struct key *keys = realloc(p->keys, cap * sizeof(*keys));

		if (!keys)
			longjmp(p->no_memory, 1);
		p->keys = keys;
		p->keys_cap = cap;
	}
	p->keys[p->nkeys++] = *key;
}

static int on_key(void *ctx, const unsigned char *val, size_t len)
{
	struct parse *p = ctx;
	size_t first = p->open[p->depth - 1].first_key;
	struct key key = {(const char *)val, (uint32_t)len, 0};
	uint64_t t;

	if (!push_string(p, val, len))
		return 0;
	t = p->r->tokens[p->r->ntokens - 1];
	key.at = (uint32_t)token_offset(t) - 1;
	if (token_kind(t) == KIND_ESCAPED)
		key.s = arena_strn(&p->arena, key.s, len);
	if (!key.s)
		longjmp(p->no_memory, 1);
	if (p->nkeys - first < FEW_KEYS)
		for (size_t i = first; i < p->nkeys; i++)
			if (!key_order(&p->keys[i], &key))
				return duplicate(p, &p->keys[i], &key);
	append_key(p, &key);
	return 1;
}

/* At the end of an object; its keys are no longer needed. */
static int check_keys(struct parse *p, size_t first)
{
	size_t n = p->nkeys - first;
	struct key *keys;

	p->nkeys = first;
	if (n <= FEW_KEYS)
		return 1;
	keys = p->keys + first;
	qsort(keys, n, sizeof(*keys), key_order);
	for (size_t i = 1; i < n; i++)
		if (!key_order(&keys[i - 1], &keys[i]))
			return duplicate(p, &keys[i - 1], &keys[i]);
	return 1;
}

/* ---- parsing: yajl's other callbacks ----------------------------------------------------- */

static int on_null(void *ctx)
{
	return push(ctx, KIND_NULL, behind(ctx) - strlen("null"), strlen("null"));
}

static int on_bool(void *ctx, int value)
{
	size_t len = value ? strlen("true") : strlen("false");

	return push(ctx, value ? KIND_TRUE : KIND_FALSE, behind(ctx) - len, len);
}

static int on_number(void *ctx, const char *val, size_t len)
{
	struct parse *p = ctx;
	size_t offset = (size_t)(val - p->r->text);
	bool integer = true;

	/* a number that ends the text: yajl cannot know that it is complete, and has a copy */
	if (val < p->r->text || val >= p->r->text + p->r->len)
		offset = p->r->len - len;
	for (size_t i = 0; i < len; i++)
		integer = integer && !strchr(".eE", val[i]);
	return push(p, integer ? KIND_INTEGER : KIND_FRACTION, offset, len);
}

static int on_string(void *ctx, const unsigned char *val, size_t len)
{
	return push_string(ctx, val, len);
}

static int begin(struct parse *p, enum kind kind)
{
	size_t offset = behind(p) - 1;

	if (p->depth == JSON_MAX_DEPTH)
		return fail(p, offset, "nested deeper than %d levels", JSON_MAX_DEPTH);
	p->open[p->depth].token = p->r->ntokens;
	p->open[p->depth].first_key = p->nkeys;
	p->depth++;
	return push(p, kind, offset, 0);
}

static int end(struct parse *p)
{
	size_t opening = p->open[--p->depth].token;
	uint64_t *t = &p->r->tokens[opening];

	*t |= (uint64_t)(p->r->ntokens - opening) << 32;
	return push(p, KIND_END, behind(p) - 1, 1);
}

static int on_array(void *ctx)
{
	return begin(ctx, KIND_ARRAY);
}

static int on_array_end(void *ctx)
{
	return end(ctx);
}

static int on_object(void *ctx)
{
	return begin(ctx, KIND_OBJECT);
}

static int on_object_end(void *ctx)
{
	struct parse *p = ctx;

	return end(p) && check_keys(p, p->open[p->depth].first_key);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* ---- parsing: yajl's memory -------------------------------------------------------------- */

/* A block of yajl's memory: its size, then what yajl sees. */
struct block {
	_Alignas(16) size_t size;
	char data[];
};

/* yajl does not look whether it got memory, so it never learns that there is none. */
static void *yajl_get(void *ctx, size_t size)
{
	struct parse *p = ctx;
	size_t need = (sizeof(struct block) + size + 15) & ~(size_t)15;
	struct block *block;

	if (need <= sizeof(p->first) - p->used) {
		block = (struct block *)(p->first + p->used);
		p->used += need;
	} else {
		block = arena_alloc(&p->arena, 1, need);
	}
	if (!block)
		longjmp(p->no_memory, 1);
	block->size = size;
	return block->data;
}

static void *yajl_grow(void *ctx, void *old, size_t size)
{
	void *new = yajl_get(ctx, size);

	if (old)
		memcpy(new, old, MIN(CONTAINER_OF(old, struct block, data)->size, size));
	return new;
}

static void yajl_put(void *ctx, void *old)
{
}

/* ---- parsing: the whole ------------------------------------------------------------------ */

static void yajl_error(struct parse *p)
{
	char *text = (char *)yajl_get_error(p->yajl, 0, NULL, 0);
	size_t consumed = MIN(yajl_get_bytes_consumed(p->yajl), p->r->len);

	fail(p, consumed ? consumed - 1 : 0, "%.*s", (int)strcspn(text, "\n"), text);
}

static bool only_blanks(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]) || !text[i])
			return false;
	return true;
}

/* What yajl takes for blanks and RFC 8259 does not; nowhere in a document may these be as they are. */
static const char *no_blank(const char *text, size_t len)
{
	const char *feed = memchr(text, '\f', len);

	return feed ? feed : memchr(text, '\v', len);
}

/* Failure leaves the error set. */
static void parse(struct parse *p)
{
	const unsigned char *text = (const unsigned char *)p->r->text;
	yajl_alloc_funcs memory = {yajl_get, yajl_grow, yajl_put, p};
	yajl_status status;

	if (setjmp(p->no_memory)) {
		err_nomem(p->e);
		return;
	}
	p->yajl = yajl_alloc(&callbacks, &memory, p);
	/* its check lets over-long forms and surrogates pass; check_string is stricter */
	yajl_config(p->yajl, yajl_dont_validate_strings, 1);
	status = yajl_parse(p->yajl, text, p->r->len);
	if (status == yajl_status_error)
		yajl_error(p);
	if (status != yajl_status_ok)
		return;
	if (yajl_complete_parse(p->yajl) == yajl_status_error)
		fail(p, p->r->len, "the text ends within the document");
}

int rt_json_open(struct json_reader *r, const char *text, size_t len, size_t *ret_offset,
		 struct err *e)
{
	const char *stray;
	struct parse p;

	*r = (struct json_reader){.text = text, .len = len};
	*ret_offset = 0;
	/* not the whole struct: what is not touched costs no page */
	p.r = r;
	p.e = e;
	p.arena = (struct arena){0};
	p.used = p.at = p.nkeys = p.keys_cap = 0;
	p.keys = NULL;
	p.depth = 0;
	if (len > JSON_MAX_BYTES) {
		fail(&p, 0, "larger than %u MiB", JSON_MAX_BYTES >> 20);
		return -e->no;
	}
	if (only_blanks(text, len)) {
		fail(&p, 0, "the document is empty");
		return -e->no;
	}
	stray = no_blank(text, len);
	if (stray) {
		*ret_offset = (size_t)(stray - text);
		fail(&p, *ret_offset, "invalid char in json text: %#04x", (unsigned int)*stray);
		return -e->no;
	}
	/* a token has seven bytes of text and more, so that this is nearly always enough */
	r->cap = len / 7 + 64;
	r->tokens = malloc(r->cap * sizeof(*r->tokens));
	if (r->tokens)
		parse(&p);
	else
		err_nomem(e);
	free(p.keys);
	arena_free(&p.arena);
	if (!e->no)
		return 0;
	*ret_offset = p.at;
	rt_json_close(r);
	return -e->no;
}

void rt_json_close(struct json_reader *r)
{
	free(r->tokens);
	*r = (struct json_reader){0};
}

/* ---- walking over the tokens ------------------------------------------------------------- */

enum json_type rt_json_type(const struct json_reader *r)
{
	static const uint8_t types[] = {
		[KIND_NULL] = JSON_NULL,       [KIND_FALSE] = JSON_BOOL,
		[KIND_TRUE] = JSON_BOOL,       [KIND_INTEGER] = JSON_NUMBER,
		[KIND_FRACTION] = JSON_NUMBER, [KIND_STRING] = JSON_STRING,
		[KIND_ESCAPED] = JSON_STRING,  [KIND_ARRAY] = JSON_ARRAY,
		[KIND_OBJECT] = JSON_OBJECT,
	};

	return types[token_kind(r->tokens[r->pos])];
}

const char *rt_json_type_word(enum json_type type)
{
	static const char words[][16] = {
		[JSON_NULL] = "null",       [JSON_BOOL] = "true or false",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
	};

	return words[type];
}

size_t rt_json_offset(const struct json_reader *r)
{
	uint64_t t = r->tokens[r->pos];
	bool quoted = token_kind(t) == KIND_STRING || token_kind(t) == KIND_ESCAPED;

	return token_offset(t) - quoted;
}

void rt_json_enter(struct json_reader *r)
{
	r->pos++;
}

bool rt_json_next(struct json_reader *r)
{
	if (token_kind(r->tokens[r->pos]) != KIND_END)
		return true;
	r->pos++;
	return false;
}

static struct json_slice take(struct json_reader *r)
{
	uint64_t t = r->tokens[r->pos++];

	return (struct json_slice){
		.s = r->text + token_offset(t),
		.len = token_len(t),
		.escaped = token_kind(t) == KIND_ESCAPED,
		.integer = token_kind(t) == KIND_INTEGER,
	};
}

struct json_slice rt_json_key(struct json_reader *r)
{
	return take(r);
}

struct json_slice rt_json_number(struct json_reader *r)
{
	return take(r);
}

struct json_slice rt_json_string(struct json_reader *r)
{
	return take(r);
}

bool rt_json_bool(struct json_reader *r)
{
	return token_kind(r->tokens[r->pos++]) == KIND_TRUE;
}

struct json_slice rt_json_skip(struct json_reader *r)
{
	uint64_t t = r->tokens[r->pos];
	size_t begin = rt_json_offset(r), end = token_offset(t) + token_len(t);

	if (token_kind(t) == KIND_ARRAY || token_kind(t) == KIND_OBJECT) {
		r->pos += token_len(t);
		end = token_offset(r->tokens[r->pos]) + 1;
	} else if (begin < token_offset(t)) {
		end++; /* the closing quote */
	}
	r->pos++;
	return (struct json_slice){.s = r->text + begin, .len = (uint32_t)(end - begin)};
}

/* ---- decoding ---------------------------------------------------------------------------- */

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

/* Undo the escape at s; returns its length. What it stands for is never longer. */
static size_t decode_escape(const char *s, size_t left, char **out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *found;
	size_t length;

	if (s[1] != 'u') {
		found = strchr(from, s[1]);
		*(*out)++ = (char)(found ? to[found - from] : s[1]);
		return 2;
	}
	length = unicode_length(s, left);
	if (length == 6)
		*out = put_utf8(*out, hex4(s + 2));
	else
		*out = put_utf8(*out,
				0x10000 + ((hex4(s + 2) - 0xd800) << 10) + (hex4(s + 8) - 0xdc00));
	return length;
}

bool rt_json_equal(const struct json_slice *slice, const char *s, size_t len)
{
	size_t at = 0;

	if (!slice->escaped)
		return slice->len == len && !memcmp(slice->s, s, len);
	for (size_t i = 0; i < slice->len;) {
		char piece[4] = {slice->s[i]}, *end = piece + 1;

		if (slice->s[i] == '\\') {
			end = piece;
			i += decode_escape(slice->s + i, slice->len - i, &end);
		} else {
			i++;
		}
		if ((size_t)(end - piece) > len - at ||
		    memcmp(s + at, piece, (size_t)(end - piece)) != 0)
			return false;
		at += (size_t)(end - piece);
	}
	return at == len;
}

char *rt_json_copy(struct arena *arena, const struct json_slice *s)
{
	char *copy, *out;

	if (!s->escaped)
		return arena_strn(arena, s->s, s->len);
	copy = out = arena_alloc(arena, 1, (size_t)s->len + 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < s->len;)
		if (s->s[i] == '\\')
			i += decode_escape(s->s + i, s->len - i, &out);
		else
			*out++ = s->s[i++];
	*out = '\0';
	return copy;
}

/* ---- positions and writing --------------------------------------------------------------- */

void rt_json_position(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
	size_t begin = 0;
	unsigned line = 1;

	for (size_t i = 0; i < offset; i++)
		if (text[i] == '\n') {
			line++;
			begin = i + 1;
		}
	*ret_line = line;
	*ret_column = (unsigned)(offset - begin) + 1;
}

void rt_json_write_string(struct strbuf *b, const char *s)
{
	static const char short_from[] = "\"\\\b\f\n\r\t", short_to[] = "\"\\bfnrt";

	strbuf_addn(b, "\"", 1);
	for (size_t left = strlen(s); left; s++, left--) {
		size_t plain = str_plain(s, left);
		const char *found;

		while (plain < left && (unsigned char)s[plain] >= 0x80)
			plain += 1 + str_plain(s + plain + 1, left - plain - 1);
		strbuf_addn(b, s, plain);
		s += plain;
		left -= plain;
		if (!left)
			break;
		found = strchr(short_from, *s);
		if (found)
			strbuf_addf(b, "\\%c", short_to[found - short_from]);
		else
			strbuf_addf(b, "\\u%04x", (unsigned char)*s);
	}
	strbuf_addn(b, "\"", 1);
}
