/* SPDX-License-Identifier: Apache-2.0 */
/* What the program finds around it: umask, directory, HOME, itself. And: ready. */
#include "init/init.h"

#define PASSWD_MAX 65536

/* Set at the end: until then modes are as the steps say, and hooks get it too. */
int step_umask(struct init *in, const struct op_umask *op)
{
	in->umask = op->mask;
	return 0;
}

int step_cwd(struct init *in, const struct op_cwd *op)
{
	char here[PATH_SIZE];
	const char *path = init_text(in, op->path);
	int r = in->cwd_done ? 0 : sys_chdir(path);

	if (op->attempt == CWD_TRY && (r == -EACCES || r == -EPERM))
		return 0;
	if (r < 0)
		return r;
	/* A descriptor of the host's that led out would show as "(unreachable)/..." */
	r = (int)sys_getcwd(here, sizeof(here));
	if (r < 0 || here[0] != '/')
		return init_fail(in, r < 0 ? r : -EXDEV, RT_WHY_CWD_OUTSIDE, path);
	in->cwd_done = true;
	return 0;
}

/* The fields of a line of passwd(5) up to `n`; NULL when the line has fewer. */
static const char *field(const char *line, const char *end, int n)
{
	for (; n && line < end; line++)
		n -= *line == ':';
	return n ? NULL : line;
}

/* Has the line this uid in its third field? */
static bool line_is_of(const char *line, const char *end, uint32_t uid)
{
	char digits[12];
	struct text t = TEXT(digits);
	const char *s = field(line, end, 2);

	text_num(&t, uid);
	text_add(&t, ":");
	return s && (size_t)(end - s) > t.len && memcmp(s, digits, t.len) == 0;
}

/*
 * The image's file, so it may be anything: a FIFO, a device, endless (CVE-2025-4437). Only a
 * regular file is read, and its beginning only. It is looked at before it is opened, since opening
 * some devices does something. It may be a symlink, as in NixOS images; "/" is the container's here.
 */
static int open_passwd(struct init *in)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	struct statx st;
	int fd = sys_statx(AT_FDCWD, "/etc/passwd", 0, STATX_TYPE, &st);

	if (fd < 0 || (st.stx_mode & S_IFMT) != S_IFREG)
		return fd < 0 ? fd : -EINVAL;
	fd = init_scratch(in, sys_openat2(AT_FDCWD, "/etc/passwd", &how));
	return fd >= 0 && fd_type(fd) != S_IFREG ? -EINVAL : fd;
}

/* A function of its own, so that only images with the file pay for its large frame. */
static __attribute__((noinline)) void home_from(struct init *in, int passwd, uint32_t uid)
{
	char buf[PASSWD_MAX];
	struct text home = {(char *)in->plan + in->plan->home, in->plan->home_size, 0, false};
	size_t len = 0;
	const char *end;
	long n;

	while ((n = sys_read(passwd, buf + len, sizeof(buf) - len)) > 0)
		len += (size_t)n;
	for (const char *line = buf; n == 0 && line < buf + len; line = end + 1) {
		const char *dir, *stop;

		for (end = line; end < buf + len && *end != '\n'; end++)
			;
		if (!line_is_of(line, end, uid))
			continue;
		dir = field(line, end, 5);
		for (stop = dir; dir && stop < end && *stop != ':' && *stop; stop++)
			;
		if (dir && *dir == '/' && (size_t)(stop - dir) + sizeof("HOME=") <= home.size) {
			text_add(&home, "HOME=");
			text_addn(&home, dir, (size_t)(stop - dir));
		}
		break;
	}
}

/* The place holds "HOME=/" already, which stays when the file tells nothing better. */
int step_home(struct init *in, const struct op_home *op)
{
	int passwd = in->plan->home ? open_passwd(in) : -1;

	if (passwd >= 0)
		home_from(in, passwd, op->uid);
	return 0;
}

/* 0 when execve would take the file, as far as that can be seen. */
static int try_program(const char *path)
{
	struct statx st;
	int r = sys_faccessat2(AT_FDCWD, path, EXEC_OK, AT_EACCESS);

	if (r < 0)
		return r;
	r = sys_statx(AT_FDCWD, path, 0, STATX_TYPE, &st);
	if (r < 0)
		return r;
	return (st.stx_mode & S_IFMT) == S_IFREG ? 0 : -EACCES;
}

static bool has_slash(const char *s)
{
	while (*s && *s != '/')
		s++;
	return *s;
}

/*
 * A name is looked up as execvp does it: what may not be executed is passed over, and that nothing is
 * left is "not found", 127 for the callers of runc, whatever was passed over.
 */
int step_program(struct init *in, const struct op_program *op)
{
	bool by_name = !has_slash(init_text(in, op->name));
	const char *refused = NULL;
	int no = -ENOENT;

	for (uint32_t i = 0; i < op->candidates.n; i++) {
		const char *path = init_item(in, op->candidates, i);
		int r = try_program(path);

		if (r == 0) {
			in->program = path;
			return 0;
		}
		if (!refused && r != -ENOENT && r != -ENOTDIR) {
			refused = path;
			no = r;
		}
	}
	if (by_name && no == -EACCES)
		return probe_passed_over(in, refused);
	if (refused)
		return probe_program(in, refused, no);
	return by_name ? init_fail(in, no, RT_WHY_NOT_IN_PATH, NULL) : no;
}

int step_ready(struct init *in, const struct op_ready *op)
{
	(void)op;
	return init_send(in, RT_MSG_READY);
}
