/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/sys.h"
#include "base/time.h"

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* What parent and child share; the child writes error and stage only. */
struct child {
	const struct rt_spawn *s;
	sigset_t mask; /* to be set in the child of a clean program */
	pid_t parent;
	volatile int error;
	volatile bool executing;
};

/*
 * The system call itself, inlined: the child comes back from it on the parent's stack (CLONE_VM
 * without a stack of its own, as vfork does), so there must be no frame that it could leave.
 */
static inline __attribute__((always_inline)) long clone3_inline(struct clone_args *args,
								size_t size)
{
#if defined(__x86_64__)
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "0"((long)SYS_clone3), "D"(args), "S"(size)
			 : "rcx", "r11", "memory");
	return r;
#elif defined(__i386__)
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "0"((long)SYS_clone3), "b"(args), "c"(size)
			 : "memory");
	return r;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)size;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
	return x0;
#elif defined(__arm__)
	register long r7 __asm__("r7") = SYS_clone3;
	register long r0 __asm__("r0") = (long)args;
	register long r1 __asm__("r1") = (long)size;

	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1) : "memory");
	return r0;
#elif defined(__riscv)
	register long a7 __asm__("a7") = SYS_clone3;
	register long a0 __asm__("a0") = (long)args;
	register long a1 __asm__("a1") = (long)size;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1) : "memory");
	return a0;
#elif defined(__powerpc64__)
	register long r0 __asm__("r0") = SYS_clone3;
	register long r3 __asm__("r3") = (long)args;
	register long r4 __asm__("r4") = (long)size;

	__asm__ volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4)
			 :
			 : "memory", "cr0", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
			   "ctr", "xer");
	return r3;
#elif defined(__s390x__)
	register long r1 __asm__("r1") = SYS_clone3;
	register long r2 __asm__("r2") = (long)args;
	register long r3 __asm__("r3") = (long)size;

	__asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3) : "memory");
	return r2;
#else
#error "clone3 is not written down for this architecture"
#endif
}

/* Move three descriptors to 0, 1, 2, whatever numbers they have now. */
static int place_stdio(const int *stdio)
{
	int high[3];

	for (int i = 0; i < 3; i++) {
		high[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 3);
		if (high[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0) /* no O_CLOEXEC: the program has them */
			return -errno;
	return 0;
}

/* A program of the host gets nothing of ours: ignored signals, descriptors, mask. */
static int become_clean(const struct child *c)
{
	static const unsigned long sig_dfl[8]; /* the kernel's struct sigaction, all default */

	/* The raw call: the C library hides signals 32 and 33, which posix_spawn leaves ignored. */
	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, sig_dfl, NULL, (NSIG - 1) / 8);
	if (syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) < 0)
		return -errno;
	/* It works for whoever waits for it; who has died before this call sends no signal. */
	if (!c->s->outlives) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			return -errno;
		if (syscall(SYS_getppid) != c->parent)
			return -ESRCH;
	}
	return sigprocmask(SIG_SETMASK, &c->mask, NULL) < 0 ? -errno : 0;
}

