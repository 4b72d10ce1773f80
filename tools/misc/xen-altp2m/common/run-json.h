/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs as yajl would write them, but in a twentieth of the time: yajl gets many
 * at once, as one value.
 */
#ifndef XEN_ALTP2M_RUN_JSON_H
#define XEN_ALTP2M_RUN_JSON_H

#include "common/dump.h"
#include "common/json.h"
#include "common/line.h"

#define LONGEST_RUN 256

struct run_writer
{
    yajl_gen g;
    FILE *out;               /* or NULL: all stays with yajl */
    unsigned int depth;
    struct line begin;       /* of a run, up to its gfn, after another run */
    struct line end;         /* of @last, behind its gfn */
    struct run last;
    struct line runs;        /* that yajl has not got yet */
    char begin_text[64], end_text[LONGEST_RUN], runs_text[8000];
};

/* For an array, when @depth maps and arrays are open, itself included. */
void begin_run_writer(struct run_writer *w, yajl_gen g, FILE *out,
                      unsigned int depth);
/* False if it can't be written. */
bool write_run(struct run_writer *w, const struct run *r);
/* To be called before the array is closed; the same. */
bool end_run_writer(struct run_writer *w);

#endif /* XEN_ALTP2M_RUN_JSON_H */
