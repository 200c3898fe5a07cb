/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 64
#define CASE_TIMEOUT_FACTOR 4 /* a case may take so many times what one command may */

/* A case that runs. */
struct job {
	unsigned int number; /* index into the suite; names the cgroup too */
	pid_t pid;           /* 0: the slot is free */
	int pipe;            /* brings the message; its end is the end of the case */
	struct text message;
	long started_ms;
};

/* Ctrl-C must not leave cgroups behind: the running cases are killed, and removed as ever. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	interrupted = number;
}

struct runner {
	const struct suite *suite;
	const struct options *options;
	struct report *report;
	struct job jobs[MAX_JOBS];
	unsigned int n_jobs, n_running, next;
};

/* The case's process, from its birth to its end; the result is its exit status. */
static void __attribute__((noreturn))
case_process(const struct runner *r, unsigned int number, int pipe_fd)
{
	struct context *cx = xalloc(sizeof(*cx));
	enum result result = RESULT_FAILED;
	char *error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	cx->options = r->options;
	cx->tc = &r->suite->cases[number];
	error = sandbox_enter(&r->options->host, number);
	if (error)
		text_printf(&cx->message, "cannot make the case's world: %s\n", error);
	else
		result = context_run(cx);
	if (write(pipe_fd, text_str(&cx->message), cx->message.len) < 0)
		result = RESULT_FAILED;
	_exit((int)result);
}

static int start_job(struct runner *r, struct job *job)
{
	int ends[2];

	*job = (struct job){.number = r->next, .started_ms = now_ms()};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	job->pid = sandbox_fork(&r->options->host, job->number);
	if (job->pid == 0)
		case_process(r, job->number, ends[1]);
	close(ends[1]);
	job->pipe = ends[0];
	if (job->pid < 0) {
		fprintf(stderr, "run-cases: new namespaces: %s\n", strerror(errno));
		return -1;
	}
	r->next++;
	r->n_running++;
	return 0;
}

static void finish_job(struct runner *r, struct job *job)
{
	const struct test_case *tc = &r->suite->cases[job->number];
	enum result result = RESULT_FAILED;
	int status;

	close(job->pipe);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	sandbox_remove(&r->options->host, job->number);
	if (WIFEXITED(status) && WEXITSTATUS(status) < RESULT_MAX)
		result = (enum result)WEXITSTATUS(status);
	else
		text_printf(&job->message,
			    "the case's process ended with status %d (took too long?)\n", status);
	report_case(r->report, tc, r->options->kind, result, now_ms() - job->started_ms,
		    text_str(&job->message));
	job->pid = 0;
	r->n_running--;
}

/* Take what the pipe holds; at its end the case is over. */
static void hear_job(struct runner *r, struct job *job)
{
	char buffer[4096];
	ssize_t n = read(job->pipe, buffer, sizeof(buffer));

	if (n > 0)
		text_add(&job->message, buffer, (size_t)n);
	else
		finish_job(r, job);
}

static void wait_for_jobs(struct runner *r)
{
	long limit = r->options->timeout_ms * CASE_TIMEOUT_FACTOR;
	struct pollfd fds[MAX_JOBS];

	for (unsigned int i = 0; i < r->n_jobs; i++)
		fds[i] = (struct pollfd){.fd = r->jobs[i].pid ? r->jobs[i].pipe : -1,
					 .events = POLLIN};
	poll(fds, r->n_jobs, 1000);
	for (unsigned int i = 0; i < r->n_jobs; i++) {
		struct job *job = &r->jobs[i];

		if (job->pid && fds[i].revents)
			hear_job(r, job);
		else if (job->pid && (interrupted || now_ms() - job->started_ms > limit))
			kill(job->pid, SIGKILL);
	}
}

/* The next case that is to be run; those that are not are reported on the way. */
static bool find_next(struct runner *r)
{
	for (; r->next < r->suite->n_cases; r->next++) {
		const struct test_case *tc = &r->suite->cases[r->next];
		const char *reason = "";

		if (case_expectation(tc, r->options->kind, &reason) != PEER_SKIPPED)
			return true;
		report_case(r->report, tc, r->options->kind, RESULT_SKIPPED, 0, reason);
	}
	return false;
}

int runner_run(const struct suite *suite, const struct options *options, unsigned int jobs,
	       struct report *report)
{
	struct runner r = {.suite = suite, .options = options, .report = report};
	struct sigaction action = {.sa_handler = on_interrupt};
	int result = 0;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	r.n_jobs = jobs < MAX_JOBS ? jobs : MAX_JOBS;
	while (r.n_running > 0 || (result == 0 && find_next(&r))) {
		if (interrupted)
			result = -1;
		for (unsigned int i = 0; result == 0 && i < r.n_jobs && find_next(&r); i++)
			if (!r.jobs[i].pid)
				result = start_job(&r, &r.jobs[i]);
		if (r.n_running > 0)
			wait_for_jobs(&r);
	}
	return result;
}
