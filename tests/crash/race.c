/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race: many callers at once. Each of them runs commands on ids that others use too, in an order that
 * the seed says; every command ends within its time, with success or with a refusal that engines
 * know. Then there are many containers at once. In the end nothing is left of any.
 */
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inventory.h"
#include "json.h"
#include "sandbox.h"
#include "tracer.h"

#define COMMAND_US 30000000L
#define SETTLE_MS 3000

struct command_line {
	const char *runtime;
	unsigned int seed, workers, commands, alive;
};

/* In memory shared by all. */
struct counts {
	unsigned int passed, failed, refused;
};

static const struct command_line *cl;
static struct counts *counts;

/* %s is the id. */
static const char *const verbs[] = {
	"create %s",      "create %s",        "run -d %s",
	"start %s",       "exec %s /bin/true", "exec -d %s /bin/sleep 1000",
	"kill %s KILL",   "kill %s TERM",     "delete %s",
	"delete --force %s", "delete --force %s", "update --resources /run/case/limits.json %s",
	"pause %s",       "resume %s",        "state %s",
	"ps %s",          "list",
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* What a command may be refused with, when another one has changed the container under it. */
static const char refusals[] =
	"does not exist"
	"|already exists"
	"|container not running|process already finished|no such process"
	"|cannot [a-z]+ a (created|running|stopped|paused|creating) container"
	"|cannot [a-z]+ in a (created|stopped|paused|creating) container"
	"|cannot start an already running container"
	"|cannot start a container that (is paused|has stopped)"
	"|cannot delete container c[0-9] that is not stopped"
	"|container (not|already) paused"
	"|was deleted while it was being created"
	"|the container's init was killed ";

static void fail(const char *what, const struct trial *t)
{
	printf("FAILED   %s: status %#x after %ld ms: %s\n", what, t->status, t->elapsed_us / 1000,
	       text_str(&t->errors));
	fflush(stdout);
	__atomic_add_fetch(&counts->failed, 1, __ATOMIC_RELAXED);
}

static void run(struct trial *t, const char *line)
{
	struct words argv = {0};
	char *at = xstrdup(line);

	*t = (struct trial){.how = HURT_TIME, .at = COMMAND_US};
	words_add(&argv, xstrdup(cl->runtime));
	words_add(&argv, xstrdup("--root"));
	words_add(&argv, xstrdup(CASE_STATE_ROOT));
	for (char *word = strsep(&at, " "); word; word = strsep(&at, " "))
		words_add(&argv, word);
	tracer_run(t, argv.v);
}

static bool succeeded(const struct trial *t)
{
	return WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0;
}

/*
 * Killed by the time limit, or by a fault: then it is no exit. A program that exec has run may have
 * been killed with its container.
 */
static bool is_known(const struct trial *t)
{
	const char *text = text_str(&t->errors), *end = strchr(text, '\n');
	char *error = NULL;

	if (WIFEXITED(t->status) && WEXITSTATUS(t->status) == 128 + SIGKILL && !*text)
		return true;
	return WIFEXITED(t->status) && end && !end[1] && regex_matches(refusals, text, &error);
}

static void try_command(const char *line)
{
	struct trial t;

	run(&t, line);
	if (succeeded(&t)) {
		__atomic_add_fetch(&counts->passed, 1, __ATOMIC_RELAXED);
	} else if (is_known(&t)) {
		__atomic_add_fetch(&counts->passed, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&counts->refused, 1, __ATOMIC_RELAXED);
	} else {
		fail(line, &t);
	}
}

static unsigned int draw(unsigned int *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

static void work(unsigned int number, unsigned int ids)
{
	unsigned int state = cl->seed * 1000 + number;

	for (unsigned int i = 0; i < cl->commands / cl->workers; i++) {
		const char *verb = verbs[draw(&state) % VERBS];
		char id[16], *line;

		snprintf(id, sizeof(id), "c%u", draw(&state) % ids);
		line = xprintf("%.*s%s%s", (int)strcspn(verb, "%"), verb,
			       strchr(verb, '%') ? id : "",
			       strchr(verb, '%') ? strchr(verb, '%') + 2 : "");
		try_command(line);
		/* exec in a container that was paused under it begins when that is resumed: it will be. */
		if (strncmp(line, "pause", 5) == 0)
			try_command(xprintf("resume %s", id));
	}
}

/* We are pid 1 here: orphans of the commands are ours to reap. */
static void await_workers(unsigned int n)
{
	while (n > 0) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			break;
		/* a worker leaves with a status that no container of ours has */
		n -= WIFEXITED(status) && WEXITSTATUS(status) == 77;
	}
}

static void delete_all(const char *prefix, unsigned int n)
{
	struct trial t;

	for (unsigned int i = 0; i < n; i++) {
		char *line = xprintf("delete --force %s%u", prefix, i);

		run(&t, line);
		if (!succeeded(&t))
			fail(line, &t);
	}
}

static void check_leftovers(const struct inventory *before, const char *what)
{
	long started = now_ms();
	struct inventory after;
	char *left;

	do {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		inventory_take(&after);
		left = inventory_leftovers(before, &after);
	} while (left && now_ms() - started < SETTLE_MS);
	if (left) {
		printf("FAILED   %s: %s", what, left);
		counts->failed++;
	} else {
		counts->passed++;
	}
}

static void race(unsigned int ids, const struct inventory *before)
{
	for (unsigned int i = 0; i < cl->workers; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(i + ids * 100, ids);
			_exit(77);
		}
	}
	await_workers(cl->workers);
	delete_all("c", ids);
	check_leftovers(before, ids == 1 ? "one id" : "many ids");
}

