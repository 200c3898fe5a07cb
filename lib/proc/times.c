/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/times.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

const char *rt_work_word(enum rt_work work)
{
	static const char words[][12] = {
#define X(name, word) word,
		RT_WORK(X)
#undef X
	};

	return work < RT_WORK_MAX ? words[work] : "?";
}

/* The clock that rt-init asks too, see struct op_time. */
static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void rt_times_start(struct rt_times *t)
{
	t->on = true;
	t->start = t->last = now();
}

void rt_times_work(struct rt_times *t, enum rt_work work)
{
	if (!t->on)
		return;
	t->work[work].begin = t->last;
	t->work[work].end = t->last = now();
}

void rt_times_skip(struct rt_times *t)
{
	if (t->on)
		t->last = now();
}

int rt_times_share(struct rt_times *t, struct plan *plan, struct err *e)
{
	size_t size = plan->block->nsteps * sizeof(*t->steps);
	_cleanup_close_ int fd = -EBADF;
	void *p = MAP_FAILED;

	if (!t->on)
		return 0;
	rt_times_close(t); /* of an attempt before */
	fd = memfd_create("rt-times", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, errno, RT_E_HOST, "memory file for the times");
	t->steps = p;
	t->nsteps = plan->block->nsteps;
	plan->block->times = (uint32_t)fd;
	fd_slot_set(&t->fd, TAKE_FD(fd));
	return 0;
}

void rt_times_shared(struct rt_times *t)
{
	fd_slot_close(&t->fd);
}

void rt_times_begin(struct rt_times *t, uint32_t step)
{
	if (step < t->nsteps)
		t->steps[step].begin = now();
}

void rt_times_end(struct rt_times *t, uint32_t step)
{
	if (step < t->nsteps)
		t->steps[step].end = now();
}

void rt_times_executed(struct rt_times *t)
{
	for (uint32_t i = t->nsteps; i-- > 0;) {
		if (!t->steps[i].begin)
			continue;
		if (!t->steps[i].end)
			t->steps[i].end = now();
		return;
	}
}

void rt_times_close(struct rt_times *t)
{
	rt_times_shared(t);
	if (t->steps)
		munmap(t->steps, t->nsteps * sizeof(*t->steps));
	t->steps = NULL;
	t->nsteps = 0;
}
