/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: libocirt is a good guest in the program that uses it. Runs in a sandbox of tests/cases;
 * needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "embed.h"
#include "inventory.h"
#include "json.h"
#include "sandbox.h"

static struct counts {
	atomic_uint passed, failed;
} *counts; /* shared with the sandbox's process */

static int report_fd = STDOUT_FILENO;

bool check(bool good, const char *file, int line, const char *format, ...)
{
	va_list args;

	atomic_fetch_add(good ? &counts->passed : &counts->failed, 1);
	if (good)
		return true;
	va_start(args, format);
	dprintf(report_fd, "FAILED   %s:%d: %s\n", strrchr(file, '/') + 1, line,
		xvprintf(format, args));
	va_end(args);
	return false;
}

const char *config_of(const char *name, const char *script)
{
	char *path = xprintf(CASE_DIR "/%s.json", name), *error = NULL;
	struct text base = {0}, t = {0}, args = {0};
	struct json *config = NULL, *value;

	text_printf(&args, "[\"%s\", \"-c\", \"%s\"]", script ? "/bin/sh" : "/bin/none",
		    script ? script : "");
	if (read_path(CASES_DIR "/base.json", &base) == 0)
		config = json_parse(text_str(&base), base.len, &error);
	value = json_parse(text_str(&args), args.len, &error);
	CHECK(config && value && json_set(config, "process.args", value, &error) == 0);
	json_print(config, &t);
	CHECK(write_path(path, text_str(&t), t.len, 0644) == 0);
	return path;
}

/* A handler of the caller's; that calls of the library are interrupted by it must not be seen. */
static void on_child(int signal)
{
	(void)signal;
}

/* The library's words, if it had any, would come into a file. */
static int cover_output(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC);

	report_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	CHECK(fd >= 0 && report_fd >= 0);
	/* no CLOEXEC: a program that inherits them has to be caught too */
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO); /* nor here: no CLOEXEC */
	return fd;
}

/* The lines of one that are not in the other. */
static void tell_difference(const char *word, const char *a, const char *b)
{
	char *at = xstrdup(a);

	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		if (!strstr(b, line))
			dprintf(report_fd, "    %s: %s\n", word, line);
}

static void run_tests(void)
{
	struct sigaction action = {.sa_handler = on_child};
	struct inventory before_all, after_all;
	struct self before, after;
	struct stat st = {0};
	int output;
	char *left;

	umask(0117);
	sigaction(SIGCHLD, &action, NULL);
	CHECK(chdir(CASE_DIR) == 0);
	output = cover_output();
	inventory_take(&before_all);
	self_take(&before);
	test_null_arguments();
	test_struct_sizes();
	test_errors();
	test_documents();
	test_contexts_apart();
	test_created_and_deleted();
	test_ended_by_itself();
	test_many();
	test_thread_that_ends();
	test_child_that_is_not_told();
	test_threads();
	self_take(&after);
	inventory_take(&after_all);
	if (!CHECK(strcmp(before.text, after.text) == 0)) {
		tell_difference("before", before.text, after.text);
		tell_difference("after", after.text, before.text);
	}
	left = inventory_leftovers(&before_all, &after_all);
	check(!left, __FILE__, __LINE__, "%s", left ? left : "");
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
	CHECK(fstat(output, &st) == 0 && st.st_size == 0);
}

static int skip(const char *reason)
{
	const char *must_work = getenv("RT_TEST_MUST_WORK");
	bool fail = must_work && strcmp(must_work, "1") == 0;

	printf("skipped: %s\n0 passed, %d failed, %d skipped\n", reason, fail, !fail);
	return fail;
}

int main(void)
{
	struct host host = {.pure_cgroup2 = true};
	char self[PATH_MAX] = "", *error;
	int status = -1;
	pid_t pid;

	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	error = host_prepare(&host, "/bin/busybox",
			     xprintf("%s/../cases/probe/probe", dirname(self)));
	if (error)
		return skip(error);
	pid = sandbox_fork(&host, 0);
	if (pid == 0) {
		error = sandbox_enter(&host, 0);
		if (!error)
			run_tests();
		check(!error, __FILE__, __LINE__, "%s", error ? error : "");
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	check(status == 0, __FILE__, __LINE__, "the tests ended with status %#x", status);
	sandbox_remove(&host, 0);
	host_release(&host);
	printf("%u passed, %u failed, 0 skipped\n", counts->passed, counts->failed);
	return counts->failed > 0;
}
