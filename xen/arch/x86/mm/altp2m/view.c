/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: creating and destroying a view. */

#include "life.h"

#define FREE_BATCH 64u

static void view_put(struct altp2m_domain *a, unsigned int idx,
                     struct altp2m_view *view)
{
    if ( idx < FEW_VIEWS )
        a->few[idx] = view;
    else
        a->more[idx] = view;
    a->lowest = view ? idx + 1 : min(a->lowest, idx);
}

/* Returns the lowest free index; -ENOSPC if @limit are in use, -ENOMEM. */
static int free_index(struct altp2m_domain *a, unsigned int limit)
{
    unsigned int idx = a->lowest;

    while ( idx < limit && altp2m_any_view(a, idx) )
        idx++;
    if ( idx == limit )
        return -ENOSPC;

    BUILD_BUG_ON(ALTP2M_MAX_VIEWS * sizeof(*a->more) > PAGE_SIZE);
    if ( idx >= FEW_VIEWS )
        a->more = altp2m_heap_page(a->more, 0);

    return idx < FEW_VIEWS || a->more ? idx : -ENOMEM;
}

/*
 * Makes a partial view with the lowest free index: lookups skip it until
 * altp2m_view_whole().  Takes the page for its root, so that no switch to it
 * can fail; view 0 needs none.
 *
 * Returns 0, -ENOSPC if all indexes are in use, -ENOMEM.  Lock held.
 */
int altp2m_new_view(struct domain *d, p2m_access_t access,
                    struct altp2m_view **new)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    mfn_t spare = INVALID_MFN;
    int idx = free_index(a, altp2m_limit(d));

    if ( idx < 0 )
        return idx;

    view = altp2m_alloc(d, &a->views);
    if ( !view )
        return -ENOMEM;

    if ( idx )
    {
        spare = altp2m_alloc_table(d);
        if ( mfn_eq(spare, INVALID_MFN) )
        {
            altp2m_free(d, &a->views, view);
            return -ENOMEM;
        }
    }

    view->idx = idx;
    view->default_access = access;
    view->created_access = access == NO_DEFAULT ? p2m_access_rwx : access;
    view->visible = true;
    view->partial = true;
    view->spare = spare;
    view->root.view = view;
    view->root.level = ROOT_LEVEL;
    view->root.table = INVALID_MFN;
    view->root.host = INVALID_MFN;
    view->root.floor = 1;         /* a table with @made 0 is out of date */

    /* The view's own fields end before the first that its root uses. */
    BUILD_BUG_ON(offsetof(struct altp2m_view, clone_error) +
                 sizeof(view->clone_error) >
                 offsetof(struct altp2m_view, root.view));
    view_put(a, idx, view);
    a->limit = max(a->limit, idx + 1u);
    *new = view;

    return 0;
}

/* Makes a partial view whole: lookups and VMFUNC find it.  Lock held. */
void altp2m_view_whole(struct domain *d, struct altp2m_view *view)
{
    view->partial = false;
    view->filled = 0;
    view->serial = ++d->arch.altp2m->last_serial;
    altp2m_publish(d, view);
}

/* Frees a view that no vCPU is in.  0, or -ERESTART: call again.  Lock held. */
int altp2m_view_free(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct vcpu *v;

    if ( !view->dying )
    {
        view->dying = true;
        altp2m_publish(d, view);
    }

    if ( unlikely(a->rules) )
        altp2m_free_rules(d, view);
    while ( !altp2m_free_overrides(d, view, FREE_BATCH) )
    {
        /* To free own pages takes long: do some at a time. */
        if ( !list_empty(&a->owed.own) )
            altp2m_settle(d);
        if ( general_preempt_check() )
            return -ERESTART;
    }

    altp2m_detach(d, &view->root);
    if ( !mfn_eq(view->spare, INVALID_MFN) )
        altp2m_free_table(d, view->spare);
    /* A later view that gets the index is hidden from no vCPU. */
    for_each_vcpu ( d, v )
        __clear_bit(view->idx, altp2m_vcpu_of(v)->hidden);
    view_put(a, view->idx, NULL);
    while ( a->limit && !altp2m_any_view(a, a->limit - 1) )
        a->limit--;
    altp2m_free(d, &a->views, view);

    return 0;
}

/*
 * Gives view 0 a root, as it is to override something, and has its vCPUs walk
 * it.  Returns 0, also if it has one, or -ENOMEM.  Lock held, domain paused.
 */
int altp2m_own_host_view(struct domain *d, void *unused)
{
    struct altp2m_view *view = altp2m_view(d, _view_idx(0));
    struct vcpu *v;
    int rc;

    if ( node_has_table(&view->root) )
        return 0;

    rc = altp2m_attach_root(d, view);
    if ( rc )
        return rc;

    altp2m_publish(d, view);
    for_each_vcpu ( d, v )
        if ( !vcpu_altp2m(v).p2midx )
            altp2m_vcpu_sync(v);

    return 0;
}
