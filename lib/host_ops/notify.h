/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who answers SCMP_ACT_NOTIFY. The runtime connects to him and writes the document that he gets,
 * both before the program starts; rt-init sends it, with the filter's descriptor, once the filter is
 * loaded. So `start` and `run` do the same, and a listener that is missing fails the create.
 */
#ifndef RT_HOST_OPS_NOTIFY_H
#define RT_HOST_OPS_NOTIFY_H

#include <sys/types.h>

#include "base/err.h"

/* ContainerProcessState (config-linux.md, Seccomp) */
struct rt_notify {
	const char *oci_version;
	const char *metadata; /* NULL: not given */
	const char *state;    /* of the container, as JSON */
	pid_t pid;            /* of the process that the filter is for */
};

/* Connect to the listener. */
int rt_notify_connect(const char *path, int *ret, struct err *e);

/* A memory file for the document, and its content. */
int rt_notify_text_open(int *ret, struct err *e);
int rt_notify_text_write(int fd, const struct rt_notify *notify, struct err *e);

#endif
