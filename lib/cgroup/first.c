/* SPDX-License-Identifier: Apache-2.0 */
/* What is still to come: device programs. */
#include <errno.h>
#include <stdlib.h>

#include "cgroup/devices.h"

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
