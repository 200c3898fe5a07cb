/* SPDX-License-Identifier: Apache-2.0 */
/* What a cgroup has now, for update. */
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/text.h"
#include "plan/build.h"

#define VALUE_MAX 64

/* A number, -1 for "max" and for a file that is not there. */
static int64_t read_number(int cgroup, const char *file)
{
	uint64_t n;

	return rt_cgroup_read_number(cgroup, file, &n) && n <= INT64_MAX ? (int64_t)n : -1;
}

static uint64_t or_zero(int64_t n)
{
	return n < 0 ? 0 : (uint64_t)n;
}

/* "max 100000": quota and period. */
static void read_cpu_max(int cgroup, struct plan_now *now)
{
	char text[VALUE_MAX], *period;

	now->quota = -1;
	if (io_read_small(cgroup, "cpu.max", text, sizeof(text)) < 0)
		return;
	period = text + strcspn(text, " ");
	if (*period)
		*period++ = '\0';
	if (str_to_i64(text, 0, INT64_MAX, &now->quota) < 0)
		now->quota = -1;
	str_to_u64(period, 0, UINT64_MAX, &now->period);
}

void rt_cgroup_now(int cgroup, struct plan_now *ret)
{
	*ret = (struct plan_now){
		.memory = read_number(cgroup, "memory.max"),
		.swap = read_number(cgroup, "memory.swap.max"),
		.memory_used = or_zero(read_number(cgroup, "memory.current")),
		.burst = or_zero(read_number(cgroup, "cpu.max.burst")),
		.idle = read_number(cgroup, "cpu.idle") == 1,
	};
	read_cpu_max(cgroup, ret);
}
