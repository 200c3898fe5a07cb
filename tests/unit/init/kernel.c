/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt-init on the real kernel, as root: plans made by hand, run in real namespaces. What other
 * programs of this project do to get a plan is not needed here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "plan/desc.h"
#include "minir.h"

#define ALL_NS (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

static unsigned int passed, failed;
static bool case_failed;
static struct minir m;

__attribute__((format(printf, 3, 4))) static void check(bool ok, int line, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		return;
	case_failed = true;
	printf("tests/unit/init/kernel.c:%d: ", line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n  seen %#x, failed step \"%s\", errno %d, why %u, detail \"%s\", status %#x\n"
	       "  problem: %s\n  output: %s\n",
	       m.seen, m.failed_op, m.error.no, m.error.why, m.error.detail, m.status, m.problem,
	       m.out);
}

#define CHECK(cond) check(cond, __LINE__, "%s", #cond)
#define CHECK_OUT(text)                                                                            \
	check(strstr(m.out, text) != NULL, __LINE__, "no \"%s\" in the output", text)
#define CHECK_NOT_OUT(text)                                                                        \
	check(strstr(m.out, text) == NULL, __LINE__, "\"%s\" is in the output", text)
#define CHECK_EXIT(code)                                                                           \
	check(WIFEXITED(m.status) && WEXITSTATUS(m.status) == (code) && !*m.problem &&             \
		      !SAW(&m, ERROR),                                                             \
	      __LINE__, "it does not exit with %d", code)
#define CHECK_ERROR(op, errno_, why_)                                                              \
	check(SAW(&m, ERROR) && !strcmp(m.failed_op, op) && m.error.no == (errno_) &&              \
		      m.error.why == (why_) && !*m.problem,                                        \
	      __LINE__, "no error %s in %s because of %s", #errno_, op, #why_)

/* ---- pieces of plans ---- */

#define ADD(op) PLAN_ADD(&m.b, op, NULL)
#define STR(s) plan_str(&m.b, s)

/* The latest step of this kind, which is there. */
#define LAST(op) ((struct op_##op *)last_step(OP_##op))

static void *last_step(enum op_code op)
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

static uint32_t root;
static const char *rootfs;

static struct op_strv words(const char *a, const char *b, const char *c)
{
	const char *const v[] = {a, b, c};

	return plan_strv(&m.b, v, c ? 3 : b ? 2 : a ? 1 : 0);
}

static struct op_mount_fs *mount_on(const char *dest, const char *type)
{
	struct op_mount_fs *s = ADD(mount_fs);

	s->root = root;
	s->dest = STR(dest);
	s->type = STR(type);
	s->source = STR(type);
	s->attr = MOUNT_ATTR_NOSUID;
	return s;
}

static struct op_mount_bind *bind_on(const char *dest, const char *source)
{
	struct op_mount_bind *s = ADD(mount_bind);

	s->root = root;
	s->dest = STR(dest);
	s->source = STR(source);
	return s;
}

static void device(const char *path, unsigned int major, unsigned int minor)
{
	struct op_device *s = ADD(device);

	s->root = root;
	s->dest = STR(path);
	s->mode = S_IFCHR | 0666;
	s->major = major;
	s->minor = minor;
}

static void mask(const char *path, uint32_t null, uint32_t empty)
{
	struct op_mask *s = ADD(mask);

	s->root = root;
	s->dest = STR(path);
	s->null = null;
	s->empty = empty;
}

static void begin(void)
{
	arena_free(&m.arena); /* of the test's plan before this one */
	minir_begin(&m);
	m.namespaces = ALL_NS;
	m.b.stage = STAGE_NS;
	root = minir_slot(&m, "root", -1);
	rootfs = minir_rootfs();
}

/* The rootfs, with the host's mounts out of reach. */
static void add_root(void)
{
	struct op_rootfs *s;

	ADD(propagation)->propagation = MS_SLAVE | MS_REC;
	s = ADD(rootfs);
	s->root = root;
	s->source = STR(rootfs);
}

static void add_proc(void)
{
	mount_on("/proc", "proc")->flags = MOUNTF_REAL_DIR;
}

static void add_process(const char *a, const char *b, const char *c)
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

static void sh(const char *script)
{
	add_process("/bin/sh", "-c", script);
}

/* A zeroed step before exec, the last one. */
#define ADD_BEFORE_EXEC(op) ((struct op_##op *)before_exec(OP_##op))

static void *before_exec(enum op_code op)
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

static void write_file(const char *path, mode_t mode, const void *bytes, size_t len)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

static void make_dir(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	if (mkdir(full, 0755) < 0)
		abort();
}

static void link_file(const char *path, const char *target)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	if (symlink(target, full) < 0)
		abort();
}

