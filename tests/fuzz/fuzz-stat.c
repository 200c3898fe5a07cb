/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a cgroup, as events and stats read them. The first byte says which file has the rest as
 * its content, in a directory that stands for the cgroup. Whatever it says, a JSON object comes out.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cgroup/cgroup.h"
#include "cgroup/stat.h"

static const char *const files[] = {
	"cpu.stat",
	"memory.stat",
	"memory.events",
	"memory.current",
	"memory.max",
	"memory.peak",
	"memory.swap.current",
	"pids.current",
	"pids.max",
	"pids.events",
	"io.stat",
	"cpu.pressure",
	"io.pressure",
	"memory.pressure",
	"cgroup.events",
	"cgroup.controllers",
	"cgroup.procs",
	"hugetlb.2MB.current",
	"rdma.current",
	"misc.current",
	"cpuset.cpus.effective",
};
#define FILES (sizeof(files) / sizeof(files[0]))

static char dir_path[] = "/tmp/fuzz-stat.XXXXXX";

static void remove_dir(void)
{
	char path[128];

	for (size_t i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir_path, files[i]);
		unlink(path);
	}
	rmdir(dir_path);
}

static int open_dir(void)
{
	static int dir = -1;

	if (dir >= 0)
		return dir;
	FUZZ_CHECK(mkdtemp(dir_path));
	atexit(remove_dir);
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(dir >= 0);
	return dir;
}

static void put(int dir, const char *name, const void *text, size_t len)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *before;
	struct rt_cgroup_events events;
	struct rt_cgroup_stat stat;
	struct json_reader reader;
	struct strbuf out = {0};
	struct err e = ERR_INIT;
	size_t offset;
	pid_t *pids = NULL;
	int dir = open_dir();

	if (!size)
		return 0;
	if (before)
		unlinkat(dir, before, 0);
	before = files[data[0] % FILES];
	put(dir, before, data + 1, size - 1);

	rt_cgroup_stat_json(dir, &out);
	FUZZ_CHECK(!out.failed);
	/* A line that is there twice is a key that is there twice. */
	if (rt_json_open(&reader, out.s, out.len, &offset, &e) == 0)
		rt_json_close(&reader);
	else
		FUZZ_CHECK(strstr(e.text, "duplicate key"));
	strbuf_free(&out);
	rt_cgroup_stat(dir, &stat);
	rt_cgroup_events(dir, &events, &e);
	rt_cgroup_pids(dir, &pids, &offset, &e);
	free(pids);
	return 0;
}
