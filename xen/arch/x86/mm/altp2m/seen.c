/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what a vCPU sees at a gfn, for emulation. */

#include <asm/hvm/support.h>
#include <asm/paging.h>

#include "cpu.h"

/* altp2m_find(), with the page brought in where a VM fork has none yet. */
static void find(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 struct altp2m_at *at)
{
    altp2m_find(d, view, gfn, at);
    if ( unlikely(mem_sharing_is_fork(d)) && at->source.gfn != gfn )
        altp2m_fork_remapped(d, at);
}

/* Returns the gfn whose page @view shows at @gfn.  Lock held. */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn)
{
    struct altp2m_at at;

    if ( RB_EMPTY_ROOT(&view->remaps) )
        return gfn;

    find(d, view, gfn, &at);

    return at.source.gfn;
}

/* Returns the own page that @view shows at @gfn, or NULL.  Lock held. */
static struct page_info *shown_own(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, p2m_type_t *t)
{
    struct altp2m_at at;

    if ( !view || !view->nr_own )
        return NULL;

    altp2m_find(d, view, gfn, &at);
    if ( at.source.own )
        *t = altp2m_format()->type(at.source.entry);

    return at.source.own;
}

/*
 * Returns the frame of the RAM that @view shows at @gfn, or INVALID_MFN if it
 * shows none now.  Lock held: until it is dropped, the frame stays there.
 */
static mfn_t shown_frame(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct page_info *own;
    struct altp2m_lookup src;
    p2m_type_t t;

    if ( gfn > MAX_GFN )
        return INVALID_MFN;

    own = shown_own(d, view, gfn, &t);
    if ( own )
        return page_to_mfn(own);

    gfn = altp2m_source_gfn(d, view, gfn);
    altp2m_host_lookup(d, gfn, 0, &src);
    t = fmt->type(src.entry);
    if ( !(src.entry & fmt->present) ||
         (t != p2m_ram_rw && t != p2m_ram_logdirty) )
        return INVALID_MFN;

    return altp2m_lookup_frame(&src);
}

/*
 * Reads memory in one page, as @view shows it.  Returns false if it shows no
 * RAM.  Lock held.
 */
bool altp2m_view_read(struct domain *d, struct altp2m_view *view, paddr_t gpa,
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

    done = altp2m_view_read(v->domain, view, gpa, data, size);
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

    return altp2m_view_read(v->domain, view,
                            ((paddr_t)gfn << PAGE_SHIFT) | offset, code, size);
}

/*
 * May Xen use an own page at @at for an access of a vCPU's, @pfec: PFEC_*?  It
 * fetches instructions there.  It reads and writes there only what the vCPU
 * could, else on the host's page.  Otherwise a guest would find patched bytes
 * by what Xen does for it: string I/O, or the buffer of a hypercall.
 */
static bool uses_own(const struct altp2m_at *at, uint32_t pfec)
{
    unsigned int want = pfec & PFEC_insn_fetch ? 0
                        : pfec & PFEC_write_access ? p2m_access_w
                                                   : p2m_access_r;

    return at->source.own && !(want & ~access_bits(at->access));
}

/*
 * altp2m_get_page(), where the domain has remaps.  As in altp2m_view_gfn() a
 * view without any takes no lock.
 */
struct page_info *altp2m_view_page(const struct vcpu *v, gfn_t gfn,
                                   p2m_type_t *t, p2m_query_t q, uint32_t pfec)
{
    struct domain *d = v->domain;
    struct page_info *pg = NULL;
    struct altp2m_view *view;
    struct altp2m_at at;

    if ( v == current )
    {
        view = altp2m_current_view(v);
        if ( !view || RB_EMPTY_ROOT(&view->remaps) )
            return get_page_from_gfn(d, gfn_x(gfn), t, q);
    }

    altp2m_lock_fault(d);
    view = altp2m_current_view(v);
    if ( view )
    {
        find(d, view, gfn_x(gfn), &at);
        gfn = _gfn(at.source.gfn);
        if ( uses_own(&at, pfec) && get_page(at.source.own, d) )
        {
            pg = at.source.own;
            *t = altp2m_format()->type(at.source.entry);
        }
    }
    altp2m_unlock(d);

    return pg ?: get_page_from_gfn(d, gfn_x(gfn), t, q);
}

/* altp2m_fault_own(), where the domain has remaps. */
bool altp2m_view_shows_own(struct vcpu *v, paddr_t gpa)
{
    p2m_type_t t;

    return shown_own(v->domain, altp2m_current_view(v), PFN_DOWN(gpa), &t);
}

/* altp2m_fault_page(), where the domain has remaps. */
void altp2m_view_fault_page(struct vcpu *v, paddr_t gpa, mfn_t *mfn,
                            p2m_type_t *t)
{
    const struct page_info *pg = shown_own(v->domain, altp2m_current_view(v),
                                           PFN_DOWN(gpa), t);

    if ( pg )
        *mfn = page_to_mfn(pg);
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
    struct altp2m_view *view;
    struct altp2m_at at;
    bool sees = true;

    if ( v->io.req.state == STATE_IORESP_READY )
        return false;

    if ( likely(!v->domain->arch.altp2m_remaps) )
        return true;

    altp2m_lock_fault(v->domain);
    view = altp2m_current_view(v);
    if ( view )
    {
        find(v->domain, view, gfn_x(gfn), &at);
        sees = at.source.gfn == gfn_x(gfn) && !at.source.own;
    }
    altp2m_unlock(v->domain);

    return sees;
}

/*
 * Reads the frame and type of the page that @v sees at @gfn, and the access
 * that @v's view gives to @gfn.  Lock held.
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
    if ( at.source.own )
    {
        mfn = page_to_mfn(at.source.own);
        *t = altp2m_format()->type(at.source.entry);
    }
    else
        mfn = hp2m->get_entry(hp2m, _gfn(at.source.gfn), t, access, 0, NULL,
                              NULL);
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

    altp2m_lock_fault(v->domain);
    mfn = altp2m_get_entry(v, gfn, &t, &a);
    altp2m_unlock(v->domain);

    *access = altp2m_xenmem_access(altp2m_told_access(a));

    return mfn_eq(mfn, INVALID_MFN) ? -ESRCH : 0;
}
