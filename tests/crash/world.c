/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "programs.h"
#include "sandbox.h"
#include "tree.h"

#define SETTLE_MS 3000       /* for what dies by itself: processes, BPF programs */
#define SETTLE_CRIU_MS 30000 /* a dump is finished also when nobody waits for it any more */
#define DELETE_US 5000000    /* the bound of delete --force */
#define PID_FILE CASE_DIR "/pid"
#define HOOKS_DIR CASE_DIR "/hooks" /* where the hooks of rich.json tell that they ran */
#define HOOKS_LOG HOOKS_DIR "/log"
#define END "\nend\n"                /* of what the probe prints */
#define LOOK_MS 5000
#define NOT_AT_ITS_END "success, but the program did not run to its end: "

static struct words split(const char *line)
{
	struct words w = {0};
	char *at = xstrdup(line);

	for (char *word = strsep(&at, " "); word; word = strsep(&at, " "))
		words_add(&w, word);
	return w;
}

static void run_line(const struct world *w, const char *line, struct trial *t)
{
	struct words argv = {0}, words = split(line);

	words_add(&argv, xstrdup(w->runtime));
	words_add(&argv, xstrdup("--root"));
	words_add(&argv, xstrdup(CASE_STATE_ROOT));
	if (w->scenario->global)
		words_add(&argv, xstrdup(w->scenario->global));
	words_add_all(&argv, &words);
	tracer_run(t, argv.v);
}

/* Run to its end, unhurt. What becomes a container speaks to where all containers do. */
static bool succeeds(const struct world *w, const char *line, struct trial *t)
{
	*t = (struct trial){.how = HURT_TIME,
			    .at = w->scenario->traits & DUMPS ? 120000000 : 20000000};
	if (strncmp(line, "state", 5) != 0 && strncmp(line, "list", 4) != 0)
		t->stdout_fd = w->output;
	run_line(w, line, t);
	return WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0;
}

static char *fails(const char *line, const struct trial *t)
{
	return xprintf("`%s` ended with status %#x: %s", line, t->status, text_str(&t->errors));
}

static char *apply(struct json *config, const struct patch *p)
{
	size_t len = strlen(p->path);
	char *error = NULL;
	struct json *value = json_parse(p->value, strlen(p->value), &error);
	int r = -1;

	if (value && len > 2 && strcmp(p->path + len - 2, "[]") == 0)
		r = json_append(config, xstrndup(p->path, len - 2), value, &error);
	else if (value)
		r = json_set(config, p->path, value, &error);
	return r < 0 ? error : NULL;
}

/* Limits for those controllers that are there, and what update changes them to. */
static const struct limit {
	const char *controller;
	struct patch patch;
	const char *change;
} limits[] = {
	{"memory",
	 {"linux.resources.memory", "{\"limit\": 67108864, \"reservation\": 33554432}"},
	 "\"memory\": {\"limit\": 33554432, \"reservation\": 16777216, \"swap\": 50331648}"},
	{"pids", {"linux.resources.pids", "{\"limit\": 55}"}, "\"pids\": {\"limit\": 44}"},
	/* where there is cpuset, there is cpu; a list of cpus could not be taken away again */
	{"cpuset",
	 {"linux.resources.cpu",
	  "{\"shares\": 512, \"quota\": 50000, \"period\": 100000, \"cpus\": \"0-1\"}"},
	 "\"cpu\": {\"shares\": 1024, \"quota\": 20000, \"burst\": 10000, \"cpus\": \"0\"}"},
	{"io",
	 {"linux.resources.blockIO", "{\"weight\": 100}"},
	 "\"blockIO\": {\"weight\": 200}"},
	{"hugetlb",
	 {"linux.resources.hugepageLimits", "[{\"pageSize\": \"2MB\", \"limit\": 4194304}]"},
	 "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 2097152}]"},
};

#define N_LIMITS (sizeof(limits) / sizeof(limits[0]))

static bool has_controller(const struct limit *l)
{
	struct text controllers = {0};

	read_path(CASE_CGROUP "/cgroup.controllers", &controllers);
	return strstr(text_str(&controllers), l->controller);
}

