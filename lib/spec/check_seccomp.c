/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp */
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

static void check_rule(struct check *c, const struct oci_seccomp_rule *r)
{
	check_errno(c, r->action, &r->errno_ret, OCI_HAS(r, errno_ret));
	/* rt-init itself has to hand the descriptor over with the filter in force */
	for (size_t i = 0; i < r->names.n; i++)
		if (r->action == OCI_SECCOMP_ACTION_NOTIFY && streq(r->names.v[i], "write"))
			BAD(c, &r->names.v[i], "\"write\" cannot have SCMP_ACT_NOTIFY");
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

void rt_check_seccomp(struct check *c, const struct oci_seccomp *s)
{
	bool notify = notifies(s);

	check_errno(c, s->default_action, &s->default_errno_ret, OCI_HAS(s, default_errno_ret));
	for (size_t i = 0; i < s->syscalls.n; i++)
		check_rule(c, &s->syscalls.v[i]);
	/* nothing could run, not even what answers */
	if (s->default_action == OCI_SECCOMP_ACTION_NOTIFY)
		BAD(c, &s->default_action, "SCMP_ACT_NOTIFY cannot be the default");
	if (notify && str_empty(s->listener_path))
		BAD(c, &s->listener_path, "SCMP_ACT_NOTIFY needs a listenerPath");
	if (!notify && !str_empty(s->listener_path))
		BAD(c, &s->listener_path, "no rule has SCMP_ACT_NOTIFY, so nobody listens");
	if (!str_empty(s->listener_path) && *s->listener_path != '/')
		BAD(c, &s->listener_path, "must be an absolute path");
	for (size_t i = 0; i < s->flags.n; i++)
		if (s->flags.v[i] == OCI_SECCOMP_FLAG_WAIT_KILLABLE_RECV && !notify)
			BAD(c, &s->flags.v[i], "goes with SCMP_ACT_NOTIFY only");
}
