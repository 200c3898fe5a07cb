/* SPDX-License-Identifier: Apache-2.0 */
#include "criu/rpc.h"

#include <errno.h>

/* criu_req */
enum { REQ_TYPE = 1, REQ_OPTIONS = 2, REQ_SUCCESS = 3, REQ_FEATURES = 5 };

/* criu_opts, what may come more than once */
enum {
	OPT_PAGE_SERVER = 11,
	OPT_EXT_MOUNT = 23,
	OPT_CGROUP_ROOT = 25,
	OPT_INHERIT_FD = 27,
	OPT_EXTERNAL = 37,
	OPT_JOIN_NS = 39,
};

/* criu_resp */
enum {
	RESP_TYPE = 1,
	RESP_SUCCESS = 2,
	RESP_RESTORE = 4,
	RESP_NOTIFY = 5,
	RESP_ERRNO = 7,
	RESP_FEATURES = 8,
	RESP_MESSAGE = 9,
	RESP_VERSION = 10,
};

void rt_criu_options_init(struct rt_criu_options *o)
{
	*o = (struct rt_criu_options){0};
#define INIT_INT(m) o->m = RT_CRIU_UNSET;
#define INIT_BOOL(m)
#define INIT_TEXT(m)
#define X(kind, member, number) INIT_##kind(member)
	RT_CRIU_OPTIONS(X)
#undef X
}

void rt_criu_options_free(struct rt_criu_options *o)
{
	strbuf_free(&o->lists);
}

/* A message of two texts, which most of them are. */
static void add_texts(struct rt_criu_options *o, uint32_t field, const char *first,
		      const char *second)
{
	_cleanup_strbuf_ struct strbuf m = {0};

	rt_wire_add_text(&m, 1, first);
	rt_wire_add_text(&m, 2, second);
	rt_wire_add_message(&o->lists, field, &m);
}

void rt_criu_add_mount(struct rt_criu_options *o, const char *key, const char *value)
{
	add_texts(o, OPT_EXT_MOUNT, key, value);
}

void rt_criu_add_inherited(struct rt_criu_options *o, const char *key, int fd)
{
	_cleanup_strbuf_ struct strbuf m = {0};

	rt_wire_add_text(&m, 1, key);
	rt_wire_add_int(&m, 2, fd);
	rt_wire_add_message(&o->lists, OPT_INHERIT_FD, &m);
}

void rt_criu_add_external(struct rt_criu_options *o, const char *what)
{
	rt_wire_add_text(&o->lists, OPT_EXTERNAL, what);
}

void rt_criu_add_join(struct rt_criu_options *o, const char *ns, const char *path)
{
	add_texts(o, OPT_JOIN_NS, ns, path);
}

/* Without a controller: for all of them, of which cgroup v2 has one. */
void rt_criu_add_cgroup_root(struct rt_criu_options *o, const char *path)
{
	_cleanup_strbuf_ struct strbuf m = {0};

	rt_wire_add_text(&m, 2, path);
	rt_wire_add_message(&o->lists, OPT_CGROUP_ROOT, &m);
}

void rt_criu_add_page_server(struct rt_criu_options *o, const char *address, int port)
{
	_cleanup_strbuf_ struct strbuf m = {0};

	rt_wire_add_text(&m, 1, address);
	rt_wire_add_int(&m, 2, port);
	rt_wire_add_message(&o->lists, OPT_PAGE_SERVER, &m);
}

static void add_options(struct strbuf *out, const struct rt_criu_options *o)
{
	_cleanup_strbuf_ struct strbuf m = {0};

#define ADD_INT(member, number)                                                                    \
	if (o->member != RT_CRIU_UNSET)                                                            \
		rt_wire_add_int(&m, number, o->member);
#define ADD_BOOL(member, number)                                                                   \
	if (o->member)                                                                             \
		rt_wire_add_int(&m, number, 1);
#define ADD_TEXT(member, number)                                                                   \
	if (o->member)                                                                             \
		rt_wire_add_text(&m, number, o->member);
#define X(kind, member, number) ADD_##kind(member, number)
	RT_CRIU_OPTIONS(X)
#undef X
	m.failed |= o->lists.failed;
	if (o->lists.len)
		strbuf_addn(&m, o->lists.s, o->lists.len);
	rt_wire_add_message(out, REQ_OPTIONS, &m);
}

