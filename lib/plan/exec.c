/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of exec: join the container, then the process as create makes it. */
#include <inttypes.h>
#include <linux/capability.h>

#include "base/str.h"
#include "plan/parts.h"

/* What of a cgroup's path is below the unit's own cgroup: "/container". */
static const char *below_unit(const char *path, const char *unit)
{
	size_t n = strlen(unit);

	for (const char *at = path; (at = strstr(at, unit)); at += n)
		if (at > path && at[-1] == '/' && (!at[n] || at[n] == '/'))
			return at + n;
	return "";
}

/* SPAWN: the process is moved by systemd, which is asked because the caller itself may not do it. */
static void attach(struct plan_ctx *c)
{
	struct op_systemd_attach *s;

	if (str_empty(c->opt->unit))
		return;
	s = PLAN_ADD(c->b, systemd_attach, &c->linux->cgroups_path);
	s->unit = plan_str(c->b, c->opt->unit);
	s->subgroup = plan_str(c->b, below_unit(c->opt->cgroup_path, c->opt->unit));
	s->path = plan_str(c->b, c->opt->cgroup_path);
	s->user = c->opt->unit_user;
}

static int host_stages(struct plan_ctx *c, const struct plan_exec_target *target,
		       uint32_t *ret_target)
{
	struct op_open_target *init;
	struct op_open_path *dir;

	c->b->stage = STAGE_HOST;
	*ret_target = plan_slot(c->b, "init");
	init = PLAN_ADD(c->b, open_target, NULL);
	init->slot = *ret_target;
	init->pid = target->pid;
	if (!str_empty(c->opt->cgroup_path))
		c->cgroup = plan_slot(c->b, "cgroup");
	if (c->cgroup != NO_SLOT && str_empty(c->opt->unit)) {
		dir = PLAN_ADD(c->b, open_path, &c->linux->cgroups_path);
		dir->slot = c->cgroup;
		dir->path = plan_strf(c->b, "%s%s", c->facts->cgroup_root, c->opt->cgroup_path);
	}
	if (!(target->namespaces & CLONE_NEWNS)) {
		c->root = plan_slot(c->b, "root");
		/* The bundle may be gone; the root of the init is what the container has. */
		dir = PLAN_ADD(c->b, open_path, c->config->root);
		dir->slot = c->root;
		dir->path = plan_strf(c->b, "/proc/%" PRIu32 "/root", target->pid);
	}
	TRY(plan_process_host(c));
	c->b->stage = STAGE_SPAWN;
	PLAN_ADD(c->b, spawn, NULL)->staged = true;
	attach(c);
	c->b->stage = STAGE_HOSTPID;
	plan_process_outside(c);
	return 0;
}

static void join_of(struct plan_ctx *c, uint64_t namespaces, uint32_t slot)
{
	struct op_join *s;

	if (!namespaces)
		return;
	s = PLAN_ADD(c->b, join, NULL);
	s->slot = slot;
	s->namespaces = namespaces;
}

/*
 * What the child of the clone step joins, and not its parent: the cgroup namespace, since with
 * nsdelegate nobody is moved across the root of the mover's; and a user namespace that comes last.
 * create has the parent in the cgroup from its beginning, but here it would share the runtime's
 * memory with a cgroup whose limits stand: the OOM killer would end both.
 */
static uint64_t joined_late(const struct plan_ctx *c, uint64_t joined)
{
	if (!(joined & CLONE_NEWCGROUP))
		return 0;
	return CLONE_NEWCGROUP |
	       (rt_facts_can(c->facts, CAP_SYS_ADMIN) ? joined & CLONE_NEWUSER : 0);
}

static void join(struct plan_ctx *c, uint64_t namespaces, uint32_t slot)
{
	uint64_t late = joined_late(c, namespaces);

	c->b->stage = STAGE_NS;
	plan_affinity(c, false);
	plan_process_before_join(c);
	if (!str_empty(c->opt->unit))
		PLAN_ADD(c->b, await_cgroup, &c->linux->cgroups_path)->slot = c->cgroup;
	join_of(c, namespaces & ~late, slot);
	/* Into the pid namespace and the cgroup only a child can go. */
	PLAN_ADD(c->b, clone, NULL)->cgroup = c->cgroup;
	join_of(c, late, slot);
	PLAN_ADD(c->b, setsid, NULL);
	plan_become_root(c, NULL);
	if (c->root != NO_SLOT) {
		c->b->stage = STAGE_PIVOT;
		PLAN_ADD(c->b, chroot, c->config->root)->root = c->root;
	}
}

int plan_build_exec(struct plan_builder *b, const struct oci_config *config,
		    const struct oci_process *process, const struct plan_exec_target *target,
		    const struct rt_facts *facts, const struct plan_options *opt, struct err *e)
{
	struct plan_ctx ctx =
				{
					.b = b,
					.config = config,
					.process = process,
					.base = config->process,
					.facts = facts,
					.opt = opt,
					.e = e,
				},
			*c = &ctx;
	uint32_t init;

	TRY(plan_begin(c));
	plan_namespaces_decide(c);
	c->own_userns = target->namespaces & CLONE_NEWUSER;
	TRY(host_stages(c, target, &init));
	join(c, target->namespaces, init);
	b->stage = STAGE_PROC;
	plan_process_console(c, false);
	TRY(plan_process_proc(c));
	b->stage = STAGE_EXEC;
	plan_process_exec(c);
	return 0;
}
