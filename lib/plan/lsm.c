/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the security modules: AppArmor's profile, SELinux' labels. */
#include "base/str.h"
#include "plan/parts.h"
#include "spec/annotations.h"

/* The label of the process; without one, as in runc, the container's: exec is confined as init. */
#define LABEL(c, m) ((c)->base && str_empty((c)->process->m) ? &(c)->base->m : &(c)->process->m)

static const char *const *apparmor_profile(const struct plan_ctx *c)
{
	return LABEL(c, apparmor_profile);
}

static const char *const *selinux_label(const struct plan_ctx *c)
{
	return LABEL(c, selinux_label);
}

bool plan_has_labels(const struct oci_config *config)
{
	const struct oci_process *p = config->process;

	return (p && (!str_empty(p->apparmor_profile) || !str_empty(p->selinux_label))) ||
	       (config->linux && !str_empty(config->linux->mount_label));
}

unsigned plan_facts_needed_exec(const struct oci_process *process, const struct oci_process *base)
{
	const struct plan_ctx c = {.process = process, .base = base};

	return str_empty(*apparmor_profile(&c)) && str_empty(*selinux_label(&c)) ? 0 : FACTS_LSMS;
}

/* "security modules: landlock, yama" */
static const char *loaded(struct plan_ctx *c)
{
	const struct str_array *lsms = &c->facts->lsms;
	const char *text = lsms->n ? lsms->v[0] : "none";

	for (size_t i = 1; i < lsms->n && text; i++)
		text = arena_printf(c->b->arena, "%s, %s", text, lsms->v[i]);
	return text ? text : "?";
}

static bool has_lsm(const struct plan_ctx *c, const char *name)
{
	return str_array_has(&c->facts->lsms, name);
}

static int check_lsm(struct plan_ctx *c, const char *lsm, const char *name, const char *field)
{
	if (has_lsm(c, lsm))
		return 0;
	err_set(c->e, 0, RT_E_LSM, "%s is not enabled on this host (security modules: %s)", name,
		loaded(c));
	return err_field(c->e, "%s", field);
}

/* Without AppArmor "unconfined" is what holds anyway. */
static bool asks_for_apparmor(struct plan_ctx *c)
{
	const char *profile = *apparmor_profile(c);

	return !str_empty(profile) && (!streq(profile, "unconfined") || has_lsm(c, "apparmor"));
}

int plan_lsm_host(struct plan_ctx *c)
{
	bool apparmor = asks_for_apparmor(c), selinux = !str_empty(*selinux_label(c));
	struct op_open_path *proc;

	if (apparmor)
		TRY(check_lsm(c, "apparmor", "AppArmor", "process.apparmorProfile"));
	if (selinux)
		TRY(check_lsm(c, "selinux", "SELinux", "process.selinuxLabel"));
	if (!apparmor && !selinux)
		return 0;
	/*
	 * The host's: nothing of the container lies over it, and in a user namespace the
	 * container may not be allowed a procfs of ours (mount_too_revealing in the kernel).
	 */
	c->host_proc = plan_slot(c->b, "host-proc");
	proc = PLAN_ADD(c->b, open_path, NULL);
	proc->slot = c->host_proc;
	proc->path = plan_str(c->b, "/proc");
	return 0;
}

static void set_selinux(struct plan_ctx *c, const char *file)
{
	const char *const *label = selinux_label(c);
	struct op_selinux *s = PLAN_ADD(c->b, selinux, label);

	s->proc = c->host_proc;
	s->file = plan_str(c->b, file);
	s->label = plan_str(c->b, *label);
}

void plan_lsm(struct plan_ctx *c)
{
	struct op_apparmor *s;

	if (asks_for_apparmor(c)) {
		s = PLAN_ADD(c->b, apparmor, apparmor_profile(c));
		s->proc = c->host_proc;
		s->profile = plan_str(c->b, *apparmor_profile(c));
		s->no_new_privs = *PROCESS_MEMBER(c, no_new_privileges);
	}
	if (str_empty(*selinux_label(c)))
		return;
	/* The session keyring belongs to the program: what it may do there, its label says. */
	if (!c->opt->no_new_keyring)
		set_selinux(c, "attr/keycreate");
	set_selinux(c, "attr/exec");
}

/* ---- mounts ---- */

/* Podman asks for rootcontext and others by crun's annotation. */
static const char *context_option(const struct plan_ctx *c)
{
	const struct str_pair *a = rt_annotation_get(&c->config->annotations,
						     RT_ANNOTATION_MOUNT_CONTEXT_TYPE);

	return a && !str_empty(a->value) ? a->value : "context";
}

int plan_mount_label_check(struct plan_ctx *c)
{
	static const char types[][12] = {"context", "fscontext", "defcontext", "rootcontext"};
	const char *option = context_option(c);

	if (str_empty(c->linux->mount_label))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (streq(option, types[i]))
			return check_lsm(c, "selinux", "SELinux", "linux.mountLabel");
	err_set(c->e, 0, RT_E_CONFIG,
		"\"%.40s\" is none of context, fscontext, defcontext and rootcontext", option);
	return err_field(c->e, "annotations.%s",
			 rt_annotation_name(RT_ANNOTATION_MOUNT_CONTEXT_TYPE));
}

const char *plan_mount_label_option(const struct plan_ctx *c, const char *type)
{
	/* Their files have labels by the policy alone. */
	static const char own[][8] = {"proc", "sysfs", "cgroup", "cgroup2", "bpf"};

	if (str_empty(c->linux->mount_label))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (streq(type, own[i]))
			return NULL;
	/* takes no option: its root is labelled once it is mounted */
	return streq(type, "mqueue") ? "" : context_option(c);
}
