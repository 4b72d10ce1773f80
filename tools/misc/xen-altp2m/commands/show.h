/* SPDX-License-Identifier: GPL-2.0-only */
/* A view's differences from the host, and how they are printed. */
#ifndef XEN_ALTP2M_SHOW_H
#define XEN_ALTP2M_SHOW_H

#include "common/dump.h"
#include "common/json.h"
#include "common/line.h"

enum why
{
    WHY_ACCESS  = 1, /* rights are overridden */
    WHY_DEFAULT = 2, /* the view's default rights */
    WHY_REMAP   = 4,
    WHY_LOST    = 8, /* remapped, but the target has no page */
    WHY_VE      = 16,
    WHY_NO_PAGE = 32, /* overridden for when there is one */
    WHY_OWN     = 64, /* a page of the view's own, with bytes replaced */
    WHY_STALE   = 128, /* the same, not shown: it is to be refreshed */
};

struct difference
{
    uint64_t gfn, pages, target;
    uint8_t access, host;    /* ACCESS_HOST: there is no page */
    int8_t sve;
    uint8_t why;
};

/* Do both say the same, wherever they are? */
static inline bool alike(const struct difference *a, const struct difference *b)
{
    return a->access == b->access && a->host == b->host && a->sve == b->sve &&
           a->why == b->why;
}

/* Which differences are wanted. */
struct filter
{
    unsigned int why;        /* some of these reasons; 0: any */
    bool by_access;
    uint8_t access;
};

struct picture
{
    const struct dump *dump;
    const struct view *view;
    struct filter only;
    bool colour;
    yajl_gen json;           /* or NULL: text */
    struct difference last;  /* which may go on */
    bool any;                /* is there one? */
    unsigned long printed;   /* without it, as JSON */
    uint64_t wx, host_wx;    /* pages writable and executable */

    /*
     * Text: lines not written yet; one without its gfns, and the difference it
     * is of.
     */
    struct line lines, form;
    struct difference formed;
};

void begin_picture(struct picture *p, const struct dump *dump,
                   const struct view *view);
/* The last difference, before which comes the head, if it is the first. */
void print_difference(struct picture *p);
/* Writes the lines that are not written yet. */
void print_lines(struct picture *p);
/* The last difference, if there is one, and the sums. */
void print_end(struct picture *p);

/* The reason of that name, or 0. */
unsigned int reason_of(const char *kind);

#endif /* XEN_ALTP2M_SHOW_H */
