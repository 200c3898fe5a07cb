/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_fake.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocirt.h"

char fake_calls[4096];
struct fake_failure fake_failure;
int fake_wait_status;

struct ocirt_context {
	int failed;
	enum ocirt_log_level level;
	ocirt_log_fn log;
	void *userdata;
	ocirt_timing_fn timing;
	void *timing_data;
};

struct ocirt_process {
	int pid;
};

void fake_reset(void)
{
	fake_calls[0] = '\0';
	fake_failure = (struct fake_failure){0};
	fake_wait_status = 0;
}

__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
	size_t n = strlen(fake_calls);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_calls + n, sizeof(fake_calls) - n, fmt, ap);
	va_end(ap);
}

static void tell_text(const char *name, const char *value)
{
	if (value)
		tell(" %s=%s", name, value);
}

static void tell_number(const char *name, long value)
{
	if (value)
		tell(" %s=%ld", name, value);
}

static void tell_list(const char *name, const char *const *values)
{
	for (; values && *values; values++)
		tell_text(name, *values);
}

static int finish(ocirt_context *ctx, const char *call)
{
	struct fake_failure *f = &fake_failure;

	tell("; ");
	ctx->failed = f->call && strcmp(f->call, call) == 0;
	if (ctx->failed && f->times && --f->times == 0)
		f->call = "";
	return ctx->failed ? -f->no : 0;
}

const char *ocirt_version(void)
{
	return "1.2.3";
}

int ocirt_context_new(ocirt_context **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -12;
}

void ocirt_context_free(ocirt_context *ctx)
{
	free(ctx);
}

int ocirt_context_set_root(ocirt_context *ctx, const char *dir)
{
	tell("root %s", dir);
	return finish(ctx, "root");
}

int ocirt_context_set_cgroup_manager(ocirt_context *ctx, enum ocirt_cgroup_manager manager)
{
	tell("cgroup-manager %d", (int)manager);
	return finish(ctx, "cgroup-manager");
}

int ocirt_context_set_notify_socket(ocirt_context *ctx, const char *address)
{
	tell("notify-socket %s", address);
	return finish(ctx, "notify-socket");
}

void ocirt_context_set_timings(ocirt_context *ctx, ocirt_timing_fn fn, void *userdata)
{
	ctx->timing = fn;
	ctx->timing_data = userdata;
}

static void tell_times(ocirt_context *ctx)
{
	static const struct ocirt_timing mount = {.stage = "rootfs",
						  .step = "mount_fs",
						  .object = "mount \"proc\" on \"/p\x1broc\"",
						  .field = "mounts[0]",
						  .by_init = 1,
						  .begin_usec = 70,
						  .usec = 1234};

	if (ctx->timing)
		ctx->timing(&mount, ctx->timing_data);
}

void ocirt_context_set_log(ocirt_context *ctx, enum ocirt_log_level level, ocirt_log_fn fn,
			   void *userdata)
{
	ctx->level = level;
	ctx->log = fn;
	ctx->userdata = userdata;
}

static const char *if_failed(const ocirt_context *ctx, const char *text)
{
	return ctx->failed && text ? text : "";
}

const char *ocirt_error_message(const ocirt_context *ctx)
{
	return if_failed(ctx, fake_failure.message);
}

const char *ocirt_error_code(const ocirt_context *ctx)
{
	return ctx->failed ? fake_failure.code : "none";
}

int ocirt_error_errno(const ocirt_context *ctx)
{
	return ctx->failed ? fake_failure.no : 0;
}

const char *ocirt_error_field(const ocirt_context *ctx)
{
	return if_failed(ctx, fake_failure.field);
}

const char *ocirt_error_hint(const ocirt_context *ctx)
{
	return if_failed(ctx, fake_failure.hint);
}

const char *ocirt_error_stage(const ocirt_context *ctx)
{
	return "";
}

/* Is SIGTERM held back for ocirt_process_supervise()? */
static bool signals_wait(void)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigismember(&mask, SIGTERM);
}

static void tell_container(const struct ocirt_create_options *o)
{
	tell_text("bundle", o->bundle);
	tell_text("config", o->config);
	tell_text("console-socket", o->console_socket);
	tell_text("pidfd-socket", o->pidfd_socket);
	tell_text("pid-file", o->pid_file);
	tell_number("no-pivot", o->no_pivot);
	tell_number("no-new-keyring", o->no_new_keyring);
	tell_number("fds", o->preserve_fds);
	tell_number("listen-fds", o->listen_fds);
	tell_text("listen-names", o->listen_names);
	tell_number("detach", o->detach);
	tell_number("bad-size", o->struct_size != sizeof(*o));
}

