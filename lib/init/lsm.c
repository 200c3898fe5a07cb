/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of the security modules. They are written for our own task, in the host's procfs: what the
 * image or a volume may have put over the container's /proc is never asked (CVE-2019-16884,
 * CVE-2025-52881).
 */
#include "init/init.h"

#include <linux/magic.h>

/* A file of our own thread's directory; no mount, symlink out or magic link leads elsewhere. */
static int open_own(struct init *in, uint32_t slot, const char *file, uint64_t flags)
{
	const struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	int proc = init_slot(in, slot), fd, r;
	char path[64];
	struct text t = TEXT(path);
	sys_statfs st;

	if (proc < 0)
		return proc;
	text_add(&t, "thread-self/");
	text_add(&t, file);
	/* how has O_CLOEXEC */
	fd = init_scratch(in, sys_openat2(proc, path, &how));
	if (fd < 0)
		return fd;
	r = sys_fstatfs(fd, &st);
	if (r < 0)
		return r;
	return (unsigned long)st.f_type == PROC_SUPER_MAGIC ? fd : -EXDEV;
}

static int write_own(struct init *in, uint32_t slot, const char *file, const char *value)
{
	int fd = open_own(in, slot, file, O_WRONLY);
	long n = fd < 0 ? fd : sys_write(fd, value, strlen(value));

	return n < 0 ? (int)n : 0;
}

/*
 * Is this process under a profile already? "unconfined" alone means no, so does a profile in
 * unconfined mode; a name that only begins so is a profile's, and what cannot be read is no proof.
 */
static bool is_confined(struct init *in, uint32_t slot)
{
	static const char mode[] = " (unconfined)";
	char label[1024];
	int fd = open_own(in, slot, "attr/apparmor/current", O_RDONLY);
	long n = fd < 0 ? fd : sys_read(fd, label, sizeof(label) - 1);
	size_t len, mode_len = sizeof(mode) - 1;

	if (n <= 0 || n == sizeof(label) - 1)
		return true;
	len = (size_t)n;
	if (label[len - 1] == '\n')
		len--;
	label[len] = '\0';
	return !text_eq(label, "unconfined") &&
	       (len < mode_len || !text_eq(label + len - mode_len, mode));
}

/*
 * The profile is entered at execve. Under no_new_privs a confined process may only become more
 * confined, so the profile is then put on top of the one that rt itself runs under (apparmor(7)).
 */
int step_apparmor(struct init *in, const struct op_apparmor *op)
{
	char command[PATH_SIZE];
	struct text t = TEXT(command);
	int r;

	text_add(&t, op->no_new_privs && is_confined(in, op->proc) ? "stack " : "exec ");
	text_add(&t, init_text(in, op->profile));
	if (t.cut)
		return -ENAMETOOLONG;
	r = write_own(in, op->proc, "attr/apparmor/exec", command);
	return r == -ENOENT ? init_fail(in, r, RT_WHY_NO_PROFILE, NULL) : r;
}

int step_selinux(struct init *in, const struct op_selinux *op)
{
	return write_own(in, op->proc, init_text(in, op->file), init_text(in, op->label));
}
