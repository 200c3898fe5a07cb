/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of a cgroup. What a controller that is not enabled would tell is left out. */
#ifndef RT_CGROUP_STAT_H
#define RT_CGROUP_STAT_H

#include <stdint.h>

#include "base/str.h"

/*
 * Append a JSON object in the shape of runc's events (its types/events.go: cpu in nanoseconds,
 * sizes in bytes, 2^64-1 for no limit), with what that does not have: memory.events, memory.psi,
 * pids.peak and pids.events, blkio.ioStat. `out` may have failed.
 */
void rt_cgroup_stat_json(int cgroup, struct strbuf *out);

/* The same in few numbers, for a table. UINT64_MAX: no limit; not known is 0. */
struct rt_cgroup_stat {
	uint64_t cpu_usec;
	uint64_t memory, memory_limit;
	uint64_t pids, pids_limit;
	uint64_t read_bytes, write_bytes;
	/* of the last ten seconds, the hundredths of a percent in which some task had to wait */
	uint32_t cpu_pressure, memory_pressure, io_pressure;
};
void rt_cgroup_stat(int cgroup, struct rt_cgroup_stat *ret);

#endif
