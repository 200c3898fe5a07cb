/* SPDX-License-Identifier: Apache-2.0 */
/* Start of rt-init, and the loop that runs the plan. */
#include "init/init.h"

#include <linux/signal.h>

/* Descriptors that steps may leave open before they are closed together. */
#define SCRATCH_MAX 48

const char *init_text(const struct init *in, uint32_t off)
{
	return off ? (const char *)in->plan + off : "";
}

static uint64_t *items_of(const struct init *in, struct op_strv v)
{
	return (uint64_t *)((char *)in->plan + v.off);
}

const char *init_item(const struct init *in, struct op_strv v, uint32_t i)
{
	return (const char *)in->plan + items_of(in, v)[i];
}

char **init_argv(const struct init *in, struct op_strv v)
{
	uint64_t *items = items_of(in, v);
	char **argv = (char **)items;

	/* Where pointers are shorter than items they move towards the front, behind the reading. */
	for (uint32_t i = 0; i < v.n; i++)
		argv[i] = (char *)in->plan + items[i];
	argv[v.n] = NULL;
	return argv;
}

int init_slot(const struct init *in, uint32_t slot)
{
	if (slot >= in->plan->nslots || in->slots[slot] < 0)
		return -EBADF;
	return in->slots[slot];
}

void init_slot_set(struct init *in, uint32_t slot, int fd)
{
	if (slot < in->plan->nslots)
		in->slots[slot] = fd;
}

int init_scratch(struct init *in, int fd)
{
	if (fd >= 0)
		in->scratch++;
	return fd;
}

/* The lowest descriptor from `from` on that must stay open; INT32_MAX: none. */
static int next_kept(const struct init *in, int from)
{
	int next = in->report >= from ? in->report : INT32_MAX;

	for (uint32_t i = 0; i < in->plan->nslots; i++)
		if (in->slots[i] >= from && in->slots[i] < next)
			next = in->slots[i];
	return next;
}

/* Some may be in use twice, none is outside the ranges: gap after gap is closed. */
int init_close_others(const struct init *in)
{
	int from = (int)(3 + in->plan->preserve), kept, r = 0;

	while (r >= 0 && (kept = next_kept(in, from)) != INT32_MAX) {
		if (kept > from)
			r = sys_close_range((unsigned int)from, (unsigned int)kept - 1);
		from = kept + 1;
	}
	return r < 0 ? r : sys_close_range((unsigned int)from, UINT32_MAX);
}

void init_close_scratch(struct init *in)
{
	in->parent.fd = -1;
	if (in->scratch)
		init_close_others(in);
	in->scratch = 0;
}

int init_fail(struct init *in, int no, enum rt_why why, const char *detail)
{
	struct text t = TEXT(in->detail);

	if (in->why || in->detail[0])
		return no;
	in->why = why;
	if (detail)
		text_add(&t, detail);
	return no;
}

void init_die(struct init *in, int no)
{
	bool told = init_send_error(in, no) >= 0 && in->refused && init_say(in);

	/* Else it is seen only by whoever the report did not reach; see exec.c. */
	sys_exit(told || !in->exec_told ? 1 : no == -ENOENT ? 127 : 126);
}

static int run_step(struct init *in, const struct op_head *s)
{
	switch (s->op) {
#define RUN_R(name)
#define RUN_I(name)                                                                                \
	case OP_##name:                                                                            \
		return step_##name(in, (const struct op_##name *)s);
#define X(name, side, word) RUN_##side(name)
		OP_LIST(X)
#undef X
	default:
		return 0; /* the runtime's */
	}
}

static const struct op_head *step_at(const struct init *in, uint32_t off)
{
	return (const struct op_head *)(const void *)((const char *)in->plan + off);
}

/*
 * The caller's RLIMIT_NOFILE may be lower than what SCRATCH_MAX wants. The step that hits it is
 * begun anew: until it has its descriptors, none has done anything that it would not do again.
 */
