/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reaper.h"

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define FIRST_SAFE_FD 100 /* our own descriptors are moved up here, away from leaked ones */

/* In the child: say why the command could not even be started. */
static void __attribute__((noreturn)) die(const char *what)
{
	dprintf(STDERR_FILENO, "run-cases: %s: %s\n", what, strerror(errno));
	_exit(127);
}

static int away(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SAFE_FD);

	if (moved < 0)
		die("dup");
	return moved;
}

static void inherit_as(int fd, int number)
{
	/* No O_CLOEXEC: the runtime is to have it. */
	dup2(fd, number);
}

static int open_stdin(const struct caller *caller)
{
	int ends[2];
	size_t len;

	if (!caller->stdin_text)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	len = strlen(caller->stdin_text);
	/* Written before anybody reads: that holds for as much as a pipe takes. */
	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], caller->stdin_text, len) != (ssize_t)len)
		die("stdin");
	close(ends[1]);
	return ends[0];
}

static void use_terminal(int slave)
{
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		die("controlling terminal");
	for (int fd = 0; fd <= 2; fd++)
		inherit_as(slave, fd);
}

static void set_stdio(const struct caller *caller, const struct pty *pty, int out, int err)
{
	out = away(out);
	err = away(err);
	if (caller->on_terminal) {
		use_terminal(away(pty->slave));
		return;
	}
	inherit_as(away(open_stdin(caller)), STDIN_FILENO);
	inherit_as(out, STDOUT_FILENO);
	inherit_as(err, STDERR_FILENO);
	if (caller->stdin_closed)
		close(STDIN_FILENO);
}

static void set_leaked_fds(const struct caller *caller)
{
	for (size_t i = 0; i < caller->n_fds; i++) {
		/* No O_CLOEXEC: that they are inherited is the point. */
		int fd = open(caller->fds[i].path, O_RDONLY);

		if (fd < 0)
			die(caller->fds[i].path);
		if (fd != caller->fds[i].number) {
			inherit_as(fd, caller->fds[i].number);
			close(fd);
		}
	}
}

static void set_identity(const struct caller *caller)
{
	for (size_t i = 0; i < caller->n_limits; i++) {
		const struct resource_limit *l = &caller->limits[i];
		struct rlimit limit = {.rlim_cur = l->soft, .rlim_max = l->hard};

		if (setrlimit((__rlimit_resource_t)l->resource, &limit) < 0)
			die("setrlimit");
	}
	umask(caller->umask);
	if (caller->key &&
	    (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, caller->ring) < 0 ||
	     (caller->ring && syscall(SYS_keyctl, KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING,
				      0x3f3f0000 /* its possessor and its user: all */) < 0) ||
	     syscall(SYS_add_key, "user", caller->key, "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0))
		die("keyring");
	if (caller->unprivileged) {
		if (setgroups(0, NULL) < 0 ||
		    setresgid(caller->gid, caller->gid, caller->gid) < 0 ||
		    setresuid(caller->uid, caller->uid, caller->uid) < 0)
			die("change of identity");
	}
	if (caller->cwd && chdir(caller->cwd) < 0)
		die(caller->cwd);
}

/* As in a container whose seccomp profile does not know the newer calls. */
static void set_filter(const struct caller *caller)
{
	struct sock_filter *code = xalloc((2 * caller->n_denied + 2) * sizeof(*code));
	struct sock_fprog filter = {.filter = code};

	if (caller->n_denied == 0)
		return;
	code[filter.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							   offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < caller->n_denied; i++) {
		code[filter.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)caller->denied[i].number, 0, 1);
		code[filter.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)caller->denied[i].error);
	}
	code[filter.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		die("seccomp");
}

static void __attribute__((noreturn)) child(const struct words *argv, const struct caller *caller,
					    const struct pty *pty, int out, int err)
{
	struct words env = {0};

	reaper_leave();
	words_add(&env, xstrdup(DEFAULT_PATH));
	words_add_all(&env, &caller->env);
	set_stdio(caller, pty, out, err);
	set_leaked_fds(caller);
	set_identity(caller);
	set_filter(caller);
	execve(argv->v[0], argv->v, env.v);
	die(argv->v[0]);
}

void command_start(struct command *c, const struct words *argv, const struct caller *caller,
		   const struct pty *pty)
{
	struct text line = {0};

	for (size_t i = 0; i < argv->n; i++)
		text_printf(&line, "%s%s", i ? " " : "", argv->v[i]);
	c->line = line.data;
	c->stdout_fd = memfd_create("stdout", MFD_CLOEXEC);
	c->stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	/* Two writers of one file: the runtime and what it leaves behind. */
	fcntl(c->stdout_fd, F_SETFL, O_APPEND);
	fcntl(c->stderr_fd, F_SETFL, O_APPEND);
	c->started_ms = now_ms();
	c->running = true;
	c->pid = fork();
	if (c->pid == 0)
		child(argv, caller, pty, c->stdout_fd, c->stderr_fd);
	if (c->pid < 0) {
		perror("run-cases: fork");
		abort();
	}
}

void command_pump(struct pty *pty, long ms)
{
	struct pollfd fds[2] = {
		{.fd = reaper_fd(), .events = POLLIN},
		{.fd = pty ? pty->master : -1, .events = POLLIN},
	};

	poll(fds, 2, (int)ms);
	if (pty)
		pty_drain(pty);
	reaper_collect();
}

void command_wait(struct command *c, struct pty *pty, long timeout_ms)
{
	long deadline = now_ms() + timeout_ms;

	reaper_collect();
	while (!reaper_status(c->pid, &c->status)) {
		long left = deadline - now_ms();

		if (left <= 0 && !c->timed_out) {
			c->timed_out = true;
			kill(c->pid, SIGKILL);
		}
		command_pump(pty, left > 0 && left < 50 ? left : 50);
	}
	c->running = false;
	c->elapsed_ms = now_ms() - c->started_ms;
	if (pty)
		pty_drain(pty);
}

static struct text content(int fd)
{
	struct text t = {0};

	read_fd(fd, &t);
	return t;
}

struct text command_stdout(const struct command *c)
{
	return content(c->stdout_fd);
}

struct text command_stderr(const struct command *c)
{
	return content(c->stderr_fd);
}

int command_exit_code(const struct command *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}
