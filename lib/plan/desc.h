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

/* Tables end with a NULL name. */
struct op_flag_name {
	uint64_t bits; /* all must be set; of rlimit and cwd the value itself */
	const char *name;
};

struct op_arg {
	const char *name;
	enum op_kind kind;
	size_t offset;                    /* in the step's struct */
	const struct op_flag_name *names; /* or NULL */
};

struct op_desc {
	const char *name; /* "mount_fs" */
	const char *word; /* "mount" */
	bool init;        /* run by rt-init */
	size_t size;      /* of the step's struct */
	size_t nargs;
	const struct op_arg *args;
};

/* NULL when op is out of range. */
const struct op_desc *op_desc(enum op_code op);

/* "rootfs"; "?" when out of range. */
const char *plan_stage_name(enum plan_stage stage);

/* The tables of op.def, in the words of the configuration where it has some. */
extern const struct op_flag_name opnames_ns[];
extern const struct op_flag_name opnames_propagation[];
extern const struct op_flag_name opnames_mountattr[];
extern const struct op_flag_name opnames_sbflag[];
extern const struct op_flag_name opnames_mountflag[];
extern const struct op_flag_name opnames_bindflag[];
extern const struct op_flag_name opnames_rlimit[];
extern const struct op_flag_name opnames_sched[];
extern const struct op_flag_name opnames_schedflag[];
extern const struct op_flag_name opnames_ioprio[];
extern const struct op_flag_name opnames_mempolicy[];
extern const struct op_flag_name opnames_mempolicyflag[];
extern const struct op_flag_name opnames_personality[];
extern const struct op_flag_name opnames_cap[];
extern const struct op_flag_name opnames_seccompflag[];
extern const struct op_flag_name opnames_cwd[];
extern const struct op_flag_name opnames_gids[]; /* empty: a mark on a blob */

/* The value that goes with a name. Returns 0, or -ENOENT. */
int op_name_value(const struct op_flag_name *names, const char *name, uint64_t *ret);

/* The name of exactly this value, or NULL. */
const char *op_value_name(const struct op_flag_name *names, uint64_t value);

#endif
