/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/spawn.h"
#include "host_ops/host_ops.h"

#define HOOK_OUTPUT 400 /* of its last words, so that the message stays a line */

/* In the words of runc, which users search for. how: what became of it; output: its last words. */
static int hook_failed(const struct rt_hook *hook, int no, const char *how, char *output,
		       struct err *e)
{
	size_t n = strlen(output);

	while (n > 0 && (output[n - 1] == '\n' || output[n - 1] == ' '))
		output[--n] = '\0';
	for (char *p = output; *p; p++)
		if (*p == '\n')
			*p = '|';
	return err_set(e, no | RT_NO_TEXT, RT_E_HOOK, "error running %s hook #%u: \"%s\": %s%s%s%s",
		       hook->kind, hook->index, hook->path, how, *output ? ", output: \"" : "",
		       output, *output ? "\"" : "");
}

int rt_hook_run(const struct rt_hook *hook, const char *state, int cwd, struct err *e)
{
	const char *const just_path[] = {hook->path, NULL};
	const int stdio[] = {-1, hook->out, hook->err};
	char output[HOOK_OUTPUT], how[64];
	struct rt_spawn s = {.stdio = stdio,
			     .exec_fd = -1,
			     .path = hook->path,
			     .argv = hook->args && hook->args[0] ? hook->args : just_path,
			     .envp = hook->env ? hook->env : (const char *const *)environ,
			     .cwd_fd = cwd};
	int status, r;

	r = rt_spawn_run(&s, state, strlen(state),
			 hook->timeout_sec ? (int)MIN(hook->timeout_sec, 2000000u) * 1000 : -1,
			 output, sizeof(output), &status);
	if (r == -ETIMEDOUT) {
		snprintf(how, sizeof(how), "hook ran past specified timeout of %u.0s",
			 hook->timeout_sec);
		return hook_failed(hook, ETIMEDOUT, how, output, e);
	}
	if (r < 0)
		return err_set(e, r, RT_E_HOOK, "error running %s hook #%u: \"%s\"", hook->kind,
			       hook->index, hook->path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(status));
	return hook_failed(hook, EIO, how, output, e);
}

/* The document's array as NULL-terminated vector; NULL when it is absent or memory is short. */
static const char **vector(const struct str_array *a, bool present)
{
	const char **v = present ? calloc(a->n + 1, sizeof(*v)) : NULL;

	if (v && a->n)
		memcpy(v, a->v, a->n * sizeof(*v));
	return v;
}

int rt_hook_open_output(const char *path, struct err *e)
{
	/* O_NONBLOCK for the open alone: a FIFO without a reader is an error and no wait. */
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		      0600);

	if (fd < 0)
		return err_set(e, errno, RT_E_HOOK, "open \"%s\" for the output of hooks", path);
	fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

int rt_hook_run_spec(const struct oci_hook *hook, const char *kind, uint32_t index,
		     const char *state, const int outputs[2], int cwd, struct err *e)
{
	_cleanup_free_ const char **args = vector(&hook->args, hook->has.args);
	_cleanup_free_ const char **env = vector(&hook->env, hook->has.env);
	const struct rt_hook h = {.kind = kind,
				  .index = index,
				  .path = hook->path,
				  .args = args,
				  .env = env,
				  .timeout_sec = hook->has.timeout ? (uint32_t)hook->timeout : 0,
				  .out = outputs[0],
				  .err = outputs[1]};

	if ((hook->has.args && !args) || (hook->has.env && !env))
		return err_nomem(e);
	return rt_hook_run(&h, state, cwd, e);
}
