/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/container.h"

int ocirt_state(ocirt_context *ctx, const char *id, char **ret)
{
	_cleanup_(rt_container_close) struct rt_container c = {0};
	struct err *e;

	if (!ctx || !id || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_container_open(ctx, id, RT_UNLOCKED, &c, e));
	if (!c.record)
		return err_set(e, ENOENT | RT_NO_TEXT, RT_E_NOT_FOUND,
			       "container does not exist: \"%s\"", id);
	*ret = rt_container_state(&c, RT_STATE_PRETTY);
	return *ret ? 0 : err_nomem(e);
}
