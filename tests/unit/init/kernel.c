/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt-init on the real kernel, as root: plans made by hand, run in real namespaces. What other
 * programs of this project do to get a plan is not needed here.
 */
#include "init/kernel.h"

#include <linux/mount.h>
#include <stdarg.h>

#include "plan/desc.h"

struct minir m;
uint32_t root;
const char *rootfs;

static unsigned int passed, failed;
static bool case_failed;

void kernel_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		return;
	case_failed = true;
	printf("%s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n  seen %#x, failed step \"%s\", errno %d, why %u, detail \"%s\", status %#x\n"
	       "  problem: %s\n  output: %s\n",
	       m.seen, m.failed_op, m.error.no, m.error.why, m.error.detail, m.status, m.problem,
	       m.out);
}

void *last_step(enum op_code op)
{
	struct op_head *s, *found = NULL;

	for (size_t at = 0; at < m.b.steps_len; at += s->size) {
		s = (struct op_head *)(void *)(m.b.steps + at);
		if (s->op == op)
			found = s;
	}
	if (!found)
		abort();
	return found;
}

struct op_strv words(const char *a, const char *b, const char *c)
{
	const char *const v[] = {a, b, c};

	return plan_strv(&m.b, v, c ? 3 : b ? 2 : a ? 1 : 0);
}

struct op_mount_fs *mount_on(const char *dest, const char *type)
{
	struct op_mount_fs *s = ADD(mount_fs);

	s->root = root;
	s->dest = STR(dest);
	s->type = STR(type);
	s->source = STR(type);
	s->attr = MOUNT_ATTR_NOSUID;
	return s;
}

struct op_mount_bind *bind_on(const char *dest, const char *source)
{
	struct op_mount_bind *s = ADD(mount_bind);

	s->root = root;
	s->dest = STR(dest);
	s->source = STR(source);
	return s;
}

void device(const char *path, unsigned int major, unsigned int minor)
{
	struct op_device *s = ADD(device);

	s->root = root;
	s->dest = STR(path);
	s->mode = S_IFCHR | 0666;
	s->major = major;
	s->minor = minor;
}

void begin(void)
{
	arena_free(&m.arena); /* of the test's plan before this one */
	minir_begin(&m);
	m.namespaces = ALL_NS;
	m.b.stage = STAGE_NS;
	root = minir_slot(&m, "root", -1);
	rootfs = minir_rootfs();
}

void add_root(void)
{
	struct op_rootfs *s;

	ADD(propagation)->propagation = MS_SLAVE | MS_REC;
	s = ADD(rootfs);
	s->root = root;
	s->source = STR(rootfs);
}

void add_proc(void)
{
	mount_on("/proc", "proc")->flags = MOUNTF_REAL_DIR;
}

void add_process(const char *a, const char *b, const char *c)
{
	static const char *const env[] = {"PATH=/bin", "A=b"};
	struct op_program *program = ADD(program);
	struct op_exec *exec;

	program->name = STR(a);
	program->candidates = words(a, NULL, NULL);
	ADD(ready);
	ADD(gate);
	ADD(close_fds);
	exec = ADD(exec);
	exec->args = words(a, b, c);
	exec->env = plan_strv(&m.b, env, 2);
}

void sh(const char *script)
{
	add_process("/bin/sh", "-c", script);
}

void *before_exec(enum op_code op)
{
	const struct op_exec exec = *LAST(exec);
	struct op_head *s;
	size_t at;

	m.b.steps_len -= sizeof(exec);
	m.b.nsteps--;
	plan_add(&m.b, op, NULL);
	*ADD(exec) = exec;
	at = m.b.steps_len - sizeof(exec);
	s = (struct op_head *)(void *)(m.b.steps + at);
	return (char *)s - op_desc(op)->size;
}

void write_file(const char *path, mode_t mode, const void *bytes, size_t len)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

void make_dir(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	if (mkdir(full, 0755) < 0)
		abort();
}

void link_file(const char *path, const char *target)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	if (symlink(target, full) < 0)
		abort();
}

bool exists(const char *path)
{
	char full[256];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	return lstat(full, &st) == 0;
}

void shell(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd) != 0)
		abort();
}

static void run_cases(const struct kernel_case *c, const char *filter)
{
	for (; c->name; c++) {
		if (!strstr(c->name, filter))
			continue;
		case_failed = false;
		c->run();
		arena_free(&m.arena);
		minir_remove_rootfs();
		if (case_failed)
			printf("FAIL %s\n", c->name);
		passed += !case_failed;
		failed += case_failed;
	}
}

/* kernel [SUBSTRING]: the cases with this in their names. */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* The places of preserved descriptors belong to the cases. */
	for (int fd = 3; fd < 8; fd++)
		dup3(open("/dev/null", O_RDONLY | O_CLOEXEC), fd, O_CLOEXEC);
	if (geteuid() != 0 || !getenv("RT_BUILDDIR")) {
		printf("needs root and RT_BUILDDIR\n0 passed, %d failed, 1 skipped\n",
		       getenv("RT_TEST_MUST_WORK") != NULL);
		return getenv("RT_TEST_MUST_WORK") != NULL;
	}
	run_cases(mount_cases, argc > 1 ? argv[1] : "");
	run_cases(process_cases, argc > 1 ? argv[1] : "");
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed > 0;
}
