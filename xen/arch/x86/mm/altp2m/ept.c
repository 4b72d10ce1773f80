/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the layout of EPT entries (SDM Vol. 3C, 29.3.2).
 *
 * Bits 2:0 are read, write and execute; an entry with none of them is not
 * present.  Rights are ANDed along a walk (29.3.3.2).  Bit 63 suppresses #VE,
 * in a leaf or an entry that is not present (26.5.7.1).  A reserved memory type
 * (MTRR_NUM_TYPES) makes an entry misconfigured: so Xen marks recalculation.
 * Bit 58 of a leaf lets CPUs with paging-write control write to its page while
 * they walk the guest's tables, whatever bit 1 is.
 */

#include "base.h"

#define EPTE_RWX        7u
#define EPTE_SVE        (1UL << 63)

static ept_entry_t ept(uint64_t entry)
{
    return (ept_entry_t){ .epte = entry };
}

static unsigned int cf_check ept_grants(uint64_t entry)
{
    BUILD_BUG_ON(sizeof(ept_entry_t) != sizeof(entry));
    BUILD_BUG_ON(EPTE_RWX != p2m_access_rwx);

    return entry & EPTE_RWX;
}

static p2m_type_t cf_check ept_type(uint64_t entry)
{
    /* An entry that was never written has type 0, which is RAM. */
    return entry & ~EPTE_SVE ? ept(entry).sa_p2mt : p2m_invalid;
}

static p2m_access_t cf_check ept_access(uint64_t entry)
{
    return ept_type(entry) == p2m_invalid ? p2m_access_rwx
                                          : ept(entry).access;
}

static bool cf_check ept_pending(uint64_t entry)
{
    return ept_grants(entry) && ept(entry).emt == MTRR_NUM_TYPES;
}

/* Sets the memory type, which the host leaves unset where there is no right. */
static void ept_set_type(struct p2m_domain *hp2m, ept_entry_t *e,
                         const struct altp2m_lookup *src)
{
    bool ipat;
    int emt = epte_get_entry_emt(hp2m->domain, _gfn(src->gfn), _mfn(e->mfn), 0,
                                 &ipat, e->sa_p2mt);

    e->emt = emt < 0 ? X86_MT_UC : emt;
    e->ipat = ipat;
}

static uint64_t cf_check ept_leaf(struct p2m_domain *hp2m,
                                  const struct altp2m_lookup *src,
                                  unsigned int level, p2m_access_t access,
                                  bool sve)
{
    ept_entry_t e = ept(src->entry);
    bool typed = ept_grants(src->entry);
    unsigned int bits = access_bits(access);

    /* Of entries without rights (access n) only 4k ones map a frame. */
    if ( ept_type(src->entry) == p2m_invalid || (src->level && !typed) )
        return EPTE_SVE;

    e.mfn += src->gfn & (level_span(src->level) - 1) &
             ~(level_span(level) - 1);
    e.sp = level > 0;
    e.access = p2m_access_rwx;
    e.suppress_ve = 1;
    ept_p2m_type_to_flags(hp2m, &e);
    e.access = access;

    /* A type that forbids all access is Xen's to handle: no #VE. */
    if ( !ept_grants(e.epte) )
        return e.epte;

    /*
     * PML logs the gfn that the guest used.  Where it is remapped, another
     * gfn's frame was written: such writes fault instead.
     */
    if ( src->remapped && e.sa_p2mt == p2m_ram_logdirty )
        e.w = 0;

    /* A paging write is granted if the type allows writes. */
    if ( access == p2m_access_r_pw && has_paging_write )
    {
        e.epte |= e.w ? EPTE_PAGING_WRITE : 0;
        sve |= !e.w;
    }

    /* If the type forbids a right that @access has, Xen handles it: no #VE. */
    e.suppress_ve = sve || (bits & ~e.epte & EPTE_RWX);

    e.epte &= ~(uint64_t)EPTE_RWX | bits;
    if ( !e.w && !(e.epte & EPTE_PAGING_WRITE) )
        e.d = 0;

    if ( !ept_grants(e.epte) )
        return e.epte;

    if ( src->pending )
    {
        e.emt = MTRR_NUM_TYPES;
        e.recalc = 1;
    }
    else if ( !typed )
        ept_set_type(hp2m, &e, src);

    return e.epte;
}

/* Without rights, so that ept_leaf() computes the memory type. */
static uint64_t cf_check ept_own(struct p2m_domain *hp2m, uint64_t entry,
                                 mfn_t mfn)
{
    ept_entry_t e = {
        .sa_p2mt = ept_type(entry) == p2m_ram_ro ? p2m_ram_ro : p2m_ram_rw,
        .mfn = mfn_x(mfn),
        .access = p2m_access_rwx,
    };

    return e.epte;
}

static uint64_t cf_check ept_link(mfn_t table, uint64_t host)
{
    ept_entry_t e = {
        .r = 1, .w = 1, .x = 1,
        .a = !!cpu_has_vmx_ept_ad,
        .mfn = mfn_x(table),
        .access = p2m_access_rwx,
        .suppress_ve = 1,
    };

    /* The mark on the host's entry is for all below: mark this one, too. */
    if ( ept_pending(host) )
    {
        e.emt = MTRR_NUM_TYPES;
        e.recalc = ept(host).recalc;
    }

    return e.epte;
}

static uint64_t cf_check ept_narrow(uint64_t host, p2m_access_t access,
                                    bool sve)
{
    uint64_t e = (host & ~(uint64_t)EPTE_RWX) |
                 (host & EPTE_RWX & access_bits(access));

    if ( sve || ept_grants(e) )
        return e | EPTE_SVE;

    return e & ~EPTE_SVE;
}

static void cf_check ept_flush(struct p2m_domain *hp2m)
{
    ept_sync_domain(hp2m);
}

/* RAM that may be written to, with all rights there are. */
#define EPTE_A          (1UL << 8)
#define EPTE_D          (1UL << 9)
#define EPTE_TYPE(t)    ((uint64_t)(t) << 52)
#define EPTE_ACCESS(a)  ((uint64_t)(a) << EPTE_ACCESS_SHIFT)
#define EPTE_PLAIN      (EPTE_RWX | EPTE_A | EPTE_D | EPTE_SVE | \
                         EPTE_TYPE(p2m_ram_rw) | EPTE_ACCESS(p2m_access_rwx))

const struct altp2m_format altp2m_ept = {
    .present = EPTE_RWX,
    .type = ept_type,
    .access = ept_access,
    .grants = ept_grants,
    .pending = ept_pending,
    .leaf = ept_leaf,
    .own = ept_own,
    .link = ept_link,
    .narrow = ept_narrow,
    .stale = EPTE_SVE,
    .cpu_bits = EPTE_A | EPTE_D,  /* accessed, dirty (29.3.5) */
    .plain_mask = EPTE_PLAIN | ENTRY_LARGE | EPTE_TYPE(0x3f) |
                  EPTE_ACCESS(0xf),
    .plain = EPTE_PLAIN,
    .flush = ept_flush,
};
