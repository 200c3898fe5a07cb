/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that create.c and exec.c put together. Each adds the steps of one concern, in the stage
 * that is set in the builder; one that can refuse the document returns 0 or a negative errno with
 * the error set.
 */
#ifndef RT_PLAN_PARTS_H
#define RT_PLAN_PARTS_H

#include <linux/sched.h>

#include "plan/build.h"

struct plan_ctx {
	struct plan_builder *b;
	const struct oci_config *config;
	const struct oci_linux *linux; /* config->linux, or an empty one */
	const struct oci_process *process;
	const struct oci_process *base; /* exec: the container's, for what `process` lacks */
	const struct rt_facts *facts;
	const struct plan_options *opt;
	struct err *e;

	/* decided by plan_namespaces_decide */
	uint64_t new_ns, joined_ns; /* CLONE_NEW* */
	uint64_t foreign_ns;        /* not owned by the container's own user namespace */
	bool staged;                /* rt-init starts in the host's namespaces */
	bool own_userns;            /* new or joined: not the runtime's */
	bool deny_setgroups;
	bool keep_groups; /* asked for by annotation: the caller's groups stay */
	struct oci_id_mapping_array uids, gids; /* the document's, or own_ids */
	struct oci_id_mapping own_ids[2];

	/* slots */
	uint32_t root, cgroup, gate;
	uint32_t notify; /* the directory of the notify socket */
	uint32_t listener, listener_text; /* of SCMP_ACT_NOTIFY */
	uint32_t join_first; /* of the joined namespaces, in the order of joining */
	uint32_t host_proc;  /* the host's procfs, for labels; NO_SLOT when there are none */
	uint32_t userns;     /* of a user namespace that is joined */
	uint32_t proc;       /* a procfs for sysctl; NO_SLOT when no step needs one */
	uint32_t own_proc;   /* the one on /proc, if it is new and something below it is covered */
	uint32_t hook_out, hook_err; /* where the output of hooks goes */

	struct op_blob filter;     /* see plan_filter; empty until it is wanted */
	struct mount_item *mounts; /* one for each of config.mounts */
	struct limit *limits;
	size_t nlimits;
};

/*
 * The member `m` of the process, or of the container's when the given one lacks it: a pointer to
 * it, so that it can be the origin of a step.
 */
#define PROCESS_MEMBER(c, m)                                                                       \
	((c)->base && !OCI_HAS((c)->process, m) ? &(c)->base->m : &(c)->process->m)

static inline bool plan_has_ns(const struct plan_ctx *c, uint64_t ns)
{
	return (c->new_ns | c->joined_ns) & ns;
}

static inline bool plan_keeps_groups(const struct plan_ctx *c)
{
	return c->deny_setgroups || c->keep_groups;
}

/* ---- namespaces.c ---- */

/* Fill in what plan_ctx says of namespaces. Pure. */
void plan_namespaces_decide(struct plan_ctx *c);

/* Refuse what takes CAP_SYS_ADMIN where nobody has it. Asked last: other errors say more. */
int plan_namespaces_check(struct plan_ctx *c);

/* HOST: open what is joined. */
void plan_namespaces_open(struct plan_ctx *c);

/* SPAWN, HOSTPID: start rt-init, write its id maps. */
void plan_spawn(struct plan_ctx *c);

/* Is rt-init moved to the cgroup of its unit, since its child cannot be cloned into it? */
bool plan_enters_cgroup(const struct plan_ctx *c);
int plan_id_maps(struct plan_ctx *c);

/* HOSTPID: linux.netDevices. */
int plan_net_devices(struct plan_ctx *c);

/* NS: with a user namespace of the container's, the id under which rt-init sets it up. */
void plan_become_root(struct plan_ctx *c, const void *origin);

/* NS: join, clone, unshare; loopback and names of what is new. */
void plan_namespaces(struct plan_ctx *c);

/* Text for uid_map or gid_map, a line for each mapping; in the arena, NULL when memory is short. */
const char *plan_map_text(struct plan_ctx *c, const struct oci_id_mapping_array *maps);

/* The host's id of a container's one; false when it is not mapped. */
bool plan_host_id(const struct oci_id_mapping_array *maps, uint32_t id, uint32_t *ret);

/* ---- mounts.c ---- */

/* Sort out config.mounts: everything about them that can be refused is refused here. */
int plan_mounts_prepare(struct plan_ctx *c);

/* HOST: the trees that the runtime opens, and user namespaces for id-mapped ones. */
int plan_mount_sources(struct plan_ctx *c);

/* ROOTFS: the mounts in their order. */
void plan_mounts(struct plan_ctx *c);

/* ROOTFS, at its end: read-only for what had to stay writable until now. */
void plan_mounts_finish(struct plan_ctx *c);

/* Is something bound on this destination ("/dev"), so that its content is not the container's own? */
bool plan_is_bound(const struct plan_ctx *c, const char *dest);

/* The mount of the container's own cgroup on /sys/fs/cgroup, if it can be written to; else NULL. */
const struct oci_mount *plan_writable_cgroup(const struct plan_ctx *c);

/* A destination as an absolute path without ".", ".." and "//"; in the arena, NULL: no memory. */
const char *plan_clean_dest(struct plan_ctx *c, const char *dest);

/* ---- notify.c: nothing without plan_options.notify_socket ---- */

/* HOST: the directory of the container's socket. ROOTFS: mounted. */
void plan_notify_source(struct plan_ctx *c);
void plan_notify_mount(struct plan_ctx *c);

/* The entry of the environment that names it, 0: there is none. */
uint32_t plan_notify_env(struct plan_ctx *c);

/* ---- devices.c ---- */

/* ROOTFS: default devices and links, linux.devices. */
int plan_devices(struct plan_ctx *c);

