/* SPDX-License-Identifier: Apache-2.0 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ab.h"

struct summary {
	double min, p10, median, p99;
};

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Nearest rank, of n > 0 sorted values. */
static double percentile(const double *sorted, size_t n, size_t percent)
{
	size_t rank = (n * percent + 99) / 100;

	return sorted[rank > 0 ? rank - 1 : 0];
}

static struct summary summarize(const struct contender *c, bool cpu)
{
	double *values = calloc(c->n_samples, sizeof(*values));
	struct summary s;

	if (!values)
		err(125, "report");
	for (size_t i = 0; i < c->n_samples; i++)
		values[i] = cpu ? c->samples[i].cpu : c->samples[i].wall;
	qsort(values, c->n_samples, sizeof(*values), compare);
	s = (struct summary){
		.min = values[0],
		.p10 = percentile(values, c->n_samples, 10),
		.median = percentile(values, c->n_samples, 50),
		.p99 = percentile(values, c->n_samples, 99),
	};
	free(values);
	return s;
}

static void print_ratio(const struct contender *c, const struct contender *to, bool cpu)
{
	double theirs;

	if (!to || to->n_samples == 0) {
		printf(" %6s", "-");
		return;
	}
	theirs = summarize(to, cpu).median;
	if (theirs > 0)
		printf(" %6.2f", summarize(c, cpu).median / theirs);
	else
		printf(" %6s", "-"); /* finer than the clock of rusage */
}

static void print_row(const struct operation *op, const struct contender *c)
{
	const struct contender *crun = contender_find(op, "crun");
	const struct contender *lowest = contender_find(op, "floor");

	printf("%-20s %-6s", op->name, c->name);
	if (c->n_samples > 0) {
		struct summary wall = summarize(c, false), cpu = summarize(c, true);

		printf(" %7.2f %7.2f %7.2f %7.2f %7.2f", wall.min / 1e3, wall.p10 / 1e3,
		       wall.median / 1e3, wall.p99 / 1e3, cpu.median / 1e3);
		print_ratio(c, crun, false);
		print_ratio(c, crun, true);
		print_ratio(c, lowest, false);
		print_ratio(c, lowest, true);
	}
	if (c->counted)
		printf(" %8ld %8ld %8ld", c->counts.syscalls, c->counts.faults, c->counts.peak_kib);
	printf("\n");
}

void report_heads(bool times, bool counts)
{
	if (times)
		printf("%27s %-39s %-13s %-13s\n", "", "      wall and cpu, ms", "   / crun",
		       "   / floor");
	printf("%-20s %-6s", "operation", "by");
	if (times)
		printf(" %7s %7s %7s %7s %7s %6s %6s %6s %6s", "min", "p10", "median", "p99", "cpu",
		       "wall", "cpu", "wall", "cpu");
	if (counts)
		printf(" %8s %8s %8s", "syscalls", "faults", "peak KiB");
	printf("\n");
}

void report_rows(const struct operation *op)
{
	for (size_t i = 0; i < op->n_contenders; i++)
		print_row(op, &op->contenders[i]);
	fflush(stdout);
}

static void write_summary(FILE *f, const char *name, struct summary s)
{
	fprintf(f, "\"%s\": {\"min\": %.1f, \"p10\": %.1f, \"median\": %.1f, \"p99\": %.1f}, ",
		name, s.min, s.p10, s.median, s.p99);
}

static void write_contender(FILE *f, const struct contender *c)
{
	fprintf(f, "    \"%s\": {", c->name);
	if (c->n_samples > 0) {
		write_summary(f, "wall_usec", summarize(c, false));
		write_summary(f, "cpu_usec", summarize(c, true));
	}
	if (c->counted)
		fprintf(f, "\"syscalls\": %ld, \"page_faults\": %ld, \"peak_kib\": %ld, ",
			c->counts.syscalls, c->counts.faults, c->counts.peak_kib);
	fprintf(f, "\"rounds\": %zu}", c->n_samples);
}

/* The names come from our own script and need no quoting. */
void report_json(const struct script *script, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		err(125, "%s", path);
	fprintf(f, "{\n");
	for (size_t i = 0; i < script->n_operations; i++) {
		const struct operation *op = &script->operations[i];

		fprintf(f, "  \"%s\": {\n", op->name);
		for (size_t j = 0; j < op->n_contenders; j++) {
			write_contender(f, &op->contenders[j]);
			fprintf(f, "%s\n", j + 1 < op->n_contenders ? "," : "");
		}
		fprintf(f, "  }%s\n", i + 1 < script->n_operations ? "," : "");
	}
	fprintf(f, "}\n");
	if (fclose(f))
		err(125, "%s", path);
}

static const struct contender *counted(const struct script *script, const char *operation,
				       const char *name)
{
	for (size_t i = 0; i < script->n_operations; i++) {
		const struct contender *c = contender_find(&script->operations[i], name);

		if (!strcmp(script->operations[i].name, operation))
			return c && c->counted ? c : NULL;
	}
	return NULL;
}

static bool within(const char *operation, const char *what, long is, long limit)
{
	if (is <= limit)
		return true;
	fprintf(stderr, "budget: %s takes %ld %s, at most %ld are allowed\n", operation, is, what,
		limit);
	return false;
}

bool report_budget(const struct script *script, const char *contender, const char *path)
{
	char line[256], operation[64];
	FILE *f = fopen(path, "re");
	bool good = true;

	if (!f)
		err(125, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		const struct contender *c;
		long syscalls, faults;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "%63s %ld %ld", operation, &syscalls, &faults) != 3)
			errx(125, "%s: not OPERATION SYSCALLS FAULTS: %s", path, line);
		c = counted(script, operation, contender);
		if (!c) {
			fprintf(stderr, "budget: %s was not counted\n", operation);
			good = false;
			continue;
		}
		good &= within(operation, "system calls", c->counts.syscalls, syscalls);
		good &= within(operation, "page faults", c->counts.faults, faults);
	}
	fclose(f);
	return good;
}
