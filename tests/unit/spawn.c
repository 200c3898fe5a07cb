/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/spawn, pid: programs of the host, for real. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/pid.h"
#include "base/spawn.h"
#include "base/str.h"
#include "base/sys.h"
#include "test.h"

static int run_shell(const char *script, const char *input, int timeout, char *out, size_t size,
		     int *status)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const char *const envp[] = { "PATH=/usr/bin:/bin", NULL };
	const struct rt_spawn s = {
		.exec_fd = -1, .path = "/bin/sh", .argv = argv, .envp = envp, .cwd_fd = -1
	};

	return rt_spawn_run(&s, input, strlen(input), timeout, out, size, status);
}

Test(spawn, run_collects_output)
{
	char out[64];
	int status;

	cr_assert_eq(run_shell("cat; echo err >&2; exit 3", "in\n", 10000, out, sizeof(out), &status),
		     0);
	cr_assert_eq(WEXITSTATUS(status), 3);
	cr_assert_str_eq(out, "in\nerr\n");

	/* the last bytes are kept */
	cr_assert_eq(run_shell("seq 1 100000", "", 10000, out, sizeof(out), &status), 0);
	cr_assert_eq(strlen(out), sizeof(out) - 1);
	cr_assert_str_eq(out + strlen(out) - 7, "100000\n");

	/* /dev/stdin can be opened again, and a program need not read it */
	cr_assert_eq(run_shell("cat /dev/stdin", "again", 10000, out, sizeof(out), &status), 0);
	cr_assert_str_eq(out, "again");

	cr_assert_eq(run_shell("kill -9 $$", "", 10000, out, sizeof(out), &status), 0);
	cr_assert(WIFSIGNALED(status));
	cr_assert_eq(WTERMSIG(status), SIGKILL);
}

Test(spawn, run_is_bounded)
{
	char out[64];
	int status;

	cr_assert_eq(run_shell("echo first; sleep 60", "", 300, out, sizeof(out), &status),
		     -ETIMEDOUT);
	cr_assert_str_eq(out, "first\n");
	/* a grandchild that keeps the output open does not keep us */
	cr_assert_eq(run_shell("sleep 60 & echo $!", "", 20000, out, sizeof(out), &status), 0);
	cr_assert_eq(WEXITSTATUS(status), 0);
	kill((pid_t)atoi(out), SIGKILL);
}

Test(spawn, child_gets_nothing_of_ours)
{
	char out[256];
	int status, leaked = fcntl(0, F_DUPFD, 50); /* without close-on-exec */
	sigset_t set;

	signal(SIGINT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	cr_assert_eq(run_shell("ls /proc/self/fd | tr '\\n' ' '; grep -E 'Sig(Blk|Ign)' /proc/self/status"
			       " | tr -d '\\t\\n'",
			       "", 10000, out, sizeof(out), &status),
		     0);
	close(leaked);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* 3 is ls's own directory */
	cr_assert_str_eq(out, "0 1 2 3 SigBlk:0000000000000000SigIgn:0000000000000000");
}

Test(spawn, exec_failure_is_told)
{
	const char *const argv[] = { "x", NULL };
	struct rt_spawn s = { .exec_fd = -1,
			      .path = "/nowhere",
			      .argv = argv,
			      .envp = argv + 1,
			      .cwd_fd = -1,
			      .cgroup_fd = -1 };
	bool exec_failed = false;
	int pidfd = -EBADF;
	pid_t pid;

	cr_assert_eq(rt_spawn(&s, &pid, &pidfd, &exec_failed), -ENOENT);
	cr_assert(exec_failed);
	s.cgroup_fd = 0; /* no cgroup: clone3 refuses */
	cr_assert(rt_spawn(&s, &pid, &pidfd, &exec_failed) < 0);
	cr_assert(!exec_failed);
	cr_assert_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1, "no child is left");
}

Test(spawn, stdio_in_any_order)
{
	const char *const argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
	const char *const envp[] = { NULL };
	int pipes[2][2], stdio[3], status;
	struct rt_spawn s = { .exec_fd = -1,
			      .path = "/bin/sh",
			      .argv = argv,
			      .envp = envp,
			      .stdio = stdio,
			      .cwd_fd = -1,
			      .cgroup_fd = -1 };
	_cleanup_close_ int pidfd = -EBADF;
	char buf[16] = { 0 };
	pid_t pid;

	for (int i = 0; i < 2; i++)
		cr_assert_eq(pipe2(pipes[i], O_CLOEXEC), 0);
	stdio[0] = 2; /* crossed with what is there */
	stdio[1] = pipes[0][1];
	stdio[2] = pipes[1][1];
	cr_assert_eq(rt_spawn(&s, &pid, &pidfd, NULL), 0);
	cr_assert_eq(rt_spawn_wait(pidfd, 10000, &status), 0);
	cr_assert_eq(status, 0);
	cr_assert_eq(read(pipes[0][0], buf, sizeof(buf)), 4);
	cr_assert_eq(read(pipes[1][0], buf, sizeof(buf)), 4);
	cr_assert_eq(rt_spawn_wait(pidfd, 1000, &status), -ECHILD, "only once");
}

Test(spawn, pids_are_not_confused)
{
	uint64_t start;
	char state;
	int fd;

	cr_assert_eq(rt_pid_stat(getpid(), &start, &state), 0);
	cr_assert_eq(state, 'R');
	fd = rt_pid_open(getpid(), start);
	cr_assert(fd >= 0);
	cr_assert_eq(rt_sys_pidfd_send_signal(fd, 0), 0);
	close(fd);
	cr_assert_eq(rt_pid_open(getpid(), start + 1), -ESRCH, "another process of the same pid");
	cr_assert_eq(rt_pid_open(0, start), -ESRCH);
	cr_assert_eq(rt_pid_open(-1, start), -ESRCH);
	cr_assert_eq(rt_pid_open(0x3ffffff, start), -ESRCH);
}