/* ---- paths.c ---- */

/* ROOTFS: propagation of "/", the rootfs itself. */
void plan_rootfs(struct plan_ctx *c, uint32_t tree);

/* What the host's mounts become in the container's copy of its tree; 0: they stay as they are. */
uint64_t plan_sources_propagation(const struct plan_ctx *c);

/* ROOTFS: maskedPaths, readonlyPaths. */
void plan_covered_paths(struct plan_ctx *c);

/* PIVOT: change the root, and its attributes. */
void plan_change_root(struct plan_ctx *c);

/* PIVOT: linux.sysctl. */
int plan_sysctls(struct plan_ctx *c);

/* ---- limits.c ---- */

/* One line of a cgroup file; optional and unless as in struct op_cgroup_write. */
struct limit {
	const char *file, *value, *controller, *unless;
	const void *origin;
	bool optional;
};

/* linux.resources in cgroup v2's terms, in the order of writing; also what update does. Pure. */
int plan_limits_prepare(struct plan_ctx *c, const struct oci_resources *r);

/* Write the last line of `file` before `other`, if both are written. */
void plan_limits_move(struct plan_ctx *c, const char *file, const char *other);

/* cpu.shares (2..262144, default 1024) as cpu.weight (1..10000, default 100). */
uint64_t plan_cpu_weight(uint64_t shares);

/* blkio.weight (10..1000) as io.weight (1..10000), in a straight line as runc and crun do it. */
uint64_t plan_io_weight(uint16_t weight);

/* ---- cgroup.c ---- */

/*
 * HOST: the container's cgroup, where no unit brings it. HOSTPID: its limits and device program.
 */
int plan_cgroup(struct plan_ctx *c);
void plan_limits(struct plan_ctx *c);

/* The cgroup below it, where one is to be delegated; in the same stage, or behind the unit. */
void plan_cgroup_delegate(struct plan_ctx *c);

/* HOSTPID: hand down to the container's cgroup in a unit what its limits need; before these. */
void plan_unit_controllers(struct plan_ctx *c);

/* HOSTPID: the cgroup goes to the user of the program, where the specification wants that. */
void plan_cgroup_give(struct plan_ctx *c);

/* ---- systemd.c ---- */

/* SPAWN: the container's unit, when there is one, with its properties. */
int plan_systemd(struct plan_ctx *c);

/* update: the same change in the unit, if systemd has properties for it. */
void plan_systemd_change(struct plan_ctx *c);

/* ---- rdt.c ---- */

/* HOST: make linux.intelRdt's group. HOSTPID: join it, exec too. */
void plan_rdt_group(struct plan_ctx *c);
void plan_rdt_join(struct plan_ctx *c);

/* update: change the schema of the group in the options, when there is a linux.intelRdt. */
void plan_rdt_schema(struct plan_ctx *c);

/* ---- hooks.c ---- */

/* HOST: the files that annotations name for the output of hooks. */
void plan_hook_outputs(struct plan_ctx *c);

/* HOSTPID: prestart and createRuntime. */
void plan_runtime_hooks(struct plan_ctx *c);

/* Are there runtime hooks, for which rt-init has to wait? */
bool plan_has_runtime_hooks(const struct plan_ctx *c);

/* ROOTFS: createContainer. EXEC: startContainer. */
int plan_create_hooks(struct plan_ctx *c);
int plan_start_hooks(struct plan_ctx *c);

/* ---- process.c ---- */

/* process.user; root where it is absent. */
const struct oci_user *plan_user(const struct plan_ctx *c);

/* The value of NAME in an environment, NULL when it is not there. The last counts. */
const char *plan_env_value(const struct str_array *env, const char *name);

/* The seccomp program, which the plan has once, for the container's own program and its hooks. */
struct op_blob plan_filter(struct plan_ctx *c);

/* HOST: what the process will need of the runtime, beside its namespaces. */
int plan_process_host(struct plan_ctx *c);

/* HOSTPID: what the runtime sets for the process from outside. */
void plan_process_outside(struct plan_ctx *c);

/* NS, before anything is joined: what R cannot set from outside. */
void plan_process_before_join(struct plan_ctx *c);

/* ROOTFS: make the working directory. */
void plan_process_cwd(struct plan_ctx *c);

/* A pty as stdio; bind_console: over /dev/console too. */
void plan_process_console(struct plan_ctx *c, bool bind_console);

/* PROC: who the program will be. EXEC: limits, seccomp, execve. The same for create and exec. */
int plan_process_proc(struct plan_ctx *c);
void plan_process_exec(struct plan_ctx *c);

/* ---- lsm.c ---- */

/* Does the configuration have labels, for the process or for mounts? */
bool plan_has_labels(const struct oci_config *config);

/* HOST: what the labels of the process need; PROC: set them. Refuses modules that are not there. */
int plan_lsm_host(struct plan_ctx *c);
void plan_lsm(struct plan_ctx *c);

/* linux.mountLabel: can it be kept? Pure. */
int plan_mount_label_check(struct plan_ctx *c);

/* The option that takes the label for a file system of this type; "": none does; NULL: no label. */
const char *plan_mount_label_option(const struct plan_ctx *c, const char *type);

/* ---- scheduling.c: parts of the process, called by process.c and exec.c ---- */

/* HOSTPID: scheduler, I/O priority. PROC: cpus, memory policy, personality. */
void plan_scheduling_outside(struct plan_ctx *c);
void plan_scheduling_inside(struct plan_ctx *c);

/* process.execCPUAffinity: initial before the container's cgroup is entered, final inside. */
void plan_affinity(struct plan_ctx *c, bool final);

/* The process must name a program; sets up what both builders share. */
int plan_begin(struct plan_ctx *c);

#endif
