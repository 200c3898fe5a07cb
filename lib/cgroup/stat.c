/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stat.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "cgroup/dir.h"
#include "cgroup/text.h"

#define CPUS_MAX 65536
#define TEXT_MAX 16384 /* memory.stat has about 2 KiB, io.stat 100 bytes for each device */

/* ---- reading ---- */

static const char *read_text(int cgroup, const char *file, char *buf, size_t size)
{
	if (io_read_small(cgroup, file, buf, size) < 0)
		*buf = '\0';
	return buf;
}

static uint64_t number(int cgroup, const char *file)
{
	uint64_t n;

	rt_cgroup_read_number(cgroup, file, &n);
	return n;
}

/* ---- writing: a key brings the comma that it needs ---- */

static void key(struct strbuf *out, const char *name)
{
	bool first = out->len > 0 && out->s[out->len - 1] == '{';

	strbuf_add(out, first ? "" : ",");
	rt_json_write_string(out, name);
	strbuf_add(out, ":");
}

static void put(struct strbuf *out, const char *name, uint64_t n)
{
	key(out, name);
	strbuf_addf(out, "%" PRIu64, n);
}

/* As runc does it, a number that is 0 is left out. */
static void put_some(struct strbuf *out, const char *name, uint64_t n)
{
	if (n)
		put(out, name, n);
}

static void open_object(struct strbuf *out, const char *name)
{
	key(out, name);
	strbuf_add(out, "{");
}

static void close_object(struct strbuf *out)
{
	strbuf_add(out, "}");
}

/*
 * A file of lines "key number" as an object. Only what looks like the kernel's keys: what stands for
 * a cgroup may be somebody's own file system (lxcfs), and must not write our JSON.
 */
