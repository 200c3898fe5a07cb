/* SPDX-License-Identifier: Apache-2.0 */
/* process: who the program is and what it may. */
#include "base/str.h"
#include "spec/caps.h"
#include "spec/check_priv.h"

/* The kernel's NGROUPS_MAX. */
#define GROUPS_MAX 65536u

/*
 * config.md, Process: env has the semantics of environ. A name alone is refused, since programs
 * in between have taken it for "the value of the caller's" (CVE-2026-57231).
 */
void rt_check_env(struct check *c, const struct str_array *env)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->v[i], '=');

		if (!equals)
			BAD(c, &env->v[i], "\"%.100s\" has no '='", env->v[i]);
		else if (equals == env->v[i])
			BAD(c, &env->v[i], "the variable has no name");
	}
}

static void check_args(struct check *c, const struct oci_process *p)
{
	if (p->args.n == 0)
		BAD(c, &p->args, "must name a program");
	else if (!*p->args.v[0])
		BAD(c, &p->args.v[0], "the name of the program must not be empty");
}

static void check_user(struct check *c, const struct oci_user *u)
{
	if (u->umask > 0777)
		BAD(c, &u->umask, "%u is no umask: the largest is 511 (0777)", u->umask);
	if (u->additional_gids.n > GROUPS_MAX)
		BAD(c, &u->additional_gids, "more than %u groups", GROUPS_MAX);
}

static void check_rlimits(struct check *c, const struct oci_rlimit_array *a)
{
	bool seen[OCI_RLIMIT_MAX] = {false};

	for (size_t i = 0; i < a->n; i++) {
		const struct oci_rlimit *r = &a->v[i];

		if (r->soft > r->hard)
			BAD(c, &r->soft, "the soft limit %llu is above the hard limit %llu",
			    (unsigned long long)r->soft, (unsigned long long)r->hard);
		/* config.md: "MUST generate an error if the same type appears twice" */
		if (seen[r->type] && r->type)
			BAD(c, &r->type, "%s stands twice", WORD(oci_rlimit_type, r->type));
		seen[r->type] = true;
	}
}

/* ---- capabilities: only warnings, as config.md wants ------------------------------------- */

static uint64_t known_caps(struct check *c, const struct str_array *names)
{
	uint64_t set = 0;

	for (size_t i = 0; i < names->n; i++) {
		int n = rt_cap_number(names->v[i]);

		if (n >= 0)
			set |= 1ull << n;
		else
			WARN(c, &names->v[i], "unknown capability \"%.40s\", ignored", names->v[i]);
	}
	return set;
}

/*
 * capabilities(7): a set that is not within another is refused or cut by the kernel. One warning for
 * all of them, since the default configurations of runc and crun have three such names.
 */
static void check_within(struct check *c, const struct str_array *names, uint64_t limit,
			 const char *limit_name)
{
	_cleanup_strbuf_ struct strbuf outside = {0};
	const void *first = NULL;
	size_t n_outside = 0;

	for (size_t i = 0; i < names->n; i++) {
		int n = rt_cap_number(names->v[i]);

		if (n < 0 || limit & 1ull << n)
			continue;
		if (!n_outside++)
			first = &names->v[i];
		strbuf_addf(&outside, "%s%s", outside.len ? ", " : "", names->v[i]);
	}
	if (n_outside && !outside.failed)
		WARN(c, n_outside == 1 ? first : names, "cannot be raised, not in \"%s\": %.150s",
		     limit_name, outside.s);
}

static void check_capabilities(struct check *c, const struct oci_capabilities *caps)
{
	uint64_t permitted = known_caps(c, &caps->permitted);
	uint64_t inheritable = known_caps(c, &caps->inheritable);

	known_caps(c, &caps->bounding);
	known_caps(c, &caps->effective);
	known_caps(c, &caps->ambient);
	check_within(c, &caps->effective, permitted, "permitted");
	check_within(c, &caps->ambient, permitted, "permitted");
	check_within(c, &caps->ambient, inheritable, "inheritable");
}

/* ---- scheduling -------------------------------------------------------------------------- */

/* sched(7): "all parameter values must be at least 1024 (i.e., just over one microsecond)" */
#define DEADLINE_MIN 1024u

