/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operation that patches bytes of a view's own pages.
 *
 * All edits are checked and begun.  Then the own pages are made and patched,
 * and after that entries lead there.
 */

#include "patches.h"

static struct patching *patching(struct altp2m_batch *b)
{
    return container_of(b, struct patching, batch);
}

/* Can bytes of the own page that is there be patched? */
static int check_own(const struct patching *p, const struct altp2m_at *at,
                     const struct altp2m_own *own, unsigned int *failed)
{
    const struct xen_altp2m_patch *r;

    if ( !at->source.own )
        return -ENXIO;                         /* dormant */

    for_each_record ( p, r, at->gfn )
        if ( !(r->flags & XEN_ALTP2M_PATCH_REPLACE) &&
             altp2m_is_patched(own, r, false) )
        {
            *failed = r - p->record;
            return -EEXIST;
        }

    return 0;
}

/* Decides what the edit of a gfn is, and whether it can be made. */
static int cf_check check_patch(struct domain *d, struct altp2m_batch *b,
                                struct altp2m_edit *e)
{
    struct patching *p = patching(b);
    struct altp2m_own *own;
    struct altp2m_at at;
    mfn_t mfn;
    int rc;

    e->change = (struct altp2m_change){ };
    altp2m_find(d, e->view, e->gfn, &at);
    altp2m_tell_access(p, e->gfn, at.access);
    own = altp2m_own(e->view, e->gfn, at.slot);
    if ( own )
        return check_own(p, &at, own, &b->failed);

    if ( at.slot & SLOT_REMAP )
        return -EBUSY;

    p->gfn = e->gfn;
    rc = altp2m_page_of(d, e->gfn, &mfn, &p->absent);
    if ( rc )
        return rc;

    altp2m_host_lookup(d, e->gfn, 0, &at.host);
    if ( !altp2m_can_hide(&at.host) )
        return -ENXIO;

    e->change.set_own = ALTP2M_SET;
    if ( !(at.slot & SLOT_ACCESS) )
    {
        e->change.set_access = ALTP2M_SET;
        e->change.access = ACCESS_CHOSEN;
        altp2m_tell_access(p, e->gfn, altp2m_chosen_access());
    }

    return 0;
}

/* Makes the own page for an edit that sets one. */
static int make_copy(struct domain *d, struct altp2m_edit *e)
{
    struct altp2m_own *own;
    bool absent;
    mfn_t mfn;
    int rc = altp2m_page_of(d, e->gfn, &mfn, &absent) ?:
             altp2m_make_own(d, e->view, e->gfn, &own);

    if ( rc )
        return rc;

    altp2m_copy_own(own, mfn);
    own->drops = d->arch.altp2m->drops;
    e->change.own = own;

    return 0;
}

/*
 * Makes all own pages, then patches all bytes.  -ERESTART if INT3 does not
 * exit: not yet, or not any more, as others have turned views off and on.
 */
static int cf_check patch_all(struct domain *d, struct altp2m_batch *b)
{
    const struct patching *p = patching(b);
    struct xen_altp2m_patch *r;
    struct altp2m_edit *e;
    int rc = 0;

    if ( b->nr && !altp2m_int3_exits(d) )
        return -ERESTART;

    for_each_edit ( b, e )
    {
        b->failed = e->record;
        if ( !rc && e->change.set_own == ALTP2M_SET )
            rc = make_copy(d, e);
    }

    for_each_edit ( b, e )
    {
        struct altp2m_own *own = e->change.own;

        if ( rc )
        {
            altp2m_drop_own(d, own);
            continue;
        }

        own = own ?: altp2m_remap(e->view, e->gfn)->own;
        for_each_record ( p, r, e->gfn )
        {
            altp2m_read_old(own, r);
            altp2m_patch_own(own, r->offset, r->bytes, r->len);
        }
    }

    return rc;
}

/* INT3 exits from the first patch on that can be made. */
static int cf_check patch(struct domain *d, struct patching *p)
{
    int rc = altp2m_run_batch(d, &p->batch);

    if ( rc == -ERESTART && !altp2m_int3_exits(d) )
        rc = altp2m_intercept_int3(d) ?: altp2m_run_batch(d, &p->batch);

    return rc;
}

int altp2m_op_patch(struct domain *d, void *arg)
{
    struct xen_altp2m_patches *op = altp2m_args(arg);
    struct patching p = {
        .batch = { .idx = op->view, .check = check_patch, .ready = patch_all,
                   .ordered = true },
        .op = op,
        .fn = patch,
        .flags = XEN_ALTP2M_PATCH_REPLACE,
        .again = -EEXIST,
    };

    return altp2m_with_records(d, &p);
}
