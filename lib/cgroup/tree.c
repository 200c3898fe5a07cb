/* SPDX-License-Identifier: Apache-2.0 */
/* Making cgroups and writing their files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/dir.h"
#include "cgroup/text.h"

#define LIST_MAX 1024 /* the words of cgroup.controllers */
#define TRIES 20      /* against others that remove what we need */

/*
 * Without limits too a container has these controllers, for their statistics. Not cpuset, since the
 * kernel rebuilds its scheduling domains for it, nor what counts only where there is hardware for it.
 */
static const char wished[][8] = {"cpu", "io", "memory", "pids"};

int rt_cgroup_open(const char *root, const char *path, int *ret_fd, struct err *e)
{
	char whole[PATH_MAX];
	int fd = str_fmt(whole, sizeof(whole), "%s%s", root, path);

	if (fd >= 0)
		fd = rt_cgroup_dir(AT_FDCWD, whole);
	if (fd < 0)
		return err_set(e, fd, RT_E_CGROUP, "cgroup \"%s%s\"", root, path);
	*ret_fd = fd;
	return 0;
}

/* A controller is not to be had in this directory: say what is, and who has it. */
static int no_controller(int dir, const char *controller, size_t len, struct err *e)
{
	char list[LIST_MAX] = "", name[PATH_MAX];

	io_read_small(dir, "cgroup.controllers", list, sizeof(list));
	rt_cgroup_name(dir, name, sizeof(name));
	err_set(e, ENOENT | RT_NO_TEXT, RT_E_HOST,
		"controller \"%.*s\" is not available in \"%s\" (available: %s)", (int)len,
		controller, name, *list ? list : "none");
	if (strstr(name, "/unified"))
		err_hint(e, "cgroup v1 holds the controllers of this host; rt uses cgroup v2 only");
	return -e->no;
}

/* Where threads are spread over cgroups, those hold no processes and have not all controllers. */
static void hint_type(int cgroup, struct err *e)
{
	char type[32];

	if (io_read_small(cgroup, "cgroup.type", type, sizeof(type)) > 0)
		err_hint(e, "the cgroup's type is \"%s\"", type);
}

/* A cgroup whose children are to have controllers. */
struct parent {
	int dir;
	char enabled[LIST_MAX]; /* what it hands down already */
	bool is_asked, has_processes;
};

/*
 * Are there processes in this cgroup itself? Then the kernel refuses to hand controllers down, but not
 * those that know threads: for cpu or pids it makes the cgroup one of thread mode, in which no container,
 * ours or another's, can be any more. The root of the tree, which has no type, may do both.
 * Asked once, and only where there is a controller to enable, which is rare.
 */
static bool holds_processes(struct parent *parent)
{
	char type[32], procs[16];

	if (!parent->is_asked)
		parent->has_processes =
			io_read_small(parent->dir, "cgroup.type", type, sizeof(type)) > 0 &&
			streq(type, "domain") &&
			io_read_small(parent->dir, "cgroup.procs", procs, sizeof(procs)) != 0;
	parent->is_asked = true;
	return parent->has_processes;
}

static int enable_one(struct parent *parent, const char *controller, size_t len, struct err *e)
{
	char word[64], name[PATH_MAX];
	int dir = parent->dir, r;

	if (str_fmt(word, sizeof(word), "+%.*s", (int)len, controller) < 0)
		return no_controller(dir, controller, len, e);
	r = holds_processes(parent) ? -EBUSY : io_write_small(dir, "cgroup.subtree_control", word);
	if (r >= 0)
		return r;
	rt_cgroup_name(dir, name, sizeof(name));
	if (r == -ENOENT || r == -EINVAL)
		return no_controller(dir, controller, len, e);
	if (r == -EACCES || r == -EPERM) {
		err_set(e, r, RT_E_CGROUP,
			"controller \"%s\" is not handed down from \"%s\" (available: %s), and it "
			"cannot be enabled there",
			word + 1, name, *parent->enabled ? parent->enabled : "none");
		err_hint(e,
			 "it was not delegated to the caller: who manages that cgroup can add it, "
			 "in systemd with Delegate=");
		return r;
	}
	err_set(e, r, RT_E_CGROUP, "enable controller \"%s\" in \"%s\"", word + 1, name);
	if (r == -EBUSY)
		err_hint(e, "processes are in that cgroup itself, so it cannot hand "
			    "controllers down (cgroups(7), no internal processes)");
	if (r == -EOPNOTSUPP)
		hint_type(dir, e);
	return r;
}

