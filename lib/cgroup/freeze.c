/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup v2 freezer: cgroups(7), Documentation/admin-guide/cgroup-v2.rst "cgroup.freeze". */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/text.h"

#define EVENTS_MAX 512

/*
 * Wait until cgroup.events says so. The kernel wakes who polls it when it has changed since it was
 * last read. Returns 0, -ETIMEDOUT, or what reading said.
 */
static int wait_frozen(int events, bool frozen, int timeout_msec)
{
	int64_t deadline = rt_clock_msec(CLOCK_MONOTONIC) + timeout_msec;
	struct pollfd p = {.fd = events, .events = POLLPRI};

	for (;;) {
		char text[EVENTS_MAX];
		ssize_t n = pread(events, text, sizeof(text) - 1, 0);
		int64_t left = deadline - rt_clock_msec(CLOCK_MONOTONIC);

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if ((rt_cgroup_value(text, "frozen") != 0) == frozen)
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* Not all of it froze: say who runs on. */
static void tell_who_runs(int cgroup, int timeout_msec, struct err *e)
{
	struct err names = ERR_INIT;

	rt_cgroup_wait_empty(cgroup, 0, &names);
	err_set(e, ETIMEDOUT | RT_NO_TEXT, RT_E_TIMEOUT, "the cgroup did not freeze within %d ms",
		timeout_msec);
	err_hint(e, "a process in the kernel that cannot be interrupted stays there: %s",
		 names.text);
}

int rt_cgroup_freeze(int cgroup, bool freeze, int timeout_msec, struct err *e)
{
	_cleanup_close_ int events = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int r = events < 0 ? -errno : io_write_small(cgroup, "cgroup.freeze", freeze ? "1" : "0");

	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "write cgroup.freeze");
	r = wait_frozen(events, freeze, timeout_msec);
	if (r == -ETIMEDOUT && !freeze)
		return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BUSY,
			       "the cgroup is still frozen: one above it is frozen, too");
	if (r >= 0)
		return 0;
	if (r == -ETIMEDOUT)
		tell_who_runs(cgroup, timeout_msec, e);
	else
		err_set(e, r, RT_E_CGROUP, "wait for cgroup.events");
	/* What could not be paused as a whole runs on as a whole. */
	if (freeze)
		io_write_small(cgroup, "cgroup.freeze", "0");
	return -e->no;
}
