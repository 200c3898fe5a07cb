/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

#define NAME "config.json"

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	for (; len; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

static int write_config(const struct cli *cli, int dir, const char *dir_name, const char *text)
{
	int fd, r;

	fd = openat(dir, NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return fail(cli, "E_EXISTS", EEXIST, "\"%s/" NAME "\" is not overwritten",
			    dir_name);
	if (fd < 0)
		return fail(cli, "E_BUNDLE", errno, "make \"%s/" NAME "\"", dir_name);
	r = write_all(fd, text);
	/* Some file systems report a full disk only now. */
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dir, NAME, 0);
		return fail(cli, "E_BUNDLE", r, "write \"%s/" NAME "\"", dir_name);
	}
	return STATUS_OK;
}

int cmd_spec(struct cli *cli)
{
	const char *dir_name = cli->args.bundle ? cli->args.bundle : ".";
	char *text;
	int dir, status;

	dir = open(dir_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail(cli, "E_BUNDLE", errno, "bundle \"%s\"", dir_name);
	if (ocirt_spec(cli->ctx, cli->args.rootless_spec ? OCIRT_SPEC_ROOTLESS : 0, &text) < 0) {
		status = fail_library(cli);
	} else {
		status = write_config(cli, dir, dir_name, text);
		ocirt_free(text);
	}
	close(dir);
	return status;
}
