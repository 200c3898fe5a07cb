/* SPDX-License-Identifier: Apache-2.0 */
/* events and stats: what the container's cgroup tells. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "api/container.h"
#include "base/json.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/stat.h"

/* Open a container that runs, and its cgroup. */
static int open_running(ocirt_context *ctx, const char *id, struct rt_container *c, struct err *e)
{
	TRY(rt_container_open(ctx, id, RT_UNLOCKED, c, e));
	if (fd_slot_get(c->pidfd) < 0)
		return err_set(e, ESRCH | RT_NO_TEXT, RT_E_BAD_STATE, "container not running");
	TRY(rt_container_open_cgroup(c, e));
	if (fd_slot_get(c->cgroup) < 0)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CGROUP,
			       "no statistics of \"%s\": it has no cgroup of its own", id);
	return 0;
}

/* {"type":"stats","id":"c","data":{...}} */
static char *stats_line(const struct rt_container *c)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_add(&b, "{\"type\":\"stats\",\"id\":");
	rt_json_write_string(&b, c->id);
	strbuf_add(&b, ",\"data\":");
	rt_cgroup_stat_json(fd_slot_get(c->cgroup), &b);
	strbuf_add(&b, "}");
	return strbuf_take(&b);
}

/* Into a struct that may be an older, shorter one. */
static int fill_stats(const struct rt_container *c, struct ocirt_stats *ret, struct err *e)
{
	size_t size = ret->struct_size;
	struct ocirt_stats full = {.struct_size = size};
	struct rt_cgroup_stat s;

	if (size < sizeof(size))
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "struct_size of the statistics is not set");
	rt_cgroup_stat(fd_slot_get(c->cgroup), &s);
	full.cpu_usec = s.cpu_usec;
	full.memory = s.memory;
	full.memory_limit = s.memory_limit;
	full.pids = s.pids;
	full.pids_limit = s.pids_limit;
	full.read_bytes = s.read_bytes;
	full.write_bytes = s.write_bytes;
	full.cpu_pressure = s.cpu_pressure;
	full.memory_pressure = s.memory_pressure;
	full.io_pressure = s.io_pressure;
	memcpy(ret, &full, MIN(size, sizeof(full)));
	return 0;
}

int ocirt_stats(ocirt_context *ctx, const char *id, struct ocirt_stats *ret, char **ret_event)
{
	_cleanup_(rt_container_close) struct rt_container c = {0};
	struct err *e;

	if (!ctx || !id)
		return -EINVAL;
	e = rt_api_begin(ctx);
	TRY(open_running(ctx, id, &c, e));
	if (ret)
		TRY(fill_stats(&c, ret, e));
	if (ret_event) {
		*ret_event = stats_line(&c);
		if (!*ret_event)
			return err_nomem(e);
	}
	return 0;
}

/* ---- the stream ---- */

struct stream {
	struct rt_container container;
	struct fd_slot inotify; /* of memory.events; none where memory is not accounted */
	uint64_t oom_kills;     /* that were told */
	int interval_msec;
	int64_t next_msec; /* when statistics are due */
	ocirt_event_fn fn;
	void *userdata;
};

static uint64_t oom_kills(const struct stream *s)
{
	struct rt_cgroup_events events;
	struct err ignored = ERR_INIT;

	if (rt_cgroup_events(fd_slot_get(s->container.cgroup), &events, &ignored) < 0)
		return s->oom_kills; /* the cgroup is gone */
	return events.oom_kill;
}

/* The kernel tells who watches the file that it has changed: cgroup-v2.rst, "memory.events". */
static int watch_memory(struct stream *s, struct err *e)
{
	char path[64];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return err_set(e, errno, RT_E_SYSTEM, "inotify");
	fd_slot_set(&s->inotify, fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/memory.events",
		 fd_slot_get(s->container.cgroup));
	if (inotify_add_watch(fd, path, IN_MODIFY) < 0)
		fd_slot_close(&s->inotify);
	s->oom_kills = oom_kills(s);
	return 0;
}

/* An event for each process that was killed since the last look. */
static int tell_ooms(struct stream *s, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	uint64_t kills = oom_kills(s);
	int r = 0;

	strbuf_add(&b, "{\"type\":\"oom\",\"id\":");
	rt_json_write_string(&b, s->container.id);
	strbuf_add(&b, "}");
	if (b.failed)
		return err_nomem(e);
	for (; s->oom_kills < kills && r == 0; s->oom_kills++)
		r = s->fn(b.s, s->userdata);
	return r;
}

static int tell_stats(struct stream *s, struct err *e)
{
	_cleanup_free_ char *line = stats_line(&s->container);

	return line ? s->fn(line, s->userdata) : err_nomem(e);
}

static void drain(int inotify)
{
	char events[4096];

	while (inotify >= 0 && read(inotify, events, sizeof(events)) > 0)
		;
}

/* Until the init has ended, or the caller has had enough. */
static int follow(struct stream *s, struct err *e)
{
	struct pollfd p[2] = {{.fd = fd_slot_get(s->container.pidfd), .events = POLLIN},
			      {.fd = fd_slot_get(s->inotify), .events = POLLIN}};
	int r;

	s->next_msec = rt_clock_msec(CLOCK_MONOTONIC) + s->interval_msec;
	for (;;) {
		int64_t left = s->next_msec - rt_clock_msec(CLOCK_MONOTONIC);

		if (poll(p, 2, left > 0 ? (int)left : 0) < 0 && errno != EINTR)
			return err_set(e, errno, RT_E_SYSTEM, "wait for events");
		drain(p[1].fd);
		r = tell_ooms(s, e);
		if (r != 0 || p[0].revents)
			return r;
		if (rt_clock_msec(CLOCK_MONOTONIC) < s->next_msec)
			continue;
		r = tell_stats(s, e);
		if (r != 0)
			return r;
		s->next_msec += s->interval_msec;
	}
}

static void stream_close(struct stream *s)
{
	fd_slot_close(&s->inotify);
	rt_container_close(&s->container);
}

int ocirt_events(ocirt_context *ctx, const char *id, int interval_msec, ocirt_event_fn fn,
		 void *userdata)
{
	_cleanup_(stream_close) struct stream s = {
		.interval_msec = interval_msec, .fn = fn, .userdata = userdata};
	struct err *e;

	if (!ctx || !id || !fn)
		return -EINVAL;
	e = rt_api_begin(ctx);
	if (interval_msec <= 0)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "the interval must be more than 0");
	TRY(open_running(ctx, id, &s.container, e));
	TRY(watch_memory(&s, e));
	return follow(&s, e);
}
