/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden [--update] [NAME...]: make the plan of each case (golden.def) and compare what `rt explain`
 * would print, or the messages of failing steps, with what is expected. --update writes what is
 * there now instead: read the difference before you commit it. No root, no fork, no clock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "golden.def"
#include "plan/build.h"
#include "plan/message.h"
#include "plan/print.h"
#include "spec/bind.h"
#include "spec/check.h"

BIND_DECLARE(GOLDEN_ENUMS, GOLDEN_OBJECTS)
BIND_DEFINE(golden_schema, GOLDEN_ENUMS, GOLDEN_OBJECTS);

#define MAX_BYTES (1u << 20)

/* What a case holds while it runs. */
struct run {
	struct bind_doc the_case, facts, config, process;
	char *case_text, *facts_text;
	struct arena arena;
	struct plan plan;
};

static const char *source_dir(void)
{
	const char *dir = getenv("RT_SRCDIR");

	return dir ? dir : ".";
}

static void run_free(struct run *r)
{
	rt_bind_free(&r->the_case);
	rt_bind_free(&r->facts);
	rt_bind_free(&r->config);
	rt_bind_free(&r->process);
	free(r->case_text);
	free(r->facts_text);
	arena_free(&r->arena);
}

static int load(char **ret, size_t *ret_len, struct err *e, const char *sub, const char *name)
{
	char path[512];
	int r;

	str_fmt(path, sizeof(path), "%s/tests/golden/%s/%s.json", source_dir(), sub, name);
	r = io_read_file(AT_FDCWD, path, MAX_BYTES, ret, ret_len);
	return r < 0 ? err_set(e, r, RT_E_SYSTEM, "\"%s\"", path) : 0;
}

/* A document inside the case: raw text that the engine has kept. NULL when it is not there. */
static const char *inner(const struct golden_case *k, const char *key)
{
	for (size_t i = 0; i < k->documents.n; i++)
		if (streq(k->documents.v[i].key, key))
			return k->documents.v[i].value;
	return NULL;
}

static int parse_inner(struct bind_doc *doc, const struct golden_case *k, const char *key,
		       unsigned object, struct err *e)
{
	const char *text = inner(k, key);

	if (!text)
		return 0;
	return rt_bind_parse(doc, &rt_oci_schema, object, key, text, strlen(text), NULL, e);
}

static int read_case(struct run *r, const char *name, const struct golden_case **ret,
		     const struct rt_facts **ret_facts, struct err *e)
{
	size_t len;

	TRY(load(&r->case_text, &len, e, "cases", name));
	TRY(rt_bind_parse(&r->the_case, &golden_schema, BIND_ID(golden_case), name, r->case_text,
			  len, NULL, e));
	*ret = r->the_case.root;
	TRY(load(&r->facts_text, &len, e, "facts", (*ret)->facts));
	TRY(rt_facts_parse(&r->facts, "facts", r->facts_text, len, ret_facts, e));
	TRY(parse_inner(&r->config, *ret, "config", BIND_ID(oci_config), e));
	TRY(parse_inner(&r->process, *ret, "process", BIND_ID(oci_process), e));
	if (!r->config.root)
		return err_set(e, EINVAL, RT_E_CONFIG, "the case has no \"config\"");
	TRY(rt_check_config(&r->config, NULL, e));
	return r->process.root ? rt_check_process(&r->process, NULL, e) : 0;
}

