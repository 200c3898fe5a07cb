/* SPDX-License-Identifier: Apache-2.0 */
#include "signame.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define MOST 64
#define RT_MIN 34

static const struct {
	char name[8];
	int number;
} signals[] = {
	{"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT},  {"ILL", SIGILL},
	{"TRAP", SIGTRAP},     {"ABRT", SIGABRT},   {"IOT", SIGIOT},    {"BUS", SIGBUS},
	{"FPE", SIGFPE},       {"KILL", SIGKILL},   {"USR1", SIGUSR1},  {"SEGV", SIGSEGV},
	{"USR2", SIGUSR2},     {"PIPE", SIGPIPE},   {"ALRM", SIGALRM},  {"TERM", SIGTERM},
	{"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD},   {"CLD", SIGCHLD},   {"CONT", SIGCONT},
	{"STOP", SIGSTOP},     {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN},  {"TTOU", SIGTTOU},
	{"URG", SIGURG},       {"XCPU", SIGXCPU},   {"XFSZ", SIGXFSZ},  {"VTALRM", SIGVTALRM},
	{"PROF", SIGPROF},     {"WINCH", SIGWINCH}, {"IO", SIGIO},      {"POLL", SIGPOLL},
	{"PWR", SIGPWR},       {"SYS", SIGSYS},     {"UNUSED", SIGSYS},
};

/* 0..most, or -1. */
static int number(const char *text, int most)
{
	int n = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		n = n * 10 + (*text - '0');
		if (n > most)
			return -1;
	}
	return n;
}

static int real_time(const char *text)
{
	static const int range = MOST - RT_MIN;
	int offset;

	if (strncasecmp(text, "RTMIN", 5) == 0 && !text[5])
		return RT_MIN;
	if (strncasecmp(text, "RTMAX", 5) == 0 && !text[5])
		return MOST;
	offset = strlen(text) > 6 ? number(text + 6, range) : -1;
	if (offset < 0)
		return -1;
	if (strncasecmp(text, "RTMIN+", 6) == 0)
		return RT_MIN + offset;
	if (strncasecmp(text, "RTMAX-", 6) == 0)
		return MOST - offset;
	return -1;
}

int signal_from_text(const char *text)
{
	int n = number(text, MOST);

	if (n >= 0)
		return n;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcasecmp(text, signals[i].name) == 0)
			return signals[i].number;
	return real_time(text);
}
