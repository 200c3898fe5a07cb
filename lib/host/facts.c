/* SPDX-License-Identifier: Apache-2.0 */
#include "host/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pid.h"
#include "base/str.h"
#include "spec/caps.h"

BIND_DEFINE(rt_facts_schema, RT_FACTS_ENUMS, RT_FACTS_OBJECTS);

/* proc_ns.h: the inode of the first user namespace, the same on every kernel */
#define INITIAL_USERNS_INO 0xEFFFFFFDu

#define SET(f, member, value) ((f)->has.member = true, (f)->member = (value))

static int probe_capabilities(struct rt_facts *f, struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	unsigned last = RT_CAP_LAST;

	if (syscall(SYS_capget, &head, data) < 0)
		return err_set(e, errno, RT_E_HOST, "cannot read the runtime's capabilities");
	SET(f, capabilities, (uint64_t)data[1].effective << 32 | data[0].effective);
	/* Reading /proc/sys/kernel/cap_last_cap costs ten times as much. */
	while (last && prctl(PR_CAPBSET_READ, last, 0, 0, 0) < 0)
		last--;
	while (last < 63 && prctl(PR_CAPBSET_READ, last + 1, 0, 0, 0) >= 0)
		last++;
	SET(f, last_capability, last);
	return 0;
}

static int probe_userns(struct rt_facts *f, struct err *e)
{
	char word[16] = "";
	struct stat st;

	if (stat("/proc/self/ns/user", &st) < 0)
		return err_set(e, errno, RT_E_HOST, "stat \"/proc/self/ns/user\"");
	SET(f, initial_userns, st.st_ino == INITIAL_USERNS_INO);
	if (!f->initial_userns)
		io_read_small(AT_FDCWD, "/proc/self/setgroups", word, sizeof(word));
	SET(f, setgroups, !streq(word, "deny"));
	return 0;
}

/* 1: yes, 0: no. What is not there or hidden from us is no tree of ours; other errors are errors. */
static int is_cgroup2(const char *path, struct err *e)
{
	struct statfs fs;

	if (statfs(path, &fs) == 0)
		return (unsigned long)fs.f_type == CGROUP2_SUPER_MAGIC;
	if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
		return 0;
	return err_set(e, errno, RT_E_HOST, "look at \"%s\"", path);
}

/* Where systemd mounts it; mountinfo would tell all places, and is slow where mounts are many. */
static const struct {
	enum rt_cgroup_tree tree;
	char root[32];
} cgroup_trees[] = {
	{RT_CGROUP_TREE_UNIFIED, "/sys/fs/cgroup"},
	{RT_CGROUP_TREE_HYBRID, "/sys/fs/cgroup/unified"},
	{RT_CGROUP_TREE_NONE, ""},
};

/* The index of the tree that is there. */
static int find_cgroup_tree(struct err *e)
{
	int i = 0;

	for (; *cgroup_trees[i].root; i++) {
		int r = is_cgroup2(cgroup_trees[i].root, e);

		if (r < 0)
			return r;
		if (r)
			break;
	}
	return i;
}

int rt_facts_cgroup_root(const char **ret, struct err *e)
{
	int i = find_cgroup_tree(e);

	if (i < 0)
		return i;
	*ret = cgroup_trees[i].root;
	return 0;
}

static int probe_cgroup_root(struct rt_facts *f, struct err *e)
{
	int i = find_cgroup_tree(e);

	if (i < 0)
		return i;
	SET(f, cgroup_tree, cgroup_trees[i].tree);
	SET(f, cgroup_root, cgroup_trees[i].root);
	return 0;
}

/* The words of a file, each ended by one of `ends`; none when it cannot be read. */
static int read_words(struct arena *a, const char *path, const char *ends, struct str_array *ret,
		      struct err *e)
{
	char buf[1024], *rest = buf, *word;
	const char **v = ARENA_ARRAY(a, sizeof(buf) / 2, const char *);

	*ret = (struct str_array){0, v};
	if (!v)
		return err_nomem(e);
	if (io_read_small(AT_FDCWD, path, buf, sizeof(buf)) < 0)
		return 0;
	while ((word = strsep(&rest, ends))) {
		if (!*word)
			continue;
		v[ret->n] = arena_str(a, word);
		if (!v[ret->n++])
			return err_nomem(e);
	}
	return 0;
}

static int probe_controllers(struct arena *a, struct rt_facts *f, struct err *e)
{
	char path[64];

	str_fmt(path, sizeof(path), "%s/cgroup.controllers", f->cgroup_root);
	f->has.controllers = true;
	return read_words(a, path, " ", &f->controllers, e);
}

static int probe_own_cgroup(struct arena *a, struct rt_facts *f, struct err *e)
{
	_cleanup_free_ char *path = NULL;

	if (rt_pid_cgroup(getpid(), &path) < 0)
		return 0;
	SET(f, own_cgroup, arena_str(a, path));
	return f->own_cgroup ? 0 : err_nomem(e);
}

/* Without securityfs: the two that a configuration can name, as their own libraries find them. */
static int find_lsms(struct arena *a, struct rt_facts *f, struct err *e)
{
	const char **v = ARENA_ARRAY(a, 2, const char *);
	struct str_array filesystems;
	char enabled[8] = "";

	if (!v)
		return err_nomem(e);
	f->lsms = (struct str_array){0, v};
	io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", enabled,
		      sizeof(enabled));
	if (enabled[0] == 'Y')
		v[f->lsms.n++] = "apparmor";
	TRY(read_words(a, "/proc/filesystems", " \t\n", &filesystems, e));
	if (str_array_has(&filesystems, "selinuxfs"))
		v[f->lsms.n++] = "selinux";
	return 0;
}

