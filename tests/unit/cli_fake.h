/* SPDX-License-Identifier: Apache-2.0 */
/* A libocirt that does nothing but tell what it was asked for: the seam under src/. */
#ifndef CLI_FAKE_H
#define CLI_FAKE_H

/* What was called since fake_reset(), "create web bundle=/b; ", only arguments that say something. */
extern char fake_calls[4096];

/* The call of this name fails so; its message, code, errno, field and hint. */
struct fake_failure {
	const char *call, *code, *message, *field, *hint;
	int no;
	int times; /* 0: always */
};
extern struct fake_failure fake_failure;

/* What a program that "ran" ended with, as waitpid tells it. */
extern int fake_wait_status;

void fake_reset(void);

#endif
