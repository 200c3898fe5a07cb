/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the process itself. */
#include "probe.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static const char *const capability_names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

#define N_CAPABILITIES ((int)(sizeof(capability_names) / sizeof(capability_names[0])))

const char *capability_name(int number)
{
	return number >= 0 && number < N_CAPABILITIES ? capability_names[number] : NULL;
}

static void print_uid(const char *argument)
{
	uid_t real, effective, saved;

	(void)argument;
	getresuid(&real, &effective, &saved);
	printf("uid %u %u %u\n", real, effective, saved);
}

static void print_gid(const char *argument)
{
	gid_t real, effective, saved;

	(void)argument;
	getresgid(&real, &effective, &saved);
	printf("gid %u %u %u\n", real, effective, saved);
}

static void print_groups(const char *argument)
{
	gid_t groups[256];
	int n = getgroups(256, groups);

	(void)argument;
	printf("groups");
	for (int i = 0; i < n; i++)
		printf(" %u", groups[i]);
	puts(n > 0 ? "" : " -");
}

static void print_set(const char *name, const char *field)
{
	unsigned long long set = strtoull(status_field(field), NULL, 16);

	printf("%s", name);
	for (int i = 0; i < 64; i++)
		if (set >> i & 1)
			printf(" %s", capability_name(i) ? capability_name(i) : "?");
	puts(set ? "" : " -");
}

static void print_caps(const char *argument)
{
	static const struct {
		const char *name, *field;
	} sets[] = {{"bounding", "CapBnd"},
		    {"effective", "CapEff"},
		    {"permitted", "CapPrm"},
		    {"inheritable", "CapInh"},
		    {"ambient", "CapAmb"}};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (!*argument || strcmp(argument, sets[i].name) == 0)
			print_set(sets[i].name, sets[i].field);
}

