/* SPDX-License-Identifier: GPL-2.0-only */
/* Which views show a page, and at which gfns. */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct search
{
    struct domain *d;
    yajl_gen g;             /* NULL: text */
    uint64_t gfn;           /* at which the host has the page */
    unsigned int found;
};

/* ---- frames ------------------------------------------------------------- */

/*
 * The entry of the host's that leads to a gfn's page: the frame of its first
 * page, and how many it covers.  False where there is none.
 */
static bool host_leaf(struct domain *d, uint64_t gfn, uint64_t *frame,
                      uint64_t *pages)
{
    struct xen_altp2m_entry entry[XEN_ALTP2M_WALK_MAX];
    struct xen_altp2m_walk walk;

    if ( xenaltp2m_walk(d->alt, d->domid, 0, gfn, &walk, entry) )
        return false;
    for ( unsigned int i = 0; i < walk.nr; i++ )
        if ( entry[i].walk == XEN_ALTP2M_WALK_HOST &&
             !(entry[i].flags & XEN_ALTP2M_ENTRY_TABLE) &&
             entry[i].frame != XEN_ALTP2M_NONE )
        {
            *frame = entry[i].frame;
            *pages = 1ULL << (9 * entry[i].level);
            return true;
        }
    return false;
}

/* The first gfn at which the host has that frame, entry by entry. */
static int gfn_of_frame(struct domain *d, uint64_t wanted, uint64_t *gfn)
{
    struct xen_altp2m_map *list;
    uint64_t frame, pages;
    bool found = false;
    size_t nr;

    if ( xenaltp2m_all_map(d->alt, d->domid, 0, 0, XEN_ALTP2M_NONE, &list,
                           &nr) )
        return complain_errno(errno, "domain %s: can't read the host's map",
                              d->text);
    for ( size_t i = 0; !found && i < nr; i++ )
    {
        uint64_t at = list[i].gfn, end = at + list[i].count;

        for ( ; list[i].kind != XEN_ALTP2M_KIND_HOLE && !found && at < end;
              at = (at / pages + 1) * pages )
        {
            pages = 1;
            if ( !host_leaf(d, at, &frame, &pages) )
                continue;
            *gfn = at / pages * pages + (wanted - frame);
            found = wanted >= frame && wanted - frame < pages && *gfn < end;
        }
    }
    free(list);
    return found ? EXIT_DONE
                 : complain(EXIT_NOT_FOUND, "domain %s has no page in frame 0x%"
                            PRIx64, d->text, wanted);
}

/* ---- views -------------------------------------------------------------- */

static int tell(struct search *s, const struct view *view, uint64_t gfn)
{
    struct xen_altp2m_entry entry[XEN_ALTP2M_WALK_MAX];
    struct xen_altp2m_walk walk;

    if ( xenaltp2m_walk(s->d->alt, s->d->domid, view->index, gfn, &walk,
                        entry) )
        return complain_errno(errno, "domain %s, view %s: can't walk",
                              s->d->text, view_text(view));
    s->found++;
    if ( !s->g )
    {
        printf("%-20s 0x%-11" PRIx64 " %-6s %s\n", view_text(view), gfn,
               access_text(walk.access), gfn == s->gfn ? "" : "remapped");
        return EXIT_DONE;
    }
    json_map_open(s->g);
    json_int(s->g, "view", view->index);
    json_text(s->g, "name", view->name);
    json_hex(s->g, "gfn", gfn);
    json_text(s->g, "access", access_name(walk.access));
    json_bool(s->g, "remapped", gfn != s->gfn);
    json_map_close(s->g);
    return EXIT_DONE;
}

/* Does the view show another page there? */
static bool shows_other(const struct view *view, uint64_t gfn)
{
    for ( size_t i = 0; i < view->runs.nr; i++ )
    {
        const struct run *r = &view->runs.run[i];

        if ( gfn >= r->gfn && gfn - r->gfn < r->pages )
            return (r->target != NO_GFN || r->own) && !r->lost;
    }
    return false;
}

static int find_in(struct search *s, struct view *view)
{
    int code = fetch_runs(s->d, view->index, &view->runs);

    if ( !code && !shows_other(view, s->gfn) )
        code = tell(s, view, s->gfn);
    for ( size_t i = 0; !code && i < view->runs.nr; i++ )
    {
        const struct run *r = &view->runs.run[i];

        if ( r->target != NO_GFN && !r->lost && s->gfn >= r->target &&
             s->gfn - r->target < r->pages )
            code = tell(s, view, r->gfn + (s->gfn - r->target));
    }
    return code;
}

static void begin(struct search *s, const struct args *args, uint64_t frame)
{
    if ( args->given[OPT_JSON] )
    {
        s->g = json_begin(true);
        json_document(s->g, "find");
        json_int(s->g, "domain", s->d->domid);
        json_hex(s->g, "gfn", s->gfn);
        json_hex(s->g, "frame", frame);
        json_array_open(s->g, "shown");
        return;
    }
    printf("gfn 0x%" PRIx64 " of domain %s, frame 0x%" PRIx64 "\n"
           "%-20s %-13s %s\n", s->gfn, s->d->text, frame, "VIEW", "SHOWN AT",
           "RIGHTS");
}

static int find(struct domain *d, const struct args *args, struct dump *dump)
{
    struct search s = { .d = d };
    uint64_t frame, pages;
    struct range at;
    int code = resolve_range(d, args, 1, &at);

    s.gfn = at.first;
    if ( !code && args->given[OPT_FRAME] )
        code = gfn_of_frame(d, at.first, &s.gfn);
    if ( code )
        return code;
    if ( !host_leaf(d, s.gfn, &frame, &pages) )
        return complain(EXIT_NOT_FOUND, "domain %s has no page at gfn 0x%"
                        PRIx64, d->text, s.gfn);
    begin(&s, args, frame + s.gfn % pages);
    for ( unsigned int i = 0; !code && i < dump->nr_views; i++ )
        code = find_in(&s, &dump->view[i]);
    if ( s.g )
    {
        json_array_close(s.g);
        json_map_close(s.g);
        json_end(s.g, stdout);
    }
    return code ?: s.found ? EXIT_DONE : EXIT_NOT_FOUND;
}

int run_find(const struct args *args)
{
    return on_domain(args, find);
}
