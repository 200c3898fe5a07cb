/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of expectations about text. */
#ifndef CASES_MATCH_H
#define CASES_MATCH_H

#include "text.h"

enum match { MATCH_NO, MATCH_YES, MATCH_ERROR };

/*
 * Does the text satisfy "OPERATOR REST"? Operators: = has ~ line empty lines json.
 * With MATCH_ERROR *ret_error says what is wrong with the expectation itself.
 */
enum match match_text(const struct text *content, const char *op, const char *rest,
		      char **ret_error);

#endif
