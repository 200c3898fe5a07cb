/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.devices as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE.
 *
 * Rules (config-linux.md "Allowed Device list"): everything is denied at first; then the rules are
 * applied in order, a later one overriding an earlier one for the devices and the kinds of access
 * that it names; then what every container has, as with runc and crun: mknod of any device, and
 * read and write of null, zero, full, random, urandom, tty, ptmx, the ptys and net/tun. An access
 * of several kinds (O_RDWR) is allowed if each kind is.
 *
 * Absent members are wildcards: type "a" is both block and character devices, major and minor -1
 * or absent any number, access absent "rwm".
 */
#ifndef RT_CGROUP_DEVICES_H
#define RT_CGROUP_DEVICES_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "spec/oci.h"

/*
 * Compile rules (NULL: none) that spec/check has found valid into an array of struct bpf_insn in
 * the arena; *ret_len is in bytes. Its size grows with the number of devices that are told apart,
 * not with the number of rules. NULL and 0 when everything is allowed: no program is needed. Pure.
 * -E2BIG (E_CONFIG) when that is too many; -ENOMEM.
 */
int rt_devices_compile(struct arena *a, const struct oci_device_rule_array *rules,
		       const void **ret, uint32_t *ret_len, struct err *e);

/*
 * Load the program, or take one that is kept (pins.h), and make it the only device program attached
 * to this cgroup itself (those of its ancestors go on to apply). len 0: detach what is there. The end
 * of the verifier's log is the hint of a load that fails. -EPERM without CAP_BPF or CAP_SYS_ADMIN in
 * the initial user namespace: such a caller leaves this step out, since it cannot make device nodes
 * there either and opens only what its own permissions allow.
 */
int rt_cgroup_attach_devices(int cgroup, const void *program, uint32_t len, struct err *e);

#endif
