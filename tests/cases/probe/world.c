/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about what surrounds the process: files, mounts, namespaces, terminal. */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static void print_hostname(const char *argument)
{
	struct utsname name;

	(void)argument;
	uname(&name);
	printf("hostname %s\n", name.nodename);
}

static void print_domainname(const char *argument)
{
	struct utsname name;

	(void)argument;
	uname(&name);
	printf("domainname %s\n", name.domainname);
}

static void print_namespace(const char *argument)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", argument);
	if (stat(path, &st) < 0)
		printf("ns %s %s\n", argument, error_name(errno));
	else
		printf("ns %s %lu\n", argument, (unsigned long)st.st_ino);
}

/* One short file, its first line behind "name ". */
static void print_first_line(const char *name, const char *path)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	if (!f) {
		printf("%s %s\n", name, error_name(errno));
		return;
	}
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	printf("%s %s\n", name, line);
	fclose(f);
}

static void print_oom(const char *argument)
{
	(void)argument;
	print_first_line("oom", "/proc/self/oom_score_adj");
}

static void print_map(const char *argument)
{
	char path[64], line[256];
	unsigned int inside, outside, size;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/%s_map", argument);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %u %u", &inside, &outside, &size) == 3)
			printf("map %s %u %u %u\n", argument, inside, outside, size);
	if (f)
		fclose(f);
}

static void print_setgroups(const char *argument)
{
	(void)argument;
	print_first_line("setgroups", "/proc/self/setgroups");
}

static void print_cgroup(const char *argument)
{
	char line[4096];
	FILE *f = fopen("/proc/self/cgroup", "re");

	(void)argument;
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "0::", 3) == 0)
			printf("cgroup %s", line + 3);
	if (f)
		fclose(f);
}

/* Everything open but the descriptor that looks. */
static void print_fds(const char *argument)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	(void)argument;
	while (dir && (entry = readdir(dir))) {
		char target[4096];
		ssize_t n;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir))
			continue;
		n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		printf("fd %s %s\n", entry->d_name, target);
	}
	if (dir)
		closedir(dir);
}

static void print_tty(const char *argument)
{
	struct winsize size = {0};

	(void)argument;
	printf("tty %d %d %d\n", isatty(0), isatty(1), isatty(2));
	if (isatty(0) && ioctl(0, TIOCGWINSZ, &size) == 0)
		printf("size %u %u\n", size.ws_row, size.ws_col);
}

static void print_ctty(const char *argument)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	(void)argument;
	printf("ctty %s\n", error_name(fd < 0 ? errno : 0));
	if (fd >= 0)
		close(fd);
}

/* The propagation of a mount from the optional fields of its line. */
static const char *propagation_of(const char *optional)
{
	if (strstr(optional, "shared:"))
		return strstr(optional, "master:") ? "slave,shared" : "shared";
	if (strstr(optional, "master:"))
		return "slave";
	return strstr(optional, "unbindable") ? "unbindable" : "private";
}

/*
 * ID PARENT MAJ:MIN ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPEROPTIONS, printed as
 * mount POINT TYPE OPTIONS PROPAGATION SUPEROPTIONS
 */
static void print_mount_line(char *line, const char *wanted)
{
	char *dash = strstr(line, " - ");
	char point[1024], options[512], type[64], super[2048];
	int used = 0;

	if (!dash)
		return;
	*dash = '\0';
	if (sscanf(line, "%*s %*s %*s %*s %1023s %511s%n", point, options, &used) != 2)
		return;
	if (sscanf(dash + 3, "%63s %*s %2047s", type, super) != 2)
		return;
	if (*wanted && strcmp(wanted, point) != 0)
		return;
	printf("mount %s %s %s %s %s\n", point, type, options, propagation_of(line + used), super);
}

static void print_mounts(const char *argument)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[8192];

	while (f && fgets(line, sizeof(line), f))
		print_mount_line(line, argument);
	if (f)
		fclose(f);
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	default:
		return "file";
	}
}