static bool exists(const char *path)
{
	char full[256];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", rootfs, path);
	return lstat(full, &st) == 0;
}

/* ---- cases ---- */

static void smallest(void)
{
	begin();
	add_root();
	ADD(pivot)->root = root;
	add_process("/bin/true", NULL, NULL);
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(SAW(&m, READY) && SAW(&m, EXEC) && !SAW(&m, PID));
}

/* What the default document asks for, as near as can be without the builder. */
static void whole(void)
{
	static const char *const masked[] = {"/proc/acpi",       "/proc/kcore",   "/proc/keys",
					     "/proc/timer_list", "/sys/firmware", "/proc/scsi",
					     "/no/such/path"};
	static const char *const pts[] = {"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"};
	uint32_t null, empty, proc;
	struct op_capabilities *caps;
	struct op_sysctl *sysctl;

	begin();
	null = minir_slot(&m, "null", -1);
	empty = minir_slot(&m, "empty", -1);
	proc = minir_slot(&m, "proc", -1);
	ADD(setsid);
	ADD(unshare)->namespaces = CLONE_NEWCGROUP;
	ADD(loopback);
	ADD(hostname)->name = STR("box");
	ADD(domainname)->name = STR("example.org");
	add_root();
	add_proc();
	LAST(mount_fs)->keep = proc;
	mount_on("/dev", "tmpfs")->options = words("mode=755", "size=65536k", NULL);
	mount_on("/dev/pts", "devpts")->options = plan_strv(&m.b, pts, 4);
	mount_on("/dev/shm", "tmpfs")->options = words("mode=1777", NULL, NULL);
	mount_on("/dev/mqueue", "mqueue");
	mount_on("/sys", "sysfs")->attr |= MOUNT_ATTR_RDONLY;
	device("/dev/null", 1, 3);
	device("/dev/zero", 1, 5);
	device("/dev/tty", 5, 0);
	for (int i = 0; i < 2; i++) {
		struct op_symlink *s = ADD(symlink);

		s->root = root;
		s->dest = STR(i ? "/dev/fd" : "/dev/ptmx");
		s->target = STR(i ? "/proc/self/fd" : "pts/ptmx");
	}
	sysctl = ADD(sysctl);
	sysctl->proc = proc;
	sysctl->file = STR("net/ipv4/ip_forward");
	sysctl->value = STR("1");
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++)
		mask(masked[i], null, empty);
	for (int i = 0; i < 2; i++) {
		struct op_readonly *s = ADD(readonly);

		s->root = root;
		s->dest = STR(i ? "/proc/sys" : "/proc/nothing");
	}
	ADD(pivot)->root = root;
	ADD(root_attr)->attr_set = MOUNT_ATTR_RDONLY;
	ADD(keyring)->name = STR("_ses.box");
	ADD(bounding)->keep = 1 << 5 | 1 << 10 | 1u << 29;
	ADD(identity)->uid = 0;
	caps = ADD(capabilities);
	caps->effective = caps->permitted = 1 << 5 | 1 << 10 | 1u << 29;
	ADD(no_new_privs);
	ADD(umask)->mask = 027;
	ADD(cwd)->path = STR("/");
	sh("echo pid $$; hostname; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward;"
	   "umask; grep -E '^(Cap|NoNew|Sig[BI])' /proc/self/status; ls /dev; ls /proc/self/fd;"
	   "cat /proc/keys; ls /sys/firmware | head -1; cat /dev/null; readlink /dev/ptmx;"
	   "echo x > /x || echo root is read-only; echo 0 > /proc/sys/net/ipv4/ip_forward || echo ro;"
	   "grep -c . /proc/self/mountinfo; ip link show lo | head -1; echo $A $HOME; id -u;"
	   "grep -E ' /( |dev|proc|sys)' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("pid 1\nbox\nexample.org\n1\n0027\n");
	CHECK_OUT("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
	CHECK_OUT(
		"CapPrm:\t0000000020000420\nCapEff:\t0000000020000420\nCapBnd:\t0000000020000420");
	CHECK_OUT("NoNewPrivs:\t1");
	CHECK_OUT("fd\nmqueue\nnull\nptmx\npts\nshm\ntty\nzero\n0\n1\n2\n3\n");
	CHECK_OUT("root is read-only");
	CHECK_OUT("LOOPBACK,UP");
	CHECK_OUT("\nro\n");
	CHECK_NOT_OUT("old");
}

static void mount_targets_stay_inside(void)
{
	begin();
	/* Absolute, upwards and dangling links, in the middle and at the end. */
	link_file("abs", "/made/here");
	link_file("up", "../../../../../../made");
	link_file("last", "/file/of/link");
	add_root();
	mount_on("/abs/a", "tmpfs");
	mount_on("/up/b", "tmpfs");
	bind_on("/last", "/etc/hostname");
	bind_on("/new/dir/file", "/etc/hostname");
	ADD(pivot)->root = root;
	sh("test -d /made/here/a && test -d /made/b && test -s /file/of/link && "
	   "test -s /new/dir/file && echo all there");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("all there");
	CHECK(exists("made/here/a") && exists("made/b") && exists("file/of/link"));
	CHECK(access("/made", F_OK) < 0 && access("/tmp/made", F_OK) < 0);
}

static void proc_needs_a_real_directory(void)
{
	begin();
	link_file("proc", "/tmp");
	add_root();
	add_proc();
	minir_run(&m);
	CHECK_ERROR("mount_fs", ENOTDIR, RT_WHY_NOT_DIR);
}

static void file_system_errors_have_the_kernels_words(void)
{
	begin();
	add_root();
	mount_on("/tmp", "tmpfs")->options = words("sizee=1m", NULL, NULL);
	minir_run(&m);
	CHECK_ERROR("mount_fs", EINVAL, RT_WHY_DETAIL);
	CHECK(!strcmp(m.error.detail, "tmpfs: Unknown parameter 'sizee'"));
	begin();
	add_root();
	mount_on("/tmp", "nosuchfs");
	minir_run(&m);
	CHECK_ERROR("mount_fs", ENODEV, RT_WHY_NONE);
}

static void bind_errors(void)
{
	begin();
	add_root();
	bind_on("/etc/x", "/no/such/source");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOENT, RT_WHY_SOURCE);
	CHECK(!strcmp(m.error.detail, "/no/such/source"));
	begin();
	add_root();
	bind_on("/etc/passwd", "/etc");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOTDIR, RT_WHY_DETAIL);
	begin();
	add_root();
	bind_on("/etc", "/etc/hostname");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOTDIR, RT_WHY_DETAIL);
	begin();
	add_root();
	bind_on("/etc/x", "/no/such/source")->flags = BINDF_OPTIONAL;
	ADD(pivot)->root = root;
	sh("test ! -e /etc/x");
	minir_run(&m);
	CHECK_EXIT(0);
}

