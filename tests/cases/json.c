/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define MAX_DEPTH 64 /* of documents that the driver itself reads */

struct parser {
	struct json *root;
	struct json *open[MAX_DEPTH]; /* containers that are not closed yet */
	size_t depth;
	char *key; /* read, its value not yet */
};

static void add_child(struct json *parent, struct json *child)
{
	struct json **at = &parent->child;

	while (*at)
		at = &(*at)->next;
	*at = child;
}

/* yajl callbacks return 0 to cancel; every value goes through here. */
static struct json *add_value(struct parser *p, enum json_type type)
{
	struct json *j = xalloc(sizeof(*j));

	j->type = type;
	j->key = p->key;
	p->key = NULL;
	if (p->depth > 0)
		add_child(p->open[p->depth - 1], j);
	else
		p->root = j;
	return j;
}

static int on_null(void *ctx)
{
	add_value(ctx, JSON_NULL);
	return 1;
}

static int on_boolean(void *ctx, int value)
{
	add_value(ctx, value ? JSON_TRUE : JSON_FALSE);
	return 1;
}

static int on_number(void *ctx, const char *digits, size_t len)
{
	text_add(&add_value(ctx, JSON_NUMBER)->value, digits, len);
	return 1;
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
	text_add(&add_value(ctx, JSON_STRING)->value, (const char *)s, len);
	return 1;
}

static int open_container(struct parser *p, enum json_type type)
{
	if (p->depth == MAX_DEPTH)
		return 0;
	p->open[p->depth] = add_value(p, type);
	p->depth++;
	return 1;
}

static int on_object(void *ctx)
{
	return open_container(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return open_container(ctx, JSON_ARRAY);
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
	((struct parser *)ctx)->key = xstrndup((const char *)s, len);
	return 1;
}

static int on_close(void *ctx)
{
	((struct parser *)ctx)->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close,
	.yajl_start_array = on_array,
	.yajl_end_array = on_close,
};

struct json *json_parse(const char *data, size_t len, char **ret_error)
{
	struct parser p = {0};
	yajl_handle handle = yajl_alloc(&callbacks, NULL, &p);
	yajl_status status;

	if (!handle)
		abort();
	status = yajl_parse(handle, (const unsigned char *)data, len);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(handle);
	if (status != yajl_status_ok || !p.root) {
		unsigned char *reason = yajl_get_error(handle, 0, NULL, 0);

		*ret_error = xprintf("not a JSON document: %s", (char *)reason);
		(*ret_error)[strcspn(*ret_error, "\n")] = '\0';
		yajl_free_error(handle, reason);
		p.root = NULL;
	}
	yajl_free(handle);
	return p.root;
}

static void print_string(const char *s, size_t len, struct text *t)
{
	text_puts(t, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			text_printf(t, "\\%c", c);
		else if (c < 0x20)
			text_printf(t, "\\u%04x", c);
		else
			text_add(t, &s[i], 1);
	}
	text_puts(t, "\"");
}

static void print_children(const struct json *j, struct text *t)
{
	for (const struct json *c = j->child; c; c = c->next) {
		if (c->key) {
			print_string(c->key, strlen(c->key), t);
			text_puts(t, ":");
		}
		json_print(c, t);
		if (c->next)
			text_puts(t, ",");
	}
}

void json_print(const struct json *j, struct text *t)
{
	switch (j->type) {
	case JSON_NULL:
		text_puts(t, "null");
		break;
	case JSON_FALSE:
		text_puts(t, "false");
		break;
	case JSON_TRUE:
		text_puts(t, "true");
		break;
	case JSON_NUMBER:
		text_add(t, j->value.data, j->value.len);
		break;
	case JSON_STRING:
		print_string(text_str(&j->value), j->value.len, t);
		break;
	case JSON_ARRAY:
		text_puts(t, "[");
		print_children(j, t);
		text_puts(t, "]");
		break;
	case JSON_OBJECT:
		text_puts(t, "{");
		print_children(j, t);
		text_puts(t, "}");
		break;
	}
}

size_t json_length(const struct json *j)
{
	size_t n = 0;

	for (const struct json *c = j->child; c; c = c->next)
		n++;
	return n;
}

struct json *json_member(const struct json *object, const char *key)
{
	if (object->type != JSON_OBJECT)
		return NULL;
	for (struct json *c = object->child; c; c = c->next)
		if (strcmp(c->key, key) == 0)
			return c;
	return NULL;
}

bool json_equal(const struct json *a, const struct json *b)
{
	if (a->type != b->type || json_length(a) != json_length(b) || a->value.len != b->value.len)
		return false;
	if (a->value.len > 0 && memcmp(a->value.data, b->value.data, a->value.len) != 0)
		return false;
	if (a->type == JSON_OBJECT) {
		for (const struct json *c = a->child; c; c = c->next) {
			const struct json *other = json_member(b, c->key);

			if (!other || !json_equal(c, other))
				return false;
		}
		return true;
	}
	for (const struct json *c = a->child, *d = b->child; c; c = c->next, d = d->next)
		if (!json_equal(c, d))
			return false;
	return true;
}
