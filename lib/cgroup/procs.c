/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a cgroup and of those below: who they are, signals for them, and their end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/pid.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/dir.h"
#include "cgroup/text.h"

#define EVENTS_MAX 512
#define PROCS_MAX (64u << 20)
#define STRAGGLERS 5 /* named in a message */
#define HOLD_MAX 64  /* processes that are held at once, by descriptors */

/*
 * Was the cgroup removed meanwhile, as systemd does with empty ones? Its files are not found any more,
 * or, found a moment before, not opened or read (kernfs says ENODEV).
 */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

/* ---- what the kernel tells of them ---- */

int rt_cgroup_events(int cgroup, struct rt_cgroup_events *ret, struct err *e)
{
	char text[EVENTS_MAX];
	int r = io_read_small(cgroup, "cgroup.events", text, sizeof(text));

	if (r < 0)
		return err_set(e, r, RT_E_CGROUP, "read cgroup.events");
	*ret = (struct rt_cgroup_events){
		.populated = rt_cgroup_value(text, "populated"),
		.frozen = rt_cgroup_value(text, "frozen"),
	};
	if (io_read_small(cgroup, "memory.events", text, sizeof(text)) >= 0) {
		ret->has_memory = true;
		ret->oom = rt_cgroup_value(text, "oom");
		ret->oom_kill = rt_cgroup_value(text, "oom_kill");
	}
	return 0;
}

/* One word of cgroup.events, and no other file: 0, 1 or -errno without a message. */
static int read_event(int cgroup, const char *name)
{
	char text[EVENTS_MAX];
	int r = io_read_small(cgroup, "cgroup.events", text, sizeof(text));

	return r < 0 ? r : rt_cgroup_value(text, name) != 0;
}

int rt_cgroup_frozen(int cgroup, struct err *e)
{
	int r = read_event(cgroup, "frozen");

	if (is_gone(r))
		return 0;
	return r < 0 ? err_set(e, r, RT_E_CGROUP, "read cgroup.events") : r;
}

int rt_cgroup_populated(int cgroup, struct err *e)
{
	int r = read_event(cgroup, "populated");

	if (is_gone(r))
		return 0;
	return r < 0 ? err_set(e, r, RT_E_CGROUP, "read cgroup.events") : r;
}

/* ---- all of them: a walk over the cgroups below ---- */

/* A cgroup that is still to be looked into, `depth` levels below the first one. */
struct below {
	size_t depth;
	char *name; /* owned */
};

struct walk {
	struct below *below;
	size_t n, cap;
	pid_t *pids;
	size_t npids, pids_cap;
};

static int grow(void **v, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *p;

	if (n < *cap)
		return 0;
	p = reallocarray(*v, more, size);
	if (!p)
		return -ENOMEM;
	*v = p;
	*cap = more;
	return 0;
}

static int push_below(struct walk *w, size_t depth, const char *name)
{
	if (grow((void **)&w->below, &w->cap, w->n, sizeof(*w->below)) < 0)
		return -ENOMEM;
	w->below[w->n] = (struct below){depth, strdup(name)};
	return w->below[w->n].name ? (w->n++, 0) : -ENOMEM;
}

static int add_pids(struct walk *w, int dir)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	size_t len;
	int r;

	if (fd < 0)
		return is_gone(-errno) ? 0 : -errno;
	r = io_read_fd(fd, PROCS_MAX, &text, &len);
	/* a threaded cgroup shows its processes in the one above */
	if (r == -EOPNOTSUPP || is_gone(r))
		return 0;
	if (r < 0)
		return r;
	for (char *p = text; r == 0 && *p >= '0' && *p <= '9'; p += *p == '\n') {
		r = grow((void **)&w->pids, &w->pids_cap, w->npids, sizeof(*w->pids));
		if (r == 0)
			w->pids[w->npids++] = (pid_t)strtol(p, &p, 10);
	}
	return r;
}

/* Its processes, and what is below it. Gone meanwhile: nothing to see. */
static int visit(struct walk *w, int cgroup, size_t depth)
{
	DIR *dir = rt_cgroup_list(cgroup);
	const struct dirent *d;
	int r;

	if (!dir)
		return is_gone(-errno) ? 0 : -errno;
	r = add_pids(w, cgroup);
	while (r == 0 && (d = readdir(dir)))
		if (rt_cgroup_is_below(d))
			r = push_below(w, depth + 1, d->d_name);
	closedir(dir);
	return r;
}

static int walk(struct walk *w, int cgroup)
{
	_cleanup_close_ int here = rt_cgroup_dir(cgroup, ".");
	size_t depth = 0;
	int r;

	if (here < 0)
		return is_gone(here) ? 0 : here;
	r = visit(w, here, depth);
	while (r == 0 && w->n > 0) {
		struct below next = w->below[--w->n];
		_cleanup_free_ char *name = next.name;

		/* what is next is in the cgroup here, or in one above it */
		for (; r == 0 && depth >= next.depth; depth--)
			r = rt_cgroup_enter(&here, "..");
		if (r == 0)
			r = rt_cgroup_enter(&here, name);
		if (r == -ENOENT) {
			r = 0; /* gone meanwhile */
			continue;
		}
		depth = next.depth;
		if (r == 0)
			r = visit(w, here, depth);
	}
	return r;
}