static void bind_attributes(void)
{
	struct op_mount_bind *s;
	struct op_mount_remount *r;

	begin();
	add_root();
	add_proc();
	s = bind_on("/ro", "/etc");
	s->attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME;
	s->propagation = MS_PRIVATE | MS_REC;
	s = bind_on("/shared", "/etc");
	s->flags = BINDF_RECURSIVE;
	s->rec_set = MOUNT_ATTR_NODEV;
	s->propagation = MS_SHARED | MS_REC;
	bind_on("/later", "/etc");
	r = ADD(mount_remount);
	r->root = root;
	r->dest = STR("/later");
	r->bind = 1;
	r->attr_set = MOUNT_ATTR_NOEXEC;
	mount_on("/t", "tmpfs");
	r = ADD(mount_remount);
	r->root = root;
	r->dest = STR("/t");
	r->sb_flags = r->sb_mask = MS_RDONLY;
	r->options = words("size=8k", NULL, NULL);
	ADD(pivot)->root = root;
	sh("grep -E ' /(ro|shared|later|t) ' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT(" /ro ro,");
	CHECK_OUT("noatime");
	CHECK_OUT("nodev");
	CHECK_OUT("shared:");
	CHECK_OUT("noexec");
	CHECK_OUT("ro,size=8k");
}

static void long_options_take_the_old_call(void)
{
	char lower[600];
	struct op_mount_fs *s;

	begin();
	snprintf(lower, sizeof(lower), "lowerdir=%s/bin", rootfs);
	for (int i = 0; i < 12; i++)
		snprintf(lower + strlen(lower), sizeof(lower) - strlen(lower), ":%s/bin%d", rootfs,
			 i);
	for (int i = 0; i < 12; i++) {
		char dir[64];

		snprintf(dir, sizeof(dir), "bin%d", i);
		make_dir(dir);
	}
	add_root();
	s = mount_on("/over", "overlay");
	s->options = words(lower, NULL, NULL);
	s->attr |= MOUNT_ATTR_NODEV;
	add_proc();
	ADD(pivot)->root = root;
	sh("test -x /over/busybox && grep ' /over .*nosuid,nodev' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("/over");
}

static void copy_up(void)
{
	struct op_mount_fs *s;

	begin();
	write_file("tmp/file", 04751, "content", 7);
	link_file("tmp/link", "file");
	add_root();
	s = mount_on("/tmp", "tmpfs");
	s->flags = MOUNTF_COPY_UP | MOUNTF_MODE_FROM_DEST;
	s->attr |= MOUNT_ATTR_RDONLY;
	ADD(pivot)->root = root;
	sh("cat /tmp/link; stat -c ' %a' /tmp/file; stat -c %a /tmp; echo x > /tmp/y || echo ro");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("content 4751\n755\n");
	CHECK_OUT("\nro\n");
	CHECK(!exists("tmp/y"));
}

static void devices_and_links(void)
{
	begin();
	add_root();
	device("/dev/null", 1, 3);
	device("/dev/null", 1, 3); /* there already, and right */
	device("/dev/null", 1, 5);
	minir_run(&m);
	CHECK_ERROR("device", EEXIST, RT_WHY_WRONG_NODE);
	begin();
	link_file("dev", "../../../../../../../../tmp");
	add_root();
	device("/dev/rt-init-null", 1, 3);
	ADD(pivot)->root = root;
	sh("test -c /tmp/rt-init-null");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(access("/tmp/rt-init-null", F_OK) < 0);
}

static void bound_devices(void)
{
	begin();
	add_root();
	mount_on("/dev", "tmpfs");
	device("/dev/null", 1, 3);
	LAST(device)->bind = 1;
	ADD(pivot)->root = root;
	sh("test -c /dev/null && echo x > /dev/null && stat -c %t:%T /dev/null");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("1:3");
	begin();
	add_root();
	device("/dev/zero", 1, 3); /* the host's is another */
	LAST(device)->bind = 1;
	minir_run(&m);
	CHECK_ERROR("device", ENODEV, RT_WHY_WRONG_NODE);
}

static struct op_console *add_console(void)
{
	struct op_console *s;

	mount_on("/dev", "tmpfs");
	mount_on("/dev/pts", "devpts")->options = words("newinstance", "ptmxmode=0666", NULL);
	s = ADD(console);
	s->root = root;
	s->rows = 11;
	s->columns = 22;
	s->uid = NO_ID;
	return s;
}

static void console(void)
{
	for (int late = 0; late < 2; late++) {
		begin();
		if (!late)
			ADD(setsid);
		add_root();
		add_proc();
		add_console()->bind_console = 1;
		if (late)
			ADD(setsid);
		ADD(pivot)->root = root;
		sh("tty; stty size; echo to tty > /dev/tty; echo to console > /dev/console");
		minir_run(&m);
		CHECK_EXIT(0);
		CHECK(SAW(&m, CONSOLE));
		CHECK_OUT("/dev/pts/0");
		CHECK_OUT("11 22");
	}
}

static void console_path_is_not_followed(void)
{
	begin();
	make_dir("dev");
	write_file("victim", 0644, "x", 1);
	link_file("dev/console", "/victim");
	add_root();
	mount_on("/dev/pts", "devpts")->options = words("newinstance", "ptmxmode=0666", NULL);
	ADD(console)->root = root;
	LAST(console)->bind_console = 1;
	minir_run(&m);
	CHECK_ERROR("console", EEXIST, RT_WHY_WRONG_NODE);
	begin();
	write_file("fake", 0644, "x", 1);
	add_root();
	mount_on("/dev", "tmpfs");
	bind_on("/dev/pts/ptmx", "/dev/null");
	ADD(console)->root = root;
	minir_run(&m);
	CHECK_ERROR("console", ENODEV, RT_WHY_WRONG_NODE);
}

static void staged_with_user_namespace(void)
{
	const char *uptime;

	char cmd[128];

	begin();
	snprintf(cmd, sizeof(cmd), "chown -hR 100000:100000 %s", rootfs);
	if (system(cmd) != 0)
		abort();
	m.namespaces = 0;
	m.uid_map = m.gid_map = "0 100000 65536\n";
	ADD(clone)->namespaces = ALL_NS | CLONE_NEWUSER;
	ADD(setsid);
	ADD(become_root);
	ADD(unshare)->namespaces = CLONE_NEWCGROUP | CLONE_NEWTIME;
	ADD(time_offsets)->offsets = STR("monotonic 1000000 0\nboottime 1000000 0\n");
	ADD(loopback);
	ADD(hostname)->name = STR("user-ns");
	add_root();
	add_proc();
	mount_on("/dev", "tmpfs");
	device("/dev/null", 1, 3);
	LAST(device)->bind = 1;
	ADD(pivot)->root = root;
	ADD(identity)->uid = 5;
	sh("id -u; id -g; cat /proc/self/uid_map; hostname; cat /proc/uptime; test -c /dev/null");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(SAW(&m, PID));
	CHECK_OUT("5\n0\n");
	CHECK_OUT("100000      65536");
	CHECK_OUT("user-ns\n1");
	uptime = strstr(m.out, "user-ns\n");
	CHECK(uptime && atof(uptime + 8) > 1000000);
}

static void joins_like_exec(void)
{
	static struct minir container;
	struct op_join *s;
	uint32_t slot;

	begin();
	ADD(hostname)->name = STR("joined");
	add_root();
	add_proc();
	mount_on("/dev", "tmpfs");
	mount_on("/dev/pts", "devpts")->options = words("newinstance", "ptmxmode=0666", NULL);
	ADD(pivot)->root = root;
	add_process("/bin/sleep", "100", NULL);
	m.keep_running = true;
	minir_run(&m);
	CHECK(!*m.problem && SAW(&m, EXEC));
	container = m;

	minir_begin(&m);
	slot = minir_slot(&m, "init", container.pidfd);
	m.b.stage = STAGE_NS;
	s = ADD(join);
	s->slot = slot;
	s->namespaces = ALL_NS;
	ADD(clone);
	ADD(setsid);
	root = NO_SLOT;
	ADD(console)->root = NO_SLOT;
	ADD(cwd)->path = STR("/tmp");
	sh("hostname; tty; ps; ls /proc/self/fd; readlink /proc/self/cwd");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(SAW(&m, PID) && SAW(&m, CONSOLE));
	CHECK_OUT("joined\r\n/dev/pts/0");
	CHECK_OUT("sleep 100");
	CHECK_OUT("/tmp\r\n");
	minir_end(&container);
}

static void gate(void)
{
	begin();
	m.gate = true;
	m.bad_clients = 3;
	add_root();
	ADD(pivot)->root = root;
	add_process("/bin/echo", "started", NULL);
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(SAW(&m, READY) && SAW(&m, EXEC));
	CHECK_OUT("started");
}

static void dies_with_the_runtime(void)
{
	static const int at[] = {RT_MSG_PID, RT_MSG_HOOKS, RT_MSG_READY};

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		begin();
		m.die_at = at[i];
		if (at[i] == RT_MSG_PID) {
			m.namespaces = 0;
			ADD(clone)->namespaces = ALL_NS;
		}
		add_root();
		ADD(await_runtime);
		ADD(pivot)->root = root;
		add_process("/bin/echo", "alive", NULL);
		minir_run(&m);
		CHECK(WIFEXITED(m.status) && !SAW(&m, EXEC) && !SAW(&m, ERROR));
		CHECK_NOT_OUT("alive");
	}
}

static struct op_container_hook *add_hook(const char *path, const char *script)
{
	struct op_container_hook *s = ADD(container_hook);

	s->kind = STR("createContainer");
	s->path = STR(path);
	s->args = words("sh", "-c", script);
	s->env = words("H=1", NULL, NULL);
	s->state_head = STR("{\"pid\":");
	s->state_tail = STR(",\"id\":\"x\"}");
	return s;
}

static void hooks(void)
{
	begin();
	add_root();
	add_proc();
	add_hook("/bin/sh", "cat >/dev/null");
	ADD(pivot)->root = root;
	ADD(umask)->mask = 022;
	add_hook("/bin/sh", "cat > /tmp/state; echo $H >> /tmp/state; umask >> /tmp/state;"
			    "ls /proc/self/fd >> /tmp/state");
	sh("cat /tmp/state");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("{\"pid\":1,\"id\":\"x\"}1\n0022\n0\n1\n2\n3\n");
	CHECK_NOT_OUT("\n4\n");

	begin();
	add_root();
	add_hook("/bin/sh", "echo to stdout; echo to stderr >&2; exit 3");
	minir_run(&m);
	CHECK_ERROR("container_hook", ECANCELED, RT_WHY_HOOK_EXIT);
	CHECK(!strcmp(m.error.detail, "exit status 3\nto stdout\nto stderr\n"));

	begin();
	add_root();
	add_hook("/bin/sh",
		 "i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done; kill -9 $$");
	minir_run(&m);
	CHECK_ERROR("container_hook", ECANCELED, RT_WHY_HOOK_EXIT);
	CHECK(!strncmp(m.error.detail, "signal 9\n", 9) && strstr(m.error.detail, "line 999\n"));

	begin();
	add_root();
	add_hook("/bin/sh", "echo waiting; sleep 100")->timeout_sec = 1;
	minir_run(&m);
	CHECK_ERROR("container_hook", ETIMEDOUT, RT_WHY_HOOK_TIMEOUT);
	CHECK(strstr(m.error.detail, "waiting"));

	begin();
	add_root();
	add_hook("/no/such/hook", "");
	minir_run(&m);
	CHECK_ERROR("container_hook", ENOENT, RT_WHY_NONE);
}

static void cwd_cannot_leave(void)
{
	int host = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[32];
	uint32_t slot;

	begin();
	slot = minir_slot(&m, "host", host);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", m.slots[slot]);
	add_root();
	add_proc();
	ADD(pivot)->root = root;
	ADD(cwd)->path = STR(path);
	sh("cat hostname");
	minir_run(&m);
	CHECK(SAW(&m, ERROR) && !SAW(&m, READY));
	CHECK_ERROR("cwd", EXDEV, RT_WHY_CWD_OUTSIDE);
	close(host);
}

static void only_what_is_preserved_stays_open(void)
{
	int leak = open("/etc/hostname", O_RDONLY); /* no O_CLOEXEC: the leak is the test */

	begin();
	m.preserve[0] = m.preserve[1] = leak;
	m.b.preserve = 2;
	add_root();
	add_proc();
	ADD(pivot)->root = root;
	sh("ls /proc/self/fd");
	LAST(close_fds)->preserve = 2;
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("0\n1\n2\n3\n4\n5\n");
	CHECK_NOT_OUT("6");
	close(leak);
	begin();
	m.b.preserve = 20;
	add_root();
	minir_run(&m);
	CHECK(SAW(&m, ERROR) && m.error.no == EBADF && m.error.why == RT_WHY_NOT_OPEN);
}

static void home_comes_from_passwd(void)
{
	static const struct {
		const char *passwd, *home;
	} cases[] = {
		{"root:x:0:0::/root:/bin/sh\nuser:x:1000:5::/home/user:/bin/sh\n", "/home/user"},
		{"user:x:1000:5::/home/user", "/home/user"},
		{"user:x:1000:5::relative:/bin/sh\n", "/"},
		{"user:x:10000:5::/home/other:\nx:x:100:5::/x:\n", "/"},
		{"user:x:1000\n", "/"},
		{"", "/"},
		{NULL, "/"}, /* a FIFO */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct op_exec *s;
		char fifo[128];

		begin();
		snprintf(fifo, sizeof(fifo), "%s/etc/passwd", rootfs);
		if (cases[i].passwd)
			write_file("etc/passwd", 0644, cases[i].passwd, strlen(cases[i].passwd));
		else if (unlink(fifo) < 0 || mkfifo(fifo, 0666) < 0)
			abort();
		add_root();
		ADD(pivot)->root = root;
		ADD(home)->uid = 1000;
		sh("echo HOME=$HOME.");
		s = LAST(exec);
		s->env = plan_strv_new(&m.b, 1);
		plan_strv_set(&m.b, s->env, 0, plan_home(&m.b));
		minir_run(&m);
		CHECK_EXIT(0);
		check(strstr(m.out, cases[i].home) &&
			      strchr(m.out, '.') == m.out + strlen("HOME=") + strlen(cases[i].home),
		      __LINE__, "case %zu", i);
	}
}

/* The beginning of a program for a machine that this is not. */
static void write_foreign_elf(const char *path)
{
	char elf[512];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (read(fd, elf, sizeof(elf)) != sizeof(elf))
		abort();
	close(fd);
	elf[18] = 0x77;
	write_file(path, 0755, elf, sizeof(elf));
}

static void execution_errors_are_told_apart(void)
{
	static const struct {
		const char *path;
		int no, why;
		const char *op;
	} cases[] = {
		{"/bin/none", ENOENT, RT_WHY_NONE, "program"},
		{"/etc", EACCES, RT_WHY_IS_DIR, "program"},
		{"/plain", EACCES, RT_WHY_NO_X_BIT, "program"},
		{"/noexec/x", EACCES, RT_WHY_NOEXEC, "program"},
		{"/empty", ENOEXEC, RT_WHY_EMPTY, "exec"},
		{"/text", ENOEXEC, RT_WHY_NO_SHEBANG, "exec"},
		{"/script", ENOENT, RT_WHY_INTERPRETER, "exec"},
		{"/crlf", ENOENT, RT_WHY_CRLF, "exec"},
		{"/foreign", ENOEXEC, RT_WHY_WRONG_ARCH, "exec"},
		{"/outer", ENOENT, RT_WHY_INTERPRETER, "exec"},
	};

	char cmd[128];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		write_file("plain", 0644, "x", 1);
		write_file("empty", 0755, "", 0);
		write_file("text", 0755, "echo hi\n", 8);
		write_file("script", 0755, "#! /no/such -x\n", 15);
		write_file("crlf", 0755, "#!/bin/sh\r\n", 11);
		write_file("outer", 0755, "#!/script\n", 10);
		write_foreign_elf("foreign");
		add_root();
		mount_on("/noexec", "tmpfs")->attr = 0;
		bind_on("/noexec/x", "/bin/true")->attr_set = MOUNT_ATTR_NOEXEC;
		ADD(pivot)->root = root;
		add_process(cases[i].path, NULL, NULL);
		minir_run(&m);
		check(SAW(&m, ERROR) && !strcmp(m.failed_op, cases[i].op) &&
			      m.error.no == cases[i].no && (int)m.error.why == cases[i].why,
		      __LINE__, "%s", cases[i].path);
		CHECK((strcmp(cases[i].op, "exec") == 0) == SAW(&m, EXEC));
	}
	begin();
	write_file("dynamic", 0755, "", 0);
	snprintf(cmd, sizeof(cmd), "cp /bin/true %s/dynamic", rootfs);
	if (system(cmd) != 0)
		abort();
	add_root();
	ADD(pivot)->root = root;
	add_process("/dynamic", NULL, NULL);
	minir_run(&m);
	CHECK_ERROR("exec", ENOENT, RT_WHY_INTERPRETER);
	CHECK(strstr(m.error.detail, "ld-linux") != NULL);
}

