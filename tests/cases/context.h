/* SPDX-License-Identifier: Apache-2.0 */
/* What statements work on: the state of the one case that this process runs. */
#ifndef CASES_CONTEXT_H
#define CASES_CONTEXT_H

#include "command.h"
#include "inventory.h"
#include "json.h"
#include "pty.h"
#include "sandbox.h"
#include "statement.h"

#define MAX_COMMANDS 128

/* Given on the command line, the same for all cases. */
struct options {
	const char *runtime;	/* path of the binary under test, in the case's world */
	const char *kind;	/* whose notes apply: rt, crun, runc */
	long timeout_ms;	/* for one command; waiting for a state takes half of it */
	bool verbose;
	bool keep_going;	/* do not look at leftovers: for finding a case's mistakes */
	struct host host;
};

enum result { RESULT_PASSED, RESULT_FAILED, RESULT_SKIPPED, RESULT_KNOWN, RESULT_MAX };

struct context {
	const struct options *options;
	const struct test_case *tc;
	const struct statement *at;	/* being run */
	struct json *config;		/* of the bundle */
	bool config_dirty;		/* not written since it was changed */
	struct text config_text;	/* replaces the document unless empty */
	struct words replacements;	/* pairs of texts, applied to the printed document */
	struct caller caller;
	struct words global;		/* options in front of the verb */
	struct pty pty;
	struct command commands[MAX_COMMANDS];
	size_t n_commands;
	struct command *last;		/* the one that expectations are about */
	struct command *background;	/* or NULL */
	struct text message;		/* of a failure or a skip */
	bool skipped;
};

/*
 * Say why the case cannot go on and return -1. The text must name what was wanted and what was
 * found.
 */
int context_fail(struct context *cx, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Say what this machine lacks and return -1. */
int context_skip(struct context *cx, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * Replace @runtime@ (its path), @ns:TYPE@ (inode of the driver's namespace) and @file:PATH@
 * (content, without a last newline).
 */
char *context_expand(const struct context *cx, const char *s);
/* Wait until done() or the bound for states; false if it never was. */
bool context_wait(struct context *cx, bool (*done)(struct context *cx, void *arg), void *arg);
/* A description of the last command and what it printed, for messages. */
void context_describe_last(struct context *cx);

/* Run one case from its first statement to the inventory after its last, in its own process. */
enum result context_run(struct context *cx);

#endif
