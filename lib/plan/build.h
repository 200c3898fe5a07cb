/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builders: (document, facts, options) -> plan. Pure: no system calls but memory. Documents must
 * have passed spec/check.h: what is wrong with them alone is not looked for again.
 */
#ifndef RT_PLAN_BUILD_H
#define RT_PLAN_BUILD_H

#include "host/facts.h"
#include "plan/plan.h"
#include "spec/oci.h"

/* CLONE_NEW* of the type; 0 when it is absent. */
uint64_t plan_ns_flag(enum oci_ns type);

/* What the caller decides, beside the document. */
struct plan_options {
	const char *id;
	const char *bundle;      /* absolute */
	const char *rootfs;      /* absolute: root.path below the bundle; not for exec */
	const char *cgroup_path; /* below the cgroup2 root, "" = no cgroup of its own */
	/* the systemd cgroup manager: the container's unit and the slice it is in; else NULL */
	const char *unit, *unit_slice; /* exec: only when systemd has to move the process there */
	const char *unit_subgroup; /* below the unit's cgroup; "" = the unit's own */
	bool unit_user, unit_is_slice;
	const char *delegate; /* a cgroup below it for the processes; NULL: none */
	/* CLONE_NEW*: of those joined beside a user namespace by path, what that one does not own */
	uint64_t foreign_ns;
	bool no_pivot;
	bool no_new_keyring;
	uint32_t preserve_fds;
	uint32_t listen_fds; /* of these, sockets by sd_listen_fds(3): the environment says so */
	const char *listen_names; /* of the sockets, "a:b"; NULL: they have none */
	/* NOTIFY_SOCKET of the caller, and the host's directory for the container's; NULL: none */
	const char *notify_socket, *notify_dir;
	bool gate;         /* create: a listening socket is passed */
	bool have_console; /* process.terminal: rt-init makes a pty */
	/* of the terminal that it will be relayed to; 0: process.consoleSize counts */
	uint16_t rows, columns;
	/* made by sec/ before the plan is built; NULL when the document has no linux.seccomp */
	const void *seccomp_program;
	uint32_t seccomp_len, seccomp_flags;
	bool seccomp_notify; /* it has an SCMP_ACT_NOTIFY */
	const char *rdt_group, *rdt_monitor; /* directories in resctrl; NULL: none */
	/* made by cgroup/: device rules compiled; NULL when none */
	const void *device_program;
	uint32_t device_len;
};

/*
 * The file that stdout or stderr (err) of hooks is appended to: the annotations run.oci.hooks.stdout
 * and .stderr, which crun introduced. NULL when there is none.
 */
const char *rt_hook_output_path(const struct str_map *annotations, bool err);

/*
 * May NOTIFY_SOCKET of the caller concern this container? Not one without mounts of its own, nor one
 * whose process.env has a NOTIFY_SOCKET: who wrote that has arranged for it (podman does).
 */
bool plan_notifies(const struct oci_config *config);

/* What the container's socket is called in its directory, given the caller's NOTIFY_SOCKET. */
const char *rt_notify_name(const char *address);

/*
 * 1: a value in the resources (may be NULL) takes a cgroup of the container's own; 0: none does.
 * Device rules take none: what they protect is the host.
 */
int plan_asks_for_limits(struct arena *arena, const struct oci_resources *r, struct err *e);

/* What rt_facts_probe must be asked for, beyond what is always known, to plan this document. */
unsigned plan_facts_needed(const struct oci_config *config);

/* The same for an exec; base: the container's process, for what `process` lacks. */
unsigned plan_facts_needed_exec(const struct oci_process *process, const struct oci_process *base);

/*
 * The plan of create and run, into a builder that has an arena; plan_finish comes next. Refuses
 * what this host or these options cannot give; the error names the field. Returns 0 or -errno.
 */
int plan_build_create(struct plan_builder *b, const struct oci_config *config,
		      const struct rt_facts *facts, const struct plan_options *opt, struct err *e);

/* What exec needs to know of the running container. */
struct plan_exec_target {
	uint32_t pid; /* of its init */
	uint64_t
		namespaces; /* CLONE_NEW* that the container has of its own, without the caller's */
	bool by_systemd; /* its unit's systemd moves the process to the cgroup */
};

/*
 * The plan of exec: `process` in the container whose saved document is `config`. What the process
 * leaves out (capabilities, rlimits, noNewPrivileges, oomScoreAdj, umask) is as in config.process.
 * The process steps come from the same builder as those of create.
 */
int plan_build_exec(struct plan_builder *b, const struct oci_config *config,
		    const struct oci_process *process, const struct plan_exec_target *target,
		    const struct rt_facts *facts, const struct plan_options *opt, struct err *e);

/* What the kernel has, as far as a change of the limits depends on it. -1 is no limit. */
struct plan_now {
	int64_t memory, swap;  /* bytes; swap alone, -1 also where it is not accounted */
	uint64_t memory_used;  /* bytes */
	bool check_usage;      /* memory.checkBeforeUpdate, of the change or as it was saved */
	int64_t quota;         /* microseconds */
	uint64_t period, burst;
	bool idle;
	uint64_t saved_shares; /* of the saved document, 0: none */
};

/*
 * A change of linux.resources with what it leaves out but needs: the period of a quota, the limit of
 * a swap limit, and the other way round, so that the other half stays what it is. -EINVAL (E_CONFIG)
 * when the new half does not go with the old. *ret is in the arena, as what it leads to. Pure.
 */
int plan_update_fill(struct arena *arena, const struct oci_resources *change,
		     const struct plan_now *now, struct oci_resources *ret, struct err *e);

/*
 * The plan of update: of change->resources, which were filled, writes to the container's cgroup, in an
 * order in which the kernel takes each, and the unit's properties; of change->intel_rdt, unless it is
 * NULL, a write to the schema of its group. The rest of the change does not count, nor do options other
 * than the cgroup, the unit, the device program and the group.
 */
int plan_build_update(struct plan_builder *b, const struct oci_linux *change,
		      const struct plan_now *now, const struct rt_facts *facts,
		      const struct plan_options *opt, struct err *e);

#endif
