/* SPDX-License-Identifier: Apache-2.0 */
/* What each step took, told to who wants to know. */
#include <errno.h>
#include <stdlib.h>

#include "api/context.h"
#include "plan/desc.h"
#include "plan/message.h"
#include "spec/bind.h"

void ocirt_context_set_timings(ocirt_context *ctx, ocirt_timing_fn fn, void *userdata)
{
	if (!ctx)
		return;
	ctx->timing_fn = fn;
	ctx->timing_data = userdata;
}

/* A step, or work of the runtime: then `step` is NULL. */
struct row {
	struct op_time time;
	const struct op_head *step;
	const void *origin;
	enum rt_work work;
};

static int in_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->time.begin < y->time.begin ? -1 : x->time.begin > y->time.begin;
}

static size_t collect(const struct rt_times *t, const struct plan *p, struct row *rows)
{
	const struct op_head *s = plan_first(p);
	size_t n = 0;

	for (uint32_t i = 0; s && i < t->nsteps; i++, s = plan_next(p, s))
		if (t->steps[i].begin && t->steps[i].end)
			rows[n++] = (struct row){t->steps[i], s, p->origin[i], RT_WORK_MAX};
	for (int work = 0; work < RT_WORK_MAX; work++)
		if (t->work[work].begin)
			rows[n++] = (struct row){t->work[work], NULL, NULL, (enum rt_work)work};
	qsort(rows, n, sizeof(*rows), in_order);
	return n;
}

static const char *field_of(const struct rt_launch *l, const void *origin, char *buf, size_t size)
{
	buf[0] = '\0';
	if (origin && l->doc && l->doc->root)
		rt_bind_field(l->doc, origin, buf, size);
	if (origin && l->base && !buf[0])
		rt_bind_field(l->base, origin, buf, size);
	return buf;
}

/* 0 when the clock was set back meanwhile. */
static unsigned long usec_between(uint64_t begin, uint64_t end)
{
	return end > begin ? (unsigned long)((end - begin + 500) / 1000) : 0;
}

static void tell(ocirt_context *ctx, const struct rt_launch *l, const struct row *r)
{
	const struct op_desc *d = r->step ? op_desc(r->step->op) : NULL;
	char object[256] = "", field[256];
	struct ocirt_timing timing = {
		.stage = d ? plan_stage_name(r->step->stage) : "runtime",
		.step = d ? d->name : rt_work_word(r->work),
		.object = object,
		.field = field_of(l, r->origin, field, sizeof(field)),
		.by_init = d && d->init,
		.begin_usec = usec_between(l->times->start, r->time.begin),
		.usec = usec_between(r->time.begin, r->time.end),
	};

	if (d)
		plan_object(l->host->plan, r->step, object, sizeof(object));
	ctx->timing_fn(&timing, ctx->timing_data);
}

void rt_api_tell_times(ocirt_context *ctx, const struct rt_launch *l)
{
	const struct rt_times *t = l->times;
	struct row *rows;
	size_t n;

	if (!t || !t->on || !ctx->timing_fn)
		return; /* not asked for, or nothing was begun */
	rows = calloc(t->nsteps + RT_WORK_MAX, sizeof(*rows));
	if (!rows)
		return; /* that nobody hears of its times is no reason to fail a container that is there */
	n = collect(t, l->host->plan, rows);
	for (size_t i = 0; i < n; i++)
		tell(ctx, l, &rows[i]);
	free(rows);
}
