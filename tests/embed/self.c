/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's own attributes, as a text of one line each. */
#include <dirent.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "embed.h"

static void __attribute__((format(printf, 2, 3))) add(struct self *s, const char *format, ...)
{
	size_t len = strlen(s->text);
	va_list args;

	va_start(args, format);
	vsnprintf(s->text + len, sizeof(s->text) - len, format, args);
	va_end(args);
}

/* Each with what it is, so that a leak can be told. */
static void add_descriptors(struct self *s)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		char target[256];
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		if (n > 0 && strtol(d->d_name, NULL, 10) != dirfd(dir))
			add(s, "descriptor %s %.*s\n", d->d_name, (int)n, target);
	}
	closedir(dir);
}

static void add_signals(struct self *s)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 65; i++) {
		struct sigaction action = {0};

		if (sigaction(i, NULL, &action) == 0)
			add(s, "signal %d %d %p %x\n", i, sigismember(&mask, i),
			    (void *)(uintptr_t)action.sa_handler, (unsigned int)action.sa_flags);
	}
}

void self_take(struct self *s)
{
	char cwd[256] = "";
	int subreaper = 0;
	mode_t mask = umask(0);

	umask(mask);
	s->text[0] = '\0';
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	add(s, "cwd %s\numask %o\n", getcwd(cwd, sizeof(cwd)), mask);
	add(s, "dumpable %d subreaper %d no_new_privs %d\n", prctl(PR_GET_DUMPABLE), subreaper,
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	add(s, "keyring %ld\n",
	    syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = {0};

		getrlimit(i, &limit);
		add(s, "rlimit %d %llu %llu\n", i, (unsigned long long)limit.rlim_cur,
		    (unsigned long long)limit.rlim_max);
	}
	add_signals(s);
	add_descriptors(s);
}
