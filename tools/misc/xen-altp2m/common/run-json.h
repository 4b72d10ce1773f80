/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs as yajl would write them, but in a twentieth of the time: yajl gets many
 * at once, as one value.
 */
#ifndef XEN_ALTP2M_RUN_JSON_H
#define XEN_ALTP2M_RUN_JSON_H

#include "common/domain.h"
#include "common/json.h"
#include "common/line.h"

#define LONGEST_RUN 256

struct run_writer
{
    yajl_gen g;
    FILE *out;               /* or NULL: all stays with yajl */
    unsigned int depth;
    struct line begin;       /* of a run, up to its gfn, after another run */
    struct line end;         /* of the last, behind its gfn; the next's begin */
    struct run last;         /* what the last was, one or the other */
    struct xen_altp2m_override last_override;
    struct line runs;        /* that yajl has not got yet */
    char begin_text[64], end_text[LONGEST_RUN], runs_text[8000];
};

/* For an array, when @depth maps and arrays are open, itself included. */
void begin_run_writer(struct run_writer *w, yajl_gen g, FILE *out,
                      unsigned int depth);
/* Of a writer all are runs, or all overrides.  False if it can't be written. */
bool write_run(struct run_writer *w, const struct run *r);
bool write_override(struct run_writer *w, const struct xen_altp2m_override *o);
/* To be called before the array is closed; the same. */
bool end_run_writer(struct run_writer *w);

#endif /* XEN_ALTP2M_RUN_JSON_H */
