/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/nearest.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 32

static unsigned int least(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

/*
 * Letters to be put in, left out, changed, or swapped with a neighbour, to come
 * from one word to the other.  Words too long to be compared are far away.
 */
static unsigned int distance(const char *a, const char *b)
{
    unsigned int cost[LONGEST + 1][LONGEST + 1];
    size_t m = strlen(a), n = strlen(b);

    if ( m > LONGEST || n > LONGEST )
        return LONGEST;
    for ( size_t i = 0; i <= m; i++ )
        cost[i][0] = i;
    for ( size_t j = 0; j <= n; j++ )
        cost[0][j] = j;
    for ( size_t i = 1; i <= m; i++ )
        for ( size_t j = 1; j <= n; j++ )
        {
            unsigned int c = least(cost[i - 1][j], cost[i][j - 1]) + 1;

            c = least(c, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if ( i > 1 && j > 1 &&
                 a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] )
                c = least(c, cost[i - 2][j - 2] + 1);
            cost[i][j] = c;
        }
    return cost[m][n];
}

/* One letter in three may be wrong; an option's dashes don't count. */
void nearest_offer(struct nearest *n, const char *word)
{
    unsigned int d = distance(n->typed, word);

    if ( d > (strlen(word) + 1 - strspn(word, "-")) / 3 || (n->best && d >= n->distance) )
        return;
    n->best = word;
    n->distance = d;
}

const char *nearest_text(const struct nearest *n)
{
    static char text[2 * LONGEST];

    text[0] = 0;
    if ( n->best )
        snprintf(text, sizeof(text), "; did you mean '%s'?", n->best);
    return text;
}
