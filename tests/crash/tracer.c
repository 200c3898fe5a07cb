/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 15000
#define SYSCALL_STOP (SIGTRAP | 0x80)

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "crash: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

static int memory_file(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC);

	if (fd < 0)
		die("memfd_create");
	return fd;
}

/* A session of its own: a signal for its process group must not come to us. */
static pid_t start(const struct trial *t, char *const *argv, int out, int errors)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	setsid();
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(out, 1);    /* no O_CLOEXEC: they are the program's */
	dup2(errors, 2); /* no O_CLOEXEC: they are the program's */
	if (t->how != HURT_TIME && ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		die("PTRACE_TRACEME");
	execv(argv[0], argv);
	die(argv[0]);
}

#ifdef __x86_64__
bool tracer_can_fail(void)
{
	return true;
}

static void get_registers(pid_t pid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_GETREGS, pid, 0, regs) < 0 && errno != ESRCH)
		die("PTRACE_GETREGS");
}

/* On entry: a call that does not exist is made in its place. */
static void prevent(pid_t pid)
{
	struct user_regs_struct regs = {0};

	get_registers(pid, &regs);
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}

/* On exit: what it returns. */
static void set_result(pid_t pid, long result)
{
	struct user_regs_struct regs = {0};

	get_registers(pid, &regs);
	regs.rax = (unsigned long long)result;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}
#else
bool tracer_can_fail(void)
{
	return false;
}

static void prevent(pid_t pid)
{
	(void)pid;
}

static void set_result(pid_t pid, long result)
{
	(void)pid;
	(void)result;
}
#endif

/* Calls that never fail, as their callers may know. */
static bool cannot_fail(long number)
{
	static const long calls[] = {
		SYS_brk,    SYS_execve, SYS_exit,   SYS_exit_group, SYS_getegid,      SYS_geteuid,
		SYS_getgid, SYS_getpid, SYS_gettid, SYS_getuid,     SYS_rt_sigreturn, SYS_umask,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (number == calls[i])
			return true;
	return false;
}

/* The command has stopped at a system call's entry: hurt it if it is this one's turn. */
static void at_entry(struct trial *t, pid_t pid, bool *failing)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		return;
	if (t->calls++ != t->at)
		return;
	if (t->how == HURT_KILL) {
		t->number = (long)info.entry.nr;
		kill(pid, SIGKILL);
	} else if (t->how == HURT_FAIL && !cannot_fail((long)info.entry.nr)) {
		t->number = (long)info.entry.nr;
		if (t->number != SYS_close) /* the descriptor is closed even then: close(2) */
			prevent(pid);
		*failing = true;
	}
}

/* Nothing to do: the signal is to interrupt waitpid. */
static void on_alarm(int signal)
{
	(void)signal;
}

/* Again every millisecond: the first may come before waitpid sleeps. */
static void set_alarm(long us)
{
	struct itimerval timer = {.it_interval.tv_usec = 1000};
	struct sigaction action = {.sa_handler = on_alarm};

	timer.it_value.tv_sec = us / 1000000;
	timer.it_value.tv_usec = us % 1000000 + 1;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void clear_alarm(void)
{
	static const struct itimerval off;

	setitimer(ITIMER_REAL, &off, NULL);
}

/* False when the alarm came. Other children are orphans of earlier commands, reaped on the way. */
static bool wait_for(pid_t pid, int *status)
{
	for (;;) {
		pid_t got = waitpid(-1, status, __WALL);

		if (got == pid)
			return true;
		if (got < 0 && errno == EINTR)
			return false;
		if (got < 0)
			die("waitpid");
	}
}

static void trace(struct trial *t, pid_t pid)
{
	bool entered = false, failing = false, begun = false;
	int status;

	set_alarm(TIMEOUT_MS * 1000L);
	for (;;) {
		int signal = 0;

		if (!wait_for(pid, &status)) {
			t->timed_out = true;
			kill(pid, SIGKILL);
			continue;
		}
		if (!WIFSTOPPED(status))
			break;
		if (!begun) { /* by execve */
			ptrace(PTRACE_SETOPTIONS, pid, 0,
			       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
			begun = true;
		} else if (WSTOPSIG(status) == SYSCALL_STOP) {
			entered = !entered;
			if (entered)
				at_entry(t, pid, &failing);
			else if (failing)
				set_result(pid, -t->error);
			failing = failing && entered;
		} else {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, pid, 0, signal);
	}
	clear_alarm();
	t->status = status;
}

static void kill_later(struct trial *t, pid_t pid)
{
	set_alarm(t->at);
	if (!wait_for(pid, &t->status)) {
		clear_alarm();
		kill(pid, SIGKILL);
		t->number = 0;
		wait_for(pid, &t->status);
	}
	clear_alarm();
}

void tracer_run(struct trial *t, char *const *argv)
{
	int out = memory_file(), errors = memory_file();
	long started = now_us();
	pid_t pid = start(t, argv, out, errors);

	t->number = -1;
	if (t->how == HURT_TIME)
		kill_later(t, pid);
	else
		trace(t, pid);
	t->elapsed_us = now_us() - started;
	if (read_fd(out, &t->out) < 0 || read_fd(errors, &t->errors) < 0)
		die("read the output");
	close(out);
	close(errors);
}
