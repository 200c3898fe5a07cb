/* SPDX-License-Identifier: Apache-2.0 */
#include "opt.h"

const struct command opt_commands[CMD_MAX] = {
#define COMMAND(id, name, ...) {#name, __VA_ARGS__},
#include "table.def"
#undef COMMAND
};

/* Bits of the commands, under the names that the table has for them. */
enum {
#define COMMAND(id, ...) id = OPT_OF(CMD_##id),
#include "table.def"
#undef COMMAND
	GLOBAL = OPT_OF(CMD_NONE),
	EVERY = GLOBAL - 1,
};

const struct opt opt_table[] = {
#define OPTION(takers, name, letter, kind, arg, member, help)                                      \
	{name, arg, help, letter, OPT_##kind, offsetof(struct args, member), takers},
#include "table.def"
#undef OPTION
	{.name = ""},
};