/* Is every word of the list in the other? `words` may be NULL. */
static bool has_words(const char *list, const char *words)
{
	for (const char *word = words; word && *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (!rt_cgroup_has_word(list, word, n))
			return false;
		word += n;
	}
	return true;
}

/*
 * Hand controllers down to the children of this cgroup, where that is not done yet: those that are
 * needed, and as far as possible those that are wished for. *ret_more: there are some to hand down.
 */
static int enable(int dir, const char *needed, bool *ret_more, struct err *e)
{
	struct parent parent = {.dir = dir};
	char there[LIST_MAX] = "";
	int r;

	io_read_small(dir, "cgroup.controllers", there, sizeof(there));
	*ret_more = !str_empty(needed);
	for (size_t i = 0; i < ARRAY_SIZE(wished); i++)
		*ret_more |= rt_cgroup_has_word(there, wished[i], strlen(wished[i]));
	if (!*ret_more)
		return 0;
	r = io_read_small(dir, "cgroup.subtree_control", parent.enabled, sizeof(parent.enabled));
	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "read cgroup.subtree_control");
	for (const char *word = needed; word && *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (!rt_cgroup_has_word(parent.enabled, word, n))
			TRY(enable_one(&parent, word, n, e));
		word += n;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wished); i++) {
		struct err ignored = ERR_INIT;
		size_t n = strlen(wished[i]);

		if (rt_cgroup_has_word(there, wished[i], n) &&
		    !rt_cgroup_has_word(parent.enabled, wished[i], n) &&
		    !rt_cgroup_has_word(needed ? needed : "", wished[i], n))
			enable_one(&parent, wished[i], n, &ignored);
	}
	return 0;
}

int rt_cgroup_enable(const char *root, const char *path, const char *controllers, struct err *e)
{
	_cleanup_close_ int dir = rt_cgroup_dir(AT_FDCWD, root);
	char name[NAME_MAX + 1];
	bool more = true;

	if (dir < 0)
		return err_set(e, dir, RT_E_CGROUP, "cgroup2 root \"%s\"", root);
	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t n = strcspn(path, "/");
		int fd;

		TRY(enable(dir, controllers, &more, e));
		if (!more || !path[n])
			break;
		str_fmt(name, sizeof(name), "%.*s", (int)n, path);
		fd = rt_cgroup_dir(dir, name);
		if (fd < 0)
			return err_set(e, fd, RT_E_CGROUP, "cgroup \"%s\" of \"%s\"", name, path);
		rt_fd_closep(&dir);
		dir = fd;
		path += n;
	}
	return 0;
}

/* Has the leaf the controllers that are needed, and those that are wished for? */
static bool is_enabled(int leaf, const char *needed)
{
	char there[LIST_MAX] = "";

	io_read_small(leaf, "cgroup.controllers", there, sizeof(there));
	for (size_t i = 0; i < ARRAY_SIZE(wished); i++)
		if (!rt_cgroup_has_word(there, wished[i], strlen(wished[i])))
			return false;
	return has_words(there, needed);
}

/* Limits of a cgroup that others are in, or that stands still, are not ours to set. */
static int check_unused(int leaf, const char *path, struct err *e)
{
	struct rt_cgroup_events events;
	char type[32];

	/* cgroups(7), "Thread mode": neither takes whole processes in, nor can be killed as one */
	if (io_read_small(leaf, "cgroup.type", type, sizeof(type)) > 0 && !streq(type, "domain") &&
	    !streq(type, "domain threaded"))
		return err_set(e, EOPNOTSUPP | RT_NO_TEXT, RT_E_CGROUP,
			       "cgroup \"%s\" exists and its type is \"%s\"", path, type);
	TRY(rt_cgroup_events(leaf, &events, e));
	if (events.populated)
		return err_set(e, EBUSY | RT_NO_TEXT, RT_E_CGROUP,
			       "cgroup \"%s\" exists and has processes in it", path);
	if (events.frozen)
		return err_set(e, EBUSY | RT_NO_TEXT, RT_E_CGROUP,
			       "cgroup \"%s\" exists and is frozen", path);
	return 0;
}

