/* SPDX-License-Identifier: Apache-2.0 */
/* Deeds: try something and print OK or the error's name. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define LIFE_LIMIT_SECONDS 60 /* nothing the probe waits for takes longer */

static void do_mkdir(const char *argument)
{
	print_result("mkdir", argument, mkdir(argument, 0755));
}

static void do_rmdir(const char *argument)
{
	print_result("rmdir", argument, rmdir(argument));
}

static void do_unlink(const char *argument)
{
	print_result("unlink", argument, unlink(argument));
}

static void try_open(const char *name, const char *argument, int flags)
{
	int fd = open(argument, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);

	print_result(name, argument, fd);
	if (fd >= 0)
		close(fd);
}

static void do_open(const char *argument)
{
	try_open("open", argument, O_RDONLY);
}

static void do_open_write(const char *argument)
{
	try_open("openw", argument, O_WRONLY);
}

static void do_create(const char *argument)
{
	try_open("create", argument, O_WRONLY | O_CREAT);
}

/* PATH=TEXT */
static void do_write(const char *argument)
{
	char *path = strdup(argument);
	char *text = strchr(path, '=');
	int fd;
	long r = -1;

	if (!text)
		exit(99);
	*text++ = '\0';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		r = write(fd, text, strlen(text));
	print_result("write", path, r);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* setxattr:PATH,NAME=TEXT */
static void do_setxattr(const char *argument)
{
	char path[256], name[64], value[64];

	if (sscanf(argument, "%255[^,],%63[^=]=%63s", path, name, value) != 3)
		exit(97);
	print_result("setxattr", argument, lsetxattr(path, name, value, strlen(value), 0));
}

static void do_chdir(const char *argument)
{
	print_result("chdir", argument, chdir(argument));
}

/* PATH,MAJOR,MINOR */
static void do_mknod(const char *argument)
{
	char path[256];
	unsigned int major_number, minor_number;

	if (sscanf(argument, "%255[^,],%u,%u", path, &major_number, &minor_number) != 3)
		exit(99);
	print_result("mknod", path,
		     mknod(path, S_IFCHR | 0666, makedev(major_number, minor_number)));
}

/* A tmpfs on PATH. */
static void do_mount(const char *argument)
{
	print_result("mount", argument, mount("tmpfs", argument, "tmpfs", 0, NULL));
}

/* PATH,OPTION...: a bind remount that drops all flags of the mount. */
static void do_remount_rw(const char *argument)
{
	print_result("remount", argument, mount(NULL, argument, NULL, MS_REMOUNT | MS_BIND, NULL));
}

static void do_umount(const char *argument)
{
	print_result("umount", argument, umount2(argument, MNT_DETACH));
}

static void do_connect(const char *argument)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argument);
	print_result("connect", argument,
		     connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
}

/* NAME[,ARGUMENT...]: the raw call with numbers as arguments. */
static void do_syscall(const char *argument)
{
	static const struct {
		const char *name;
		long number;
	} known[] = {{"getpid", SYS_getpid},
		     {"getcwd", SYS_getcwd},
		     {"chmod", SYS_fchmodat},
		     {"mkdirat", SYS_mkdirat},
		     {"personality", SYS_personality},
		     {"unshare", SYS_unshare},
		     {"sethostname", SYS_sethostname},
		     {"setpriority", SYS_setpriority},
		     {"sched_yield", SYS_sched_yield},
		     {"getppid", SYS_getppid},
		     {"sync", SYS_sync},
		     {"clone3", SYS_clone3},
		     {"socket", SYS_socket},
		     {"getpriority", SYS_getpriority},
		     {"umask", SYS_umask},
		     {"keyctl", SYS_keyctl},
		     {"dup3", SYS_dup3},
		     {"cachestat", 451},
		     {"unknown", 999}};
	long a[4] = {0};
	char name[32];
	int n = sscanf(argument, "%31[^,],%li,%li,%li,%li", name, &a[0], &a[1], &a[2], &a[3]);

	for (size_t i = 0; n > 0 && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		print_result("syscall", argument, syscall(known[i].number, a[0], a[1], a[2], a[3]));
		return;
	}
	exit(99);
}

/* Is there a key of that name in the session keyring? */
static void do_key(const char *argument)
{
	print_result(
		"key", argument,
		syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argument, 0));
}

static void print_keyring_label(const char *argument)
{
	char label[256] = "";
	long n = syscall(SYS_keyctl, KEYCTL_GET_SECURITY, KEY_SPEC_SESSION_KEYRING, label,
			 sizeof(label) - 1);

	(void)argument;
	printf("keyring-label %s\n", n < 0 ? "none" : label);
}

static void do_exit(const char *argument)
{
	exit(atoi(argument));
}

static void do_raise(const char *argument)
{
	volatile char *page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/*
	 * The init of a pid namespace does not die of signals that it sends itself, but of faults.
	 */
	if (signal_number(argument) == SIGSEGV)
		*page = 0;
	signal(signal_number(argument), SIG_DFL);
	raise(signal_number(argument));
}

/* Held until the probe ends. */
static void do_lock(const char *argument)
{
	int fd = open(argument, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	print_result("lock", argument, fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB));
}

