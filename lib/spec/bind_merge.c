/* SPDX-License-Identifier: Apache-2.0 */
/* A change laid over an object. */
#include <errno.h>

#include "spec/bind_priv.h"

struct merger {
	const struct bind_schema *schema;
	const struct bind_key *keys;
	struct arena *arena;
};

static int merge_object(const struct merger *m, unsigned object, char *dst, const char *change);

/* Bytes of a member that is neither an array nor a map. */
static size_t scalar_size(const struct bind_field *f)
{
	switch (f->kind) {
	case BIND_KIND_BOOL:
		return sizeof(bool);
	case BIND_KIND_U16:
		return sizeof(uint16_t);
	case BIND_KIND_I64:
	case BIND_KIND_U64:
		return sizeof(uint64_t);
	case BIND_KIND_STR:
	case BIND_KIND_OBJ:
		return sizeof(void *);
	case BIND_KIND_IGNORED:
		return 0;
	default:
		return sizeof(uint32_t);
	}
}

static bool equal_member(const struct bind_field *f, const char *a, const char *b)
{
	const char *x, *y;

	if (f->kind != BIND_KIND_STR)
		return memcmp(a + f->offset, b + f->offset, scalar_size(f)) == 0;
	x = bind_pointer_at(a + f->offset);
	y = bind_pointer_at(b + f->offset);
	return x && y && streq(x, y);
}

/* Do two elements of an array stand for the same thing? Without a key no two do. */
static bool same_element(const struct merger *m, unsigned object, const char *a, const char *b)
{
	const struct bind_field *fields = m->schema->fields(object);
	bool same = false;

	for (const struct bind_key *k = m->keys; k->member; k++) {
		if (k->object != object)
			continue;
		for (unsigned i = 0; i < m->schema->objects[object].nfields; i++)
			if (streq(fields[i].key, k->member) && !equal_member(&fields[i], a, b))
				return false;
		same = true;
	}
	return same;
}

static bool same_entry(const struct merger *m, const struct bind_field *f, const char *a,
		       const char *b)
{
	if (bind_is_map(f))
		return streq(bind_pointer_at(a), bind_pointer_at(b));
	return same_element(m, f->type, a, b);
}

static bool has_key(const struct merger *m, const struct bind_field *f)
{
	if (f->kind == BIND_KIND_ARR_OBJ)
		for (const struct bind_key *k = m->keys; k->member; k++)
			if (k->object == f->type)
				return true;
	return bind_is_map(f);
}

/* Elements that are in both are merged, what is new comes behind. */
static int merge_list(const struct merger *m, const struct bind_field *f, char *slot,
		      const char *from)
{
	size_t size = rt_bind_element_size(m->schema, f), at = 0;
	struct bind_list old = bind_list_at(slot), more = bind_list_at(from), all = {0};

	if (f->kind == BIND_KIND_MAP_OBJ)
		at = rt_bind_entry_value(m->schema, f);
	all.v = arena_alloc(m->arena, old.n + more.n + 1, size);
	if (!all.v)
		return -ENOMEM;
	all.n = old.n;
	if (old.n)
		memcpy(all.v, old.v, old.n * size);
	for (size_t i = 0; i < more.n; i++) {
		const char *e = (const char *)more.v + i * size;
		char *found = all.v;

		while (found < (char *)all.v + all.n * size && !same_entry(m, f, found, e))
			found += size;
		if (found == (char *)all.v + all.n * size) {
			memcpy(found, e, size);
			all.n++;
		} else if (f->kind == BIND_KIND_MAP_STR) {
			memcpy(found, e, size);
		} else {
			TRY(merge_object(m, f->type, found + at, e + at));
		}
	}
	memcpy(slot, &all, sizeof(all));
	return 0;
}

/* The struct that a pointer of the object leads to is the document's: the copy gets its own. */
static int merge_pointer(const struct merger *m, const struct bind_field *f, char *slot,
			 const char *from)
{
	size_t size = m->schema->objects[f->type].size;
	char *copy = arena_alloc(m->arena, 1, size);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bind_pointer_at(slot), size);
	memcpy(slot, &copy, sizeof(copy));
	return merge_object(m, f->type, copy, bind_pointer_at(from));
}

static int merge_object(const struct merger *m, unsigned object, char *dst, const char *change)
{
	const struct bind_field *fields = m->schema->fields(object);

	for (unsigned i = 0; i < m->schema->objects[object].nfields; i++) {
		const struct bind_field *f = &fields[i];
		bool list = bind_is_array(f) || bind_is_map(f), *has = (bool *)dst;
		char *slot = dst + f->offset;
		const char *from = change + f->offset;

		if (!((const bool *)change)[i])
			continue;
		if (has[i] && f->kind == BIND_KIND_OBJ && bind_pointer_at(slot))
			TRY(merge_pointer(m, f, slot, from));
		else if (has[i] && has_key(m, f))
			TRY(merge_list(m, f, slot, from));
		else
			memcpy(slot, from, list ? sizeof(struct bind_list) : scalar_size(f));
		has[i] = true;
	}
	return 0;
}

int rt_bind_merge(const struct bind_schema *schema, unsigned object, void *dst, const void *change,
		  const struct bind_key *keys, struct arena *arena)
{
	const struct merger m = {schema, keys, arena};

	return merge_object(&m, object, dst, change);
}
