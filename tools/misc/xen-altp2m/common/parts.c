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

bool read_runs(struct run_parts *r)
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

bool read_map(struct map_parts *m)
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
    read_runs(r);
    return r->p.code;
}

int begin_map(struct map_parts *m, struct domain *d, unsigned int view,
              const struct range *range)
{
    begin(&m->p, d, view, range);
    read_map(m);
    return m->p.code;
}

static bool more_runs(struct run_parts *r)
{
    return r->p.at < r->p.nr || read_runs(r);
}

const struct run *next_run(struct run_parts *r)
{
    struct run next;

    if ( !more_runs(r) )
        return NULL;
    override_to_run(&r->list[r->p.at++], &r->run);
    while ( more_runs(r) &&
            r->list[r->p.at].gfn == r->run.gfn + r->run.pages )
    {
        override_to_run(&r->list[r->p.at], &next);
        if ( !runs_alike(&r->run, &next, true) )
            break;
        r->run.pages += next.pages;
        r->p.at++;
    }
    return &r->run;
}
