/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiled filters are held against: an interpreter of classic BPF, libseccomp's filter
 * for the same profile, and a model that reads the profile anew for each system call.
 */
#ifndef SECCOMP_ORACLE_H
#define SECCOMP_ORACLE_H

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "sec/seccomp.h"

struct program {
	struct sock_filter insns[BPF_MAXINSNS];
	uint32_t n;
};

/* The answer of a filter for such a machine; fails the test if the program leaves its bounds. */
uint32_t oracle_run(const struct sock_filter *insns, uint32_t n, const struct seccomp_data *data,
		    bool big_endian);

bool oracle_big_endian(enum oci_seccomp_arch arch);

/* SCMP_ARCH_* */
uint32_t oracle_token(enum oci_seccomp_arch arch);

/*
 * The profile by libseccomp, with the rules that runc makes of it, for a machine of architecture
 * `native`. Returns 0, or libseccomp's error (-EEXIST: two actions for one condition).
 */
int oracle_libseccomp(const struct oci_seccomp *s, enum oci_seccomp_arch native,
		      struct program *ret);

/*
 * The answer of the profile, by its meaning (seccomp.h): without ENOSYS for what is newer than the
 * profile, as libseccomp. `arch` is the one that data->arch and data->nr belong to.
 */
uint32_t oracle_model(const struct oci_seccomp *s, enum oci_seccomp_arch arch,
		      const struct seccomp_data *data);

/* The highest number that the profile names; UINT32_MAX if none is too new for the profile. */
int64_t oracle_highest(const struct oci_seccomp *s, enum oci_seccomp_arch arch);

#endif
