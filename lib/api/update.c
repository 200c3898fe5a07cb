/* SPDX-License-Identifier: Apache-2.0 */
/* update: change the limits of a container, all that is asked for or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/bundle.h"
#include "api/container.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "host_ops/update.h"
#include "plan/print.h"
#include "spec/annotations.h"
#include "spec/check.h"
#include "spec/resources.h"

struct updating {
	ocirt_context *ctx;
	struct rt_container container;
	struct bind_doc given;       /* the change as it was given */
	struct rt_bundle saved;      /* the configuration as it was until now */
	struct oci_resources change; /* what it asks for */
	struct oci_resources filled; /* and what that needs */
	struct oci_resources merged; /* what comes into the saved configuration */
	struct bind_doc doc;         /* `filled` as a document, for the fields of errors */
	const struct oci_intel_rdt *rdt;  /* the schemas that are given; NULL: none */
	struct oci_intel_rdt *rdt_merged; /* what comes into the saved configuration */
	struct plan_now now;
	struct rt_prepared prepared;
};

static int parse(struct updating *u, const struct ocirt_update_options *o, struct err *e)
{
	const char *name = o->resources_name ? o->resources_name : "resources";
	const char *text = o->resources;
	int r;

	if (str_empty(text) && !o->l3_cache_schema && !o->mem_bw_schema)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "no resources are given");
	if (str_empty(text))
		text = "{}";
	r = rt_bind_parse(&u->given, &rt_oci_schema, BIND_ID(oci_resources), name, text,
			  strlen(text), NULL, e);
	if (r == 0)
		r = rt_check_resources(&u->given, NULL, e);
	/* a place in a text that nobody sees helps nobody */
	if (r < 0 && !o->resources_name)
		e->at[0] = '\0';
	return r;
}

/* The change in full, and the configuration that comes out of it. */
static int work_out(struct updating *u, struct err *e)
{
	struct arena *arena = &u->prepared.arena;
	const struct oci_linux *l = u->saved.config->linux;
	const struct oci_resources *old = l ? l->resources : NULL;

	u->change = *(const struct oci_resources *)u->given.root;
	TRY(rt_resources_requests(&u->change, arena, e));
	TRY(rt_resources_merge(old, &u->change, &u->merged, arena, e));
	rt_cgroup_now(fd_slot_get(u->container.cgroup), &u->now);
	u->now.check_usage = u->merged.memory && u->merged.memory->check_before_update;
	u->now.saved_shares = old && old->cpu ? old->cpu->shares : 0;
	TRY(plan_update_fill(arena, &u->change, &u->now, &u->filled, e));
	u->doc = (struct bind_doc){.schema = &rt_oci_schema,
				   .object = BIND_ID(oci_resources),
				   .root = &u->filled,
				   .name = "resources"};
	return 0;
}

/* What linux.intelRdt would say, checked by the same rules: a saved configuration must stay valid. */
static int check_schemas(const struct ocirt_update_options *o, struct err *e)
{
	const char *l3 = o->l3_cache_schema, *mb = o->mem_bw_schema;

	if (l3 && (!*l3 || *l3 == '\n' || str_starts(l3, "MB:")))
		return err_set(
			e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			"the schema \"%.100s\" of the L3 cache must be a line like \"L3:0=f\"", l3);
	if (mb && (!str_starts(mb, "MB:") || strchr(mb, '\n')))
		return err_set(
			e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			"the schema \"%.100s\" of memory bandwidth must be one line that begins "
			"with \"MB:\"",
			mb);
	return 0;
}

