/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: what a vCPU sees at a gfn, for the parts of Xen that read, write or
 * check a page in its place.
 */

#include "cpu.h"

/*
 * Returns the gfn whose page @view shows at @gfn, for a caller that is going to
 * ask the host for it.  A VM fork copies a page when it is asked for; the access
 * that counts is the one at @gfn, so that this gfn is asked for here.  Lock held.
 */
unsigned long altp2m_wanted_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn)
{
    unsigned long source = altp2m_source_gfn(d, view, gfn);

    if ( unlikely(mem_sharing_is_fork(d)) && source != gfn )
        altp2m_fork_page(d, gfn);

    return source;
}

/*
 * altp2m_gfn(), where the domain has remaps.  The current vCPU's view cannot be
 * destroyed, as that takes a pause, so that the lock is not needed to find out
 * that it has no remaps.
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
        gfn = _gfn(altp2m_wanted_gfn(d, view, gfn_x(gfn)));
    altp2m_unlock(d);

    return gfn;
}

/*
 * May a device model read or write the data of string I/O at @gfn by itself?  It
 * uses the host's map, so not where @v sees another page: there the data go
 * through Xen.  I/O that has begun through Xen ends that way, whatever the view
 * shows by then.
 */
bool altp2m_device_sees(const struct vcpu *v, gfn_t gfn)
{
    return v->io.req.state != STATE_IORESP_READY &&
           gfn_eq(altp2m_gfn(v, gfn), gfn);
}

/*
 * Reads the host's entry for the page that @v sees at @gfn, and in *@access the
 * access that @v's view gives to @gfn.  All of Xen asks here for a vCPU's access.
 * Lock held.
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
 * Reads the access that @v has at @gfn.  Returns 0, or -ESRCH if @v sees no page
 * there.  No lock held.
 */
int altp2m_vcpu_access(struct vcpu *v, gfn_t gfn, xenmem_access_t *access)
{
    p2m_access_t a;
    p2m_type_t t;
    mfn_t mfn;

    altp2m_lock(v->domain);
    mfn = altp2m_get_entry(v, gfn, &t, &a);
    altp2m_unlock(v->domain);

    *access = altp2m_xenmem_access(a);

    return mfn_eq(mfn, INVALID_MFN) ? -ESRCH : 0;
}
