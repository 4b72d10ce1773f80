/* SPDX-License-Identifier: GPL-2.0-only */
/* What versions of Xen name differently, by the later name if there is one. */
#ifndef ASM_X86_ALTP2M_NAMES_H
#define ASM_X86_ALTP2M_NAMES_H

#include <asm/altp2m_limit.h>
#include <asm/mtrr.h>
#include <asm/x86_emulate.h>

#define X86_MT_UC       MTRR_TYPE_UNCACHABLE
#define X86_ET_EXT_INTR X86_EVENTTYPE_EXT_INTR
#define X86_ET_NMI      X86_EVENTTYPE_NMI
#define X86_ET_HW_EXC   X86_EVENTTYPE_HW_EXCEPTION
/* In a VMCB. */
#define _asid           _guest_asid

/* Is what a view is created with the access of its pages? */
#define CREATE_SETS_DEFAULT 0

/* Where Xen keeps the access in an EPT entry. */
#define EPTE_ACCESS_SHIFT 58

/*
 * The access r_pw does not exist yet: its number is that of the default in the
 * public interface, and no entry holds it.
 */
#define p2m_access_r_pw    ((p2m_access_t)10)
#define XENMEM_access_r_pw XENMEM_access_default
#define EPTE_PAGING_WRITE  0UL
#define has_paging_write   false

/* Where the counters of the paging pool of a domain with HAP are. */
#define altp2m_pool(d)  (&(d)->arch.paging.hap)

/* Whose CPU it is: false where Xen is built without such. */
#define altp2m_on_intel  cpu_has_vmx
#define altp2m_on_amd    cpu_has_svm

#endif