int rt_cgroup_pids(int cgroup, pid_t **ret, size_t *ret_n, struct err *e)
{
	struct walk w = {0};
	int r = walk(&w, cgroup);

	while (w.n > 0)
		free(w.below[--w.n].name);
	free(w.below);
	if (r < 0) {
		free(w.pids);
		return err_set(e, r, RT_E_CGROUP, "list the processes of the cgroup");
	}
	*ret = w.pids;
	*ret_n = w.npids;
	return 0;
}

/* ---- signals ---- */

int rt_cgroup_kill(int cgroup, struct err *e)
{
	int r = io_write_small(cgroup, "cgroup.kill", "1");

	return r < 0 && !is_gone(r) ? err_set(e, r, RT_E_CGROUP, "kill the cgroup") : 0;
}

static bool is_one_of(pid_t pid, const pid_t *pids, size_t n)
{
	while (n > 0)
		if (pids[--n] == pid)
			return true;
	return false;
}

/*
 * Signal some of the processes: first take hold of all of them, then see which are still in the
 * cgroup. A pid that was given to a stranger in between is no longer there.
 */
static int signal_some(int cgroup, const pid_t *some, size_t n, int signal, struct err *e)
{
	struct fd_slot held[HOLD_MAX] = {{0}};
	_cleanup_free_ pid_t *now = NULL;
	size_t n_now = 0;
	int sent = 0, r;

	for (size_t i = 0; i < n; i++)
		fd_slot_set(&held[i], some[i] > 0 ? rt_sys_pidfd_open(some[i]) : -ESRCH);
	r = rt_cgroup_pids(cgroup, &now, &n_now, e);
	for (size_t i = 0; i < n; i++) {
		int pidfd = fd_slot_get(held[i]), error = -ESRCH;

		if (r >= 0 && pidfd >= 0 && is_one_of(some[i], now, n_now))
			error = rt_sys_pidfd_send_signal(pidfd, signal);
		if (error < 0 && error != -ESRCH)
			r = err_set(e, error, RT_E_SYSTEM, "send signal %d to process %d", signal,
				    (int)some[i]);
		sent += error >= 0;
		fd_slot_close(&held[i]);
	}
	return r < 0 ? r : sent;
}

int rt_cgroup_signal(int cgroup, int signal, struct err *e)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;
	int sent = 0;

	TRY(rt_cgroup_pids(cgroup, &pids, &n, e));
	for (size_t i = 0; i < n; i += HOLD_MAX) {
		int r = signal_some(cgroup, pids + i, MIN(n - i, (size_t)HOLD_MAX), signal, e);

		if (r < 0)
			return r;
		sent += r;
	}
	return sent;
}

/* ---- waiting for their end ---- */

/* Wait for one process to end. A pid of another pid namespace (0) is only waited a moment for. */
static void wait_for(pid_t pid, int64_t deadline)
{
	_cleanup_close_ int pidfd = pid > 0 ? rt_sys_pidfd_open(pid) : -ESRCH;
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int64_t left = deadline - rt_clock_msec(CLOCK_MONOTONIC);

	if (pidfd >= 0)
		poll(&p, 1, left > 0 ? (int)left : 0);
	else
		poll(NULL, 0, 1);
}

static void describe(pid_t pid, struct strbuf *b)
{
	char path[48], comm[64] = "?", wchan[64] = "", state = '?';
	uint64_t start;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	io_read_small(AT_FDCWD, path, comm, sizeof(comm));
	snprintf(path, sizeof(path), "/proc/%d/wchan", (int)pid);
	io_read_small(AT_FDCWD, path, wchan, sizeof(wchan));
	rt_pid_stat(pid, &start, &state);
	strbuf_addf(b, "%s%d \"%s\" in state %c%s%s", b->len ? ", " : "", (int)pid, comm, state,
		    *wchan && *wchan != '0' ? " at " : "", *wchan != '0' ? wchan : "");
}

static int still_there(const pid_t *pids, size_t n, int waited_msec, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	for (size_t i = 0; i < n && i < STRAGGLERS; i++)
		describe(pids[i], &b);
	return err_set(e, EBUSY | RT_NO_TEXT, RT_E_BUSY,
		       "%zu process%s did not end within %d ms: %s%s", n, n == 1 ? "" : "es",
		       waited_msec, b.s ? b.s : "", n > STRAGGLERS ? ", ..." : "");
}

int rt_cgroup_stragglers(int cgroup, int waited_msec, struct err *e)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;

	TRY(rt_cgroup_pids(cgroup, &pids, &n, e));
	return n ? still_there(pids, n, waited_msec, e) : 0;
}

int rt_cgroup_wait_empty(int cgroup, int timeout_msec, struct err *e)
{
	int64_t deadline = rt_clock_msec(CLOCK_MONOTONIC) + timeout_msec;

	for (;;) {
		_cleanup_free_ pid_t *pids = NULL;
		size_t n = 0;

		TRY(rt_cgroup_pids(cgroup, &pids, &n, e));
		if (n == 0)
			return 0;
		if (rt_clock_msec(CLOCK_MONOTONIC) >= deadline)
			return still_there(pids, n, timeout_msec, e);
		wait_for(pids[0], deadline);
	}
}
