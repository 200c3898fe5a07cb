/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/bundle.h"
#include "base/str.h"
#include "plan/print.h"

static const char *field_of(const void *doc, const void *member, char *buf, size_t size)
{
	return rt_bind_field(doc, member, buf, size);
}

static int explain(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		   unsigned int flags, char **ret, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	struct rt_bundle b = {0};
	struct rt_prepared p = {0};
	int r;

	r = rt_bundle_open(options, &b, e);
	if (r == 0)
		r = rt_bundle_check(ctx, &b, e);
	if (r == 0)
		r = rt_bundle_rootfs(&b, e);
	p.notify_socket = ctx->notify_socket;
	if (r == 0)
		r = rt_prepare(ctx, id, &b, options, false, &p, e);
	if (r == 0) {
		if (flags & OCIRT_EXPLAIN_JSON)
			plan_print_json(&p.plan, field_of, &b.doc, &text);
		else
			plan_print_text(&p.plan, field_of, &b.doc, &text);
		*ret = strbuf_take(&text);
		r = *ret ? 0 : err_nomem(e);
	}
	rt_prepared_free(&p);
	rt_bundle_free(&b);
	return r;
}

int ocirt_explain(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		  unsigned int flags, char **ret)
{
	struct ocirt_create_options o;
	struct err *e;

	if (!ctx || !id || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	return explain(ctx, id, &o, flags, ret, e);
}
