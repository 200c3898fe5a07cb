/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt-init: the machine that runs the plan's I-side steps inside the container. Freestanding: no
 * libc, no heap, every buffer bounded. This header is what its files share.
 *
 * Rules of a step, `int step_NAME(struct init *, const struct op_NAME *)`:
 * - it returns 0 or a negative errno; the loop in start.c reports a failure, and nobody else;
 * - a descriptor that it opens is passed through init_scratch() and is not closed by hand: the loop
 *   closes all that are in no slot, many with one call, on success and on failure alike.
 */
#ifndef RT_INIT_INIT_H
#define RT_INIT_INIT_H

#include "init/sys.h"
#include "plan/op.h"
#include "proc/protocol.h"

#define PATH_SIZE 4096 /* PATH_MAX of the kernel, with the NUL */

struct init {
	struct plan_head *plan; /* our private copy */
	int32_t *slots;
	struct op_time *times;  /* of the steps; NULL: nobody wants to know */
	int report;             /* to whom messages go: the runtime, or the client of the gate */
	uint32_t step;          /* index of the step that runs */
	unsigned int scratch;   /* descriptors opened since the last init_close_scratch */
	unsigned int umask;     /* the program's */
	bool session;           /* we lead one of our own */
	bool console;           /* stdio is a pty */
	bool made;              /* the last root_target was not there */
	bool cwd_done;          /* an earlier cwd step has changed the directory */
	bool gated;             /* `report` is a client of the gate: it may go away */
	bool exec_told;         /* the EXEC message is out */
	bool refused;           /* by execve */
	const char *program;    /* what will be executed */
	struct {                /* the directory that root_parent opened last */
		int fd;         /* negative: none */
		uint32_t root;
		const char *path;
		size_t len;
	} parent;
	uint32_t why;           /* enum rt_why of the failure */
	char detail[sizeof(((struct msg_error *)0)->detail)];
};

/* int step_mount_fs(struct init *in, const struct op_mount_fs *op); and so on. */
#define DECLARE_R(name)
#define DECLARE_I(name) int step_##name(struct init *in, const struct op_##name *op);
#define X(name, side, word) DECLARE_##side(name)
OP_LIST(X)
#undef X

/* ---- start.c: the plan and the descriptors ---- */

/* The string at an offset of the plan; "" for offset 0. */
const char *init_text(const struct init *in, uint32_t off);

/* String i of a vector that init_argv has not been called for. */
const char *init_item(const struct init *in, struct op_strv v, uint32_t i);

/* The vector as NULL-terminated pointers, made in place: a vector belongs to one step. */
char **init_argv(const struct init *in, struct op_strv v);

/* The descriptor in a slot; -EBADF when there is none. */
int init_slot(const struct init *in, uint32_t slot);

/* Put a descriptor into a slot (or nowhere, for NO_SLOT); it is scratch no longer. */
void init_slot_set(struct init *in, uint32_t slot, int fd);

/* Count a descriptor that was just opened; a negative errno is passed through. */
int init_scratch(struct init *in, int fd);

/*
 * Close every descriptor above the preserved ones that is in no slot and not the channel: now, or
 * if there is a scratch one. Returns 0 or a negative errno.
 */
int init_close_others(const struct init *in);
void init_close_scratch(struct init *in);

/*
 * Say why a step fails: the cause as probed, and what it is about (cut to fit; NULL for none). Only
 * the first of a step counts. Returns `no`, a negative errno.
 */
int init_fail(struct init *in, int no, enum rt_why why, const char *detail);

/* Report failure -no of the current step to whoever waits, and end the process. */
void init_die(struct init *in, int no);

/* Set the process up and run the plan in this descriptor. Returns the exit status. */
int init_main(struct init *in, int plan_fd);

/* ---- text.c: strings ---- */

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

bool text_eq(const char *a, const char *b);
bool text_starts(const char *s, const char *prefix);

/* A text that is put together in a buffer; what does not fit is cut and `cut` is set. */
struct text {
	char *buf;
	size_t size, len;
	bool cut;
};

#define TEXT(array) ((struct text){.buf = (array), .size = sizeof(array)})

/* Append; the text stays NUL-terminated. */
void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *s, size_t n);
void text_num(struct text *t, uint32_t n);
void text_octal(struct text *t, uint32_t n);

/* ---- talk.c: the channel ---- */

/*
 * Send a message without payload. When nobody listens any more the process ends, but for a client
 * of the gate, who has had his wish. Returns 0 or a negative errno.
 */
int init_send(struct init *in, enum rt_msg_type type);

/* The same with a descriptor (-1: none) and, for PID, its payload. */
int init_send_fd(struct init *in, enum rt_msg_type type, int fd, int32_t pid);