static void print_nnp(const char *argument)
{
	(void)argument;
	printf("nnp %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void print_seccomp(const char *argument)
{
	(void)argument;
	printf("seccomp %s\n", status_field("Seccomp"));
}

static void print_securebits(const char *argument)
{
	(void)argument;
	printf("securebits %d\n", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

static void print_dumpable(const char *argument)
{
	(void)argument;
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

static void print_pdeathsig(const char *argument)
{
	int n = -1;

	(void)argument;
	prctl(PR_GET_PDEATHSIG, &n);
	printf("pdeathsig %d\n", n);
}

static void print_limit_value(rlim_t value)
{
	if (value == RLIM_INFINITY)
		printf(" unlimited");
	else
		printf(" %llu", (unsigned long long)value);
}

static void print_rlimit(const char *argument)
{
	static const struct {
		const char *name;
		int resource;
	} known[] = {{"AS", RLIMIT_AS},
		     {"CORE", RLIMIT_CORE},
		     {"CPU", RLIMIT_CPU},
		     {"DATA", RLIMIT_DATA},
		     {"FSIZE", RLIMIT_FSIZE},
		     {"LOCKS", RLIMIT_LOCKS},
		     {"MEMLOCK", RLIMIT_MEMLOCK},
		     {"MSGQUEUE", RLIMIT_MSGQUEUE},
		     {"NICE", RLIMIT_NICE},
		     {"NOFILE", RLIMIT_NOFILE},
		     {"NPROC", RLIMIT_NPROC},
		     {"RSS", RLIMIT_RSS},
		     {"RTPRIO", RLIMIT_RTPRIO},
		     {"RTTIME", RLIMIT_RTTIME},
		     {"SIGPENDING", RLIMIT_SIGPENDING},
		     {"STACK", RLIMIT_STACK}};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (*argument && strcmp(argument, known[i].name) != 0)
			continue;
		getrlimit((__rlimit_resource_t)known[i].resource, &limit);
		printf("rlimit %s", known[i].name);
		print_limit_value(limit.rlim_cur);
		print_limit_value(limit.rlim_max);
		putchar('\n');
	}
}

static void print_cwd(const char *argument)
{
	char path[4096];

	(void)argument;
	printf("cwd %s\n", getcwd(path, sizeof(path)) ? path : error_name(errno));
}

static void print_umask(const char *argument)
{
	mode_t mask = umask(0);

	(void)argument;
	umask(mask);
	printf("umask %04o\n", mask);
}

static void print_env(const char *argument)
{
	if (*argument) {
		const char *value = getenv(argument);

		printf("env %s%s%s\n", argument, value ? "=" : "", value ? value : " unset");
		return;
	}
	for (char **e = environ; *e; e++)
		printf("env %s\n", *e);
}

static void print_pid(const char *argument)
{
	(void)argument;
	printf("pid %d\n", (int)getpid());
}

static void print_ppid(const char *argument)
{
	(void)argument;
	printf("ppid %d\n", (int)getppid());
}

static void print_session(const char *argument)
{
	(void)argument;
	printf("session %s\n", getsid(0) == getpid() ? "leader" : "member");
}

static void print_signal_set(const char *name, const char *field)
{
	unsigned long long set = strtoull(status_field(field), NULL, 16);

	printf("%s", name);
	for (int i = 0; i < 64; i++) {
		const char *abbreviation = sigabbrev_np(i + 1);

		if (!(set >> i & 1))
			continue;
		if (abbreviation)
			printf(" %s", abbreviation);
		else
			printf(" %d", i + 1);
	}
	puts(set ? "" : " -");
}

static void print_signals(const char *argument)
{
	(void)argument;
	print_signal_set("blocked", "SigBlk");
	print_signal_set("ignored", "SigIgn");
}

static void print_personality(const char *argument)
{
	(void)argument;
	printf("personality %#x\n", (unsigned int)personality(0xffffffff));
}

static void print_ioprio(const char *argument)
{
	static const char *const classes[] = {"none", "rt", "be", "idle"};
	long value = syscall(SYS_ioprio_get, 1, 0);

	(void)argument;
	printf("ioprio %s %ld\n", classes[value >> 13 & 3], value & 0x1fff);
}

/* The set bits as a list, "0-3,7"; "-" for none. */
static void print_bits(const unsigned long *bits, size_t n)
{
	const size_t width = 8 * sizeof(*bits);
	const char *sep = " ";

	for (size_t i = 0, last; i < n * width; i = last + 1) {
		last = i;
		if (!(bits[i / width] >> i % width & 1))
			continue;
		while (last + 1 < n * width && bits[(last + 1) / width] >> (last + 1) % width & 1)
			last++;
		printf(last > i ? "%s%zu-%zu" : "%s%zu", sep, i, last);
		sep = ",";
	}
	puts(*sep == ' ' ? " -" : "");
}

static void print_affinity(const char *argument)
{
	unsigned long bits[128] = {0};

	(void)argument;
	printf("affinity");
	syscall(SYS_sched_getaffinity, 0, sizeof(bits), bits);
	print_bits(bits, 128);
}

static void print_mempolicy(const char *argument)
{
	static const char *const modes[] = {"default", "preferred", "bind", "interleave",
					    "local", "preferred-many", "weighted-interleave"};
	static const char *const flags[] = {" balancing", " relative", " static"};
	unsigned long bits[64] = {0};
	int mode = -1;

	(void)argument;
	if (syscall(SYS_get_mempolicy, &mode, bits, 8 * sizeof(bits), 0, 0) < 0) {
		printf("mempolicy %s\n", error_name(errno));
		return;
	}
	printf("mempolicy %s", (mode & 0xff) <= 6 ? modes[mode & 0xff] : "?");
	for (int i = 0; i < 3; i++)
		if (mode >> (13 + i) & 1)
			printf("%s", flags[i]);
	print_bits(bits, 64);
}

/* As sched_getattr(2) has it; linux/sched/types.h and sched.h exclude each other. */
struct attributes {
	unsigned int size, policy;
	unsigned long long flags;
	int nice;
	unsigned int priority;
	unsigned long long runtime, deadline, period;
	unsigned int util_min, util_max;
};

static void print_schedattr(const char *argument)
{
	struct attributes a = {0};

	(void)argument;
	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0) {
		printf("schedattr %s\n", error_name(errno));
		return;
	}
	printf("schedattr flags %#llx runtime %llu deadline %llu period %llu\n", a.flags, a.runtime,
	       a.deadline, a.period);
}

static void print_scheduler(const char *argument)
{
	static const char *const policies[] = {"other", "fifo", "rr",      "batch",
					       "?",     "idle", "deadline"};
	struct sched_param param = {0};
	int policy = sched_getscheduler(0);

	(void)argument;
	sched_getparam(0, &param);
	printf("scheduler %s %d nice %d\n", policy >= 0 && policy <= 6 ? policies[policy] : "?",
	       param.sched_priority, getpriority(PRIO_PROCESS, 0));
}

const struct request identity_requests[] = {
	{"uid", print_uid, "real, effective and saved user id"},
	{"gid", print_gid, "real, effective and saved group id"},
	{"groups", print_groups, "supplementary groups"},
	{"caps", print_caps, "the five capability sets, or caps:SET"},
	{"nnp", print_nnp, "no_new_privs"},
	{"seccomp", print_seccomp, "seccomp mode: 0, 1 or 2"},
	{"securebits", print_securebits, "secure bits"},
	{"dumpable", print_dumpable, "dumpable flag"},
	{"pdeathsig", print_pdeathsig, "parent death signal"},
	{"rlimit", print_rlimit, "soft and hard limits, or rlimit:NOFILE"},
	{"cwd", print_cwd, "working directory"},
	{"umask", print_umask, "umask"},
	{"env", print_env, "environment, or env:NAME"},
	{"pid", print_pid, "process id"},
	{"ppid", print_ppid, "parent's process id"},
	{"session", print_session, "leader or member of a session"},
	{"signals", print_signals, "blocked and ignored signals"},
	{"personality", print_personality, "personality"},
	{"ioprio", print_ioprio, "I/O class and priority"},
	{"scheduler", print_scheduler, "policy, priority and nice value"},
	{"schedattr", print_schedattr, "flags and times of the scheduler"},
	{"affinity", print_affinity, "cpus that it may run on"},
	{"mempolicy", print_mempolicy, "memory policy, its flags and nodes"},
	{NULL, NULL, NULL},
};