static void put_lines(struct strbuf *out, const char *name, const char *text)
{
	char word[64];
	uint64_t n;

	open_object(out, name);
	for (const char *line = text; *line; line += *line == '\n') {
		if (sscanf(line, "%63[a-z0-9_] %" SCNu64, word, &n) == 2)
			put(out, word, n);
		line += strcspn(line, "\n");
	}
	close_object(out);
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void put_pressure(struct strbuf *out, int cgroup, const char *file)
{
	char text[512], kind[8];
	unsigned int v[3], hundredths[3];
	uint64_t total;
	bool any = false;

	read_text(cgroup, file, text, sizeof(text));
	for (const char *line = text; *line; line += *line == '\n') {
		if (sscanf(line,
			   "%7[a-z] avg10=%9u.%2u avg60=%9u.%2u avg300=%9u.%2u total=%" SCNu64,
			   kind, &v[0], &hundredths[0], &v[1], &hundredths[1], &v[2],
			   &hundredths[2], &total) == 8) {
			if (!any)
				open_object(out, "psi");
			any = true;
			open_object(out, kind);
			strbuf_addf(out, "\"avg10\":%u.%02u,\"avg60\":%u.%02u,\"avg300\":%u.%02u",
				    v[0], hundredths[0], v[1], hundredths[1], v[2], hundredths[2]);
			put(out, "total", total);
			close_object(out);
		}
		line += strcspn(line, "\n");
	}
	if (any)
		close_object(out);
}

/* ---- the parts of the document ---- */

static void put_cpu(struct strbuf *out, int cgroup)
{
	char text[1024];

	read_text(cgroup, "cpu.stat", text, sizeof(text));
	open_object(out, "cpu");
	open_object(out, "usage");
	put_some(out, "total", rt_cgroup_value(text, "usage_usec") * 1000);
	put(out, "kernel", rt_cgroup_value(text, "system_usec") * 1000);
	put(out, "user", rt_cgroup_value(text, "user_usec") * 1000);
	close_object(out);
	open_object(out, "throttling");
	put_some(out, "periods", rt_cgroup_value(text, "nr_periods"));
	put_some(out, "throttledPeriods", rt_cgroup_value(text, "nr_throttled"));
	put_some(out, "throttledTime", rt_cgroup_value(text, "throttled_usec") * 1000);
	put_some(out, "bursts", rt_cgroup_value(text, "nr_bursts"));
	put_some(out, "burstTime", rt_cgroup_value(text, "burst_usec") * 1000);
	close_object(out);
	put_pressure(out, cgroup, "cpu.pressure");
	close_object(out);
}

/* "0-2,7" as [0,1,2,7]; no kernel has more processors or memory nodes than CPUS_MAX. */
static void put_list(struct strbuf *out, int cgroup, const char *name, const char *file)
{
	char text[4096];
	const char *s = read_text(cgroup, file, text, sizeof(text));
	unsigned int from, to;
	bool any = false;
	int used;

	for (; sscanf(s, "%9u%n", &from, &used) == 1; s += *s == ',') {
		s += used;
		to = from;
		if (sscanf(s, "-%9u%n", &to, &used) == 1)
			s += used;
		if (from > to || to >= CPUS_MAX)
			break;
		if (!any)
			key(out, name);
		for (; from <= to; from++, any = true)
			strbuf_addf(out, "%s%u", any ? "," : "[", from);
	}
	strbuf_add(out, any ? "]" : "");
}

static void put_cpuset(struct strbuf *out, int cgroup)
{
	open_object(out, "cpuset");
	put_list(out, cgroup, "cpus", "cpuset.cpus.effective");
	put_list(out, cgroup, "mems", "cpuset.mems.effective");
	close_object(out);
}

struct amount {
	uint64_t limit, usage, peak, failures;
};

static void put_amount(struct strbuf *out, const char *name, const struct amount *a)
{
	open_object(out, name);
	put(out, "limit", a->limit);
	put_some(out, "usage", a->usage);
	put_some(out, "max", a->peak);
	put(out, "failcnt", a->failures);
	close_object(out);
}

static void put_memory(struct strbuf *out, int cgroup)
{
	struct amount memory = {0}, swap, none = {0};
	char text[TEXT_MAX], events[512], swap_events[256];

	open_object(out, "memory");
	read_text(cgroup, "memory.stat", text, sizeof(text));
	read_text(cgroup, "memory.events", events, sizeof(events));
	memory.limit = number(cgroup, "memory.max");
	memory.usage = number(cgroup, "memory.current");
	memory.peak = number(cgroup, "memory.peak");
	memory.failures = rt_cgroup_value(events, "max");
	/* of memory and swap together, as runc tells it for the sake of cgroup v1 */
	swap.usage = number(cgroup, "memory.swap.current") + memory.usage;
	swap.limit = number(cgroup, "memory.swap.max");
	swap.peak = number(cgroup, "memory.swap.peak");
	read_text(cgroup, "memory.swap.events", swap_events, sizeof(swap_events));
	swap.failures = rt_cgroup_value(swap_events, "max");
	if (swap.limit != UINT64_MAX)
		swap.limit = memory.limit == UINT64_MAX ? UINT64_MAX : swap.limit + memory.limit;
	put_some(out, "cache", rt_cgroup_value(text, "file"));
	put_amount(out, "usage", &memory);
	put_amount(out, "swap", &swap);
	put_amount(out, "kernel", &none);
	put_amount(out, "kernelTCP", &none);
	put_lines(out, "raw", text);
	put_lines(out, "events", events);
	put_pressure(out, cgroup, "memory.pressure");
	close_object(out);
}

static void put_pids(struct strbuf *out, int cgroup)
{
	char text[256];
	uint64_t limit = number(cgroup, "pids.max");

	open_object(out, "pids");
	put_some(out, "current", number(cgroup, "pids.current"));
	if (limit != UINT64_MAX)
		put_some(out, "limit", limit);
	put_some(out, "peak", number(cgroup, "pids.peak"));
	if (*read_text(cgroup, "pids.events", text, sizeof(text)))
		put_lines(out, "events", text);
	close_object(out);
}

/* One of runc's lists: the words of io.stat that are in it, and what they are called there. */
struct io_list {
	const char *name;
	const char *words[3], *ops[3];
};

static void put_io_entry(struct strbuf *out, const unsigned dev[2], const char *op, uint64_t n)
{
	strbuf_add(out, out->s[out->len - 1] == '[' ? "{" : ",{");
	put_some(out, "major", dev[0]);
	put_some(out, "minor", dev[1]);
	key(out, "op");
	rt_json_write_string(out, op);
	put_some(out, "value", n);
	strbuf_add(out, "}");
}

/* The number behind "word=" in a line. */
static bool io_value(const char *line, const char *word, uint64_t *ret)
{
	size_t len = strlen(word);

	for (const char *s = line; *s && *s != '\n'; s += *s == ' ') {
		if (strncmp(s, word, len) == 0 && s[len] == '=') {
			*ret = strtoull(s + len + 1, NULL, 10);
			return true;
		}
		s += strcspn(s, " \n");
	}
	return false;
}

/*
 * Whose line it is: "8:0 rbytes=...". Linux 5.15 did not end the line of a device that has no numbers, so
 * that it is the last one's. Returns what is behind it; NULL: of no device.
 */
static const char *io_device(const char *line, unsigned dev[2])
{
	const char *end = NULL;
	int used;

	while (*line >= '0' && *line <= '9' &&
	       sscanf(line, "%9u:%9u%n", &dev[0], &dev[1], &used) == 2) {
		end = line + used;
		line = end + strspn(end, " ");
	}
	return end;
}

static void put_io_list(struct strbuf *out, const struct io_list *list, const char *text)
{
	unsigned dev[2];
	uint64_t n;

	key(out, list->name);
	strbuf_add(out, "[");
	for (const char *line = text; *line && !out->failed; line += *line == '\n') {
		if (io_device(line, dev))
			for (size_t i = 0; i < ARRAY_SIZE(list->words); i++)
				if (io_value(line, list->words[i], &n))
					put_io_entry(out, dev, list->ops[i], n);
		line += strcspn(line, "\n");
	}
	strbuf_add(out, "]");
}

/* io.stat as it is: {"8:0":{"rbytes":1,...}} */
static void put_io_stat(struct strbuf *out, const char *text)
{
	char word[64];
	unsigned dev[2];
	uint64_t n;
	int used;

	open_object(out, "ioStat");
	for (const char *line = text; *line; line += *line == '\n') {
		const char *s = io_device(line, dev);

		if (s) {
			snprintf(word, sizeof(word), "%u:%u", dev[0], dev[1]);
			open_object(out, word);
			while (sscanf(s, " %63[a-z_.]=%" SCNu64 "%n", word, &n, &used) == 2) {
				put(out, word, n);
				s += used;
			}
			close_object(out);
		}
		line += strcspn(line, "\n");
	}
	close_object(out);
}

static void put_io(struct strbuf *out, int cgroup)
{
	static const struct io_list bytes = {"ioServiceBytesRecursive",
					     {"rbytes", "wbytes", "dbytes"},
					     {"Read", "Write", "Discard"}};
	static const struct io_list operations = {
		"ioServicedRecursive", {"rios", "wios", "dios"}, {"Read", "Write", "Discard"}};
	char text[TEXT_MAX];

	read_text(cgroup, "io.stat", text, sizeof(text));
	open_object(out, "blkio");
	if (*text) {
		put_io_list(out, &bytes, text);
		put_io_list(out, &operations, text);
		put_io_stat(out, text);
	}
	put_pressure(out, cgroup, "io.pressure");
	close_object(out);
}

/* One page size: hugetlb.2MB.current and its like. */
static void put_hugetlb_size(struct strbuf *out, int cgroup, const char *size)
{
	char file[64], text[256];
	uint64_t usage, limit;

	snprintf(file, sizeof(file), "hugetlb.%s.current", size);
	usage = number(cgroup, file);
	snprintf(file, sizeof(file), "hugetlb.%s.max", size);
	limit = number(cgroup, file);
	snprintf(file, sizeof(file), "hugetlb.%s.events", size);
	read_text(cgroup, file, text, sizeof(text));
	open_object(out, size);
	put_some(out, "usage", usage);
	if (limit != UINT64_MAX)
		put(out, "limit", limit);
	put(out, "failcnt", rt_cgroup_value(text, "max"));
	close_object(out);
}

static void put_hugetlb(struct strbuf *out, int cgroup)
{
	DIR *dir = rt_cgroup_list(cgroup);
	const struct dirent *d;
	char size[16];
	int end;

	open_object(out, "hugetlb");
	while (dir && (d = readdir(dir))) {
		end = 0;
		if (sscanf(d->d_name, "hugetlb.%15[0-9KMGB].current%n", size, &end) == 1 && end)
			put_hugetlb_size(out, cgroup, size);
	}
	if (dir)
		closedir(dir);
	close_object(out);
}

void rt_cgroup_stat_json(int cgroup, struct strbuf *out)
{
	strbuf_add(out, "{");
	put_cpu(out, cgroup);
	put_cpuset(out, cgroup);
	put_memory(out, cgroup);
	put_pids(out, cgroup);
	put_io(out, cgroup);
	put_hugetlb(out, cgroup);
	strbuf_add(out, ",\"intel_rdt\":{},\"network_interfaces\":null}");
}

/* ---- a row of a table ---- */

/* The hundredths of avg10 of "some". */
static uint32_t pressure(int cgroup, const char *file)
{
	char text[512];
	unsigned whole = 0, hundredths = 0;

	read_text(cgroup, file, text, sizeof(text));
	if (sscanf(text, "some avg10=%u.%2u", &whole, &hundredths) != 2)
		return 0;
	return whole * 100 + hundredths;
}

void rt_cgroup_stat(int cgroup, struct rt_cgroup_stat *ret)
{
	char text[TEXT_MAX];
	uint64_t n;

	read_text(cgroup, "cpu.stat", text, sizeof(text));
	*ret = (struct rt_cgroup_stat){
		.cpu_usec = rt_cgroup_value(text, "usage_usec"),
		.memory = number(cgroup, "memory.current"),
		.pids = number(cgroup, "pids.current"),
		.cpu_pressure = pressure(cgroup, "cpu.pressure"),
		.memory_pressure = pressure(cgroup, "memory.pressure"),
		.io_pressure = pressure(cgroup, "io.pressure"),
	};
	ret->memory_limit = rt_cgroup_read_number(cgroup, "memory.max", &n) ? n : UINT64_MAX;
	ret->pids_limit = rt_cgroup_read_number(cgroup, "pids.max", &n) ? n : UINT64_MAX;
	read_text(cgroup, "io.stat", text, sizeof(text));
	for (const char *line = text; *line; line += *line == '\n') {
		if (io_value(line, "rbytes", &n))
			ret->read_bytes += n;
		if (io_value(line, "wbytes", &n))
			ret->write_bytes += n;
		line += strcspn(line, "\n");
	}
}