static void crowd(const struct inventory *before)
{
	struct trial t;
	struct json *list, *state;
	unsigned int running = 0;
	char *error;

	for (unsigned int i = 0; i < cl->alive; i++)
		try_command(xprintf("run -d a%u", i));
	run(&t, "list --format json");
	list = json_parse(text_str(&t.out), t.out.len, &error);
	for (struct json *c = list ? list->child : NULL; c; c = c->next) {
		state = json_member(c, "status");
		running += state && strcmp(text_str(&state->value), "running") == 0;
	}
	if (running != cl->alive) {
		printf("FAILED   %u containers: list has %u\n", cl->alive, running);
		counts->failed++;
	}
	delete_all("a", cl->alive);
	check_leftovers(before, "many containers");
}

static char *write_bundle(void)
{
	static const char limits[] = "{\"unified\": {\"cgroup.max.depth\": \"5\"}}";
	static const char program[] = "[\"/bin/sleep\", \"1000\"]";
	struct text base = {0}, t = {0};
	char *error = NULL;
	struct json *config, *args;

	if (read_path(CASES_DIR "/base.json", &base) < 0)
		return xstrdup("cannot read base.json");
	config = json_parse(text_str(&base), base.len, &error);
	args = json_parse(program, strlen(program), &error);
	if (!config || !args || json_set(config, "process.args", args, &error) < 0)
		return error;
	json_print(config, &t);
	if (write_path(CASE_DIR "/config.json", text_str(&t), t.len, 0644) < 0 ||
	    write_path(CASE_DIR "/limits.json", limits, strlen(limits), 0644) < 0 ||
	    chdir(CASE_DIR) < 0)
		return xstrdup("cannot write the bundle");
	return NULL;
}

static void in_world(void)
{
	struct inventory before;
	char *error = write_bundle();

	if (error) {
		printf("FAILED   the world: %s\n", error);
		counts->failed++;
		return;
	}
	try_command("list"); /* what the first command makes stays */
	inventory_take(&before);
	race(1, &before);
	race(8, &before);
	crowd(&before);
}

static int run_all(void)
{
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	struct host host = {.pure_cgroup2 = true};
	char self[PATH_MAX] = "", *error;
	int status = 1;
	pid_t pid;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	error = host_prepare(&host, "/bin/busybox",
			     xprintf("%s/../cases/probe/probe", dirname(self)));
	if (error) {
		printf("skipped: %s\n0 passed, %d failed, 1 skipped\n", error,
		       must_work && strcmp(must_work, "1") == 0);
		return must_work && strcmp(must_work, "1") == 0;
	}
	fflush(stdout);
	pid = sandbox_fork(&host, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		error = sandbox_enter(&host, 0);
		if (!error)
			in_world();
		else
			printf("race: %s\n", error);
		fflush(stdout);
		_exit(error ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		counts->failed++;
	sandbox_remove(&host, 0);
	host_release(&host);
	printf("seed %u, %u callers: %u commands were refused\n", cl->seed, cl->workers,
	       counts->refused);
	printf("%u passed, %u failed, 0 skipped\n", counts->passed, counts->failed);
	return counts->failed > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runtime", required_argument, NULL, 'r'}, {"seed", required_argument, NULL, 's'},
		{"callers", required_argument, NULL, 'w'}, {"commands", required_argument, NULL, 'c'},
		{"alive", required_argument, NULL, 'a'},   {0},
	};
	static struct command_line given = {.seed = 1, .workers = 6, .commands = 240, .alive = 40};
	int option;

	given.runtime = getenv("RT");
	cl = &given;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		unsigned int *number = option == 's' ? &given.seed : option == 'w' ? &given.workers :
				       option == 'c' ? &given.commands : &given.alive;

		if (option == '?') {
			fputs("usage: race [--runtime PATH] [--seed N] [--callers N] [--commands N] "
			      "[--alive N]\n  commands: of each of the two races\n", stderr);
			return 2;
		}
		if (option == 'r')
			given.runtime = realpath(optarg, NULL);
		else
			*number = (unsigned int)atoi(optarg);
	}
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!given.runtime || counts == MAP_FAILED || given.workers == 0) {
		fputs("race: --runtime is missing, and RT is not set\n", stderr);
		return 2;
	}
	return run_all();
}
