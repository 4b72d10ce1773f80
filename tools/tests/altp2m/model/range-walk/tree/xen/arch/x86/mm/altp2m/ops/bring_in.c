/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the pages that an operation on a VM fork names. */

#include "ops.h"

/* Copies pages from the parent.  On failure a hole stays.  No lock held. */
void altp2m_bring_in_slow(struct domain *d, const uint64_t *gfn,
                          unsigned int nr)
{
    unsigned int i;

    altp2m_lock(d);
    /* A dying domain has given its shared pages back. */
    for ( i = 0; i < nr && !d->is_dying; i++ )
        altp2m_fork_page(d, gfn[i]);
    altp2m_unlock(d);
}

/* Copies the pages that @op names one by one.  No lock held. */
void altp2m_bring_in_named(struct domain *d,
                           const struct xen_hvm_altp2m_op *op)
{
    uint64_t gfn[2];
    unsigned int nr = 1;

    switch ( op->cmd )
    {
    case HVMOP_altp2m_set_mem_access:
    case HVMOP_altp2m_get_mem_access:
        gfn[0] = op->u.mem_access.gfn;
        break;

    case HVMOP_altp2m_set_suppress_ve:
    case HVMOP_altp2m_get_suppress_ve:
        gfn[0] = op->u.suppress_ve.gfn;
        break;

    case HVMOP_altp2m_change_gfn:
        gfn[0] = op->u.change_gfn.old_gfn;
        gfn[1] = op->u.change_gfn.new_gfn;
        nr = 2;
        break;

    case HVMOP_altp2m_walk:
        gfn[0] = ((const struct xen_altp2m_walk *)&op->u)->gfn;
        break;

    default:
        return;
    }

    altp2m_bring_in_slow(d, gfn, nr);
}
