/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions on the arguments of a system call, as code. On architectures with 32-bit arguments the
 * upper halves of argument and operands are not looked at.
 */
#ifndef RT_SEC_ARGS_H
#define RT_SEC_ARGS_H

#include "sec/bpf.h"
#include "sec/syscalls.h"

#define ARGS_MAX 6 /* of a system call: seccomp_data.args */

/* Does it ask anything at all? An empty mask, perhaps only on 32 bits, does not. */
bool sec_arg_asks(const struct rt_syscall_arch *arch, const struct oci_seccomp_arg *arg);

/* Write the test; its label is where to go on with it. It leaves the accumulator changed. */
bpf_label sec_arg_write(struct bpf_out *o, const struct rt_syscall_arch *arch,
			const struct oci_seccomp_arg *arg, bpf_label yes, bpf_label no);

/*
 * Order rules by their conditions (each list by argument), as libseccomp has it: by the first pair
 * that differs, the higher argument, equality before less before greater, the larger value, but for
 * less the smaller; else the shorter list. Negative: x is asked first. 0: no difference.
 */
int sec_arg_compare(const struct rt_syscall_arch *arch, const struct oci_seccomp_arg *x, size_t n_x,
		    const struct oci_seccomp_arg *y, size_t n_y);

#endif
