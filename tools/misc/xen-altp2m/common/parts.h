/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view's overrides and its map, a part at a time: however much there is, it
 * takes no more memory.
 */
#ifndef XEN_ALTP2M_PARTS_H
#define XEN_ALTP2M_PARTS_H

#include "common/domain.h"

/* 8,000 bytes: from 8,192 on, memcpy() has the CPU copy them one by one. */
#define PART 250

struct parts
{
    struct domain *d;
    unsigned int view;
    uint64_t last;           /* gfn */
    struct xenaltp2m_cursor cursor;
    int nr, at;              /* records of this part; those taken */
    int code;                /* an exit code; the error was reported */
};

struct run_parts
{
    struct parts p;
    struct xen_altp2m_override run; /* the last of next_run() */
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
/* Reads the next part, as all of this one was taken.  Are there records? */
bool fill_runs(struct run_parts *r);
bool fill_map(struct map_parts *m);

/*
 * The next one, valid until the call after; NULL: there is none, or see p.code.
 */
static inline const struct xen_altp2m_override *
next_override(struct run_parts *r)
{
    return r->p.at < r->p.nr || fill_runs(r) ? &r->list[r->p.at++] : NULL;
}

/* The same; neighbours that are alike, at the same level, are one. */
const struct xen_altp2m_override *next_run(struct run_parts *r);

static inline const struct xen_altp2m_map *next_map(struct map_parts *m)
{
    return m->p.at < m->p.nr || fill_map(m) ? &m->list[m->p.at++] : NULL;
}

#endif /* XEN_ALTP2M_PARTS_H */
