/* SPDX-License-Identifier: Apache-2.0 */
/* ab: times the commands of several runtimes in turn. See usage() in ab.c. */
#ifndef RT_BENCH_AB_H
#define RT_BENCH_AB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* What is done with a line of the script. */
enum step_kind {
	STEP_SETUP,    /* command, once before the first round */
	STEP_DO,       /* command, each round, not measured */
	STEP_TIME,     /* command, each round, measured */
	STEP_WAIT,     /* each round: until the process in the pid file has ended */
	STEP_TEARDOWN, /* command, once after the last round */
	STEP_KIND_MAX,
};

struct step {
	enum step_kind kind;
	char **argv; /* NULL-terminated; for STEP_WAIT the pid file */
};

/* One round's figures, the sum over its STEP_TIMEs. */
struct sample {
	double wall; /* microseconds */
	double cpu;  /* user and system, microseconds, with all children that were waited for */
};

/* One round's figures that do not depend on the machine's load. */
struct counts {
	long syscalls;
	long faults;   /* page faults, minor and major */
	long peak_kib; /* of the largest process, the container's own program left out */
};

/* One runtime's way to do one operation. */
struct contender {
	const char *name;
	struct step *steps;
	size_t n_steps;
	struct sample *samples;
	size_t n_samples;
	bool counted;
	struct counts counts;
};

struct operation {
	const char *name;
	struct contender *contenders;
	size_t n_contenders;
};

struct script {
	struct operation *operations;
	size_t n_operations;
};

/* script.c */

/*
 * Read a script: lines "OPERATION CONTENDER KIND WORD..." with words separated by blanks; lines of
 * one operation follow one another. Exits with a message on a malformed line. Never freed.
 */
struct script script_read(FILE *in);

/* Find a contender of an operation by name; NULL if there is none. */
const struct contender *contender_find(const struct operation *op, const char *name);

/* run.c */

/* Prepare for commands: the null device, a place for their error messages, reaping of orphans. */
void run_init(void);

/* Run a command to its end, and take its figures if `ret` is not NULL. Exits if it fails. */
void run_command(char *const *argv, struct sample *ret);

/* Wait for the end of the process whose number is in a file. */
void run_wait(const char *pid_file);

/* In a child, before exec: null device as stdin and stdout, the messages' file as stderr. */
void run_stdio(void);

/* Show what the last command wrote to stderr and exit: it failed, with wait status `status`. */
__attribute__((noreturn)) void run_failed(char *const *argv, int status);

/* count.c */

/*
 * Run a command under ptrace and add the figures of all its processes to `sum`. Those that it
 * leaves behind go on untraced. Exits if the command fails.
 */
void count_command(char *const *argv, struct counts *sum);

/* report.c */

/* Print the head of the table, with the columns of the times and of the counts or without them. */
void report_heads(bool times, bool counts);

/* Print the rows of an operation, with the ratios to crun and to the floor. */
void report_rows(const struct operation *op);

/* Write all figures as JSON. Exits if the file cannot be written. */
void report_json(const struct script *script, const char *path);

/*
 * Compare the counts of one contender with a file of lines "OPERATION SYSCALLS FAULTS", at most.
 * Returns false, with a message for each, if one is above or was not counted.
 */
bool report_budget(const struct script *script, const char *contender, const char *path);

#endif
