/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crash: kill the runtime or rt-init at their system calls, or make these fail, or the runtime's
 * allocations, or leave it few descriptors, and look at what is left.
 *
 * After a kill of the runtime: `state` tells the truth, `list` works, `delete --force` succeeds, and
 * then nothing is there that was not before. After anything else: the command succeeds, and the
 * container is confined as it is when nothing fails; or it says why not in one line and leaves nothing
 * behind.
 *
 * What happens between two system calls has no effect outside the process, so that a kill at the entry
 * of a call is one at the exit of the call before; the kinds "time" and "init-kill" hit the moments when
 * both processes are at work.
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

enum kind_number { KILL, FAIL, WRITE, INIT_KILL, INIT_FAIL, MEMORY, ROOM, TIME, KINDS };

static const struct kind {
	const char *name;
	enum hurt how;
	enum role whom;
} kinds[KINDS] = {
	[KILL] = {"kill", HURT_KILL, ROLE_RUNTIME},
	[FAIL] = {"fail", HURT_FAIL, ROLE_RUNTIME},
	[WRITE] = {"write", HURT_FAIL, ROLE_RUNTIME}, /* of these calls only those that write */
	[INIT_KILL] = {"init-kill", HURT_KILL, ROLE_INIT},
	[INIT_FAIL] = {"init-fail", HURT_FAIL, ROLE_INIT},
	[MEMORY] = {"memory", HURT_MEMORY, ROLE_RUNTIME},
	[ROOM] = {"room", HURT_ROOM, ROLE_RUNTIME},
	[TIME] = {"time", HURT_TIME, ROLE_RUNTIME},
};

static const int errnos[] = {ENOMEM, EPERM, EIO, EINTR, ENOSPC, ENOSYS};

/* Of RLIMIT_NOFILE: from what the program needs before main to more than any command needs. */
#define ROOM_MIN 3
#define ROOM_MAX 100

#define ERRNOS (sizeof(errnos) / sizeof(errnos[0]))

/* Of one scenario, in memory shared with its process. */
struct counts {
	unsigned int passed, failed, skipped;
	unsigned int points[KINDS];
	long slowest_delete_us, longest_linger_ms;
	pid_t pid; /* of the process, while it runs */
};

struct command_line {
	const char *runtime, *filter, *kind, *busybox;
	long at; /* only this point; -1: all */
	unsigned int points; /* of a kind and scenario; 0: every one */
	unsigned int seed;   /* which, when not all */
	unsigned int jobs;
	bool verbose;
};

static void report(struct counts *c, const struct world *w, const struct trial *t,
		   enum kind_number kind, const char *wrong)
{
	if (!wrong) {
		c->passed++;
		return;
	}
	c->failed++;
	printf("FAILED   %s: %s at %ld (call %ld, %s): %s\n", w->scenario->name, kinds[kind].name,
	       t->at, t->number, t->how == HURT_FAIL ? strerrorname_np(t->error) : "-", wrong);
	fflush(stdout);
}

/* What is wrong after the command was hurt, if anything. */
static char *check(struct world *w, const struct trial *t)
{
	bool runtime_died = t->whom == ROLE_RUNTIME && (t->how == HURT_KILL || t->how == HURT_TIME);
	char *wrong = NULL;

	if (t->timed_out)
		return xstrdup("it hung");
	if (!runtime_died && t->number >= 0)
		wrong = world_check_failure(w, t);
	if (!wrong && (runtime_died || t->how == HURT_KILL))
		wrong = world_check_state(w);
	return wrong;
}

/* One point. False once the command has no such call any more. */
static bool try_point(struct counts *c, struct world *w, enum kind_number kind, long at, int error)
{
	struct trial t = {
		.how = kinds[kind].how, .whom = kinds[kind].whom, .at = at, .error = error,
		.writes_only = kind == WRITE};
	char *wrong = world_setup(w), *left;

	if (!wrong) {
		world_command(w, &t);
		if (t.number < 0 && t.calls[t.whom] <= at && t.how != HURT_TIME) {
			world_clean(w);
			return false;
		}
		wrong = check(w, &t);
	}
	left = world_clean(w);
	c->points[kind]++;
	report(c, w, &t, kind, wrong ? wrong : left);
	return true;
}

/* All errors where it is seen what comes of them, else one of them. */
static bool try_errors(struct counts *c, struct world *w, enum kind_number kind, long at, bool all,
		       size_t turn)
{
	bool more = true;

	if (kinds[kind].how != HURT_FAIL || !all)
		return try_point(c, w, kind, at, errnos[turn % ERRNOS]);
	for (size_t i = 0; more && i < ERRNOS; i++)
		more = try_point(c, w, kind, at, errnos[i]);
	return more;
}

/*
 * So many points of a kind, evenly spread over those that there are; where the first is differs from
 * scenario to scenario, since their beginnings are alike.
 */
