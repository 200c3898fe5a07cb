/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parallel AT_ONCE TIMES COMMAND...: run the command TIMES times, AT_ONCE of them at any moment. The
 * word that ends in "%" gets the number of the run in its place. Ends with 1 when one of them fails.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > 100000)
		errx(125, "not a number of runs: %s", text);
	return n;
}

/* The words, with the number in place of the "%" of one, which is written to `made`. */
static __attribute__((noinline)) char **numbered(char **words, long i, char *made, size_t size)
{
	size_t n = 0;
	char **copy;

	while (words[n])
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	if (!copy)
		err(125, "words");
	for (n = 0; words[n]; n++) {
		size_t len = strlen(words[n]);

		copy[n] = words[n];
		if (!len || words[n][len - 1] != '%')
			continue;
		snprintf(made, size, "%.*s%ld", (int)len - 1, words[n], i);
		copy[n] = made;
	}
	return copy;
}

static void start(char **words, long i)
{
	char made[256], **argv = numbered(words, i, made, sizeof(made));
	pid_t pid = vfork(); /* until the exec, so that `made` is there as long as it is read */

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		err(125, "vfork");
	free(argv);
}

/* Whether the next of ours to end has ended well. */
static int failed(void)
{
	int status;

	while (wait(&status) < 0)
		if (errno != EINTR)
			err(125, "wait");
	return status != 0;
}

int main(int argc, char **argv)
{
	long at_once, times, running = 0;
	int bad = 0;

	if (argc < 4)
		errx(125, "usage: parallel AT_ONCE TIMES COMMAND...");
	at_once = number(argv[1]);
	times = number(argv[2]);
	for (long i = 0; i < times; i++) {
		if (running == at_once) {
			bad |= failed();
			running--;
		}
		start(argv + 3, i);
		running++;
	}
	for (; running; running--)
		bad |= failed();
	return bad;
}