static char *limit(struct json *config)
{
	char *error = NULL;

	for (size_t i = 0; !error && i < N_LIMITS; i++)
		if (has_controller(&limits[i]))
			error = apply(config, &limits[i].patch);
	return error;
}

static char *write_json(const char *path, const struct json *j)
{
	struct text t = {0};

	json_print(j, &t);
	return write_path(path, text_str(&t), t.len, 0644) < 0 ? xprintf("cannot write %s", path) :
								 NULL;
}

/* A device that nothing else names; what may be done with it is in the program for device rules. */
static char *mark_devices(struct world *w, struct json *config)
{
	struct patch rule = {"linux.resources.devices[]", NULL};

	if (getrandom(&w->mark, sizeof(w->mark), 0) != sizeof(w->mark))
		return xprintf("getrandom: %s", strerror(errno));
	w->mark = 1000 + w->mark % 1000000; /* of 20 bits */
	rule.value = xprintf("{\"allow\": true, \"type\": \"c\", \"major\": 240, "
			     "\"minor\": %u, \"access\": \"r\"}", w->mark);
	return apply(config, &rule);
}

static void take(const struct world *w, struct inventory *ret)
{
	inventory_take(ret);
	programs_list(w->mark, &ret->programs);
}

static char *write_config(struct world *w)
{
	const struct scenario *s = w->scenario;
	static const struct patch program = {"process.args", "[\"/bin/sleep\", \"1000\"]"};
	const char *path = s->traits & RICH ? CRASH_DIR "/rich.json" : CASES_DIR "/base.json";
	struct text base = {0};
	struct json *config;
	char *error = NULL;

	if (read_path(path, &base) < 0)
		return xprintf("cannot read %s", path);
	config = json_parse(text_str(&base), base.len, &error);
	if (config && s->traits & RICH)
		error = write_json(CASE_DIR "/process.json", json_find(config, "process"));
	else if (config)
		error = apply(config, &program);
	if (config && !error && s->traits & (RICH | RESTORES))
		error = limit(config);
	if (config && !error)
		error = mark_devices(w, config);
	for (const struct patch *p = s->patches; !error && p && p->path; p++)
		error = apply(config, p);
	return error ? error : write_json(CASE_DIR "/config.json", config);
}

/* For `update`: what every cgroup v2 tree has, and the controllers of this one. */
static char *new_limits(void)
{
	struct text t = {0};

	text_puts(&t, "{\"unified\": {\"cgroup.max.depth\": \"5\", \"cgroup.max.descendants\": \"6\"}, "
		      "\"devices\": [{\"allow\": true, \"access\": \"rwm\"}]");
	for (size_t i = 0; i < N_LIMITS; i++)
		if (has_controller(&limits[i]))
			text_printf(&t, ", %s", limits[i].change);
	text_puts(&t, "}");
	return t.data;
}

static char *make_files(void)
{
	const char *changes = new_limits();

	if (mkdir(HOOKS_DIR, 0777) < 0 || chmod(HOOKS_DIR, 0777) < 0 ||
	    mkdir(CASE_DIR "/rootfs/hooks", 0755) < 0 ||
	    write_path(HOOKS_LOG, "", 0, 0666) < 0 || chmod(HOOKS_LOG, 0666) < 0 ||
	    write_path(CASE_DIR "/limits.json", changes, strlen(changes), 0644) < 0)
		return xprintf("files of the bundle: %s", strerror(errno));
	return NULL;
}

/* A key of the caller's, which a container must not find. */
static char *make_key(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", "case", "x", 1, KEY_SPEC_SESSION_KEYRING) < 0)
		return xprintf("session keyring: %s", strerror(errno));
	return NULL;
}

static char *give_notes(void)
{
	struct text notes = {0};

	if (read_path(CRIU_NOTES, &notes) < 0 ||
	    write_path("/run/criu.kdat", text_str(&notes), notes.len, 0600) < 0)
		return xprintf("copy " CRIU_NOTES ": %s", strerror(errno));
	return NULL;
}

