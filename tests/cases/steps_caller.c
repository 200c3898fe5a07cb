/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEFAULT_ROWS 24
#define DEFAULT_COLUMNS 80

struct setting {
	const char *name;
	size_t words; /* behind the name */
	int (*apply)(struct context *cx, char **words);
};

static int set_user(struct context *cx, char **words)
{
	char *error;

	cx->caller.uid = (uid_t)strtoul(words[0], NULL, 10);
	cx->caller.gid = (gid_t)strtoul(words[1], NULL, 10);
	cx->caller.unprivileged = true;
	words_add(&cx->caller.env, xstrdup("XDG_RUNTIME_DIR=/run/user/caller"));
	error = caller_take_over(cx->caller.uid, cx->caller.gid);
	return error ? context_fail(cx, "%s", error) : 0;
}

static int set_cwd(struct context *cx, char **words)
{
	cx->caller.cwd = words[0];
	return 0;
}

static int set_env(struct context *cx, char **words)
{
	words_add(&cx->caller.env, words[0]);
	return 0;
}

static int set_umask(struct context *cx, char **words)
{
	cx->caller.umask = (mode_t)strtoul(words[0], NULL, 8);
	return 0;
}

static int set_stdin(struct context *cx, char **words)
{
	cx->caller.stdin_closed = strcmp(words[0], "closed") == 0;
	cx->caller.stdin_text = cx->caller.stdin_closed ? NULL : words[0];
	return 0;
}

static int set_fd(struct context *cx, char **words)
{
	struct caller *caller = &cx->caller;

	caller->fds = xgrow(caller->fds, (caller->n_fds + 1) * sizeof(*caller->fds));
	caller->fds[caller->n_fds++] = (struct leaked_fd){.number = atoi(words[0]),
							  .path = words[1]};
	return 0;
}

static int set_rlimit(struct context *cx, char **words)
{
	static const struct {
		const char *name;
		int resource;
	} known[] = {{"NOFILE", RLIMIT_NOFILE},   {"AS", RLIMIT_AS},       {"FSIZE", RLIMIT_FSIZE},
		     {"MEMLOCK", RLIMIT_MEMLOCK}, {"STACK", RLIMIT_STACK}, {"NPROC", RLIMIT_NPROC}};
	struct caller *caller = &cx->caller;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, words[0]) != 0)
			continue;
		caller->limits = xgrow(caller->limits,
				       (caller->n_limits + 1) * sizeof(*caller->limits));
		caller->limits[caller->n_limits++] = (struct resource_limit){
			.resource = known[i].resource,
			.soft = strtoul(words[1], NULL, 10),
			.hard = strtoul(words[2], NULL, 10),
		};
		return 0;
	}
	return context_fail(cx, "unknown limit %s", words[0]);
}

static int set_denied(struct context *cx, char **words)
{
	static const struct {
		const char *name;
		long number;
	} known[] = {{"bpf", SYS_bpf},
		     {"clone3", SYS_clone3},
		     {"close_range", SYS_close_range},
		     {"execveat", SYS_execveat},
		     {"fsopen", SYS_fsopen},
		     {"kcmp", SYS_kcmp},
		     {"keyctl", SYS_keyctl},
		     {"memfd_create", SYS_memfd_create},
		     {"mount_setattr", SYS_mount_setattr},
		     {"move_mount", SYS_move_mount},
		     {"open_tree", SYS_open_tree},
		     {"openat2", SYS_openat2},
		     {"pidfd_open", SYS_pidfd_open},
		     {"pidfd_send_signal", SYS_pidfd_send_signal},
		     {"pivot_root", SYS_pivot_root},
		     {"setgroups", SYS_setgroups},
		     {"setns", SYS_setns},
		     {"statx", SYS_statx},
		     {"unshare", SYS_unshare}};
	struct caller *caller = &cx->caller;
	int error = strcmp(words[1], "EPERM") == 0 ? EPERM : ENOSYS;

	if (error == ENOSYS && strcmp(words[1], "ENOSYS") != 0)
		return context_fail(cx, "a filter says ENOSYS or EPERM, not %s", words[1]);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, words[0]) != 0)
			continue;
		caller->denied = xgrow(caller->denied,
				       (caller->n_denied + 1) * sizeof(*caller->denied));
		caller->denied[caller->n_denied++] = (struct denied_call){known[i].number, error};
		return 0;
	}
	return context_fail(cx, "unknown system call %s", words[0]);
}

/* KEY, or RING/KEY: in a ring of that name, which whoever has our user id finds by it */
static int set_keyring(struct context *cx, char **words)
{
	char *key = strchr(words[0], '/');

	if (key) {
		*key++ = '\0';
		cx->caller.ring = words[0];
	}
	cx->caller.key = key ? key : words[0];
	return 0;
}

static int set_tty(struct context *cx, char **words)
{
	int r = pty_open(&cx->pty, (unsigned short)atoi(words[0]), (unsigned short)atoi(words[1]));

	if (r < 0)
		return context_fail(cx, "terminal: %s", strerror(-r));
	cx->caller.on_terminal = true;
	return 0;
}

static const struct setting settings[] = {
	{"user", 2, set_user},     {"cwd", 1, set_cwd},     {"env", 1, set_env},
	{"umask", 1, set_umask},   {"stdin", 1, set_stdin}, {"fd", 2, set_fd},
	{"rlimit", 3, set_rlimit}, {"tty", 2, set_tty},     {"keyring", 1, set_keyring},
	{"deny", 2, set_denied},
};

int step_caller(struct context *cx, const struct statement *s)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].name, s->words.v[1]) != 0)
			continue;
		if (s->words.n != settings[i].words + 2)
			return context_fail(cx, "caller %s takes %zu words", settings[i].name,
					    settings[i].words);
		return settings[i].apply(cx, s->words.v + 2);
	}
	return context_fail(cx, "unknown setting \"%s\" of the caller", s->words.v[1]);
}

static bool console_arrived(struct context *cx, void *arg)
{
	int *error = arg;

	*error = pty_accept(&cx->pty);
	return *error != -EAGAIN;
}

static int console_accept(struct context *cx)
{
	int error = 0;

	if (!context_wait(cx, console_arrived, &error))
		return context_fail(cx, "no terminal came to the console socket");
	return error < 0 ? context_fail(cx, "console socket: %s", strerror(-error)) : 0;
}

static int console_send(struct context *cx, const char *rest)
{
	char *text = operand_text(context_expand(cx, rest));

	if (write(cx->pty.master, text, strlen(text)) != (ssize_t)strlen(text))
		return context_fail(cx, "console send: %s", strerror(errno));
	return 0;
}

static int console_resize(struct context *cx, const char *rest)
{
	char *end;
	unsigned short rows = (unsigned short)strtoul(rest, &end, 10);
	int r = pty_resize(&cx->pty, rows, (unsigned short)strtoul(end, NULL, 10));

	return r < 0 ? context_fail(cx, "console resize: %s", strerror(-r)) : 0;
}

int step_console(struct context *cx, const struct statement *s)
{
	const char *what = s->words.v[1];

	if (strcmp(what, "listen") == 0) {
		int r = pty_listen(&cx->pty, s->rest);

		return r < 0 ? context_fail(cx, "listen on %s: %s", s->rest, strerror(-r)) : 0;
	}
	if (strcmp(what, "accept") == 0)
		return console_accept(cx);
	if (strcmp(what, "send") == 0)
		return console_send(cx, s->rest);
	if (strcmp(what, "resize") == 0)
		return console_resize(cx, s->rest);
	return check_stream(cx, s);
}
