/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile: give the runtime configurations that are malformed or hostile (hostile.h), and look that
 * each becomes what its label says, with little memory and time, and that nothing stays behind. All
 * happens in a world of tests/cases.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"
#include "inventory.h"
#include "sandbox.h"
#include "tree.h"

#define CONFIG_FILE CASE_DIR "/config.json"
#define OUT_FILE "/run/out"
#define MEMORY_BYTES (1L << 30) /* of address space */
#define CHECK_SECONDS 5         /* of processor time */
#define CREATE_SECONDS 60
#define FILE_BYTES (32L << 20) /* of a file that is written: config.json is kept */

/* Shared with the processes that do the work. */
struct counts {
	unsigned int passed, failed, skipped, configs, created;
	long memory_kib, time_ms;
	char largest[160], slowest[160];
};

struct run {
	struct sink sink;
	const char *runtime, *filter, *label;
	unsigned int every;    /* of the many that are alike, run one in so many */
	unsigned int number;
	bool alike, create, verbose;
	struct counts *counts;
};

static char label_now[700];

static FILE *open_config(struct sink *sink, const char *label)
{
	struct run *r = (struct run *)sink;

	if (r->filter ? fnmatch(r->filter, label, 0) != 0 : r->alike && r->number++ % r->every)
		return NULL;
	snprintf(label_now, sizeof(label_now), "%s", label);
	return fopen(CONFIG_FILE, "we");
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit limit = {most, most};

	setrlimit(resource, &limit);
}

/* Run the runtime; what it prints is in OUT_FILE. Returns the status of wait(2). */
static int run_runtime(struct run *r, unsigned int seconds, const char *const *argv)
{
	long started = now_ms(), took;
	struct rusage usage;
	int status, null;
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(null, 0);                                             /* no CLOEXEC: for the program */
		dup2(open(OUT_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 1);
		dup2(1, 2);
		limit(RLIMIT_AS, MEMORY_BYTES);
		limit(RLIMIT_CPU, seconds);
		limit(RLIMIT_FSIZE, FILE_BYTES);
		limit(RLIMIT_CORE, 0);
		execv(r->runtime, (char *const *)argv);
		_exit(125);
	}
	wait4(pid, &status, 0, &usage);
	took = now_ms() - started;
	if (usage.ru_maxrss > r->counts->memory_kib) {
		r->counts->memory_kib = usage.ru_maxrss;
		snprintf(r->counts->largest, sizeof(r->counts->largest), "%.150s", label_now);
	}
	if (took > r->counts->time_ms) {
		r->counts->time_ms = took;
		snprintf(r->counts->slowest, sizeof(r->counts->slowest), "%.150s", label_now);
	}
	return status;
}

static void __attribute__((format(printf, 2, 3))) wrong(struct run *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("FAILED  %s: %s\n", label_now, xvprintf(format, args));
	va_end(args);
	fflush(stdout);
	r->counts->failed++;
}

/* Nothing but text may come out: names from a configuration must not drive a terminal. */
static bool is_text(const struct text *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (((unsigned char)t->data[i] < 0x20 && t->data[i] != '\n') || t->data[i] == 0x7f)
			return false;
	return true;
}

/* Is there an error of this field among the problems? A line each, see src/cmd/check.c. */
static bool names(const struct text *out, const char *field, const char *only)
{
	char *quoted = xprintf("\"field\":\"");
	struct text wanted = {0};
	char *lines = xstrdup(text_str(out));

	text_puts(&wanted, quoted);
	for (const char *c = field; *c; c++) {
		if (*c == '"' || *c == '\\')
			text_add(&wanted, "\\", 1);
		text_add(&wanted, c, 1);
	}
	text_puts(&wanted, "\"");
	for (char *line = strsep(&lines, "\n"); line; line = strsep(&lines, "\n"))
		if (strstr(line, "\"severity\":\"error\"") && strstr(line, text_str(&wanted)) &&
		    (!only || strstr(line, only)))
			return true;
	return false;
}

static char *check(struct run *r, enum verdict verdict, const char *field)
{
	const char *const argv[] = {"rt",     "check", "--format", "json",
				    CASE_DIR, NULL};
	int status = run_runtime(r, CHECK_SECONDS, argv);
	struct text out = {0};
	bool accepted;

	if (read_path(OUT_FILE, &out) < 0)
		return xstrdup("no output");
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return xprintf("check ended with status %#x", status);
	accepted = WEXITSTATUS(status) == 0;
	if (!is_text(&out))
		return xstrdup("check prints control characters");
	if (verdict == ACCEPTED && !accepted)
		return xprintf("check refuses it: %.300s", text_str(&out));
	if (verdict == REFUSED && accepted)
		return xstrdup("check accepts it");
	if (verdict == REFUSED && *field && !names(&out, field, NULL))
		return xprintf("check does not name \"%s\": %.300s", field, text_str(&out));
	if (verdict == READABLE && names(&out, field, ", got a"))
		return xprintf("check refuses \"%s\": %.300s", field, text_str(&out));
	return NULL;
}

/* The runtime says one thing, and it is an error of its own. */
static char *check_words(const struct text *out)
{
	if (!is_text(out))
		return xstrdup("create prints control characters");
	if (!out->len || out->data[out->len - 1] != '\n' ||
	    memchr(out->data, '\n', out->len - 1))
		return xprintf("create says not one line: %.300s", text_str(out));
	return NULL;
}

