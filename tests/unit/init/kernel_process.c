/* SPDX-License-Identifier: Apache-2.0 */
/* rt-init on the real kernel: namespaces, console, hooks, identity, and the program. */
#include "init/kernel.h"

#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/mem.h"

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
	struct op_time_namespace *time;
	const char *uptime;
	uint32_t offsets;

	begin();
	offsets = minir_slot(&m, "offsets", -1);
	shell("chown -hR 100000:100000 %s", rootfs);
	m.namespaces = 0;
	m.uid_map = m.gid_map = "0 100000 65536\n";
	ADD(clone)->namespaces = ALL_NS | CLONE_NEWUSER;
	ADD(offsets_file)->slot = offsets;
	ADD(setsid);
	ADD(become_root);
	ADD(unshare)->namespaces = CLONE_NEWCGROUP;
	time = ADD(time_namespace);
	time->offsets = STR("monotonic 1000000 0\nboottime 1000000 0\n");
	time->file = offsets;
	time->enter = true;
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
		kernel_check(strstr(m.out, cases[i].home) &&
				     strchr(m.out, '.') ==
					     m.out + strlen("HOME=") + strlen(cases[i].home),
			     __FILE__, __LINE__, "case %zu", i);
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
		kernel_check(SAW(&m, ERROR) && !strcmp(m.failed_op, cases[i].op) &&
				     m.error.no == cases[i].no && (int)m.error.why == cases[i].why,
			     __FILE__, __LINE__, "%s", cases[i].path);
		CHECK((strcmp(cases[i].op, "exec") == 0) == SAW(&m, EXEC));
	}
	begin();
	write_file("dynamic", 0755, "", 0);
	shell("cp /bin/true %s/dynamic", rootfs);
	add_root();
	ADD(pivot)->root = root;
	add_process("/dynamic", NULL, NULL);
	m.say = "these words";
	minir_run(&m);
	CHECK_ERROR("exec", ENOENT, RT_WHY_INTERPRETER);
	CHECK(strstr(m.error.detail, "ld-linux") != NULL);
	CHECK(WIFEXITED(m.status) && WEXITSTATUS(m.status) == 1);
	CHECK_OUT("these words\n");
}

static void a_directory_that_may_not_be_searched(void)
{
	begin();
	make_dir("closed");
	make_dir("closed/bin");
	write_file("closed/bin/x", 0755, "", 0);
	shell("chmod 700 %s/closed", rootfs);
	add_root();
	ADD(pivot)->root = root;
	ADD(identity)->uid = 1000;
	add_process("/closed/bin/x", NULL, NULL);
	minir_run(&m);
	CHECK_ERROR("program", EACCES, RT_WHY_NO_SEARCH);
	CHECK(!strcmp(m.error.detail, "/closed, mode 0700, owner 0"));
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
	begin();
	write_file("etc/tool", 0604, "x", 1);
	add_root();
	ADD(pivot)->root = root;
	add_process("tool", NULL, NULL);
	LAST(program)->candidates = words("/none/tool", "/etc/tool", "/bin/tool");
	minir_run(&m);
	CHECK_ERROR("program", ENOENT, RT_WHY_PASSED_OVER);
	CHECK(!strcmp(m.error.detail, "/etc/tool, mode 0604, owner 0"));
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

const struct kernel_case process_cases[] = {
	CASE(smallest),
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
	CASE(a_directory_that_may_not_be_searched),
	CASE(path_lookup),
	CASE(seccomp),
	CASE(identity_and_capabilities),
	CASE(limits),
	CASE(signals_are_reset),
	{NULL, NULL},
};
