/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices: network devices of the host are moved to the container's network namespace.
 *
 * They are the namespace's then: the runtime must not take them out before it is deleted
 * (config-linux.md, "Namespace Lifecycle and Container Termination"). Only a create that fails puts
 * back what it has moved, since then there never was a container.
 */
#ifndef RT_HOST_OPS_NET_H
#define RT_HOST_OPS_NET_H

#include <sys/types.h>

#include "base/err.h"

/* The two namespaces, and what was moved from one to the other. */
struct rt_net;

/*
 * Move the device `name` of the caller's network namespace to the one that `pid` is in, where it is
 * called new_name (NULL: as here); a "%d" in it stands for the lowest free number. The device keeps
 * its permanent global addresses, and is set up. *net is made by the first call. -ENODEV: there is no
 * such device; -EEXIST: the name is taken there; other errors are the kernel's.
 */
int rt_net_move(struct rt_net **net, pid_t pid, const char *name, const char *new_name,
		struct err *e);

/*
 * Put all devices back as they were: name, index, addresses, up or down. Works after the container's
 * processes have ended: the namespace is held open. All are tried; the first error is told.
 */
int rt_net_return(struct rt_net *net, struct err *e);

/* Forget about them. NULL is fine. */
void rt_net_free(struct rt_net *net);

#endif
