/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_ALTP2M_NAMES_H
#define ASM_X86_ALTP2M_NAMES_H

/* Where the counters of a domain's paging pool are. */
#define altp2m_pool(d)  (&(d)->arch.paging)

#endif
