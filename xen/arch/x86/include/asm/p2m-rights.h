/* SPDX-License-Identifier: GPL-2.0-only */
/* What an access (p2m_access_t) means, and which ones this CPU can enforce. */
#ifndef ASM_X86_P2M_RIGHTS_H
#define ASM_X86_P2M_RIGHTS_H

#include <xen/mem_access.h>

#include <asm/altp2m_names.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>

/* Returns the read, write and execute bits of an access. */
static inline unsigned int access_bits(p2m_access_t access)
{
    switch ( access )
    {
    case p2m_access_rx2rw:
        return p2m_access_rx;

    case p2m_access_n2rwx:
        return p2m_access_n;

    default:
        return access == p2m_access_r_pw ? p2m_access_r : access;
    }
}

/*
 * May the guest do more with a page that has the access @to in place of @from?
 * rx2rw and n2rwx give other rights in time, and r_pw one that r has not: they
 * count as more than any but rwx.
 */
static inline bool p2m_widens(p2m_access_t from, p2m_access_t to)
{
    return from != to && from != p2m_access_rwx &&
           (access_bits(to) != to || (to & ~access_bits(from)));
}

/*
 * Returns the accesses that one entry can enforce, as bits 1 << p2m_access_t.
 * Write needs read.  On Intel execute alone is a capability (SDM Vol. 3C,
 * 29.3.3.1).
 */
static inline unsigned int p2m_rights(void)
{
    return (1u << p2m_access_n) | (1u << p2m_access_r) | (1u << p2m_access_rw) |
           (1u << p2m_access_rx) | (1u << p2m_access_rwx) |
           (1u << p2m_access_rx2rw) | (1u << p2m_access_n2rwx) |
           (1u << p2m_access_r_pw) |
           (altp2m_on_intel && cpu_has_vmx_ept_exec_only_supported
            ? 1u << p2m_access_x : 0);
}

int p2m_check_access(const struct domain *d, xenmem_access_t access,
                     p2m_access_t *out);

#endif /* ASM_X86_P2M_RIGHTS_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
