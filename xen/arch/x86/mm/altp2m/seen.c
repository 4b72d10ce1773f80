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
 * Returns the frame of the RAM that @view shows at @gfn, or INVALID_MFN if it
 * shows none now.  Lock held: until it is dropped, the frame stays there.
 */
static mfn_t shown_frame(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_lookup src;
    unsigned long inside;
    p2m_type_t t;

    if ( gfn > MAX_GFN )
        return INVALID_MFN;

    gfn = altp2m_source_gfn(d, view, gfn);
    altp2m_host_lookup(d, gfn, 0, &src);
    t = fmt->type(src.entry);
    if ( !(src.entry & fmt->present) ||
         (t != p2m_ram_rw && t != p2m_ram_logdirty) )
        return INVALID_MFN;

    /* In the entry of a superpage the lowest frame bit may be a PAT bit. */
    inside = level_span(src.level) - 1;

    return _mfn((mfn_x(altp2m_frame(src.entry)) & ~inside) | (gfn & inside));
}

/* Reads memory in one page, as @view shows it.  False if it shows no RAM. */
static bool read_seen(struct domain *d, struct altp2m_view *view, paddr_t gpa,
                      void *data, unsigned int size)
{
    mfn_t mfn = shown_frame(d, view, PFN_DOWN(gpa));
    const uint8_t *map;

    if ( mfn_eq(mfn, INVALID_MFN) )
        return false;

    map = map_domain_page(mfn);
    memcpy(data, map + (gpa & ~PAGE_MASK), size);
    unmap_domain_page(map);

    return true;
}

/*
 * Reads the guest's memory in one page, as @v's view shows it.  Returns false
 * if views are off, or if the page is not RAM, or Xen has to do something first
 * (populate it, say).  Lock held.
 */
bool altp2m_read_seen(struct vcpu *v, paddr_t gpa, void *data,
                      unsigned int size)
{
    struct altp2m_view *view = altp2m_current_view(v);
    bool done;

    ASSERT(altp2m_locked(v->domain));
    if ( !view )
        return false;

    done = read_seen(v->domain, view, gpa, data, size);
    altp2m_settle(v->domain);     /* of a VM fork: a page may have come */

    return done;
}

/*
 * Reads the code that the current vCPU @v, in 64-bit mode, has just fetched at
 * @linear.  Looks at no rights, as the CPU has.  Other vCPUs may have changed
 * the guest's tables since: then it is as if the CPU had fetched later.
 * Returns false if the code is in two pages, or not all that the walk reads is
 * RAM now.  Lock held.
 */
bool altp2m_fetched(const struct vcpu *v, unsigned long linear, void *code,
                    unsigned int size)
{
    struct altp2m_view *view = altp2m_current_view(v);
    unsigned long gfn = mfn_x(altp2m_frame(v->arch.hvm.guest_cr[3])), inside;
    unsigned int level = ROOT_LEVEL + 1, offset = linear & ~PAGE_MASK;
    uint64_t entry;

    if ( !view || offset + size > PAGE_SIZE )
        return false;

    /* Long mode's tables are as deep as the host's (APM Vol. 2, 5.3). */
    do {
        mfn_t table = shown_frame(v->domain, view, gfn);

        level--;
        if ( mfn_eq(table, INVALID_MFN) )
            return false;
        entry = altp2m_read_entry(table, level_index(PFN_DOWN(linear), level));
        if ( !(entry & _PAGE_PRESENT) )
            return false;
        gfn = mfn_x(altp2m_frame(entry));
    } while ( level && !(entry & _PAGE_PSE) );

    inside = level_span(level) - 1;
    gfn = (gfn & ~inside) | (PFN_DOWN(linear) & inside);

    return read_seen(v->domain, view, ((paddr_t)gfn << PAGE_SHIFT) | offset,
                     code, size);
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
