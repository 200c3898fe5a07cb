/* SPDX-License-Identifier: Apache-2.0 */
/* "did you mean": the nearest of the words that were offered. */
#ifndef RT_GUESS_H
#define RT_GUESS_H

#include <stddef.h>

struct guess {
	const char *word;       /* what was typed, without dashes */
	size_t len;
	const char *best;       /* the nearest so far, NULL when none is near */
	unsigned int distance;
};
#define GUESS_INIT(w, n) ((struct guess){.word = (w), .len = (n)})

/* Compare a candidate with the word typed; a tie is won by the first. */
void guess_offer(struct guess *g, const char *candidate);

#endif
