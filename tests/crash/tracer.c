/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nomem.h"

#define TIMEOUT_US 15000000L
#define SLOW_TIMEOUT_US 120000000L
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define TRACEES 64
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |    \
	 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)

/* Who is traced now. */
struct tracees {
	struct tracee {
		pid_t pid;
		bool failing; /* in the call that shall have failed */
	} v[TRACEES];
	unsigned int n;
	pid_t runtime;
};

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

static int memory_file(unsigned int flags)
{
	int fd = memfd_create("output", flags); /* no O_CLOEXEC: as the caller says */

	if (fd < 0)
		die("memfd_create");
	return fd;
}

/* What the command inherits. */
struct stage {
	int out, errors;
	int go;     /* a pipe: a byte is the signal to begin; -1: at once */
	int memory; /* what is shared with nomem.so; -1: it is not wanted */
	long room;  /* RLIMIT_NOFILE; -1: as it is */
};

/* The hard limit stays, so that a config may ask for more. */
static void set_room(long room)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("getrlimit");
	limit.rlim_cur = (rlim_t)room;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("setrlimit");
}

/* A session of its own: a signal for its process group must not come to us. */
static pid_t start(char *const *argv, const struct stage *s)
{
	pid_t pid = fork();
	char byte;

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	setsid();
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(s->out, 1);    /* no O_CLOEXEC: they are the program's */
	dup2(s->errors, 2); /* no O_CLOEXEC: they are the program's */
	/* what a container must not inherit, whatever fails */
	dup2(0, 9); /* no O_CLOEXEC: it is to leak */
	signal(SIGUSR1, SIG_IGN);
	if (s->memory >= 0) {
		setenv("LD_PRELOAD", NOMEM_SO, 1);
		setenv("NOMEM", xprintf("%d", s->memory), 1);
	}
	if (s->go >= 0 && read(s->go, &byte, 1) != 1)
		_exit(2);
	if (s->room >= 0)
		set_room(s->room);
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

/*
 * Calls that never fail, as their callers may know: their manual pages name no error, or one of bad
 * arguments only (rt_sigaction, rt_sigprocmask, close_range, PR_SET_NAME are not here: a seccomp
 * filter around the runtime may refuse them). brk(2) tells of failure by another way than -errno.
 * munmap of a whole mapping needs no memory, and who unmaps has no use for the answer.
 */
static bool cannot_fail(long number)
{
	static const long calls[] = {
		SYS_brk,    SYS_exit,   SYS_exit_group, SYS_getegid,      SYS_geteuid, SYS_getgid,
		SYS_getpid, SYS_gettid, SYS_getuid,     SYS_rt_sigreturn, SYS_umask,   SYS_munmap,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (number == calls[i])
			return true;
	return false;
}

/*
 * Errors that a call has for another reason than to fail: without keys in the kernel, or behind a
 * filter that the program has too, there is no keyring to be kept from.
 */
static bool cannot_fail_so(long number, int error)
{
	return number == SYS_keyctl && error == ENOSYS;
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

static struct tracee *find(struct tracees *all, pid_t pid)
{
	for (unsigned int i = 0; i < all->n; i++)
		if (all->v[i].pid == pid)
			return &all->v[i];
	return NULL;
}

/* A new child may stop before its parent tells of it. */
static struct tracee *find_or_add(struct tracees *all, pid_t pid)
{
	struct tracee *found = find(all, pid);

	if (found)
		return found;
	if (all->n == TRACEES) {
		errno = E2BIG;
		die("processes of one command");
	}
	all->v[all->n] = (struct tracee){.pid = pid};
	return &all->v[all->n++];
}

static void forget(struct tracees *all, pid_t pid)
{
	struct tracee *found = find(all, pid);

	if (found)
		*found = all->v[--all->n];
}

static bool is_rt_init(pid_t pid)
{
	char path[64], exe[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	return strstr(exe, "memfd:rt-init") != NULL;
}

/* Containers that wait at their gate go on when the command starts them. */
static void adopt_waiting(struct tracees *all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (!isdigit((unsigned char)entry->d_name[0]) || !is_rt_init(pid))
			continue;
		if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) < 0 ||
		    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
			die("PTRACE_SEIZE of a waiting container");
		find_or_add(all, pid);
	}
	if (dir)
		closedir(dir);
}

/* What is written to a file; and bpf(2), by which rules for devices are put in force. */
static bool writes(long number)
{
	return number == SYS_write || number == SYS_pwrite64 || number == SYS_writev || number == SYS_bpf;
}

/* One of them enters a system call: hurt it if it is this one's turn. */
static void at_entry(struct trial *t, const struct tracees *all, struct tracee *tracee, long number)
{
	enum role role = tracee->pid == all->runtime ? ROLE_RUNTIME : ROLE_INIT;

	if (t->writes_only && !writes(number))
		return;
	if (t->calls[role]++ != t->at || role != t->whom)
		return;
	if (t->how == HURT_KILL) {
		t->number = number;
		kill(tracee->pid, SIGKILL);
	} else if (t->how == HURT_FAIL && !cannot_fail(number) &&
		   !cannot_fail_so(number, t->error)) {
		t->number = number;
		if (number != SYS_close) /* the descriptor is closed even then: close(2) */
			prevent(tracee->pid);
		tracee->failing = true;
	}
}

static void at_call(struct trial *t, struct tracees *all, pid_t pid)
{
	struct tracee *tracee = find_or_add(all, pid);
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		at_entry(t, all, tracee, (long)info.entry.nr);
	} else if (tracee->failing) {
		set_result(pid, -t->error);
		tracee->failing = false;
	}
}

/* It has a child, which is traced too: known before its own first stop, which may come when all is over. */
static void add_child(struct tracees *all, pid_t parent)
{
	unsigned long child;

	if (ptrace(PTRACE_GETEVENTMSG, parent, 0, &child) == 0)
		find_or_add(all, (pid_t)child);
}

/* A tracee has stopped: look, and let it go on. */
static void at_stop(struct trial *t, struct tracees *all, pid_t pid, int status)
{
	int event = status >> 16, signal = 0;

	if (WSTOPSIG(status) == SYSCALL_STOP) {
		at_call(t, all, pid);
	} else if (event == PTRACE_EVENT_EXEC && pid != all->runtime && !is_rt_init(pid)) {
		/* a hook, or the container's program */
		forget(all, pid);
		ptrace(PTRACE_DETACH, pid, 0, 0);
		return;
	} else if (event == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP) {
		ptrace(PTRACE_LISTEN, pid, 0, 0);
		return;
	} else if (event == 0) {
		signal = WSTOPSIG(status);
	} else {
		find_or_add(all, pid);
		if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
		    event == PTRACE_EVENT_VFORK)
			add_child(all, pid);
	}
	ptrace(PTRACE_SYSCALL, pid, 0, signal);
}

