/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/bundle.h"
#include "base/str.h"
#include "plan/print.h"

static const char *field_of(const void *doc, const void *member, char *buf, size_t size)
{
	return rt_bind_field(doc, member, buf, size);
}

int rt_api_print_plan(const struct plan *plan, const struct bind_doc *doc, unsigned int flags,
		      char **ret, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = {0};

	if (flags & OCIRT_EXPLAIN_JSON)
		plan_print_json(plan, field_of, doc, &text);
	else
		plan_print_text(plan, field_of, doc, &text);
	*ret = strbuf_take(&text);
	return *ret ? 0 : err_nomem(e);
}

static int explain(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		   unsigned int flags, char **ret, struct err *e)
{
	_cleanup_(rt_bundle_free) struct rt_bundle b = {0};
	_cleanup_(rt_prepared_free) struct rt_prepared p = {.notify_socket = ctx->notify_socket};

	TRY(rt_bundle_open(options, &b, e));
	TRY(rt_bundle_check(ctx, &b, e));
	TRY(rt_bundle_rootfs(&b, e));
	TRY(rt_prepare(ctx, id, &b, options, false, &p, e));
	return rt_api_print_plan(&p.plan, &b.doc, flags, ret, e);
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
