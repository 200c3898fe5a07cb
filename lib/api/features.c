/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features.md, features-linux.md: what this version can do, told from the tables that do it, so
 * that the document and the runtime cannot disagree.
 */
#include <errno.h>

#include "api/context.h"
#include "api/features_host.h"
#include "base/str.h"
#include "plan/mount_options.h"
#include "sec/seccomp.h"
#include "sec/syscalls.h"
#include "spec/annotations.h"
#include "spec/bind.h"
#include "spec/caps.h"
#include "spec/check.h"
#include "spec/oci.h"

/* config.md has been compatible since then. */
#define OLDEST_VERSION "1.0.0"

/* Tools ask for it by runc's name: there is a checkpoint command. */
#define CHECKPOINT_ENABLED "true"

#define MOUNT_OPTIONS_MAX 128
#define HOOKS_MAX 8

/* The document with all its parts, so that nothing need be allocated. */
struct features {
	struct oci_features doc;
	struct oci_features_linux linux;
	struct oci_features_cgroup cgroup;
	struct oci_features_seccomp seccomp;
	struct oci_feature apparmor, selinux, idmap, net_devices;
	struct oci_features_intel_rdt rdt;
	struct oci_features_memory_policy memory_policy;
	struct oci_features_mount_extensions mounts;
	const char *hooks[HOOKS_MAX];
	const char *mount_options[MOUNT_OPTIONS_MAX];
	const char *capabilities[RT_CAP_LAST + 1];
	const char *unsafe[8];
	struct str_pair annotations[2 + RT_FEATURES_HOST_MAX];
	enum oci_seccomp_action actions[OCI_SECCOMP_ACTION_MAX];
	enum oci_seccomp_arch archs[OCI_SECCOMP_ARCH_MAX];
	enum oci_seccomp_flag flags[OCI_SECCOMP_FLAG_MAX];
};

#define WORD_VALUE(enumerator, word) enumerator,
static const enum oci_ns namespaces[] = {OCI_WORDS_NS(WORD_VALUE)};
static const enum oci_seccomp_action actions[] = {OCI_WORDS_SECCOMP_ACTION(WORD_VALUE)};
static const enum oci_seccomp_op operators[] = {OCI_WORDS_SECCOMP_OP(WORD_VALUE)};
static const enum oci_seccomp_arch archs[] = {OCI_WORDS_SECCOMP_ARCH(WORD_VALUE)};
static const enum oci_seccomp_flag flags[] = {OCI_WORDS_SECCOMP_FLAG(WORD_VALUE)};
static const enum oci_memory_policy_mode modes[] = {OCI_WORDS_MEMORY_POLICY(WORD_VALUE)};
static const enum oci_memory_policy_flag mode_flags[] = {OCI_WORDS_MEMORY_POLICY_FLAG(WORD_VALUE)};

/* What a property that is missing counts as is "unknown", so each one is there. */
#define ALL_PRESENT(object) memset(&(object)->has, true, sizeof((object)->has))

static void fill_hooks(struct features *f)
{
	const struct bind_field *rows = rt_oci_schema.fields(BIND_ID(oci_hooks));
	size_t n = rt_oci_schema.objects[BIND_ID(oci_hooks)].nfields;

	for (size_t i = 0; i < MIN(n, HOOKS_MAX); i++)
		f->hooks[f->doc.hooks.n++] = rows[i].key;
	f->doc.hooks.v = f->hooks;
}

static void fill_mount_options(struct features *f)
{
	struct str_array *list = &f->doc.mount_options;
	bool extension;

	while (list->n < MOUNT_OPTIONS_MAX &&
	       (f->mount_options[list->n] = plan_mount_option_name(list->n, &extension)))
		list->n++;
	list->v = f->mount_options;
}

static void fill_annotations(struct features *f)
{
	struct str_array *unsafe = &f->doc.potentially_unsafe_config_annotations;

	f->annotations[0] = (struct str_pair){"org.opencontainers.runc.checkpoint.enabled",
					      CHECKPOINT_ENABLED};
	f->annotations[1] = (struct str_pair){"run.oci.rt.version", ocirt_version()};
	f->doc.annotations.v = f->annotations;
	f->doc.annotations.n = 2;
	while (unsafe->n < ARRAY_SIZE(f->unsafe) &&
	       (f->unsafe[unsafe->n] = rt_annotation_unsafe(unsafe->n)))
		unsafe->n++;
	unsafe->v = f->unsafe;
}

/* The function that chooses the manager knows which there are. */
static bool takes_manager(enum ocirt_cgroup_manager manager)
{
	struct ocirt_context probe = {0};

	return ocirt_context_set_cgroup_manager(&probe, manager) == 0;
}

