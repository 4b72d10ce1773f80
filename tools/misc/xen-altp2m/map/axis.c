/* SPDX-License-Identifier: GPL-2.0-only */
/* Where gfns are across the picture, and which holes are cut down. */
#include "map/map.h"
#include "common/message.h"

#include <stdlib.h>

/* A hole is cut if it is larger than this part of all that isn't hole ... */
#define CUT_ABOVE 8
/* ... and then is this part of it.  What lies beyond is no smaller. */
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

/* All places where there is anything, in order, without overlap. */
static struct spans used_spans(const struct dump *dump,
                               const struct range *only)
{
    struct spans s = { 0 };
    size_t room = dump->host.nr + 1, kept = 0;

    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        room += dump->view[i].runs.nr;
    s.span = checked(calloc(room, sizeof(*s.span)));
    for ( size_t i = 0; i < dump->host.nr; i++ )
        add_span(&s, dump->host.extent[i].gfn, dump->host.extent[i].pages,
                 only);
    if ( !dump->has_host )
        add_span(&s, 0, dump->last_gfn + 1, only);
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( size_t j = 0; j < dump->view[i].runs.nr; j++ )
            add_span(&s, dump->view[i].runs.run[j].gfn,
                     dump->view[i].runs.run[j].pages, only);

    qsort(s.span, s.nr, sizeof(*s.span), by_first);
    for ( size_t i = 1; i < s.nr; i++ )
        if ( s.span[i].first > s.span[kept].end )
            s.span[++kept] = s.span[i];
        else if ( s.span[i].end > s.span[kept].end )
            s.span[kept].end = s.span[i].end;
    if ( s.nr )
        s.nr = kept + 1;
    return s;
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

void make_axis(const struct dump *dump, const struct range *only,
               struct axis *axis)
{
    struct spans s = used_spans(dump, only);
    uint64_t used = 0;

    *axis = (struct axis){ 0 };
    for ( size_t i = 0; i < s.nr; i++ )
        used += s.span[i].end - s.span[i].first;
    axis->segment = checked(calloc(2 * s.nr + 1, sizeof(*axis->segment)));
    for ( size_t i = 0; i < s.nr; i++ )
    {
        uint64_t hole = i ? s.span[i].first - s.span[i - 1].end : 0;
        bool cut = hole > used / CUT_ABOVE && hole > 1;

        if ( hole )
            add_segment(axis, s.span[i - 1].end, s.span[i].first, cut,
                        cut ? (double)used / CUT_TO : (double)hole);
        add_segment(axis, s.span[i].first, s.span[i].end, false,
                    s.span[i].end - s.span[i].first);
    }
    if ( axis->nr > 1 )
        widen(axis, (double)used / CUT_TO);
    if ( !s.nr ) /* nothing at all: as asked for */
        add_segment(axis, only->first, only->first + 1, false, 1);
    free(s.span);
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
