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
 * What several commands share. Those that return int return STATUS_OK, or STATUS_FAILED having
 * reported why.
 */

/* The options of a new container, as the command line and the environment have them. */
int new_container_options(struct cli *cli, struct ocirt_create_options *ret);

/* Give the library NOTIFY_SOCKET of the environment, if it is there. */
int set_notify_socket(struct cli *cli);

/*
 * How many descriptors from 3 on go to the program: --preserve-fds, and before those what socket
 * activation passes (sd_listen_fds(3)), which is also given alone.
 */
int preserved_fds(const struct cli *cli, unsigned int *ret_preserve, unsigned int *ret_listen);

/*
 * For kill and delete: words[0] is an extended regular expression. Call fn, which returns the
 * library's negative errno, for every container whose id has a match.
 */
typedef int match_fn(struct cli *cli, const char *id);
int each_match(struct cli *cli, match_fn *fn);

/* For check and explain: the word, if there is one, names the bundle as --bundle does. */
int bundle_of_word(struct cli *cli);

/*
 * Wait for a program in the foreground; *ret_status is its exit status. Returns 0 or the library's
 * negative errno, not reported.
 */
int wait_for(const struct cli *cli, ocirt_process *process, unsigned int flags, int *ret_status);

/*
 * run and restore without --detach: wait for the program and delete the container, with --keep only
 * wait. Returns the program's exit status. The first thing that goes wrong is what is told; the
 * container is deleted all the same.
 */
int foreground(struct cli *cli, const char *id, ocirt_process *process);

/*
 * From a container's making to its deletion a signal that ends us would leave it behind, so HUP, INT,
 * QUIT and TERM wait for the program, which the library passes them on to. The ^C of a terminal also
 * goes to hooks, so that one that hangs is ended.
 */
void hold_signals(void);

/* What the command line says to CRIU. */
void criu_options(const struct cli *cli, struct ocirt_criu_options *ret);

#endif
