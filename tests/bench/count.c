/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls, page faults and peak memory of a command and all its processes, by ptrace. Each
 * command gets a tracer of its own (a child of ours): when the tracer ends, the kernel lets go of
 * the processes that are left (a container that waits for its start).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ab.h"

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)
#define MAX_TASKS 256

struct tracer {
	struct counts counts;
	bool began; /* the command's own program runs: what came before is ours */
	pid_t tasks[MAX_TASKS];
	size_t n_tasks;
};

/* The thread group of a task, and its number of page faults so far (proc(5): stat, 10 and 12). */
static pid_t read_task(pid_t task, long *ret_faults)
{
	char path[64], line[1024];
	long group = 0, minor = 0, major = 0;
	FILE *f;

	*ret_faults = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", task);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %ld", &group) == 1)
			break;
	fclose(f);

	snprintf(path, sizeof(path), "/proc/%ld/task/%d/stat", group, task);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f)) {
		/* The name in parentheses may hold blanks. */
		char *rest = strrchr(line, ')');

		if (rest &&
		    sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %ld %*d %ld", &minor, &major) == 2)
			*ret_faults = minor + major;
	}
	fclose(f);
	return (pid_t)group;
}

/* The peak memory of a process; 0 if it runs the container's program, which is not the runtime's. */
static long read_peak(pid_t group)
{
	char path[64], line[256];
	long peak = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", group);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (!strcmp(line, "Name:\ttrue\n") || !strcmp(line, "Name:\tsleep\n"))
			break;
		if (sscanf(line, "VmHWM: %ld", &peak) == 1)
			break;
	}
	fclose(f);
	return peak;
}

/* Take the figures of a task whose memory is still there. */
static void account(struct tracer *t, pid_t task)
{
	long faults, peak;
	pid_t group = read_task(task, &faults);

	t->counts.faults += faults;
	peak = group ? read_peak(group) : 0;
	if (peak > t->counts.peak_kib)
		t->counts.peak_kib = peak;
}

static void add_task(struct tracer *t, pid_t task)
{
	for (size_t i = 0; i < t->n_tasks; i++)
		if (t->tasks[i] == task)
			return;
	if (t->n_tasks == MAX_TASKS)
		errx(125, "more than %d tasks at a time", MAX_TASKS);
	t->tasks[t->n_tasks++] = task;
}

static void remove_task(struct tracer *t, pid_t task)
{
	for (size_t i = 0; i < t->n_tasks; i++) {
		if (t->tasks[i] == task) {
			t->tasks[i] = t->tasks[--t->n_tasks];
			return;
		}
	}
}

static void count_stop(struct tracer *t, pid_t task, int status)
{
	struct __ptrace_syscall_info info;
	int event = status >> 16, signal = WSTOPSIG(status), deliver = 0;

	add_task(t, task);
	if (event == PTRACE_EVENT_EXEC) {
		t->began = true;
	} else if (event == PTRACE_EVENT_EXIT) {
		account(t, task);
		remove_task(t, task);
	} else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		ptrace(PTRACE_LISTEN, task, 0, 0); /* stopped by a signal, stays so */
		return;
	} else if (signal == (SIGTRAP | 0x80)) {
		/* An entry; its process may be gone by now, then it does not count either. */
		if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY && t->began)
			t->counts.syscalls++;
	} else if (!event) {
		deliver = signal;
	}
	ptrace(PTRACE_SYSCALL, task, 0, deliver);
}

/* The traced command: waits until the tracer holds it. */
static __attribute__((noreturn)) void traced(char *const *argv, int go)
{
	char byte;

	run_stdio();
	if (read(go, &byte, 1) != 1)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

/* The tracer. Returns the wait status of the command. */
static int trace(char *const *argv, struct tracer *t)
{
	int go[2], status;
	pid_t command, task;

	if (pipe2(go, O_CLOEXEC) < 0)
		err(125, "pipe");
	command = fork();
	if (command == 0)
		traced(argv, go[0]);
	if (command < 0 || ptrace(PTRACE_SEIZE, command, 0, OPTIONS) < 0 ||
	    ptrace(PTRACE_INTERRUPT, command, 0, 0) < 0 || write(go[1], "", 1) != 1)
		err(125, "cannot trace a command");
	for (;;) {
		task = waitpid(-1, &status, __WALL);
		if (task < 0)
			err(125, "waitpid");
		if (WIFSTOPPED(status)) {
			count_stop(t, task, status);
			continue;
		}
		remove_task(t, task); /* killed: without a stop at its exit */
		if (task == command)
			break;
	}
	for (size_t i = 0; i < t->n_tasks; i++)
		account(t, t->tasks[i]);
	return status;
}

void count_command(char *const *argv, struct counts *sum)
{
	struct {
		struct counts counts;
		int status;
	} result;
	int fds[2];
	pid_t tracer;

	if (pipe2(fds, O_CLOEXEC) < 0)
		err(125, "pipe");
	tracer = fork();
	if (tracer == 0) {
		struct tracer t = {0};

		result.status = trace(argv, &t);
		result.counts = t.counts;
		_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
	}
	close(fds[1]);
	if (tracer < 0 || read(fds[0], &result, sizeof(result)) != sizeof(result))
		errx(125, "cannot trace: %s", argv[0]);
	close(fds[0]);
	waitpid(tracer, NULL, 0);
	if (result.status)
		run_failed(argv, result.status);
	sum->syscalls += result.counts.syscalls;
	sum->faults += result.counts.faults;
	if (result.counts.peak_kib > sum->peak_kib)
		sum->peak_kib = result.counts.peak_kib;
}
