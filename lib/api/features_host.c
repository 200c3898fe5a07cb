/* SPDX-License-Identifier: Apache-2.0 */
#include "api/features_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/spawn.h"
#include "base/str.h"
#include "base/sys.h"
#include "host/facts.h"
#include "host_ops/userns.h"
#include "plan/build.h"
#include "sec/seccomp.h"
#include "spec/bind.h"
#include "spec/caps.h"

struct host {
	struct arena *arena;
	struct rt_facts facts;
	struct str_pair *v;
	size_t n;
	bool failed; /* memory was short */
};

static void add(struct host *h, const char *name, const char *value)
{
	h->v[h->n++] = (struct str_pair){name, value};
}

static void add_bool(struct host *h, const char *name, bool value)
{
	add(h, name, value ? "true" : "false");
}

/* Hand a list that was built over to the arena. */
static void add_words(struct host *h, const char *name, struct strbuf *words)
{
	const char *text = words->failed ? NULL : arena_str(h->arena, words->s ? words->s : "");

	if (text)
		add(h, name, text);
	h->failed |= !text;
	strbuf_free(words);
}

static void add_word(struct strbuf *words, const char *word)
{
	strbuf_addf(words, "%s%s", words->len ? " " : "", word);
}

static void add_list(struct host *h, const char *name, const struct str_array *list)
{
	struct strbuf words = {0};

	for (size_t i = 0; i < list->n; i++)
		add_word(&words, list->v[i]);
	add_words(h, name, &words);
}

/* ---- namespaces: a child tries, and nothing remains of what it made ---------------------- */

/*
 * Is the type granted, if need be in a user namespace of its own? A copy of this process asks, by
 * system calls alone, since other threads may hold locks. Its exit signal is 0: nobody hears of it.
 */
static bool grants_namespace(enum oci_ns type)
{
	int pidfd = -1, status = -1;
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd};
	uint64_t flag = plan_ns_flag(type);
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		return false;
	if (pid == 0) {
		bool yes = syscall(SYS_unshare, flag) == 0 ||
			   syscall(SYS_unshare, flag | CLONE_NEWUSER) == 0;

		for (;;)
			syscall(SYS_exit_group, yes ? 0 : 1);
	}
	rt_spawn_wait(pidfd, -1, &status);
	close(pidfd);
	return status == 0;
}

static void add_namespaces(struct host *h)
{
	struct strbuf words = {0};

	for (enum oci_ns type = 1; type < OCI_NS_MAX; type++)
		if (grants_namespace(type))
			add_word(&words,
				 rt_bind_word(&rt_oci_schema, BIND_ENUM_ID(oci_ns), (int)type));
	add_words(h, "run.oci.rt.host.namespaces", &words);
}

/* ---- the others -------------------------------------------------------------------------- */

static void add_capabilities(struct host *h)
{
	struct strbuf words = {0};

	for (unsigned i = 0; i <= RT_CAP_LAST; i++)
		if (rt_facts_can(&h->facts, i))
			add_word(&words, rt_cap_name(i));
	add_words(h, "run.oci.rt.host.capabilities", &words);
}

static void add_cgroup(struct host *h)
{
	const struct rt_facts *f = &h->facts;
	struct strbuf own = {0};

	add(h, "run.oci.rt.host.cgroup.tree",
	    rt_bind_word(&rt_facts_schema, BIND_ENUM_ID(rt_cgroup_tree), (int)f->cgroup_tree));
	add(h, "run.oci.rt.host.cgroup.root", f->cgroup_root);
	add_list(h, "run.oci.rt.host.cgroup.controllers", &f->controllers);
	strbuf_add(&own, f->cgroup_root);
	/* a caller that is not root has at most what was delegated to it: its own cgroup */
	if (f->euid != 0 && f->own_cgroup)
		strbuf_add(&own, f->own_cgroup);
	add_bool(h, "run.oci.rt.host.cgroup.writable",
		 *f->cgroup_root && !own.failed &&
			 faccessat(AT_FDCWD, own.s, W_OK, AT_EACCESS) == 0);
	strbuf_free(&own);
}

static void add_seccomp(struct host *h)
{
	struct strbuf flags = {0}, actions = {0};
	struct err ignored = ERR_INIT;

	for (enum oci_seccomp_flag i = 1; i < OCI_SECCOMP_FLAG_MAX; i++)
		if (rt_seccomp_probe_flags(rt_seccomp_flag(i), &ignored) == 0)
			add_word(&flags, rt_bind_word(&rt_oci_schema,
						      BIND_ENUM_ID(oci_seccomp_flag), (int)i));
	for (enum oci_seccomp_action i = 1; i < OCI_SECCOMP_ACTION_MAX; i++) {
		uint32_t action = rt_seccomp_action(i);

		if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
			add_word(&actions, rt_bind_word(&rt_oci_schema,
							BIND_ENUM_ID(oci_seccomp_action), (int)i));
	}
	add_words(h, "run.oci.rt.host.seccomp.actions", &actions);
	add_words(h, "run.oci.rt.host.seccomp.flags", &flags);
}

/* Each kind of file system has to know of it: the one that is asked is that of the root. */
static bool grants_idmap(void)
{
	_cleanup_close_ int userns = -EBADF, tree = -EBADF;
	struct err ignored = ERR_INIT;

	userns = rt_userns_open("0 1 1\n", "0 1 1\n", &ignored);
	tree = rt_sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return userns >= 0 && tree >= 0 &&
	       rt_sys_mount_setattr(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_IDMAP, 0, 0, userns) == 0;
}

int rt_features_host(struct arena *a, struct str_pair v[RT_FEATURES_HOST_MAX], struct err *e)
{
	struct host h = {.arena = a, .v = v};

	TRY(rt_facts_probe(FACTS_ALL, a, &h.facts, e));
	add(&h, "run.oci.rt.host.kernel", h.facts.kernel ? h.facts.kernel : "");
	add_bool(&h, "run.oci.rt.host.user.root", h.facts.euid == 0);
	add_bool(&h, "run.oci.rt.host.user.initial-namespace", h.facts.initial_userns);
	add_bool(&h, "run.oci.rt.host.user.map-helpers", h.facts.newuidmap && h.facts.newgidmap);
	add_capabilities(&h);
	add_namespaces(&h);
	add_cgroup(&h);
	add_seccomp(&h);
	add_list(&h, "run.oci.rt.host.lsm", &h.facts.lsms);
	add_bool(&h, "run.oci.rt.host.idmap", grants_idmap());
	return h.failed ? err_nomem(e) : (int)h.n;
}
