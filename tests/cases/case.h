/* SPDX-License-Identifier: Apache-2.0 */
/* Case files in memory: see README.md for the language. */
#ifndef CASES_CASE_H
#define CASES_CASE_H

#include "text.h"

struct statement_kind;

/* One statement: a keyword, some words, and for some kinds the raw rest of the line. */
struct statement {
	const struct statement_kind *kind;
	const char *file;
	int line;
	bool negated;			/* written behind "not" */
	struct words words;		/* the keyword first */
	char *rest;			/* free text, or NULL; continuation lines joined with \n */
};

/* What a note about a peer expects. */
enum peer_expectation { PEER_PASSES, PEER_FAILS, PEER_MAY_FAIL, PEER_SKIPPED };

struct test_case {
	const char *file;		/* as given on the command line */
	int line;
	char *name;			/* SUBJECT:NAME, the subject from the file's name */
	char *purpose;			/* the text behind the colon, or NULL */
	struct statement *statements;	/* the file's prelude, then the case's own */
	size_t n_statements;
};

struct suite {
	struct test_case *cases;
	size_t n_cases;
};

/* Read a case file and add its cases to the suite: 0, or -1 after a message on stderr. */
int suite_read(struct suite *suite, const char *path);
/*
 * Decode the first word of *at, which is moved behind it: NULL at the end of the text. A word is
 * plain, 'literal', or "with \n \t \e \" \\ \0 and \xHH escapes".
 */
char *next_word(const char **at);
/* The rest of a statement as text: decoded if it is one "quoted" string, else as it stands. */
char *operand_text(const char *rest);
/*
 * What the case says about the runtime of that name (crun, runc, rt): *ret_reason is set unless
 * PASSES.
 */
enum peer_expectation case_expectation(const struct test_case *tc, const char *runtime,
				       const char **ret_reason);

#endif
