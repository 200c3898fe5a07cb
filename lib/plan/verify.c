/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a block before anything in it is followed. Freestanding: rt-init compiles this file
 * too, so the rows of op.def become the smallest table that tells where the offsets are.
 */
#include <asm/errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "plan/op.h"

/* Kinds that refer to something; numbers have nothing that could be wrong here. */
enum ref_kind {
	REF_NONE,
	REF_STR,
	REF_STRV,
	REF_BLOB,
	REF_SLOT,
};

#define REF_U32 REF_NONE
#define REF_BOOL REF_NONE
#define REF_U64 REF_NONE
#define REF_I64 REF_NONE
#define REF_MODE REF_NONE
#define REF_ID REF_NONE
#define REF_FLAGS REF_NONE

struct ref {
	uint8_t kind, offset;
};

struct shape {
	uint16_t size;
	uint8_t nrefs;
	const struct ref *refs;
};

#define REF(kind, member, names) {REF_##kind, offsetof(step_type, member)},
#define X(name, side, word)                                                                        \
	static struct shape shape_##name(void)                                                     \
	{                                                                                          \
		typedef struct op_##name step_type;                                                \
		static const struct ref refs[] = {OP_ARGS_##name(REF){REF_NONE, 0}};               \
                                                                                                   \
		_Static_assert(sizeof(step_type) <= UINT8_MAX, "offsets are bytes");               \
		return (struct shape){sizeof(step_type), sizeof(refs) / sizeof(refs[0]), refs};    \
	}
OP_LIST(X)
#undef X

/* What to expect of a step of this kind; size 0 when there is no such kind. */
static struct shape shape_of(uint16_t op)
{
	switch (op) {
#define X(name, side, word)                                                                        \
	case OP_##name:                                                                            \
		return shape_##name();
		OP_LIST(X)
#undef X
	default:
		return (struct shape){0, 0, NULL};
	}
}

/* off..off+len lies in the block, behind its head; len 0 too must have a place in it. */
static bool inside(const struct plan_head *block, uint64_t off, uint64_t len)
{
	return off >= sizeof(*block) && off <= block->size && len <= block->size - off;
}

/* A string ends inside. */
static bool string_ok(const struct plan_head *block, uint64_t off)
{
	const char *s = (const char *)block;

	if (!inside(block, off, 1))
		return false;
	for (; off < block->size; off++)
		if (!s[off])
			return true;
	return false;
}

static bool vector_ok(const struct plan_head *block, const struct op_strv *v)
{
	const uint64_t *items;

	if (!v->off)
		return v->n == 0;
	if (v->off % sizeof(*items) ||
	    !inside(block, v->off, ((uint64_t)v->n + 1) * sizeof(*items)))
		return false;
	items = (const uint64_t *)((const char *)block + v->off);
	for (uint32_t i = 0; i < v->n; i++)
		if (!string_ok(block, items[i]))
			return false;
	return items[v->n] == 0;
}

static bool ref_ok(const struct plan_head *block, const struct op_head *s, struct ref ref)
{
	const void *at = (const char *)s + ref.offset;
	const struct op_blob *blob = at;
	uint32_t value;

	switch ((enum ref_kind)ref.kind) {
	case REF_STR:
		value = *(const uint32_t *)at;
		return !value || string_ok(block, value);
	case REF_STRV:
		return vector_ok(block, at);
	case REF_BLOB:
		return blob->off ? blob->off % 4 == 0 && inside(block, blob->off, blob->len)
				 : blob->len == 0;
	case REF_SLOT:
		value = *(const uint32_t *)at;
		return value == NO_SLOT || value < block->nslots;
	case REF_NONE:
		break;
	}
	return true;
}

static bool step_ok(const struct plan_head *block, uint32_t off)
{
	const struct op_head *s = (const struct op_head *)((const char *)block + off);
	struct shape shape;

	if (off % 8 || block->steps_end - off < sizeof(*s))
		return false;
	shape = shape_of(s->op);
	if (!shape.size || s->size != shape.size || s->size > block->steps_end - off ||
	    s->stage >= STAGE_MAX)
		return false;
	for (uint8_t i = 0; i < shape.nrefs; i++)
		if (!ref_ok(block, s, shape.refs[i]))
			return false;
	return true;
}

/* The head's own places; sizes are compared so that nothing wraps. */
static bool head_ok(const struct plan_head *block, uint32_t size)
{
	if (size < sizeof(*block) || block->magic != PLAN_MAGIC || block->version != PLAN_VERSION ||
	    block->size != size)
		return false;
	if (block->steps > block->steps_end ||
	    !inside(block, block->steps, block->steps_end - block->steps))
		return false;
	if (block->slots % sizeof(int32_t) ||
	    !inside(block, block->slots, (uint64_t)block->nslots * sizeof(int32_t)))
		return false;
	return !block->home ||
	       (inside(block, block->home, block->home_size) && string_ok(block, block->home));
}

int plan_verify(const struct plan_head *block, uint32_t size)
{
	uint32_t n = 0;

	if (!head_ok(block, size))
		return -EINVAL;
	for (uint32_t off = block->steps; off < block->steps_end; n++) {
		if (!step_ok(block, off))
			return -EINVAL;
		off += ((const struct op_head *)((const char *)block + off))->size;
	}
	return n == block->nsteps ? 0 : -EINVAL;
}