/* The command has ended: what it started lives on without us. */
static void let_go(struct tracees *all)
{
	int status;

	/* of some only their parent's word was left */
	for (unsigned int i = all->n; i-- > 0;)
		if (ptrace(PTRACE_INTERRUPT, all->v[i].pid, 0, 0) < 0)
			forget(all, all->v[i].pid);
	while (all->n > 0) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno != EINTR)
			return;
		if (pid < 0)
			continue;
		if (WIFSTOPPED(status)) {
			struct tracee *tracee = find(all, pid);

			if (tracee && tracee->failing)
				continue; /* its call ends with an error, in the next stop */
			ptrace(PTRACE_DETACH, pid, 0,
			       status >> 16 == 0 && WSTOPSIG(status) != SYSCALL_STOP ?
				       WSTOPSIG(status) : 0);
		}
		forget(all, pid);
	}
}

static long timeout_us(const struct trial *t)
{
	return t->slow ? SLOW_TIMEOUT_US : TIMEOUT_US;
}

static void trace(struct trial *t, pid_t pid, int go)
{
	struct tracees all = {.runtime = pid};
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) < 0)
		die("PTRACE_SEIZE");
	adopt_waiting(&all);
	find_or_add(&all, pid);
	if (write(go, "", 1) != 1)
		die("write");
	close(go);
	set_alarm(timeout_us(t));
	for (;;) {
		pid_t got = waitpid(-1, &status, __WALL);

		if (got < 0 && errno == EINTR) {
			t->timed_out = true;
			kill(pid, SIGKILL);
		} else if (got < 0) {
			die("waitpid");
		} else if (WIFSTOPPED(status)) {
			at_stop(t, &all, got, status);
		} else {
			forget(&all, got);
			if (got == pid)
				break;
		}
	}
	t->status = status;
	let_go(&all);
	clear_alarm();
}

static void kill_later(struct trial *t, pid_t pid)
{
	set_alarm(t->how == HURT_TIME ? t->at : timeout_us(t));
	if (!wait_for(pid, &t->status)) {
		clear_alarm();
		kill(pid, SIGKILL);
		t->number = 0;
		t->timed_out = t->how != HURT_TIME;
		wait_for(pid, &t->status);
	}
	clear_alarm();
}

/* The numbers shared with nomem.so, in a file that the command inherits. */
static struct nomem *share_numbers(const struct trial *t, int *ret_fd)
{
	struct nomem *n;

	*ret_fd = memory_file(0);
	if (ftruncate(*ret_fd, sizeof(*n)) < 0)
		die("ftruncate");
	n = mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE, MAP_SHARED, *ret_fd, 0);
	if (n == MAP_FAILED)
		die("mmap");
	n->at = t->at;
	return n;
}

static void run_traced(struct trial *t, char *const *argv, struct stage *s)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		die("pipe2");
	s->go = go[0];
	trace(t, start(argv, s), go[1]);
	close(go[0]);
}

static void run_without_memory(struct trial *t, char *const *argv, struct stage *s)
{
	struct nomem *n = share_numbers(t, &s->memory);

	kill_later(t, start(argv, s));
	t->calls[ROLE_RUNTIME] = n->calls;
	t->number = n->calls > t->at ? 0 : -1;
	munmap(n, sizeof(*n));
	close(s->memory);
}

void tracer_run(struct trial *t, char *const *argv)
{
	struct stage s = {.out = t->stdout_fd ? t->stdout_fd : memory_file(MFD_CLOEXEC),
			  .errors = memory_file(MFD_CLOEXEC),
			  .go = -1,
			  .memory = -1,
			  .room = t->how == HURT_ROOM ? t->at : -1};
	long started = now_us();

	t->number = t->how == HURT_ROOM ? 0 : -1;
	if (t->how == HURT_MEMORY)
		run_without_memory(t, argv, &s);
	else if (t->how == HURT_TIME || t->how == HURT_ROOM)
		kill_later(t, start(argv, &s));
	else
		run_traced(t, argv, &s);
	t->elapsed_us = now_us() - started;
	if (read_fd(s.out, &t->out) < 0 || read_fd(s.errors, &t->errors) < 0)
		die("read the output");
	if (!t->stdout_fd)
		close(s.out);
	close(s.errors);
}
