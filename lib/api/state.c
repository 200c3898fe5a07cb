/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/container.h"

int ocirt_state(ocirt_context *ctx, const char *id, char **ret)
{
	struct rt_container c = {0};
	struct err *e;
	int r;

	if (!ctx || !id || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	r = rt_container_open(ctx, id, RT_UNLOCKED, &c, e);
	if (r == 0 && !c.record)
		r = err_set(e, ENOENT | RT_NO_TEXT, RT_E_NOT_FOUND,
			    "container does not exist: \"%s\"", id);
	if (r == 0) {
		*ret = rt_container_state(&c, RT_STATE_PRETTY);
		r = *ret ? 0 : err_nomem(e);
	}
	rt_container_close(&c);
	return r;
}
