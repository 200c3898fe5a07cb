/* SPDX-License-Identifier: Apache-2.0 */
#include "guess.h"

#include <string.h>

#define LONGEST 32 /* no name here is longer */

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment: letters changed, left out, put in, and swapped with a neighbour, which
 * is the commonest slip ("strat").
 */
static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][LONGEST + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2], *turn;

	for (size_t j = 0; j <= b_len; j++)
		above[j] = (unsigned int)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = min(min(above[j], row[j - 1]) + 1,
				     above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min(row[j], before[j - 2] + 1);
		}
		turn = before;
		before = above;
		above = row;
		row = turn;
	}
	return above[b_len];
}

void guess_offer(struct guess *g, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned int d;

	if (g->len < 2 || g->len > LONGEST || len > LONGEST)
		return;
	if (g->len >= 3 && strncmp(g->word, candidate, g->len) == 0)
		d = 1; /* the beginning of it */
	else
		d = distance(g->word, g->len, candidate, len);
	if (d > 1 + g->len / 4 || d >= g->len || (g->best && d >= g->distance))
		return;
	g->best = candidate;
	g->distance = d;
}