/* Report an error. Returns 0 or the errno of sending it. */
int init_send_error(struct init *in, int no);

/*
 * execve has refused: if the runtime has words for that (SAY), write them to stderr, where the program
 * would. It has none when the failure is the runtime's own (run), or it died. Returns whether it had.
 */
bool init_say(const struct init *in);

/*
 * Receive a message that has no payload. EOF ends the process: the runtime died. Returns the type,
 * or -EPROTO for anything malformed.
 */
int init_recv(struct init *in);

/* The same from any socket; -ECONNRESET on EOF. */
int init_recv_from(int fd);

/* Receive, and accept `type` only. Returns 0 or -EPROTO. */
int init_await(struct init *in, enum rt_msg_type type);

/*
 * The same for a message that brings a descriptor, which is scratch. Returns it, or a negative
 * errno.
 */
int init_await_fd(struct init *in, enum rt_msg_type type);

/* ---- root.c: paths in the container's root ---- */

enum target_kind {
	TARGET_DIR = 1,      /* what is made when it is missing: a directory, else an empty file */
	TARGET_NOFOLLOW = 2, /* the last component may be a symlink, and is the target itself */
	TARGET_REAL = 4,     /* no component may be a symlink */
	TARGET_MOUNT = 8,    /* something will be mounted there: see root_mount_point */
};

/* The descriptor that paths start at: of the slot, or of this process's "/" for NO_SLOT. */
int root_fd(struct init *in, uint32_t root);

/*
 * Open dest below the root's descriptor as the kernel resolves it there, never outside and never
 * through /proc's magic links (CVE-2019-19921, CVE-2021-30465). Returns a scratch descriptor.
 */
int root_open(struct init *in, int root, const char *dest, uint64_t flags, uint64_t resolve);

/* The same for a mount point: one that a symlink puts into a procfs is refused. */
int root_mount_point(struct init *in, int root, const char *dest, uint64_t flags, uint64_t resolve);

/*
 * dest as an O_PATH descriptor: made with missing parents where it is not there, which in->made tells.
 * kind: enum target_kind. mode: of a directory made for the last component.
 */
int root_target(struct init *in, int root, const char *dest, unsigned int kind, unsigned int mode);

/*
 * The directory that holds dest, made when it is missing; *ret_name is the last component. The
 * descriptor is remembered, for the next call with the same directory.
 */
int root_parent(struct init *in, uint32_t root, const char *dest, const char **ret_name);

/* Only slashes and dots: the root itself. */
bool root_is(const char *dest);

/* S_IFMT bits of what an O_PATH descriptor is of, or a negative errno. */
int fd_type(int fd);

/* ---- exec.c ---- */

/*
 * Load a seccomp filter; it takes no_new_privs or CAP_SYS_ADMIN. Returns its listener or 0, or a
 * negative errno.
 */
int init_load_filter(const struct init *in, struct op_blob filter, uint64_t flags);

/* ---- mount.c ---- */

/*
 * Attach the detached tree to the target (both descriptors). dest tells when that is the root
 * itself: then the root's slot gets the tree. The one place where rt-init mounts.
 */
int mount_attach(struct init *in, int tree, int target, uint32_t root, const char *dest);

/* mount_setattr on a descriptor; propagation is MS_* with MS_REC. Nothing to do: no call. */
int mount_change(struct init *in, int fd, uint64_t set, uint64_t clear, uint64_t propagation,
		 bool recursive);

/* The attributes of mount_fs, mount_bind and mount_remount: of the tree, then of this mount. */
int mount_attrs(struct init *in, int fd, uint64_t set, uint64_t clear, uint64_t rec_set,
		uint64_t rec_clear, uint64_t propagation);

/* An operation on the context `fs` failed: keep what the kernel logged there. Returns no. */
int mount_fs_failed(struct init *in, int fs, int no);

/* ---- copy.c ---- */

/* Fill the directory `to` with what the directory `from` holds (tmpcopyup). */
int copy_tree(struct init *in, int from, int to);

/*
 * Give name in dirfd ("" for dirfd itself) the owner in st. One that has no id here leaves it ours.
 * Returns 0, 1 when it did so, or a negative errno.
 */
int copy_owner(int dirfd, const char *name, const struct statx *st);

/* ---- probe.c ---- */

/* Find out why execve refuses this file with `no`, and keep it for the report. Returns no. */
int probe_program(struct init *in, const char *path, int no);

/* A name's file in PATH that may not be executed: keep it for the report. Returns -ENOENT. */
int probe_passed_over(struct init *in, const char *path);

#endif
