/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "ocirt.h"

const char *ocirt_version(void)
{
	return PACKAGE_VERSION;
}