static void try_kind(const struct command_line *cl, struct counts *c, struct world *w,
		     enum kind_number kind, long first, long end)
{
	long n = end - first, points = cl->points ? cl->points : n;
	size_t turn = (size_t)(w->scenario - scenarios) + cl->seed;
	long phase = n * (long)(turn * 7 % n_scenarios) / (long)n_scenarios;

	if (cl->kind && fnmatch(cl->kind, kinds[kind].name, 0) != 0)
		return;
	if (cl->at >= 0) {
		try_errors(c, w, kind, cl->at, true, 0);
		return;
	}
	if (points > n)
		points = n;
	for (long i = 0; i < points; i++)
		if (!try_errors(c, w, kind, first + (n * i + phase) / points,
				!cl->points && w->scenario->traits & SEES, turn + (size_t)i))
			break;
}

/* Calls of the loader and the C library before main: those of a run that does nothing. */
static long calls_of_startup(const struct world *w)
{
	char *argv[] = {(char *)(uintptr_t)w->runtime, (char *)(uintptr_t)"--version", NULL};
	struct trial t = {.how = HURT_NOT};

	tracer_run(&t, argv);
	return t.calls[ROLE_RUNTIME] > 4 ? t.calls[ROLE_RUNTIME] - 4 : 0;
}

/* Run it unhurt, in the way that `t` says, and look at it as after every point. */
static char *measure(struct world *w, struct trial *t)
{
	char *wrong = world_setup(w);

	if (wrong)
		return wrong;
	world_command(w, t);
	if (!WIFEXITED(t->status) || WEXITSTATUS(t->status) != 0)
		return xprintf("the command fails: %s", text_str(&t->errors));
	wrong = world_check_state(w);
	w->expected = world_look(w);
	return wrong ? wrong : world_clean(w);
}

static char *try_all(const struct command_line *cl, struct counts *c, struct world *w)
{
	struct trial calls = {.how = HURT_NOT}, written = {.how = HURT_NOT, .writes_only = true},
		     time = {.how = HURT_TIME, .at = w->scenario->traits & DUMPS ? 100000000 : 10000000},
		     memory = {.how = HURT_MEMORY, .at = LONG_MAX};
	long startup = calls_of_startup(w), duration;
	char *wrong;

	/* the first time things are made that stay: a state root, pages of files */
	wrong = measure(w, &calls);
	if (!wrong)
		wrong = measure(w, &memory);
	if (!wrong && w->scenario->traits & RESTORES)
		wrong = measure(w, &written);
	if (!wrong)
		wrong = measure(w, &time);
	if (wrong)
		return wrong;
	if (cl->verbose)
		printf("%s: %ld system calls and %ld before main, %ld of rt-init, %ld allocations\n%s",
		       w->scenario->name, calls.calls[ROLE_RUNTIME] - startup, startup,
		       calls.calls[ROLE_INIT], memory.calls[ROLE_RUNTIME],
		       cl->at >= 0 ? w->expected : "");
	try_kind(cl, c, w, KILL, startup, calls.calls[ROLE_RUNTIME]);
	try_kind(cl, c, w, INIT_KILL, 0, calls.calls[ROLE_INIT]);
	try_kind(cl, c, w, MEMORY, 0, memory.calls[ROLE_RUNTIME]);
	try_kind(cl, c, w, ROOM, ROOM_MIN, ROOM_MAX);
	if (tracer_can_fail()) {
		try_kind(cl, c, w, FAIL, startup, calls.calls[ROLE_RUNTIME]);
		if (w->scenario->traits & RESTORES)
			try_kind(cl, c, w, WRITE, 0, written.calls[ROLE_RUNTIME]);
		try_kind(cl, c, w, INIT_FAIL, 0, calls.calls[ROLE_INIT]);
	} else {
		c->skipped++;
	}
	/* in microseconds there are too many of them to try all */
	duration = calls.calls[ROLE_RUNTIME] - startup;
	for (long i = 0; cl->at < 0 && i < (cl->points ? cl->points : duration); i++)
		try_kind(&(struct command_line){.points = 1, .kind = cl->kind, .at = -1}, c, w, TIME,
			 time.elapsed_us * i / duration, time.elapsed_us * (i + 1) / duration);
	return NULL;
}

static void run_scenario(const struct command_line *cl, struct counts *c, struct world *w)
{
	char *wrong = try_all(cl, c, w);

	if (wrong) {
		c->failed++;
		printf("FAILED   %s, unhurt: %s\n", w->scenario->name, wrong);
	}
	c->slowest_delete_us = w->slowest_delete_us;
	c->longest_linger_ms = w->longest_linger_ms;
}

