/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that run in the container's namespaces: createContainer and startContainer. The signals are
 * in order already (start.c); descriptors, umask and stdio are set here.
 */
#include "init/init.h"

#include <linux/signal.h>

#define TAIL_SIZE 400 /* of a hook's output, for the error */
#define EXEC_REPORT 3 /* where the hook's process tells that execve failed */

struct hook {
	int pid, pidfd;
	int output;           /* our end of its stdout and stderr */
	char tail[TAIL_SIZE]; /* the last bytes of its output */
	size_t tail_len;
};

static int write_text(int fd, const char *s)
{
	size_t len = strlen(s);

	while (len) {
		long n = sys_write(fd, s, len);

		if (n < 0)
			return (int)n;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/*
 * The state document as a file in memory: unlike a pipe it holds any size at once, and a hook that
 * does not read it troubles nobody.
 */
static int make_state(struct init *in, const struct op_container_hook *op)
{
	char pid[12];
	struct text t = TEXT(pid);
	int fd = init_scratch(in, sys_memfd_create("state", 1 /* MFD_CLOEXEC */));
	int r;

	if (fd < 0)
		return fd;
	text_num(&t, (uint32_t)sys_getpid());
	r = write_text(fd, init_text(in, op->state_head));
	if (r >= 0)
		r = write_text(fd, pid);
	if (r >= 0)
		r = write_text(fd, init_text(in, op->state_tail));
	if (r >= 0)
		r = (int)sys_lseek(fd, 0, SEEK_SET);
	return r < 0 ? r : fd;
}

/* In the hook's process. Nothing of ours stays open in it. */
static void become_hook(struct init *in, const struct op_container_hook *op, int state, int output,
			int report)
{
	char *path = (char *)init_text(in, op->path);
	char *alone[] = {path, NULL}, *none[] = {NULL};
	char **argv = op->args.n ? init_argv(in, op->args) : alone;
	char **envp = op->env.off ? init_argv(in, op->env) : none;
	int r = sys_dup_stdio(state, 0);

	if (r >= 0)
		r = sys_dup_stdio(op->out != NO_SLOT ? init_slot(in, op->out) : output, 1);
	if (r >= 0)
		r = sys_dup_stdio(op->err != NO_SLOT ? init_slot(in, op->err) : output, 2);
	if (r >= 0 && report != EXEC_REPORT)
		r = sys_dup3(report, EXEC_REPORT, O_CLOEXEC);
	if (r >= 0)
		r = sys_close_range(EXEC_REPORT + 1, UINT32_MAX);
	sys_umask(in->umask);
	/* As for the runtime's own hooks, the bundle; container root may have no right to enter it. */
	if (sys_chdir(op->cwd ? init_text(in, op->cwd) : "/") < 0)
		sys_chdir("/");
	/* We are not always pid 1 of its namespace, whose end would take the hook along. */
	sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	if (r >= 0 && op->filter.len)
		r = init_load_filter(in, op->filter, op->filter_flags);
	if (r >= 0)
		r = sys_execve(path, argv, envp);
	sys_write(EXEC_REPORT, &r, sizeof(r));
	sys_exit(127);
}

/* Start it, and wait until execve has worked. */
static int start_hook(struct init *in, const struct op_container_hook *op, struct hook *hook)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&hook->pidfd,
	};
	int state = make_state(in, op), output[2], report[2], failure = 0, r;

	if (state < 0)
		return state;
	r = sys_pipe2(output, O_CLOEXEC);
	if (r < 0)
		return r;
	hook->output = init_scratch(in, output[0]);
	r = sys_pipe2(report, O_CLOEXEC);
	if (r >= 0)
		init_scratch(in, report[0]);
	if (r >= 0)
		r = sys_fcntl(hook->output, F_SETFL, O_NONBLOCK);
	if (r >= 0)
		r = hook->pid = (int)sys_clone3(&args);
	if (r == 0 && hook->pid == 0)
		become_hook(in, op, state, output[1], report[1]);
	sys_close(output[1]); /* so that both pipes end with the hook */
	if (r < 0)
		return r;
	sys_close(report[1]);
	init_scratch(in, hook->pidfd);
	if (sys_read(report[0], &failure, sizeof(failure)) != sizeof(failure))
		return 0;
	sys_wait4(hook->pid, NULL, WALL);
	return failure < 0 ? failure : -EIO;
}

/* Take what output there is. Returns false at its end. */
static bool take_output(struct hook *hook)
{
	char buf[TAIL_SIZE];
	long n;

	while ((n = sys_read(hook->output, buf, sizeof(buf))) > 0) {
		size_t len = (size_t)n, keep = sizeof(hook->tail) - len;

		if (keep > hook->tail_len)
			keep = hook->tail_len;
		memmove(hook->tail, hook->tail + hook->tail_len - keep, keep);
		memcpy(hook->tail + keep, buf, len);
		hook->tail_len = keep + len;
	}
	return n == -EAGAIN || n == -EINTR;
}

/* Returns 0 when the hook has ended, -ETIMEDOUT, or the errno of waiting. */
static int watch_hook(struct init *in, struct hook *hook, uint32_t timeout_sec)
{
	struct sys_timespec left = {timeout_sec, 0}; /* counted down by the kernel */
	struct sys_pollfd fds[3] = {
		{.fd = hook->pidfd, .events = POLLIN},
		{.fd = hook->output, .events = POLLIN},
		/* A runtime that dies takes the container with it, a client of the gate does not. */
		{.fd = in->gated ? -1 : in->report},
	};

	for (;;) {
		int r = sys_ppoll(fds, 3, timeout_sec ? &left : NULL);

		if (r == -EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
		if (fds[1].revents && !take_output(hook))
			fds[1].fd = -1;
		if (fds[0].revents || fds[2].revents)
			return fds[0].revents ? 0 : -EPIPE;
	}
}

static int hook_failed(struct init *in, struct hook *hook, int no, enum rt_why why, int status)
{
	char detail[sizeof(in->detail)];
	struct text t = TEXT(detail);

	detail[0] = '\0';
	if (why == RT_WHY_HOOK_EXIT) {
		text_add(&t, status & 0x7f ? "signal " : "exit status ");
		text_num(&t, (uint32_t)(status & 0x7f ? status & 0x7f : status >> 8 & 0xff));
		if ((status & 0x7f) == SIGSYS) /* the filter's doing */
			text_add(&t, " (bad system call)");
	}
	if (hook->tail_len) {
		text_add(&t, "\n");
		text_addn(&t, hook->tail, hook->tail_len);
	}
	return init_fail(in, no, why, detail);
}

int step_container_hook(struct init *in, const struct op_container_hook *op)
{
	struct hook hook = {.pidfd = -1};
	int status = 0, r, waited;

	init_close_scratch(in);
	r = start_hook(in, op, &hook);
	if (r < 0)
		return r;
	r = watch_hook(in, &hook, op->timeout_sec);
	if (r < 0)
		sys_kill(hook.pid, SIGKILL);
	take_output(&hook);
	waited = sys_wait4(hook.pid, &status, WALL);
	if (waited < 0 && r >= 0)
		r = waited;
	if (r == -EPIPE)
		sys_exit(1);
	if (r == -ETIMEDOUT)
		return hook_failed(in, &hook, r, RT_WHY_HOOK_TIMEOUT, 0);
	if (r < 0)
		return r;
	return status ? hook_failed(in, &hook, -ECANCELED, RT_WHY_HOOK_EXIT, status) : 0;
}