/* What is mounted here is not to be seen on the host, what is mounted there still is here. */
static int mount_privately(const struct rt_spawn *s)
{
	if (s->nmounts && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	for (uint32_t i = 0; i < s->nmounts; i++)
		if (syscall(SYS_move_mount, s->mounts[i].tree, "", AT_FDCWD, s->mounts[i].target,
			    0x4 /* MOVE_MOUNT_F_EMPTY_PATH */) < 0)
			return -errno;
	return 0;
}

static int prepare_child(const struct child *c)
{
	const struct rt_spawn *s = c->s;
	int r = 0;

	if (s->stdio)
		r = place_stdio(s->stdio);
	if (r == 0)
		r = mount_privately(s);
	if (r == 0 && s->cwd_fd >= 0 && fchdir(s->cwd_fd) < 0)
		r = -errno;
	if (r == 0 && s->clean)
		r = become_clean(c);
	for (uint32_t i = 0; r == 0 && i < s->nkeep; i++)
		if (s->keep[i] >= 0 && fcntl(s->keep[i], F_SETFD, 0) < 0)
			r = -errno;
	return r;
}

/* In the child: memory is the parent's, so only system calls, and no return. */
static __attribute__((noreturn, noinline, no_sanitize("address", "undefined"))) void child_main(
	struct child *c)
{
	const struct rt_spawn *s = c->s;
	int r = prepare_child(c);

	if (r == 0) {
		c->executing = true;
		syscall(SYS_execveat, s->exec_fd >= 0 ? s->exec_fd : AT_FDCWD,
			s->exec_fd >= 0 ? "" : s->path, s->argv, s->envp,
			s->exec_fd >= 0 ? AT_EMPTY_PATH : 0);
		r = -errno;
	}
	c->error = r;
	_exit(127);
}

static __attribute__((noinline, no_sanitize("address", "undefined"))) long clone_and_exec(
	struct clone_args *args, struct child *c)
{
	long r = clone3_inline(args, sizeof(*args));

	if (r == 0)
		child_main(c);
	return r;
}

int rt_spawn(const struct rt_spawn *s, pid_t *ret_pid, int *ret_pidfd, bool *ret_exec_failed)
{
	struct child c = {.s = s, .parent = s->clean ? getpid() : 0};
	_cleanup_close_ int pidfd = -EBADF;
	int pidfd_out = -1;
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | s->namespaces,
		.pidfd = (uint64_t)(uintptr_t)&pidfd_out,
	};
	sigset_t all, saved;
	long pid;

	if (s->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)s->cgroup_fd;
	}
	/* No handler of the caller may run in the child, on the caller's memory. */
	sigemptyset(&c.mask);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	pid = clone_and_exec(&args, &c);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	if (ret_exec_failed)
		*ret_exec_failed = c.executing && c.error;
	if (pid < 0)
		return (int)pid;
	pidfd = pidfd_out;
	if (c.error) {
		rt_spawn_wait(pidfd, -1, NULL);
		return c.error;
	}
	*ret_pid = (pid_t)pid;
	*ret_pidfd = TAKE_FD(pidfd);
	return 0;
}

