/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the runtime (or of a helper on the host), as a caller would start it. */
#ifndef CASES_COMMAND_H
#define CASES_COMMAND_H

#include "pty.h"
#include "text.h"

/* A descriptor that the caller happens to have open, or wants to pass on. */
struct leaked_fd {
	int number;
	char *path;
};

struct resource_limit {
	int resource;
	unsigned long soft, hard;
};

/* A system call that a filter around the caller refuses. */
struct denied_call {
	long number;
	int error;
};

/* What surrounds a command: set by "caller" statements, valid until the end of the case. */
struct caller {
	uid_t uid;
	gid_t gid;
	bool unprivileged;		/* become uid:gid, without other groups and capabilities */
	char *cwd;
	mode_t umask;
	struct words env;		/* besides PATH */
	char *stdin_text;		/* through a pipe; NULL: /dev/null */
	bool stdin_closed;
	char *key;			/* in a session keyring of its own; or NULL */
	char *ring;			/* the name of that; or NULL */
	bool on_terminal;		/* stdio is the case's pty, the controlling terminal */
	struct leaked_fd *fds;
	size_t n_fds;
	struct resource_limit *limits;
	size_t n_limits;
	struct denied_call *denied;
	size_t n_denied;
};

struct command {
	char *verb;			/* names it in VERB.stdout */
	char *line;			/* for messages */
	pid_t pid;
	bool running;
	bool timed_out;			/* and was killed */
	int status;			/* as from waitpid(2), once it is not running */
	int stdout_fd, stderr_fd;	/* memfds */
	long started_ms;
	long elapsed_ms;
};

/* Start argv[0] (a path) without waiting. pty may be NULL unless the caller is on a terminal. */
void command_start(struct command *c, const struct words *argv, const struct caller *caller,
		   const struct pty *pty);
/* Wait for the end, draining pty if there is one; after timeout_ms it is killed. */
void command_wait(struct command *c, struct pty *pty, long timeout_ms);
/*
 * Sleep for at most ms, until a child died or the terminal has something to say; then take that in.
 */
void command_pump(struct pty *pty, long ms);
/* What it wrote so far, as one string. */
struct text command_stdout(const struct command *c);
struct text command_stderr(const struct command *c);
/* Exit status as a shell gives it: 128+N for a death by signal N. */
int command_exit_code(const struct command *c);

#endif
