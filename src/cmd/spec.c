/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

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

static int write_config(const struct cli *cli, const char *path, int flag, const char *text)
{
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | flag | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return fail(cli, "E_EXISTS", EEXIST, "\"%s\" is not overwritten", path);
	if (fd < 0)
		return fail(cli, "E_BUNDLE", errno, "make \"%s\"", path);
	r = write_all(fd, text);
	/* Some file systems report a full disk only now. */
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0) {
		if (flag == O_EXCL) /* else it was there before, and may be a device */
			unlink(path);
		return fail(cli, "E_BUNDLE", r, "write \"%s\"", path);
	}
	return STATUS_OK;
}

int cmd_spec(struct cli *cli)
{
	const struct args *a = &cli->args;
	char path[PATH_MAX], *text;
	int status;

	if (a->bundle && a->file)
		return fail_usage(cli, "--bundle and --file both say where, one is wanted");
	if (snprintf(path, sizeof(path), "%s/config.json", a->bundle ? a->bundle : ".") >=
	    (int)sizeof(path))
		return fail(cli, "E_BUNDLE", ENAMETOOLONG, "bundle \"%s\"", a->bundle);
	if (ocirt_spec(cli->ctx, a->rootless_spec ? OCIRT_SPEC_ROOTLESS : 0, &text) < 0)
		return fail_library(cli);
	/* The configuration of a bundle is not lost by accident; a file that was named is meant. */
	status = a->file ? write_config(cli, a->file, O_TRUNC, text)
			 : write_config(cli, path, O_EXCL, text);
	ocirt_free(text);
	return status;
}
