/* SPDX-License-Identifier: GPL-2.0-only */
/* The access of a page in its NPT entry: mm/npt-access.c. */
#ifndef ASM_X86_NPT_ACCESS_H
#define ASM_X86_NPT_ACCESS_H

#include <xen/types.h>

#include <asm/p2m.h>

p2m_access_t npt_access(unsigned int flags);
unsigned int npt_narrow_flags(unsigned int flags, p2m_access_t access);
unsigned int npt_access_flags(unsigned int flags, p2m_access_t access);
p2m_access_t npt_iommu_access(unsigned int flags);
p2m_access_t npt_new_access(const struct p2m_domain *p2m, unsigned int old,
                            p2m_type_t t, p2m_access_t access);
bool npt_mapped(unsigned int flags);

#endif /* ASM_X86_NPT_ACCESS_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
