/* SPDX-License-Identifier: Apache-2.0 */
/* What the cases of rt-init on the real kernel share: pieces of plans, and judging the outcome. */
#ifndef TESTS_INIT_KERNEL_H
#define TESTS_INIT_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/minir.h"

#define ALL_NS (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

struct kernel_case {
	const char *name;
	void (*run)(void);
};

#define CASE(name) { #name, name }

/* Ended by a NULL name. */
extern const struct kernel_case mount_cases[], process_cases[];

/* The plan that is being made, then what came of it; the slot of its root, and where that is. */
extern struct minir m;
extern uint32_t root;
extern const char *rootfs;

/* ---- the outcome ---- */

void kernel_check(bool ok, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#define CHECK(cond) kernel_check(cond, __FILE__, __LINE__, "%s", #cond)
#define CHECK_OUT(text)                                                                            \
	kernel_check(strstr(m.out, text) != NULL, __FILE__, __LINE__, "no \"%s\" in the output", text)
#define CHECK_NOT_OUT(text)                                                                        \
	kernel_check(strstr(m.out, text) == NULL, __FILE__, __LINE__, "\"%s\" is in the output", text)
#define CHECK_EXIT(code)                                                                           \
	kernel_check(WIFEXITED(m.status) && WEXITSTATUS(m.status) == (code) && !*m.problem &&             \
		      !SAW(&m, ERROR),                                                             \
	      __FILE__, __LINE__, "it does not exit with %d", code)
#define CHECK_ERROR(op, errno_, why_)                                                              \
	kernel_check(SAW(&m, ERROR) && !strcmp(m.failed_op, op) && m.error.no == (errno_) &&              \
		      m.error.why == (why_) && !*m.problem,                                        \
	      __FILE__, __LINE__, "no error %s in %s because of %s", #errno_, op, #why_)

/* ---- pieces of plans ---- */

#define ADD(op) PLAN_ADD(&m.b, op, NULL)
#define STR(s) plan_str(&m.b, s)

/* The latest step of this kind, which is there. */
#define LAST(op) ((struct op_##op *)last_step(OP_##op))
void *last_step(enum op_code op);

/* A zeroed step before exec, the last one. */
#define ADD_BEFORE_EXEC(op) ((struct op_##op *)before_exec(OP_##op))
void *before_exec(enum op_code op);

/* Up to three strings; NULL ends them. */
struct op_strv words(const char *a, const char *b, const char *c);

struct op_mount_fs *mount_on(const char *dest, const char *type);
struct op_mount_bind *bind_on(const char *dest, const char *source);
void device(const char *path, unsigned int major, unsigned int minor);

/* A new plan, and a new rootfs with busybox. */
void begin(void);

/* The rootfs, with the host's mounts out of reach. */
void add_root(void);
void add_proc(void);

/* From finding the program to executing it; sh: /bin/sh -c. */
void add_process(const char *a, const char *b, const char *c);
void sh(const char *script);

/* ---- in the rootfs ---- */

void write_file(const char *path, mode_t mode, const void *bytes, size_t len);
void make_dir(const char *path);
void link_file(const char *path, const char *target);
bool exists(const char *path);

/* Run a command of the host's shell that must work. */
void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