static void fill_cgroup(struct features *f)
{
	ALL_PRESENT(&f->cgroup);
	f->cgroup.v2 = true;
	f->cgroup.systemd = takes_manager(OCIRT_CGROUP_SYSTEMD);
	f->cgroup.systemd_user = f->cgroup.systemd;
	f->cgroup.rdma = rt_check_supports("linux.resources.rdma");
	f->linux.cgroup = &f->cgroup;
}

static void fill_seccomp(struct features *f)
{
	struct oci_features_seccomp *s = &f->seccomp;
	struct err ignored = ERR_INIT;

	ALL_PRESENT(s);
	s->enabled = true;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i] != OCI_SECCOMP_ACTION_NOTIFY ||
		    rt_check_supports("linux.seccomp.listenerPath"))
			f->actions[s->actions.n++] = actions[i];
	s->actions.v = f->actions;
	s->operators = (struct oci_seccomp_op_array){ARRAY_SIZE(operators), operators};
	/* those that the libseccomp of the build knew */
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (rt_syscall_arch(archs[i])->audit_arch)
			f->archs[s->archs.n++] = archs[i];
	s->archs.v = f->archs;
	s->known_flags = (struct oci_seccomp_flag_array){ARRAY_SIZE(flags), flags};
	/* the one property that is about the host */
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (rt_seccomp_probe_flags(rt_seccomp_flag(flags[i]), &ignored) == 0)
			f->flags[s->supported_flags.n++] = flags[i];
	s->supported_flags.v = f->flags;
	f->linux.seccomp = s;
}

static const struct oci_feature *feature(struct oci_feature *slot, bool enabled)
{
	ALL_PRESENT(slot);
	slot->enabled = enabled;
	return slot;
}

static void fill_memory_policy(struct features *f)
{
	struct oci_features_memory_policy *m = &f->memory_policy;

	ALL_PRESENT(m);
	if (rt_check_supports("linux.memoryPolicy")) {
		m->modes = (struct oci_memory_policy_mode_array){ARRAY_SIZE(modes), modes};
		m->flags = (struct oci_memory_policy_flag_array){ARRAY_SIZE(mode_flags),
								 mode_flags};
	}
	f->linux.memory_policy = m;
}

static void fill_linux(struct features *f)
{
	struct oci_features_linux *l = &f->linux;

	ALL_PRESENT(l);
	l->namespaces = (struct oci_ns_array){ARRAY_SIZE(namespaces), namespaces};
	for (unsigned i = 0; i <= RT_CAP_LAST; i++)
		f->capabilities[i] = rt_cap_name(i);
	l->capabilities = (struct str_array){ARRAY_SIZE(f->capabilities), f->capabilities};
	fill_cgroup(f);
	fill_seccomp(f);
	l->apparmor = feature(&f->apparmor, rt_check_supports("process.apparmorProfile"));
	l->selinux = feature(&f->selinux, rt_check_supports("process.selinuxLabel") &&
						  rt_check_supports("linux.mountLabel"));
	ALL_PRESENT(&f->rdt);
	f->rdt.enabled = rt_check_supports("linux.intelRdt");
	f->rdt.schemata = f->rdt.monitoring = f->rdt.enabled;
	l->intel_rdt = &f->rdt;
	fill_memory_policy(f);
	ALL_PRESENT(&f->mounts);
	f->mounts.idmap = feature(&f->idmap, true);
	l->mount_extensions = &f->mounts;
	l->net_devices = feature(&f->net_devices, rt_check_supports("linux.netDevices"));
	f->doc.linux = l;
}

static int fill_host(struct features *f, struct arena *a, struct err *e)
{
	int n = rt_features_host(a, f->annotations + f->doc.annotations.n, e);

	if (n < 0)
		return n;
	f->doc.annotations.n += (size_t)n;
	return 0;
}

int ocirt_features(ocirt_context *ctx, unsigned int options, char **ret)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_strbuf_ struct strbuf text = {0};
	struct features f = {0};
	struct err *e;

	if (!ctx || !ret)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (options & ~OCIRT_FEATURES_HOST)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "unknown flags");
	ALL_PRESENT(&f.doc);
	f.doc.oci_version_min = OLDEST_VERSION;
	f.doc.oci_version_max = OCI_VERSION;
	fill_hooks(&f);
	fill_mount_options(&f);
	fill_annotations(&f);
	fill_linux(&f);
	if (options & OCIRT_FEATURES_HOST)
		TRY(fill_host(&f, &arena, e));
	rt_bind_emit(&rt_oci_schema, BIND_ID(oci_features), &f.doc, BIND_EMIT_PRETTY, &text);
	*ret = strbuf_take(&text);
	return *ret ? 0 : err_nomem(e);
}
