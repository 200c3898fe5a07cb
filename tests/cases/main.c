/* SPDX-License-Identifier: Apache-2.0 */
/* run-cases: run case files against an OCI runtime. */
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner.h"

#define DEFAULT_TIMEOUT_MS 20000

struct command_line {
	const char *runtime, *kind, *filter, *report, *busybox, *probe, *fs;
	bool list, statements, verbose, host_cgroups, keep_going;
	unsigned int jobs, every;
	long timeout_ms;
	struct words may_skip;
};

static const char usage[] =
	"usage: run-cases --runtime NAME|PATH [OPTION...] [FILE...]\n"
	"  --runtime R       rt, crun, runc (looked up in PATH) or the path of a binary\n"
	"  --kind NAME       whose notes (\"peer NAME\") apply; default: the binary's name\n"
	"  --filter GLOB     run only the cases whose SUBJECT:NAME matches\n"
	"  --every N         and of these each Nth only\n"
	"  --list            print names and purposes and run nothing\n"
	"  --statements      print the statements of the language\n"
	"  --report FILE     write a table: case, result, milliseconds, reason\n"
	"  --jobs N          so many cases at a time; default 2\n"
	"  --timeout SECONDS for one command; default 20\n"
	"  --may-skip WORD   a reason for skipping that RT_TEST_MUST_WORK=1 allows (repeatable)\n"
	"  --host-cgroups    keep a hybrid cgroup layout instead of showing a pure v2 tree\n"
	"  --fs DIR          put the bundles on this file system instead of tmpfs\n"
	"  --probe FILE, --busybox FILE   the static programs for the rootfs\n"
	"  --no-inventory    do not look for leftovers\n"
	"  --verbose         name passed cases, show the messages of known differences\n";

enum {
	OPT_RUNTIME = 1,
	OPT_KIND,
	OPT_FILTER,
	OPT_EVERY,
	OPT_LIST,
	OPT_STATEMENTS,
	OPT_REPORT,
	OPT_JOBS,
	OPT_TIMEOUT,
	OPT_MAY_SKIP,
	OPT_HOST_CGROUPS,
	OPT_FS,
	OPT_PROBE,
	OPT_BUSYBOX,
	OPT_NO_INVENTORY,
	OPT_VERBOSE,
	OPT_HELP
};

static const struct option long_options[] = {
	{"runtime", required_argument, NULL, OPT_RUNTIME},
	{"kind", required_argument, NULL, OPT_KIND},
	{"filter", required_argument, NULL, OPT_FILTER},
	{"every", required_argument, NULL, OPT_EVERY},
	{"list", no_argument, NULL, OPT_LIST},
	{"statements", no_argument, NULL, OPT_STATEMENTS},
	{"report", required_argument, NULL, OPT_REPORT},
	{"jobs", required_argument, NULL, OPT_JOBS},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"may-skip", required_argument, NULL, OPT_MAY_SKIP},
	{"host-cgroups", no_argument, NULL, OPT_HOST_CGROUPS},
	{"fs", required_argument, NULL, OPT_FS},
	{"probe", required_argument, NULL, OPT_PROBE},
	{"busybox", required_argument, NULL, OPT_BUSYBOX},
	{"no-inventory", no_argument, NULL, OPT_NO_INVENTORY},
	{"verbose", no_argument, NULL, OPT_VERBOSE},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

static void __attribute__((noreturn)) die(const char *what, const char *which)
{
	fprintf(stderr, "run-cases: %s%s%s\n", what, which ? " " : "", which ? which : "");
	exit(2);
}

static unsigned int positive(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*end || n == 0 || n > 10000)
		die("not a sensible number:", s);
	return (unsigned int)n;
}

/* True if the option was taken; false for --help and unknown ones. */
static bool take_option(struct command_line *c, int option)
{
	switch (option) {
	case OPT_RUNTIME:
		c->runtime = optarg;
		return true;
	case OPT_KIND:
		c->kind = optarg;
		return true;
	case OPT_FILTER:
		c->filter = optarg;
		return true;
	case OPT_EVERY:
		c->every = positive(optarg);
		return true;
	case OPT_LIST:
		return c->list = true;
	case OPT_STATEMENTS:
		return c->statements = true;
	case OPT_REPORT:
		c->report = optarg;
		return true;
	case OPT_JOBS:
		c->jobs = positive(optarg);
		return true;
	case OPT_TIMEOUT:
		c->timeout_ms = positive(optarg) * 1000L;
		return true;
	case OPT_MAY_SKIP:
		words_add(&c->may_skip, optarg);
		return true;
	case OPT_HOST_CGROUPS:
		return c->host_cgroups = true;
	case OPT_FS:
		c->fs = optarg;
		return true;
	case OPT_PROBE:
		c->probe = optarg;
		return true;
	case OPT_BUSYBOX:
		c->busybox = optarg;
		return true;
	case OPT_NO_INVENTORY:
		return c->keep_going = true;
	case OPT_VERBOSE:
		return c->verbose = true;
	default:
		return false;
	}
}

