/* SPDX-License-Identifier: Apache-2.0 */
/* What is still to come: device programs and seccomp. */
#include <errno.h>
#include <stdlib.h>

#include "cgroup/devices.h"
#include "sec/seccomp.h"

int rt_devices_compile(struct arena *a, const struct oci_device_rule_array *rules,
		       const void **ret, uint32_t *ret_len, struct err *e)
{
	*ret = NULL;
	*ret_len = 0;
	return 0;
}

int rt_cgroup_attach_devices(int cgroup, const void *program, uint32_t len, struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_CGROUP, "device program");
}

int rt_seccomp_compile(struct arena *a, const struct oci_seccomp *seccomp, struct rt_seccomp *ret,
		       struct err *e)
{
	return err_set(e, ENOTSUP, RT_E_UNSUPPORTED, "not supported yet: linux.seccomp");
}

int rt_seccomp_probe_flags(uint32_t flags, struct err *e)
{
	return 0;
}