static void path_lookup(void)
{
	begin();
	write_file("etc/true", 0644, "x", 1);
	add_root();
	ADD(pivot)->root = root;
	add_process("true", NULL, NULL);
	LAST(program)->candidates = words("/none/true", "/etc/true", "/bin/true");
	minir_run(&m);
	CHECK_EXIT(0);
	begin();
	add_root();
	ADD(pivot)->root = root;
	add_process("nonexistent", NULL, NULL);
	minir_run(&m);
	CHECK_ERROR("program", ENOENT, RT_WHY_NOT_IN_PATH);
	CHECK(!SAW(&m, READY));
}

/* A filter that answers one system call with an errno. */
static void add_filter(int nr, int no)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)no),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	ADD_BEFORE_EXEC(seccomp)->program = plan_blob(&m.b, code, sizeof(code), 8);
}

static void seccomp(void)
{
	begin();
	add_root();
	ADD(pivot)->root = root;
	sh("mkdir /x 2>/dev/null; test -d /x || echo refused");
	add_filter(SYS_mkdir, EPERM);
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("refused");
	begin(); /* execve itself is refused: told all the same */
	add_root();
	ADD(pivot)->root = root;
	sh("true");
	add_filter(SYS_execve, EPERM);
	minir_run(&m);
	CHECK_ERROR("exec", EPERM, RT_WHY_NONE);
	CHECK(SAW(&m, EXEC));
	begin(); /* and nothing can be told */
	write_file("empty", 0755, "", 0);
	add_root();
	ADD(pivot)->root = root;
	add_process("/empty", NULL, NULL);
	add_filter(SYS_write, EPERM);
	minir_run(&m);
	CHECK(!SAW(&m, ERROR) && WIFEXITED(m.status) && WEXITSTATUS(m.status) == 126);
}

