/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: setting the host's access of a gfn, in all views.
 */

#include "change.h"

/*
 * Computes the change in @view when the host's access of a gfn is set to @access:
 * the host's access supersedes the view's override.  @later: leave the view's
 * tables to faults.  Returns false if nothing changes.
 */
static bool superseded(struct altp2m_view *view, unsigned long gfn,
                       p2m_access_t access, bool hole, bool later,
                       struct altp2m_change *change)
{
    *change = (struct altp2m_change){
        .set_access = ALTP2M_CLEAR,
        .set_target = ALTP2M_CLEAR,
        .later = later,
        .unseen = true,
    };

    if ( view->dying )
        return false;

    if ( view->default_access == NO_DEFAULT )
    {
        if ( !view->access_gfns && !view->nr_remaps )
            return false;
    }
    else if ( !hole )
    {
        change->set_access = ALTP2M_SET;
        change->access = access;
    }

    return !altp2m_is_so(view, gfn, 0, change);
}

enum supersede { BEGIN, UNDO, COMMIT };

/* Does one part of the change in all views.  BEGIN may fail with -ENOMEM. */
static int supersede(struct domain *d, unsigned long gfn, p2m_access_t access,
                     bool hole, enum supersede part, struct list_head *spare)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    unsigned int i;
    int rc = 0;

    for_each_view ( a, view, i )
    {
        struct altp2m_change change;

        if ( !superseded(view, gfn, access, hole, a->limit > FEW_NODES,
                         &change) )
            continue;

        if ( part == BEGIN )
            rc = altp2m_override_begin(d, view, gfn, 0, &change, spare);
        else if ( part == COMMIT )
            altp2m_override_commit(d, view, gfn, 0, &change, spare);
        else
            altp2m_tidy(d, view, gfn, 0, true);

        if ( rc )
            break;
    }

    return rc;
}

/* Have all views show what has been committed at a gfn. */
static void show_all(struct domain *d, unsigned long gfn)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    unsigned int i;

    for_each_view ( a, view, i )
    {
        struct altp2m_node *node = view->dying ? NULL
                                               : altp2m_node(view, gfn, 0);

        if ( !node )
            continue;

        altp2m_sync(d, node, level_index(gfn, 0));
        altp2m_tidy(d, view, gfn, 0, false);
    }
}

/*
 * Have the host's access of a gfn, to be @new, be all that is left to be changed:
 * its entry is a page's, no recalculation is pending, and views know that the host
 * restricts.
 */
static int prepare_host(struct p2m_domain *p2m, gfn_t gfn, p2m_access_t new)
{
    unsigned int order;
    p2m_access_t access;
    p2m_type_t t;
    mfn_t mfn;
    int rc = p2m->recalc(p2m, gfn_x(gfn));

    if ( rc < 0 )
        return rc;

    mfn = p2m->get_entry(p2m, gfn, &t, &access, 0, &order, NULL);
    rc = order == PAGE_ORDER_4K ? 0
         : p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, access, -1);
    if ( !rc )
        altp2m_access_set(p2m, gfn, NULL, new);

    return rc;
}

/*
 * Sets the host's access of a gfn, for which the host has @mfn and @t.  In every
 * view access and remap overrides of the gfn are removed, suppress-#VE stays, and
 * the new access counts, also where the view has a default access.  A hole has no
 * access: overrides are removed, and no tables are made.
 *
 * No CPU may find the new access with the old frame, or the other way round: what
 * views say changes without being shown, and is with the one store that sets the
 * access.  What needs memory comes before.
 *
 * Returns 0, or an error with nothing changed.  Lock held.
 */
int altp2m_set_host_access(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
                           p2m_type_t t, p2m_access_t access)
{
    struct domain *d = p2m->domain;
    bool hole = t == p2m_mmio_dm;
    bool views = altp2m_active(d) && gfn_x(gfn) <= MAX_GFN;
    LIST_HEAD(spare);
    int rc = 0;

    if ( views )
    {
        rc = supersede(d, gfn_x(gfn), access, hole, BEGIN, &spare);
        if ( !rc && !hole )
            rc = prepare_host(p2m, gfn, access);
        supersede(d, gfn_x(gfn), access, hole, rc ? UNDO : COMMIT, &spare);
    }

    if ( !rc && !hole )
        rc = p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, access, -1);

    if ( views )
    {
        if ( !rc )
            show_all(d, gfn_x(gfn));
        altp2m_override_end(d, &spare);
        altp2m_settle(d);
    }

    return rc;
}
