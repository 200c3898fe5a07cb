/* SPDX-License-Identifier: Apache-2.0 */
/* Who the program will be: keyring, user and groups, capabilities. */
#include "init/init.h"

#include <linux/keyctl.h>

int step_keyring(struct init *in, const struct op_keyring *op)
{
	long r = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL);

	(void)in, (void)op;
	/* A kernel without keys has none that could be found from inside. */
	return r < 0 && r != -ENOSYS ? (int)r : 0;
}

int step_bounding(struct init *in, const struct op_bounding *op)
{
	(void)in;
	for (unsigned long cap = 0; cap < 64; cap++) {
		int r;

		if (op->keep >> cap & 1)
			continue;
		r = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0);
		/* behind the kernel's last; Linux 5.14 has all up to this one */
		if (r == -EINVAL && cap > CAP_CHECKPOINT_RESTORE)
			break;
		/* Without CAP_SETPCAP nothing can be dropped; there may be nothing to drop. */
		if (r == -EPERM && sys_prctl(PR_CAPBSET_READ, cap, 0, 0) == 0)
			continue;
		if (r < 0)
			return r;
	}
	return 0;
}

static uint64_t both_words(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	return sys_capget(&head, data);
}

static bool has_cap(unsigned int cap)
{
	struct __user_cap_data_struct data[2];

	return get_caps(data) >= 0 && both_words(data[0].effective, data[1].effective) >> cap & 1;
}

/*
 * Pipes made by the caller belong to the caller: the program could write to them, but not open
 * /dev/stderr. What else stdio may be (the null device, a terminal, a file of the caller's) is not
 * the container's to own, and sockets cannot be reopened anyway. Best effort, as in other runtimes:
 * the owner of a pipe may have no mapping here.
 */
static void own_stdio(uint32_t uid)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fd_type(fd) == S_IFIFO)
			sys_fchownat(fd, "", uid, NO_ID, AT_EMPTY_PATH);
}

static int set_groups(struct init *in, const struct op_identity *op)
{
	int r = sys_setgroups(op->groups.len / sizeof(uint32_t),
			      (const uint32_t *)(const void *)init_text(in, op->groups.off));

	/*
	 * A user namespace that was mapped without privilege has setgroups denied for good
	 * (user_namespaces(7)): then there is no list, and an empty one is what it is. Of one that
	 * it makes R knows; anywhere else the groups would be the caller's.
	 */
	if (r == -EPERM && op->maybe_denied && !op->groups.len && has_cap(CAP_SETGID))
		return 0;
	return r;
}

int step_identity(struct init *in, const struct op_identity *op)
{
	int r = 0;

	if (op->own_stdio)
		own_stdio(op->uid);
	if (!op->keep_groups)
		r = set_groups(in, op);
	if (r >= 0)
		r = sys_setresgid(op->gid, op->gid, op->gid);
	/* Else the permitted set would be gone; execve resets this bit. */
	if (r >= 0 && op->uid != 0)
		r = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0);
	if (r >= 0)
		r = sys_setresuid(op->uid, op->uid, op->uid);
	/* A change of ids puts dumpable to the value of fs.suid_dumpable, which may be 1. */
	if (r >= 0 && (op->uid || op->gid))
		r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0);
	return r;
}

static int set_ambient(uint64_t caps)
{
	int r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0);

	for (unsigned long cap = 0; cap < 64 && r >= 0; cap++)
		if (caps >> cap & 1)
			r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0);
	return r;
}

/*
 * What we do not have cannot be given; R has warned of it (the specification wants a warning).
 * keep_admin: without no_new_privs a seccomp filter takes CAP_SYS_ADMIN to load, and it is loaded
 * last. The program does not get it so: execve makes the permitted and effective sets anew, of the
 * bounding, inheritable and ambient ones (capabilities(7)).
 */
int step_capabilities(struct init *in, const struct op_capabilities *op)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint64_t admin = op->keep_admin ? 1ULL << CAP_SYS_ADMIN : 0;
	uint64_t have, permitted, effective, inheritable;
	int r = get_caps(data);

	(void)in;
	if (r < 0)
		return r;
	have = both_words(data[0].permitted, data[1].permitted);
	permitted = (op->permitted | admin) & have;
	effective = (op->effective | admin) & permitted;
	inheritable = op->inheritable &
		      (have | both_words(data[0].inheritable, data[1].inheritable));
	for (int i = 0; i < 2; i++) {
		data[i].permitted = (uint32_t)(permitted >> 32 * i);
		data[i].effective = (uint32_t)(effective >> 32 * i);
		data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
	}
	r = sys_capset(&head, data);
	return r < 0 ? r : set_ambient(op->ambient & permitted & inheritable);
}

int step_no_new_privs(struct init *in, const struct op_no_new_privs *op)
{
	(void)in;
	(void)op;
	return sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0);
}
