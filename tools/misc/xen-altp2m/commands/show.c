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

static bool goes_on(const struct difference *a, const struct difference *b)
{
    return a->gfn + a->pages == b->gfn && a->access == b->access &&
           a->host == b->host && a->sve == b->sve && a->why == b->why &&
           (a->target == NO_GFN ? b->target == NO_GFN
                                : a->target + a->pages == b->target);
}

static bool wanted(const struct filter *f, const struct difference *d)
{
    return (!f->why || (d->why & f->why)) &&
           (!f->by_access || d->access == f->access);
}

static void add(struct picture *p, const struct difference *d)
{
    if ( !wanted(&p->only, d) )
        return;
    if ( p->any && goes_on(&p->last, d) )
    {
        p->last.pages += d->pages;
        return;
    }
    if ( p->any )
        print_difference(p);
    p->last = *d;
    p->any = true;
}

/* rwx, and n2rwx in the end. */
static bool is_wx(uint8_t access)
{
    return access == XENMEM_access_rwx || access == XENMEM_access_wx;
}

/* Adds what the run overrides.  Is there a page? */
static void explain(struct difference *d, const struct run *run, bool page)
{
    if ( run->access != ACCESS_HOST )
    {
        d->why |= WHY_ACCESS;
        if ( !page )
            d->access = run->access;
    }
    if ( run->own )
        d->why |= run->lost ? WHY_STALE : WHY_OWN;
    if ( run->target != NO_GFN )
    {
        d->why |= run->lost ? WHY_LOST : WHY_REMAP;
        d->target = run->target + (d->gfn - run->gfn);
    }
    if ( run->sve >= 0 )
    {
        d->why |= WHY_VE;
        d->sve = run->sve;
    }
    if ( !page )
        d->why |= WHY_NO_PAGE;
}

/* What there is of [gfn, gfn + pages), all alike in the map and in the run. */
static void piece(struct picture *p, uint64_t gfn, uint64_t pages,
                  const struct xen_altp2m_map *map, const struct run *run)
{
    bool page = map && map->kind != XEN_ALTP2M_KIND_HOLE;
    struct difference d;

    if ( page && is_wx(map->access) )
        p->wx += pages;
    if ( page && is_wx(map->host_access) )
        p->host_wx += pages;
    if ( !run && !(page && map->access != map->host_access) )
        return;

    d = (struct difference){
        .gfn = gfn, .pages = pages, .target = NO_GFN, .sve = -1,
        .access = page ? map->access : ACCESS_HOST,
        .host = page ? map->host_access : ACCESS_HOST,
    };
    if ( run )
        explain(&d, run, page);
    if ( page && d.access != d.host && !(d.why & WHY_ACCESS) )
        d.why |= WHY_DEFAULT;
    if ( d.why )
        add(p, &d);
}

static void compare(const struct range *range, struct map_parts *maps,
                    struct run_parts *runs, struct picture *p)
{
    uint64_t at = range->first, end = range->first + range->pages;
    const struct xen_altp2m_map *map = next_map(maps);
    const struct run *run = next_run(runs);

    while ( at < end && !maps->p.code && !runs->p.code )
    {
        const struct xen_altp2m_map *in_map = NULL;
        const struct run *in_run = NULL;
        uint64_t next = end;

        while ( map && map->gfn + map->count <= at )
            map = next_map(maps);
        while ( run && run->gfn + run->pages <= at )
            run = next_run(runs);
        /* Up to where something begins or ends. */
        if ( map && map->gfn <= at )
        {
            in_map = map;
            next = map->gfn + map->count;
        }
        else if ( map )
            next = map->gfn;
        if ( next > end )
            next = end;
        if ( run && run->gfn <= at )
        {
            in_run = run;
            if ( next > run->gfn + run->pages )
                next = run->gfn + run->pages;
        }
        else if ( run && next > run->gfn )
            next = run->gfn;
        piece(p, at, next - at, in_map, in_run);
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
