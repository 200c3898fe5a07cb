/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libocirt: run OCI containers from a program.
 *
 * The library is a good guest: it installs no signal handler, prints nothing, never exits, and
 * leaves the caller's working directory, umask, signal mask, limits and children alone (the one
 * exception, ocirt_process_supervise(), says so). It may be used from any thread; one context is
 * used by one thread at a time.
 *
 * Functions return 0 (or a positive value where said) on success and a negative errno on failure;
 * the context then holds the details, see ocirt_error_message(). An argument that is NULL where a
 * pointer is asked for gives -EINVAL. Option structs begin with their size, so that a program
 * built with an older header keeps working: set it with OCIRT_INIT.
 *
 * Rules of the documents: https://specs.opencontainers.org/runtime-spec/, version 1.3.
 */
#ifndef OCIRT_H
#define OCIRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OCIRT_PUBLIC __attribute__((visibility("default")))
#else
#define OCIRT_PUBLIC
#endif

/* The version of the library that is running, "0.1.0". Since 0.1. */
OCIRT_PUBLIC const char *ocirt_version(void);

/* ---- context ---- */

typedef struct ocirt_context ocirt_context;

/*
 * A context holds a caller's settings and the last error. *ret is freed with ocirt_context_free().
 * Fails with -ENOMEM only. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_context_new(ocirt_context **ret);
OCIRT_PUBLIC void ocirt_context_free(ocirt_context *ctx);

/*
 * The directory that holds the state of containers; made (mode 0700) when something is first
 * stored there. Default: /run/rt, or $XDG_RUNTIME_DIR/rt for a caller that is not root, or is that
 * only in a user namespace, and $USER is not "root". A relative path is taken from the current
 * working directory of this call. -EINVAL for "" and "/".
 */
OCIRT_PUBLIC int ocirt_context_set_root(ocirt_context *ctx, const char *dir);

/* Who makes cgroups. */
enum ocirt_cgroup_manager {
	OCIRT_CGROUP_CGROUPFS = 0, /* the library, in the cgroup2 tree */
	OCIRT_CGROUP_SYSTEMD = 1,  /* systemd, asked to by D-Bus: a transient unit */
	OCIRT_CGROUP_DISABLED = 2  /* nobody: the container stays in the caller's cgroup */
};
OCIRT_PUBLIC int ocirt_context_set_cgroup_manager(ocirt_context *ctx,
						  enum ocirt_cgroup_manager manager);

/*
 * NOTIFY_SOCKET of sd_notify(3), for create, start, run and explain; NULL or "": none, which is the
 * default. The container gets a socket of its own: NOTIFY_SOCKET in its environment is "notify"
 * below the path `address`, or "/run/notify/notify.sock" when that is an abstract socket ("@name").
 * ocirt_start(), and ocirt_run() with `detach`, return when it is ready or has ended, and tell the
 * manager, with its pid; without `detach` ocirt_process_supervise() passes messages on. Nothing of
 * this is done for a bundle whose process.env has a NOTIFY_SOCKET. -EINVAL, -ENAMETOOLONG.
 */
OCIRT_PUBLIC int ocirt_context_set_notify_socket(ocirt_context *ctx, const char *address);

enum ocirt_log_level { OCIRT_LOG_ERROR = 0, OCIRT_LOG_WARNING = 1, OCIRT_LOG_DEBUG = 2 };

/*
 * Receive messages up to `level`. The library itself reports at warning and debug; errors are
 * returned, not logged. The message is one line and belongs to the library.
 */
typedef void (*ocirt_log_fn)(enum ocirt_log_level level, const char *message, void *userdata);
OCIRT_PUBLIC void ocirt_context_set_log(ocirt_context *ctx, enum ocirt_log_level level,
					ocirt_log_fn fn, void *userdata);

/* How long a step of the plan took, or the runtime's own work around the steps. */
struct ocirt_timing {
	const char *stage;  /* as ocirt_explain() has them; "runtime": no step */
	const char *step;   /* "mount_fs", "config" */
	const char *object; /* what it is about: mount "proc" on "/proc"; "": nothing to say */
	const char *field;  /* of the configuration that asked for it; "": none */
	int by_init;        /* done by rt-init, which works while the runtime does */
	unsigned long begin_usec; /* since the call */
	unsigned long usec;
};

/*
 * Be told what ocirt_create(), ocirt_run() and ocirt_exec() take, in the order in which it began, at
 * their end; when they failed, of what was done until then. fn NULL: no times are taken, which is the
 * default. Strings belong to the library. After a seccomp filter is loaded no time can be asked for:
 * that step's holds the execve behind it. Since 0.1.
 */
