/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the table engine share. */
#ifndef RT_SPEC_BIND_PRIV_H
#define RT_SPEC_BIND_PRIV_H

#include "spec/bind.h"

/* How every array and map of a document lies in memory. */
struct bind_list {
	size_t n;
	void *v;
};

static inline struct bind_list bind_list_at(const void *slot)
{
	struct bind_list list;

	memcpy(&list, slot, sizeof(list));
	return list;
}

static inline const void *bind_pointer_at(const void *slot)
{
	const void *p;

	memcpy(&p, slot, sizeof(p));
	return p;
}

static inline bool bind_is_array(const struct bind_field *f)
{
	return f->kind >= BIND_KIND_ARR_STR && f->kind <= BIND_KIND_ARR_OBJ;
}

static inline bool bind_is_map(const struct bind_field *f)
{
	return f->kind == BIND_KIND_MAP_STR || f->kind == BIND_KIND_MAP_OBJ ||
	       f->kind == BIND_KIND_EXTRA;
}

/* Bytes of one element of an array, or entry of a map. */
size_t rt_bind_element_size(const struct bind_schema *schema, const struct bind_field *f);

/* Offset of the value in an entry of a map. */
size_t rt_bind_entry_value(const struct bind_schema *schema, const struct bind_field *f);

/* A path too deep for struct bind_path is cut, not refused: it is for messages. */
static inline void rt_bind_push_key(struct bind_path *path, const char *key, size_t len)
{
	if (path->n < ARRAY_SIZE(path->step))
		path->step[path->n] = (struct bind_step){key, len};
	path->n++;
}

static inline void rt_bind_push_index(struct bind_path *path, size_t index)
{
	rt_bind_push_key(path, NULL, index);
}

static inline void rt_bind_pop(struct bind_path *path)
{
	path->n--;
}

#endif