static void do_sleep(const char *argument)
{
	struct timespec t = {.tv_sec = *argument ? atoi(argument) : LIFE_LIMIT_SECONDS};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void do_echo(const char *argument)
{
	puts(argument);
}

static void do_error(const char *argument)
{
	fprintf(stderr, "%s\n", argument);
}

/*
 * SIGNAL,...: announce that we wait, print every signal that comes, and end at the last of the
 * list.
 */
static void do_wait(const char *argument)
{
	char *list = strdup(argument);
	sigset_t set;
	int last = 0;

	sigemptyset(&set);
	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		last = signal_number(name);
		sigaddset(&set, last);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("waiting");
	for (;;) {
		struct timespec limit = {.tv_sec = LIFE_LIMIT_SECONDS};
		int n = sigtimedwait(&set, NULL, &limit);

		if (n < 0 && errno == EINTR) /* the freezer */
			continue;
		if (n < 0)
			exit(98);
		printf("signal %s\n", sigabbrev_np(n) ? sigabbrev_np(n) : "?");
		if (n == last)
			break;
	}
	free(list);
}

/* How many children can there be, up to the number given? */
static void do_fork(const char *argument)
{
	int wanted = atoi(argument), made = 0;
	pid_t pid = 0;

	while (made < wanted && (pid = fork()) > 0)
		made++;
	if (pid == 0 && made < wanted) {
		pause();
		_exit(0);
	}
	printf("fork %d of %d %s\n", made, wanted, error_name(made < wanted ? errno : 0));
	fflush(stdout);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
}

/* Wait in state D: for a child of vfork(2), which neither executes something nor ends. */
static void do_vfork(const char *argument)
{
	(void)argument;
	if (vfork() == 0) {
		poll(NULL, 0, LIFE_LIMIT_SECONDS * 1000);
		_exit(0);
	}
}

/* Touch so many MiB of memory. */
static void do_eat(const char *argument)
{
	size_t size = (size_t)atoi(argument) << 20;
	char *memory = malloc(size);

	if (memory)
		for (size_t i = 0; i < size; i += 4096)
			((volatile char *)memory)[i] = 1;
	printf("eat %s %s\n", argument, memory ? "OK" : "ENOMEM");
	free(memory);
}

/* Append everything on stdin as one line to the file: what a hook was given. */
static void do_append_stdin(const char *argument)
{
	FILE *f = fopen(argument, "ae");
	int c;

	if (!f)
		exit(97);
	while ((c = getchar()) != EOF)
		fputc(c == '\n' ? ' ' : c, f);
	fputc('\n', f);
	fclose(f);
}

/* PATH=TEXT: append a line to the file: the trace of a hook. */
static void do_append(const char *argument)
{
	const char *text = strchr(argument, '=');
	char *path = text ? strndup(argument, (size_t)(text - argument)) : NULL;
	FILE *f = path ? fopen(path, "ae") : NULL;

	if (!f)
		exit(97);
	fprintf(f, "%s\n", text + 1);
	fclose(f);
	free(path);
}

/* Let a child of ours become an orphan that lives on for a moment and say what became of it. */
static void do_orphan(const char *argument)
{
	(void)argument;
	if (fork() == 0) {
		if (fork() == 0) {
			do_sleep("");
			_exit(0);
		}
		_exit(0);
	}
	wait(NULL);
	puts("orphan");
}

const struct request action_requests[] = {
	{"mkdir", do_mkdir, "mkdir:PATH"},
	{"rmdir", do_rmdir, "rmdir:PATH"},
	{"unlink", do_unlink, "unlink:PATH"},
	{"open", do_open, "open:PATH for reading"},
	{"openw", do_open_write, "openw:PATH, an existing file for writing"},
	{"create", do_create, "create:PATH"},
	{"write", do_write, "write:PATH=TEXT"},
	{"setxattr", do_setxattr, "setxattr:PATH,NAME=TEXT"},
	{"chdir", do_chdir, "chdir:PATH"},
	{"mknod", do_mknod, "mknod:PATH,MAJOR,MINOR"},
	{"mount", do_mount, "mount:PATH, a tmpfs"},
	{"remount", do_remount_rw, "remount:PATH without any flag"},
	{"umount", do_umount, "umount:PATH"},
	{"connect", do_connect, "connect:PATH of a unix socket"},
	{"syscall", do_syscall, "syscall:NAME[,NUMBER...]"},
	{"key", do_key, "key:NAME in the session keyring"},
	{"keyring-label", print_keyring_label, "label of the session keyring"},
	{"exit", do_exit, "exit:CODE"},
	{"raise", do_raise, "raise:SIGNAL"},
	{"lock", do_lock, "lock:PATH, with flock(2)"},
	{"sleep", do_sleep, "sleep[:SECONDS]"},
	{"echo", do_echo, "echo:TEXT"},
	{"error", do_error, "error:TEXT on stderr"},
	{"wait", do_wait, "wait:SIGNAL,...: print those that come, end at the last of the list"},
	{"fork", do_fork, "fork:N children, at most"},
	{"vfork", do_vfork, "vfork: wait in state D for a child that does not execute anything"},
	{"eat", do_eat, "eat:MIB of memory"},
	{"append", do_append, "append:FILE=TEXT"},
	{"state", do_append_stdin, "state:FILE: append stdin as one line"},
	{"orphan", do_orphan, "leave an orphan behind"},
	{NULL, NULL, NULL},
};
