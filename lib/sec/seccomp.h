/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp as a classic BPF program for seccomp(2).
 *
 * The code generator is our own: per architecture a balanced search tree over ranges of system call
 * numbers, which costs microseconds to make and half of the kernel's time to load, where libseccomp
 * takes milliseconds. The numbers come from libseccomp at build time, and the unit tests hold every
 * decision of the program against libseccomp's.
 *
 * What a profile means (as runc and crun, that is libseccomp, read it):
 *  - The native architecture always takes part; calls of an architecture that does not are answered
 *    by SCMP_ACT_KILL.
 *  - A rule without args beats all rules with args of the same system call; of several without
 *    args the first counts. A rule whose action is the default action is no rule. Where rules with
 *    args and different actions overlap, see sec_arg_compare() in args.h.
 *  - Conditions of one rule are ANDed, unless two of them are on the same index: then each is a
 *    rule of its own.
 *  - Names that no architecture knows are passed over, a name that one architecture lacks is passed
 *    over there. Where socket() and its kin go through socketcall(2) or ipc(2), a rule for the name
 *    is also one for that call with its number.
 *  - System calls above the highest one that the profile names get ENOSYS rather than an error of
 *    the default action, so that a C library newer than the profile falls back (not if the default
 *    is to allow, log or trace).
 */
#ifndef RT_SEC_SECCOMP_H
#define RT_SEC_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "spec/oci.h"

struct rt_seccomp {
	const struct sock_filter *insns; /* in the arena */
	uint32_t n;
	uint32_t flags;             /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	bool notify;                /* there is an SCMP_ACT_NOTIFY, and NEW_LISTENER in the flags */
	const char *const *unknown; /* names that were passed over; for a log at debug level */
	uint32_t n_unknown;
};

/*
 * Compile a profile that spec/check has found valid. Pure but for the arena, from which all results
 * are. -ENOTSUP (E_UNSUPPORTED) for an architecture that the libseccomp of the build did not know;
 * -E2BIG (E_CONFIG) when the kernel's 4096 instructions are not enough; -ENOMEM.
 */
int rt_seccomp_compile(struct arena *a, const struct oci_seccomp *seccomp, struct rt_seccomp *ret,
		       struct err *e);

/* The same for a machine of another architecture: what the tests hold against libseccomp's. */
int rt_seccomp_compile_for(struct arena *a, const struct oci_seccomp *seccomp,
			   enum oci_seccomp_arch native, struct rt_seccomp *ret, struct err *e);

/* SECCOMP_RET_* of an action, without data. */
uint32_t rt_seccomp_action(enum oci_seccomp_action action);

/* SECCOMP_FILTER_FLAG_* of a word. */
uint32_t rt_seccomp_flag(enum oci_seccomp_flag flag);

/*
 * What the profile's flags come to for seccomp(2); notify: with a listener. NULL: there is no profile.
 */
uint32_t rt_seccomp_flags(const struct oci_seccomp *seccomp, bool notify);

/*
 * A filter that was compiled elsewhere, as base64; of the profile (may be NULL) only the flags count.
 * -EINVAL (E_CONFIG) when it is no base64, or no filter that the kernel would take; -ENOMEM.
 */
int rt_seccomp_raw(struct arena *a, const char *text, const struct oci_seccomp *seccomp,
		   struct rt_seccomp *ret, struct err *e);

/*
 * Will the kernel take a filter with these flags? 0; -ENOTSUP (E_HOST) when it does not know one of
 * them; else what it said (E_SECCOMP), as where an outer sandbox forbids seccomp(2). Changes nothing.
 */
int rt_seccomp_probe_flags(uint32_t flags, struct err *e);

#endif