static char *create(struct run *r, enum verdict verdict, const char *field,
		    const struct inventory *before)
{
	const char *const argv[] = {"rt", "--root", CASE_STATE_ROOT, "create", "-b", CASE_DIR, "c", NULL};
	const char *const undo[] = {"rt", "--root", CASE_STATE_ROOT, "delete", "--force", "c", NULL};
	int status = run_runtime(r, CREATE_SECONDS, argv);
	struct inventory after;
	struct text out = {0};
	char *error = NULL;
	bool made;

	r->counts->created++;
	if (read_path(OUT_FILE, &out) < 0)
		return xstrdup("no output");
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return xprintf("create ended with status %#x: %.200s", status, text_str(&out));
	made = WEXITSTATUS(status) == 0;
	if (made && (verdict == REFUSED || verdict == UNMADE))
		error = xstrdup("create accepts it");
	else if (!made && verdict == ACCEPTED)
		error = xprintf("create refuses it: %.300s", text_str(&out));
	else if (!made && verdict == UNMADE && !strstr(text_str(&out), field))
		error = xprintf("create does not name \"%s\": %.300s", field, text_str(&out));
	else if (!made)
		error = check_words(&out);
	if (made && run_runtime(r, CREATE_SECONDS, undo) != 0)
		return xstrdup("it cannot be deleted");
	/* the processes' end may take a moment to be seen */
	for (int tries = 0; tries < 100; tries++) {
		char *left;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		inventory_take(&after);
		left = inventory_leftovers(before, &after);
		if (!left)
			return error;
		if (tries == 99 && !error)
			error = xprintf("left behind: %s", left);
		sleep_ms(10);
	}
	return error;
}

static void give(struct sink *sink, enum verdict verdict, const char *field)
{
	struct run *r = (struct run *)sink;
	struct inventory before;
	char *error;

	r->counts->configs++;
	error = check(r, verdict, field);
	if (!error && r->create && verdict != READABLE) {
		inventory_take(&before);
		error = create(r, verdict, field, &before);
	}
	if (error) {
		wrong(r, "%s", error);
		return;
	}
	r->counts->passed++;
	if (r->verbose)
		printf("ok      %s\n", label_now);
}

/* The stream that open_config gave is the only one. */
static FILE *stream;

static FILE *open_stream(struct sink *sink, const char *label)
{
	stream = open_config(sink, label);
	return stream;
}

/* In a process of its own, so that memory taken for one is given back. */
static void close_config(struct sink *sink, enum verdict verdict, const char *field)
{
	struct run *r = (struct run *)sink;
	pid_t pid;
	int status;

	if (fclose(stream) != 0) {
		wrong(r, "cannot write " CONFIG_FILE);
		return;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		give(sink, verdict, field);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (pid < 0 || status != 0)
		wrong(r, "the test itself ended with status %#x", status);
}

static void work(struct run *r)
{
	if (chdir(CASE_DIR) < 0)
		exit(2);
	r->sink = (struct sink){open_stream, close_config};
	r->create = true;
	from_texts(&r->sink);
	from_sizes(&r->sink);
	r->create = false;
	r->alike = true;
	from_tables(&r->sink);
	from_cuts(&r->sink);
}

static void run_in_world(struct run *r, const struct host *host)
{
	int status = 0;
	pid_t pid = sandbox_fork(host, 1);
	char *error;

	if (pid == 0) {
		error = sandbox_enter(host, 1);
		if (error)
			wrong(r, "no world: %s", error);
		else
			work(r);
		fflush(stdout);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (pid < 0 || status != 0)
		wrong(r, "the world ended with status %#x", status);
	sandbox_remove(host, 1);
}

static int run(struct run *r, const char *busybox)
{
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	struct host host = {.pure_cgroup2 = true, .runtime = r->runtime};
	char self[PATH_MAX] = "", *error;

	r->counts = mmap(NULL, sizeof(*r->counts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->counts == MAP_FAILED || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	error = host_prepare(&host, busybox, xprintf("%s/../cases/probe/probe", dirname(self)));
	if (error) {
		printf("skipped: %s\n", error);
		*(must_work && strcmp(must_work, "1") == 0 ? &r->counts->failed
							     : &r->counts->skipped) += 1;
	} else {
		r->runtime = sandbox_runtime(&host);
		run_in_world(r, &host);
		host_release(&host);
		printf("%u configurations, %u of them given to create too; most memory %ld KiB (%s), "
		       "longest %ld ms (%s)\n",
		       r->counts->configs, r->counts->created, r->counts->memory_kib,
		       r->counts->largest, r->counts->time_ms, r->counts->slowest);
	}
	printf("%u passed, %u failed, %u skipped\n", r->counts->passed, r->counts->failed,
	       r->counts->skipped);
	return r->counts->failed > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runtime", required_argument, NULL, 'r'},
		{"filter", required_argument, NULL, 'f'},
		{"every", required_argument, NULL, 'e'},
		{"verbose", no_argument, NULL, 'v'},
		{0},
	};
	struct run r = {.runtime = getenv("RT"), .every = 101};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'r') {
			r.runtime = realpath(optarg, NULL);
		} else if (option == 'f') {
			r.filter = optarg;
		} else if (option == 'e' && atoi(optarg) > 0) {
			r.every = (unsigned int)atoi(optarg);
		} else if (option == 'v') {
			r.verbose = true;
		} else {
			fputs("usage: hostile [--runtime PATH] [--filter GLOB] [--every N] [--verbose]\n"
			      "  --every N  of those from the tables and of the damaged ones, one in N (101);\n"
			      "             1 is all\n",
			      stderr);
			return 2;
		}
	}
	if (!r.runtime) {
		fputs("hostile: --runtime is missing, and RT is not set\n", stderr);
		return 2;
	}
	return run(&r, "/bin/busybox");
}
