/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the operation that takes patched bytes back. */

#include "patches.h"

/* Can all records be taken back? */
static int check_unpatch(struct domain *d, struct patching *p,
                         struct altp2m_view *view)
{
    struct altp2m_edit *e;

    for_each_edit ( &p->batch, e )
    {
        const struct xen_altp2m_patch *r;
        const struct altp2m_own *own;
        struct altp2m_at at;
        mfn_t mfn;
        int rc;

        altp2m_find(d, view, e->gfn, &at);
        own = altp2m_own(view, e->gfn, at.slot);
        for_each_record ( p, r, e->gfn )
            if ( !own || !altp2m_is_patched(own, r, true) )
            {
                p->batch.failed = r - p->record;
                return -ENODATA;
            }

        p->batch.failed = e->record;
        p->gfn = e->gfn;
        rc = at.source.own ? altp2m_page_of(d, e->gfn, &mfn, &p->absent) : 0;
        if ( rc )
            return rc;
    }

    return 0;
}

/* Takes the records of one gfn back, and the page with the last byte. */
static void unpatch_gfn(struct domain *d, struct patching *p,
                        struct altp2m_view *view, unsigned long gfn)
{
    struct altp2m_node *node = altp2m_node(view, gfn, 0);
    struct altp2m_own *own = altp2m_remap(view, gfn)->own;
    unsigned int idx = level_index(gfn, 0);
    const struct altp2m_change change = { .set_own = ALTP2M_CLEAR };
    struct xen_altp2m_patch *r;
    mfn_t mfn = INVALID_MFN;
    struct altp2m_at at;
    bool absent;

    if ( own->stale || altp2m_page_of(d, gfn, &mfn, &absent) )
        mfn = INVALID_MFN;

    for_each_record ( p, r, gfn )
    {
        altp2m_read_old(own, r);
        altp2m_unpatch_own(own, r->offset, r->len, mfn);
    }

    if ( !own->nr_patched )
        altp2m_override_slots(d, node, idx, 1, &change);

    altp2m_find(d, view, gfn, &at);
    altp2m_tell_access(p, gfn, at.access);
}

static int cf_check unpatch_all(struct domain *d, void *arg)
{
    struct patching *p = arg;
    struct altp2m_view *view = altp2m_named(d, p->op->view);
    struct altp2m_edit *e;
    int rc = view ? check_unpatch(d, p, view) : -ENOENT;

    if ( rc )
        return rc;

    for_each_edit ( &p->batch, e )
        unpatch_gfn(d, p, view, e->gfn);

    return 0;
}

static int cf_check unpatch(struct domain *d, struct patching *p)
{
    return altp2m_section(d, 0, unpatch_all, p);
}

int altp2m_op_unpatch(struct domain *d, void *arg)
{
    struct xen_altp2m_patches *op = altp2m_args(arg);
    struct patching p = {
        .batch.idx = op->view,
        .op = op,
        .fn = unpatch,
        .again = -ENODATA,
    };

    return altp2m_with_records(d, &p);
}