static void in_world(const struct command_line *cl, struct counts *c, const struct host *host,
		     unsigned int number)
{
	struct world w = {.scenario = &scenarios[number], .runtime = cl->runtime};
	char *error;
	pid_t pid;

	fflush(stdout);
	pid = sandbox_fork(host, number);
	if (pid != 0) {
		c->pid = pid;
		return;
	}
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

/* Wait for one of the worlds, or all. */
static void reap(struct counts *all, const struct host *host, unsigned int *running)
{
	int status = -1;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0)
		exit(2);
	for (unsigned int i = 0; i < n_scenarios; i++) {
		if (all[i].pid != pid)
			continue;
		if (status != 0) {
			printf("FAILED   %s: its world did not work\n", scenarios[i].name);
			all[i].failed++;
		}
		sandbox_remove(host, i);
		--*running;
	}
}

static void run_worlds(const struct command_line *cl, struct counts *all, const struct host *host)
{
	unsigned int running = 0;

	for (unsigned int i = 0; i < n_scenarios; i++) {
		if (cl->filter && fnmatch(cl->filter, scenarios[i].name, 0) != 0)
			continue;
		if (scenarios[i].traits & DUMPS && access(CRIU_NOTES, F_OK) < 0) {
			printf("skipped: %s: no " CRIU_NOTES "\n", scenarios[i].name);
			all[i].skipped++;
			continue;
		}
		while (running >= cl->jobs)
			reap(all, host, &running);
		in_world(cl, &all[i], host, i);
		if (all[i].pid < 0)
			all[i].failed++;
		else
			running++;
	}
	while (running > 0)
		reap(all, host, &running);
}

/* The counts of all scenarios; returns them summed up. */
static struct counts sum_up(const struct counts *all)
{
	struct counts sum = {0};

	for (unsigned int i = 0; i < n_scenarios; i++) {
		sum.passed += all[i].passed;
		sum.failed += all[i].failed;
		sum.skipped += all[i].skipped;
		for (int k = 0; k < KINDS; k++)
			sum.points[k] += all[i].points[k];
		if (all[i].slowest_delete_us > sum.slowest_delete_us)
			sum.slowest_delete_us = all[i].slowest_delete_us;
		if (all[i].longest_linger_ms > sum.longest_linger_ms)
			sum.longest_linger_ms = all[i].longest_linger_ms;
	}
	return sum;
}

static int run(const struct command_line *cl)
{
	struct counts *all = mmap(NULL, n_scenarios * sizeof(*all), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0), sum;
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	struct host host = {.pure_cgroup2 = true};
	char self[PATH_MAX] = "", *error;

	if (all == MAP_FAILED || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	error = host_prepare(&host, cl->busybox,
			     xprintf("%s/../cases/probe/probe", dirname(self)));
	if (error) {
		printf("skipped: %s\n", error);
		if (must_work && strcmp(must_work, "1") == 0)
			all->failed++;
		else
			all->skipped++;
	} else {
		run_worlds(cl, all, &host);
		host_release(&host);
	}
	sum = sum_up(all);
	if (!error) {
		printf("seed %u:", cl->seed);
		for (int k = 0; k < KINDS; k++)
			printf(" %s %u", kinds[k].name, sum.points[k]);
		printf("\nslowest delete --force %ld ms, last process gone after %ld ms\n",
		       sum.slowest_delete_us / 1000, sum.longest_linger_ms);
		if (!tracer_can_fail())
			printf("skipped: failing system calls are made on x86_64 only\n");
	}
	printf("%u passed, %u failed, %u skipped\n", sum.passed, sum.failed, sum.skipped);
	return sum.failed > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runtime", required_argument, NULL, 'r'}, {"filter", required_argument, NULL, 'f'},
		{"kind", required_argument, NULL, 'k'},    {"points", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},    {"at", required_argument, NULL, 'a'},
		{"jobs", required_argument, NULL, 'j'},    {"verbose", no_argument, NULL, 'v'},
		{0},
	};
	struct command_line cl = {.runtime = getenv("RT"),
				  .busybox = "/bin/busybox",
				  .points = 3,
				  .jobs = 2,
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
		case 'k':
			cl.kind = optarg;
			break;
		case 'n':
			cl.points = (unsigned int)atoi(optarg);
			break;
		case 's':
			cl.seed = (unsigned int)atoi(optarg);
			break;
		case 'a':
			cl.at = atol(optarg);
			break;
		case 'j':
			cl.jobs = (unsigned int)atoi(optarg);
			break;
		case 'v':
			cl.verbose = true;
			break;
		default:
			fputs("usage: crash [--runtime PATH] [--filter GLOB] [--kind GLOB] [--points N] "
			      "[--seed N] [--at CALL] [--jobs N] [--verbose]\n"
			      "  --points 0 tries every call\n"
			      "  kinds: kill fail write init-kill init-fail memory room time\n",
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
