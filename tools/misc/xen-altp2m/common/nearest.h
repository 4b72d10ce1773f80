/* SPDX-License-Identifier: GPL-2.0-only */
/* The word that somebody who mistyped it may have meant. */
#ifndef XEN_ALTP2M_NEAREST_H
#define XEN_ALTP2M_NEAREST_H

#include <stdbool.h>

struct nearest
{
    const char *typed;
    const char *best;       /* or NULL: nothing comes near */
    unsigned int distance;
};

/* Begin with { .typed = ... }, then offer all words there are. */
void nearest_offer(struct nearest *n, const char *word);
/* "; did you mean 'walk'?", or ""; valid until the next call. */
const char *nearest_text(const struct nearest *n);

#endif /* XEN_ALTP2M_NEAREST_H */