static int build(struct run *r, const struct golden_case *k, const struct rt_facts *facts,
		 struct err *e)
{
	static const char program[] = "0123456789abcdef";
	const struct oci_config *config = r->config.root;
	const struct plan_exec_target target = {4321, k->target_namespaces};
	struct plan_builder b = {.arena = &r->arena};
	struct plan_options opt = {
		.id = "c1",
		.bundle = "/bundle",
		.rootfs = "/bundle/rootfs",
		.cgroup_path = BIND_HAS(k, cgroup_path) ? k->cgroup_path : "/c1",
		.unit = k->unit,
		.unit_slice = k->unit_slice,
		.unit_subgroup = k->unit_subgroup,
		.unit_is_slice = k->unit_is_slice,
		.delegate = k->delegate,
		.no_pivot = k->no_pivot,
		.no_new_keyring = k->no_new_keyring,
		.preserve_fds = k->preserve_fds,
		.listen_fds = k->listen_fds,
		.listen_names = k->listen_names,
		.notify_socket = k->notify_socket,
		.notify_dir = "/run/rt/web/notify",
		.gate = k->gate,
		.have_console = config->process && config->process->terminal,
		.seccomp_program = k->seccomp ? program : NULL,
		.seccomp_len = 16,
		.seccomp_notify = k->seccomp_notify,
		.device_program = k->device_program ? program : NULL,
		.device_len = 16,
		.rdt_group = k->rdt_group,
		.rdt_monitor = k->rdt_monitor,
	};

	if (r->process.root)
		TRY(plan_build_exec(&b, config, r->process.root, &target, facts, &opt, e));
	else
		TRY(plan_build_create(&b, config, facts, &opt, e));
	return plan_finish(&b, &r->plan, e);
}

static const char *field(const void *run, const void *member, char *buf, size_t size)
{
	const struct run *r = run;

	rt_bind_field(&r->config, member, buf, size);
	return *buf || !r->process.root ? buf : rt_bind_field(&r->process, member, buf, size);
}

/* The stages that the case wants to see. */
static void show(const struct golden_case *k, const char *text, struct strbuf *out)
{
	bool shown = !k->show.n;
	const char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		if (*text != ' ' && k->show.n) {
			shown = false;
			for (size_t i = 0; i < k->show.n; i++)
				shown |= strlen(k->show.v[i]) == (size_t)(end - text) &&
					 str_starts(text, k->show.v[i]);
		}
		if (shown)
			strbuf_addn(out, text, (size_t)(end + 1 - text));
	}
}

static enum rt_why why_value(const char *name)
{
	static const struct {
		const char *name;
		enum rt_why why;
	} all[] = {
		{"detail", RT_WHY_DETAIL},
		{"not-dir", RT_WHY_NOT_DIR},
		{"wrong-node", RT_WHY_WRONG_NODE},
		{"cwd-outside", RT_WHY_CWD_OUTSIDE},
		{"not-in-path", RT_WHY_NOT_IN_PATH},
		{"passed-over", RT_WHY_PASSED_OVER},
		{"is-dir", RT_WHY_IS_DIR},
		{"no-x-bit", RT_WHY_NO_X_BIT},
		{"noexec", RT_WHY_NOEXEC},
		{"interpreter", RT_WHY_INTERPRETER},
		{"crlf", RT_WHY_CRLF},
		{"wrong-arch", RT_WHY_WRONG_ARCH},
		{"empty", RT_WHY_EMPTY},
		{"no-shebang", RT_WHY_NO_SHEBANG},
		{"hook-exit", RT_WHY_HOOK_EXIT},
		{"hook-timeout", RT_WHY_HOOK_TIMEOUT},
		{"source", RT_WHY_SOURCE},
		{"initramfs", RT_WHY_INITRAMFS},
		{"locked", RT_WHY_LOCKED},
		{"not-open", RT_WHY_NOT_OPEN},
		{"chroot", RT_WHY_CHROOT},
		{"chrooted", RT_WHY_CHROOTED},
		{"listener", RT_WHY_LISTENER},
		{"no-profile", RT_WHY_NO_PROFILE},
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(all); i++)
		if (streq(all[i].name, name))
			return all[i].why;
	return RT_WHY_NONE;
}

/* The index of the nth step of this name; behind the last when there is none. */
static uint32_t find_step(const struct plan *p, const char *name, uint32_t nth)
{
	uint32_t i = 0;

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s), i++)
		if (streq(op_desc(s->op)->name, name) && !nth--)
			break;
	return i;
}