/* What is left of a timeout: -1 stays -1. */
static int msec_left(int64_t start, int timeout_msec)
{
	int64_t left = timeout_msec - (rt_clock_msec(CLOCK_MONOTONIC) - start);

	if (timeout_msec < 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

/* Poll until the process has ended. */
static int wait_end(int pidfd, int timeout_msec)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int64_t start = rt_clock_msec(CLOCK_MONOTONIC);
	int n;

	do
		n = poll(&p, 1, msec_left(start, timeout_msec));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

void rt_spawn_await_own_memory(pid_t pid)
{
	static const struct timespec moment = {.tv_nsec = 100000};
	long same;

	/* 0: the same memory. An error: no kcmp here, and then a moment has to do. */
	do {
		same = syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0UL, 0UL);
		if (same <= 0)
			nanosleep(&moment, NULL);
	} while (same == 0);
}

int rt_spawn_wait(int pidfd, int timeout_msec, int *ret_status)
{
	int r = timeout_msec < 0 ? 0 : wait_end(pidfd, timeout_msec);
	siginfo_t si = {0};

	if (r < 0)
		return r;
	/* __WALL: a child with exit signal 0 is a "clone child" to wait */
	do
		r = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &si, WEXITED | __WALL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (ret_status)
		*ret_status = si.si_code == CLD_EXITED ? (si.si_status & 0xff) << 8
						       : (si.si_status & 0x7f);
	return 0;
}

#define KILL_MSEC 10000

int rt_spawn_kill(pid_t pid, int pidfd, int *ret_status)
{
	/* until it is reaped the pid is its own, so kill(2) cannot hit another process */
	if (rt_sys_pidfd_send_signal(pidfd, SIGKILL) < 0)
		kill(pid, SIGKILL);
	return rt_spawn_wait(pidfd, KILL_MSEC, ret_status);
}

#define REAP_MSEC 1000

void rt_spawn_reap_group(pid_t group)
{
	int64_t start = rt_clock_msec(CLOCK_MONOTONIC);
	siginfo_t si;

	do {
		si.si_pid = 0;
		if (waitid(P_PGID, (id_t)group, &si, WEXITED | WNOHANG | __WALL) < 0 &&
		    errno != EINTR)
			return;
		if (si.si_pid == 0)
			poll(NULL, 0, 1);
	} while (msec_left(start, REAP_MSEC) > 0);
}

/* Keep the last bytes of a stream in a fixed buffer. */
static void keep_tail(char *buf, size_t size, size_t *len, const char *bytes, size_t n)
{
	if (n >= size) {
		bytes += n - (size - 1);
		n = size - 1;
	}
	if (*len + n > size - 1) {
		size_t drop = *len + n - (size - 1);

		memmove(buf, buf + drop, *len - drop);
		*len -= drop;
	}
	memcpy(buf + *len, bytes, n);
	*len += n;
}

#define CHUNK 4096
#define PIPE_READS 20 /* more than a pipe holds */

/* Read what is there now; false at the end of the stream. */
static bool drain(int fd, char *output, size_t size, size_t *len)
{
	char chunk[CHUNK];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n > 0)
		keep_tail(output, size, len, chunk, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Collect output until the program has ended; a grandchild may hold the pipe open for longer. */
static int collect(int fd, int pidfd, int timeout_msec, char *output, size_t size, size_t *len)
{
	int64_t start = rt_clock_msec(CLOCK_MONOTONIC);
	bool open = true;

	for (;;) {
		struct pollfd p[2] = {{.fd = pidfd, .events = POLLIN},
				      {.fd = open ? fd : -1, .events = POLLIN}};
		int n = poll(p, 2, msec_left(start, timeout_msec));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0 && p[1].revents)
			open = drain(fd, output, size, len);
		if (n > 0 && p[0].revents) {
			/* what it said last; a grandchild that goes on talking is cut off */
			for (int i = 0; open && i < PIPE_READS; i++)
				open = drain(fd, output, size, len);
			return 0;
		}
	}
}

/* The input as a file: nothing to feed, no SIGPIPE, and /dev/stdin can be opened. */
static int input_file(const char *input, size_t len)
{
	_cleanup_close_ int fd = memfd_create("rt-input", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write_all(fd, input, len);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : TAKE_FD(fd);
}

int rt_spawn_run(const struct rt_spawn *s, const char *input, size_t input_len, int timeout_msec,
		 char *output, size_t size, int *ret_status)
{
	_cleanup_close_ int in = -EBADF, out = -EBADF, out_write = -EBADF, pidfd = -EBADF;
	struct rt_spawn clean = *s;
	size_t len = 0;
	int pipefd[2], stdio[3], r, wait_r;
	pid_t pid = -1;

	in = input_file(input, input_len);
	if (in < 0)
		return in;
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return -errno;
	out = pipefd[0];
	out_write = pipefd[1];
	if (fcntl(out, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	stdio[0] = in;
	for (int i = 1; i <= 2; i++)
		stdio[i] = s->stdio && s->stdio[i] >= 0 ? s->stdio[i] : out_write;
	clean.stdio = stdio;
	clean.nkeep = 0;
	clean.namespaces = 0;
	clean.cgroup_fd = -1;
	clean.clean = true;
	r = rt_spawn(&clean, &pid, &pidfd, NULL);
	if (r < 0)
		return r;
	rt_fd_closep(&out_write);
	r = collect(out, pidfd, timeout_msec, output, size, &len);
	output[len] = '\0';
	if (r < 0)
		wait_r = rt_spawn_kill(pid, pidfd, ret_status);
	else
		wait_r = rt_spawn_wait(pidfd, -1, ret_status);
	return r < 0 ? r : wait_r;
}
