/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view's overrides and its map, a part at a time: however much there is, it takes
 * no more memory.
 */
#ifndef XEN_ALTP2M_PARTS_H
#define XEN_ALTP2M_PARTS_H

#include "common/domain.h"

#define PART 512

struct parts
{
    struct domain *d;
    unsigned int view;
    uint64_t last;           /* gfn */
    struct xenaltp2m_cursor cursor;
    int nr, at;              /* records of this part; those taken */
    int code;                /* an exit code: what went wrong was complained of */
};

/* Neighbours that are alike, at the same level, are one run. */
struct run_parts
{
    struct parts p;
    struct run run;
    struct xen_altp2m_override list[PART];
};

struct map_parts
{
    struct parts p;
    struct xen_altp2m_map list[PART];
};

/* Reads the first part; an exit code. */
int begin_runs(struct run_parts *r, struct domain *d, unsigned int view,
               const struct range *range);
int begin_map(struct map_parts *m, struct domain *d, unsigned int view,
              const struct range *range);
/* The next one, valid until the call after; NULL: there is none, or see p.code. */
const struct run *next_run(struct run_parts *r);
const struct xen_altp2m_map *next_map(struct map_parts *m);

#endif /* XEN_ALTP2M_PARTS_H */
