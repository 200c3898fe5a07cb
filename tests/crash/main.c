/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crash: kill the runtime at its system calls, or make them fail, and look at what is left.
 *
 * After a kill: `state` tells the truth, `list` works, `delete --force` succeeds, and then nothing
 * is there that was not before. After a failed call: the command succeeds, or it says why in one
 * line and leaves nothing behind.
 */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"
#include "world.h"

/* Of all scenarios, in memory shared with their processes. */
struct counts {
	unsigned int passed, failed, skipped;
	long slowest_delete_us, longest_linger_ms;
};

struct command_line {
	const char *runtime, *filter, *busybox;
	long at; /* only this point; -1: all */
	unsigned int points; /* of a kind and scenario; 0: every one */
	bool verbose;
};

static const int errnos[] = {ENOMEM, EPERM, EIO};

static void report(struct counts *c, const struct world *w, const struct trial *t, const char *wrong)
{
	static const char *const kinds[] = {
		[HURT_KILL] = "killed at call",
		[HURT_FAIL] = "failed call",
		[HURT_TIME] = "killed after us",
	};

	if (!wrong) {
		c->passed++;
		return;
	}
	c->failed++;
	printf("FAILED   %s: %s %ld (number %ld, %s): %s\n", w->scenario->name, kinds[t->how], t->at,
	       t->number, t->how == HURT_FAIL ? strerrorname_np(t->error) : "-", wrong);
	fflush(stdout);
}

/* One point. False once the command has no such call any more. */
static bool try_point(struct counts *c, struct world *w, enum hurt how, long at, int error)
{
	struct trial t = {.how = how, .at = at, .error = error};
	char *wrong = world_setup(w);

	if (!wrong) {
		world_command(w, &t);
		if (t.number < 0 && t.calls <= at && how != HURT_TIME) {
			world_clean(w);
			return false;
		}
		wrong = how == HURT_FAIL && t.number >= 0 ? world_check_failure(w, &t) : NULL;
		if (!wrong && t.timed_out)
			wrong = xstrdup("it hung");
	}
	if (!wrong && how != HURT_FAIL)
		wrong = world_check_state(w);
	if (!wrong)
		wrong = world_clean(w);
	else
		world_clean(w);
	report(c, w, &t, wrong);
	return true;
}

/*
 * So many points of a kind, evenly spread over those that there are; where the first is differs from
 * scenario to scenario, since their beginnings are alike.
 */
static void try_kind(const struct command_line *cl, struct counts *c, struct world *w,
		     enum hurt how, long first, long end)
{
	long n = end - first, points = cl->points ? cl->points : n;
	long phase = n * (long)((w->scenario - scenarios) * 7 % n_scenarios) / (long)n_scenarios;

