/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/bundle.h"
#include "spec/check.h"

static void tell(const struct problem *p, ocirt_problem_fn fn, void *userdata)
{
	const struct ocirt_problem told = {
		.struct_size = sizeof(told),
		.severity = p->severity == PROBLEM_WARNING ? OCIRT_PROBLEM_WARNING
							   : OCIRT_PROBLEM_ERROR,
		.line = p->line,
		.column = p->column,
		.field = p->field,
		.message = p->message,
		.suggestion = *p->suggestion ? p->suggestion : NULL,
		.code = err_code_word(p->code),
	};

	fn(&told, userdata);
}

int ocirt_check(ocirt_context *ctx, const struct ocirt_create_options *options, ocirt_problem_fn fn,
		void *userdata)
{
	struct ocirt_create_options o;
	_cleanup_(rt_problems_free) struct problems list = {0};
	_cleanup_(rt_bundle_free) struct rt_bundle b = {0};
	struct err *e;
	int r;

	if (!ctx || !fn)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options ? options->struct_size : 0, &o, sizeof(o), e));
	TRY(rt_bundle_open(&o, &b, e));
	r = rt_bundle_problems(&b, &list, e);
	for (size_t i = 0; i < list.n; i++)
		tell(&list.v[i], fn, userdata);
	return r;
}
