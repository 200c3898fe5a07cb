/* SPDX-License-Identifier: Apache-2.0 */
#include "reaper.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

struct death {
	pid_t pid;
	int status;
};

static struct {
	int fd;
	bool off;
	sigset_t callers_mask;
	struct death *deaths;
	size_t n_deaths;
} reaper = {.fd = -1};

void reaper_init(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &reaper.callers_mask);
	reaper.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void reaper_leave(void)
{
	sigprocmask(SIG_SETMASK, &reaper.callers_mask, NULL);
}

int reaper_fd(void)
{
	return reaper.fd;
}

void reaper_enable(bool on)
{
	reaper.off = !on;
}

void reaper_collect(void)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	while (read(reaper.fd, &info, sizeof(info)) > 0)
		;
	while (!reaper.off && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		reaper.deaths = xgrow(reaper.deaths,
				      (reaper.n_deaths + 1) * sizeof(*reaper.deaths));
		reaper.deaths[reaper.n_deaths++] = (struct death){.pid = pid, .status = status};
	}
}

bool reaper_status(pid_t pid, int *ret_status)
{
	int status;

	for (size_t i = reaper.n_deaths; i-- > 0;) {
		if (reaper.deaths[i].pid == pid) {
			*ret_status = reaper.deaths[i].status;
			return true;
		}
	}
	/*
	 * Zombies that are left alone must not keep the driver from waiting for its own children.
	 */
	if (reaper.off && waitpid(pid, &status, WNOHANG) == pid) {
		*ret_status = status;
		return true;
	}
	return false;
}