static void identity_and_capabilities(void)
{
	static const uint32_t groups[] = {7, 8};
	struct op_identity *id;
	struct op_capabilities *caps;

	begin();
	add_root();
	add_proc();
	ADD(pivot)->root = root;
	ADD(bounding)->keep = 1 << 10 | 1 << 12;
	id = ADD(identity);
	id->uid = 1000;
	id->gid = 1001;
	id->groups = plan_blob(&m.b, groups, sizeof(groups), 4);
	caps = ADD(capabilities);
	caps->effective = caps->permitted = caps->inheritable = 1 << 10 | 1 << 12;
	caps->ambient = 1 << 10;
	caps->keep_admin = 1;
	sh("grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\nGroups:\t7 8");
	CHECK_OUT(
		"CapInh:\t0000000000001400\nCapPrm:\t0000000000000400\n"
		"CapEff:\t0000000000000400\nCapBnd:\t0000000000001400\nCapAmb:\t0000000000000400");
}

static void limits(void)
{
	struct op_rlimit *s;
	struct op_rlimit_raise *up;

	begin();
	add_root();
	ADD(pivot)->root = root;
	up = ADD(rlimit_raise);
	up->resource = RLIMIT_NOFILE;
	up->hard = 1000;
	sh("ulimit -n; ulimit -Hn");
	s = ADD_BEFORE_EXEC(rlimit);
	s->resource = RLIMIT_NOFILE;
	s->soft = 9;
	s->hard = 10;
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("9\n10\n");
}