typedef void (*ocirt_timing_fn)(const struct ocirt_timing *timing, void *userdata);
OCIRT_PUBLIC void ocirt_context_set_timings(ocirt_context *ctx, ocirt_timing_fn fn,
					    void *userdata);

/* ---- the last error of a context; strings live until the next call with it ---- */

/*
 * One line, "" after success: "mounts[3].source: open mount source \"/srv\": no such file ...", or
 * "config.json:41:17: process.cwd: expected a string" when it is about the text itself.
 */
OCIRT_PUBLIC const char *ocirt_error_message(const ocirt_context *ctx);
/* The stable word of its kind, "E_MOUNT"; "none" after success. See docs/errors.md. */
OCIRT_PUBLIC const char *ocirt_error_code(const ocirt_context *ctx);
/* The errno, positive. */
OCIRT_PUBLIC int ocirt_error_errno(const ocirt_context *ctx);
/* The field of the document it is about, "linux.resources.memory.limit"; "" when none. */
OCIRT_PUBLIC const char *ocirt_error_field(const ocirt_context *ctx);
/* What was probed about the cause; "" when nothing. Not part of the message. */
OCIRT_PUBLIC const char *ocirt_error_hint(const ocirt_context *ctx);
/* The stage of the plan, "ROOTFS"; "" when it did not come so far. */
OCIRT_PUBLIC const char *ocirt_error_stage(const ocirt_context *ctx);

#define OCIRT_INIT(options) ((options)->struct_size = sizeof(*(options)))

/* ---- the life of a container (runtime.md, "Lifecycle") ---- */

struct ocirt_create_options {
	size_t struct_size;
	const char *bundle;         /* directory; NULL: the current one */
	const char *config;         /* NULL: config.json of the bundle */
	const char *console_socket; /* AF_UNIX socket that is sent the pty's master */
	const char *pid_file;       /* written when all went well, by atomic replace */
	int no_pivot;               /* MS_MOVE and chroot: for a host whose root is the initramfs */
	int no_new_keyring;
	unsigned int preserve_fds;  /* this many descriptors from 3 on go to the program */
	unsigned int listen_fds;    /* the first of them: sockets, LISTEN_FDS is set to this */
	int set_stdio;              /* take stdio below; else the caller's 0, 1, 2 */
	int stdio[3];               /* borrowed */
	int detach;                 /* run: nobody will relay a terminal */
	/* run: ocirt_process_supervise() will: stdin must be a terminal if process.terminal is true;
	 * signals of this thread are blocked from before the program starts, so that none is missed */
	int relay;
	const char *pidfd_socket;   /* AF_UNIX socket that is sent a pidfd of the init */
	const char *listen_names;   /* "a:b": LISTEN_FDNAMES of listen_fds; NULL: none */
};

/* The container's program, as it was started by ocirt_run() or ocirt_exec(). */
typedef struct ocirt_process ocirt_process;

/*
 * runtime.md "create": all is set up, the program waits for ocirt_start(). id: one path component
 * of [A-Za-z0-9_+.-], at most 255 bytes, not beginning with a dot. On failure nothing is left.
 * -EEXIST (E_EXISTS), -EINVAL (E_CONFIG, E_JSON, E_USAGE), -ENOTSUP (E_UNSUPPORTED), or what the
 * kernel said.
 */
OCIRT_PUBLIC int ocirt_create(ocirt_context *ctx, const char *id,
			      const struct ocirt_create_options *options);

/* runtime.md "start", with poststart hooks. -ENOENT, -EINVAL (E_BAD_STATE) when not created. */
OCIRT_PUBLIC int ocirt_start(ocirt_context *ctx, const char *id);

/*
 * create and start in one. *ret (may be NULL) is freed with ocirt_process_free(); the container
 * stays until ocirt_delete().
 */
OCIRT_PUBLIC int ocirt_run(ocirt_context *ctx, const char *id,
			   const struct ocirt_create_options *options, ocirt_process **ret);

#define OCIRT_KILL_ALL 1u /* every process of the container; success when there is none */

/*
 * runtime.md "kill": send signal 0..64 to the container's init. -ENOENT when there is no such
 * container, -ESRCH (E_BAD_STATE) when it is not running.
 */
OCIRT_PUBLIC int ocirt_kill(ocirt_context *ctx, const char *id, int signal, unsigned int flags);

