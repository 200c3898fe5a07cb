/* SPDX-License-Identifier: Apache-2.0 */
/* What is hurt: a command of the runtime, in a situation. */
#ifndef CRASH_SCENARIO_H
#define CRASH_SCENARIO_H

#include <stdbool.h>

/* What criu has found out about the kernel, kept by who has tried: tests/vm/suite. */
#define CRIU_NOTES "/var/tmp/criu.kdat"

struct patch {
	const char *path, *value; /* of the bundle's config.json, as in tests/cases; PATH[]: appended */
};

enum trait {
	MAKES = 1,    /* when the command fails nothing may be there that was not before */
	RESTORES = 2, /* when it fails the cgroup's settings are what they were */
	SEES = 4,     /* a probe tells what confines it, and every errno is tried */
	RICH = 8,     /* the config is rich.json, not that of tests/cases; it uses nearly all steps */
	WAITS = 16,   /* the command's status is the container's */
	DUMPS = 32,   /* by criu, which has to know the kernel: see CRIU_NOTES */
};

struct scenario {
	const char *name;
	const struct patch *patches; /* NULL, or ended by a row without path */
	const char *global;          /* options in front of the verb, or NULL */
	const char *setup[3];        /* commands that make the situation */
	const char *command;
	const char *finish;          /* what lets the probe begin after the command, or NULL */
	unsigned int traits;
};

extern const struct scenario scenarios[];
extern const unsigned int n_scenarios;

#endif
