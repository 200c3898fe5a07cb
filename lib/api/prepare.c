/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/bundle.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "sec/seccomp.h"
#include "spec/annotations.h"
#include "spec/caps.h"

/* Is there a rule that takes devices away? */
static bool refuses_devices(const struct oci_config *config)
{
	const struct oci_resources *r = config->linux ? config->linux->resources : NULL;

	for (size_t i = 0; r && i < r->devices.n; i++)
		if (!r->devices.v[i].allow)
			return true;
	return false;
}

struct rt_cgroup_request rt_prepare_request(const char *id, const struct oci_config *config,
					    const struct rt_facts *facts)
{
	const struct str_pair *subgroup = rt_annotation_get(&config->annotations,
							    RT_ANNOTATION_SYSTEMD_SUBGROUP);

	return (struct rt_cgroup_request){
		.cgroups_path = config->linux ? config->linux->cgroups_path : NULL,
		.id = id,
		.subgroup = subgroup ? subgroup->value : NULL,
		.place = {.root = facts->cgroup_root,
			  .own = facts->own_cgroup,
			  .privileged = rt_facts_is_root(facts)},
	};
}

static int choose_cgroup(ocirt_context *ctx, const char *id, const struct oci_config *config,
			 struct rt_prepared *p, struct plan_options *o, struct err *e)
{
	static const struct rt_cgroup_driver *const drivers[] = {
		[OCIRT_CGROUP_CGROUPFS] = &rt_cgroupfs_driver,
		[OCIRT_CGROUP_SYSTEMD] = &rt_systemd_driver,
		[OCIRT_CGROUP_DISABLED] = &rt_disabled_driver,
	};
	const int limits = plan_asks_for_limits(&p->arena,
						config->linux ? config->linux->resources : NULL, e);
	struct rt_cgroup_request q = rt_prepare_request(id, config, &p->facts);

	if (limits < 0)
		return limits;
	q.limits = limits > 0;
	q.devices = rt_facts_is_root(&p->facts) && refuses_devices(config);
	p->driver = drivers[ctx->cgroup_manager];
	TRY(p->driver->choose(&p->arena, &q, &p->home, e));
	o->cgroup_path = p->home.path;
	o->unit = p->home.unit.name;
	o->unit_slice = p->home.unit.slice;
	o->unit_is_slice = p->home.unit.is_slice;
	o->unit_user = p->home.unit.user;
	o->unit_subgroup = p->home.subgroup;
	return 0;
}

/* Where in its cgroup the container's processes are. */
static int choose_delegate(ocirt_context *ctx, const struct oci_config *config,
			   const struct rt_prepared *p, struct plan_options *o, struct err *e)
{
	const char *name = rt_delegate_cgroup(config);

	if (p->driver == &rt_cgroupfs_driver &&
	    rt_annotation_get(&config->annotations, RT_ANNOTATION_SYSTEMD_SUBGROUP))
		rt_api_log(ctx, OCIRT_LOG_WARNING,
			   "annotations[run.oci.systemd.subgroup]: has no effect without the "
			   "systemd cgroup manager");
	if (!name)
		return 0;
	o->delegate = name;
	if (strchr(name, '/') || streq(name, ".") || streq(name, "..") || strlen(name) > NAME_MAX)
		err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			"\"%.200s\" is not the name of one cgroup", name);
	else if (!*p->home.path)
		err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			"cgroup \"%s\" cannot be delegated, since the container gets no cgroup",
			name);
	else
		return 0;
	return err_field(e, "annotations[run.oci.delegate-cgroup]");
}

/* crun's way to say that what is no system call here must not be passed over. */
static bool must_know_calls(const struct oci_config *config)
{
	const struct str_pair *p = rt_annotation_get(&config->annotations,
						     RT_ANNOTATION_SECCOMP_FAIL_UNKNOWN);

	return p && !streq(p->value, "0");
}

