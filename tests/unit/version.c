/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "config.h"
#include "ocirt.h"

Test(version, is_the_package_version)
{
	cr_assert_str_eq(ocirt_version(), PACKAGE_VERSION);
}
