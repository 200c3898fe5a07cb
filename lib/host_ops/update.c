/* SPDX-License-Identifier: Apache-2.0 */
/* The writes of update: all or none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "host_ops/rdt.h"
#include "host_ops/update.h"

#define FILE_MAX (1u << 20)

/* Files of one line for each key, and what takes a line away: a write changes one line alone. */
static const struct {
	char file[16], none[48];
} keyed[] = {
	{"io.max", "rbps=max wbps=max riops=max wiops=max"},
	{"io.weight", "default"},
	{"io.bfq.weight", "default"},
	{"io.latency", "target=0"},
	{"rdma.max", "hca_handle=max hca_object=max"},
	{"misc.max", "max"},
	{"dmem.max", "max"},
};

/* The line of the file that `value` is about: "8:0 rbps=max", with which it can be written again. */
static char *old_line(const char *text, const char *value, const char *none)
{
	size_t len = strcspn(value, " ");
	const char *key = value[len] ? value : "default";
	_cleanup_strbuf_ struct strbuf b = {0};

	if (key != value)
		len = strlen(key);
	for (const char *line = text; *line; line += *line == '\n') {
		size_t n = strcspn(line, "\n");

		if (n > len && line[len] == ' ' && memcmp(line, key, len) == 0)
			return strndup(line, n);
		line += n;
	}
	strbuf_addn(&b, key, len);
	strbuf_addf(&b, " %s", none);
	return strbuf_take(&b);
}

/*
 * BFQ's weight of all devices takes those of single ones away (bfq_io_set_weight_legacy): of this write
 * alone the whole file is kept.
 */
static bool writes_over_all(const char *file, const char *value)
{
	return streq(file, "io.bfq.weight") && !strchr(value, ':');
}

/* What to write so that the file is again as its text says; a line for each write. */
static char *old_value(const char *file, const char *text, const char *value)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(keyed); i++)
		if (streq(file, keyed[i].file) && !writes_over_all(file, value))
			return old_line(text, value, keyed[i].none);
	/* "root invalid (...)" is what it became of "root" */
	if (streq(file, "cpuset.cpus.partition"))
		n = strcspn(text, " \n");
	while (n > 0 && text[n - 1] == '\n')
		n--;
	return strndup(text, n);
}

/*
 * Read what a write will replace. A file that cannot be read has no value that could be restored:
 * memory.reclaim is a deed. One that is missing is for the write to complain of.
 */
static int remember(const struct rt_host *h, const struct op_cgroup_write *op, char **ret,
		    struct err *e)
{
	const char *file = plan_text(h->plan, op->file);
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (io_read_file(fd_slot_get(h->cgroup), file, FILE_MAX, &text, &len) < 0)
		return 0;
	*ret = old_value(file, text, plan_text(h->plan, op->value));
	return *ret ? 0 : err_nomem(e);
}

static const char *rdt_group(const struct rt_host *h, const struct op_head *step)
{
	return plan_text(h->plan, ((const struct op_rdt_schema *)step)->path);
}

/* The lines of an old value, one by one; only those of devices, where others are new. */
static int write_lines(const struct rt_host *h, const struct op_cgroup_write *op, const char *text,
		       bool devices, struct err *e)
{
	_cleanup_free_ char *copy = strdup(text);
	char *save = NULL;

	if (!copy)
		return err_nomem(e);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!devices || strchr(line, ':'))
			TRY(rt_cgroup_write(fd_slot_get(h->cgroup), plan_text(h->plan, op->file),
					    line, NULL, e));
	return 0;
}

static int write_file(struct rt_host *h, const struct op_cgroup_write *op, char **ret_old,
		      struct err *e)
{
	const char *file = plan_text(h->plan, op->file), *value = plan_text(h->plan, op->value);

	TRY(remember(h, op, ret_old, e));
	if (*ret_old && streq(*ret_old, value))
		return 0;
	TRY(rt_host_step(h, &op->head, e));
	return *ret_old && writes_over_all(file, value) ? write_lines(h, op, *ret_old, true, e) : 0;
}

