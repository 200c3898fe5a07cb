/* SPDX-License-Identifier: Apache-2.0 */
/* Containers, from several threads at once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "embed.h"
#include "sandbox.h"

#define THREADS 4
#define ROUNDS 3

struct pipes {
	int in[2], out[2];
};

static bool open_pipes(struct pipes *p)
{
	return CHECK(pipe2(p->in, O_CLOEXEC) == 0) && CHECK(pipe2(p->out, O_CLOEXEC) == 0);
}

static void give(const struct pipes *p, int stdio[3])
{
	stdio[0] = p->in[0];
	stdio[1] = stdio[2] = p->out[1];
}

/* Say a word to the program, and read its answer to the end. */
static void talk(struct pipes *p, const char *word, char *answer, size_t size)
{
	size_t len = 0;
	ssize_t n;

	close(p->in[0]);
	close(p->out[1]);
	CHECK(write(p->in[1], word, strlen(word)) == (ssize_t)strlen(word));
	close(p->in[1]);
	while (len < size - 1 && (n = read(p->out[0], answer + len, size - 1 - len)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
	close(p->out[0]);
}

static ocirt_context *new_context(const char *root)
{
	ocirt_context *ctx = NULL;

	CHECK(ocirt_context_new(&ctx) == 0);
	CHECK(ocirt_context_set_root(ctx, root) == 0);
	return ctx;
}

static void check_wait(ocirt_process *process, int expected)
{
	int status = -1;

	CHECK(ocirt_process_wait(process, 20000, &status) == 0);
	check(status == expected, __FILE__, __LINE__, "status %#x instead of %#x", status, expected);
	CHECK(ocirt_process_wait(process, 0, &status) == -ECHILD);
}

static int find_id(const struct ocirt_entry *entry, void *userdata)
{
	const char *id = userdata;

	CHECK(entry->struct_size == sizeof(*entry));
	return strcmp(entry->id, id) == 0;
}

/* exec in it, with pipes of its own and arguments that only this thread has. */
static void exec_in(ocirt_context *ctx, const char *id)
{
	const char *const args[] = {"sh", "-c", "read word; echo $NAME $word; exit 4", NULL};
	char name[80], expected[128], answer[128];
	const char *const env[] = {name, NULL};
	struct ocirt_exec_options x = {.struct_size = sizeof(x), .args = args, .env = env};
	ocirt_process *process;
	struct pipes p;

	snprintf(name, sizeof(name), "NAME=%s", id);
	snprintf(expected, sizeof(expected), "%s word\n", id);
	if (!open_pipes(&p))
		return;
	x.set_stdio = 1;
	give(&p, x.stdio);
	if (!WORKS(ctx, ocirt_exec(ctx, id, &x, &process)))
		return;
	talk(&p, "word\n", answer, sizeof(answer));
	check(strcmp(answer, expected) == 0, __FILE__, __LINE__, "exec in %s answered \"%s\"", id,
	      answer);
	check_wait(process, 4 << 8);
	ocirt_process_free(process);
}

static void live(ocirt_context *ctx, const char *id, const char *config, int number)
{
	struct ocirt_create_options o = {
		.struct_size = sizeof(o), .bundle = CASE_DIR, .config = config, .set_stdio = 1};
	char expected[128], answer[128], *state = NULL;
	ocirt_process *process;
	struct pipes p;

	if (!open_pipes(&p))
		return;
	give(&p, o.stdio);
	if (!WORKS(ctx, ocirt_run(ctx, id, &o, &process)))
		return;
	CHECK(ocirt_process_wait(process, 0, NULL) == -ETIMEDOUT);
	CHECK(ocirt_process_console(process) == -1);
	CHECK(ocirt_create(ctx, id, &o) == -EEXIST);
	if (WORKS(ctx, ocirt_state(ctx, id, &state)))
		CHECK(strstr(state, id) && strstr(state, "\"running\""));
	ocirt_free(state);
	CHECK(ocirt_list(ctx, find_id, (void *)(uintptr_t)id) == 1);
	exec_in(ctx, id);
	CHECK(ocirt_delete(ctx, id, 0) == -EBUSY);
	CHECK(strcmp(ocirt_error_code(ctx), "E_BAD_STATE") == 0);
	/* every second one is killed, the others may end */
	if (number % 2) {
		WORKS(ctx, ocirt_kill(ctx, id, SIGKILL, 0));
		talk(&p, "", answer, sizeof(answer));
		check_wait(process, SIGKILL);
	} else {
		talk(&p, "word\n", answer, sizeof(answer));
		snprintf(expected, sizeof(expected), "%d word\n", number);
		check(strcmp(answer, expected) == 0, __FILE__, __LINE__, "%s answered \"%s\"", id,
		      answer);
		check_wait(process, number << 8);
	}
	CHECK(ocirt_kill(ctx, id, SIGTERM, 0) == -ESRCH);
	WORKS(ctx, ocirt_delete(ctx, id, 0));
	ocirt_process_free(process);
}

static void *thread_main(void *arg)
{
	int number = *(int *)arg;
	char id[64], script[128];
	const char *config;
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);

	snprintf(script, sizeof(script), "read word; echo %d $word; exit %d", number, number);
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(id, sizeof(id), "thread-%d-%d", number, i);
		config = config_of(id, script);
		live(ctx, id, config, number);
	}
	ocirt_context_free(ctx);
	return NULL;
}