/* stat PATH KIND MODE UID GID [MAJOR:MINOR] */
static void print_stat(const char *argument)
{
	struct stat st;

	if (lstat(argument, &st) < 0) {
		printf("stat %s %s\n", argument, error_name(errno));
		return;
	}
	printf("stat %s %s %04o %u %u", argument, kind_of(st.st_mode), st.st_mode & 07777,
	       st.st_uid, st.st_gid);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		printf(" %u:%u", major(st.st_rdev), minor(st.st_rdev));
	putchar('\n');
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void print_names(const char *argument)
{
	struct dirent **entries;
	int n = scandir(argument, &entries, not_dots, alphasort);

	if (n < 0) {
		printf("ls %s %s\n", argument, error_name(errno));
		return;
	}
	printf("ls %s", argument);
	for (int i = 0; i < n; i++)
		printf(" %s", entries[i]->d_name);
	puts(n > 0 ? "" : " -");
}

static void print_content(const char *argument)
{
	char buffer[4096];
	int fd = open(argument, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer) - 1);

	if (n < 0) {
		printf("read %s %s\n", argument, error_name(errno));
	} else {
		buffer[n] = '\0';
		if (n > 0 && buffer[n - 1] == '\n')
			buffer[n - 1] = '\0';
		printf("read %s = %s\n", argument, buffer);
	}
	if (fd >= 0)
		close(fd);
}

static void print_link(const char *argument)
{
	char target[4096];
	ssize_t n = readlink(argument, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	printf("link %s %s\n", argument, n < 0 ? error_name(errno) : target);
}

/* xattr:PATH,NAME */
static void print_xattr(const char *argument)
{
	char path[256], value[256];
	const char *name = strchr(argument, ',');
	ssize_t n;

	if (!name || (size_t)(name - argument) >= sizeof(path))
		exit(97);
	memcpy(path, argument, (size_t)(name - argument));
	path[name - argument] = '\0';
	n = lgetxattr(path, name + 1, value, sizeof(value));
	printf("xattr %s %.*s\n", argument, n < 0 ? 64 : (int)n, n < 0 ? error_name(errno) : value);
}

/* What stdin brings within two seconds. */
static void print_stdin(const char *argument)
{
	struct pollfd fd = {.fd = 0, .events = POLLIN};
	char buffer[4096];
	ssize_t n = -1;

	(void)argument;
	if (poll(&fd, 1, 2000) == 1)
		n = read(0, buffer, sizeof(buffer) - 1);
	if (n > 0 && buffer[n - 1] == '\n')
		n--;
	if (n < 0)
		printf("stdin %s\n", error_name(errno));
	else
		printf("stdin = %.*s\n", (int)n, buffer);
}

static void print_clock(const char *argument)
{
	struct timespec t;

	clock_gettime(strcmp(argument, "boottime") == 0 ? CLOCK_BOOTTIME : CLOCK_MONOTONIC, &t);
	printf("clock %s %ld\n", argument, (long)t.tv_sec);
}

static void print_exe(const char *argument)
{
	(void)argument;
	print_link("/proc/self/exe");
}

const struct request world_requests[] = {
	{"hostname", print_hostname, "host name"},
	{"domainname", print_domainname, "NIS domain name"},
	{"ns", print_namespace, "ns:TYPE: inode of the namespace"},
	{"map", print_map, "map:uid or map:gid: lines of the id map"},
	{"setgroups", print_setgroups, "allow or deny"},
	{"oom", print_oom, "oom_score_adj"},
	{"cgroup", print_cgroup, "path in the v2 tree"},
	{"fds", print_fds, "open descriptors and what they are"},
	{"tty", print_tty, "are 0, 1, 2 terminals; rows and columns"},
	{"ctty", print_ctty, "can /dev/tty be opened"},
	{"mounts", print_mounts, "all mounts, or mounts:POINT"},
	{"stat", print_stat, "stat:PATH: kind, mode, owner, device"},
	{"ls", print_names, "ls:PATH: sorted names"},
	{"read", print_content, "read:PATH: content"},
	{"link", print_link, "link:PATH: target of a symlink"},
	{"xattr", print_xattr, "xattr:PATH,NAME: extended attribute"},
	{"stdin", print_stdin, "what stdin brings"},
	{"clock", print_clock, "clock:monotonic or clock:boottime: seconds"},
	{"exe", print_exe, "own program"},
	{NULL, NULL, NULL},
};