/*
 * Let all processes of the container stand still, and go on. Waits until they do, at most 10 s: then
 * -ETIMEDOUT (E_TIMEOUT) names those that would not, and none stands still. -ENOENT; -ESRCH
 * (E_BAD_STATE) when it is not running; -EINVAL (E_BAD_STATE) when it is paused already, or for
 * resume not paused; -ENOTSUP (E_CGROUP) without a cgroup of its own. A created container can be
 * paused, and is not started before it is resumed. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_pause(ocirt_context *ctx, const char *id);
OCIRT_PUBLIC int ocirt_resume(ocirt_context *ctx, const char *id);

/*
 * The processes of the container, by their ids as the caller sees them, in no order; none when it is
 * stopped. *ret, an array of *ret_n, is freed with ocirt_free(). -ENOENT; -ENOTSUP (E_CGROUP) when
 * they cannot be told from others: without a cgroup and without a pid namespace of its own. Since
 * 0.1.
 */
OCIRT_PUBLIC int ocirt_ps(ocirt_context *ctx, const char *id, int **ret, size_t *ret_n);

/* What a container uses. What its cgroup does not account for is 0, UINT64_MAX is no limit. */
struct ocirt_stats {
	size_t struct_size;              /* set it with OCIRT_INIT */
	uint64_t cpu_usec;               /* since the container was made */
	uint64_t memory, memory_limit;   /* bytes */
	uint64_t pids, pids_limit;
	uint64_t read_bytes, write_bytes;
	/* of the last 10 s, the hundredths of a percent in which some task waited (PSI) */
	uint32_t cpu_pressure, memory_pressure, io_pressure;
};

/*
 * Statistics, as they are now. *ret_event is a line of JSON as ocirt_events() gives it, freed with
 * ocirt_free(); either pointer may be NULL. -EINVAL; -ENOENT; -ESRCH (E_BAD_STATE) when it is not running;
 * -ENOTSUP (E_CGROUP) without a cgroup of its own. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_stats(ocirt_context *ctx, const char *id, struct ocirt_stats *ret,
			     char **ret_event);

/*
 * Call fn with a line of JSON for each event, until the container has ended (0) or fn returns
 * non-zero, which is returned: {"type":"stats","id":ID,"data":{...}} at each interval, with data as
 * runc's events have it and more; {"type":"oom","id":ID} for each process that was killed because
 * memory was short. Errors as ocirt_stats(). Since 0.1.
 */
typedef int (*ocirt_event_fn)(const char *event, void *userdata);
OCIRT_PUBLIC int ocirt_events(ocirt_context *ctx, const char *id, int interval_msec,
			      ocirt_event_fn fn, void *userdata);

struct ocirt_update_options {
	size_t struct_size;
	const char *resources;      /* JSON, as linux.resources of config-linux.md */
	const char *resources_name; /* what messages call it, a file's name perhaps; may be NULL */
	/*
	 * Lines for the schema of the container's group in resctrl, "L3:0=f" and "MB:0=20", as
	 * l3CacheSchema and memBwSchema of linux.intelRdt; NULL: it stays. With one of them the
	 * resources may be NULL.
	 */
	const char *l3_cache_schema, *mem_bw_schema;
};

/*
 * Change the limits of a container that is not stopped. What the resources do not name stays as it
 * is; a value of 0 where that is no limit, an empty list and an empty string name nothing. Device
 * rules replace all earlier ones. All is changed or nothing: when one write fails those before it
 * are undone. Later commands find the new values in the container's saved configuration.
 * -ENOENT; -ESRCH (E_BAD_STATE) when stopped; -EINVAL (E_JSON, E_CONFIG), -ENOTSUP (E_UNSUPPORTED,
 * E_CGROUP, E_RDT), or what the kernel said to a write. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_update(ocirt_context *ctx, const char *id,
			      const struct ocirt_update_options *options);

#define OCIRT_DELETE_FORCE 1u /* kill it first; finish what a killed create left; unknown is fine */

/*
 * runtime.md "delete", with poststop hooks (whose failure is logged). Bounded: -EBUSY (E_BUSY)
 * names the processes that would not die within 10 s.
 */
OCIRT_PUBLIC int ocirt_delete(ocirt_context *ctx, const char *id, unsigned int flags);

/* runtime.md "state" as JSON; *ret is freed with ocirt_free(). -ENOENT. */
OCIRT_PUBLIC int ocirt_state(ocirt_context *ctx, const char *id, char **ret);

