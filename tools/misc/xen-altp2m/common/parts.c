/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/parts.h"
#include "common/message.h"

#include <errno.h>

static void begin(struct parts *p, struct domain *d, unsigned int view,
                  const struct range *range)
{
    *p = (struct parts){
        .d = d, .view = view, .cursor = { .next = range->first },
        .last = range->first + range->pages - 1,
    };
}

bool fill_runs(struct run_parts *r)
{
    struct parts *p = &r->p;

    while ( p->at == p->nr && !p->code && !xenaltp2m_done(&p->cursor) )
    {
        p->at = 0;
        p->nr = xenaltp2m_read_overrides(p->d->alt, p->d->domid, p->view,
                                         &p->cursor, p->last, r->list, PART);
        if ( p->nr < 0 )
        {
            p->nr = 0;
            p->code = complain_errno(errno, "domain %s, view %s: can't read "
                                     "its overrides", p->d->text,
                                     labelled(p->d, p->view));
        }
    }
    return p->at < p->nr;
}

bool fill_map(struct map_parts *m)
{
    struct parts *p = &m->p;

    while ( p->at == p->nr && !p->code && !xenaltp2m_done(&p->cursor) )
    {
        p->at = 0;
        p->nr = xenaltp2m_read_map(p->d->alt, p->d->domid, p->view, &p->cursor,
                                   p->last, m->list, PART);
        if ( p->nr < 0 )
        {
            p->nr = 0;
            p->code = complain_errno(errno, "domain %s: can't read view %s",
                                     p->d->text, labelled(p->d, p->view));
        }
    }
    return p->at < p->nr;
}

int begin_runs(struct run_parts *r, struct domain *d, unsigned int view,
               const struct range *range)
{
    begin(&r->p, d, view, range);
    fill_runs(r);
    return r->p.code;
}

int begin_map(struct map_parts *m, struct domain *d, unsigned int view,
              const struct range *range)
{
    begin(&m->p, d, view, range);
    fill_map(m);
    return m->p.code;
}

/* Is @b what goes on from @a, at the same level? */
static bool goes_on(const struct xen_altp2m_override *a,
                    const struct xen_altp2m_override *b)
{
    return a->gfn + a->count == b->gfn && a->set == b->set &&
           a->access == b->access && a->sve == b->sve && a->level == b->level &&
           a->dormant == b->dormant &&
           (!(a->set & XEN_ALTP2M_REMAP) || a->target + a->count == b->target);
}

static bool more_overrides(struct run_parts *r)
{
    return r->p.at < r->p.nr || fill_runs(r);
}

const struct xen_altp2m_override *next_run(struct run_parts *r)
{
    if ( !more_overrides(r) )
        return NULL;
    r->run = r->list[r->p.at++];
    while ( more_overrides(r) && goes_on(&r->run, &r->list[r->p.at]) )
        r->run.count += r->list[r->p.at++].count;
    return &r->run;
}
