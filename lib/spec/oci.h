/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents of the OCI runtime specification as C structs, made from oci.def: struct
 * oci_config (config.json), oci_process, oci_resources, oci_state, oci_features and their parts.
 *
 *	linux.namespaces[i].type     config->linux->namespaces.v[i].type == OCI_NS_PID
 *	process.user.umask, if set   OCI_HAS(process->user, umask) ? process->user->umask : none
 */
#ifndef RT_SPEC_OCI_H
#define RT_SPEC_OCI_H

/* gcc's GNU dialects predefine it as 1; it is a property's name here */
#undef linux

#include "spec/bind_types.h"
#include "spec/oci.def"

BIND_DECLARE(OCI_ENUMS, OCI_OBJECTS)

#define OCI_HAS(object, member) BIND_HAS(object, member)

/* What we write in documents of our own: state, features, config.json from a template. */
#define OCI_VERSION "1.3.0"

struct bind_schema;

/* For rt_bind_parse and its like (spec/bind.h). */
extern const struct bind_schema rt_oci_schema;

#endif