int rt_cgroup_check_unused(const char *root, const char *path, struct err *e)
{
	_cleanup_close_ int leaf = -EBADF;

	TRY(rt_cgroup_open(root, path, &leaf, e));
	return check_unused(leaf, path, e);
}

static int cannot_make(const char *name, const char *path, struct err *e)
{
	int r = err_set(e, errno, RT_E_CGROUP, "make cgroup \"%s\" of \"%s\"", name, path);

	if (r == -EAGAIN)
		err_hint(e, "cgroup.max.depth or cgroup.max.descendants of one above is reached");
	return r;
}

/*
 * Who is made in a frozen cgroup stands still at once, and we, who wait for its execve (CLONE_VFORK), with
 * it. The root cannot be frozen, so what is right below it needs no look.
 */
static int check_not_frozen(int leaf, const char *path, struct err *e)
{
	int r = strchr(path + 1, '/') ? rt_cgroup_frozen(leaf, e) : 0;

	return r <= 0 ? r
		      : err_set(e, EBUSY | RT_NO_TEXT, RT_E_CGROUP,
				"cgroup \"%s\" is below one that is frozen", path);
}

/* One step down: make the directory if it is missing, and enter it. */
static int descend(int *dir, const char *name, int *made, const char *path, struct err *e)
{
	bool fresh = mkdirat(*dir, name, 0755) == 0;
	int fd;

	if (!fresh && errno != EEXIST)
		return cannot_make(name, path, e);
	fd = rt_cgroup_dir(*dir, name);
	if (fd < 0) {
		/* At once, since for want of descriptors it will not be found again. */
		if (fresh)
			unlinkat(*dir, name, AT_REMOVEDIR);
		return err_set(e, fd, RT_E_CGROUP, "cgroup \"%s\" of \"%s\"", name, path);
	}
	*made += fresh;
	rt_fd_closep(dir);
	*dir = fd;
	return 0;
}

static int count_names(const char *path)
{
	int n = 0;

	for (; path && *path; path += strcspn(path, "/")) {
		path += strspn(path, "/");
		n += *path != '\0';
	}
	return n;
}

/*
 * *made: how many of the path's last components were made; behind a failure those that there was no
 * time to make count too, so that what was made is always at the end, as rt_cgroup_remove wants it.
 */
static int create(const char *root, const char *path, const char *controllers, int *made,
		  int *ret_fd, struct err *e)
{
	_cleanup_close_ int dir = rt_cgroup_dir(AT_FDCWD, root);
	_cleanup_free_ char *copy = strdup(path);
	char *save = NULL;
	int before = 0, r;

	if (dir < 0)
		return err_set(e, dir, RT_E_CGROUP, "cgroup2 root \"%s\"", root);
	if (!copy)
		return err_nomem(e);
	for (char *name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		/* Who is the last in a parent need not have made it: it is for all to see. */
		if (*made > before)
			fsetxattr(dir, RT_CGROUP_MADE, "", 0, 0);
		before = *made;
		r = descend(&dir, name, made, path, e);
		if (r < 0) {
			if (*made)
				*made += count_names(save) + (*made == before);
			return r;
		}
	}
	if (*made == before)
		TRY(check_unused(dir, path, e));
	else
		TRY(check_not_frozen(dir, path, e));
	/* One look tells that there is nothing to do, which is the rule. */
	if (!is_enabled(dir, controllers))
		TRY(rt_cgroup_enable(root, path, controllers, e));
	*ret_fd = TAKE_FD(dir);
	return 0;
}

int rt_cgroup_create(const char *root, const char *path, const char *controllers, int *ret_fd,
		     struct err *e)
{
	for (int i = 0;; i++) {
		struct err ignored = ERR_INIT;
		int made = 0;
		int r = create(root, path, controllers, &made, ret_fd, e);

		if (r >= 0)
			return r;
		if (made > 0)
			rt_cgroup_remove(root, path, made, 0, &ignored);
		/* somebody removed a parent that was empty until now, as rt_cgroup_remove() does */
		if ((r != -ENOENT && r != -ENODEV) || e->code != RT_E_CGROUP || i == TRIES)
			return r;
		err_clear(e);
	}
}

