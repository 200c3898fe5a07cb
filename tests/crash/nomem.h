/* SPDX-License-Identifier: Apache-2.0 */
/* What the tracer and nomem.so share. */
#ifndef CRASH_NOMEM_H
#define CRASH_NOMEM_H

struct nomem {
	long at;    /* the number of the allocation that fails */
	long calls; /* allocations so far */
};

#endif
