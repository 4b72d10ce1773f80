/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: hvm_op.h's operations on suppress-#VE. */

#include "ops.h"

/* Sets suppress-#VE of one gfn.  -ESRCH without a page there. */
static int set_sve(struct domain *d, struct altp2m_view *view,
                   unsigned long gfn, bool sve)
{
    const struct altp2m_change change = {
        .set_sve = ALTP2M_SET, .sve = sve,
    };
    struct altp2m_at at;

    altp2m_find(d, view, gfn, &at);

    return altp2m_has_page(&at.host)
           ? altp2m_override(d, view, gfn, 0, &change) : -ESRCH;
}

static void note_error(struct xen_hvm_altp2m_suppress_ve_multi *m, int rc)
{
    if ( !rc || m->first_error )
        return;

    m->first_error = rc;
    m->first_error_gfn = m->first_gfn;
}

/* Section: sets a batch of a range.  Notes the first error. */
static int cf_check set_sve_batch(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve_multi *m = arg;
    const struct altp2m_change change = {
        .set_sve = ALTP2M_SET, .sve = m->suppress_ve,
    };
    uint64_t gfn[BATCH];
    struct altp2m_view *view = altp2m_named(d, m->view);
    unsigned int nr = min_t(uint64_t, BATCH, m->last_gfn - m->first_gfn + 1);
    unsigned int i, done;

    if ( !view )
        return -EINVAL;
    if ( altp2m_view_0_rootless(view) )
        return -ERESTART;

    for ( i = 0; i < nr; i++ )
        gfn[i] = m->first_gfn + i;

    for ( i = 0; i < nr; i += done, m->first_gfn += done )
    {
        done = altp2m_override_run(d, view, gfn + i, nr - i, &change);
        if ( done )
            continue;

        note_error(m, set_sve(d, view, m->first_gfn, m->suppress_ve));
        done = 1;
    }

    /* There are only holes behind the guest's last page. */
    if ( m->first_gfn > p2m_get_hostp2m(d)->max_mapped_pfn &&
         m->first_gfn <= m->last_gfn )
    {
        note_error(m, -ESRCH);
        m->first_gfn = m->last_gfn + 1;
    }

    return 0;
}

/* Brings in the pages of a batch of a range, for a VM fork. */
static void bring_in_batch(struct domain *d, uint64_t first, uint64_t last)
{
    uint64_t gfn;

    for ( gfn = first; gfn <= last && gfn - first < BATCH; gfn++ )
        altp2m_bring_in(d, &gfn, 1);
}

int altp2m_op_set_sve_multi(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve_multi *m = altp2m_args(arg);
    int rc;

    m->last_gfn = min_t(uint64_t, m->last_gfn, MAX_GFN);

    if ( m->pad1 || m->first_gfn > m->last_gfn )
        return -EINVAL;

    while ( m->first_gfn <= m->last_gfn )
    {
        if ( unlikely(mem_sharing_is_fork(d)) )
            bring_in_batch(d, m->first_gfn, m->last_gfn);
        rc = altp2m_section(d, 0, set_sve_batch, m);
        if ( rc )
            return rc;

        if ( m->first_gfn <= m->last_gfn && hypercall_preempt_check() )
            return -ERESTART;
    }

    return 0;
}

int altp2m_op_set_sve(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_suppress_ve *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, s->view);

    return s->pad1 || s->pad2 || !view
           ? -EINVAL : set_sve(d, view, s->gfn, s->suppress_ve);
}

int altp2m_op_get_sve(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, s->view);
    struct altp2m_at at;

    if ( s->pad1 || s->pad2 || !view )
        return -EINVAL;

    altp2m_find(d, view, s->gfn, &at);
    s->suppress_ve = slot_sve(at.slot);

    return altp2m_has_page(&at.host) ? 0 : -ESRCH;
}