static int probe_lsms(struct arena *a, struct rt_facts *f, struct err *e)
{
	f->has.lsms = true;
	TRY(read_words(a, "/sys/kernel/security/lsm", ",\n", &f->lsms, e));
	return f->lsms.n ? 0 : find_lsms(a, f, e);
}

/* A flag that the kernel does not know is EINVAL; one it knows comes as far as the NULL: EFAULT. */
static uint64_t seccomp_flags(void)
{
	static const unsigned known[] = {
		SECCOMP_FILTER_FLAG_TSYNC,
		SECCOMP_FILTER_FLAG_LOG,
		SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		SECCOMP_FILTER_FLAG_NEW_LISTENER,
		SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		unsigned flag = known[i];

		/* this one is valid only beside the other */
		if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
			flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 &&
		    errno == EFAULT)
			flags |= known[i];
	}
	return flags;
}

const char *rt_facts_helper(const char *name, char *buf, size_t size)
{
	static const char *const dirs[] = {"/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (str_fmt(buf, size, "%s/%s", dirs[i], name) > 0 && access(buf, X_OK) == 0)
			return buf;
	return NULL;
}

/* The helper's path in the arena; NULL when there is none, or no memory. */
static const char *find_helper(struct arena *a, const char *name)
{
	char buf[64];

	return rt_facts_helper(name, buf, sizeof(buf)) ? arena_str(a, buf) : NULL;
}

static int probe_features(struct arena *a, struct rt_facts *f, struct err *e)
{
	struct utsname uts;

	if (uname(&uts) == 0) {
		SET(f, kernel, arena_str(a, uts.release));
		if (!f->kernel)
			return err_nomem(e);
	}
	SET(f, seccomp_flags, seccomp_flags());
	f->newuidmap = find_helper(a, "newuidmap");
	f->newgidmap = find_helper(a, "newgidmap");
	f->has.newuidmap = f->newuidmap;
	f->has.newgidmap = f->newgidmap;
	return 0;
}

static void probe_resctrl(struct rt_facts *f)
{
	struct statfs fs;
	bool mounted = statfs(RT_RESCTRL, &fs) == 0 &&
		       (unsigned long)fs.f_type == RDTGROUP_SUPER_MAGIC;

	SET(f, resctrl_root, mounted ? RT_RESCTRL : "");
}

int rt_facts_probe(unsigned want, struct arena *arena, struct rt_facts *ret, struct err *e)
{
	struct rt_facts f = {0};

	SET(&f, euid, geteuid());
	SET(&f, egid, getegid());
	TRY(probe_capabilities(&f, e));
	TRY(probe_userns(&f, e));
	TRY(probe_cgroup_root(&f, e));
	if (want & FACTS_CONTROLLERS)
		TRY(probe_controllers(arena, &f, e));
	if (want & FACTS_OWN_CGROUP)
		TRY(probe_own_cgroup(arena, &f, e));
	if (want & FACTS_LSMS)
		TRY(probe_lsms(arena, &f, e));
	if (want & FACTS_RESCTRL)
		probe_resctrl(&f);
	if (want & FACTS_FEATURES)
		TRY(probe_features(arena, &f, e));
	*ret = f;
	return 0;
}

/* The inode of the user namespace that owns the one of this path, or, with self, its own. 0: unknown. */
static ino_t owner_of(const char *path, bool self)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_close_ int owner = fd < 0 || self ? -EBADF : ioctl(fd, NS_GET_USERNS);
	struct stat st;

	return fstat(self ? fd : owner, &st) < 0 ? 0 : st.st_ino;
}

static uint64_t ns_flag(enum oci_ns type)
{
	static const uint64_t flags[OCI_NS_MAX] = {
		[OCI_NS_CGROUP] = CLONE_NEWCGROUP, [OCI_NS_IPC] = CLONE_NEWIPC,
		[OCI_NS_MOUNT] = CLONE_NEWNS,      [OCI_NS_NETWORK] = CLONE_NEWNET,
		[OCI_NS_PID] = CLONE_NEWPID,       [OCI_NS_TIME] = CLONE_NEWTIME,
		[OCI_NS_UTS] = CLONE_NEWUTS,
	};

	return flags[type];
}

uint64_t rt_facts_foreign_ns(const struct oci_linux *l)
{
	const struct oci_namespace_array *list = &l->namespaces;
	uint64_t foreign = 0;
	ino_t user = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].type == OCI_NS_USER && !str_empty(list->v[i].path))
			user = owner_of(list->v[i].path, true);
	for (size_t i = 0; user && i < list->n; i++) {
		ino_t owner = str_empty(list->v[i].path) ? 0 : owner_of(list->v[i].path, false);

		if (owner && owner != user)
			foreign |= ns_flag(list->v[i].type);
	}
	return foreign;
}

int rt_facts_parse(struct bind_doc *doc, const char *name, const char *text, size_t len,
		   const struct rt_facts **ret, struct err *e)
{
	TRY(rt_bind_parse(doc, &rt_facts_schema, BIND_ID(rt_facts), name, text, len, NULL, e));
	*ret = doc->root;
	return 0;
}

void rt_facts_print(const struct rt_facts *facts, struct strbuf *out)
{
	rt_bind_emit(&rt_facts_schema, BIND_ID(rt_facts), facts, BIND_EMIT_PRETTY, out);
}
