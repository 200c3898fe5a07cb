/* SPDX-License-Identifier: Apache-2.0 */
/* Names of sysctls: which file below /proc/sys, and which namespace it belongs to. */
#ifndef RT_SPEC_SYSCTL_H
#define RT_SPEC_SYSCTL_H

#include <stddef.h>

#include "spec/oci.h"

/*
 * The file of a key below /proc/sys. As in sysctl(8), the first separator tells which of '.' and
 * '/' separates: "net.ipv4.conf.eth0/1.forwarding" and "net/ipv4/conf/eth0.1/forwarding" are one.
 * Returns 0, -EINVAL when it names no file (an empty, "." or ".." part, a character that no sysctl
 * has: a key must never reach a second file), -ENAMETOOLONG.
 */
int rt_sysctl_file(const char *key, char *buf, size_t size);

/*
 * The type of namespace that holds the file; OCI_NS_ABSENT when it belongs to the whole host. A
 * closed list: what is not known to be namespaced is the host's.
 */
enum oci_ns rt_sysctl_namespace(const char *file);

#endif
