/* SPDX-License-Identifier: Apache-2.0 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ab.h"

static int null_fd, messages_fd;

/*
 * Debian's crun raises RLIMIT_MEMLOCK for its device program, which no kernel since 5.11 asks for
 * any more, and gives up where it may not (no CAP_SYS_RESOURCE, as in many virtual machines). Then
 * the call is made to do nothing and succeed, by a filter that all contenders run under alike.
 */
static void allow_memlock(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_MEMLOCK, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), /* only reads the limit */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		return;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		err(125, "cannot load a seccomp filter");
}

void run_init(void)
{
	allow_memlock();
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	messages_fd = memfd_create("messages", MFD_CLOEXEC);
	if (null_fd < 0 || messages_fd < 0)
		err(125, "cannot open the null device or a memfd");
	/* Containers that outlive their runtime come to us; they are reaped while we wait. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		err(125, "cannot become a subreaper");
}

void run_stdio(void)
{
	/* no O_CLOEXEC: the command's own stdio */
	if (dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 || dup2(messages_fd, 2) < 0)
		_exit(126);
}

void run_failed(char *const *argv, int status)
{
	char buffer[4096];
	ssize_t size;

	fflush(stdout);
	lseek(messages_fd, 0, SEEK_SET);
	while ((size = read(messages_fd, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)size, stderr);
	fprintf(stderr, "ab: failed (wait status 0x%x):", (unsigned int)status);
	for (; *argv; argv++)
		fprintf(stderr, " %s", *argv);
	fprintf(stderr, "\n");
	exit(1);
}

static double now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double usec(const struct timeval *t)
{
	return (double)t->tv_sec * 1e6 + (double)t->tv_usec;
}

/*
 * Wait for one child, and reap every other that ends meanwhile: a runtime that waits for the
 * container's end must not be kept waiting by a zombie of ours.
 */
static int wait_for(pid_t pid, struct rusage *ret_usage)
{
	int status;

	for (;;) {
		pid_t ended = wait4(-1, &status, __WALL, ret_usage);

		if (ended == pid)
			return status;
		if (ended < 0 && errno != EINTR)
			err(125, "wait4");
	}
}

void run_command(char *const *argv, struct sample *ret)
{
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	if (ftruncate(messages_fd, 0) < 0 || lseek(messages_fd, 0, SEEK_SET) < 0)
		err(125, "messages");
	start = now_usec();
	pid = vfork();
	if (pid == 0) {
		run_stdio();
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		err(125, "vfork");
	status = wait_for(pid, &usage);
	if (status)
		run_failed(argv, status);
	if (ret) {
		ret->wall += now_usec() - start;
		ret->cpu += usec(&usage.ru_utime) + usec(&usage.ru_stime);
	}
}

void run_wait(const char *pid_file)
{
	FILE *f = fopen(pid_file, "re");
	struct pollfd p = {.events = POLLIN};
	long pid;

	if (!f || fscanf(f, "%ld", &pid) != 1)
		errx(125, "%s: no process number", pid_file);
	fclose(f);
	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p.fd < 0)
		return; /* ended, and reaped while a command ran */
	if (poll(&p, 1, 10000) != 1)
		errx(125, "process %ld (%s) does not end", pid, pid_file);
	close(p.fd);
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}