	if (cl->at >= 0) {
		for (unsigned int i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
			try_point(c, w, how, cl->at, errnos[i]);
		return;
	}
	if (points > n)
		points = n;
	for (long i = 0; i < points; i++)
		if (!try_point(c, w, how, first + (n * i + phase) / points, errnos[i % 3]))
			break;
}

/* The other times: between calls, and in the vfork. In a full run as many as there are calls. */
static void try_times(const struct command_line *cl, struct counts *c, struct world *w,
		      long duration_us, long calls)
{
	struct command_line some = *cl;

	if (!some.points)
		some.points = (unsigned int)calls;
	if (cl->at < 0)
		try_kind(&some, c, w, HURT_TIME, 1, duration_us);
}

/* Calls of the loader and the C library before main: those of a run that does nothing. */
static long calls_of_startup(const struct world *w)
{
	char *argv[] = {(char *)(uintptr_t)w->runtime, (char *)(uintptr_t)"--version", NULL};
	struct trial t = {.how = HURT_NOT};

	tracer_run(&t, argv);
	return t.calls > 4 ? t.calls - 4 : 0;
}

static void run_scenario(const struct command_line *cl, struct counts *c, struct world *w)
{
	struct trial t = {.how = HURT_NOT};
	long startup = calls_of_startup(w), calls;
	char *wrong;

	/* the first time things are made that stay: a state root, pages of files */
	wrong = world_setup(w);
	if (!wrong) {
		world_command(w, &t);
		if (!WIFEXITED(t.status) || WEXITSTATUS(t.status) != 0)
			wrong = xprintf("the command fails: %s", text_str(&t.errors));
		else
			wrong = world_check_state(w);
	}
	if (wrong || (wrong = world_clean(w))) {
		c->failed++;
		printf("FAILED   %s, unhurt: %s\n", w->scenario->name, wrong);
		return;
	}
	if (cl->verbose)
		printf("%s: %ld system calls, %ld before main\n", w->scenario->name, t.calls,
		       startup);
	try_kind(cl, c, w, HURT_KILL, startup, t.calls);
	if (tracer_can_fail())
		try_kind(cl, c, w, HURT_FAIL, startup, t.calls);
	else
		c->skipped++;
	world_setup(w);
	t.how = HURT_TIME;
	t.at = 10000000;
	calls = t.calls;
	world_command(w, &t);
	world_clean(w);
	try_times(cl, c, w, t.elapsed_us, calls);
	if (w->slowest_delete_us > c->slowest_delete_us)
		c->slowest_delete_us = w->slowest_delete_us;
	if (w->longest_linger_ms > c->longest_linger_ms)
		c->longest_linger_ms = w->longest_linger_ms;
}

static void in_world(const struct command_line *cl, struct counts *c, const struct host *host,
		     unsigned int number)
{
	struct world w = {.scenario = &scenarios[number], .runtime = cl->runtime};
	int status = -1;
	char *error;
	pid_t pid;

	fflush(stdout);
	pid = sandbox_fork(host, number);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		error = sandbox_enter(host, number);
		if (!error)
			error = world_make(&w);
		if (!error)
			run_scenario(cl, c, &w);
		else
			printf("crash: %s: %s\n", w.scenario->name, error);
		fflush(stdout);
		_exit(error ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		printf("FAILED   %s: its world did not work\n", w.scenario->name);
		c->failed++;
	}
	sandbox_remove(host, number);
}

static int run(const struct command_line *cl)
{
	struct counts *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	struct host host = {.pure_cgroup2 = true};
	char self[PATH_MAX] = "", *error;

	if (c == MAP_FAILED || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	error = host_prepare(&host, cl->busybox,
			     xprintf("%s/../cases/probe/probe", dirname(self)));
	if (error) {
		printf("skipped: %s\n", error);
		if (must_work && strcmp(must_work, "1") == 0)
			c->failed++;
		else
			c->skipped++;
	}
	for (unsigned int i = 0; i < n_scenarios && !error; i++)
		if (!cl->filter || fnmatch(cl->filter, scenarios[i].name, 0) == 0)
			in_world(cl, c, &host, i);
	if (!error) {
		host_release(&host);
		printf("slowest delete --force %ld ms, last process gone after %ld ms\n",
		       c->slowest_delete_us / 1000, c->longest_linger_ms);
		if (!tracer_can_fail())
			printf("skipped: failing system calls are made on x86_64 only\n");
	}
	printf("%u passed, %u failed, %u skipped\n", c->passed, c->failed, c->skipped);
	return c->failed > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runtime", required_argument, NULL, 'r'}, {"filter", required_argument, NULL, 'f'},
		{"points", required_argument, NULL, 'n'},  {"at", required_argument, NULL, 'a'},
		{"verbose", no_argument, NULL, 'v'},       {0},
	};
	struct command_line cl = {.runtime = getenv("RT"),
				  .busybox = "/bin/busybox",
				  .points = 10,
				  .at = -1};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			cl.runtime = realpath(optarg, NULL);
			break;
		case 'f':
			cl.filter = optarg;
			break;
		case 'n':
			cl.points = (unsigned int)atoi(optarg);
			break;
		case 'a':
			cl.at = atol(optarg);
			break;
		case 'v':
			cl.verbose = true;
			break;
		default:
			fputs("usage: crash [--runtime PATH] [--filter GLOB] [--points N] [--at CALL] "
			      "[--verbose]\n  --points 0 tries every system call\n",
			      stderr);
			return 2;
		}
	}
	if (!cl.runtime) {
		fputs("crash: --runtime is missing, and RT is not set\n", stderr);
		return 2;
	}
	return run(&cl);
}
