/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "plan/desc.h"

/* What rt-init has to map; far above any plan that the document's size limit allows. */
#define BLOCK_LARGEST ((size_t)64 * 1024 * 1024)

#define HOME_SIZE 512

#define X(name, side, word)                                                                        \
	_Static_assert(sizeof(struct op_##name) <= sizeof(((struct plan_builder *)0)->scratch),    \
		       "the scratch step holds any step");
OP_LIST(X)
#undef X

const struct op_head *plan_first(const struct plan *p)
{
	const char *block = (const char *)p->block;

	return p->block->nsteps ? (const struct op_head *)(block + p->block->steps) : NULL;
}

const struct op_head *plan_next(const struct plan *p, const struct op_head *s)
{
	const char *next = (const char *)s + s->size;

	return next < (const char *)p->block + p->block->steps_end ? (const struct op_head *)next
								   : NULL;
}

const struct op_head *plan_step(const struct plan *p, uint32_t index)
{
	const struct op_head *s = plan_first(p);

	while (s && index--)
		s = plan_next(p, s);
	return s;
}

uint32_t plan_shape(const struct plan *p)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s))
		hash = (hash ^ s->op) * 16777619u;
	return hash ? hash : 1;
}

const char *plan_text(const struct plan *p, uint32_t off)
{
	return off ? (const char *)p->block + off : NULL;
}

/*
 * Make room for `need` elements of `size` bytes, keeping the `len` that are there. An arena cannot
 * give back, so it grows by doubling.
 */
static void *grown(struct plan_builder *b, void *old, size_t len, size_t *cap, size_t need,
		   size_t first, size_t size)
{
	size_t want = MAX(MAX(*cap * 2, first), need);
	void *p;

	if (need <= *cap)
		return old;
	p = b->failed ? NULL : arena_room(b->arena, want, size);
	if (!p) {
		b->failed = true;
		return NULL;
	}
	if (len)
		memcpy(p, old, len * size);
	*cap = want;
	return p;
}

/* Zeroed room in the block; returns its offset, 0 when memory is short. */
static uint32_t block_room(struct plan_builder *b, size_t len, size_t align)
{
	size_t at = b->block_len ? b->block_len : sizeof(struct plan_head);
	char *p;

	at = (at + align - 1) & ~(align - 1);
	if (len > BLOCK_LARGEST - at) {
		b->failed = true;
		return 0;
	}
	p = grown(b, b->block, b->block_len, &b->block_cap, at + len, MAX(b->expected, 4096u), 1);
	if (!p)
		return 0;
	memset(p + b->block_len, 0, at + len - b->block_len);
	b->block = p;
	b->block_len = at + len;
	return (uint32_t)at;
}

void *plan_add(struct plan_builder *b, enum op_code op, const void *origin)
{
	const struct op_desc *d = op_desc(op);
	struct op_head *s = (struct op_head *)b->scratch;
	const void **origins;
	char *steps;

	steps = grown(b, b->steps, b->steps_len, &b->steps_cap, b->steps_len + d->size, 2048, 1);
	origins = grown(b, b->origin, b->nsteps, &b->origin_cap, b->nsteps + 1, 96,
			sizeof(*origins));
	if (steps && origins) {
		b->steps = steps;
		b->origin = origins;
		s = (struct op_head *)(b->steps + b->steps_len);
		b->steps_len += d->size;
		b->origin[b->nsteps++] = origin;
	}
	memset(s, 0, d->size);
	s->op = (uint16_t)op;
	s->stage = (uint16_t)b->stage;
	s->size = (uint32_t)d->size;
	for (size_t i = 0; i < d->nargs; i++)
		if (d->args[i].kind == KIND_SLOT)
			*(uint32_t *)((char *)s + d->args[i].offset) = NO_SLOT;
	return s;
}

uint32_t plan_strn(struct plan_builder *b, const char *s, size_t len)
{
	uint32_t off = block_room(b, len + 1, 1);

	if (off)
		memcpy(b->block + off, s, len);
	return off;
}

uint32_t plan_str(struct plan_builder *b, const char *s)
{
	return s ? plan_strn(b, s, strlen(s)) : 0;
}

uint32_t plan_strf(struct plan_builder *b, const char *fmt, ...)
{
	va_list ap;
	uint32_t off = 0;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		off = block_room(b, (size_t)n + 1, 1);
	if (off) {
		va_start(ap, fmt);
		vsnprintf(b->block + off, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	return off;
}

struct op_strv plan_strv_new(struct plan_builder *b, size_t n)
{
	struct op_strv v = {0};

	if (n < BLOCK_LARGEST / sizeof(uint64_t))
		v.off = block_room(b, (n + 1) * sizeof(uint64_t), sizeof(uint64_t));
	else
		b->failed = true;
	v.n = v.off ? (uint32_t)n : 0;
	return v;
}

void plan_strv_set(struct plan_builder *b, struct op_strv v, size_t i, uint32_t string)
{
	if (i < v.n)
		((uint64_t *)(b->block + v.off))[i] = string;
}

struct op_strv plan_strv(struct plan_builder *b, const char *const *v, size_t n)
{
	struct op_strv out = plan_strv_new(b, n);

	for (size_t i = 0; i < n; i++)
		plan_strv_set(b, out, i, plan_str(b, v[i]));
	return out;
}

struct op_blob plan_blob(struct plan_builder *b, const void *bytes, size_t len, size_t align)
{
	struct op_blob blob = {0};

	if (len)
		blob.off = block_room(b, len, align);
	if (blob.off) {
		memcpy(b->block + blob.off, bytes, len);
		blob.len = (uint32_t)len;
	}
	return blob;
}

uint32_t plan_home(struct plan_builder *b)
{
	static const char entry[] = "HOME=/";

	b->home = block_room(b, HOME_SIZE, 1);
	if (b->home) {
		memcpy(b->block + b->home, entry, sizeof(entry));
		b->home_size = HOME_SIZE;
	}
	return b->home;
}

uint32_t plan_slot(struct plan_builder *b, const char *name)
{
	const char **names = grown(b, b->slot_names, b->nslots, &b->slots_cap, b->nslots + 1, 16,
				   sizeof(*names));

	if (!names)
		return NO_SLOT;
	b->slot_names = names;
	b->slot_names[b->nslots] = name;
	return (uint32_t)b->nslots++;
}

int plan_finish(struct plan_builder *b, struct plan *ret, struct err *e)
{
	uint32_t steps = block_room(b, b->steps_len, 8);
	uint32_t slots = block_room(b, b->nslots * sizeof(int32_t), 8);
	struct plan_head *head = (struct plan_head *)b->block;

	if (b->failed)
		return err_nomem(e);
	if (b->steps_len)
		memcpy(b->block + steps, b->steps, b->steps_len);
	memset(b->block + slots, 0xff, b->nslots * sizeof(int32_t)); /* -1: not open yet */
	*head = (struct plan_head){
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.size = (uint32_t)b->block_len,
		.steps = steps,
		.steps_end = steps + (uint32_t)b->steps_len,
		.nsteps = (uint32_t)b->nsteps,
		.slots = slots,
		.nslots = (uint32_t)b->nslots,
		.preserve = b->preserve,
		.home = b->home,
		.home_size = b->home_size,
	};
	*ret = (struct plan){head, b->origin, b->slot_names};
	return 0;
}
