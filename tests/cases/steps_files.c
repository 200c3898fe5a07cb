/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tree.h"

/* Relative paths are meant in the bundle. */
static char *path_of(struct context *cx, const char *word)
{
	char *path = context_expand(cx, word);

	return *path == '/' ? path : xprintf(CASE_DIR "/%s", path);
}

static int finish(struct context *cx, const struct statement *s, bool failed)
{
	if (!failed)
		return 0;
	return context_fail(cx, "%s %s: %s", s->words.v[0], s->words.v[1], strerror(errno));
}

int step_file(struct context *cx, const struct statement *s)
{
	char *content = operand_text(context_expand(cx, s->rest));
	int r;

	/* Files written over several lines end like any other text file. */
	if (strchr(s->rest, '\n'))
		content = xprintf("%s\n", content);
	r = write_path(path_of(cx, s->words.v[1]), content, strlen(content), 0644);
	errno = -r;
	return finish(cx, s, r < 0);
}

int step_dir(struct context *cx, const struct statement *s)
{
	const char *path = path_of(cx, s->words.v[1]);
	mode_t mode = s->words.n > 2 ? (mode_t)strtoul(s->words.v[2], NULL, 8) : 0755;

	return finish(cx, s, mkdir(path, mode) < 0 || chmod(path, mode) < 0);
}

int step_symlink(struct context *cx, const struct statement *s)
{
	return finish(cx, s, symlink(s->words.v[2], path_of(cx, s->words.v[1])) < 0);
}

int step_fifo(struct context *cx, const struct statement *s)
{
	return finish(cx, s, mkfifo(path_of(cx, s->words.v[1]), 0666) < 0);
}

int step_node(struct context *cx, const struct statement *s)
{
	mode_t type = strcmp(s->words.v[2], "b") == 0 ? S_IFBLK : S_IFCHR;
	unsigned int major = (unsigned int)strtoul(s->words.v[3], NULL, 10);
	unsigned int minor = (unsigned int)strtoul(s->words.v[4], NULL, 10);

	return finish(cx, s,
		      mknod(path_of(cx, s->words.v[1]), type | 0666, makedev(major, minor)) < 0);
}

int step_chmod(struct context *cx, const struct statement *s)
{
	return finish(cx, s,
		      chmod(path_of(cx, s->words.v[1]), (mode_t)strtoul(s->words.v[2], NULL, 8)) <
			      0);
}

int step_chown(struct context *cx, const struct statement *s)
{
	uid_t uid = (uid_t)strtoul(s->words.v[2], NULL, 10);
	gid_t gid = (gid_t)strtoul(s->words.v[3], NULL, 10);
	int r = tree_chown(path_of(cx, s->words.v[1]), uid, gid);

	errno = -r;
	return finish(cx, s, r < 0);
}

int step_remove(struct context *cx, const struct statement *s)
{
	for (size_t i = 1; i < s->words.n; i++) {
		int r = tree_remove(path_of(cx, s->words.v[i]));

		if (r < 0)
			return context_fail(cx, "remove %s: %s", s->words.v[i], strerror(-r));
	}
	return 0;
}
