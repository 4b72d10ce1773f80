/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NPT entries of views, for every entry that the host can have, access, level
 * and gfn.
 *
 * Refuted: npt-superpage-frame npt-narrow-wide npt-writable npt-access-lost
 * npt-pending-hidden
 */
#include "../npt-access.c"
#include "npt.c"

#define P2M_BASE_FLAGS (_PAGE_PRESENT | _PAGE_USER | _PAGE_DIRTY | _PAGE_ACCESSED)

#include "xen-npt.inc"
#include "prove.h"

static unsigned int rights_of(unsigned int flags)
{
    return !(flags & _PAGE_PRESENT) ? 0
           : p2m_access_r | (flags & _PAGE_RW ? p2m_access_w : 0) |
             (flags & _PAGE_NX_BIT ? 0 : p2m_access_x);
}

/* An entry as the host's p2m writes it. */
static uint64_t any_host(struct p2m_domain *hp2m, unsigned int level,
                         unsigned long *frame)
{
    p2m_type_t type = any_up_to(15);
    p2m_access_t access = any_access(p2m_rights());
    bool pending = any_bool();
    unsigned long flags;

    *frame = any_u64();
    given(*frame < (1UL << 40) && !(*frame & (level_span(level) - 1)));
    flags = p2m_type_to_flags(hp2m, type, _mfn(*frame), level);
    if ( pending && (flags & _PAGE_PRESENT) )
        flags &= ~RECALC_FLAGS;

    return l1e_from_pfn(*frame, npt_access_flags(flags | (level ? _PAGE_PSE : 0),
                                                 access)).l1;
}

static void leaves(struct p2m_domain *hp2m)
{
    struct altp2m_lookup src = any_source();
    p2m_access_t access = any_access(p2m_rights());
    unsigned int level = any_uint(), flags;
    unsigned long frame;
    uint64_t e;

    given(level <= src.level);
    src.entry = any_host(hp2m, src.level, &frame);
    e = npt_leaf(hp2m, &src, level, access, any_bool());
    flags = get_pte_flags(e);
    if ( !e )
        return;

    claim(!(rights_of(flags) & ~access_bits(access)), "no right beyond the access");
    claim(mfn_x(altp2m_frame(e)) == frame_wanted(frame, &src, level),
          "the frame is the host's for that gfn");
    claim(!(flags & _PAGE_PSE) == !level, "a leaf above the lowest level is marked");
    claim(npt_type(e) == npt_type(src.entry), "the type is the host's");
    claim(npt_access(e) == access, "the access is noted");
    claim(!(src.pending || npt_pending(src.entry)) || npt_pending(e),
          "pending recalculation is kept");
}

static void links(void)
{
    uint64_t host = any_u64(), frame = any_u64(), e, n;
    p2m_access_t access = any_access(p2m_rights());

    given(frame < (1UL << 40));
    e = npt_link(_mfn(frame), host);
    claim(mfn_x(altp2m_frame(e)) == frame && !(e & ENTRY_LARGE),
          "a link leads to the table");
    claim(rights_of(get_pte_flags(e)) == p2m_access_rwx, "a link takes no rights");
    claim(!npt_pending(host) || npt_pending(e),
          "recalculation is pending in a mirror as in the host");

    n = npt_narrow(host, access, any_bool());
    claim(!(rights_of(get_pte_flags(n)) & ~rights_of(get_pte_flags(host))) &&
          !(rights_of(get_pte_flags(n)) & ~access_bits(access)),
          "narrowing only takes rights");
    claim(!((n ^ host) & ENTRY_FRAME), "narrowing keeps the table");
}

int main(void)
{
    struct domain d;
    struct p2m_domain hp2m;

    given(!altp2m_on_intel);
    hp2m.domain = &d;
    leaves(&hp2m);
    links();

    return 0;
}
