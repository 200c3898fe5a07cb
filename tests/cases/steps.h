/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the statements, by family; see statement.c for their keywords. */
#ifndef CASES_STEPS_H
#define CASES_STEPS_H

#include "context.h"

/* steps_config.c: the bundle's config.json. */
int step_base(struct context *cx, const struct statement *s);
int step_set(struct context *cx, const struct statement *s);
int step_append(struct context *cx, const struct statement *s);
int step_delete_member(struct context *cx, const struct statement *s);
int step_args(struct context *cx, const struct statement *s);
int step_probe(struct context *cx, const struct statement *s);
int step_config_text(struct context *cx, const struct statement *s);
int step_config_replace(struct context *cx, const struct statement *s);
/* Write config.json if it is not as the statements say: 0 or -1 after context_fail(). */
int config_write(struct context *cx);

/* steps_files.c: files on the host and in the rootfs. */
int step_file(struct context *cx, const struct statement *s);
int step_dir(struct context *cx, const struct statement *s);
int step_symlink(struct context *cx, const struct statement *s);
int step_fifo(struct context *cx, const struct statement *s);
int step_node(struct context *cx, const struct statement *s);
int step_chmod(struct context *cx, const struct statement *s);
int step_chown(struct context *cx, const struct statement *s);
int step_remove(struct context *cx, const struct statement *s);

/* steps_command.c: running things. */
int step_verb(struct context *cx, const struct statement *s);
int step_runtime(struct context *cx, const struct statement *s);
int step_background(struct context *cx, const struct statement *s);
int step_join(struct context *cx, const struct statement *s);
int step_signal(struct context *cx, const struct statement *s);
int step_host(struct context *cx, const struct statement *s);
int step_global(struct context *cx, const struct statement *s);
int step_reap(struct context *cx, const struct statement *s);
int step_pause(struct context *cx, const struct statement *s);
/*
 * Run the runtime on the side, without making it the last command: its status, and all it printed.
 */
struct command command_on_the_side(struct context *cx, const char *verb, const char *id);

/* steps_caller.c: who calls, and from where. */
int step_caller(struct context *cx, const struct statement *s);
int step_console(struct context *cx, const struct statement *s);

/* need.c */
int step_need(struct context *cx, const struct statement *s);

/* check_*.c: expectations. */
int check_exit(struct context *cx, const struct statement *s);
int check_fails(struct context *cx, const struct statement *s);
int check_within(struct context *cx, const struct statement *s);
int check_stream(struct context *cx, const struct statement *s);
int check_path(struct context *cx, const struct statement *s);
int check_is(struct context *cx, const struct statement *s);
int check_becomes(struct context *cx, const struct statement *s);
int check_gone(struct context *cx, const struct statement *s);
int check_processes(struct context *cx, const struct statement *s);
int check_exited(struct context *cx, const struct statement *s);

#endif
