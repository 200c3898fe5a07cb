/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "api/context.h"
#include "spec/default.h"

int ocirt_spec(ocirt_context *ctx, unsigned int flags, char **ret)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	struct err *e;

	if (!ctx || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (flags & OCIRT_SPEC_ROOTLESS)
		TRY(rt_default_config_rootless(geteuid(), getegid(), &text, e));
	else
		TRY(rt_default_config(&text, e));
	*ret = strbuf_take(&text);
	return *ret ? 0 : err_nomem(e);
}
