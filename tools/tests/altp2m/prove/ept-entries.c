/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EPT entries of views, for every entry that the host can have, access, level
 * and gfn.
 *
 * Refuted: leaf-frame leaf-edge leaf-not-large leaf-not-pending narrow-wide
 * link-not-pending write-only ve-for-types pml-remapped
 */
#include "ept.c"

static inline bool is_epte_superpage(const ept_entry_t *e)
{
    return e->sp;
}

#include "xen-ept.inc"
#include "prove.h"

int epte_get_entry_emt(struct domain *d, gfn_t gfn, mfn_t mfn,
                       unsigned int order, bool *ipat, p2m_type_t type)
{
    *ipat = any_bool();

    return any_memory_type();
}

void ept_sync_domain(struct p2m_domain *p2m) { }

static void leaves(struct p2m_domain *hp2m)
{
    struct altp2m_lookup src = any_source();
    ept_entry_t h = ept(src.entry), e;
    unsigned int level = any_uint(), bits;
    p2m_access_t access = any_access(p2m_rights());
    bool sve = any_bool();

    given(level <= src.level);
    given(!(h.mfn & (level_span(src.level) - 1)) && h.mfn < (1UL << 38));
    given(h.sp == (src.level > 0) && h.sa_p2mt < 16);

    e = ept(ept_leaf(hp2m, &src, level, access, sve));
    bits = e.epte & EPTE_RWX;
    if ( e.epte == EPTE_SVE )
        return;

    claim(!(bits & ~access_bits(access)), "no right beyond the access");
    claim((bits & 3) != 2, "a page that can be written can be read");
    claim(bits != 4 || cpu_has_vmx_ept_exec_only_supported,
          "execute alone only where the CPU knows it");
    claim(e.mfn == frame_wanted(h.mfn, &src, level),
          "the frame is the host's for that gfn");
    claim(e.sp == (level > 0), "a leaf above the lowest level is marked");
    claim(e.sa_p2mt == h.sa_p2mt, "the type is the host's");
    claim(!bits || e.access == access, "the access is noted");
    claim(!bits || !e.d || e.w, "only what can be written is dirty");
    claim(!bits || !src.pending || e.emt == MTRR_NUM_TYPES,
          "pending recalculation is kept");
    claim(!src.remapped || h.sa_p2mt != p2m_ram_logdirty || !e.w,
          "PML sees no write to a remapped page");
    claim(!bits || e.suppress_ve || !sve, "#VE is suppressed where that is set");
    claim(e.suppress_ve || !(access_bits(access) & ~bits),
          "a fault that the access allows is not the guest's");
}

static void links(void)
{
    uint64_t host = any_u64(), frame = any_u64();
    p2m_access_t access = any_access(p2m_rights());
    ept_entry_t e;
    uint64_t n;

    given(frame < (1UL << 40));
    e = ept(ept_link(_mfn(frame), host));
    claim(e.mfn == frame && !e.sp, "a link leads to the table");
    claim((e.epte & EPTE_RWX) == EPTE_RWX, "a link takes no rights");
    claim(ept_pending(e.epte) == ept_pending(host),
          "recalculation is pending in a mirror as in the host");
    claim(ept_pending(host) || !(e.epte & 0x78), "bits 6:3 of a link are clear");

    n = ept_narrow(host, access, any_bool());
    claim(!(n & EPTE_RWX & ~host) && !(n & EPTE_RWX & ~access_bits(access)),
          "narrowing only takes rights");
    claim(!((n ^ host) & ~(EPTE_RWX | EPTE_SVE)), "narrowing keeps all else");
}

int main(void)
{
    struct domain d;
    struct p2m_domain hp2m;

    given(altp2m_on_intel);
    hp2m.domain = &d;
    leaves(&hp2m);
    links();

    return 0;
}