static void take_bundle(struct words *ret)
{
	*ret = (struct words){0};
	tree_list(CASE_DIR, CASE_DIR "/rootfs", ret);
}

char *world_make(struct world *w)
{
	char *error = make_files();

	if (!error)
		error = make_key();
	if (!error)
		error = write_config(w);
	if (!error && w->scenario->traits & DUMPS)
		error = give_notes();
	if (error)
		return error;
	w->output = memfd_create("output", MFD_CLOEXEC);
	if (w->output < 0 || chdir(CASE_DIR) < 0)
		return xprintf("bundle: %s", strerror(errno));
	take_bundle(&w->bundle);
	take(w, &w->empty);
	return NULL;
}

/* What the container's cgroup says that it may do, a line for each file; "" without one. */
static char *take_settings(void)
{
	static const char *const files[] = {"*.max",  "*.min",         "*.low",
					    "*.high", "*.weight",      "cgroup.freeze",
					    "*.max.*", "cpuset.cpus", "cpuset.mems"};
	struct text t = {0};
	struct words names = {0};
	struct dirent *entry;
	DIR *dir = opendir(CASE_CGROUP "/c");

	while (dir && (entry = readdir(dir)))
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			if (fnmatch(files[i], entry->d_name, 0) == 0)
				words_add(&names, xstrdup(entry->d_name));
	if (dir)
		closedir(dir);
	words_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct text value = {0};

		read_path(xprintf(CASE_CGROUP "/c/%s", names.v[i]), &value);
		text_printf(&t, "%s %s", names.v[i], text_str(&value));
	}
	return xstrdup(text_str(&t));
}

char *world_setup(struct world *w)
{
	struct trial t;

	if (ftruncate(w->output, 0) < 0 || lseek(w->output, 0, SEEK_SET) < 0 ||
	    write_path(HOOKS_LOG, "", 0, 0666) < 0)
		return xprintf("output: %s", strerror(errno));
	for (unsigned int i = 0; i < 3 && w->scenario->setup[i]; i++)
		if (!succeeds(w, w->scenario->setup[i], &t))
			return fails(w->scenario->setup[i], &t);
	w->settings = take_settings();
	take(w, &w->ready);
	return NULL;
}

void world_command(const struct world *w, struct trial *t)
{
	t->stdout_fd = w->output;
	t->slow = w->scenario->traits & DUMPS;
	run_line(w, w->scenario->command, t);
}

static char *compare(const struct world *w, const struct inventory *before)
{
	struct inventory after;
	struct words bundle;
	struct text t = {0};
	char *left;

	unlink(PID_FILE); /* the caller's */
	take_bundle(&bundle);
	take(w, &after);
	left = inventory_leftovers(before, &after);
	if (left)
		text_puts(&t, left);
	for (size_t i = 0; i < bundle.n; i++)
		if (!words_have(&w->bundle, bundle.v[i]))
			text_printf(&t, "left: %s\n", bundle.v[i]);
	return t.data;
}

static long settle_ms(const struct world *w)
{
	return w->scenario->traits & DUMPS ? SETTLE_CRIU_MS : SETTLE_MS;
}

/* Processes that nobody waits for any more may take a moment. Tells how long. */
static char *compare_soon(const struct world *w, const struct inventory *before, long *ret_ms)
{
	long started = now_ms();
	char *left = compare(w, before);

	while (left && now_ms() - started < settle_ms(w)) {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		sleep_ms(1);
		left = compare(w, before);
	}
	*ret_ms = now_ms() - started;
	return left;
}

static unsigned int lines_of(const struct text *t)
{
	unsigned int n = 0;

	for (size_t i = 0; i < t->len; i++)
		n += t->data[i] == '\n';
	return n;
}

