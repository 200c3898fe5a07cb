/* SPDX-License-Identifier: Apache-2.0 */
#include "programs.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static long get_info(int fd, struct bpf_prog_info *info)
{
	union bpf_attr attr = {
		.info = {.bpf_fd = (uint32_t)fd,
			 .info_len = sizeof(*info),
			 .info = (uintptr_t)info},
	};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

static bool has_mark(int fd, uint32_t mark)
{
	struct bpf_prog_info info = {0};
	struct bpf_insn *insns;
	bool found = false;
	uint32_t n;

	if (get_info(fd, &info) < 0 || info.type != BPF_PROG_TYPE_CGROUP_DEVICE)
		return false;
	n = info.xlated_prog_len / (uint32_t)sizeof(*insns);
	insns = calloc(n + 1, sizeof(*insns));
	info = (struct bpf_prog_info){.xlated_prog_len = n * (uint32_t)sizeof(*insns),
				      .xlated_prog_insns = (uintptr_t)insns};
	if (insns && get_info(fd, &info) == 0)
		for (uint32_t i = 0; i < n && !found; i++)
			found = (uint32_t)insns[i].imm == mark;
	free(insns);
	return found;
}

void programs_list(uint32_t mark, struct words *ret)
{
	union bpf_attr next = {0};

	while (bpf(BPF_PROG_GET_NEXT_ID, &next) == 0) {
		union bpf_attr attr = {.prog_id = next.next_id};
		int fd = (int)bpf(BPF_PROG_GET_FD_BY_ID, &attr);

		next.start_id = next.next_id;
		if (fd < 0)
			continue; /* gone meanwhile */
		if (has_mark(fd, mark))
			words_add(ret, xprintf("%u", attr.prog_id));
		close(fd);
	}
}
