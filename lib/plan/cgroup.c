/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup: the steps that make it, set its limits and give it away. */
#include <linux/capability.h>

#include "base/str.h"
#include "plan/parts.h"
#include "spec/annotations.h"

/* The controllers that the limits need, each once; NULL when none. */
static const char *controllers(struct plan_ctx *c)
{
	_cleanup_strbuf_ struct strbuf out = {0};

	for (size_t i = 0; i < c->nlimits; i++) {
		bool seen = streq(c->limits[i].controller, "cgroup"); /* always there */

		for (size_t j = 0; j < i; j++)
			seen |= streq(c->limits[i].controller, c->limits[j].controller);
		if (!seen)
			strbuf_addf(&out, "%s%s", out.len ? " " : "", c->limits[i].controller);
	}
	c->b->failed |= out.failed;
	return out.len ? arena_strn(c->b->arena, out.s, out.len) : NULL;
}

/* Room for what four cpus keep, where pages have 4 KiB: rt-init has not been on more by then. */
#define SMALL_MEMORY (1 << 20)

/* The final limit is written behind rt-init's execve (plan_limits). */
static void bound_memory(struct plan_ctx *c)
{
	const struct oci_memory *m = c->linux->resources ? c->linux->resources->memory : NULL;

	if (m && m->limit > 0 && m->limit < SMALL_MEMORY)
		PLAN_ADD(c->b, memory_bound, &m->limit)->pages = 63;
}

int plan_cgroup(struct plan_ctx *c)
{
	const char *path = c->opt->cgroup_path;
	struct op_cgroup_create *s;

	if (!str_empty(c->opt->unit)) {
		c->cgroup = plan_slot(c->b, "cgroup"); /* systemd makes it: see systemd.c */
		return 0;
	}
	if (str_empty(path)) {
		if (c->nlimits) {
			err_set(c->e, 0, RT_E_CGROUP,
				"limits need a cgroup of the container's own");
			return err_field(c->e, "linux.resources");
		}
		return 0;
	}
	s = PLAN_ADD(c->b, cgroup_create, &c->linux->cgroups_path);
	s->path = plan_str(c->b, path);
	s->controllers = plan_str(c->b, controllers(c));
	c->cgroup = plan_slot(c->b, "cgroup");
	if (c->opt->delegate)
		plan_cgroup_delegate(c);
	else
		s->slot = c->cgroup;
	bound_memory(c);
	return 0;
}

static const void *delegate_origin(const struct plan_ctx *c)
{
	return rt_annotation_get(&c->config->annotations, RT_ANNOTATION_DELEGATE_CGROUP);
}

void plan_cgroup_delegate(struct plan_ctx *c)
{
	struct op_cgroup_delegate *s;

	if (!c->opt->delegate)
		return;
	s = PLAN_ADD(c->b, cgroup_delegate, delegate_origin(c));
	s->name = plan_str(c->b, c->opt->delegate);
	s->slot = str_empty(c->opt->unit) ? c->cgroup : NO_SLOT;
}

/*
 * config-linux.md, "Cgroup ownership": the cgroup goes to the user of the program if, and only if,
 * it is the root of a cgroup namespace of the container's own and can be written to there. It is
 * what systemd in a container wants. A caller without CAP_CHOWN has nothing to give away: then the
 * cgroup is its own, which container root is mapped to. One that is to be delegated is asked for in
 * so many words, and goes to the user in any case.
 */
void plan_cgroup_give(struct plan_ctx *c)
{
	uint32_t user = c->process->user ? c->process->user->uid : 0, uid = user;
	const void *mount = plan_writable_cgroup(c);

	if (c->opt->delegate) {
		if ((c->own_userns && !plan_host_id(&c->uids, user, &uid)) ||
		    !rt_facts_can(c->facts, CAP_CHOWN))
			uid = c->facts->euid;
		PLAN_ADD(c->b, cgroup_hand_over, delegate_origin(c))->uid = uid;
		return;
	}
	if (!mount || !(c->new_ns & CLONE_NEWCGROUP) || str_empty(c->opt->cgroup_path))
		return;
	if (c->own_userns && !plan_host_id(&c->uids, user, &uid))
		return;
	if (uid != c->facts->euid && rt_facts_can(c->facts, CAP_CHOWN))
		PLAN_ADD(c->b, cgroup_chown, mount)->uid = uid;
}

void plan_unit_controllers(struct plan_ctx *c)
{
	if (!str_empty(c->opt->unit))
		PLAN_ADD(c->b, cgroup_enable, c->linux->resources)->controllers =
			plan_str(c->b, controllers(c));
}

void plan_limits(struct plan_ctx *c)
{
	const struct oci_resources *r = c->linux->resources;

	for (size_t i = 0; i < c->nlimits; i++) {
		struct op_cgroup_write *s = PLAN_ADD(c->b, cgroup_write, c->limits[i].origin);

		s->file = plan_str(c->b, c->limits[i].file);
		s->value = plan_str(c->b, c->limits[i].value);
		s->controller = plan_str(c->b, c->limits[i].controller);
		s->optional = c->limits[i].optional;
		s->unless = plan_str(c->b, c->limits[i].unless);
	}
	if (c->opt->device_program && c->cgroup != NO_SLOT)
		PLAN_ADD(c->b, cgroup_devices, r ? &r->devices : NULL)->rules =
			plan_blob(c->b, c->opt->device_program, c->opt->device_len, 8);
}
