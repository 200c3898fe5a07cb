/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soak ROOT BUNDLE RUNS: run and delete containers from one process, by the library, and look at what
 * the process has: its memory and its descriptors may not grow. Prints a line for each twentieth of
 * the runs. Ends with 1 when something has grown since the first of them.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ocirt.h"

#define LINES 20
#define SLACK_KIB 64 /* what the C library's allocator may still settle by */

struct held {
	long rss_kib;
	int descriptors;
};

static struct held look(void)
{
	struct held h = {0};
	long size, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	DIR *d;

	if (!f || fscanf(f, "%ld %ld", &size, &resident) != 2)
		err(125, "/proc/self/statm");
	fclose(f);
	h.rss_kib = resident * (sysconf(_SC_PAGESIZE) / 1024);
	d = opendir("/proc/self/fd");
	if (!d)
		err(125, "/proc/self/fd");
	while (readdir(d))
		h.descriptors++;
	closedir(d);
	return h;
}

static void run(ocirt_context *ctx, const char *bundle, long i)
{
	struct ocirt_create_options o = {.bundle = bundle};
	ocirt_process *process;
	char id[64];
	int status;

	OCIRT_INIT(&o);
	snprintf(id, sizeof(id), "bench-soak-%d-%ld", (int)getpid(), i);
	if (ocirt_run(ctx, id, &o, &process) < 0)
		errx(1, "run %ld: %s", i, ocirt_error_message(ctx));
	if (ocirt_process_wait(process, -1, &status) < 0 || status)
		errx(1, "run %ld: %s", i, ocirt_error_message(ctx));
	ocirt_process_free(process);
	if (ocirt_delete(ctx, id, OCIRT_DELETE_FORCE) < 0)
		errx(1, "delete %ld: %s", i, ocirt_error_message(ctx));
}

int main(int argc, char **argv)
{
	long runs = argc == 4 ? strtol(argv[3], NULL, 10) : 0, step = runs / LINES;
	struct held first = {0}, now = {0};
	ocirt_context *ctx;

	if (step < 1)
		errx(125, "usage: soak ROOT BUNDLE RUNS (%d or more)", LINES);
	if (ocirt_context_new(&ctx) < 0 || ocirt_context_set_root(ctx, argv[1]) < 0)
		errx(125, "no context");
	printf("%8s %8s %12s\n", "runs", "RSS KiB", "descriptors");
	for (long i = 1; i <= runs; i++) {
		run(ctx, argv[2], i);
		if (i % step)
			continue;
		now = look();
		if (i == step)
			first = now;
		printf("%8ld %8ld %12d\n", i, now.rss_kib, now.descriptors);
		fflush(stdout);
	}
	ocirt_context_free(ctx);
	if (now.rss_kib > first.rss_kib + SLACK_KIB || now.descriptors != first.descriptors)
		errx(1, "soak: from %ld KiB and %d descriptors to %ld KiB and %d", first.rss_kib,
		     first.descriptors, now.rss_kib, now.descriptors);
	return 0;
}
