/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/rt_init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "cgroup/cgroup.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* Linux 6.3 */
#endif

/* lib/init, linked in by init_blob.S */
extern const char rt_init_blob[], rt_init_blob_end[];

/*
 * The program as a memory file that nobody can write, whatever the container does to
 * /proc/PID/exe (CVE-2019-5736): no file of the host is ever executed inside.
 */
static int open_program(struct err *e)
{
	_cleanup_close_ int fd = rt_sys_memfd_exec("rt-init");
	int r;

	if (fd < 0)
		return err_set(e, fd, RT_E_HOST, "memory file for rt-init");
	r = io_write_all(fd, rt_init_blob, (size_t)(rt_init_blob_end - rt_init_blob));
	if (r < 0)
		return err_set(e, r, RT_E_HOST, "memory file for rt-init");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return err_set(e, errno, RT_E_HOST, "seal rt-init");
	return TAKE_FD(fd);
}

static int open_plan(const struct plan *plan, struct err *e)
{
	_cleanup_close_ int fd = memfd_create("rt-plan", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return err_set(e, errno, RT_E_HOST, "memory file for the plan");
	r = io_write_all(fd, plan->block, plan->block->size);
	if (r < 0)
		return err_set(e, r, RT_E_HOST, "memory file for the plan");
	return TAKE_FD(fd);
}

/* Descriptors that the child keeps: slots, preserved ones, channel, plan, times. */
static int32_t *keep_list(struct plan *plan, int channel, int plan_fd, uint32_t *ret_n)
{
	const struct plan_head *h = plan->block;
	uint32_t n = h->nslots + h->preserve + 3;
	int32_t *keep = calloc(n, sizeof(*keep));

	if (!keep)
		return NULL;
	keep[0] = channel;
	keep[1] = plan_fd;
	keep[2] = h->times ? (int32_t)h->times : -1;
	memcpy(keep + 3, plan_slots(plan), h->nslots * sizeof(*keep));
	for (uint32_t i = 0; i < h->preserve; i++)
		keep[3 + h->nslots + i] = 3 + (int32_t)i;
	*ret_n = n;
	return keep;
}

static int spawn_failed(int r, bool exec_failed, const struct rt_spawn *s, struct err *e)
{
	if (exec_failed)
		return err_set(e, r, RT_E_HOST, "execute rt-init");
	err_set(e, r, RT_E_NAMESPACE, "clone into new namespaces");
	if (s->cgroup_fd >= 0)
		rt_cgroup_explain_clone(s->cgroup_fd, -r, e);
	if (e->hint[0])
		return r;
	if (r == -ENOSPC || r == -EUSERS)
		err_hint(e, "a limit below /proc/sys/user is reached: max_*_namespaces");
	else if (r == -EPERM && s->namespaces)
		err_hint(e, "CAP_SYS_ADMIN is needed, or a user namespace in linux.namespaces");
	return r;
}

int rt_init_start(struct plan *plan, const struct op_spawn *spawn, const int *stdio,
		  struct rt_init *ret, struct err *e)
{
	_cleanup_close_ int program = -EBADF, plan_fd = -EBADF, ours = -EBADF, theirs = -EBADF;
	_cleanup_close_ int cgroup = -EBADF;
	_cleanup_free_ int32_t *keep = NULL;
	char plan_digits[16];
	const char *const argv[] = {"rt-init", plan_digits, NULL};
	const char *const envp[] = {NULL};
	struct rt_spawn s = {.argv = argv,
			     .envp = envp,
			     .stdio = stdio,
			     .cwd_fd = -1,
			     .namespaces = spawn->namespaces,
			     .cgroup_fd = -1};
	bool exec_failed;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, RT_E_HOST, "control channel");
	ours = pair[0];
	theirs = pair[1];
	plan->block->control = (uint32_t)theirs;
	if (spawn->cgroup != NO_SLOT)
		s.cgroup_fd = plan_slots(plan)[spawn->cgroup];
	/* The clone here is the only one to need it: rt-init gets no descriptor to look after. */
	if (spawn->cgroup != NO_SLOT && !spawn->staged)
		cgroup = TAKE_FD(plan_slots(plan)[spawn->cgroup]);
	program = open_program(e);
	if (program < 0)
		return program;
	plan_fd = open_plan(plan, e);
	if (plan_fd < 0)
		return plan_fd;
	snprintf(plan_digits, sizeof(plan_digits), "%d", plan_fd);
	keep = keep_list(plan, theirs, plan_fd, &s.nkeep);
	if (!keep)
		return err_nomem(e);
	s.keep = keep;
	s.exec_fd = program;
	r = rt_spawn(&s, &ret->pid, &ret->pidfd, &exec_failed);
	if (r < 0)
		return spawn_failed(r, exec_failed, &s, e);
	ret->channel = TAKE_FD(ours);
	return 0;
}
