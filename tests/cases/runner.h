/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CASES_RUNNER_H
#define CASES_RUNNER_H

#include "report.h"

/* Run all cases, up to `jobs` of them at a time, and report each: 0, or -1 if none could be run. */
int runner_run(const struct suite *suite, const struct options *options, unsigned int jobs,
	       struct report *report);

#endif