/* "ns pid 4026531836": of namespaces only whose they are tells something. */
static void add_line(struct text *t, const char *line)
{
	char kind[16];
	unsigned long number;
	struct stat st = {0};

	if (sscanf(line, "ns %15s %lu", kind, &number) != 2) {
		text_printf(t, "%s\n", line);
		return;
	}
	if (stat(xprintf("/proc/self/ns/%s", kind), &st) < 0)
		st.st_ino = 0;
	text_printf(t, "ns %s %s\n", kind, st.st_ino == number ? "of the caller" : "own");
}

/* Wait for the last line of the probe's. */
static char *read_probe(const struct world *w, struct text *ret)
{
	long started = now_ms();
	struct text out = {0};
	char *at;

	for (;;) {
		out = (struct text){0};
		if (read_fd(w->output, &out) < 0)
			return xstrdup("cannot read the probe's output");
		if (out.len >= strlen(END) &&
		    strcmp(text_str(&out) + out.len - strlen(END), END) == 0)
			break;
		if (now_ms() - started > LOOK_MS)
			return xprintf(NOT_AT_ITS_END "%s", text_str(&out));
		sleep_ms(1);
	}
	at = xstrdup(text_str(&out));
	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		add_line(ret, line);
	return NULL;
}

static char *look(const struct world *w, struct text *ret)
{
	const char *finish = w->scenario->finish;
	struct trial t;

	text_puts(ret, take_settings());
	if (finish && !succeeds(w, finish, &t))
		return fails(finish, &t);
	return w->scenario->traits & SEES ? read_probe(w, ret) : NULL;
}

/* The first line in which they differ. */
static char *difference(const char *expected, const char *seen)
{
	size_t line = 0;

	for (size_t i = 0; expected[i] == seen[i]; i++) {
		if (!expected[i])
			return NULL;
		if (expected[i] == '\n')
			line = i + 1;
	}
	return xprintf("success, but not as unhurt: \"%.*s\" and not \"%.*s\"",
		       (int)strcspn(seen + line, "\n"), seen + line,
		       (int)strcspn(expected + line, "\n"), expected + line);
}

char *world_look(const struct world *w)
{
	struct text t = {0};
	char *error = look(w, &t);

	return error ? error : xstrdup(text_str(&t));
}

/*
 * A call has failed by which a created container waits for its start. Nobody is there to be told:
 * the runtime ends at the same time; `start` says that the container has stopped. What may be over
 * soon it outlives.
 */
static bool died_at_its_gate(const struct trial *t, const char *wrong)
{
	return t->whom == ROLE_INIT && t->how == HURT_FAIL && t->error != ENOMEM &&
	       t->error != EINTR && (t->number == SYS_recvfrom || t->number == SYS_accept4) &&
	       strstr(wrong, "cannot start a container that has stopped");
}

/*
 * A program that cannot be executed has run, and ended with 1 behind a line on its stderr
 * (docs/decisions/0020): with `exec -d` that is the command's, with `start` that of create. So it has
 * printed nothing.
 */
static bool is_the_programs(const struct trial *t, const char *wrong)
{
	return t->whom == ROLE_INIT && t->number == SYS_execve && lines_of(&t->errors) <= 1 &&
	       (!wrong || strcmp(wrong, NOT_AT_ITS_END) == 0);
}

static char *check_success(const struct world *w, const struct trial *t)
{
	struct text seen = {0};
	char *wrong;

	if (t->errors.len > 0 && !is_the_programs(t, NULL))
		return xprintf("success, but: %s", text_str(&t->errors));
	wrong = look(w, &seen);
	if (wrong && (died_at_its_gate(t, wrong) || is_the_programs(t, wrong)))
		return NULL;
	return wrong ? wrong : difference(w->expected, text_str(&seen));
}

/* Where descriptors are few, only that is why a command fails; "Error 24": the loader says so. */
static bool names_cause(const struct trial *t)
{
	return t->how != HURT_ROOM || strstr(text_str(&t->errors), "too many open files") ||
	       strstr(text_str(&t->errors), "Error 24");
}

