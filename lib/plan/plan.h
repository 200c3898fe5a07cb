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
	struct plan_head *block;  /* the bytes that rt-init maps */
	const void **origin;      /* per step: the member of the document it comes from, or NULL */
	const char **slot_names;  /* per slot, for printing */
};

/* Walk the steps: for (s = plan_first(p); s; s = plan_next(p, s)). */
const struct op_head *plan_first(const struct plan *p);
const struct op_head *plan_next(const struct plan *p, const struct op_head *s);

/* The bytes behind an offset of the block; NULL for offset 0. */
static inline const char *plan_text(const struct plan *p, uint32_t off)
{
	return off ? (const char *)p->block + off : NULL;
}

/* The table of descriptors, to be filled by the runtime before rt-init starts. */
static inline int32_t *plan_slots(struct plan *p)
{
	return (int32_t *)((char *)p->block + p->block->slots);
}

/*
 * Check a block of `size` bytes before anything in it is followed: every step, string, vector, blob
 * and slot lies inside and strings end. Freestanding: rt-init runs the same code (verify.c).
 * Returns 0, or -EINVAL.
 */
int plan_verify(const struct plan_head *block, uint32_t size);

/* ---- building ---- */

struct plan_builder {
	struct arena *arena;
	char *steps;          /* steps so far */
	size_t steps_len, steps_cap;
	char *data;           /* strings, vectors, blobs; offsets are relative until plan_finish */
	size_t data_len, data_cap;
	const void **origin;
	uint32_t nsteps, origin_cap;
	const char **slot_names;
	uint32_t nslots, slots_cap;
	uint32_t preserve, home, home_size;
	enum plan_stage stage; /* of the steps added next; only grows */
	bool failed;          /* memory was short: plan_finish says so */
};

/*
 * Append a step; `origin` is the address of the document's member that asked for it, NULL when
 * nothing did. Zeroed, SLOT arguments are NO_SLOT. Valid until the next PLAN_ADD; never NULL (on
 * memory shortage a scratch step is returned and the builder has failed).
 */
#define PLAN_ADD(b, name, origin) ((struct op_##name *)plan_add((b), OP_##name, (origin)))
void *plan_add(struct plan_builder *b, enum op_code op, const void *origin);

uint32_t plan_str(struct plan_builder *b, const char *s); /* NULL gives 0 */
uint32_t plan_strf(struct plan_builder *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct op_strv plan_strv(struct plan_builder *b, const char *const *v, uint32_t n);
struct op_blob plan_blob(struct plan_builder *b, const void *bytes, uint32_t len, uint32_t align);

/* A new slot; the name is for printing and must outlive the plan. */
uint32_t plan_slot(struct plan_builder *b, const char *name);

/* Lay the block out. Returns 0 or -ENOMEM / -E2BIG. */
int plan_finish(struct plan_builder *b, struct plan *ret, struct err *e);

/* ---- descriptors, for printing and for executors' messages ---- */

enum op_kind {
	KIND_STR,
	KIND_STRV,
	KIND_BLOB,
	KIND_SLOT,
	KIND_U32,
	KIND_U64,
	KIND_I64,
	KIND_MODE,
	KIND_ID,
	KIND_FLAGS,
};

struct op_arg {
	const char *name;
	enum op_kind kind;
	uint16_t offset;
	const struct op_flag_name *names; /* for KIND_FLAGS, and U32 with a names table; else NULL */
};

struct op_flag_name {
	uint64_t bit; /* several bits: all must be set */
	const char *name;
};

struct op_desc {
	const char *name; /* "mount_fs" */
	const char *word; /* "mount" */
	bool init;        /* run by rt-init */
	uint16_t size;
	uint16_t nargs;
	const struct op_arg *args;
};

const struct op_desc *op_desc(enum op_code op);
const char *plan_stage_name(enum plan_stage stage);

#endif