int rt_cgroup_create_below(int cgroup, const char *name, int *ret_fd, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	if (mkdirat(cgroup, name, 0755) < 0 && errno != EEXIST)
		return err_set(e, errno, RT_E_CGROUP, "make cgroup \"%s\" in \"%s\"", name,
			       rt_cgroup_name(cgroup, path, sizeof(path)));
	fd = rt_cgroup_dir(cgroup, name);
	if (fd < 0)
		return err_set(e, fd, RT_E_CGROUP, "cgroup \"%s\" in \"%s\"", name,
			       rt_cgroup_name(cgroup, path, sizeof(path)));
	*ret_fd = fd;
	return 0;
}

int rt_cgroup_hand_down(int cgroup, struct err *e)
{
	char there[LIST_MAX] = "";
	bool more;

	io_read_small(cgroup, "cgroup.controllers", there, sizeof(there));
	return enable(cgroup, there, &more, e);
}

/* The files that a controller does have: a page size, a unified key may be mistyped. */
static void tell_files(int cgroup, const char *controller, size_t len, struct err *e)
{
	_cleanup_strbuf_ struct strbuf names = {0};
	DIR *dir = rt_cgroup_list(cgroup);

	if (!dir)
		return;
	for (struct dirent *d; (d = readdir(dir));)
		if (strncmp(d->d_name, controller, len) == 0 && d->d_name[len] == '.')
			strbuf_addf(&names, " %s", d->d_name);
	closedir(dir);
	if (names.len)
		err_hint(e, "there is%s", names.s);
}

int rt_cgroup_write(int cgroup, const char *file, const char *value, const char *controller,
		    struct err *e)
{
	size_t len = strcspn(file, ".");
	char list[LIST_MAX] = "", name[PATH_MAX];
	int r;

	if (strchr(file, '/') || file[0] == '.')
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG, "\"%s\" is no file of a cgroup",
			       file);
	/* the kernel does not see a write of nothing, which for cpuset.cpus is a value */
	r = io_write_small(cgroup, file, *value ? value : "\n");
	if (r >= 0)
		return 0;
	if (str_empty(controller))
		controller = file;
	else
		len = strlen(controller);
	io_read_small(cgroup, "cgroup.controllers", list, sizeof(list));
	if (r == -ENOENT && !rt_cgroup_has_word(list, controller, len))
		return no_controller(cgroup, controller, len, e);
	err_set(e, r, RT_E_CGROUP, "write \"%s\" to \"%s/%s\"", value,
		rt_cgroup_name(cgroup, name, sizeof(name)), file);
	if (r == -ENOENT)
		tell_files(cgroup, controller, len, e);
	return r;
}

int rt_cgroup_chown(int cgroup, uid_t uid, struct err *e)
{
	char list[LIST_MAX], name[PATH_MAX], *save = NULL;
	bool given;

	/* The specification's own list, for a host without sysfs. */
	if (io_read_small(AT_FDCWD, "/sys/kernel/cgroup/delegate", list, sizeof(list)) < 0)
		str_fmt(list, sizeof(list), "cgroup.procs cgroup.subtree_control cgroup.threads");
	given = fchown(cgroup, uid, (gid_t)-1) == 0;
	for (char *w = strtok_r(list, " \n", &save); given && w; w = strtok_r(NULL, " \n", &save))
		given = fchownat(cgroup, w, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) == 0 ||
			errno == ENOENT;
	return given ? 0
		     : err_set(e, errno, RT_E_CGROUP, "give cgroup \"%s\" to user %u",
			       rt_cgroup_name(cgroup, name, sizeof(name)), (unsigned)uid);
}

void rt_cgroup_explain_clone(int cgroup, int no, struct err *e)
{
	char text[LIST_MAX] = "";

	switch (no) {
	case EBUSY:
		if (io_read_small(cgroup, "cgroup.subtree_control", text, sizeof(text)) > 0)
			err_hint(e, "the cgroup hands controllers down (%s), so no process may be "
				    "in it itself", text);
		break;
	case EOPNOTSUPP:
		hint_type(cgroup, e);
		break;
	case EAGAIN:
		if (io_read_small(cgroup, "pids.max", text, sizeof(text)) > 0)
			err_hint(e, "pids.max of the cgroup or of one above it is reached");
		break;
	case EACCES:
		err_hint(e, "the cgroup is not in a subtree delegated to the caller");
		break;
	case ENOSPC:
		if (io_read_small(cgroup, "cpuset.cpus.effective", text, sizeof(text)) == 0)
			err_hint(e, "the cgroup has no cpus: cpuset.cpus.effective is empty");
		break;
	default:
		break;
	}
}
