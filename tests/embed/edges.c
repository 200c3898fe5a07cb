/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller can do wrong, and how it is told. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "sandbox.h"

static int no_event(const char *event, void *userdata)
{
	(void)event;
	(void)userdata;
	return 0;
}

static int no_entry(const struct ocirt_entry *entry, void *userdata)
{
	(void)entry;
	(void)userdata;
	return 0;
}

void test_null_arguments(void)
{
	struct ocirt_create_options create = {.struct_size = sizeof(create)};
	struct ocirt_exec_options exec = {.struct_size = sizeof(exec)};
	struct ocirt_update_options update = {.struct_size = sizeof(update)};
	ocirt_context *ctx = NULL;
	int *pids = NULL;
	size_t n = 0;
	char *text;
	int status;

	CHECK(ocirt_context_new(NULL) == -EINVAL);
	CHECK(ocirt_context_new(&ctx) == 0);
	CHECK(ocirt_context_set_root(NULL, "/x") == -EINVAL);
	CHECK(ocirt_context_set_root(ctx, NULL) == -EINVAL);
	CHECK(ocirt_context_set_cgroup_manager(NULL, OCIRT_CGROUP_CGROUPFS) == -EINVAL);
	CHECK(ocirt_create(NULL, "c", &create) == -EINVAL);
	CHECK(ocirt_create(ctx, NULL, &create) == -EINVAL);
	CHECK(ocirt_run(NULL, "c", &create, NULL) == -EINVAL);
	CHECK(ocirt_run(ctx, NULL, &create, NULL) == -EINVAL);
	CHECK(ocirt_start(NULL, "c") == -EINVAL);
	CHECK(ocirt_start(ctx, NULL) == -EINVAL);
	CHECK(ocirt_kill(NULL, "c", 9, 0) == -EINVAL);
	CHECK(ocirt_kill(ctx, NULL, 9, 0) == -EINVAL);
	CHECK(ocirt_delete(NULL, "c", 0) == -EINVAL);
	CHECK(ocirt_delete(ctx, NULL, 0) == -EINVAL);
	CHECK(ocirt_state(NULL, "c", &text) == -EINVAL);
	CHECK(ocirt_state(ctx, NULL, &text) == -EINVAL);
	CHECK(ocirt_state(ctx, "c", NULL) == -EINVAL);
	CHECK(ocirt_list(NULL, no_entry, NULL) == -EINVAL);
	CHECK(ocirt_list(ctx, NULL, NULL) == -EINVAL);
	CHECK(ocirt_exec(NULL, "c", &exec, NULL) == -EINVAL);
	CHECK(ocirt_exec(ctx, NULL, &exec, NULL) == -EINVAL);
	CHECK(ocirt_exec(ctx, "c", NULL, NULL) == -EINVAL);
	CHECK(ocirt_check(NULL, &create, NULL, NULL) == -EINVAL);
	CHECK(ocirt_explain(NULL, "c", &create, 0, &text) == -EINVAL);
	CHECK(ocirt_explain(ctx, "c", &create, 0, NULL) == -EINVAL);
	CHECK(ocirt_pause(NULL, "c") == -EINVAL);
	CHECK(ocirt_pause(ctx, NULL) == -EINVAL);
	CHECK(ocirt_resume(ctx, NULL) == -EINVAL);
	CHECK(ocirt_ps(NULL, "c", &pids, &n) == -EINVAL);
	CHECK(ocirt_ps(ctx, "c", NULL, &n) == -EINVAL);
	CHECK(ocirt_update(NULL, "c", &update) == -EINVAL);
	CHECK(ocirt_update(ctx, "c", NULL) == -EINVAL);
	CHECK(ocirt_update(ctx, "c", &update) == -EINVAL); /* names no resources */
	CHECK(ocirt_explain_update(ctx, "c", &update, 0, NULL) == -EINVAL);
	CHECK(ocirt_stats(NULL, "c", NULL, &text) == -EINVAL);
	CHECK(ocirt_stats(ctx, NULL, NULL, &text) == -EINVAL);
	CHECK(ocirt_events(ctx, "c", 100, NULL, NULL) == -EINVAL);
	CHECK(ocirt_events(ctx, "c", 0, no_event, NULL) == -EINVAL);
	CHECK(ocirt_spec(NULL, 0, &text) == -EINVAL);
	CHECK(ocirt_spec(ctx, 0, NULL) == -EINVAL);
	CHECK(ocirt_features(NULL, 0, &text) == -EINVAL);
	CHECK(ocirt_features(ctx, 0, NULL) == -EINVAL);
	CHECK(ocirt_process_wait(NULL, 0, &status) == -EINVAL);
	CHECK(ocirt_process_pid(NULL) == -EINVAL);
	CHECK(ocirt_process_pidfd(NULL) == -EINVAL);
	CHECK(ocirt_process_console(NULL) == -1);
	CHECK(ocirt_process_supervise(NULL, NULL, 0, &status) == -EINVAL);
	CHECK(strcmp(ocirt_error_message(NULL), "") == 0);
	CHECK(strcmp(ocirt_error_code(NULL), "none") == 0);
	CHECK(ocirt_error_errno(NULL) == 0);
	ocirt_context_set_log(NULL, OCIRT_LOG_DEBUG, NULL, NULL);
	ocirt_process_free(NULL);
	ocirt_free(NULL);
	ocirt_context_free(NULL);
	ocirt_context_free(ctx);
}