static void add_features(struct strbuf *out, unsigned features)
{
	_cleanup_strbuf_ struct strbuf m = {0};

	if (features & RT_CRIU_MEM_TRACK)
		rt_wire_add_int(&m, 1, 1);
	if (features & RT_CRIU_LAZY_PAGES)
		rt_wire_add_int(&m, 2, 1);
	rt_wire_add_message(out, REQ_FEATURES, &m);
}

void rt_criu_request(enum rt_criu_type type, const struct rt_criu_options *options,
		     unsigned features, struct strbuf *out)
{
	rt_wire_add_int(out, REQ_TYPE, type);
	if (options)
		add_options(out, options);
	if (type == RT_CRIU_FEATURE_CHECK)
		add_features(out, features);
}

void rt_criu_reply(bool success, struct strbuf *out)
{
	rt_wire_add_int(out, REQ_TYPE, RT_CRIU_NOTIFY);
	rt_wire_add_int(out, REQ_SUCCESS, success);
}

/* ---- the answer ---- */

static int parse_features(struct rt_wire w, struct rt_criu_answer *ret)
{
	struct rt_wire_field f;
	int r;

	while ((r = rt_wire_next(&w, &f)) > 0)
		if (f.value && (f.number == 1 || f.number == 2))
			ret->features |= f.number == 1 ? RT_CRIU_MEM_TRACK : RT_CRIU_LAZY_PAGES;
	return r;
}

/* major, minor and, as the fourth field, the sublevel */
static int parse_version(struct rt_wire w, struct rt_criu_answer *ret)
{
	struct rt_wire_field f;
	int r;

	while ((r = rt_wire_next(&w, &f)) > 0) {
		int value = (int)MIN(f.value, 99u);

		if (f.number == 1)
			ret->version += value * 10000;
		else if (f.number == 2)
			ret->version += value * 100;
		else if (f.number == 4)
			ret->version += value;
	}
	return r;
}

static int parse_notify(struct arena *a, struct rt_wire w, struct rt_criu_answer *ret)
{
	struct rt_wire_field f;
	int r;

	while ((r = rt_wire_next(&w, &f)) > 0) {
		if (f.number == 2)
			ret->pid = (int)f.value;
		if (f.number != 1)
			continue;
		ret->notice = rt_wire_text(a, &f.bytes);
		if (!ret->notice)
			return -ENOMEM;
	}
	return r;
}

static int parse_restore(struct rt_wire w, struct rt_criu_answer *ret)
{
	struct rt_wire_field f;
	int r;

	while ((r = rt_wire_next(&w, &f)) > 0)
		if (f.number == 1)
			ret->pid = (int)f.value;
	return r;
}

static int parse_field(struct arena *a, const struct rt_wire_field *f, struct rt_criu_answer *ret)
{
	switch (f->number) {
	case RESP_TYPE:
		ret->type = (int)f->value;
		return 0;
	case RESP_SUCCESS:
		ret->success = f->value != 0;
		return 0;
	case RESP_ERRNO:
		ret->no = (int)f->value;
		return 0;
	case RESP_MESSAGE:
		ret->message = rt_wire_text(a, &f->bytes);
		return ret->message ? 0 : -ENOMEM;
	case RESP_RESTORE:
		return parse_restore(f->bytes, ret);
	case RESP_NOTIFY:
		return parse_notify(a, f->bytes, ret);
	case RESP_FEATURES:
		return parse_features(f->bytes, ret);
	case RESP_VERSION:
		return parse_version(f->bytes, ret);
	default: /* of a newer CRIU */
		return 0;
	}
}

int rt_criu_parse(struct arena *a, const void *bytes, size_t len, struct rt_criu_answer *ret)
{
	struct rt_wire w = {bytes, (const unsigned char *)bytes + len};
	struct rt_wire_field f;
	int r;

	*ret = (struct rt_criu_answer){0};
	while ((r = rt_wire_next(&w, &f)) > 0) {
		r = parse_field(a, &f, ret);
		if (r < 0)
			return r;
	}
	return r;
}