static int run_with_room(struct init *in, const struct op_head *s)
{
	unsigned int scratch = in->scratch;
	int r = run_step(in, s);

	if (r != -EMFILE || !scratch)
		return r;
	init_close_scratch(in);
	in->why = RT_WHY_NONE;
	in->detail[0] = '\0';
	return run_step(in, s);
}

static uint64_t now(void)
{
	struct sys_timespec t = {0};

	sys_clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.sec * 1000000000 + (uint64_t)t.nsec;
}

static int run_timed(struct init *in, const struct op_head *s)
{
	struct op_time *time = in->times + in->step;
	int r;

	time->begin = now();
	/* Whether the filter lets us ask for the time is not to be tried. */
	if (s->op == OP_seccomp)
		in->times = NULL;
	r = run_with_room(in, s);
	if (in->times)
		time->end = now();
	return r;
}

static int run_plan(struct init *in)
{
	uint32_t off = in->plan->steps;

	while (off < in->plan->steps_end) {
		const struct op_head *s = step_at(in, off);
		/* What the runtime does is for it to time. */
		bool timed = in->times && s->stage >= STAGE_NS;
		int r = timed ? run_timed(in, s) : run_with_room(in, s);

		if (r < 0)
			return r;
		/* With many slots, closing is dear and is done less often. */
		if (in->scratch > SCRATCH_MAX + in->plan->nslots)
			init_close_scratch(in);
		off += s->size;
		in->step++;
	}
	return -EPROTO; /* the last step is exec, which does not come back */
}

/* Map the plan; from here on errors can be told. */
static int open_plan(struct init *in, int plan_fd)
{
	struct statx st;
	int r;

	r = sys_statx(plan_fd, "", AT_EMPTY_PATH, STATX_SIZE, &st);
	if (r < 0)
		return r;
	if (st.stx_size < sizeof(struct plan_head) || st.stx_size > UINT32_MAX)
		return -EINVAL;
	in->plan = sys_map_file(plan_fd, (size_t)st.stx_size);
	if (!in->plan)
		return -ENOMEM;
	r = plan_verify(in->plan, (uint32_t)st.stx_size);
	if (r < 0)
		return r;
	if (in->plan->times) {
		in->times = sys_map_shared((int)in->plan->times,
					   in->plan->nsteps * sizeof(*in->times));
		if (!in->times)
			return -ENOMEM;
	}
	in->slots = (int32_t *)((char *)in->plan + in->plan->slots);
	in->report = (int)in->plan->control;
	if (in->report < (int)(3 + in->plan->preserve))
		return -EINVAL;
	for (uint32_t i = 0; i < in->plan->nslots; i++)
		if (in->slots[i] >= 0 && in->slots[i] < (int)(3 + in->plan->preserve))
			return -EINVAL;
	return 0;
}

/* Failures of what precedes the steps belong to the one that they are about, else to the first. */
static void blame(struct init *in, enum op_code op)
{
	uint32_t off = in->plan->steps, step = 0;

	for (; off < in->plan->steps_end && step_at(in, off)->op != op; step++)
		off += step_at(in, off)->size;
	in->step = off < in->plan->steps_end ? step : 0;
}

/* A hole among the preserved ones would be filled by a descriptor of ours, for the program. */
static int check_preserved(struct init *in)
{
	char number[12];
	struct text t = TEXT(number);

	for (uint32_t i = 0; i < in->plan->preserve; i++) {
		if (sys_fcntl((int)(3 + i), F_GETFD, 0) >= 0)
			continue;
		blame(in, OP_close_fds);
		text_num(&t, 3 + i);
		return init_fail(in, -EBADF, RT_WHY_NOT_OPEN, number);
	}
	return 0;
}

/* What /proc/self/status says behind this name, "" when it says nothing. */
static const char *status_of(const char *status, const char *name)
{
	for (; *status; status++)
		if (text_starts(status, name))
			return status + strlen(name);
	return "";
}