static int run_step(struct rt_host *h, const struct op_head *step, struct rt_undo *u, uint32_t i,
		    struct err *e)
{
	switch (step->op) {
	case OP_cgroup_devices:
		TRY(rt_cgroup_device_programs(fd_slot_get(h->cgroup), &u->programs, e));
		u->devices = true;
		break;
	case OP_cgroup_write:
		return write_file(h, (const struct op_cgroup_write *)step, &u->old[i], e);
	case OP_rdt_schema:
		TRY(rt_rdt_read(rdt_group(h, step), &u->old[i], e));
		break;
	case OP_systemd_change:
		return rt_unit_change(h, (const struct op_systemd_change *)step, &u->unit, e);
	}
	return rt_host_step(h, step, e);
}

int rt_host_update(struct rt_host *h, struct rt_undo *u, struct err *e)
{
	uint32_t i = 0;

	u->n = h->plan->block->nsteps;
	u->old = calloc(u->n + 1, sizeof(*u->old));
	if (!u->old)
		return err_nomem(e);
	for (const struct op_head *s = plan_first(h->plan); s; s = plan_next(h->plan, s), i++) {
		if (run_step(h, s, u, i, e) >= 0)
			continue;
		if (e->step == RT_NO_STEP)
			e->step = i;
		rt_host_revert(h, u, e);
		return -e->no;
	}
	return 0;
}

/*
 * That none were named a cpuset with processes in it does not take back (ENOSPC, validate_change() in
 * kernel/cgroup/cpuset.c). What it meant is all that the cgroup above has.
 */
static int write_back(int cgroup, const char *file, const char *old, struct err *e)
{
	char above[64], all[4096];
	int r = rt_cgroup_write(cgroup, file, old, NULL, e);

	if (r != -ENOSPC || *old || str_fmt(above, sizeof(above), "../%s.effective", file) < 0 ||
	    io_read_small(cgroup, above, all, sizeof(all)) <= 0)
		return r;
	err_clear(e);
	return rt_cgroup_write(cgroup, file, all, NULL, e);
}

static int revert_step(const struct rt_host *h, const struct op_head *step, const struct rt_undo *u,
		       uint32_t i, struct err *e)
{
	const struct op_cgroup_write *op = (const struct op_cgroup_write *)step;

	if (step->op == OP_systemd_change && u->unit.n)
		return rt_unit_change_back(h, (const struct op_systemd_change *)step, &u->unit, e);
	if (!u->old[i])
		return 0;
	if (step->op == OP_rdt_schema) {
		const struct rt_rdt_schema old = {u->old[i], ""};

		return rt_rdt_write(rdt_group(h, step), &old, e);
	}
	if (writes_over_all(plan_text(h->plan, op->file), plan_text(h->plan, op->value)))
		return write_lines(h, op, u->old[i], false, e);
	return write_back(fd_slot_get(h->cgroup), plan_text(h->plan, op->file), u->old[i], e);
}

void rt_host_revert(struct rt_host *h, struct rt_undo *u, struct err *e)
{
	struct err failure = ERR_INIT;
	int cgroup = fd_slot_get(h->cgroup);

	if (u->devices && rt_cgroup_restore_devices(cgroup, &u->programs, &failure) < 0)
		err_hint(e, "and could not be undone: %s", failure.text);
	/* what is undone next may need their descriptors */
	rt_cgroup_device_programs_close(&u->programs);
	for (uint32_t i = u->n; i-- > 0;) {
		const struct op_head *step = plan_step(h->plan, i);

		err_clear(&failure);
		/* of the step that failed there may be something, or, as of a device that is not there, nothing */
		if (revert_step(h, step, u, i, &failure) < 0 && i != e->step)
			err_hint(e, "and could not be undone: %s", failure.text);
	}
}

void rt_undo_free(struct rt_undo *u)
{
	for (uint32_t i = 0; i < u->n && u->old; i++)
		free(u->old[i]);
	free(u->old);
	rt_cgroup_device_programs_close(&u->programs);
	arena_free(&u->unit.arena);
	*u = (struct rt_undo){0};
}
