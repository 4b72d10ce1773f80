/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: remaps whose target has changed in the host's map. */

#include "cache.h"

#define REDO_REMAPS 48u

/*
 * Syncs the entries of remaps whose targets, up to @last, have changed: from @r
 * on, up to *@left of them, which becomes how many more may be done.  Returns
 * the next one, or NULL if there is none.
 */
static struct altp2m_remap *redo_some(struct domain *d, struct altp2m_remap *r,
                                      unsigned long last, unsigned int *left)
{
    for ( ; r && r->target <= last && *left; --*left,
          r = altp2m_rb_next(r, struct altp2m_remap, by_target) )
    {
        struct altp2m_node *node = altp2m_node(r->view, r->gfn, 0);
        struct altp2m_lookup src;

        if ( r->view->dying )
            continue;

        if ( altp2m_walkable(node) )
            altp2m_sync(d, node, level_index(r->gfn, 0));
        else
            altp2m_remap_source(d, r->view, r->gfn, &src); /* to count losses */
    }

    return r && r->target <= last ? r : NULL;
}

/* altp2m_dropped(), while there are drops. */
bool altp2m_is_dropped(const struct altp2m_domain *a,
                       const struct altp2m_remap *r)
{
    const struct altp2m_drop *drop;

    for ( drop = a->drop; drop < a->drop + a->nr_drops; drop++ )
        if ( r->gfn >= drop->first && r->gfn < drop->end &&
             r->own->drops < drop->number )
            return true;

    return false;
}

/* Forgets drops before a->redo: own pages there are stale, if they must be. */
static void forget_drops(struct altp2m_domain *a)
{
    unsigned long next = a->redo ? a->redo->target : ~0UL;
    unsigned int i, kept = 0;

    for ( i = 0; i < a->nr_drops; i++ )
    {
        struct altp2m_drop drop = a->drop[i];

        drop.first = max(drop.first, next);
        if ( drop.first < drop.end )
            a->drop[kept++] = drop;
    }
    a->nr_drops = kept;
}

/* Notes a drop.  With too many, own pages between two of them are stale too. */
static void note_drop(struct altp2m_domain *a, unsigned long first,
                      unsigned long end)
{
    struct altp2m_drop *drop = &a->drop[a->nr_drops];

    if ( a->nr_drops < MAX_DROPS )
        a->nr_drops++;
    else
    {
        drop--;
        first = min(first, drop->first);
        end = max(end, drop->end);
    }
    *drop = (struct altp2m_drop){ first, end, ++a->drops };
}

/* Does up to @left of the remaps that altp2m_redo_targets() has left. */
static void redo_left(struct domain *d, unsigned int left)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( likely(!a->redo) )
        return;

    a->redo = redo_some(d, a->redo, a->redo_last, &left);
    forget_drops(a);
}

/* Does some of the remaps that altp2m_redo_targets() has left.  Lock held. */
void altp2m_redo_more(struct domain *d)
{
    if ( likely(!d->arch.altp2m->redo) )
        return;

    redo_left(d, REDO_REMAPS);
    altp2m_settle(d);
}

/*
 * Has the host no RAM in a range that has changed?  A change of types is none
 * of a range without RAM.
 */
static bool is_drop(struct domain *d, unsigned long first, unsigned long last)
{
    struct altp2m_lookup src;

    altp2m_host_lookup(d, first, 0, &src);

    return !altp2m_can_hide(&src) &&
           last <= (first | (level_span(src.level) - 1));
}

/*
 * Leaves the remaps from @r on with targets up to @last to altp2m_redo_more().
 * If the host has dropped their pages, own pages there are stale, even if it
 * has others there by the time somebody looks.
 */
static void leave(struct altp2m_domain *a, struct altp2m_remap *r,
                  unsigned long last, bool dropped)
{
    forget_drops(a);
    if ( dropped )
        note_drop(a, r->target, last + 1);

    a->redo_last = a->redo ? max(a->redo_last, last) : last;
    if ( !a->redo || altp2m_target_before(r, a->redo) )
        a->redo = r;
}

/*
 * altp2m_targets_changed(), where there are remaps.  Syncs the entries of the
 * first remaps with these targets.  If there are more, cuts off all views with
 * remaps: faults sync those, and altp2m_redo_more() counts their losses.
 */
void altp2m_redo_targets(struct domain *d, gfn_t first, gfn_t last)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int left = REDO_REMAPS;
    struct altp2m_remap *r =
        altp2m_rb_first(&a->targets, struct altp2m_remap, by_target, n,
                        n->target >= gfn_x(first));

    if ( !r || r->target > gfn_x(last) )
        return;

    r = redo_some(d, r, gfn_x(last), &left);
    if ( r )
    {
        leave(a, r, gfn_x(last), is_drop(d, gfn_x(first), gfn_x(last)));
        altp2m_cut_views(d, 1);
    }
    redo_left(d, left);

    altp2m_settle(d);
}
