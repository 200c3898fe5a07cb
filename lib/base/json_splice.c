/* SPDX-License-Identifier: Apache-2.0 */
/* Change one value of a JSON text and leave every other byte as it is. */
#include "base/json.h"

/* Go to the value of a key of the object that comes next; false when it has none such. */
static bool enter_member(struct json_reader *r, const char *key)
{
	rt_json_enter(r);
	while (rt_json_next(r)) {
		struct json_slice name = rt_json_key(r);

		if (rt_json_equal(&name, key, strlen(key)))
			return true;
		rt_json_skip(r);
	}
	return false;
}

static bool is_empty(struct json_reader r)
{
	rt_json_enter(&r);
	return !rt_json_next(&r);
}

/* "a":{"b":VALUE}, for keys that are not there yet. */
static void add_members(const char *const *keys, const char *value, struct strbuf *out)
{
	size_t depth = 0;

	for (; keys[depth]; depth++) {
		strbuf_add(out, depth ? "{" : "");
		rt_json_write_string(out, keys[depth]);
		strbuf_add(out, ":");
	}
	strbuf_add(out, value);
	while (depth-- > 1)
		strbuf_add(out, "}");
}

/* Put the value where the reader stands, below what is left of the path. */
static void splice(const struct json_reader *start, const char *const *keys, const char *value,
		   struct strbuf *out)
{
	const char *text = start->text, *end = text + start->len;
	struct json_reader r = *start, object;
	struct json_slice old;

	for (; *keys && rt_json_type(&r) == JSON_OBJECT; keys++) {
		size_t inside = rt_json_offset(&r) + 1;

		object = r;
		if (enter_member(&r, *keys))
			continue;
		strbuf_addn(out, text, inside);
		add_members(keys, value, out);
		strbuf_add(out, is_empty(object) ? "" : ",");
		strbuf_addn(out, text + inside, (size_t)(end - text) - inside);
		return;
	}
	/* null, where an object would be, is replaced by one */
	old = rt_json_skip(&r);
	strbuf_addn(out, text, (size_t)(old.s - text));
	strbuf_add(out, *keys ? "{" : "");
	add_members(keys, value, out);
	strbuf_add(out, *keys ? "}" : "");
	strbuf_addn(out, old.s + old.len, (size_t)(end - old.s) - old.len);
}

int rt_json_splice(const char *text, size_t len, const char *const *keys, const char *value,
		   struct strbuf *out, struct err *e)
{
	struct json_reader r;
	size_t offset;

	TRY(rt_json_open(&r, text, len, &offset, e));
	splice(&r, keys, value, out);
	rt_json_close(&r);
	return out->failed ? err_nomem(e) : 0;
}