struct ocirt_entry {
	size_t struct_size;
	const char *id;
	const char *status; /* creating, created, running, paused, stopped; "unknown": see error */
	int pid;            /* 0 when stopped */
	const char *bundle;
	const char *created; /* RFC 3339 */
	const char *owner;   /* user name, or the uid in digits */
	const char *state;   /* the document of ocirt_state(), one line; NULL when unreadable */
	const char *error;   /* why it is unreadable, else NULL */
};

/*
 * Call fn for every container below the root, in order of ids, until it returns non-zero, which is
 * returned. An unreadable container is an entry with `error`, not a failure.
 */
typedef int (*ocirt_list_fn)(const struct ocirt_entry *entry, void *userdata);
OCIRT_PUBLIC int ocirt_list(ocirt_context *ctx, ocirt_list_fn fn, void *userdata);

struct ocirt_exec_options {
	size_t struct_size;
	const char *process;       /* file with a `process` object; else the members below */
	const char *const *args;   /* NULL-terminated */
	const char *const *env;    /* NULL-terminated; added to the container's */
	const char *const *caps;   /* NULL-terminated; added to the container's */
	const char *cwd;
	const char *user;          /* "UID" or "UID:GID" */
	const char *additional_gids; /* "1,2,3": added */
	int no_new_privs;          /* 1: set; 0: as the container */
	int tty;
	const char *console_socket;
	const char *pid_file;      /* written once the program is known to run */
	unsigned int preserve_fds;
	unsigned int listen_fds;
	int ignore_paused;
	int set_stdio;
	int stdio[3];
	int detach;
	int relay;
	const char *cgroup;        /* sub-cgroup of the container's, which must exist; NULL: its own */
	const char *pidfd_socket;  /* AF_UNIX socket that is sent a pidfd of the program */
	const char *apparmor_profile; /* NULL: the container's */
	const char *selinux_label;    /* NULL: the container's */
	const char *listen_names;     /* as in struct ocirt_create_options */
};

/*
 * Run one more program in a running container, confined exactly as its init (the process object
 * and options say what differs). Returns when execve has succeeded; or when the kernel has refused the
 * file, of which the program's stderr and its exit status, 1, tell.
 */
OCIRT_PUBLIC int ocirt_exec(ocirt_context *ctx, const char *id,
			    const struct ocirt_exec_options *options, ocirt_process **ret);

/* ---- checkpoint and restore, by CRIU (https://criu.org), for root ---- */

/*
 * The program to call, when it is not the criu of the host's own directories; NULL: that one. Its
 * version must be 3.15 or newer. -ENOMEM. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_context_set_criu(ocirt_context *ctx, const char *program);

/* What is CRIU's own stands under the same name in criu(8). */
struct ocirt_criu_options {
	size_t struct_size;
	const char *image_path;  /* directory; NULL: "checkpoint" */
	const char *work_path;   /* directory, for the log and the like; NULL: image_path */
	const char *parent_path; /* checkpoint: images of an earlier one, relative to image_path */
	int pre_dump;            /* checkpoint: memory alone; the container runs on */
	int leave_running;       /* checkpoint: it runs on; else it is deleted */
	int tcp_established, tcp_skip_in_flight, tcp_close;
	int ext_unix_sk;
	int shell_job;
	int file_locks;
	int link_remap;
	int auto_dedup;
	int lazy_pages;
	int empty_network;       /* a network namespace is made empty, nothing in it is restored */
	const char *page_server;   /* checkpoint: "ADDRESS:PORT" of a page server */
	const char *cgroups_mode;  /* "soft" (default), "full", "strict", "ignore" */
	const char *network_lock;  /* "iptables" (default), "nftables", "skip" */
	const char *lsm_profile;   /* restore: "apparmor:NAME" or "selinux:LABEL"; NULL: the config's */
	const char *lsm_mount_context; /* restore: SELinux label of mounts; NULL: the config's */
	int set_status_fd;       /* checkpoint with lazy_pages: a NUL byte is written to status_fd */
	int status_fd;           /* once pages can be asked for, and it is closed; consumed */
};

/*
 * Save the state of a running or paused container to images, and delete it, unless it is to run on.
 * Names of its stdio go to descriptors.json among them. Where CRIU fails, the container runs on as
 * before, and the message has the first error of its log, which is kept. -ENOENT; -EINVAL (E_BAD_STATE)
 * when it is neither running nor paused; -EPERM for a caller who is not the host's root; -ENOENT,
 * -ENOTSUP (E_CRIU) when there is no criu, or it cannot do this; and what CRIU said. Since 0.1.
 */
OCIRT_PUBLIC int ocirt_checkpoint(ocirt_context *ctx, const char *id,
				  const struct ocirt_criu_options *options);