/* By one file instead of 64 calls. Where it is missing (no procfs on this host) all count as ignored. */
static uint64_t ignored_signals(const char *status)
{
	const char *s = status_of(status, "\nSigIgn:\t");
	uint64_t mask = *s ? 0 : UINT64_MAX;

	for (; *s && *s != '\n'; s++)
		mask = mask << 4 | (uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return mask;
}

/* True only if it is certain: the first digit may stand for less than four cpus. */
static bool may_run_on_all_cpus(const char *status)
{
	const char *s = status_of(status, "\nCpus_allowed:\t");

	if (!*s)
		return false;
	while (*s == 'f' || *s == ',')
		s++;
	return *s == '\n';
}

/*
 * The caller's cpus are not the container's: that is what cpuset.cpus and execCPUAffinity are for.
 * Since Linux 6.2 a move into the cgroup no longer takes them away (da019032819a, "sched: Enforce user
 * requested affinity"). The kernel takes as many of the bits as it has cpus, and leaves out what the
 * cpuset does not have. Where a filter of the caller refuses that, they stay as they are.
 */
static void reset_cpus(const char *status)
{
	uint8_t all[8192 / 8]; /* the most that a kernel is built for */

	if (may_run_on_all_cpus(status))
		return;
	memset(all, 0xff, sizeof(all));
	sys_sched_setaffinity(sizeof(all), all);
}

/*
 * What the caller of the runtime leaves to its children must not reach the container's program.
 * Handlers are gone since our own execve, the parent-death signal since the clone; ignored signals,
 * the mask and the cpus are inherited. Done first, so that hooks need nothing of the kind.
 */
static int reset_inherited(void)
{
	static const uint64_t none;
	/* Zeros are SIG_DFL, whatever the order of the members on this architecture. */
	static const uint64_t by_default[8];
	char status[2048];
	uint64_t ignored;
	long n = -1;
	int fd = sys_openat(AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC, 0);

	if (fd >= 0) {
		n = sys_read(fd, status, sizeof(status) - 1);
		sys_close(fd);
	}
	status[n > 0 ? n : 0] = '\0';
	reset_cpus(status);
	ignored = ignored_signals(status);
	for (int signal = 1; signal <= SIGNALS; signal++) {
		int r = ignored >> (signal - 1) & 1 ? sys_sigaction(signal, by_default) : 0;

		if (r < 0 && signal != SIGKILL && signal != SIGSTOP)
			return r;
	}
	return sys_sigmask(SIG_SETMASK, &none);
}

int init_main(struct init *in, int plan_fd)
{
	/* Nobody may look into us or borrow our descriptors (CVE-2016-9962). */
	int hidden = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0), r;

	/* By its name a process that waits at its gate is known from a program that runs. */
	if (hidden >= 0)
		hidden = sys_prctl(PR_SET_NAME, (unsigned long)"rt-init", 0, 0);
	in->parent.fd = -1;
	r = open_plan(in, plan_fd);
	if (r < 0)
		return 1; /* no channel yet; the runtime sees the end of it */
	blame(in, OP_spawn);
	r = hidden < 0 ? hidden : init_close_others(in); /* the plan's descriptor too */
	if (r >= 0)
		r = sys_fcntl(in->report, F_SETFD, FD_CLOEXEC);
	if (r >= 0)
		r = reset_inherited();
	if (r >= 0)
		r = check_preserved(in);
	if (r >= 0) {
		in->step = 0;
		/* Modes of what the steps make are meant as they are. */
		in->umask = (unsigned int)sys_umask(0);
		r = run_plan(in);
	}
	init_die(in, r);
	return 1;
}

#ifndef RT_INIT_TEST
void init_start(long *stack) __attribute__((noreturn, used));

/* stack: argc, argv[], NULL, environment. argv[1] is the number of the plan's descriptor. */
void init_start(long *stack)
{
	char *const *argv = (char *const *)(stack + 1);
	const char *s = stack[0] == 2 ? argv[1] : "";
	struct init in;
	int fd = 0;

	memset(&in, 0, sizeof(in));
	for (; *s >= '0' && *s <= '9' && fd < 1000000; s++)
		fd = fd * 10 + (*s - '0');
	sys_exit(fd >= 3 && !*s ? init_main(&in, fd) : 1);
	for (;;)
		__builtin_trap(); /* exit_group cannot fail, unless a filter forbids it */
}
#endif