int ocirt_create(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options)
{
	tell("create %s", id);
	tell_container(options);
	return finish(ctx, "create");
}

int ocirt_start(ocirt_context *ctx, const char *id)
{
	tell("start %s", id);
	return finish(ctx, "start");
}

int ocirt_run(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
	      ocirt_process **ret)
{
	int r;

	tell("run %s", id);
	tell_container(options);
	tell_number("bad-relay", options->relay == options->detach);
	tell_number("bad-mask", signals_wait() == options->detach);
	ctx->log(OCIRT_LOG_WARNING, "a warning", ctx->userdata);
	r = finish(ctx, "run");
	if (r == 0) {
		*ret = calloc(1, sizeof(**ret));
		tell_times(ctx);
	}
	return r;
}

static void tell_criu(const struct ocirt_criu_options *o)
{
	tell_text("image-path", o->image_path);
	tell_text("work-path", o->work_path);
	tell_text("parent-path", o->parent_path);
	tell_number("pre-dump", o->pre_dump);
	tell_number("leave-running", o->leave_running);
	tell_number("tcp-established", o->tcp_established);
	tell_number("tcp-skip-in-flight", o->tcp_skip_in_flight);
	tell_number("tcp-close", o->tcp_close);
	tell_number("ext-unix-sk", o->ext_unix_sk);
	tell_number("shell-job", o->shell_job);
	tell_number("file-locks", o->file_locks);
	tell_number("link-remap", o->link_remap);
	tell_number("auto-dedup", o->auto_dedup);
	tell_number("lazy-pages", o->lazy_pages);
	tell_number("empty-network", o->empty_network);
	tell_text("page-server", o->page_server);
	tell_text("cgroups", o->cgroups_mode);
	tell_text("network-lock", o->network_lock);
	tell_text("lsm-profile", o->lsm_profile);
	tell_text("lsm-mount-context", o->lsm_mount_context);
	tell_number("status-fd", o->set_status_fd ? o->status_fd : 0);
	tell_number("bad-size", o->struct_size != sizeof(*o));
}

int ocirt_context_set_criu(ocirt_context *ctx, const char *program)
{
	tell("criu %s", program);
	return finish(ctx, "criu");
}

int ocirt_checkpoint(ocirt_context *ctx, const char *id, const struct ocirt_criu_options *options)
{
	tell("checkpoint %s", id);
	tell_criu(options);
	return finish(ctx, "checkpoint");
}

int ocirt_restore(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		  const struct ocirt_criu_options *criu, ocirt_process **ret)
{
	int r;

	tell("restore %s", id);
	tell_container(options);
	tell_criu(criu);
	tell_number("bad-relay", options->relay == options->detach);
	tell_number("bad-mask", signals_wait() == options->detach);
	r = finish(ctx, "restore");
	if (r == 0)
		*ret = calloc(1, sizeof(**ret));
	return r;
}

int ocirt_kill(ocirt_context *ctx, const char *id, int signal, unsigned int flags)
{
	tell("kill %s %d", id, signal);
	tell_number("flags", flags);
	return finish(ctx, "kill");
}

int ocirt_delete(ocirt_context *ctx, const char *id, unsigned int flags)
{
	tell("delete %s", id);
	tell_number("flags", flags);
	return finish(ctx, "delete");
}

static int give(ocirt_context *ctx, const char *call, const char *text, char **ret)
{
	int r = finish(ctx, call);

	if (r == 0)
		*ret = strdup(text);
	return r;
}

int ocirt_state(ocirt_context *ctx, const char *id, char **ret)
{
	tell("state %s", id);
	return give(ctx, "state", "{\"id\":\"web\"}", ret);
}

int ocirt_pause(ocirt_context *ctx, const char *id)
{
	tell("pause %s", id);
	return finish(ctx, "pause");
}

int ocirt_resume(ocirt_context *ctx, const char *id)
{
	tell("resume %s", id);
	return finish(ctx, "resume");
}

int ocirt_ps(ocirt_context *ctx, const char *id, int **ret, size_t *ret_n)
{
	int r;

	tell("ps %s", id);
	r = finish(ctx, "ps");
	*ret = r < 0 ? NULL : malloc(2 * sizeof(**ret));
	*ret_n = 0;
	if (!*ret)
		return r;
	(*ret)[(*ret_n)++] = 4711;
	(*ret)[(*ret_n)++] = 4712;
	return r;
}

int ocirt_list(ocirt_context *ctx, ocirt_list_fn fn, void *userdata)
{
	const struct ocirt_entry entries[] = {
		{sizeof(*entries), "a-rather-long-id", "running", 4711, "/srv/a",
		 "2026-01-02T03:04:05.678Z", "root", "{\"id\":\"a-rather-long-id\"}", NULL},
		{sizeof(*entries), "b", "unknown", 0, "", "", "", NULL, "state.json: \"x\""},
	};
	int r;

	tell("list");
	r = finish(ctx, "list");
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = fn(&entries[i], userdata);
	return r;
}