static int compile_profile(ocirt_context *ctx, const struct oci_config *config,
			   struct rt_prepared *p, struct rt_seccomp *ret, struct err *e)
{
	TRY(rt_seccomp_compile(&p->arena, config->linux->seccomp, ret, e));
	if (ret->n_unknown && must_know_calls(config)) {
		err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG, "no system call is called \"%s\" here",
			ret->unknown[0]);
		return err_field(e, "linux.seccomp");
	}
	for (uint32_t i = 0; i < ret->n_unknown; i++)
		rt_api_log(ctx, OCIRT_LOG_DEBUG,
			   "linux.seccomp: no system call is called \"%s\" here", ret->unknown[i]);
	return 0;
}

static int compile_seccomp(ocirt_context *ctx, const struct oci_config *config,
			   struct rt_prepared *p, struct plan_options *o, struct err *e)
{
	const struct oci_seccomp *doc = config->linux ? config->linux->seccomp : NULL;
	const struct str_pair *raw = rt_annotation_get(&config->annotations,
						       RT_ANNOTATION_SECCOMP_BPF_DATA);
	struct rt_seccomp s;
	const void *origin;

	if (!doc && !raw)
		return 0;
	if (!raw)
		TRY(compile_profile(ctx, config, p, &s, e));
	else if (rt_seccomp_raw(&p->arena, raw->value, doc, &s, e) < 0)
		return err_field(e, "annotations[\"%s\"]", raw->key);
	if (s.notify && !rt_seccomp_listener(config, &origin)) {
		err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			"SCMP_ACT_NOTIFY needs a listenerPath");
		return err_field(e, "linux.seccomp.listenerPath");
	}
	if (s.flags)
		TRY(rt_seccomp_probe_flags(s.flags, e));
	o->seccomp_program = s.insns;
	o->seccomp_len = s.n * (uint32_t)sizeof(*s.insns);
	o->seccomp_flags = s.flags;
	o->seccomp_notify = s.notify;
	return 0;
}

/*
 * Also without rules in the document, so that forgetting them does not open the host's disks. A
 * caller without privilege on the host cannot load the program, and does not need it: it can make
 * no device nodes, and opens those that are there with no more than its own permissions.
 */
static int compile_devices(const struct oci_config *config, struct rt_prepared *p,
			   struct plan_options *o, struct err *e)
{
	const struct oci_resources *r = config->linux ? config->linux->resources : NULL;

	if (!*p->home.path || !rt_facts_is_root(&p->facts))
		return 0;
	return rt_devices_compile(&p->arena, r ? &r->devices : NULL, &o->device_program,
				  &o->device_len, e);
}

static bool has_rdt(const struct oci_config *config)
{
	return config->linux && config->linux->intel_rdt;
}

int rt_prepare_rdt(const char *id, const struct oci_config *config, struct rt_prepared *p,
		   struct plan_options *o, struct err *e)
{
	const struct oci_intel_rdt *rdt = has_rdt(config) ? config->linux->intel_rdt : NULL;
	const char *root = p->facts.resctrl_root, *group;

	if (!rdt)
		return 0;
	if (str_empty(root)) {
		err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_RDT,
			"resctrl is not mounted at \"" RT_RESCTRL "\"");
		return err_field(e, "linux.intelRdt");
	}
	group = OCI_HAS(rdt, clos_id) ? rdt->clos_id : id;
	p->rdt_group = streq(group, "/") ? root : arena_printf(&p->arena, "%s/%s", root, group);
	if (p->rdt_group && rdt->enable_monitoring)
		p->rdt_monitor = arena_printf(&p->arena, "%s/mon_groups/%s", p->rdt_group, id);
	if (!p->rdt_group || (rdt->enable_monitoring && !p->rdt_monitor))
		return err_nomem(e);
	o->rdt_group = p->rdt_group;
	o->rdt_monitor = p->rdt_monitor;
	return 0;
}

/* Below the container's own cgroup and nowhere else (37e0100d in crun: exec --cgroup ..). */
static int check_sub_cgroup(const char *sub, struct err *e)
{
	if (sub[0] == '/' || streq(sub, "..") || str_starts(sub, "../") || strstr(sub, "/../") ||
	    (strlen(sub) > 2 && streq(sub + strlen(sub) - 3, "/..")))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "bad sub cgroup path \"%s\": not below the container's cgroup", sub);
	return 0;
}