void test_threads(void)
{
	pthread_t threads[THREADS];
	int numbers[THREADS];

	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i + 10;
		CHECK(pthread_create(&threads[i], NULL, thread_main, &numbers[i]) == 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* From now on nobody in this process and its children can pass a descriptor on. */
static bool forbid_sendmsg(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOBUFS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/*
 * exec: the first process of rt-init makes the second one, and then cannot tell its pid. In a
 * process of its own, since a filter stays.
 */
void test_child_that_is_not_told(void)
{
	const char *const args[] = {"true", NULL};
	struct ocirt_exec_options x = {.struct_size = sizeof(x), .args = args};
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);
	ocirt_process *process = NULL;
	pid_t pid;

	o.config = config_of("not-told", "sleep 100");
	if (!WORKS(ctx, ocirt_run(ctx, "not-told", &o, &process)))
		return;
	pid = fork();
	if (pid == 0) {
		CHECK(forbid_sendmsg());
		CHECK(ocirt_exec(ctx, "not-told", &x, NULL) == -ENOBUFS);
		CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
		_exit(0);
	}
	CHECK(waitpid(pid, NULL, 0) == pid);
	ocirt_process_free(process);
	WORKS(ctx, ocirt_delete(ctx, "not-told", OCIRT_DELETE_FORCE));
	ocirt_context_free(ctx);
}

static ocirt_process *started_elsewhere;

static void *start_and_end(void *arg)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *ctx = arg;

	o.config = config_of("thread-ends", "sleep 0.2; exit 5");
	WORKS(ctx, ocirt_run(ctx, "thread-ends", &o, &started_elsewhere));
	return NULL;
}

/* The container belongs to the process, not to the thread. */
void test_thread_that_ends(void)
{
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, start_and_end, ctx) == 0);
	pthread_join(thread, NULL);
	if (CHECK(started_elsewhere))
		check_wait(started_elsewhere, 5 << 8);
	ocirt_process_free(started_elsewhere);
	WORKS(ctx, ocirt_delete(ctx, "thread-ends", 0));
	ocirt_context_free(ctx);
}

