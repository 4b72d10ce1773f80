/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: remaps, and gfns with a page of the view's own.  If the host
 * has no page at a remap's target any more, the remap is dormant: its gfn shows
 * the host's page.  A record with an own page is a remap to the gfn itself.
 */

#include "truth.h"

/* Returns the remap of @gfn, or NULL. */
struct altp2m_remap *altp2m_remap(struct altp2m_view *view, unsigned long gfn)
{
    struct altp2m_remap *r =
        altp2m_rb_first(&view->remaps, struct altp2m_remap, by_gfn, n,
                        n->gfn >= gfn);

    return r && r->gfn == gfn ? r : NULL;
}

/* Is @a before @b in altp2m->targets?  By target, view, gfn. */
bool altp2m_target_before(const struct altp2m_remap *a,
                          const struct altp2m_remap *b)
{
    if ( a->target != b->target )
        return a->target < b->target;

    if ( a->view != b->view )
        return a->view->idx < b->view->idx;

    return a->gfn < b->gfn;
}

/* Takes a remap out of the list of losses.  Lock held. */
static void forget_loss(struct altp2m_domain *a, struct altp2m_remap *remap)
{
    if ( remap->number )
        rb_erase(&remap->loss, &a->losses);
    remap->number = 0;
}

/* Takes a remap out of all trees.  It and @own stay with the caller. */
void altp2m_take_out_remap(struct domain *d, struct altp2m_remap *r)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a->redo == r )
        a->redo = altp2m_rb_next(r, struct altp2m_remap, by_target);
    rb_erase(&r->by_gfn, &r->view->remaps);
    rb_erase(&r->by_target, &a->targets);
    d->arch.altp2m_remaps = !RB_EMPTY_ROOT(&a->targets);
    altp2m_found(r);
    forget_loss(a, r);
    r->view->nr_remaps--;
    r->view->nr_own -= !!r->own;
    r->view->changes++;
}

/* Takes a remap out of all trees and frees it, and its own page. */
void altp2m_drop_remap(struct domain *d, struct altp2m_remap *r)
{
    altp2m_take_out_remap(d, r);
    altp2m_drop_own(d, r->own);
    altp2m_free(d, &d->arch.altp2m->remaps, r);
}

/* Fills in a remap that is in no tree, but for @own, and inserts it. */
void altp2m_set_remap(struct domain *d, struct altp2m_remap *r,
                      struct altp2m_view *view, unsigned long gfn,
                      unsigned long target)
{
    r->view = view;
    r->gfn = gfn;
    r->target = target;
    r->dormant = false;

    altp2m_rb_insert(&view->remaps, struct altp2m_remap, by_gfn, r, n,
                     gfn < n->gfn);
    altp2m_rb_insert(&d->arch.altp2m->targets, struct altp2m_remap, by_target,
                     r, n, altp2m_target_before(r, n));
    view->nr_remaps++;
    view->nr_own += !!r->own;
    view->changes++;
    d->arch.altp2m_remaps = true;
}

/*
 * Notes that the host has no RAM at a remap's target, or that an own page is
 * stale.  Gives the loss the next number, which is the highest in the tree, and
 * notifies the event channel.  Does nothing if the remap was dormant.  Lock
 * held.
 */
void altp2m_lost(struct domain *d, struct altp2m_remap *remap)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( remap->dormant )
        return;

    forget_loss(a, remap);
    remap->dormant = true;
    remap->number = ++a->lost;
    remap->view->lost++;
    remap->view->nr_dormant++;
    remap->view->changes++;

    altp2m_rb_insert(&a->losses, struct altp2m_remap, loss, remap, n,
                     remap->number < n->number);

    if ( a->lost_port )
        notify_via_xen_event_channel(d, a->lost_port);
}

/* Notes that a remap has its target again, or is being freed.  Lock held. */
void altp2m_found(struct altp2m_remap *remap)
{
    if ( likely(!remap->dormant) )
        return;

    remap->dormant = false;
    remap->view->nr_dormant--;
    remap->view->changes++;
}
