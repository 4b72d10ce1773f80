/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: VM forks (mem_sharing.c).
 *
 * A fork's map begins empty.  A page is copied from the parent when somebody
 * first asks for it.  Until then its entry is a hole.  An operation that names
 * the gfn copies the page before it takes the lock.  A remap to such a gfn is
 * not dormant: a fault copies the page.  Copying takes the parent's p2m lock
 * under the fork's, as Xen does when a fork's guest faults.
 */

#include "base.h"

/* Copies the page at @gfn from the parent, unless @d has it.  Lock held. */
void altp2m_fork_page(struct domain *d, unsigned long gfn)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    p2m_type_t t;

    if ( gfn > MAX_GFN )
        return;

    hp2m->get_entry(hp2m, _gfn(gfn), &t, &a, 0, NULL, NULL);
    if ( p2m_is_hole(t) )
        mem_sharing_fork_page(d, _gfn(gfn), false);
}

/* Has @d RAM at @gfn?  A domain that is dying may have no tables any more. */
static bool has_ram(struct domain *d, unsigned long gfn)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    p2m_type_t t = p2m_invalid;
    mfn_t mfn = INVALID_MFN;
    p2m_access_t a;

    p2m_lock(hp2m);
    if ( !d->is_dying )
        mfn = hp2m->get_entry(hp2m, _gfn(gfn), &t, &a, 0, NULL, NULL);
    p2m_unlock(hp2m);

    return mfn_valid(mfn) && p2m_is_ram(t);
}

/* Has a parent RAM at @gfn, where @d's map has a hole?  Lock held. */
bool altp2m_fork_owes(const struct domain *d, unsigned long gfn)
{
    struct domain *parent;

    for ( parent = d->parent; parent; parent = parent->parent )
        if ( has_ram(parent, gfn) )
            return true;

    return false;
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

/* @d is no fork any more.  Who follows parents holds the lock of each child. */
void altp2m_fork_ends(struct domain *d)
{
    p2m_lock(p2m_get_hostp2m(d));
    d->parent = NULL;
    p2m_unlock(p2m_get_hostp2m(d));
}