/* A schema is that of a group; a container without one would have to be moved to one, all of it. */
static int work_out_rdt(struct updating *u, const struct ocirt_update_options *o, struct err *e)
{
	static const struct bind_key no_keys[1] = {{0}};
	struct arena *arena = &u->prepared.arena;
	const struct oci_linux *l = u->saved.config->linux;
	struct oci_intel_rdt *change;

	if (!o->l3_cache_schema && !o->mem_bw_schema)
		return 0;
	TRY(check_schemas(o, e));
	if (!l || !l->intel_rdt)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_RDT,
			       "cannot change a resctrl schema: \"%s\" was created without "
			       "linux.intelRdt",
			       u->container.id);
	u->rdt = change = ARENA_NEW(arena, struct oci_intel_rdt);
	u->rdt_merged = ARENA_NEW(arena, struct oci_intel_rdt);
	if (!change || !u->rdt_merged)
		return err_nomem(e);
	change->l3_cache_schema = o->l3_cache_schema;
	change->mem_bw_schema = o->mem_bw_schema;
	change->has.l3_cache_schema = o->l3_cache_schema;
	change->has.mem_bw_schema = o->mem_bw_schema;
	*u->rdt_merged = *l->intel_rdt;
	if (rt_bind_merge(&rt_oci_schema, BIND_ID(oci_intel_rdt), u->rdt_merged, change, no_keys,
			  arena) < 0)
		return err_nomem(e);
	return 0;
}

static int plan(struct updating *u, struct err *e)
{
	const struct oci_linux change = {.resources = &u->filled, .intel_rdt = u->rdt};
	struct rt_prepared *p = &u->prepared;
	struct plan_builder b = {.arena = &p->arena};
	const struct rt_record *record = u->container.record;
	struct plan_options o = {.id = u->container.id,
				 .cgroup_path = record->cgroup_path,
				 .unit = record->systemd_unit,
				 .unit_user = record->systemd_user};

	TRY(rt_facts_probe(FACTS_CONTROLLERS | (u->rdt ? FACTS_RESCTRL : 0), &p->arena, &p->facts,
			   e));
	if (u->rdt)
		TRY(rt_prepare_rdt(u->container.id, u->saved.config, p, &o, e));
	/* without privilege there is no device program, see create */
	if (u->filled.devices.n && rt_facts_is_root(&p->facts))
		TRY(rt_devices_compile(&p->arena, &u->filled.devices, &o.device_program,
				       &o.device_len, e));
	TRY(plan_build_update(&b, &change, &u->now, &p->facts, &o, e));
	return plan_finish(&b, &p->plan, e);
}

static int prepare(struct updating *u, const char *id, const struct ocirt_update_options *o,
		   struct err *e)
{
	struct rt_container *c = &u->container;

	TRY(parse(u, o, e));
	TRY(rt_container_open(u->ctx, id, RT_LOCKED, c, e));
	if (c->status == RT_STOPPED || c->status == RT_CREATING)
		return err_set(e, ESRCH | RT_NO_TEXT, RT_E_BAD_STATE, "container not running");
	TRY(rt_container_open_cgroup(c, e));
	if (fd_slot_get(c->cgroup) < 0)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			       "cannot update \"%s\": it has no cgroup of its own", id);
	TRY(rt_bundle_open_saved(fd_slot_get(c->dir), c->record->bundle, &u->saved, e));
	TRY(work_out(u, e));
	TRY(work_out_rdt(u, o, e));
	return plan(u, e);
}

/*
 * What is enabled late brings files that belong to whom the cgroup was given to, too, and is for the
 * cgroup that was delegated. Neither sets a limit, so that a failure takes nothing away.
 */
