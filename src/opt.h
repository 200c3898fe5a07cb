/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line. Its commands and options stand in table.def.
 *
 * The grammar is runc's, since engines rely on it (go-runc passes "-no-subreaper"): one dash or two
 * before every name, "--name=value" and "--name value", "--switch=false", options also behind the
 * words of a command, "--" ends options.
 */
#ifndef RT_OPT_H
#define RT_OPT_H

#include <stdbool.h>
#include <stddef.h>

enum command_id {
#define COMMAND(id, ...) CMD_##id,
#include "table.def"
#undef COMMAND
	CMD_MAX,
	CMD_NONE = CMD_MAX /* options before the command belong to it */
};

/* Values of an option that may be given several times. */
struct opt_list {
	const char **values; /* NULL-terminated; NULL when never given */
	size_t count;
};

/* What the command line said. Strings are the caller's argv; a member not given is zero. */
struct args {
	enum command_id command; /* CMD_NONE: none was given */
	char **words;            /* NULL-terminated: what is neither an option nor the command */
	size_t n_words;

	bool help, version;
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *criu;
	bool debug, systemd_cgroup;

	const char *bundle, *config, *console_socket, *pid_file, *pidfd_socket;
	unsigned int preserve_fds;
	bool no_pivot, no_new_keyring, detach, keep, no_subreaper, timings;

	const char *process, *cwd, *user, *cgroup, *process_label, *apparmor;
	struct opt_list env, cap, additional_gids;
	bool tty, no_new_privs, ignore_paused;

	/* update: numbers as they were written */
	const char *resources, *memory, *memory_reservation, *memory_swap;
	const char *kernel_memory, *kernel_memory_tcp;
	const char *cpu_share, *cpu_quota, *cpu_period, *cpu_burst, *cpu_idle;
	const char *cpu_rt_runtime, *cpu_rt_period, *cpuset_cpus, *cpuset_mems;
	const char *pids_limit, *blkio_weight;
	const char *l3_cache_schema, *mem_bw_schema;
	const char *interval;
	bool stats, no_stream;
	bool explain; /* "explain update": print what would be done */

	/* checkpoint and restore */
	const char *image_path, *work_path, *parent_path, *page_server, *cgroups_mode;
	const char *empty_ns, *network_lock, *lsm_profile, *lsm_mount_context;
	unsigned int status_fd;
	bool pre_dump, leave_running, tcp_established, tcp_skip_in_flight, tcp_close, ext_unix_sk;
	bool shell_job, file_locks, link_remap, auto_dedup, lazy_pages;

	bool regex; /* the word is a regular expression */
	bool all, force, quiet, rootless_spec, host;
	const char *format, *file;
};

enum opt_kind {
	OPT_SWITCH, /* bool */
	OPT_TEXT,   /* const char *, not empty */
	OPT_CHOICE, /* const char *, one of the words in `arg`, which | divides */
	OPT_NUMBER, /* unsigned int */
	OPT_LIST,   /* struct opt_list */
	OPT_LATER   /* known from other runtimes, refused as not supported yet, not listed */
};

/*
 * The texts of the tables are arrays and not pointers: each pointer is a relocation, which every start
 * of a position-independent program does, and each page of them a page fault.
 */
struct opt {
	char name[20];
	char arg[28];          /* what texts call its argument; empty: it takes none */
	char help[96];         /* one line; empty: it is not listed */
	char letter;           /* its short form, or 0 */
	unsigned char kind;    /* enum opt_kind */
	unsigned short offset; /* of the member of struct args */
	unsigned int takers;   /* OPT_OF() of each command that takes it */
};
#define OPT_OF(id) (1u << (id))

struct command {
	char name[12];
	char words[40];     /* its arguments, as usage shows them */
	size_t min_words, max_words;
	char summary[64];   /* one line */
	char text[240];     /* what else its help page says, may be empty */
	char examples[160]; /* lines, may be empty */
};

#define OPT_WORDS_MANY ((size_t)-1)

/* In the order in which help lists them; opt_table ends with a row with an empty name. */
extern const struct command opt_commands[CMD_MAX];
extern const struct opt opt_table[];

/* Why the command line was refused. */
struct usage_error {
	enum command_id command; /* whose help page tells more */
	const char *code;        /* E_USAGE, E_UNSUPPORTED */
	char message[400];       /* empty: nothing was wrong */
	char hint[200];          /* goes in front of "see ..."; may be empty */
};

/*
 * Parse argv[1..]. After an error options before the command are still read, so that a --log that
 * follows it receives it. Returns 0, -EINVAL with *ret_error filled, or -ENOMEM. opt_free() *ret in
 * every case.
 */
int opt_parse(int argc, char **argv, struct args *ret, struct usage_error *ret_error);
void opt_free(struct args *args);

/* The row that `taker` has for a name without dashes (a letter counts as one), or NULL. */
const struct opt *opt_find(enum command_id taker, const char *name, size_t len);

/* The command of that name, CMD_NONE when there is none. */
enum command_id opt_find_command(const char *name);

#endif
