/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/oci.h"

#include "spec/bind.h"

BIND_DEFINE(rt_oci_schema, OCI_ENUMS, OCI_OBJECTS);
