/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/container.h"
#include "api/salvage.h"

static int delete_it(struct rt_container *c, bool force, struct err *e)
{
	if (!force && (c->status == RT_RUNNING || c->status == RT_PAUSED))
		return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BAD_STATE,
			       "cannot delete container %s that is not stopped: %s", c->id,
			       rt_status_word(c->status));
	return rt_container_destroy(c, true, e);
}

int ocirt_delete(ocirt_context *ctx, const char *id, unsigned int flags)
{
	_cleanup_(rt_salvage_free) struct rt_salvage salvage = {0};
	_cleanup_(rt_container_close) struct rt_container c = {0};
	bool force = flags & OCIRT_DELETE_FORCE;
	struct err *e;
	int r;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	r = rt_container_open(ctx, id, RT_LOCKED, &c, e);
	if (r == -ENOENT && force && e->code == RT_E_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	if (r < 0 && force && c.lost) {
		rt_api_log(ctx, OCIRT_LOG_ERROR, "%s%s%s", e->at, *e->at ? ": " : "", e->text);
		err_clear(e);
		r = rt_salvage(&c, &salvage, e);
	}
	return r < 0 ? r : delete_it(&c, force, e);
}
