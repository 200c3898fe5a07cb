/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan: what will be done to start a container or to exec in one, made without side effects from
 * the document, the facts of the host and the caller's options.
 */
#ifndef RT_PLAN_PLAN_H
#define RT_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "plan/op.h"

/* A finished plan. All memory is in the arena of whoever built it. */
struct plan {
	struct plan_head *block; /* the bytes that rt-init maps */
	const void **origin;     /* per step: the member of the document it comes from, or NULL */
	const char **slot_names; /* per slot, for printing */
};

/* Walk the steps: for (s = plan_first(p); s; s = plan_next(p, s)). */
const struct op_head *plan_first(const struct plan *p);
const struct op_head *plan_next(const struct plan *p, const struct op_head *s);

/* The step of this index, NULL when there is none. */
const struct op_head *plan_step(const struct plan *p, uint32_t index);

/* A number for the sequence of its steps: another number is another plan. Never 0. */
uint32_t plan_shape(const struct plan *p);

/* The bytes behind an offset of the block; NULL for offset 0. */
const char *plan_text(const struct plan *p, uint32_t off);

/* String i of a vector; "" behind its end. */
static inline const char *plan_item(const struct plan *p, struct op_strv v, uint32_t i)
{
	const char *block = (const char *)p->block;
	const uint64_t *items = (const uint64_t *)(const void *)(block + v.off);

	return i < v.n ? block + items[i] : "";
}

/* The table of descriptors, to be filled by the runtime before rt-init starts. */
static inline int32_t *plan_slots(struct plan *p)
{
	return (int32_t *)((char *)p->block + p->block->slots);
}

/* ---- building ---- */

/* Zero-initialise, set the arena. Needs no release: all memory is the arena's. */
struct plan_builder {
	struct arena *arena;
	size_t expected; /* of the block, in bytes: there is room for so many at once; or 0 */
	char *block; /* head, strings, vectors, blobs: their offsets are final at once */
	size_t block_len, block_cap;
	char *steps; /* put behind them by plan_finish */
	size_t steps_len, steps_cap;
	const void **origin; /* nsteps */
	size_t nsteps, origin_cap;
	const char **slot_names; /* nslots */
	size_t nslots, slots_cap;
	uint32_t preserve, home, home_size; /* as in struct plan_head */
	enum plan_stage stage;              /* of the steps added next; only grows */
	bool failed;                        /* memory was short: plan_finish says so */
	uint64_t scratch[32];               /* the step that is handed out then */
};

/*
 * Append a step; `origin` is the address of the document's member that asked for it, NULL when
 * nothing did. Zeroed, SLOT arguments are NO_SLOT. Valid until the next PLAN_ADD; never NULL (on
 * memory shortage a scratch step is returned and the builder has failed).
 */
#define PLAN_ADD(b, name, origin) ((struct op_##name *)plan_add((b), OP_##name, (origin)))
void *plan_add(struct plan_builder *b, enum op_code op, const void *origin);

/* Copy a string into the block; returns its offset. NULL gives 0. */
uint32_t plan_str(struct plan_builder *b, const char *s);
uint32_t plan_strn(struct plan_builder *b, const char *s, size_t len);
uint32_t plan_strf(struct plan_builder *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct op_strv plan_strv(struct plan_builder *b, const char *const *v, size_t n);

/* A vector of n elements that are still to be set, each to the offset of a string. */
struct op_strv plan_strv_new(struct plan_builder *b, size_t n);
void plan_strv_set(struct plan_builder *b, struct op_strv v, size_t i, uint32_t string);

/* align: 4 or 8; plan_verify refuses less. */
struct op_blob plan_blob(struct plan_builder *b, const void *bytes, size_t len, size_t align);

/* The environment entry that the step `home` completes: "HOME=/" with room behind it. */
uint32_t plan_home(struct plan_builder *b);

/* A new slot; the name is for printing and must outlive the plan. */
uint32_t plan_slot(struct plan_builder *b, const char *name);

/* Lay the block out; the builder must not be used again. Returns 0 or -ENOMEM. */
int plan_finish(struct plan_builder *b, struct plan *ret, struct err *e);

#endif
