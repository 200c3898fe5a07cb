/* SPDX-License-Identifier: Apache-2.0 */
/* The container's terminal. */
#include "init/init.h"

#include <asm/termios.h>
#include <linux/magic.h>

/*
 * The multiplexer of the container's devpts, which must be one (CVE-2025-52565). That is known of the
 * directory, before anything in it is opened: an image's "ptmx" may be a device that acts when it is.
 */
static int open_ptmx(struct init *in, int root)
{
	const struct open_how how = {
		.flags = O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	sys_statfs fs;
	int pts = root_open(in, root, "dev/pts", O_PATH | O_DIRECTORY, 0);
	int r = pts < 0 ? pts : sys_fstatfs(pts, &fs);

	if (r < 0)
		return r;
	if ((unsigned long)fs.f_type != DEVPTS_SUPER_MAGIC)
		return init_fail(in, -ENODEV, RT_WHY_WRONG_NODE, "/dev/pts/ptmx");
	/* how has O_CLOEXEC */
	return init_scratch(in, sys_openat2(pts, "ptmx", &how));
}

/*
 * The slave on /dev/console. What is there may be any name that the image chose, so it is made
 * exclusively, or it is taken when it is a file or a device; a symlink is never followed
 * (CVE-2026-88264).
 */
static int bind_console(struct init *in, const struct op_console *op, int slave)
{
	const char *name;
	int dir = root_parent(in, op->root, "/dev/console", &name);
	int target, tree, type;

	if (dir < 0)
		return dir;
	target = sys_openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
	if (init_scratch(in, target) < 0 && target != -EEXIST)
		return target;
	target = init_scratch(in, sys_openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
	if (target < 0)
		return target;
	type = fd_type(target);
	if (type != S_IFREG && type != S_IFCHR)
		return init_fail(in, type < 0 ? type : -EEXIST, RT_WHY_WRONG_NODE, "/dev/console");
	tree = init_scratch(
		in, sys_open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	return tree < 0 ? tree : mount_attach(in, tree, target, op->root, "/dev/console");
}

/* Only the leader of a session without one can take it, so this waits for the later of the two. */
static int control_terminal(struct init *in)
{
	return in->session && in->console ? sys_ioctl(0, TIOCSCTTY, 0) : 0;
}

static int use_as_stdio(int slave)
{
	for (int fd = 0; fd <= 2; fd++) {
		int r = sys_dup_stdio(slave, fd);

		if (r < 0)
			return r;
	}
	return 0;
}

int step_console(struct init *in, const struct op_console *op)
{
	const struct winsize size = {.ws_row = (uint16_t)op->rows, .ws_col = (uint16_t)op->columns};
	int unlock = 0, master, slave, r;

	master = open_ptmx(in, root_fd(in, op->root));
	if (master < 0)
		return master;
	r = sys_ioctl(master, TIOCSPTLCK, (long)&unlock);
	if (r < 0)
		return r;
	/* By the master and not by the path /dev/pts/N, where anything could be. */
	slave = init_scratch(in, sys_ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (slave < 0)
		return slave;
	if (op->rows || op->columns)
		r = sys_ioctl(slave, TIOCSWINSZ, (long)&size);
	if (r >= 0 && op->uid != 0 && op->uid != NO_ID)
		r = sys_fchownat(slave, "", op->uid, NO_ID, AT_EMPTY_PATH);
	if (r >= 0 && op->bind_console)
		r = bind_console(in, op, slave);
	if (r >= 0)
		r = init_send_fd(in, RT_MSG_CONSOLE, master, 0);
	if (r >= 0)
		r = use_as_stdio(slave);
	if (r < 0)
		return r;
	in->console = true;
	return control_terminal(in);
}

/* A session of its own also keeps TIOCSTI away from the caller's terminal (CVE-2016-10124). */
int step_setsid(struct init *in, const struct op_setsid *op)
{
	int r = sys_setsid();

	(void)op;
	if (r < 0)
		return r;
	in->session = true;
	return control_terminal(in);
}
