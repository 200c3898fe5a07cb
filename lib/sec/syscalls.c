/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/syscalls.h"

#include <string.h>

#include "sec/syscalls.inc"

#define MUX_IPC 128 /* in mux[]: ipc(2), below it socketcall(2) */

const struct rt_syscall_arch *rt_syscall_arch(enum oci_seccomp_arch arch)
{
	return &archs[arch < OCI_SECCOMP_ARCH_MAX ? arch : OCI_SECCOMP_ARCH_ABSENT];
}

int rt_syscall_id(const char *name)
{
	uint32_t h = rt_syscall_hash(name) % HASH_SIZE;

	for (; hash_table[h]; h = (h + 1) % HASH_SIZE) {
		int id = hash_table[h] - 1;

		if (strcmp(pool + name_offset[id], name) == 0)
			return id;
	}
	return -1;
}

uint16_t rt_syscall_slot(const struct rt_syscall_arch *arch, int id)
{
	return slots[arch->table][id];
}

uint16_t rt_syscall_private_slot(void)
{
	return SPAN;
}

uint32_t rt_syscall_number(const struct rt_syscall_arch *arch, uint16_t slot)
{
	return slot < SPAN ? arch->base + slot : ARM_PRIVATE + (uint32_t)(slot - SPAN);
}

uint16_t rt_syscall_mux(const struct rt_syscall_arch *arch, int id, uint8_t *ret_call)
{
	uint16_t slot = mux[id] > MUX_IPC ? arch->ipc : arch->socketcall;

	if (!mux[id] || slot == RT_NO_SYSCALL)
		return RT_NO_SYSCALL;
	*ret_call = mux[id] % MUX_IPC;
	return slot;
}