/*
 * Make a container of images. Its bundle is as for ocirt_run(): the root file system is as it was left;
 * limits and labels are those of the configuration, whatever the images say. Hooks prestart and
 * createRuntime run, the others have run. *ret (may be NULL) as for ocirt_run(). Since 0.1.
 */
OCIRT_PUBLIC int ocirt_restore(ocirt_context *ctx, const char *id,
			       const struct ocirt_create_options *options,
			       const struct ocirt_criu_options *criu, ocirt_process **ret);

/* ---- a started program ---- */

OCIRT_PUBLIC int ocirt_process_pid(const ocirt_process *process);
/* Borrowed; readable (poll) once the program has ended. */
OCIRT_PUBLIC int ocirt_process_pidfd(const ocirt_process *process);
/* The pty's master, -1 when there is none or it went to a console socket. Borrowed. */
OCIRT_PUBLIC int ocirt_process_console(const ocirt_process *process);

/*
 * Wait up to timeout_msec (-1: forever) for the end; *ret_status is as waitpid's. -ETIMEDOUT.
 * -ECHILD when somebody else has reaped it.
 */
OCIRT_PUBLIC int ocirt_process_wait(ocirt_process *process, int timeout_msec, int *ret_status);

#define OCIRT_SUPERVISE_SUBREAPER 1u /* adopt and reap orphans of the container meanwhile */

/*
 * The foreground: relay the terminal (raw mode, window size), forward signals, until the program
 * has ended; *ret_status as waitpid's. This is the one call that changes its caller: it blocks all
 * signals of the calling thread and, with the flag, makes the process a subreaper; both are undone
 * before it returns.
 */
OCIRT_PUBLIC int ocirt_process_supervise(ocirt_context *ctx, ocirt_process *process,
					 unsigned int flags, int *ret_status);

/* Forget the process; it goes on. */
OCIRT_PUBLIC void ocirt_process_free(ocirt_process *process);

/* ---- documents ---- */

enum ocirt_severity { OCIRT_PROBLEM_ERROR = 0, OCIRT_PROBLEM_WARNING = 1 };

struct ocirt_problem {
	size_t struct_size;
	enum ocirt_severity severity;
	unsigned int line, column; /* 1-based; 0: of the whole document */
	const char *field;         /* "linux.namespaces[1].type", may be "" */
	const char *message;
	const char *suggestion;    /* "did you mean ..."; NULL when none */
	const char *code;          /* "E_CONFIG" */
};

/*
 * Report every problem of the bundle's configuration to fn: what the specification forbids, what
 * this version does not support, unknown keys (warnings). Nothing is made or changed. Returns the
 * number of problems of severity error, or a negative errno when the file could not be read.
 */
typedef void (*ocirt_problem_fn)(const struct ocirt_problem *problem, void *userdata);
OCIRT_PUBLIC int ocirt_check(ocirt_context *ctx, const struct ocirt_create_options *options,
			     ocirt_problem_fn fn, void *userdata);

#define OCIRT_EXPLAIN_JSON 1u

/*
 * The steps that ocirt_run() would take with these options, by stage, with the config field each
 * comes from. *ret is freed with ocirt_free(). Nothing is made or changed.
 */
OCIRT_PUBLIC int ocirt_explain(ocirt_context *ctx, const char *id,
			       const struct ocirt_create_options *options, unsigned int flags,
			       char **ret);

/* The same for ocirt_update(): what it would write. Since 0.1. */
OCIRT_PUBLIC int ocirt_explain_update(ocirt_context *ctx, const char *id,
				      const struct ocirt_update_options *options,
				      unsigned int flags, char **ret);

#define OCIRT_SPEC_ROOTLESS 1u /* for a caller that is not root: user namespace, no limits */

/* A config.json to start from. *ret is freed with ocirt_free(). */
OCIRT_PUBLIC int ocirt_spec(ocirt_context *ctx, unsigned int flags, char **ret);

/* Add what this host grants to this caller, probed, as annotations "run.oci.rt.host.*". */
#define OCIRT_FEATURES_HOST 1u

/*
 * features.md: what this version can do, as JSON. Without a flag it tells no more of the host than
 * which flags of seccomp the kernel takes. *ret is freed with ocirt_free().
 */
OCIRT_PUBLIC int ocirt_features(ocirt_context *ctx, unsigned int flags, char **ret);

/* Free what a function returned in `char **ret` or `int **ret`. NULL is nothing. */
OCIRT_PUBLIC void ocirt_free(void *p);

#ifdef __cplusplus
}
#endif

#endif