static void without_pivot_root(void)
{
	begin();
	add_root();
	add_proc();
	ADD(move_root)->root = root;
	sh("grep -c ' /proc ' /proc/self/mountinfo; ls /; grep -c sysfs /proc/self/mountinfo");
	minir_run(&m);
	CHECK(!SAW(&m, ERROR) && !*m.problem);
	CHECK_OUT("1\nbin\netc\nproc\ntmp\n0\n");
}

static void signals_are_reset(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	sigset_t set, oldset;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMAX);
	sigaction(SIGPIPE, &ignore, &old);
	sigaction(SIGRTMAX, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &set, &oldset);
	begin();
	add_root();
	add_proc();
	ADD(pivot)->root = root;
	add_process("/bin/grep", "Sig[BI]", "/proc/self/status");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
	sigprocmask(SIG_SETMASK, &oldset, NULL);
	sigaction(SIGPIPE, &old, NULL);
	sigaction(SIGRTMAX, &old, NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
#define CASE(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}
	CASE(smallest),
	CASE(whole),
	CASE(mount_targets_stay_inside),
	CASE(proc_needs_a_real_directory),
	CASE(file_system_errors_have_the_kernels_words),
	CASE(bind_errors),
	CASE(bind_attributes),
	CASE(long_options_take_the_old_call),
	CASE(copy_up),
	CASE(devices_and_links),
	CASE(bound_devices),
	CASE(console),
	CASE(console_path_is_not_followed),
	CASE(staged_with_user_namespace),
	CASE(joins_like_exec),
	CASE(gate),
	CASE(dies_with_the_runtime),
	CASE(hooks),
	CASE(cwd_cannot_leave),
	CASE(only_what_is_preserved_stays_open),
	CASE(home_comes_from_passwd),
	CASE(execution_errors_are_told_apart),
	CASE(path_lookup),
	CASE(seccomp),
	CASE(identity_and_capabilities),
	CASE(limits),
	CASE(without_pivot_root),
	CASE(signals_are_reset),
};

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
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (argc > 1 && !strstr(cases[i].name, argv[1]))
			continue;
		case_failed = false;
		cases[i].run();
		arena_free(&m.arena);
		minir_remove_rootfs();
		if (case_failed)
			printf("FAIL %s\n", cases[i].name);
		passed += !case_failed;
		failed += case_failed;
	}
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed > 0;
}