static void hand_on(const struct updating *u)
{
	const char *delegate = rt_delegate_cgroup(u->saved.config);
	int cgroup = fd_slot_get(u->container.cgroup);
	_cleanup_close_ int below = -EBADF;
	struct err ignored = ERR_INIT;
	struct stat st;

	if (delegate) {
		rt_cgroup_hand_down(cgroup, &ignored);
		err_clear(&ignored);
		cgroup = below = openat(cgroup, delegate,
					O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (cgroup >= 0 && fstat(cgroup, &st) == 0 && st.st_uid != geteuid())
		rt_cgroup_chown(cgroup, st.st_uid, &ignored);
}

/*
 * Controllers that create did not need are not handed down to the container's cgroup yet. They stay
 * enabled when a write fails: they limit nothing, and others may have begun to use them.
 */
static int enable_controllers(const struct updating *u, struct err *e)
{
	const struct rt_prepared *p = &u->prepared;
	int cgroup = fd_slot_get(u->container.cgroup);
	_cleanup_strbuf_ struct strbuf list = {0};

	for (const struct op_head *s = plan_first(&p->plan); s; s = plan_next(&p->plan, s)) {
		const struct op_cgroup_write *op = (const struct op_cgroup_write *)s;

		if (s->op == OP_cgroup_write && !op->optional &&
		    faccessat(cgroup, plan_text(&p->plan, op->file), F_OK, 0) < 0)
			strbuf_addf(&list, " %s", plan_text(&p->plan, op->controller));
	}
	if (list.failed)
		return err_nomem(e);
	if (!list.len)
		return 0;
	TRY(rt_cgroup_enable(p->facts.cgroup_root, u->container.record->cgroup_path, list.s + 1,
			     e));
	hand_on(u);
	return 0;
}

/* The text with this object in the place of the one in "linux" that is called `key`. */
static int put_object(const char *text, size_t len, const char *key, unsigned id,
		      const void *object, struct strbuf *ret, struct err *e)
{
	const char *const path[] = {"linux", key, NULL};
	_cleanup_strbuf_ struct strbuf b = {0};

	rt_bind_emit(&rt_oci_schema, id, object, 0, &b);
	return b.failed ? err_nomem(e) : rt_json_splice(text, len, path, b.s, ret, e);
}

/* The saved configuration is what later commands, and the next update, go by. */
static int save(const struct updating *u, struct err *e)
{
	_cleanup_strbuf_ struct strbuf limits = {0}, both = {0};
	struct strbuf text;
	int r;

	TRY(put_object(u->saved.text, u->saved.len, "resources", BIND_ID(oci_resources), &u->merged,
		       &limits, e));
	if (u->rdt)
		TRY(put_object(limits.s, limits.len, "intelRdt", BIND_ID(oci_intel_rdt),
			       u->rdt_merged, &both, e));
	text = u->rdt ? both : limits; /* borrowed */
	r = io_replace_file(fd_slot_get(u->container.dir), RT_STATE_CONFIG, 0600, text.s, text.len);
	return r < 0 ? err_set(e, r, RT_E_STATE, "save the new limits in %s", RT_STATE_CONFIG) : 0;
}

static int name_field(const struct updating *u, struct err *e)
{
	const struct plan *p = &u->prepared.plan;
	char path[sizeof(e->field)];

	if (e->step != RT_NO_STEP && p->origin[e->step] &&
	    *rt_bind_field(&u->doc, p->origin[e->step], path, sizeof(path)))
		err_field(e, "%s", path);
	return -e->no;
}

static int apply(struct updating *u, struct err *e)
{
	struct rt_host h = {.plan = &u->prepared.plan, .state_dir = -1, .target_pidfd = -1};
	struct rt_undo undo = {0};
	int r;

	TRY(enable_controllers(u, e));
	h.cgroup = u->container.cgroup; /* borrowed */
	r = rt_host_update(&h, &undo, e);
	if (r < 0) {
		name_field(u, e);
	} else {
		r = save(u, e);
		if (r < 0)
			rt_host_revert(&h, &undo, e);
	}
	rt_undo_free(&undo);
	return r;
}

static void finish(struct updating *u)
{
	rt_prepared_free(&u->prepared);
	rt_bundle_free(&u->saved);
	rt_bind_free(&u->given);
	rt_container_close(&u->container);
}

int ocirt_update(ocirt_context *ctx, const char *id, const struct ocirt_update_options *options)
{
	_cleanup_(finish) struct updating u = {.ctx = ctx};
	struct ocirt_update_options o;
	struct err *e;
	int r;

	if (!ctx || !id || !options)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options->struct_size, &o, sizeof(o), e));
	r = prepare(&u, id, &o, e);
	if (r == 0)
		r = apply(&u, e);
	if (r < 0)
		rt_api_stage(ctx, &u.prepared.plan);
	return r;
}

int ocirt_explain_update(ocirt_context *ctx, const char *id,
			 const struct ocirt_update_options *options, unsigned int flags, char **ret)
{
	_cleanup_(finish) struct updating u = {.ctx = ctx};
	struct ocirt_update_options o;
	struct err *e;

	if (!ctx || !id || !options || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(rt_api_options(options, options->struct_size, &o, sizeof(o), e));
	TRY(prepare(&u, id, &o, e));
	return rt_api_print_plan(&u.prepared.plan, &u.doc, flags, ret, e);
}
