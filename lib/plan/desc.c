/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/desc.h"

#include "base/mem.h"

#define SIDE_R false
#define SIDE_I true

/* A function for each, since an argument's row does not name the struct that it is in. */
#define ARG(kind, member, names)                                                                   \
	{#member, KIND_##kind, OP_NAMES_##names, offsetof(step_type, member)},
#define X(name, side, word)                                                                        \
	static const struct op_desc *desc_##name(void)                                             \
	{                                                                                          \
		typedef struct op_##name step_type;                                                \
		enum { N = ARRAY_SIZE(((const struct op_arg[]){OP_ARGS_##name(ARG){""}})) - 1 };   \
		static const struct op_desc desc = {                                               \
			#name, word, SIDE_##side, sizeof(step_type), N, {OP_ARGS_##name(ARG){""}}, \
		};                                                                                 \
                                                                                                   \
		return &desc;                                                                      \
	}
OP_LIST(X)
#undef X

const struct op_desc *op_desc(enum op_code op)
{
	switch (op) {
#define X(name, side, word)                                                                        \
	case OP_##name:                                                                            \
		return desc_##name();
		OP_LIST(X)
#undef X
	case OP_MAX:
		break;
	}
	return NULL;
}

const struct op_flag_name *op_names(const struct op_arg *arg)
{
	switch ((enum op_names)arg->names) {
#define X(table)                                                                                   \
	case OP_NAMES_##table:                                                                     \
		return opnames_##table;
		OP_NAMES(X)
#undef X
	case OP_NAMES__:
		break;
	}
	return NULL;
}

const char *plan_stage_name(enum plan_stage stage)
{
	static const char *const names[STAGE_MAX] = {
		[STAGE_HOST] = "host", [STAGE_SPAWN] = "spawn",   [STAGE_HOSTPID] = "hostpid",
		[STAGE_NS] = "ns",     [STAGE_ROOTFS] = "rootfs", [STAGE_PIVOT] = "pivot",
		[STAGE_PROC] = "proc", [STAGE_EXEC] = "exec",
	};

	return stage < STAGE_MAX ? names[stage] : "?";
}
