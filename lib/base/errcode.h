/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stable error codes. They appear in the JSON log, in ocirt.h and in docs/errors.md; a number
 * is never given to another meaning. rt-init shares this file, so it holds constants only.
 */
#ifndef RT_BASE_ERRCODE_H
#define RT_BASE_ERRCODE_H

/* X(name, number, word): the word is what users and scripts see. */
#define RT_ERROR_CODES(X)                                                                          \
	X(NONE, 0, "none")                                                                         \
	X(SYSTEM, 1, "E_SYSTEM")                /* a system call failed, nothing more specific */  \
	X(NOMEM, 2, "E_NOMEM")                                                                     \
	X(USAGE, 3, "E_USAGE")                  /* an argument of the caller */                    \
	X(NOT_FOUND, 4, "E_NOT_FOUND")          /* no such container */                            \
	X(EXISTS, 5, "E_EXISTS")                /* the id is taken */                              \
	X(BAD_STATE, 6, "E_BAD_STATE")          /* not possible in the container's state */        \
	X(BUSY, 7, "E_BUSY")                    /* held by another command, or will not die */     \
	X(TIMEOUT, 8, "E_TIMEOUT")                                                                 \
	X(JSON, 9, "E_JSON")                    /* not JSON */                                     \
	X(CONFIG, 10, "E_CONFIG")               /* JSON, but not what the specification allows */  \
	X(UNSUPPORTED, 11, "E_UNSUPPORTED")     /* valid, but not done by this version */          \
	X(HOST, 12, "E_HOST")                   /* valid, but this host cannot */                  \
	X(BUNDLE, 13, "E_BUNDLE")               /* bundle directory or rootfs */                   \
	X(NAMESPACE, 14, "E_NAMESPACE")                                                            \
	X(IDMAP, 15, "E_IDMAP")                                                                    \
	X(CGROUP, 16, "E_CGROUP")                                                                  \
	X(MOUNT, 17, "E_MOUNT")                                                                    \
	X(DEVICE, 18, "E_DEVICE")                                                                  \
	X(HOOK, 19, "E_HOOK")                                                                      \
	X(SECCOMP, 20, "E_SECCOMP")                                                                \
	X(LSM, 21, "E_LSM")                                                                        \
	X(CAPABILITY, 22, "E_CAPABILITY")                                                          \
	X(IDENTITY, 23, "E_IDENTITY")           /* uid, gid, groups */                             \
	X(RLIMIT, 24, "E_RLIMIT")                                                                  \
	X(SYSCTL, 25, "E_SYSCTL")                                                                  \
	X(CONSOLE, 26, "E_CONSOLE")                                                                \
	X(EXEC_NOT_FOUND, 27, "E_EXEC_NOT_FOUND")                                                  \
	X(EXEC_PERMISSION, 28, "E_EXEC_PERMISSION")                                                \
	X(EXEC_FORMAT, 29, "E_EXEC_FORMAT")                                                        \
	X(INIT_DIED, 30, "E_INIT_DIED")         /* the container's init was killed in set-up */    \
	X(PROTOCOL, 31, "E_PROTOCOL")           /* the two halves disagree: a defect */            \
	X(STATE, 32, "E_STATE")                 /* the state directory */                          \
	X(NETWORK, 33, "E_NETWORK")             /* network devices */                              \
	X(RDT, 34, "E_RDT")                     /* linux.intelRdt: the resctrl file system */      \
	X(CRIU, 35, "E_CRIU")                   /* checkpoint, restore: what CRIU said */

enum rt_error_code {
#define X(name, number, word) RT_E_##name = (number),
	RT_ERROR_CODES(X)
#undef X
	RT_E_MAX
};

#endif
