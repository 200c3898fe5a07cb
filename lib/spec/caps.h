/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.capabilities as bit sets. Names that are unknown, here or to the kernel, are no error
 * (config.md: "SHOULD log a warning"): they are reported to the caller.
 */
#ifndef RT_SPEC_CAPS_H
#define RT_SPEC_CAPS_H

#include <stdint.h>

#include "spec/oci.h"

#define RT_CAP_LAST 40 /* CAP_CHECKPOINT_RESTORE */

/* X(number, "NAME") for every capability in order, for tables. */
#define RT_CAPS(X)                                                                                 \
	X(0, "CAP_CHOWN")                                                                          \
	X(1, "CAP_DAC_OVERRIDE")                                                                   \
	X(2, "CAP_DAC_READ_SEARCH")                                                                \
	X(3, "CAP_FOWNER")                                                                         \
	X(4, "CAP_FSETID")                                                                         \
	X(5, "CAP_KILL")                                                                           \
	X(6, "CAP_SETGID")                                                                         \
	X(7, "CAP_SETUID")                                                                         \
	X(8, "CAP_SETPCAP")                                                                        \
	X(9, "CAP_LINUX_IMMUTABLE")                                                                \
	X(10, "CAP_NET_BIND_SERVICE")                                                              \
	X(11, "CAP_NET_BROADCAST")                                                                 \
	X(12, "CAP_NET_ADMIN")                                                                     \
	X(13, "CAP_NET_RAW")                                                                       \
	X(14, "CAP_IPC_LOCK")                                                                      \
	X(15, "CAP_IPC_OWNER")                                                                     \
	X(16, "CAP_SYS_MODULE")                                                                    \
	X(17, "CAP_SYS_RAWIO")                                                                     \
	X(18, "CAP_SYS_CHROOT")                                                                    \
	X(19, "CAP_SYS_PTRACE")                                                                    \
	X(20, "CAP_SYS_PACCT")                                                                     \
	X(21, "CAP_SYS_ADMIN")                                                                     \
	X(22, "CAP_SYS_BOOT")                                                                      \
	X(23, "CAP_SYS_NICE")                                                                      \
	X(24, "CAP_SYS_RESOURCE")                                                                  \
	X(25, "CAP_SYS_TIME")                                                                      \
	X(26, "CAP_SYS_TTY_CONFIG")                                                                \
	X(27, "CAP_MKNOD")                                                                         \
	X(28, "CAP_LEASE")                                                                         \
	X(29, "CAP_AUDIT_WRITE")                                                                   \
	X(30, "CAP_AUDIT_CONTROL")                                                                 \
	X(31, "CAP_SETFCAP")                                                                       \
	X(32, "CAP_MAC_OVERRIDE")                                                                  \
	X(33, "CAP_MAC_ADMIN")                                                                     \
	X(34, "CAP_SYSLOG")                                                                        \
	X(35, "CAP_WAKE_ALARM")                                                                    \
	X(36, "CAP_BLOCK_SUSPEND")                                                                 \
	X(37, "CAP_AUDIT_READ")                                                                    \
	X(38, "CAP_PERFMON")                                                                       \
	X(39, "CAP_BPF")                                                                           \
	X(40, "CAP_CHECKPOINT_RESTORE")

struct rt_caps {
	uint64_t bounding, permitted, effective, inheritable, ambient;
};

/* The number of "CAP_CHOWN", in any case of letters; -EINVAL for a name that is none. */
int rt_cap_number(const char *name);

/* "CAP_CHOWN"; NULL above RT_CAP_LAST. */
const char *rt_cap_name(unsigned int number);

/* Called once for each name of a set that is passed over. */
typedef void (*rt_cap_ignored_fn)(const char *set, const char *name, void *userdata);

/*
 * The five sets (all empty for NULL), without what lies above last_cap, the kernel's highest
 * capability. fn may be NULL.
 */
struct rt_caps rt_caps_from(const struct oci_capabilities *c, unsigned int last_cap,
			    rt_cap_ignored_fn fn, void *userdata);

#endif
