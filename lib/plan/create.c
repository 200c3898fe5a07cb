/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of create and run: the parts, stage by stage. */
#include <linux/capability.h>

#include "base/str.h"
#include "plan/parts.h"

/* Can there be a value that takes a controller? */
static bool may_have_limits(const struct oci_resources *r)
{
	return r && (r->memory || r->cpu || r->pids || r->block_io || r->hugepage_limits.n ||
		     r->rdma.n || r->unified.n);
}

/* A cgroup mount in a cgroup namespace that is joined may show the caller's cgroup, see mount_cgroup. */
static bool shows_own_cgroup(const struct oci_config *config)
{
	const struct oci_linux *l = config->linux;
	bool joined = false;

	for (size_t i = 0; l && i < l->namespaces.n; i++)
		if (l->namespaces.v[i].type == OCI_NS_CGROUP && !str_empty(l->namespaces.v[i].path))
			joined = true;
	for (size_t i = 0; joined && i < config->mounts.n; i++)
		if (config->mounts.v[i].type && str_starts(config->mounts.v[i].type, "cgroup"))
			return true;
	return false;
}

unsigned plan_facts_needed(const struct oci_config *config)
{
	return (config->linux && may_have_limits(config->linux->resources) ? FACTS_CONTROLLERS
									   : 0) |
	       (shows_own_cgroup(config) ? FACTS_OWN_CGROUP : 0) |
	       (plan_has_labels(config) ? FACTS_LSMS : 0) |
	       (config->linux && config->linux->intel_rdt ? FACTS_RESCTRL : 0);
}

int plan_begin(struct plan_ctx *c)
{
	static const struct oci_linux nothing = {0};

	c->linux = c->config->linux ? c->config->linux : &nothing;
	c->root = c->cgroup = c->gate = c->proc = c->own_proc = c->host_proc = c->join_first =
		NO_SLOT;
	c->userns = NO_SLOT;
	c->hook_out = c->hook_err = c->notify = NO_SLOT;
	c->listener = c->listener_text = NO_SLOT;
	/* What the check lets pass, since it can be created, but we look for the program then. */
	if (!c->process) {
		err_set(c->e, 0, RT_E_CONFIG, "required, but missing");
		return err_field(c->e, "process");
	}
	return 0;
}

/* Without a mount namespace of its own, what the container mounts would be mounted on the host. */
static int check_mount_ns(struct plan_ctx *c)
{
	const struct oci_linux *l = c->linux;
	const char *field = NULL;

	if (plan_has_ns(c, CLONE_NEWNS))
		return 0;
	if (c->config->mounts.n)
		field = "mounts";
	else if (l->masked_paths.n)
		field = "linux.maskedPaths";
	else if (l->readonly_paths.n)
		field = "linux.readonlyPaths";
	else if (c->config->root->readonly)
		field = "root.readonly";
	if (!field)
		return 0;
	err_set(c->e, 0, RT_E_NAMESPACE, "needs a mount namespace, and linux.namespaces has none");
	return err_field(c->e, "%s", field);
}

/* The rootfs: opened by the runtime where rt-init may not walk to it, or cannot mount it. */
static uint32_t open_rootfs(struct plan_ctx *c)
{
	struct op_open_source *tree;
	struct op_open_path *dir;

	c->root = plan_slot(c->b, "root");
	if (!plan_has_ns(c, CLONE_NEWNS)) {
		dir = PLAN_ADD(c->b, open_path, c->config->root);
		dir->path = plan_str(c->b, c->opt->rootfs);
		dir->slot = c->root;
		return NO_SLOT;
	}
	if (!c->own_userns || !rt_facts_can(c->facts, CAP_SYS_ADMIN))
		return NO_SLOT;
	tree = PLAN_ADD(c->b, open_source, c->config->root);
	tree->source = plan_str(c->b, c->opt->rootfs);
	tree->flags = BINDF_RECURSIVE;
	return tree->slot = plan_slot(c->b, "rootfs");
}

static int host_stages(struct plan_ctx *c, uint32_t *ret_tree)
{
	c->b->stage = STAGE_HOST;
	plan_namespaces_open(c);
	/* Before the mount sources: a cgroup may be one of them. */
	TRY(plan_cgroup(c));
	*ret_tree = open_rootfs(c);
	TRY(plan_mount_sources(c));
	plan_notify_source(c);
	if (c->opt->gate) {
		c->gate = plan_slot(c->b, "gate");
		PLAN_ADD(c->b, gate_listen, NULL)->slot = c->gate;
	}
	plan_hook_outputs(c);
	plan_rdt_group(c);
	TRY(plan_process_host(c));
	c->b->stage = STAGE_SPAWN;
	plan_spawn(c);
	TRY(plan_systemd(c));
	c->b->stage = STAGE_HOSTPID;
	TRY(plan_id_maps(c));
	TRY(plan_net_devices(c));
	plan_unit_controllers(c);
	plan_limits(c);
	plan_cgroup_give(c);
	plan_process_outside(c);
	plan_runtime_hooks(c);
	return 0;
}

static int rootfs_stage(struct plan_ctx *c, uint32_t tree)
{
	bool mounts = plan_has_ns(c, CLONE_NEWNS);

	c->b->stage = STAGE_ROOTFS;
	if (mounts) {
		plan_rootfs(c, tree);
		plan_mounts(c);
		plan_notify_mount(c);
		TRY(plan_devices(c));
		plan_process_cwd(c);
		plan_process_console(c, true);
	}
	/*
	 * Hooks find the rootfs as the program will, but for what is covered and the root's change.
	 * Network devices are there then too, for hooks in the container and sysctls.
	 */
	if (plan_has_runtime_hooks(c) || c->linux->net_devices.n)
		PLAN_ADD(c->b, await_runtime, c->config->hooks);
	TRY(plan_create_hooks(c));
	/* Behind the hooks, which may bring interfaces; before /proc/sys is covered. */
	TRY(plan_sysctls(c));
	if (mounts) {
		plan_covered_paths(c);
		plan_mounts_finish(c);
	}
	return 0;
}

int plan_build_create(struct plan_builder *b, const struct oci_config *config,
		      const struct rt_facts *facts, const struct plan_options *opt, struct err *e)
{
	struct plan_ctx ctx =
				{
					.b = b,
					.config = config,
					.process = config->process,
					.facts = facts,
					.opt = opt,
					.e = e,
				},
			*c = &ctx;
	uint32_t tree;

	TRY(plan_begin(c));
	plan_namespaces_decide(c);
	TRY(check_mount_ns(c));
	TRY(plan_mount_label_check(c));
	TRY(plan_mounts_prepare(c));
	TRY(plan_limits_prepare(c, c->linux->resources));
	TRY(host_stages(c, &tree));
	TRY(plan_namespaces_check(c));
	b->stage = STAGE_NS;
	plan_namespaces(c);
	TRY(rootfs_stage(c, tree));
	b->stage = STAGE_PIVOT;
	plan_change_root(c);
	if (!plan_has_ns(c, CLONE_NEWNS))
		plan_process_console(c, false);
	b->stage = STAGE_PROC;
	TRY(plan_process_proc(c));
	PLAN_ADD(b, ready, NULL);
	b->stage = STAGE_EXEC;
	PLAN_ADD(b, gate, NULL)->listener = c->gate;
	TRY(plan_start_hooks(c));
	plan_process_exec(c);
	return 0;
}
