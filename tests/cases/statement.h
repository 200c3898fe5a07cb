/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of statements: one row each, found by the parser, run by the case. */
#ifndef CASES_STATEMENT_H
#define CASES_STATEMENT_H

#include "case.h"

struct context;

enum statement_flags {
	STATEMENT_COMMAND = 1,	/* runs the runtime; expectations that follow are about it */
	STATEMENT_EXIT = 2,	/* says which exit status is expected of the last command */
	STATEMENT_CHECK = 4,	/* an expectation: may stand behind "not" */
	STATEMENT_NOTE = 8,	/* read before the case runs; does nothing when it is its turn */
};

struct statement_kind {
	const char *keyword;
	int min_words;		/* behind the keyword */
	int max_words;		/* likewise; -1: any number */
	bool rest;		/* behind max_words words comes free text */
	unsigned int flags;
	/* 0, or -1 after context_fail() or context_skip(); NULL for notes. */
	int (*run)(struct context *cx, const struct statement *s);
	const char *usage;	/* for messages and --statements */
};

/* The row for a keyword, or NULL. */
const struct statement_kind *statement_find(const char *keyword);
/* Print the usage of every kind. */
void statement_print_all(void);

#endif
