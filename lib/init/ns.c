/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: joined, made, entered, and what belongs to them. */
#include "init/init.h"

#include <linux/magic.h>
#include <linux/sockios.h>

int step_await_cgroup(struct init *in, const struct op_await_cgroup *op)
{
	int fd = init_await_fd(in, RT_MSG_CGROUP);

	if (fd < 0)
		return fd;
	init_slot_set(in, op->slot, fd);
	return 0;
}

int step_own_oom_score(struct init *in, const struct op_own_oom_score *op)
{
	const char *value = init_text(in, op->value);
	long r;
	int fd, hidden;

	/* Where we are there is nobody to look at us yet but who could look at the runtime. */
	sys_prctl(PR_SET_DUMPABLE, 1, 0, 0);
	fd = init_scratch(
		in, sys_openat(AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0));
	r = fd < 0 ? fd : sys_write(fd, value, strlen(value));
	hidden = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
	return r < 0 ? (int)r : hidden;
}

int step_join(struct init *in, const struct op_join *op)
{
	int fd = init_slot(in, op->slot);
	int r = fd < 0 ? fd : sys_setns(fd, op->namespaces);

	/* New capabilities, as new ids, put dumpable to fs.suid_dumpable, which may be 1. */
	if (r >= 0 && op->namespaces & CLONE_NEWUSER)
		r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
	return r;
}

/* Not where a chroot led to a mount's root: that cannot be told from a root of one's own. */
static bool in_chroot(void)
{
	struct statx st;

	return sys_statx(AT_FDCWD, "/", 0, STATX_TYPE, &st) >= 0 &&
	       st.stx_attributes_mask & ~st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/*
 * The last act of the staged start's first process. The child is a plain fork: what it shares with
 * us is small and nothing of the runtime. Its parent is ours, R, which waits for it by the pidfd;
 * with CLONE_PARENT the exit signal is our own, and has to be 0 here.
 */
int step_clone(struct init *in, const struct op_clone *op)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = op->namespaces | CLONE_PARENT | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
	};
	bool mapped = op->namespaces & CLONE_NEWUSER;
	long pid;
	int r;

	if (op->cgroup != NO_SLOT) {
		r = init_slot(in, op->cgroup);
		if (r < 0)
			return r;
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)r;
	}
	/*
	 * A process that is not dumpable belongs to root in /proc, so an R that is not root could
	 * not write our maps. Until it has, the new namespace holds nobody else who could look.
	 */
	if (mapped && sys_geteuid() != 0)
		sys_prctl(PR_SET_DUMPABLE, 1, 0, 0);
	/* By its group R can wait for a child that it is never told of: see rt_launch_abort. */
	sys_setpgid(0, 0);
	pid = sys_clone3(&args);
	if (pid == -EPERM && mapped && in_chroot())
		return init_fail(in, -EPERM, RT_WHY_CHROOTED, NULL);
	if (pid < 0)
		return (int)pid;
	if (pid > 0) {
		r = init_send_fd(in, RT_MSG_PID, pidfd, (int32_t)pid);
		if (r < 0) {
			sys_kill((int)pid, SIGKILL);
			return r;
		}
		sys_exit(0);
	}
	r = init_await(in, RT_MSG_GO_ON);
	if (r >= 0 && mapped)
		r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
	return r;
}

int step_become_root(struct init *in, const struct op_become_root *op)
{
	int r = op->keep_groups ? 0 : sys_setgroups(0, NULL);

	(void)in;
	/* Denied in a joined namespace: no matter yet, the step `identity` will have to set them. */
	if (r >= 0 || r == -EPERM)
		r = sys_setresgid(0, 0, 0);
	if (r == -EINVAL) /* not mapped, which only the kernel knows of a joined namespace */
		r = sys_setresgid(op->gid, op->gid, op->gid);
	if (r >= 0)
		r = sys_setresuid(0, 0, 0);
	/* Where 0 is not mapped, no change of ids takes capabilities away (capabilities(7)). */
	if (r == -EINVAL)
		r = sys_setresuid(op->uid, op->uid, op->uid);
	return r < 0 ? r : sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
}

