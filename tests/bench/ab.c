/* SPDX-License-Identifier: Apache-2.0 */
#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>

#include "ab.h"

struct options {
	size_t rounds, warm_up;
	bool count, realtime;
	const char *json, *budget;
};

static __attribute__((noreturn)) void usage(int status)
{
	fputs("usage: ab [-n ROUNDS] [-w ROUNDS] [-c] [-r] [-j FILE] [-b FILE] <SCRIPT\n"
	      "Times the commands of the script in turn, contender by contender in each round, and\n"
	      "prints a table. A line is OPERATION CONTENDER KIND COMMAND..., with the kinds\n"
	      "  setup, teardown   once, before the first and after the last round\n"
	      "  do                each round, not measured\n"
	      "  time              each round, measured\n"
	      "  wait FILE         each round, not measured: the end of the process in a pid file\n"
	      "Options:\n"
	      "  -n ROUNDS   measured rounds (20); 0: none, with -c only the counts\n"
	      "  -w ROUNDS   rounds before that (2)\n"
	      "  -c          one more round under ptrace, for system calls, page faults, memory\n"
	      "  -r          realtime priority, as chrt -r 5: steadier on a loaded machine\n"
	      "  -j FILE     write the figures as JSON\n"
	      "  -b FILE     check the counts of rt: lines OPERATION SYSCALLS FAULTS\n",
	      status ? stderr : stdout);
	exit(status);
}

static size_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value > 100000)
		errx(125, "not a number of rounds: %s", text);
	return value;
}

static struct options parse(int argc, char **argv)
{
	struct options o = {.rounds = 20, .warm_up = 2};
	int option;

	while ((option = getopt(argc, argv, "n:w:crj:b:h")) != -1) {
		switch (option) {
		case 'n':
			o.rounds = number(optarg);
			break;
		case 'w':
			o.warm_up = number(optarg);
			break;
		case 'c':
			o.count = true;
			break;
		case 'r':
			o.realtime = true;
			break;
		case 'j':
			o.json = optarg;
			break;
		case 'b':
			o.budget = optarg;
			break;
		case 'h':
			usage(0);
		default:
			usage(2);
		}
	}
	if (optind < argc)
		usage(2);
	return o;
}

static void run_once(const struct operation *op, enum step_kind kind)
{
	for (size_t i = 0; i < op->n_contenders; i++) {
		const struct contender *c = &op->contenders[i];

		for (size_t j = 0; j < c->n_steps; j++)
			if (c->steps[j].kind == kind)
				run_command(c->steps[j].argv, NULL);
	}
}

/* One round of one contender; `sample` and `counts` may be NULL. */
static void run_round(const struct contender *c, struct sample *sample, struct counts *counts)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		const struct step *s = &c->steps[i];

		if (s->kind == STEP_WAIT)
			run_wait(s->argv[0]);
		else if (s->kind == STEP_DO)
			run_command(s->argv, NULL);
		else if (s->kind == STEP_TIME && counts)
			count_command(s->argv, counts);
		else if (s->kind == STEP_TIME)
			run_command(s->argv, sample);
	}
}

/* All rounds. Who is first changes from round to round: nobody always follows the slowest. */
static void run_operation(struct operation *op, const struct options *o)
{
	size_t n = op->n_contenders;

	run_once(op, STEP_SETUP);
	for (size_t round = 0; round < o->warm_up + o->rounds; round++) {
		for (size_t i = 0; i < n; i++) {
			struct contender *c = &op->contenders[(round + i) % n];

			run_round(c, round < o->warm_up ? NULL : &c->samples[c->n_samples++], NULL);
		}
	}
	for (size_t i = 0; o->count && i < n; i++) {
		run_round(&op->contenders[i], NULL, &op->contenders[i].counts);
		op->contenders[i].counted = true;
	}
	run_once(op, STEP_TEARDOWN);
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	struct script script = script_read(stdin);

	run_init();
	if (o.realtime && sched_setscheduler(0, SCHED_RR, &(struct sched_param){5}) < 0)
		err(125, "no realtime priority");
	report_heads(o.rounds > 0, o.count);
	for (size_t i = 0; i < script.n_operations; i++) {
		struct operation *op = &script.operations[i];

		for (size_t j = 0; j < op->n_contenders; j++) {
			op->contenders[j].samples = calloc(o.rounds + 1, sizeof(struct sample));
			if (!op->contenders[j].samples)
				err(125, "samples");
		}
		run_operation(op, &o);
		report_rows(op);
	}
	if (o.json)
		report_json(&script, o.json);
	return o.budget && !report_budget(&script, "rt", o.budget);
}