int ocirt_exec(ocirt_context *ctx, const char *id, const struct ocirt_exec_options *o,
	       ocirt_process **ret)
{
	int r;

	tell("exec %s", id);
	tell_text("process", o->process);
	tell_list("arg", o->args);
	tell_list("env", o->env);
	tell_list("cap", o->caps);
	tell_text("cwd", o->cwd);
	tell_text("user", o->user);
	tell_text("gids", o->additional_gids);
	tell_number("no-new-privs", o->no_new_privs);
	tell_number("tty", o->tty);
	tell_text("console-socket", o->console_socket);
	tell_text("pidfd-socket", o->pidfd_socket);
	tell_text("pid-file", o->pid_file);
	tell_number("fds", o->preserve_fds);
	tell_number("listen-fds", o->listen_fds);
	tell_text("listen-names", o->listen_names);
	tell_number("ignore-paused", o->ignore_paused);
	tell_number("detach", o->detach);
	tell_number("bad-relay", o->relay == o->detach);
	tell_text("cgroup", o->cgroup);
	tell_text("apparmor", o->apparmor_profile);
	tell_text("label", o->selinux_label);
	tell_number("bad-size", o->struct_size != sizeof(*o));
	r = finish(ctx, "exec");
	if (r == 0)
		*ret = calloc(1, sizeof(**ret));
	return r;
}

int ocirt_process_supervise(ocirt_context *ctx, ocirt_process *process, unsigned int flags,
			    int *ret_status)
{
	tell("supervise");
	tell_number("flags", flags);
	*ret_status = fake_wait_status;
	return finish(ctx, "supervise");
}

void ocirt_process_free(ocirt_process *process)
{
	free(process);
}

int ocirt_check(ocirt_context *ctx, const struct ocirt_create_options *options, ocirt_problem_fn fn,
		void *userdata)
{
	const struct ocirt_problem problems[] = {
		{sizeof(*problems), OCIRT_PROBLEM_ERROR, 41, 17, "process.cwd", "expected a string",
		 NULL, "E_CONFIG"},
		{sizeof(*problems), OCIRT_PROBLEM_WARNING, 0, 0, "", "unknown key \"hostnam\"",
		 "did you mean \"hostname\"?", "E_CONFIG"},
	};
	int r;

	tell("check");
	tell_container(options);
	r = finish(ctx, "check");
	if (r < 0)
		return r;
	/* A bundle of this name has none. */
	if (options->bundle && strcmp(options->bundle, "good") == 0)
		return 0;
	fn(&problems[0], userdata);
	fn(&problems[1], userdata);
	return 1;
}

int ocirt_explain(ocirt_context *ctx, const char *id, const struct ocirt_create_options *options,
		  unsigned int flags, char **ret)
{
	tell("explain");
	tell_container(options);
	tell_number("flags", flags);
	return give(ctx, "explain", "the plan\n", ret);
}

int ocirt_spec(ocirt_context *ctx, unsigned int flags, char **ret)
{
	tell("spec");
	tell_number("flags", flags);
	return give(ctx, "spec", "{}\n", ret);
}

int ocirt_update(ocirt_context *ctx, const char *id, const struct ocirt_update_options *options)
{
	tell("update %s %s", id, options->resources);
	tell_text("name", options->resources_name);
	return finish(ctx, "update");
}

int ocirt_explain_update(ocirt_context *ctx, const char *id,
			 const struct ocirt_update_options *options, unsigned int flags, char **ret)
{
	tell("explain_update %s %s", id, options->resources);
	tell_number("flags", flags);
	return give(ctx, "explain_update", "the writes\n", ret);
}

int ocirt_stats(ocirt_context *ctx, const char *id, struct ocirt_stats *ret, char **ret_event)
{
	tell("stats %s", id);
	if (ret)
		*ret = (struct ocirt_stats){.struct_size = ret->struct_size};
	return ret_event ? give(ctx, "stats", "{}", ret_event) : finish(ctx, "stats");
}

int ocirt_events(ocirt_context *ctx, const char *id, int interval_msec, ocirt_event_fn fn,
		 void *userdata)
{
	tell("events %s %d", id, interval_msec);
	return fn("{}", userdata) ? -EPIPE : finish(ctx, "events");
}

int ocirt_features(ocirt_context *ctx, unsigned int flags, char **ret)
{
	tell("features");
	tell_number("flags", flags);
	return give(ctx, "features", "{}", ret);
}

void ocirt_free(void *p)
{
	free(p);
}