int step_unshare(struct init *in, const struct op_unshare *op)
{
	(void)in;
	return sys_unshare(op->namespaces);
}

/* The offsets of the namespace that our next child would be in, before any process is. */
static int open_offsets(struct init *in)
{
	const struct open_how how = {.flags = O_WRONLY | O_CLOEXEC,
				     .resolve = RESOLVE_NO_MAGICLINKS};
	sys_statfs st;
	int fd = sys_openat2(AT_FDCWD, "/proc/self/timens_offsets", &how), r;

	if (init_scratch(in, fd) < 0)
		return fd;
	r = sys_fstatfs(fd, &st);
	if (r < 0)
		return r;
	return (unsigned long)st.f_type == PROC_SUPER_MAGIC ? fd : -EXDEV;
}

int step_offsets_file(struct init *in, const struct op_offsets_file *op)
{
	int fd = open_offsets(in), hidden = 0;

	/* Not root: see step_clone, and step_own_oom_score. What is in the file, the writer may set. */
	if (fd == -EACCES) {
		sys_prctl(PR_SET_DUMPABLE, 1, 0, 0);
		fd = open_offsets(in);
		hidden = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
	}
	if (fd < 0 || hidden < 0)
		return fd < 0 ? fd : hidden;
	init_slot_set(in, op->slot, fd);
	return 0;
}

int step_time_namespace(struct init *in, const struct op_time_namespace *op)
{
	const char *text = init_text(in, op->offsets);
	long r = sys_unshare(CLONE_NEWTIME);
	int fd;

	if (r >= 0 && *text) {
		fd = init_slot(in, op->file);
		r = fd < 0 ? fd : sys_write(fd, text, strlen(text));
	}
	if (r < 0 || !op->enter)
		return r < 0 ? (int)r : 0;
	fd = sys_openat(AT_FDCWD, "/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC, 0);
	return init_scratch(in, fd) < 0 ? fd : sys_setns(fd, CLONE_NEWTIME);
}

/* struct ifreq of linux/if.h, which asks for a libc. */
struct interface_flags {
	char name[16];
	short flags;
	char rest[24];
};

#define IFF_UP 1

int step_loopback(struct init *in, const struct op_loopback *op)
{
	struct interface_flags req = {.name = "lo", .flags = IFF_UP};
	/* Any family does for the interface calls; this one is there in every kernel. */
	int fd = init_scratch(in, sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC));

	(void)op;
	return fd < 0 ? fd : sys_ioctl(fd, SIOCSIFFLAGS, (long)&req);
}

int step_hostname(struct init *in, const struct op_hostname *op)
{
	const char *name = init_text(in, op->name);

	return sys_sethostname(name, strlen(name));
}

int step_domainname(struct init *in, const struct op_domainname *op)
{
	const char *name = init_text(in, op->name);

	return sys_setdomainname(name, strlen(name));
}

int step_await_runtime(struct init *in, const struct op_await_runtime *op)
{
	int r = init_send(in, RT_MSG_HOOKS);

	(void)op;
	return r < 0 ? r : init_await(in, RT_MSG_GO_ON);
}

/*
 * Below a procfs that is our own and whose other mounts are not entered: nothing of the image can
 * lie in the way (CVE-2019-16884, CVE-2025-52881).
 */
int step_sysctl(struct init *in, const struct op_sysctl *op)
{
	const struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV |
			   RESOLVE_NO_MAGICLINKS,
	};
	const char *value = init_text(in, op->value);
	char path[256];
	struct text t = TEXT(path);
	int proc = init_slot(in, op->proc), fd;
	long n;

	if (proc < 0)
		return proc;
	text_add(&t, "sys/");
	text_add(&t, init_text(in, op->file));
	if (t.cut)
		return -ENAMETOOLONG;
	/* how has O_CLOEXEC */
	fd = init_scratch(in, sys_openat2(proc, path, &how));
	if (fd < 0)
		return fd;
	n = sys_write(fd, value, strlen(value));
	return n < 0 ? (int)n : 0;
}
