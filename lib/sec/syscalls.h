/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls by name, for every architecture that the libseccomp of the build knew. The tables
 * are written by gen-syscalls.c at build time, so nothing of libseccomp is needed at run time.
 */
#ifndef RT_SEC_SYSCALLS_H
#define RT_SEC_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/oci.h"

#if defined(__x86_64__) && !defined(__ILP32__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_X86_64
#elif defined(__i386__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_X86
#elif defined(__aarch64__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_AARCH64
#elif defined(__arm__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_PPC64
#elif defined(__powerpc__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_PPC
#elif defined(__s390x__)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_S390X
#elif defined(__loongarch64)
#define RT_SECCOMP_ARCH_NATIVE OCI_SECCOMP_ARCH_LOONGARCH64
#else
#error "name the architecture of this machine, as linux.seccomp.architectures calls it"
#endif

#define RT_NO_SYSCALL UINT16_MAX

struct rt_syscall_arch {
	uint32_t
		audit_arch; /* AUDIT_ARCH_*, in seccomp_data.arch; 0: this build does not know it */
	uint32_t base;      /* of its numbers; x32 and the ABIs of MIPS have one */
	uint16_t table;     /* architectures with the same numbers share a table */
	uint16_t slots;     /* how many: rt_syscall_private_slot(), on ARM some more */
	uint16_t socketcall; /* slot of the call that sockets go through, or RT_NO_SYSCALL */
	uint16_t ipc;        /* the same for System V IPC */
	bool wide;           /* arguments are compared in 64 bits */
	bool big_endian;
};

/* Never NULL; audit_arch is 0 if the architecture is unknown. */
const struct rt_syscall_arch *rt_syscall_arch(enum oci_seccomp_arch arch);

/* A number of our own for a name, the same on every architecture; -1 if none has this name. */
int rt_syscall_id(const char *name);

/*
 * The slot of a system call on an architecture: a dense index 0..arch->slots - 1 that sorts as the
 * numbers do; RT_NO_SYSCALL if it has no number there.
 */
uint16_t rt_syscall_slot(const struct rt_syscall_arch *arch, int id);

/* The first slot of ARM's private calls, whose numbers are far above all others. */
uint16_t rt_syscall_private_slot(void);

/* The number behind a slot. */
uint32_t rt_syscall_number(const struct rt_syscall_arch *arch, uint16_t slot);

/*
 * Where the architecture has socketcall(2) or ipc(2) and the system call goes through it: the slot
 * of that call, and in *ret_call the value of its first argument. Else RT_NO_SYSCALL.
 */
uint16_t rt_syscall_mux(const struct rt_syscall_arch *arch, int id, uint8_t *ret_call);

/* For the table of names; the generator and the lookup must agree. */
static inline uint32_t rt_syscall_hash(const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	while (*name)
		h = (h ^ (unsigned char)*name++) * 16777619u;
	return h ^ h >> 15;
}

#endif