static void check_deadline(struct check *c, const struct oci_scheduler *s)
{
	uint64_t period = s->period ? s->period : s->deadline;

	if (s->runtime < DEADLINE_MIN || s->runtime > s->deadline || s->deadline > period ||
	    period > INT64_MAX)
		BAD(c, &s->policy,
		    "SCHED_DEADLINE needs %u <= runtime <= deadline <= period, in nanoseconds",
		    DEADLINE_MIN);
}

/* sched(7): a task of SCHED_DEADLINE cannot fork, which rt-init does for its hooks. */
static bool forks_in_vain(struct check *c, const struct oci_scheduler *s)
{
	const struct oci_hooks *hooks = c->config ? c->config->hooks : NULL;

	for (size_t i = 0; i < s->flags.n; i++)
		if (s->flags.v[i] == OCI_SCHED_FLAG_RESET_ON_FORK)
			return false;
	return hooks && (hooks->create_container.n || hooks->start_container.n);
}

/* sched(7), sched_setattr(2) */
static void check_scheduler(struct check *c, const struct oci_scheduler *s)
{
	bool realtime = s->policy == OCI_SCHED_FIFO || s->policy == OCI_SCHED_RR;
	bool deadline = s->policy == OCI_SCHED_DEADLINE;
	bool fair = s->policy == OCI_SCHED_OTHER || s->policy == OCI_SCHED_BATCH;

	if (s->policy == OCI_SCHED_ISO)
		BAD(c, &s->policy, "SCHED_ISO is a reserved word, no Linux has it");
	if (s->nice < -20 || s->nice > 19)
		BAD(c, &s->nice, "%d is not in the range -20..19", s->nice);
	if (realtime && (s->priority < 1 || s->priority > 99))
		BAD(c, &s->priority, "%s needs a priority of 1..99", WORD(oci_sched, s->policy));
	if (!realtime && s->priority)
		BAD(c, &s->priority, "only SCHED_FIFO and SCHED_RR have a priority");
	if (!deadline && (s->runtime || s->deadline || s->period))
		BAD(c,
		    s->runtime    ? &s->runtime
		    : s->deadline ? &s->deadline
				  : &s->period,
		    "only SCHED_DEADLINE has runtime, deadline and period");
	if (s->nice && !fair)
		WARN(c, &s->nice, "ignored, since only SCHED_OTHER and SCHED_BATCH have it");
	if (deadline)
		check_deadline(c, s);
	if (deadline && forks_in_vain(c, s))
		BAD(c, &s->flags,
		    "without SCHED_FLAG_RESET_ON_FORK no createContainer or startContainer hook "
		    "can be run");
}

static void check_cpu_affinity(struct check *c, const struct oci_cpu_affinity *a)
{
	rt_check_list(c, &a->initial, "cpus");
	rt_check_list(c, &a->final, "cpus");
}

static void check_terminal(struct check *c, const struct oci_process *p)
{
	const struct oci_console_size *size = p->console_size;

	if (!size)
		return;
	if (!p->terminal)
		WARN(c, &p->console_size, "ignored, since process.terminal is not true");
	/* struct winsize, ioctl_tty(2) */
	if (size->height > UINT16_MAX)
		BAD(c, &size->height, "larger than %d", UINT16_MAX);
	if (size->width > UINT16_MAX)
		BAD(c, &size->width, "larger than %d", UINT16_MAX);
}

void rt_check_process_rules(struct check *c, const struct oci_process *p)
{
	check_args(c, p);
	rt_check_env(c, &p->env);
	check_rlimits(c, &p->rlimits);
	check_terminal(c, p);
	if (p->user)
		check_user(c, p->user);
	if (p->capabilities)
		check_capabilities(c, p->capabilities);
	if (p->oom_score_adj < -1000 || p->oom_score_adj > 1000)
		BAD(c, &p->oom_score_adj, "%lld is not in the range -1000..1000",
		    (long long)p->oom_score_adj);
	if (p->scheduler)
		check_scheduler(c, p->scheduler);
	if (p->io_priority && (p->io_priority->priority < 0 || p->io_priority->priority > 7))
		BAD(c, &p->io_priority->priority, "%d is not in the range 0..7",
		    p->io_priority->priority);
	if (p->exec_cpu_affinity)
		check_cpu_affinity(c, p->exec_cpu_affinity);
}
