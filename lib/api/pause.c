/* SPDX-License-Identifier: Apache-2.0 */
/* pause and resume: the freezer of the container's cgroup. */
#include <errno.h>

#include "api/container.h"
#include "cgroup/cgroup.h"

#define FREEZE_MSEC 10000

static int bad_state(int no, const char *what, struct err *e)
{
	return err_set(e, no | RT_NO_TEXT, RT_E_BAD_STATE, "%s", what);
}

static int check_status(enum rt_status status, bool pause, struct err *e)
{
	if (pause && status == RT_PAUSED)
		return bad_state(EINVAL, "container already paused", e);
	if (!pause && status != RT_PAUSED)
		return bad_state(EINVAL, "container not paused", e);
	if (status == RT_STOPPED || status == RT_CREATING)
		return bad_state(ESRCH, "container not running", e);
	return 0;
}

static int freeze(struct rt_container *c, bool pause, struct err *e)
{
	int r;

	TRY(check_status(c->status, pause, e));
	TRY(rt_container_open_cgroup(c, e));
	if (fd_slot_get(c->cgroup) < 0)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			       "cannot pause \"%s\": it has no cgroup of its own", c->id);
	r = rt_cgroup_freeze(fd_slot_get(c->cgroup), pause, FREEZE_MSEC, e);
	return r < 0 ? err_ctx(e, "%s \"%s\"", pause ? "pause" : "resume", c->id) : 0;
}

static int freeze_by_id(ocirt_context *ctx, const char *id, bool pause)
{
	_cleanup_(rt_container_close) struct rt_container c = {0};
	struct err *e;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_container_open(ctx, id, RT_LOCKED, &c, e));
	return freeze(&c, pause, e);
}

int ocirt_pause(ocirt_context *ctx, const char *id)
{
	return freeze_by_id(ctx, id, true);
}

int ocirt_resume(ocirt_context *ctx, const char *id)
{
	return freeze_by_id(ctx, id, false);
}
