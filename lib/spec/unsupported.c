/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is valid but cannot be done: an error, never silence. A property that asks for nothing
 * (false, 0, "", an empty list or object) is no request; some engines always send it.
 */
#include "spec/bind_priv.h"
#include "spec/check_priv.h"

enum reason {
	NOT_YET,   /* this version does not do it */
	NOT_IN_V2, /* cgroup v2 has no file for it, and never will */
};

/* `harmless`: one more value that asks for nothing. file: where it stood in cgroup v1. */
static const struct refusal {
	char path[56];
	enum reason reason;
	int64_t harmless;
	char file[40];
} refused[] = {
	{"vm", NOT_YET, 0},
	/* the kernel's defaults are harmless */
	{"linux.resources.network", NOT_IN_V2, 0, "net_cls.classid and net_prio.ifpriomap"},
	{"linux.resources.memory.kernel", NOT_IN_V2, -1, "memory.kmem.limit_in_bytes"},
	{"linux.resources.memory.kernelTCP", NOT_IN_V2, -1, "memory.kmem.tcp.limit_in_bytes"},
	{"linux.resources.memory.swappiness", NOT_IN_V2, 60, "memory.swappiness"},
	{"linux.resources.memory.disableOOMKiller", NOT_IN_V2, 0, "memory.oom_control"},
	{"linux.resources.cpu.realtimeRuntime", NOT_IN_V2, -1, "cpu.rt_runtime_us"},
	{"linux.resources.cpu.realtimePeriod", NOT_IN_V2, 1000000, "cpu.rt_period_us"},
	{"linux.resources.blockIO.leafWeight", NOT_IN_V2, 0, "blkio.leaf_weight"},
};

static bool object_asks(const struct bind_schema *schema, unsigned object, const char *base);

/* Does the value ask for anything? */
static bool asks(const struct bind_schema *schema, const struct bind_field *f, const char *slot,
		 int64_t harmless)
{
	const char *s;
	int64_t i64;

	switch (f->kind) {
	case BIND_KIND_STR:
		s = bind_pointer_at(slot);
		return *s;
	case BIND_KIND_OBJ:
		return object_asks(schema, f->type, bind_pointer_at(slot));
	case BIND_KIND_BOOL:
		return *(const bool *)slot;
	case BIND_KIND_I64:
	case BIND_KIND_U64:
		memcpy(&i64, slot, sizeof(i64));
		return i64 != 0 && i64 != harmless;
	case BIND_KIND_U16:
		return slot[0] || slot[1];
	case BIND_KIND_U32:
	case BIND_KIND_I32:
	case BIND_KIND_ENUM:
		return slot[0] || slot[1] || slot[2] || slot[3];
	default:
		return bind_list_at(slot).n > 0;
	}
}

static bool object_asks(const struct bind_schema *schema, unsigned object, const char *base)
{
	const struct bind_field *fields = schema->fields(object);

	for (unsigned i = 0; i < schema->objects[object].nfields; i++)
		if (((const bool *)base)[i] && asks(schema, &fields[i], base + fields[i].offset, 0))
			return true;
	return false;
}

/* The row and place of the member at this path below base; NULL when it is absent. */
static const struct bind_field *lookup(const struct bind_schema *schema, unsigned object,
				       const char *base, const char *path, const char **ret_slot)
{
	const struct bind_field *fields = schema->fields(object);
	size_t n = strcspn(path, ".");

	for (unsigned i = 0; i < schema->objects[object].nfields; i++) {
		const char *slot = base + fields[i].offset;

		if (fields[i].key_len != n || memcmp(fields[i].key, path, n) != 0)
			continue;
		if (!((const bool *)base)[i])
			return NULL;
		*ret_slot = slot;
		return path[n] ? lookup(schema, fields[i].type, bind_pointer_at(slot), path + n + 1,
					ret_slot)
			       : &fields[i];
	}
	return NULL;
}

/* The rest of a path in the document, which may be a part of config.json; NULL: of another part. */
static const char *within(const struct bind_doc *doc, const char *path)
{
	const char *part = doc->object == BIND_ID(oci_process)     ? "process."
			   : doc->object == BIND_ID(oci_resources) ? "linux.resources."
								   : "";

	return str_starts(path, part) ? path + strlen(part) : NULL;
}

bool rt_check_supports(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (refused[i].reason == NOT_YET && streq(refused[i].path, path))
			return false;
	return true;
}

static void refuse(struct check *c, const struct refusal *r, const void *addr)
{
	if (r->reason == NOT_YET)
		rt_bind_report(c->doc, c->report, addr, PROBLEM_ERROR, RT_E_UNSUPPORTED,
			       "not supported yet");
	else
		rt_check_not_in_v2(c, addr, r->file);
}

void rt_check_not_in_v2(struct check *c, const void *addr, const char *file)
{
	rt_bind_report(c->doc, c->report, addr, PROBLEM_ERROR, RT_E_UNSUPPORTED,
		       "not possible: cgroup v2 has nothing like %s", file);
}

void rt_check_unsupported(struct check *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const char *path = within(c->doc, refused[i].path), *slot;
		const struct bind_field *f;

		if (!path)
			continue;
		f = lookup(c->doc->schema, c->doc->object, c->doc->root, path, &slot);
		if (f && asks(c->doc->schema, f, slot, refused[i].harmless))
			refuse(c, &refused[i], slot);
	}
}
