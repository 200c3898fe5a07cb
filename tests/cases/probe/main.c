/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct request *const tables[] = {identity_requests, world_requests, action_requests,
						agent_requests, attack_requests};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

const char *error_name(int number)
{
	const char *name = number ? strerrorname_np(number) : "OK";

	return name ? name : "E?";
}

int signal_number(const char *name)
{
	for (int n = 1; n < NSIG; n++) {
		const char *known = sigabbrev_np(n);

		if (known && strcmp(known, name) == 0)
			return n;
	}
	return atoi(name);
}

void print_result(const char *name, const char *argument, long r)
{
	printf("%s %s %s\n", name, argument, error_name(r < 0 ? errno : 0));
}

const char *status_field(const char *key)
{
	static char value[256];
	char line[512];
	size_t len = strlen(key);
	FILE *f = fopen("/proc/self/status", "re");

	value[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		snprintf(value, sizeof(value), "%s",
			 line + len + 1 + strspn(line + len + 1, " \t"));
		value[strcspn(value, "\n")] = '\0';
	}
	if (f)
		fclose(f);
	return value;
}

static void help(void)
{
	for (size_t i = 0; i < N_TABLES; i++)
		for (const struct request *q = tables[i]; q->name; q++)
			printf("%-12s %s\n", q->name, q->help);
}

static void answer(const char *word)
{
	size_t len = strcspn(word, ":");

	for (size_t i = 0; i < N_TABLES; i++) {
		for (const struct request *q = tables[i]; q->name; q++) {
			if (strlen(q->name) == len && strncmp(q->name, word, len) == 0) {
				q->run(word[len] ? word + len + 1 : "");
				return;
			}
		}
	}
	fprintf(stderr, "probe: unknown request \"%s\"\n", word);
	exit(99);
}

int main(int argc, char **argv)
{
	/* What was printed must be there when a later request kills us, whatever stdout is. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		help();
		return 0;
	}
	for (int i = 1; i < argc; i++)
		answer(argv[i]);
	return 0;
}
