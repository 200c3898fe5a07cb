/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp */
#include "spec/annotations.h"
#include "spec/check_priv.h"

/* seccomp(2): the data of an action has 16 bits, an errno no more than MAX_ERRNO. */
#define ERRNO_MAX 4095u

/* config-linux.md: "When the action does not support an errno, the runtime MUST print an error" */
static void check_errno(struct check *c, enum oci_seccomp_action action, const uint32_t *value,
			bool present)
{
	if (!present || !action)
		return;
	if (action != OCI_SECCOMP_ACTION_ERRNO && action != OCI_SECCOMP_ACTION_TRACE)
		BAD(c, value, "%s does not take an errno", WORD(oci_seccomp_action, action));
	else if (*value > (action == OCI_SECCOMP_ACTION_ERRNO ? ERRNO_MAX : UINT16_MAX))
		BAD(c, value, "%u is too large for %s", *value, WORD(oci_seccomp_action, action));
}

/*
 * rt-init itself has to hand the filter's descriptor over (sendmsg) with the filter in force, and to
 * tell a failure of execve (write): nobody could answer the first, or should have to answer the
 * second.
 */
static bool is_our_own(const char *name)
{
	return streq(name, "sendmsg") || streq(name, "write");
}

static void check_rule(struct check *c, const struct oci_seccomp_rule *r)
{
	check_errno(c, r->action, &r->errno_ret, OCI_HAS(r, errno_ret));
	for (size_t i = 0; i < r->names.n; i++)
		if (r->action == OCI_SECCOMP_ACTION_NOTIFY && is_our_own(r->names.v[i]))
			BAD(c, &r->names.v[i], "SCMP_ACT_NOTIFY cannot be used for the %s syscall",
			    r->names.v[i]);
	for (size_t i = 0; i < r->args.n; i++)
		if (r->args.v[i].index > 5)
			BAD(c, &r->args.v[i].index, "%u is not in the range 0..5",
			    r->args.v[i].index);
}

static bool notifies(const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.n; i++)
		if (s->syscalls.v[i].action == OCI_SECCOMP_ACTION_NOTIFY)
			return true;
	return false;
}

/* Notify is complained of elsewhere. */
static bool lets_pass(enum oci_seccomp_action action)
{
	return action == OCI_SECCOMP_ACTION_ALLOW || action == OCI_SECCOMP_ACTION_LOG ||
	       action == OCI_SECCOMP_ACTION_NOTIFY;
}

static bool names(const struct oci_seccomp_rule *r, const char *name)
{
	return str_array_has(&r->names, name);
}

/* Is the call allowed whatever its arguments are? The first rule without conditions counts. */
static bool allows(const struct oci_seccomp *s, const char *name)
{
	bool allowed = lets_pass(s->default_action), decided = false;

	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.v[i];

		if (!names(r, name))
			continue;
		if (r->args.n && !lets_pass(r->action))
			return false;
		if (!r->args.n && !decided) {
			allowed = lets_pass(r->action);
			decided = true;
		}
	}
	return allowed;
}

static void check_listener(struct check *c, const struct oci_seccomp *s, bool notify)
{
	const void *at;
	const char *path = rt_seccomp_listener(c->config, &at);

	if (!str_empty(s->listener_metadata) && !path)
		BAD(c, &s->listener_metadata, "goes with a listenerPath only");
	if (notify && !path)
		BAD(c, &s->listener_path, "SCMP_ACT_NOTIFY needs a listenerPath");
	if (!path)
		return;
	if (*path != '/')
		BAD(c, at, "must be an absolute path");
	if (notify && !allows(s, "sendmsg"))
		BAD(c, at,
		    "the rules must allow sendmsg: with it the listener gets its descriptor");
	if (!notify && !str_empty(s->listener_path)) /* config-linux.md: "this value is ignored" */
		WARN(c, at, "no rule has SCMP_ACT_NOTIFY, so nobody will listen");
}

void rt_check_seccomp(struct check *c, const struct oci_seccomp *s)
{
	bool notify = notifies(s);

	check_errno(c, s->default_action, &s->default_errno_ret, OCI_HAS(s, default_errno_ret));
	for (size_t i = 0; i < s->syscalls.n; i++)
		check_rule(c, &s->syscalls.v[i]);
	/* nothing could run, not even what answers */
	if (s->default_action == OCI_SECCOMP_ACTION_NOTIFY)
		BAD(c, &s->default_action, "SCMP_ACT_NOTIFY cannot be the default");
	check_listener(c, s, notify);
	for (size_t i = 0; i < s->flags.n; i++)
		if (s->flags.v[i] == OCI_SECCOMP_FLAG_WAIT_KILLABLE_RECV && !notify)
			BAD(c, &s->flags.v[i], "goes with SCMP_ACT_NOTIFY only");
}
