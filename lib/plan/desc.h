/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the steps, made from op.def: for printing, messages and walking over arguments. */
#ifndef RT_PLAN_DESC_H
#define RT_PLAN_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/op.h"

enum op_kind {
	KIND_STR,
	KIND_STRV,
	KIND_BLOB,
	KIND_SLOT,
	KIND_U32,
	KIND_BOOL,
	KIND_U64,
	KIND_I64,
	KIND_MODE,
	KIND_ID,
	KIND_FLAGS,
};

/*
 * The tables hold names, not pointers to them: a pointer is relocated when the program starts, and
 * each page with some costs a page fault in every command, also in those that print no name.
 */

/* Tables end with an empty name. */
struct op_flag_name {
	uint64_t bits; /* all must be set; of rlimit and cwd the value itself */
	char name[32];
};

/* The tables of op.def, in the words of the configuration where it has some. */
#define OP_NAMES(X)                                                                                \
	X(ns)                                                                                      \
	X(propagation)                                                                             \
	X(mountattr)                                                                               \
	X(sbflag)                                                                                  \
	X(mountflag)                                                                               \
	X(bindflag)                                                                                \
	X(rlimit)                                                                                  \
	X(sched)                                                                                   \
	X(schedflag)                                                                               \
	X(ioprio)                                                                                  \
	X(mempolicy)                                                                               \
	X(mempolicyflag)                                                                           \
	X(personality)                                                                             \
	X(cap)                                                                                     \
	X(seccompflag)                                                                             \
	X(cwd)                                                                                     \
	X(gids) /* empty: a mark on a blob */

enum op_names {
	OP_NAMES__, /* none */
#define X(table) OP_NAMES_##table,
	OP_NAMES(X)
#undef X
};

#define X(table) extern const struct op_flag_name opnames_##table[];
OP_NAMES(X)
#undef X

struct op_arg {
	char name[20];
	uint8_t kind;    /* enum op_kind */
	uint8_t names;   /* enum op_names */
	uint16_t offset; /* in the step's struct */
};

struct op_desc {
	char name[20];  /* "mount_fs" */
	char word[40];  /* "mount" */
	bool init;      /* run by rt-init */
	uint16_t size;  /* of the step's struct */
	uint16_t nargs;
	struct op_arg args[];
};

/* NULL when op is out of range. */
const struct op_desc *op_desc(enum op_code op);

/* "rootfs"; "?" when out of range. */
const char *plan_stage_name(enum plan_stage stage);

/* The names of an argument's values; NULL when it has none. */
const struct op_flag_name *op_names(const struct op_arg *arg);

/* The value that goes with a name. Returns 0, or -ENOENT. */
int op_name_value(const struct op_flag_name *names, const char *name, uint64_t *ret);

/* The name of exactly this value, or NULL. */
const char *op_value_name(const struct op_flag_name *names, uint64_t value);

#endif
