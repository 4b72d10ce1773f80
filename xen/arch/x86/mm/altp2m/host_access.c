/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: setting the host's access of a gfn, in all views. */

#include "change.h"

/*
 * Returns the change in @view: the gfn's overrides of access and target go.  In
 * a view with a default the host's new access becomes an override.  An own page
 * stays, with its access: the host's is for the host's page.
 */
static struct altp2m_edit edit_of(struct altp2m_view *view,
                                  const struct altp2m_edit *all)
{
    struct altp2m_edit e = *all;

    e.view = view;
    e.flags |= view->edit;
    if ( view->default_access == NO_DEFAULT )
        e.change.set_access = ALTP2M_CLEAR;

    return e;
}

static int begin_all(struct domain *d, const struct altp2m_edit *all)
{
    struct altp2m_view *view;
    unsigned int i;
    int rc = 0;

    for_each_view ( d->arch.altp2m, view, i )
    {
        struct altp2m_edit e;

        /* A partial view has yet to copy the gfns from view->clone_gfn on. */
        if ( view->dying || (view->partial && all->gfn >= view->clone_gfn) ||
             (view->default_access == NO_DEFAULT && !view->access_gfns &&
              !view->nr_remaps) )
            continue;

        e = edit_of(view, all);
        rc = altp2m_begin(d, &e);
        BUILD_BUG_ON(EDIT_COMMITTED >= 1u << 5); /* the bits of @edit */
        view->edit = e.flags;
        if ( rc )
            break;
    }

    return rc;
}

static void commit_all(struct domain *d, const struct altp2m_edit *all)
{
    struct altp2m_view *view;
    unsigned int i;

    for_each_view ( d->arch.altp2m, view, i )
        if ( view->edit & EDIT_BEGUN )
        {
            struct altp2m_edit e = edit_of(view, all);

            altp2m_commit(d, &e);
            view->edit = e.flags;
        }
}

static void end_all(struct domain *d, const struct altp2m_edit *all)
{
    struct altp2m_view *view;
    unsigned int i;

    for_each_view ( d->arch.altp2m, view, i )
        if ( view->edit )
        {
            struct altp2m_edit e = edit_of(view, all);

            altp2m_end(d, &e);
            view->edit = 0;
        }

    altp2m_settle(d);
}

/*
 * Sets the host's access of a gfn, which then counts in every view, also in one
 * with a default: removes the gfn's overrides of access and its remaps, but not
 * those of suppress-#VE, nor own pages and their access.  A hole has no access:
 * only removes overrides.
 *
 * No CPU may find the new access with the old frame, or the other way round.
 * One store sets the access, and views' tables follow it.  Before that the
 * host's entry is made a 4k leaf with nothing pending, and views' slots change,
 * without their entries (EDIT_STORE_LAST).  So the store takes no memory, and
 * can't fail.
 *
 * Returns 0, or an error with no access and no override changed.  Lock held.
 */
int altp2m_set_host_access(struct p2m_domain *p2m, gfn_t gfn,
                           p2m_access_t access)
{
    struct domain *d = p2m->domain;
    unsigned int order;
    p2m_access_t old;
    p2m_type_t t;
    mfn_t mfn = p2m_get_gfn_type_access(p2m, gfn, &t, &old, P2M_ALLOC, &order,
                                        false);
    bool hole = t == p2m_mmio_dm;
    struct altp2m_edit all = {
        .gfn = gfn_x(gfn),
        .flags = EDIT_STORE_LAST,
        .change.set_access = hole ? ALTP2M_CLEAR : ALTP2M_SET,
        .change.access = access,
        .change.set_target = ALTP2M_CLEAR,
        .change.spares_own = true,
    };
    int rc;

    if ( !altp2m_active(d) || gfn_x(gfn) > MAX_GFN )
        return hole ? 0 : p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t,
                                         access, -1);

    altp2m_recall(d);          /* Xen has taken the lock, not altp2m_lock() */
    if ( d->arch.altp2m->limit > FEW_NODES )
        all.flags |= EDIT_NO_TABLES;
    rc = begin_all(d, &all);
    if ( !rc && !hole )
    {
        rc = min(p2m->recalc(p2m, gfn_x(gfn)), 0);
        if ( !rc && order )
            rc = p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, old, -1);
        if ( !rc )
            altp2m_access_set(p2m, gfn, NULL, access);
    }

    if ( !rc )
        commit_all(d, &all);
    if ( !rc && !hole )
        rc = p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, access, -1);
    end_all(d, &all);

    return rc;
}