/* The line that a user sees for each failure of the case. */
static void messages(const struct run *r, const struct golden_case *k, struct strbuf *out)
{
	for (size_t i = 0; i < k->fail.n; i++) {
		const struct golden_fail *f = &k->fail.v[i];
		struct plan_failure failure = {
			.no = f->no,
			.step = find_step(&r->plan, f->step, f->nth),
			.why = why_value(f->why),
			.detail = f->detail,
		};
		struct err e = ERR_INIT;
		char line[1200];

		plan_error(&r->plan, &failure, &e);
		if (failure.step < r->plan.block->nsteps && r->plan.origin[failure.step])
			field(r, r->plan.origin[failure.step], e.field, sizeof(e.field));
		strbuf_addf(out, "%s: %s\n", err_code_word(e.code),
			    err_line(&e, line, sizeof(line)));
	}
}

/* The text that the case comes to: a plan, messages, or the error of making the plan. */
static void run_case(struct run *r, const char *name, struct strbuf *out)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	const struct golden_case *k = NULL;
	const struct rt_facts *facts = NULL;
	struct err e = ERR_INIT;
	char line[1200];
	int n = read_case(r, name, &k, &facts, &e);

	if (n == 0)
		n = build(r, k, facts, &e);
	if (n < 0) {
		strbuf_addf(out, "error %s: %s\n", err_code_word(e.code),
			    err_line(&e, line, sizeof(line)));
	} else if (k->fail.n) {
		messages(r, k, out);
	} else if (k->json) {
		plan_print_json(&r->plan, field, r, out);
	} else {
		plan_print_text(&r->plan, field, r, &text);
		show(k, text.s, out);
	}
}

static void first_difference(const char *want, const char *got)
{
	int line = 1;

	for (;; line++) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");

		if (w != g || strncmp(want, got, w) || want[w] != got[g] || !want[w]) {
			printf("  line %d: expected %.*s\n  line %d:      got %.*s\n", line, (int)w,
			       want, line, (int)g, got);
			return;
		}
		want += w + 1;
		got += g + 1;
	}
}

static bool write_file(const char *path, const struct strbuf *text)
{
	FILE *f = fopen(path, "we");
	bool ok = f && fwrite(text->s, 1, text->len, f) == text->len;

	return f && fclose(f) == 0 && ok;
}

static bool check(const char *name, bool update)
{
	_cleanup_strbuf_ struct strbuf out = {0};
	_cleanup_free_ char *want = NULL;
	struct run r = {0};
	char path[512];
	bool ok;

	run_case(&r, name, &out);
	str_fmt(path, sizeof(path), "%s/tests/golden/cases/%s.txt", source_dir(), name);
	if (io_read_file(AT_FDCWD, path, MAX_BYTES, &want, &(size_t){0}) < 0)
		want = strdup("");
	ok = want && out.s && streq(want, out.s);
	if (!ok && update) {
		ok = write_file(path, &out);
		printf("%s: %s\n", name, ok ? "updated" : "cannot be written");
	} else if (!ok) {
		printf("%s: not as in %s (tests/golden/golden --update writes it anew)\n", name,
		       path);
		first_difference(want ? want : "", out.s ? out.s : "");
	}
	run_free(&r);
	return ok;
}

static int is_case(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && streq(dot, ".json");
}

int main(int argc, char **argv)
{
	bool update = argc > 1 && streq(argv[1], "--update");
	int first = 1 + update, passed = 0, failed = 0, n = 0;
	struct dirent **entries = NULL;
	char dir[512];

	if (first < argc) {
		for (int i = first; i < argc; i++)
			*(check(argv[i], update) ? &passed : &failed) += 1;
	} else {
		str_fmt(dir, sizeof(dir), "%s/tests/golden/cases", source_dir());
		n = scandir(dir, &entries, is_case, alphasort);
	}
	for (int i = 0; i < n; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		*(check(entries[i]->d_name, update) ? &passed : &failed) += 1;
		free(entries[i]);
	}
	free(entries);
	printf("%d passed, %d failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
