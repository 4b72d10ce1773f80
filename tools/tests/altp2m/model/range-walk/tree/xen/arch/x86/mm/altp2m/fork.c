/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: VM forks (mem_sharing.c).
 *
 * A fork's map begins empty.  A page is copied from the parent when somebody
 * first asks for it.  Until then its entry is a hole.  An operation that names
 * the gfn copies the page before it takes the lock.  A remap to a hole is not
 * dormant before a fault finds that no parent has the page: parents change, and
 * to ask them takes their locks, which may not be taken where entries are
 * written.
 */

#include "life.h"

/*
 * Copies the page at @gfn from a parent, unless @d has it.  -ENOENT: no parent
 * has RAM there.  Lock held.
 */
int altp2m_fork_page(struct domain *d, unsigned long gfn)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    p2m_type_t t;

    if ( gfn > MAX_GFN )
        return -ENOENT;

    hp2m->get_entry(hp2m, _gfn(gfn), &t, &a, 0, NULL, NULL);

    return p2m_is_hole(t) ? mem_sharing_fork_page(d, _gfn(gfn), false) : 0;
}

/*
 * Copies the pages of a remap: at its gfn, as the access there counts, and at
 * its target.  If no parent has the latter, the remap becomes dormant, and @at
 * says that its gfn shows its own page.  Lock held.
 */
void altp2m_fork_remapped(struct domain *d, struct altp2m_at *at)
{
    altp2m_fork_page(d, at->gfn);
    if ( altp2m_fork_page(d, at->source.gfn) != -ENOENT )
        return;

    altp2m_lost(d, altp2m_remap(at->view, at->gfn));
    altp2m_sync(d, altp2m_node(at->view, at->gfn, 0), level_index(at->gfn, 0));
    at->source.gfn = at->gfn;
}

/* Stores an entry of a fork's map, with the lock: views follow it. */
int altp2m_fork_set(struct p2m_domain *hp2m, gfn_t gfn, mfn_t mfn,
                    p2m_type_t t)
{
    int rc;

    p2m_lock(hp2m);
    rc = hp2m->set_entry(hp2m, gfn, mfn, PAGE_ORDER_4K, t,
                         hp2m->default_access, -1);
    p2m_unlock(hp2m);

    return rc;
}

/* @d is no fork any more: its holes are holes. */
void altp2m_fork_ends(struct domain *d)
{
    altp2m_lock(d);
    d->parent = NULL;
    altp2m_targets_changed(d, _gfn(0), _gfn(MAX_GFN));
    altp2m_unlock(d);
}