char *world_check_failure(const struct world *w, const struct trial *t)
{
	unsigned int lines = lines_of(&t->errors);
	char *left;
	long ms;

	if (t->timed_out)
		return xstrdup("it hung");
	if (!WIFEXITED(t->status))
		return xprintf("it crashed: status %#x", t->status);
	if (WEXITSTATUS(t->status) == 0 && (t->how != HURT_KILL || lines == 0))
		return t->how == HURT_KILL ? NULL : check_success(w, t);
	/* killed when it was as good as the program, which need not be explained */
	if (t->how == HURT_KILL && w->scenario->traits & WAITS && lines == 0 &&
	    WEXITSTATUS(t->status) == 128 + SIGKILL)
		return NULL;
	if (lines != 1)
		return xprintf("status %d and %u lines of error: %s", WEXITSTATUS(t->status), lines,
			       text_str(&t->errors));
	if (!names_cause(t))
		return xprintf("another cause is named: %s", text_str(&t->errors));
	if (w->scenario->traits & RESTORES && strcmp(take_settings(), w->settings) != 0)
		return xprintf("failed, and settings are now: %s  after: %s", take_settings(),
			       text_str(&t->errors));
	if (!(w->scenario->traits & MAKES))
		return NULL;
	left = compare_soon(w, &w->ready, &ms);
	return left ? xprintf("%s  after: %s", left, text_str(&t->errors)) : NULL;
}

/* The process's name, "" when it has ended. */
static char *name_of(const char *pid)
{
	struct text stat = {0};
	const char *begin, *end;

	if (read_path(xprintf("/proc/%s/stat", pid), &stat) < 0)
		return xstrdup("");
	begin = strchr(text_str(&stat), '(');
	end = strrchr(text_str(&stat), ')');
	if (!begin || !end || end[2] == 'Z' || end[2] == 'X')
		return xstrdup("");
	return xstrndup(begin + 1, (size_t)(end - begin - 1));
}

/* Is it so, what `state` says? */
static char *doubt_state(const struct text *document)
{
	char *error, *name;
	struct json *state = json_parse(text_str(document), document->len, &error), *status, *pid;

	if (!state)
		return xprintf("state: %s", error);
	status = json_member(state, "status");
	pid = json_member(state, "pid");
	if (!status || !pid)
		return xstrdup("state: no status or no pid");
	name = name_of(text_str(&pid->value));
	if (strcmp(text_str(&status->value), "stopped") == 0)
		return strcmp(text_str(&pid->value), "0") == 0 ? NULL : xstrdup("stopped with a pid");
	if (strcmp(text_str(&status->value), "created") == 0 && strcmp(name, "rt-init") == 0)
		return NULL;
	if ((strcmp(text_str(&status->value), "running") == 0 ||
	     strcmp(text_str(&status->value), "paused") == 0) &&
	    *name && strcmp(name, "rt-init") != 0)
		return NULL;
	return xprintf("the state is \"%s\", but the init \"%s\"", text_str(&status->value),
		       *name ? name : "has ended");
}

/* Again while it may be on its way from one state to the next. */
char *world_check_state(const struct world *w)
{
	long started = now_ms();
	struct trial t;
	char *wrong;

	do {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (succeeds(w, "state c", &t))
			wrong = doubt_state(&t.out);
		else
			wrong = strstr(text_str(&t.errors), "does not exist") ? NULL :
										fails("state c", &t);
	} while (wrong && now_ms() - started < settle_ms(w));
	if (!wrong && !succeeds(w, "list", &t))
		wrong = fails("list", &t);
	return wrong;
}

char *world_clean(struct world *w)
{
	struct trial t;
	char *left;
	long ms;

	if (!succeeds(w, "delete --force c", &t))
		return fails("delete --force c", &t);
	if (t.elapsed_us > w->slowest_delete_us)
		w->slowest_delete_us = t.elapsed_us;
	left = compare_soon(w, &w->empty, &ms);
	if (left) { /* told once, not again at every later point */
		take_bundle(&w->bundle);
		take(w, &w->empty);
	}
	if (ms > w->longest_linger_ms)
		w->longest_linger_ms = ms;
	if (!left && t.elapsed_us > DELETE_US)
		return xprintf("delete --force took %ld ms", t.elapsed_us / 1000);
	return left;
}
