/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the rules of a profile to the part of the program that answers for one architecture.
 *
 * For each system call a list of rules is kept as a chain of "leaves"; calls with the same rules
 * share one. Neighbouring numbers with the same leaf become a range, and the ranges a balanced tree
 * of comparisons.
 */
#ifndef RT_SEC_FILTER_H
#define RT_SEC_FILTER_H

#include "sec/bpf.h"
#include "sec/syscalls.h"

/* A rule that was checked: its action differs from the default one. */
struct filter_rule {
	uint32_t action;    /* SECCOMP_RET_* with data */
	const int16_t *ids; /* rt_syscall_id() of its names, those that are known */
	size_t n_ids;
	const struct oci_seccomp_arg *args;
	size_t n_args;
	bool separate; /* each condition is a rule of its own */
};

struct filter {
	const struct filter_rule *rules;
	size_t n_rules;
	const int16_t
		*named; /* ids of all names of the profile, for what is newer than all of them */
	size_t n_named;
	uint32_t default_action;
	bool newer_enosys; /* newer system calls get ENOSYS */
};

/*
 * Write the section for an architecture: it begins by loading the number. x32 shares the kernel's
 * token with x86_64, so it has no section but is the second half of x86_64's: with_x32 says if its
 * calls are allowed in. *ret is the label of its begin. -ENOMEM; o->failed when
 * it is too large.
 */
int sec_filter_section(struct bpf_out *o, struct arena *a, const struct filter *f,
		       enum oci_seccomp_arch arch, bool with_x32, bpf_label *ret);

#endif
