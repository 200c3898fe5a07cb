/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "proc/relay.h"

#define LAST_MESSAGES 64 /* a bound, for what is left of the container may go on sending */

struct watch {
	const struct rt_supervise *s;
	struct rt_relay in, out; /* stdin to pty, pty to stdout */
	int signals;
	bool relaying;
};

static void copy_window_size(int from, int to)
{
	struct winsize ws;

	if (ioctl(from, TIOCGWINSZ, &ws) == 0)
		ioctl(to, TIOCSWINSZ, &ws);
}

/* Orphans that came to us as subreaper; the program itself is waited for by its pidfd. */
static void reap_orphans(pid_t program)
{
	for (;;) {
		siginfo_t si = {0};

		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 ||
		    si.si_pid == 0 || si.si_pid == program)
			return;
		waitid(P_PID, (id_t)si.si_pid, &si, WEXITED | WNOHANG | __WALL);
	}
}

static void handle_signal(struct watch *w)
{
	struct signalfd_siginfo si;

	if (read(w->signals, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	if (si.ssi_signo == SIGCHLD) {
		if (w->s->subreaper)
			reap_orphans(w->s->pid);
	} else if (si.ssi_signo == SIGWINCH && w->relaying) {
		copy_window_size(STDIN_FILENO, w->s->console);
	} else {
		rt_sys_pidfd_send_signal(w->s->pidfd, (int)si.ssi_signo);
	}
}

/* One round: wait for what is due, do it. Returns 1 once the program has ended. */
static int watch_once(struct watch *w)
{
	struct rt_sd_notify *notify = w->s->notify;
	struct pollfd p[7] = {
		{.fd = w->s->pidfd, .events = POLLIN},
		{.fd = w->signals, .events = POLLIN},
		rt_relay_reader(&w->in),
		rt_relay_writer(&w->in),
		rt_relay_reader(&w->out),
		rt_relay_writer(&w->out),
		{.fd = fd_slot_get(notify->in), .events = POLLIN},
	};

	if (poll(p, ARRAY_SIZE(p), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents)
		handle_signal(w);
	rt_relay_step(&w->in, p[2].revents, p[3].revents);
	rt_relay_step(&w->out, p[4].revents, p[5].revents);
	if (p[6].revents)
		rt_sd_notify_step(notify);
	return p[0].revents ? 1 : 0;
}

static int watch(struct watch *w, int *ret_status)
{
	int r;

	do
		r = watch_once(w);
	while (r == 0);
	if (r < 0)
		return r;
	/* What the program wrote last is still in the pty, and what it said last in the socket. */
	if (w->relaying)
		rt_relay_drain(&w->out);
	for (int i = 0; i < LAST_MESSAGES && rt_sd_notify_step(w->s->notify); i++)
		;
	return rt_spawn_wait(w->s->pidfd, -1, ret_status);
}

int rt_supervise(const struct rt_supervise *s, int *ret_status, struct err *e)
{
	struct watch w = {.s = s, .relaying = s->console >= 0};
	_cleanup_free_ char *buffers = w.relaying ? malloc((size_t)2 * RT_RELAY_BUF) : NULL;
	_cleanup_close_ int signals = -EBADF;
	struct termios saved_mode;
	sigset_t all, saved_mask;
	int was_subreaper = 0, r;
	bool raw = false;

	if (w.relaying && !buffers)
		return err_nomem(e);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved_mask);
	if (s->subreaper) {
		prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	}
	rt_relay_init(&w.in, w.relaying ? STDIN_FILENO : -1, s->console, buffers);
	rt_relay_init(&w.out, s->console, w.relaying ? STDOUT_FILENO : -1,
		      w.relaying ? buffers + RT_RELAY_BUF : NULL);
	if (w.relaying) {
		copy_window_size(STDIN_FILENO, s->console);
		raw = rt_relay_raw_mode(STDIN_FILENO, &saved_mode) == 0;
	}
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	w.signals = signals;
	r = signals < 0 ? -errno : watch(&w, ret_status);

	if (raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_mode);
	if (s->subreaper) {
		reap_orphans(s->pid);
		prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
	}
	pthread_sigmask(SIG_SETMASK, &saved_mask, NULL);
	return r < 0 ? err_set(e, r, RT_E_SYSTEM, "wait for the program") : 0;
}
