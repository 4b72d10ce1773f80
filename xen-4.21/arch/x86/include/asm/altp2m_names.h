/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_ALTP2M_NAMES_H
#define ASM_X86_ALTP2M_NAMES_H

/* Is what a view is created with the access of its pages? */
#define CREATE_SETS_DEFAULT 1

/* Where Xen keeps the access in an EPT entry. */
#define EPTE_ACCESS_SHIFT 59

/* In a leaf: CPUs may write while they walk the guest's tables.  Can they? */
#define EPTE_PAGING_WRITE (1UL << 58)
#define has_paging_write  (using_vmx() && cpu_has_vmx_ept_paging_write)

/* Where the counters of a domain's paging pool are. */
#define altp2m_pool(d)  (&(d)->arch.paging)

/* Whose CPU it is: false where Xen is built without such. */
#define altp2m_on_intel  using_vmx()
#define altp2m_on_amd    using_svm()

/* How many views a domain may have. */
#define altp2m_limit(d)  min(ALTP2M_MAX_VIEWS + 0U, (d)->nr_altp2m)

#endif