void test_contexts_apart(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *a = new_context(CASE_STATE_ROOT "/a"), *b = new_context(CASE_STATE_ROOT "/b");
	char *state = NULL;

	o.config = config_of("apart", "sleep 100");
	WORKS(a, ocirt_create(a, "same", &o));
	CHECK(ocirt_state(b, "same", &state) == -ENOENT);
	CHECK(strcmp(ocirt_error_code(b), "E_NOT_FOUND") == 0);
	CHECK(strcmp(ocirt_error_code(a), "none") == 0);
	CHECK(ocirt_list(b, find_id, (void *)(uintptr_t) "same") == 0);
	CHECK(ocirt_list(a, find_id, (void *)(uintptr_t) "same") == 1);
	CHECK(ocirt_delete(b, "same", OCIRT_DELETE_FORCE) == 0);
	WORKS(a, ocirt_state(a, "same", &state));
	CHECK(state && strstr(state, "\"created\""));
	ocirt_free(state);
	WORKS(a, ocirt_delete(a, "same", OCIRT_DELETE_FORCE));
	ocirt_context_free(a);
	ocirt_context_free(b);
	rmdir(CASE_STATE_ROOT "/a");
}

/* No ocirt_process: nothing is left to wait for behind delete. */
void test_created_and_deleted(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);

	o.config = config_of("created", "sleep 100");
	WORKS(ctx, ocirt_create(ctx, "created", &o));
	WORKS(ctx, ocirt_delete(ctx, "created", OCIRT_DELETE_FORCE));
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
	WORKS(ctx, ocirt_create(ctx, "started", &o));
	WORKS(ctx, ocirt_start(ctx, "started"));
	WORKS(ctx, ocirt_delete(ctx, "started", OCIRT_DELETE_FORCE));
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
	ocirt_context_free(ctx);
}

static bool is_stopped(ocirt_context *ctx, const char *id)
{
	for (int i = 0; i < 1000; i++) {
		char *state = NULL;
		bool stopped = ocirt_state(ctx, id, &state) == 0 && strstr(state, "\"stopped\"");

		ocirt_free(state);
		if (stopped)
			return true;
		usleep(10000);
	}
	return false;
}

void test_ended_by_itself(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);

	o.config = config_of("ended", "true");
	WORKS(ctx, ocirt_create(ctx, "ended", &o));
	WORKS(ctx, ocirt_start(ctx, "ended"));
	CHECK(is_stopped(ctx, "ended"));
	WORKS(ctx, ocirt_delete(ctx, "ended", 0));
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
	ocirt_context_free(ctx);
}

/* What a program has, that containers which are gone must not have made more. */
struct holdings {
	size_t heap; /* bytes in use */
	int fds, mappings;
};

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static struct holdings holdings(void)
{
	return (struct holdings){.heap = mallinfo2().uordblks,
				 .fds = count_entries("/proc/self/fd"),
				 .mappings = count_entries("/proc/self/map_files")};
}

static void live_and_die(ocirt_context *ctx, const struct ocirt_create_options *o, bool start)
{
	WORKS(ctx, ocirt_create(ctx, "many", o));
	if (start)
		WORKS(ctx, ocirt_start(ctx, "many"));
	WORKS(ctx, ocirt_delete(ctx, "many", OCIRT_DELETE_FORCE));
}

#define WARM_UP 10
#define HEAP_MAY_GROW 512 /* bytes, over all rounds: what the C library keeps for itself */

/* One after another in one context: $RT_EMBED_ROUNDS of them, 30 by default. */
void test_many(void)
{
	struct ocirt_create_options o = {.struct_size = sizeof(o), .bundle = CASE_DIR};
	const char *asked = getenv("RT_EMBED_ROUNDS");
	int rounds = asked ? atoi(asked) : 30;
	ocirt_context *ctx = new_context(CASE_STATE_ROOT);
	struct holdings before = {0}, after;

	o.config = config_of("many", "sleep 100");
	for (int i = 0; i < WARM_UP + rounds; i++) {
		if (i == WARM_UP)
			before = holdings();
		live_and_die(ctx, &o, i % 2);
	}
	after = holdings();
	CHECK(after.fds == before.fds);
	CHECK(after.mappings <= before.mappings);
	check(after.heap <= before.heap + HEAP_MAY_GROW, __FILE__, __LINE__,
	      "the heap grew from %zu to %zu bytes over %d containers", before.heap, after.heap,
	      rounds);
	ocirt_context_free(ctx);
}
