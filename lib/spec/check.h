/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the specification that no single value can break: what must go together, what must
 * be unique, what the kernel could never do. Pure: nothing of the host is looked at.
 *
 * With a list all problems are collected, warnings too. Without one only the first error matters.
 * *e holds the first error; if one is set already (the document was read with a list and had
 * mistakes), it stays and the check goes on behind it.
 * Return 0, or -EINVAL when there was an error: RT_E_CONFIG for what the specification forbids,
 * RT_E_UNSUPPORTED for what this version does not do.
 */
#ifndef RT_SPEC_CHECK_H
#define RT_SPEC_CHECK_H

#include "spec/bind.h"
#include "spec/oci.h"

/* config.json: doc was read as BIND_ID(oci_config). */
int rt_check_config(const struct bind_doc *doc, struct problems *list, struct err *e);

/*
 * The process of exec: BIND_ID(oci_process). A process that was not read but put together by the
 * caller is checked the same way, in a bind_doc with schema, object, root and name.
 */
int rt_check_process(const struct bind_doc *doc, struct problems *list, struct err *e);

/* The resources of update: BIND_ID(oci_resources). They are taken as a change to others. */
int rt_check_resources(const struct bind_doc *doc, struct problems *list, struct err *e);

/*
 * Does this version do what the property at this path of config.json asks for, such as
 * "linux.netDevices"? False while it is refused as not supported yet.
 */
bool rt_check_supports(const char *path);

#endif
