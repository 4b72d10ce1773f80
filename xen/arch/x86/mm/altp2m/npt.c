/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the layout of NPT entries (APM Vol. 2, 15.25), which are long
 * mode page table entries.  ../npt-access.c says where their access is.  All
 * accesses count as a user's: Xen clears the user bit to mark deferred
 * recalculation.
 */

#include "base.h"

#define RECALC_FLAGS   (_PAGE_USER | _PAGE_ACCESSED)
#define TABLE_FLAGS    (_PAGE_PRESENT | _PAGE_USER | _PAGE_DIRTY | \
                        _PAGE_ACCESSED | _PAGE_RW)

static p2m_type_t cf_check npt_type(uint64_t entry)
{
    unsigned int flags = get_pte_flags(entry);
    p2m_type_t t = p2m_flags_to_type(flags);

    /* An entry that was never written reads as RAM: type 0. */
    return t == p2m_ram_rw && !npt_mapped(flags) ? p2m_invalid : t;
}

static p2m_access_t cf_check npt_entry_access(uint64_t entry)
{
    return npt_access(get_pte_flags(entry));
}

static unsigned int cf_check npt_grants(uint64_t entry)
{
    unsigned int flags = get_pte_flags(entry);

    return p2m_access_r | (flags & _PAGE_RW ? p2m_access_w : 0) |
           (flags & _PAGE_NX_BIT ? 0 : p2m_access_x);
}

static bool cf_check npt_pending(uint64_t entry)
{
    return npt_mapped(get_pte_flags(entry)) &&
           !(get_pte_flags(entry) & _PAGE_USER);
}

static uint64_t cf_check npt_leaf(struct p2m_domain *hp2m,
                                  const struct altp2m_lookup *src,
                                  unsigned int level, p2m_access_t access,
                                  bool sve)
{
    unsigned int flags = get_pte_flags(src->entry);
    unsigned long mfn = mfn_x(altp2m_frame(src->entry));
    bool pending = src->pending || npt_pending(src->entry);

    if ( !npt_mapped(flags) )
        return 0;

    /* In the entry of a superpage the lowest frame bit is a PAT bit. */
    if ( src->level )
        mfn &= ~(level_span(src->level) - 1);
    mfn += src->gfn & (level_span(src->level) - 1) & ~(level_span(level) - 1);

    flags = p2m_type_to_flags(hp2m, npt_type(src->entry), _mfn(mfn), level);
    if ( !(flags & _PAGE_PRESENT) )
        return 0;
    if ( level )
        flags |= _PAGE_PSE;
    if ( pending )
        flags &= ~RECALC_FLAGS;

    return l1e_from_pfn(mfn, npt_access_flags(flags, access)).l1;
}

static uint64_t cf_check npt_own(struct p2m_domain *hp2m, uint64_t entry,
                                 mfn_t mfn)
{
    p2m_type_t t = npt_type(entry) == p2m_ram_ro ? p2m_ram_ro : p2m_ram_rw;

    return l1e_from_mfn(mfn, p2m_type_to_flags(hp2m, t, mfn, 0)).l1;
}

static uint64_t cf_check npt_link(mfn_t table, uint64_t host)
{
    return l1e_from_mfn(table, npt_pending(host) ? TABLE_FLAGS & ~RECALC_FLAGS
                                                 : TABLE_FLAGS).l1;
}

static uint64_t cf_check npt_narrow(uint64_t host, p2m_access_t access,
                                    bool sve)
{
    return l1e_from_mfn(altp2m_frame(host),
                        npt_narrow_flags(get_pte_flags(host), access)).l1;
}

/*
 * Flushes at once: on return no CPU has a translation made before.  A CPU that
 * is not in the mask takes new ASIDs before it runs the domain (write_ptbase(),
 * after it has set its bit in the mask).  The barrier orders the stores of
 * entries before the mask is read.
 */
static void cf_check npt_flush(struct p2m_domain *hp2m)
{
    smp_mb();
    guest_flush_tlb_mask(hp2m->domain, hp2m->domain->dirty_cpumask);
}

const struct altp2m_format altp2m_npt = {
    .present = _PAGE_PRESENT,
    .type = npt_type,
    .access = npt_entry_access,
    .grants = npt_grants,
    .pending = npt_pending,
    .leaf = npt_leaf,
    .own = npt_own,
    .link = npt_link,
    .narrow = npt_narrow,
    .stale = 0,
    .cpu_bits = _PAGE_ACCESSED | _PAGE_DIRTY,
    .plain_mask = ~ENTRY_FRAME, .plain = TABLE_FLAGS,    /* p2m_ram_rw is 0 */
    .flush = npt_flush,
};
