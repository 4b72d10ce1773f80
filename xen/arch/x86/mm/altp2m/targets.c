/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: remaps whose target has changed in the host's map. */

#include "cache.h"

#define REDO_REMAPS 48u

/* Syncs the entries of some remaps whose targets have changed: from a->redo. */
static void redo_remaps(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int n;

    for ( n = 0; a->redo && n < REDO_REMAPS; n++ )
    {
        struct altp2m_remap *r = a->redo;
        struct altp2m_node *node = altp2m_node(r->view, r->gfn, 0);
        struct altp2m_lookup src;

        a->redo = altp2m_rb_next(r, struct altp2m_remap, by_target);
        if ( a->redo && a->redo->target > a->redo_last )
            a->redo = NULL;

        if ( r->view->dying )
            continue;

        if ( altp2m_walkable(node) )
            altp2m_sync(d, node, level_index(r->gfn, 0));
        else
            altp2m_remap_source(d, r->view, r->gfn, &src); /* to count losses */
    }
}

/* Does some of the remaps that altp2m_redo_targets() has left.  Lock held. */
void altp2m_redo_more(struct domain *d)
{
    if ( likely(!d->arch.altp2m->redo) )
        return;

    redo_remaps(d);
    altp2m_settle(d);
}

/*
 * Notes that a change has left remaps to altp2m_redo_more(), @more: as one
 * before had.  If the host has dropped the pages, own pages there are stale,
 * even if it has others there by the time somebody looks.  Between two such
 * ranges, own pages are stale too.  A change of types is none of a range
 * without RAM.
 */
static void note_drop(struct domain *d, unsigned long first, unsigned long last,
                      bool more)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_lookup src;

    altp2m_host_lookup(d, first, 0, &src);
    if ( altp2m_can_hide(&src) || last > (first | (level_span(src.level) - 1)) )
    {
        if ( !more )
            a->drop_end = 0;
        return;
    }

    a->drops++;
    more &= a->drop_end != 0;
    a->drop_first = more ? min(a->drop_first, first) : first;
    a->drop_end = more ? max(a->drop_end, last + 1) : last + 1;
}

/*
 * altp2m_targets_changed(), where there are remaps.  Syncs the entries of the
 * first remaps with these targets.  If there are more, cuts off all views with
 * remaps: faults sync those, and altp2m_redo_more() counts their losses.
 */
void altp2m_redo_targets(struct domain *d, gfn_t first, gfn_t last)
{
    struct altp2m_domain *a = d->arch.altp2m;
    bool more = a->redo;
    struct altp2m_remap *r =
        altp2m_rb_first(&a->targets, struct altp2m_remap, by_target, n,
                        n->target >= gfn_x(first));

    if ( !r || r->target > gfn_x(last) )
        return;

    a->redo_last = a->redo ? max(a->redo_last, gfn_x(last)) : gfn_x(last);
    if ( !a->redo || altp2m_target_before(r, a->redo) )
        a->redo = r;

    redo_remaps(d);
    if ( a->redo )
    {
        note_drop(d, gfn_x(first), gfn_x(last), more);
        altp2m_cut_views(d, 1);
    }

    altp2m_settle(d);
}
