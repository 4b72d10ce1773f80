/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The access of a page in its NPT entry (APM Vol. 2, 15.25).
 *
 * NPT entries are long mode page table entries.  Present, write and no-execute
 * count at each level of a walk.  Reads alone can't be forbidden.
 *
 * The p2m keeps a page's type in bits 58:52.  We keep its access in bits 11:9,
 * which are software's at every level (5.4.1); rwx is 0.  An entry with no
 * access isn't present, but keeps type and frame.  Bits 62:59 are not free:
 * they are the protection key where CR4.PKE is set, as Xen sets it.
 */

#include <asm/npt-access.h>
#include <asm/p2m-rights.h>

#define ACCESS_SHIFT   9           /* in flags, as l1e_get_flags() has them */
#define ACCESS_MASK    _PAGE_AVAIL

/* An access that p2m_rights() leaves out gets a code with fewer rights. */
static const uint8_t code_of[] = {
    [p2m_access_rwx] = 0, [p2m_access_rw] = 1, [p2m_access_rx] = 2,
    [p2m_access_r] = 3, [p2m_access_n] = 4, [p2m_access_rx2rw] = 5,
    [p2m_access_n2rwx] = 6,
    [p2m_access_w] = 4, [p2m_access_x] = 4, [p2m_access_wx] = 4,
    [p2m_access_r_pw] = 7,
};
static const uint8_t access_of[] = {
    p2m_access_rwx, p2m_access_rw, p2m_access_rx, p2m_access_r, p2m_access_n,
    p2m_access_rx2rw, p2m_access_n2rwx, p2m_access_r_pw,
};

/* Returns the access that an entry of the host p2m has. */
p2m_access_t npt_access(unsigned int flags)
{
    BUILD_BUG_ON(ARRAY_SIZE(access_of) != (ACCESS_MASK >> ACCESS_SHIFT) + 1);

    return access_of[(flags & ACCESS_MASK) >> ACCESS_SHIFT];
}

/* Takes the rights that @access lacks from an entry's flags. */
unsigned int npt_narrow_flags(unsigned int flags, p2m_access_t access)
{
    unsigned int bits = access_bits(access);

    if ( !(bits & p2m_access_r) )
        flags &= ~_PAGE_PRESENT;
    if ( !(bits & p2m_access_w) )
        flags &= ~_PAGE_RW;
    if ( !(bits & p2m_access_x) )
        flags |= _PAGE_NX_BIT;

    return flags;
}

/* Narrows a type's flags to @access, and puts @access into them. */
unsigned int npt_access_flags(unsigned int flags, p2m_access_t access)
{
    if ( likely(access == p2m_access_rwx) )
        return flags;

    flags &= ~ACCESS_MASK;
    flags |= (unsigned int)code_of[access] << ACCESS_SHIFT;

    return npt_narrow_flags(flags, access);
}

/* Does an entry map a frame, even if its access gives the guest no right? */
bool npt_mapped(unsigned int flags)
{
    p2m_type_t t = p2m_flags_to_type(flags);

    return (flags & _PAGE_PRESENT) ||
           (!access_bits(npt_access(flags)) &&
            (p2m_is_any_ram(t) || t == p2m_mmio_direct));
}

/*
 * Returns the access by which p2m_get_iommu_flags() finds what an IOMMU's
 * tables have for an entry.  They have no writes where a range is read-only
 * (mmio_ro_ranges), which the entry's flags tell, not its access.
 */
p2m_access_t npt_iommu_access(unsigned int flags)
{
    p2m_access_t access = npt_access(flags);

    if ( flags & _PAGE_RW )
        return access;

    return access == p2m_access_rwx ? p2m_access_rx
                                    : access == p2m_access_rw ? p2m_access_r
                                                              : access;
}

/*
 * Returns the access for an entry of type @t that is set in place of one with
 * the flags @old, by a caller that asks for @access.
 *
 * p2m_add_identity_entry() maps what firmware reserves for a device, with an
 * access that is for the IOMMU.  The guest has all rights to that, also with
 * shadow paging.  It is known by what it fills, a hole: mem_access changes
 * entries that are there, and new ones have the default.
 */
p2m_access_t npt_new_access(const struct p2m_domain *p2m, unsigned int old,
                            p2m_type_t t, p2m_access_t access)
{
    return t == p2m_mmio_direct && access != p2m->default_access &&
           !npt_mapped(old) ? p2m_access_rwx : access;
}
