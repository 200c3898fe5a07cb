/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, one file each, and what several of them share (common.c). */
#ifndef RT_CMD_H
#define RT_CMD_H

#include "cli.h"

/*
 * Each does its command and returns the exit status, having reported what went wrong. cmd_help() is
 * also for --help: it shows the page of args.command then.
 */
#define COMMAND(id, name, ...) int cmd_##name(struct cli *cli);
#include "table.def"
#undef COMMAND

/* --version */
int cmd_version(struct cli *cli);

/*
 * The options of a new container, as the command line has them. Returns 0, or fails (reported) when
 * LISTEN_FDS is no number.
 */
int new_container_options(const struct cli *cli, struct ocirt_create_options *ret);

/*
 * --preserve-fds and what socket activation passes (sd_listen_fds(3)): descriptors from 3 on.
 * LISTEN_FDS counts if LISTEN_PID names this process, or is unset as some callers leave it. Returns
 * 0, or fails (reported) when it is no number.
 */
int preserved_fds(const struct cli *cli, unsigned int *ret);

/*
 * For check and explain: take a word as the bundle. Returns 0, or fails (reported) when --bundle
 * gives one too.
 */
int bundle_of_word(struct cli *cli);

/* Wait for a program in the foreground. Returns its exit status in *ret_status, or a negative
 * errno of the library. */
int wait_for(const struct cli *cli, ocirt_process *process, unsigned int flags, int *ret_status);

#endif
