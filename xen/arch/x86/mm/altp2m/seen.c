/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what a vCPU sees at a gfn, for Xen's emulation. */

#include "cpu.h"

/* Returns the gfn whose page @view shows at @gfn.  Lock held. */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn)
{
    struct altp2m_at at;

    if ( RB_EMPTY_ROOT(&view->remaps) )
        return gfn;

    altp2m_find(d, view, gfn, &at);
    if ( unlikely(mem_sharing_is_fork(d)) && at.source.gfn != gfn )
        altp2m_fork_remapped(d, &at);

    return at.source.gfn;
}

/*
 * altp2m_gfn(), where the domain has remaps.  To see that the current vCPU's
 * view has none takes no lock: views are destroyed with the domain paused.
 */
gfn_t altp2m_view_gfn(const struct vcpu *v, gfn_t gfn)
{
    struct domain *d = v->domain;
    struct altp2m_view *view;

    if ( v == current )
    {
        view = altp2m_current_view(v);
        if ( !view || RB_EMPTY_ROOT(&view->remaps) )
            return gfn;
    }

    altp2m_lock_fault(d);
    view = altp2m_current_view(v);
    if ( view )
        gfn = _gfn(altp2m_source_gfn(d, view, gfn_x(gfn)));
    altp2m_unlock(d);

    return gfn;
}

/*
 * May a device model access the data of string I/O at @gfn by itself?  A device
 * model uses the host's map: where @v sees another page, Xen copies the data.
 * If a response waits, Xen has begun to copy, and goes on, whatever @v sees
 * now.
 */
bool altp2m_device_sees(const struct vcpu *v, gfn_t gfn)
{
    return v->io.req.state != STATE_IORESP_READY &&
           gfn_eq(altp2m_gfn(v, gfn), gfn);
}

/*
 * Reads the host's entry for the page that @v sees at @gfn, and the access that
 * @v's view gives to @gfn.  Lock held.
 */
mfn_t altp2m_get_entry(struct vcpu *v, gfn_t gfn, p2m_type_t *t,
                       p2m_access_t *access)
{
    struct domain *d = v->domain;
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct altp2m_view *view = altp2m_current_view(v);
    struct altp2m_at at;
    mfn_t mfn;

    if ( !view )
        return hp2m->get_entry(hp2m, gfn, t, access, 0, NULL, NULL);

    altp2m_find(d, view, gfn_x(gfn), &at);
    mfn = hp2m->get_entry(hp2m, _gfn(at.source.gfn), t, access, 0, NULL, NULL);
    *access = at.access;

    return mfn;
}

/*
 * Reads the access by which to judge what is done for @v at @gfn.  0, or -ESRCH
 * for a hole.  No lock held.
 */
int altp2m_vcpu_access(struct vcpu *v, gfn_t gfn, xenmem_access_t *access)
{
    p2m_access_t a;
    p2m_type_t t;
    mfn_t mfn;

    altp2m_lock(v->domain);
    mfn = altp2m_get_entry(v, gfn, &t, &a);
    altp2m_unlock(v->domain);

    *access = altp2m_xenmem_access(altp2m_told_access(a));

    return mfn_eq(mfn, INVALID_MFN) ? -ESRCH : 0;
}
