/* SPDX-License-Identifier: Apache-2.0 */
/* `features --host`: what this kernel grants to this caller, found out by asking it. */
#ifndef RT_API_FEATURES_HOST_H
#define RT_API_FEATURES_HOST_H

#include "base/err.h"
#include "base/mem.h"
#include "spec/oci.h"

#define RT_FEATURES_HOST_MAX 16

/*
 * Fill v[] with annotations "run.oci.rt.host.*"; all strings are in the arena or static. features.md
 * forbids properties of our own, so a list is its words with blanks between them.
 * Returns how many, or -errno. Nothing is changed; children are made and waited for.
 */
int rt_features_host(struct arena *a, struct str_pair v[RT_FEATURES_HOST_MAX], struct err *e);

#endif