static char *beside_driver(const char *name)
{
	char path[PATH_MAX] = "";

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		die("cannot find myself", NULL);
	return xprintf("%s/%s", dirname(path), name);
}

static char *find_runtime(const char *name)
{
	char *path = xstrdup(getenv("PATH") ? getenv("PATH") : "/usr/sbin:/usr/bin");
	char *resolved;

	if (!strchr(name, '/'))
		for (char *dir = strsep(&path, ":"); dir; dir = strsep(&path, ":"))
			if (access(xprintf("%s/%s", dir, name), X_OK) == 0)
				return xprintf("%s/%s", dir, name);
	resolved = realpath(name, NULL);
	if (!resolved)
		die("no such runtime:", name);
	return resolved;
}

/* Without files: all of this source tree that are for every runtime. */
static int read_all(struct suite *suite)
{
	glob_t found;

	if (glob(CASES_DIR "/*.case", 0, NULL, &found) != 0)
		die("no case files in", CASES_DIR);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (suite_read(suite, xstrdup(found.gl_pathv[i])) < 0)
			return -1;
	globfree(&found);
	return 0;
}

/* Keep the cases that match the filter, or each nth of them. */
static void filter_cases(struct suite *suite, const char *filter, unsigned int every)
{
	size_t kept = 0, matching = 0;

	for (size_t i = 0; i < suite->n_cases; i++)
		if ((!filter || fnmatch(filter, suite->cases[i].name, 0) == 0) &&
		    matching++ % every == 0)
			suite->cases[kept++] = suite->cases[i];
	suite->n_cases = kept;
}

static int run(const struct command_line *c, const struct suite *suite)
{
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	struct options options = {.timeout_ms = c->timeout_ms, .verbose = c->verbose};
	struct report report = {.verbose = c->verbose, .may_skip = c->may_skip};
	char *error;
	int r;

	options.keep_going = c->keep_going;
	options.host.runtime = find_runtime(c->runtime);
	options.runtime = sandbox_runtime(&options.host);
	options.kind = c->kind ? c->kind : strrchr(options.runtime, '/') + 1;
	options.host.pure_cgroup2 = !c->host_cgroups;
	options.host.fs = c->fs;
	report.must_work = must_work && strcmp(must_work, "1") == 0;
	if (c->report && !(report.table = fopen(c->report, "we")))
		die("cannot write", c->report);
	error = host_prepare(&options.host, c->busybox,
			     c->probe ? c->probe : beside_driver("probe/probe"));
	if (error) {
		report_all_skipped(&report, suite->n_cases, error);
		return report_finish(&report);
	}
	r = runner_run(suite, &options, c->jobs, &report);
	host_release(&options.host);
	return report_finish(&report) || r < 0;
}

int main(int argc, char **argv)
{
	struct command_line c = {
		.jobs = 2, .every = 1, .timeout_ms = DEFAULT_TIMEOUT_MS, .busybox = "/bin/busybox"};
	struct suite suite = {0};
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (!take_option(&c, option)) {
			fputs(usage, option == OPT_HELP ? stdout : stderr);
			return option == OPT_HELP ? 0 : 2;
		}
	}
	if (c.statements) {
		statement_print_all();
		return 0;
	}
	if (optind == argc && read_all(&suite) < 0)
		return 2;
	for (int i = optind; i < argc; i++)
		if (suite_read(&suite, argv[i]) < 0)
			return 2;
	filter_cases(&suite, c.filter, c.every);
	if (c.list) {
		for (size_t i = 0; i < suite.n_cases; i++)
			printf("%s\t%s\n", suite.cases[i].name,
			       suite.cases[i].purpose ? suite.cases[i].purpose : "");
		return 0;
	}
	if (!c.runtime || suite.n_cases == 0)
		die(c.runtime ? "no case to run" : "--runtime is missing; --help tells more", NULL);
	return run(&c, &suite);
}
