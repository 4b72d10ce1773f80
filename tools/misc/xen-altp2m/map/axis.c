/* SPDX-License-Identifier: GPL-2.0-only */
/* Where gfns are across the picture, and which holes are cut down. */
#include "map/map.h"
#include "common/message.h"

#include <stdlib.h>

/*
 * What has no page (a hole, or overrides of gfns without one) is cut if it is
 * larger than this part of all pages ...
 */
#define CUT_ABOVE 8
/*
 * ... and is then this part of them, or less where much is cut: cuts take no
 * more than half of the picture.  What lies between cuts is no smaller.
 */
#define CUT_TO    40

struct span
{
    uint64_t first, end;
};

struct spans
{
    struct span *span;
    size_t nr;
};

static void add_span(struct spans *s, uint64_t gfn, uint64_t pages,
                     const struct range *only)
{
    uint64_t end = gfn + pages;

    if ( gfn < only->first )
        gfn = only->first;
    if ( end > only->first + only->pages )
        end = only->first + only->pages;
    if ( gfn < end )
        s->span[s->nr++] = (struct span){ gfn, end };
}

static int by_first(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

static void add_host(struct spans *s, const struct dump *dump,
                     const struct range *only)
{
    for ( size_t i = 0; i < dump->host.nr; i++ )
        add_span(s, dump->host.extent[i].gfn, dump->host.extent[i].pages,
                 only);
    if ( !dump->has_host )
        add_span(s, 0, dump->last_gfn + 1, only);
}

/* In order, and without overlap. */
static void sort_spans(struct spans *s)
{
    size_t kept = 0;

    qsort(s->span, s->nr, sizeof(*s->span), by_first);
    for ( size_t i = 1; i < s->nr; i++ )
        if ( s->span[i].first > s->span[kept].end )
            s->span[++kept] = s->span[i];
        else if ( s->span[i].end > s->span[kept].end )
            s->span[kept].end = s->span[i].end;
    if ( s->nr )
        s->nr = kept + 1;
}

/* Where the host has pages, and, with @views, where views have overrides. */
static struct spans used_spans(const struct dump *dump,
                               const struct range *only, bool views)
{
    struct spans s = { 0 };
    size_t room = dump->host.nr + 1;

    for ( unsigned int i = 0; views && i < dump->nr_views; i++ )
        room += dump->view[i].runs.nr;
    s.span = checked(calloc(room, sizeof(*s.span)));
    add_host(&s, dump, only);
    for ( unsigned int i = 0; views && i < dump->nr_views; i++ )
        for ( size_t j = 0; j < dump->view[i].runs.nr; j++ )
            add_span(&s, dump->view[i].runs.run[j].gfn,
                     dump->view[i].runs.run[j].pages, only);
    sort_spans(&s);
    return s;
}

static uint64_t pages_of(const struct spans *s)
{
    uint64_t pages = 0;

    for ( size_t i = 0; i < s->nr; i++ )
        pages += s->span[i].end - s->span[i].first;
    return pages;
}

static void add_segment(struct axis *axis, uint64_t first, uint64_t end,
                        bool cut, double width)
{
    struct segment *last = axis->nr ? &axis->segment[axis->nr - 1] : NULL;

    if ( last && !cut && !last->cut )
    {
        last->pages = end - last->gfn;
        last->width += width;
    }
    else
        axis->segment[axis->nr++] = (struct segment){
            first, end - first, axis->total, width, cut };
    last = &axis->segment[axis->nr - 1];
    axis->total = last->at + last->width;
}

/* Where holes are cut, something small behind one must be seen all the same. */
static void widen(struct axis *axis, double least)
{
    axis->total = 0;
    for ( unsigned int i = 0; i < axis->nr; i++ )
    {
        struct segment *s = &axis->segment[i];

        s->at = axis->total;
        if ( s->width < least )
            s->width = least;
        axis->total += s->width;
    }
}

/*
 * The next place behind @gfn where a span begins or ends; @in: is gfn in one?
 */
static uint64_t next_edge(const struct spans *s, size_t *i, uint64_t gfn,
                          bool *in)
{
    while ( *i < s->nr && s->span[*i].end <= gfn )
        ++*i;
    *in = *i < s->nr && s->span[*i].first <= gfn;
    if ( *i == s->nr )
        return UINT64_MAX;
    return *in ? s->span[*i].end : s->span[*i].first;
}

static void make_segments(const struct spans *all, const struct spans *host,
                          uint64_t used, struct axis *axis)
{
    uint64_t gfn = all->span[0].first, end = all->span[all->nr - 1].end, next;
    size_t a = 0, h = 0;
    bool in_all, page, cut;

    for ( ; gfn < end; gfn = next )
    {
        uint64_t edge = next_edge(host, &h, gfn, &page);

        next = next_edge(all, &a, gfn, &in_all);
        if ( next > edge )
            next = edge;
        if ( next > end )
            next = end;
        cut = !page && next - gfn > used / CUT_ABOVE && next - gfn > 1;
        add_segment(axis, gfn, next, cut, next - gfn);
    }
}

/* All cuts get one width. */
static void narrow(struct axis *axis, uint64_t used)
{
    unsigned int least = 2 * axis->nr;
    double width = (double)used / (least < CUT_TO ? CUT_TO : least);

    for ( unsigned int i = 0; i < axis->nr; i++ )
        if ( axis->segment[i].cut )
            axis->segment[i].width = width;
    if ( axis->nr > 1 )
        widen(axis, width);
}

void make_axis(const struct dump *dump, const struct range *only,
               struct axis *axis)
{
    struct spans all = used_spans(dump, only, true);
    struct spans host = used_spans(dump, only, false);
    const struct spans *pages = host.nr ? &host : &all;

    *axis = (struct axis){ 0 };
    axis->segment = checked(calloc(2 * (all.nr + host.nr) + 1,
                                   sizeof(*axis->segment)));
    if ( all.nr )
        make_segments(&all, pages, pages_of(pages), axis);
    else /* nothing at all: as asked for */
        add_segment(axis, only->first, only->first + 1, false, 1);
    narrow(axis, all.nr ? pages_of(pages) : 1);
    free(all.span);
    free(host.span);
}

uint64_t round_step(double pages)
{
    uint64_t step = 1;

    while ( step < pages && step < 1ULL << 40 )
        step *= 2;
    return step;
}

void free_axis(struct axis *axis)
{
    free(axis->segment);
}

uint64_t axis_gfn(const struct axis *axis, double at)
{
    const struct segment *s = axis->segment;

    while ( s < axis->segment + axis->nr - 1 && at >= s->at + s->width )
        s++;
    if ( at >= s->at + s->width )
        return s->gfn + s->pages;
    return s->gfn + (uint64_t)((at - s->at) / s->width * s->pages);
}

double axis_at(const struct axis *axis, uint64_t gfn)
{
    const struct segment *s = axis->segment;

    while ( s < axis->segment + axis->nr - 1 && gfn >= s->gfn + s->pages )
        s++;
    if ( gfn <= s->gfn )
        return s->at;
    if ( gfn >= s->gfn + s->pages )
        return s->at + s->width;
    return s->at + (double)(gfn - s->gfn) / s->pages * s->width;
}
