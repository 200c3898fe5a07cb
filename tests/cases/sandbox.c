/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "text.h"
#include "tree.h"

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define HYBRID_MOUNT "/sys/fs/cgroup/unified"
#define OWN_LEAF                                                                                   \
	"driver" /* where the case's process sits: a cgroup with children has no processes */

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

const char *sandbox_cgroup_root(void)
{
	return is_cgroup2(CGROUP_MOUNT) ? CGROUP_MOUNT : HYBRID_MOUNT;
}

/*
 * Hand every controller that is there down to the children; those that cannot be are not there
 * then.
 */
static void enable_controllers(const char *cgroup)
{
	struct text list = {0};
	char *at;

	if (read_path(xprintf("%s/cgroup.controllers", cgroup), &list) < 0)
		return;
	at = xstrdup(text_str(&list));
	for (char *name = strsep(&at, " \n"); name; name = strsep(&at, " \n"))
		if (*name)
			put_string(xprintf("%s/cgroup.subtree_control", cgroup),
				   xprintf("+%s", name));
}

static int mount_pure_cgroup2(void)
{
	while (umount2(CGROUP_MOUNT, MNT_DETACH) == 0)
		;
	return mount("cgroup2", CGROUP_MOUNT, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static char *because(const char *what)
{
	return xprintf("%s: %s", what, strerror(errno));
}

char *host_prepare(struct host *host, const char *busybox, const char *probe)
{
	if (getuid() != 0)
		return xstrdup("root is needed, to make namespaces, mounts and cgroups");
	host->busybox = open(busybox, O_RDONLY | O_CLOEXEC);
	if (host->busybox < 0)
		return because(busybox);
	host->probe = open(probe, O_RDONLY | O_CLOEXEC);
	if (host->probe < 0)
		return because(probe);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return because("own mount namespace");
	if (host->pure_cgroup2 && !is_cgroup2(CGROUP_MOUNT) && mount_pure_cgroup2() < 0)
		return because("pure cgroup v2 view");
	host->cgroup_root = xstrdup(sandbox_cgroup_root());
	if (!is_cgroup2(host->cgroup_root))
		return because("no cgroup v2 tree");
	host->cgroup = xprintf("%s/rt-cases-%d", host->cgroup_root, (int)getpid());
	enable_controllers(host->cgroup_root);
	if (mkdir(host->cgroup, 0755) < 0)
		return because(host->cgroup);
	enable_controllers(host->cgroup);
	return NULL;
}

void host_release(const struct host *host)
{
	if (host->cgroup && rmdir(host->cgroup) < 0)
		fprintf(stderr, "run-cases: %s\n", because(host->cgroup));
}

static char *case_cgroup(const struct host *host, unsigned int number)
{
	return xprintf("%s/%u", host->cgroup, number);
}

pid_t sandbox_fork(const struct host *host, unsigned int number)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
		.exit_signal = SIGCHLD,
	};
	char *cgroup = case_cgroup(host, number);
	pid_t pid;

	if (mkdir(cgroup, 0755) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		rmdir(cgroup);
	return pid;
}

/*
 * The case's cgroup becomes the root of its cgroup namespace, and the process then steps down into
 * a leaf: a runtime must be able to enable controllers for the children of the root ("no internal
 * processes").
 */
static char *enter_cgroup(const struct host *host, unsigned int number)
{
	int r = put_string(xprintf("%s/cgroup.procs", case_cgroup(host, number)), "0");
	char *leaf;

	if (r < 0)
		return xprintf("enter cgroup: %s", strerror(-r));
	if (unshare(CLONE_NEWCGROUP) < 0)
		return xprintf("cgroup namespace: %s", strerror(errno));
	if (umount2(host->cgroup_root, MNT_DETACH) < 0 ||
	    mount("cgroup2", host->cgroup_root, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) <
		    0)
		return xprintf("mount cgroup2: %s", strerror(errno));
	leaf = xprintf("%s/" OWN_LEAF, host->cgroup_root);
	if (mkdir(leaf, 0755) < 0)
		return xprintf("mkdir %s: %s", leaf, strerror(errno));
	r = put_string(xprintf("%s/cgroup.procs", leaf), "0");
	return r < 0 ? xprintf("enter %s: %s", leaf, strerror(-r)) : NULL;
}

static char *mount_case_dir(const struct host *host, unsigned int number)
{
	char *source;

	if (mkdir(CASE_DIR, 0755) < 0)
		return xprintf("mkdir " CASE_DIR ": %s", strerror(errno));
	if (!host->fs)
		return NULL;
	source = xprintf("%s/%u", host->fs, number);
	if (mkdir(source, 0755) < 0 || mount(source, CASE_DIR, NULL, MS_BIND, NULL) < 0)
		return xprintf("bind %s: %s", source, strerror(errno));
	return NULL;
}

/*
 * A caller with another uid may not pass the directories above a build tree, for example those of
 * a clone in root's home.
 */
static char *mount_runtime(const struct host *host)
{
	char *target;

	if (!host->runtime)
		return NULL;
	target = sandbox_runtime(host);
	if (mkdir(CASE_BIN, 0755) < 0 || write_path(target, "", 0, 0755) < 0 ||
	    mount(host->runtime, target, NULL, MS_BIND, NULL) < 0)
		return xprintf("bind %s: %s", host->runtime, strerror(errno));
	return NULL;
}

char *sandbox_runtime(const struct host *host)
{
	return xprintf(CASE_BIN "/%s", basename(host->runtime));
}

char *sandbox_enter(const struct host *host, unsigned int number)
{
	char *error;

	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return xprintf("mount /proc: %s", strerror(errno));
	error = enter_cgroup(host, number);
	if (error)
		return error;
	if (mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") < 0)
		return xprintf("mount /run: %s", strerror(errno));
	if (symlink(host->cgroup_root, CASE_CGROUP) < 0)
		return xprintf("symlink " CASE_CGROUP ": %s", strerror(errno));
	umask(022);
	error = mount_runtime(host);
	if (!error)
		error = mount_case_dir(host, number);
	if (!error)
		error = dev_make();
	if (!error)
		error = image_make(host);
	return error ? error : caller_prepare();
}

/* Depth first; a cgroup whose last process has just died may stay busy for a moment. */
static void remove_cgroup(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	put_string(xprintf("%s/cgroup.kill", path), "1");
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			remove_cgroup(xprintf("%s/%s", path, entry->d_name));
	closedir(dir);
	for (int i = 0; rmdir(path) < 0 && errno == EBUSY && i < 200; i++)
		sleep_ms(5);
}

void sandbox_remove(const struct host *host, unsigned int number)
{
	remove_cgroup(case_cgroup(host, number));
	if (host->fs)
		tree_remove(xprintf("%s/%u", host->fs, number));
}
