/* SPDX-License-Identifier: Apache-2.0 */
/* What is hurt: a command of the runtime, in a situation. */
#ifndef CRASH_SCENARIO_H
#define CRASH_SCENARIO_H

#include <stdbool.h>

struct patch {
	const char *path, *value; /* of the bundle's config.json, as in tests/cases; PATH[]: appended */
};

struct scenario {
	const char *name;
	const struct patch *patches; /* NULL, or ended by a row without path */
	const char *global;          /* options in front of the verb, or NULL */
	const char *setup[3];        /* commands that make the situation */
	const char *command;
	bool makes; /* when the command fails nothing may be there that was not before */
};

extern const struct scenario scenarios[];
extern const unsigned int n_scenarios;

#endif
