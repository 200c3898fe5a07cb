/* SPDX-License-Identifier: Apache-2.0 */
/* What a command gets, and how it fails. */
#ifndef RT_CLI_H
#define RT_CLI_H

#include "ocirt.h"
#include "opt.h"
#include "out.h"
#include "timings.h"

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_SIGNAL = 128,      /* + the signal that ended the program */
	STATUS_EXEC_FAILED = 255, /* exec did not come to start the program; as ssh, runc */
};

struct cli {
	struct args args;
	struct out out;
	struct timings timings;
	ocirt_context *ctx; /* with the settings of the options before the command */
};

/* The program: parse, set up, run the command. Returns the exit status. */
int cli_main(int argc, char **argv);

/*
 * Report the one error of this run and return STATUS_FAILED. fail() appends the text of `no`, an
 * errno of either sign, unless it is 0. fail_usage() points to the command's help page.
 * fail_library() reports the last error of the context.
 */
int fail(const struct cli *cli, const char *code, int no, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int fail_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int fail_library(const struct cli *cli);

#endif
