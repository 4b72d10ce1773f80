/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view as its difference from the host.  The hypervisor tells what the view
 * shows and what it overrides; both come in order, and are gone through
 * together, so that each difference has its reason beside it.  Each is printed
 * as soon as it is known to be whole: there may be any number.
 */
#include "command.h"
#include "commands/show.h"
#include "common/domain.h"
#include "common/message.h"
#include "common/parts.h"
#include "common/translate.h"

#include <stdlib.h>

static bool wanted(const struct filter *f, const struct difference *d)
{
    return (!f->why || (d->why & f->why)) &&
           (!f->by_access || d->access == f->access);
}

/* Does @b go on where @a ends? */
static bool goes_on(const struct difference *a, const struct difference *b)
{
    return a->gfn + a->pages == b->gfn &&
           (a->target == NO_GFN ? b->target == NO_GFN
                                : a->target + a->pages == b->target);
}

static void add(struct picture *p, const struct difference *d)
{
    if ( !wanted(&p->only, d) )
        return;
    if ( p->any && goes_on(&p->last, d) && alike(&p->last, d) )
    {
        p->last.pages += d->pages;
        return;
    }
    if ( p->any )
        print_difference(p);
    p->last = *d;
    p->any = true;
}

/* Why an override makes a difference; @page: what the map has, or NULL. */
static unsigned int reasons_for(const struct xen_altp2m_override *o,
                                const struct xen_altp2m_map *page)
{
    unsigned int why = page ? 0 : WHY_NO_PAGE;

    if ( o->set & XEN_ALTP2M_ACCESS )
        why |= WHY_ACCESS;
    else if ( page && page->access != page->host_access )
        why |= WHY_DEFAULT;
    if ( o->set & XEN_ALTP2M_OWN )
        why |= o->dormant ? WHY_STALE : WHY_OWN;
    if ( o->set & XEN_ALTP2M_REMAP )
        why |= o->dormant ? WHY_LOST : WHY_REMAP;
    if ( o->set & XEN_ALTP2M_SVE )
        why |= WHY_VE;
    return why;
}

/*
 * What there is of [gfn, gfn + pages), all alike in the map and in the
 * override; @page: NULL: there is none.
 */
static void piece(struct picture *p, uint64_t gfn, uint64_t pages,
                  const struct xen_altp2m_map *page,
                  const struct xen_altp2m_override *o)
{
    struct difference d = {
        .gfn = gfn, .pages = pages, .why = reasons_for(o, page),
        .target = o->set & XEN_ALTP2M_REMAP ? o->target + (gfn - o->gfn)
                                            : NO_GFN,
        .access = page ? page->access
                  : o->set & XEN_ALTP2M_ACCESS ? o->access : ACCESS_HOST,
        .host = page ? page->host_access : ACCESS_HOST,
        .sve = o->set & XEN_ALTP2M_SVE ? o->sve : -1,
    };

    if ( d.why )
        add(p, &d);
}

/* rwx, and n2rwx in the end. */
static bool is_wx(uint8_t access)
{
    return access == XENMEM_access_rwx || access == XENMEM_access_wx;
}

static void count_wx(struct picture *p, const struct xen_altp2m_map *page,
                     uint64_t pages)
{
    if ( is_wx(page->access) )
        p->wx += pages;
    if ( is_wx(page->host_access) )
        p->host_wx += pages;
}

/* The next gfn at which a record begins or ends, up to @limit. */
static uint64_t edge(uint64_t at, uint64_t gfn, uint64_t count, uint64_t limit)
{
    uint64_t next = gfn > at ? gfn : gfn + count;

    return next < limit ? next : limit;
}

static void compare(const struct range *range, struct map_parts *maps,
                    struct run_parts *runs, struct picture *p)
{
    /* Behind all others. */
    static const struct xen_altp2m_map no_map = { .gfn = NO_GFN };
    static const struct xen_altp2m_override no_override = { .gfn = NO_GFN };
    const struct xen_altp2m_map *map = next_map(maps) ?: &no_map;
    const struct xen_altp2m_override *o = next_override(runs) ?: &no_override;
    uint64_t at = range->first, end = range->first + range->pages;

    while ( at < end && !maps->p.code && !runs->p.code )
    {
        const struct xen_altp2m_map *page = NULL;
        uint64_t next;

        if ( map->gfn + map->count <= at )
            map = next_map(maps) ?: &no_map;
        if ( o->gfn + o->count <= at )
            o = next_override(runs) ?: &no_override;
        next = edge(at, map->gfn, map->count, edge(at, o->gfn, o->count, end));
        if ( map->gfn <= at && map->kind != XEN_ALTP2M_KIND_HOLE )
        {
            page = map;
            count_wx(p, page, next - at);
        }
        if ( o->gfn <= at )
            piece(p, at, next - at, page, o);
        else if ( page && page->access != page->host_access )
            piece(p, at, next - at, page, &no_override);
        at = next;
    }
}

int check_show(struct args *args)
{
    const char *kind = args->value[OPT_WHY];

    if ( !kind || reason_of(kind) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not a kind of difference (use %s)",
                    kind, kind_words());
}

/* What is wrong with a part is told; the parts before it were printed. */
static int print_picture(struct domain *d, const struct range *range,
                         struct picture *p)
{
    struct run_parts *runs = checked(malloc(sizeof(*runs)));
    struct map_parts *maps = checked(malloc(sizeof(*maps)));
    int code = begin_runs(runs, d, p->view->index, range) ?:
               begin_map(maps, d, p->view->index, range);

    if ( !code )
    {
        compare(range, maps, runs, p);
        code = runs->p.code ?: maps->p.code;
    }
    if ( !code )
        print_end(p);
    else if ( p->json )
        yajl_gen_free(p->json);
    else
        print_lines(p);
    free(runs);
    free(maps);
    return code;
}

static int show(struct domain *d, const struct args *args, struct dump *dump,
                struct view *view)
{
    struct range range = { 0, GFN_MAX + 1 };
    struct picture p;

    begin_picture(&p, dump, view);
    want_colour(args, &p.colour);
    if ( args->operand[2] )
    {
        int code = resolve_range(d, args, 2, &range);

        if ( code )
            return code;
        warn_without_pages(d, dump, &range);
    }
    if ( args->given[OPT_RIGHTS] )
        p.only.by_access = parse_access(args->value[OPT_RIGHTS],
                                        &p.only.access);
    if ( args->given[OPT_WHY] )
        p.only.why = reason_of(args->value[OPT_WHY]);
    if ( args->given[OPT_JSON] )
        p.json = json_begin(true);
    return print_picture(d, &range, &p);
}

int run_show(const struct args *args)
{
    return on_view(args, show);
}
