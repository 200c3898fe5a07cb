/* SPDX-License-Identifier: Apache-2.0 */
/* What checkpoint and restore have in common. */
#ifndef RT_API_CRIU_H
#define RT_API_CRIU_H

#include "api/context.h"
#include "criu/rpc.h"
#include "host/facts.h"
#include "spec/oci.h"

/*
 * Before anything is made, or stands still: is the caller root, is there a criu, does it know what is
 * asked for? Then the caller's options as CRIU has them, with those of every request; strings are the
 * given ones. Free with rt_criu_options_free in any case. Errors: E_CRIU, E_USAGE.
 */
int rt_api_criu_options(const ocirt_context *ctx, const struct ocirt_criu_options *given,
			const struct rt_facts *facts, const struct oci_config *config,
			struct rt_criu_options *ret, struct err *e);

#endif