/* The struct of a later header: it has members that this library does not know. */
struct later_options {
	struct ocirt_create_options known;
	int later;
};

void test_struct_sizes(void)
{
	struct later_options later = {.known = {.struct_size = sizeof(later)}};
	struct ocirt_create_options o = {.bundle = CASE_DIR};
	ocirt_context *ctx;
	int status;
	ocirt_process *process = NULL;

	CHECK(ocirt_context_new(&ctx) == 0);
	CHECK(ocirt_context_set_root(ctx, CASE_STATE_ROOT) == 0);
	o.config = config_of("sizes", "exit 3");
	CHECK(ocirt_create(ctx, "unset-size", &o) == -EINVAL);
	CHECK(strcmp(ocirt_error_code(ctx), "E_USAGE") == 0);
	/* an older program's struct ends before this member, whatever lies behind it */
	o.struct_size = offsetof(struct ocirt_create_options, no_pivot);
	o.set_stdio = 1;
	o.stdio[0] = o.stdio[1] = o.stdio[2] = -1;
	if (WORKS(ctx, ocirt_run(ctx, "shorter", &o, &process))) {
		CHECK(ocirt_process_wait(process, 20000, &status) == 0 && status == 3 << 8);
		ocirt_process_free(process);
	}
	WORKS(ctx, ocirt_delete(ctx, "shorter", 0));
	later.known.bundle = CASE_DIR;
	later.known.config = o.config;
	WORKS(ctx, ocirt_create(ctx, "longer", &later.known));
	WORKS(ctx, ocirt_delete(ctx, "longer", OCIRT_DELETE_FORCE));
	/* what it asks for there cannot be done, and is not left out in silence */
	later.later = 1;
	CHECK(ocirt_create(ctx, "longer", &later.known) == -ENOTSUP);
	CHECK(strcmp(ocirt_error_code(ctx), "E_UNSUPPORTED") == 0);
	ocirt_context_free(ctx);
}

void test_errors(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	struct ocirt_exec_options x = {.struct_size = sizeof(x)};
	ocirt_context *ctx;
	char *state = NULL;

	CHECK(ocirt_context_new(&ctx) == 0);
	CHECK(ocirt_context_set_root(ctx, CASE_STATE_ROOT) == 0);
	CHECK(ocirt_context_set_root(ctx, "/") == -EINVAL);
	CHECK(ocirt_state(ctx, "nobody", &state) == -ENOENT && !state);
	CHECK(strcmp(ocirt_error_code(ctx), "E_NOT_FOUND") == 0);
	CHECK(ocirt_error_errno(ctx) == ENOENT);
	CHECK(strstr(ocirt_error_message(ctx), "does not exist"));
	CHECK(ocirt_exec(ctx, "nobody", &x, NULL) == -ENOENT);
	CHECK(ocirt_kill(ctx, "nobody", 9, 0) == -ENOENT);
	CHECK(ocirt_kill(ctx, "nobody", 65, 0) == -EINVAL);
	CHECK(ocirt_start(ctx, "nobody") == -ENOENT);
	CHECK(ocirt_delete(ctx, "nobody", 0) == -ENOENT);
	CHECK(ocirt_delete(ctx, "nobody", OCIRT_DELETE_FORCE) == 0);
	CHECK(strcmp(ocirt_error_code(ctx), "none") == 0 && !*ocirt_error_message(ctx));
	CHECK(ocirt_create(ctx, "../up", &o) == -EINVAL);
	CHECK(strcmp(ocirt_error_code(ctx), "E_USAGE") == 0);
	o.config = CASE_DIR "/none.json";
	CHECK(ocirt_create(ctx, "errors", &o) == -ENOENT);
	CHECK(strcmp(ocirt_error_code(ctx), "E_BUNDLE") == 0);
	o.config = config_of("errors", "true");
	o.console_socket = CASE_DIR "/no-socket";
	CHECK(ocirt_create(ctx, "errors", &o) == -EINVAL);
	o.console_socket = NULL;
	o.config = config_of("no program", NULL);
	CHECK(ocirt_create(ctx, "errors", &o) < 0);
	check(strcmp(ocirt_error_field(ctx), "process.args") == 0, __FILE__, __LINE__,
	      "field \"%s\": %s", ocirt_error_field(ctx), ocirt_error_message(ctx));
	CHECK(*ocirt_error_stage(ctx));
	ocirt_context_free(ctx);
}

static void count_problem(const struct ocirt_problem *problem, void *userdata)
{
	CHECK(problem->struct_size == sizeof(*problem) && *problem->message);
	++*(int *)userdata;
}

void test_documents(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *ctx;
	char *text = NULL;
	int n = 0;

	CHECK(ocirt_context_new(&ctx) == 0);
	if (WORKS(ctx, ocirt_spec(ctx, 0, &text)))
		CHECK(strstr(text, "ociVersion"));
	ocirt_free(text);
	text = NULL;
	o.config = config_of("documents", "true");
	CHECK(ocirt_check(ctx, &o, count_problem, &n) == 0 && n == 0);
	if (WORKS(ctx, ocirt_explain(ctx, "c", &o, OCIRT_EXPLAIN_JSON, &text)))
		CHECK(text[0] == '{' || text[0] == '[');
	ocirt_free(text);
	ocirt_context_free(ctx);
}