/* A program that looks at its terminal's size when it starts sees the one it will be relayed to. */
static void take_window_size(struct plan_options *o)
{
	struct winsize ws;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0) {
		o->rows = ws.ws_row;
		o->columns = ws.ws_col;
	}
}

static bool has_user_namespace(const struct oci_config *config)
{
	for (size_t i = 0; config->linux && i < config->linux->namespaces.n; i++)
		if (config->linux->namespaces.v[i].type == OCI_NS_USER)
			return true;
	return false;
}

struct ignored_caps {
	ocirt_context *ctx;
	bool known_only; /* the check has told of the others, with their line */
};

static void warn_ignored(const char *set, const char *name, void *userdata)
{
	const struct ignored_caps *i = userdata;

	if (!i->known_only || rt_cap_number(name) >= 0)
		rt_api_log(i->ctx, OCIRT_LOG_WARNING,
			   "process.capabilities.%s: no capability is called \"%s\" here, ignored",
			   set, name);
}

/*
 * config.md, Linux Process: capabilities that cannot be granted "MUST be logged as a warning". A
 * user namespace grants all that the kernel knows.
 */
static void warn_capabilities(ocirt_context *ctx, const struct oci_config *config,
			      const struct oci_process *process, const struct rt_facts *f)
{
	struct ignored_caps ignored = {ctx, process == config->process};
	struct rt_caps caps;
	uint64_t missing;

	if (!rt_api_logs(ctx, OCIRT_LOG_WARNING) || !process || !process->capabilities)
		return;
	caps = rt_caps_from(process->capabilities, f->last_capability, warn_ignored, &ignored);
	missing = (caps.bounding | caps.permitted) & ~f->capabilities;
	for (unsigned i = 0; i < 64 && !has_user_namespace(config); i++)
		if (missing >> i & 1)
			rt_api_log(ctx, OCIRT_LOG_WARNING,
				   "process.capabilities: %s cannot be granted, the runtime does "
				   "not have it: ignored",
				   rt_cap_name(i));
}

static int choose_notify(ocirt_context *ctx, const char *id, const struct oci_config *config,
			 struct rt_prepared *p, struct plan_options *o, struct err *e)
{
	const char *root;

	if (!p->notify_socket || !plan_notifies(config)) {
		p->notify_socket = NULL;
		return 0;
	}
	TRY(rt_api_root(ctx, &root, e));
	o->notify_socket = p->notify_socket;
	o->notify_dir = arena_printf(&p->arena, "%s/%s/" RT_STATE_NOTIFY, root, id);
	return o->notify_dir ? 0 : err_nomem(e);
}

static void note(const struct rt_prepared *p, enum rt_work work)
{
	if (p->times)
		rt_times_work(p->times, work);
}

int rt_prepare(ocirt_context *ctx, const char *id, const struct rt_bundle *b,
	       const struct ocirt_create_options *options, bool gate, struct rt_prepared *p,
	       struct err *e)
{
	const struct oci_config *config = b->config;
	/* most of a plan that is large is text of the document */
	struct plan_builder builder = {.arena = &p->arena, .expected = b->len};
	struct plan_options o = {.id = id,
				 .bundle = b->path,
				 .rootfs = b->rootfs,
				 .no_pivot = options->no_pivot,
				 .no_new_keyring = options->no_new_keyring,
				 .preserve_fds = options->preserve_fds,
				 .listen_fds = options->listen_fds,
				 .listen_names = options->listen_names,
				 .gate = gate};
	unsigned want = plan_facts_needed(config);

	o.have_console = config->process && config->process->terminal;
	if (o.have_console && options->relay)
		take_window_size(&o);
	if (geteuid() != 0)
		want |= FACTS_OWN_CGROUP;
	TRY(rt_facts_probe(want, &p->arena, &p->facts, e));
	warn_capabilities(ctx, config, config->process, &p->facts);
	TRY(choose_cgroup(ctx, id, config, p, &o, e));
	TRY(choose_delegate(ctx, config, p, &o, e));
	TRY(rt_prepare_rdt(id, config, p, &o, e));
	o.foreign_ns = config->linux ? rt_facts_foreign_ns(config->linux) : 0;
	TRY(choose_notify(ctx, id, config, p, &o, e));
	note(p, RT_WORK_FACTS);
	TRY(compile_seccomp(ctx, config, p, &o, e));
	TRY(compile_devices(config, p, &o, e));
	note(p, RT_WORK_COMPILE);
	TRY(plan_build_create(&builder, config, &p->facts, &o, e));
	TRY(plan_finish(&builder, &p->plan, e));
	note(p, RT_WORK_PLAN);
	return 0;
}

