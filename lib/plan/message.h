/* SPDX-License-Identifier: Apache-2.0 */
/* Steps in messages, and what rt-init reports of a failure as a sentence. */
#ifndef RT_PLAN_MESSAGE_H
#define RT_PLAN_MESSAGE_H

#include "plan/plan.h"
#include "plan/why.h"

/*
 * What a step is about, for messages: mount "proc" on "/proc". Returns buf, NUL-terminated and cut
 * to size.
 */
const char *plan_object(const struct plan *p, const struct op_head *step, char *buf, size_t size);

/* The code of a step's failure with this errno (positive). */
enum rt_error_code plan_error_code(enum op_code op, int no);

/* A failure as rt-init reports it (struct msg_error), strings already checked to end. */
struct plan_failure {
	int no;                  /* errno, positive */
	uint32_t step;           /* index of the step */
	enum rt_error_code code; /* RT_E_NONE: from the step */
	enum rt_why why;
	const char *detail;
};

/*
 * Set *e to the sentence for a failure, with the words that callers match. The caller adds the
 * field: p->origin[f->step] tells which. A step that the plan does not have, and a cause that is
 * unknown, are put into words all the same. Returns -f->no.
 */
int plan_error(const struct plan *p, const struct plan_failure *f, struct err *e);

#endif
