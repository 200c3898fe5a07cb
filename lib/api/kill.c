/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>

#include "api/container.h"
#include "base/sys.h"
#include "cgroup/cgroup.h"

static int signal_all(struct rt_container *c, int signal, struct err *e)
{
	if (fd_slot_get(c->cgroup) < 0)
		return 0; /* nobody is left */
	if (signal == SIGKILL)
		return rt_cgroup_kill(fd_slot_get(c->cgroup), e);
	return rt_cgroup_signal(fd_slot_get(c->cgroup), signal, e);
}

static int send(struct rt_container *c, int signal, unsigned int flags, struct err *e)
{
	bool all = flags & OCIRT_KILL_ALL;
	int r;

	TRY(rt_container_open_cgroup(c, e));
	if (all && fd_slot_get(c->cgroup) >= 0) {
		r = signal_all(c, signal, e);
		return r < 0 ? r : 0;
	}
	if (fd_slot_get(c->pidfd) < 0) {
		/* These words are matched by containerd and CRI-O, which then take it as gone. */
		return all ? 0 : err_set(e, ESRCH, RT_E_BAD_STATE, "container not running");
	}
	r = rt_sys_pidfd_send_signal(fd_slot_get(c->pidfd), signal);
	if (r == -ESRCH)
		return all ? 0 : err_set(e, ESRCH, RT_E_BAD_STATE, "container not running");
	if (r < 0)
		return err_set(e, r, RT_E_SYSTEM, "send signal %d to container \"%s\"", signal,
			       c->id);
	/* A container without a pid namespace of its own does not end with its init. */
	if (signal == SIGKILL && c->record->shared_pids)
		r = signal_all(c, signal, e);
	return r;
}

int ocirt_kill(ocirt_context *ctx, const char *id, int signal, unsigned int flags)
{
	_cleanup_(rt_container_close) struct rt_container c = {0};
	struct err *e;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (signal < 0 || signal > 64)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "unknown signal %d", signal);
	TRY(rt_container_open(ctx, id, RT_UNLOCKED, &c, e));
	return send(&c, signal, flags, e);
}