static enum ocirt_cgroup_manager manager_of(const struct rt_record *record)
{
	const struct rt_cgroup_driver *d = rt_cgroup_driver(record->cgroup_manager);

	return d == &rt_systemd_driver    ? OCIRT_CGROUP_SYSTEMD
	       : d == &rt_disabled_driver ? OCIRT_CGROUP_DISABLED
					  : OCIRT_CGROUP_CGROUPFS;
}

int rt_prepare_again(ocirt_context *ctx, int state_dir, const struct rt_record *record, bool gate,
		     struct rt_bundle *b, struct rt_prepared *p, struct err *e)
{
	const struct ocirt_create_options o = {.no_pivot = record->no_pivot,
					       .no_new_keyring = record->no_new_keyring,
					       .preserve_fds = record->preserve_fds};
	enum ocirt_cgroup_manager callers = ctx->cgroup_manager;
	int r = rt_bundle_open_saved(state_dir, record->bundle, b, e);

	p->notify_socket = record->notify_socket;
	ctx->cgroup_manager = manager_of(record);
	if (r == 0)
		r = rt_bundle_rootfs(b, e);
	if (r == 0)
		r = rt_prepare(ctx, record->id, b, &o, gate, p, e);
	ctx->cgroup_manager = callers;
	return r;
}

int rt_prepare_exec(ocirt_context *ctx, const struct rt_record *record, const struct rt_bundle *b,
		    const struct oci_process *process, const struct plan_exec_target *target,
		    const struct ocirt_exec_options *options, struct rt_prepared *p, struct err *e)
{
	struct plan_builder builder = {.arena = &p->arena};
	struct plan_options o = {.id = record->id,
				 .bundle = b->path,
				 .no_new_keyring = record->no_new_keyring,
				 .preserve_fds = options->preserve_fds,
				 .listen_fds = options->listen_fds,
				 .listen_names = options->listen_names,
				 .have_console = process->terminal};

	if (target->by_systemd) {
		o.unit = record->systemd_unit;
		o.unit_user = record->systemd_user;
	}
	if (o.have_console && options->relay)
		take_window_size(&o);
	TRY(rt_facts_probe(plan_facts_needed_exec(process, b->config->process) |
				   (has_rdt(b->config) ? FACTS_RESCTRL : 0),
			   &p->arena, &p->facts, e));
	warn_capabilities(ctx, b->config, process, &p->facts);
	o.cgroup_path = record->cgroup_path ? record->cgroup_path : "";
	if (*o.cgroup_path && rt_delegate_cgroup(b->config))
		o.cgroup_path = arena_printf(&p->arena, "%s/%s", o.cgroup_path,
					     rt_delegate_cgroup(b->config));
	if (!o.cgroup_path)
		return err_nomem(e);
	if (options->cgroup) {
		TRY(check_sub_cgroup(options->cgroup, e));
		if (*options->cgroup) /* else the container's own, wherever its init has gone */
			o.cgroup_path = arena_printf(&p->arena, "%s/%s", o.cgroup_path,
						     options->cgroup);
		if (!o.cgroup_path)
			return err_nomem(e);
	}
	TRY(rt_prepare_rdt(record->id, b->config, p, &o, e));
	note(p, RT_WORK_FACTS);
	TRY(compile_seccomp(ctx, b->config, p, &o, e));
	note(p, RT_WORK_COMPILE);
	TRY(plan_build_exec(&builder, b->config, process, target, &p->facts, &o, e));
	TRY(plan_finish(&builder, &p->plan, e));
	note(p, RT_WORK_PLAN);
	return 0;
}

void rt_prepared_free(struct rt_prepared *p)
{
	arena_free(&p->arena);
}
