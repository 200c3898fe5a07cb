/* SPDX-License-Identifier: Apache-2.0 */
#include "host_ops/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "cgroup/cgroup.h"

/* The properties of the plan's unit. Strings are the plan's. */
struct properties {
	struct rt_unit_properties all;
	uint32_t *steps;     /* of which step each is */
	const char **values; /* of all, one behind the other */
};

static void properties_free(struct properties *p)
{
	free(p->all.v);
	free(p->steps);
	free(p->values);
}

static const struct op_systemd_property *as_property(const struct op_head *s)
{
	return s->op == OP_systemd_property ? (const struct op_systemd_property *)s : NULL;
}

static int properties_room(const struct plan *plan, struct properties *p)
{
	const struct op_systemd_property *op;
	size_t n = 1, values = 1;

	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s)) {
		op = as_property(s);
		n += op != NULL;
		values += op ? op->values.n : 0;
	}
	p->all.v = calloc(n, sizeof(*p->all.v));
	p->steps = calloc(n, sizeof(*p->steps));
	p->values = calloc(values, sizeof(*p->values));
	return p->all.v && p->steps && p->values ? 0 : -ENOMEM;
}

static int properties_collect(const struct plan *plan, struct properties *p)
{
	const char **values;
	uint32_t index = 0;

	TRY(properties_room(plan, p));
	values = p->values;
	for (const struct op_head *s = plan_first(plan); s; s = plan_next(plan, s), index++) {
		const struct op_systemd_property *op = as_property(s);

		if (!op)
			continue;
		for (uint32_t i = 0; i < op->values.n; i++)
			values[i] = plan_item(plan, op->values, i);
		p->steps[p->all.n] = index;
		p->all.v[p->all.n++] = (struct rt_unit_property){
			plan_text(plan, op->name), plan_text(plan, op->type), values, op->values.n};
		values += op->values.n;
	}
	return 0;
}

/* The container's own cgroup, in the unit's. */
static int make_subgroup(struct rt_host *h, const char *unit_path, const char *subgroup,
			 struct err *e)
{
	_cleanup_strbuf_ struct strbuf path = {0};
	_cleanup_close_ int unit = -EBADF;
	bool own = str_empty(subgroup);
	int fd;

	strbuf_addf(&path, "%s%s%s", unit_path, own ? "" : "/", own ? "" : subgroup);
	if (path.failed)
		return err_nomem(e);
	TRY(rt_cgroup_open(h->cgroup_root, unit_path, &unit, e));
	if (own)
		fd = TAKE_FD(unit);
	else
		TRY(rt_cgroup_create_below(unit, subgroup, &fd, e));
	fd_slot_set(&h->cgroup, fd);
	h->cgroup_path = strbuf_take(&path);
	return 0;
}

int rt_unit_run(struct rt_host *h, const struct op_systemd_unit *op, struct err *e)
{
	const char *unit = plan_text(h->plan, op->unit);
	_cleanup_free_ char *path = NULL;
	struct properties p = {.all.refused = -1};
	struct err second = ERR_INIT;
	int r = properties_collect(h->plan, &p);

	if (r < 0)
		err_nomem(e);
	else
		r = rt_unit_start(unit, op->user, rt_unit_is_slice(unit) ? 0 : h->pid, &p.all,
				  &path, e);
	if (p.all.refused >= 0)
		e->step = p.steps[p.all.refused];
	properties_free(&p);
	if (r < 0)
		return r;
	r = make_subgroup(h, path, plan_text(h->plan, op->subgroup), e);
	if (r < 0) /* nobody else knows yet that it is there */
		rt_unit_stop(unit, op->user, &second);
	return r;
}

int rt_unit_take_in(struct rt_host *h, const struct op_systemd_attach *op, struct err *e)
{
	int fd;

	TRY(rt_unit_attach(plan_text(h->plan, op->unit), op->user, plan_text(h->plan, op->subgroup),
			   h->pid, e));
	TRY(rt_cgroup_open(h->cgroup_root, plan_text(h->plan, op->path), &fd, e));
	fd_slot_set(&h->cgroup, fd);
	return 0;
}

int rt_unit_change(struct rt_host *h, const struct op_systemd_change *op, struct rt_unit_undo *undo,
		   struct err *e)
{
	struct properties p = {.all.refused = -1};
	int r = properties_collect(h->plan, &p);

	if (r >= 0)
		undo->old = ARENA_ARRAY(&undo->arena, p.all.n, struct rt_unit_property);
	if (r < 0 || !undo->old)
		r = err_nomem(e);
	else
		r = rt_unit_set(plan_text(h->plan, op->unit), op->user, &p.all, &undo->arena,
				undo->old, e);
	if (r >= 0)
		undo->n = p.all.n;
	if (p.all.refused >= 0)
		e->step = p.steps[p.all.refused];
	properties_free(&p);
	return r;
}

int rt_unit_change_back(const struct rt_host *h, const struct op_systemd_change *op,
			const struct rt_unit_undo *undo, struct err *e)
{
	struct rt_unit_properties old = {.v = undo->old, .n = undo->n};

	return rt_unit_set(plan_text(h->plan, op->unit), op->user, &old, NULL, NULL, e);
}
