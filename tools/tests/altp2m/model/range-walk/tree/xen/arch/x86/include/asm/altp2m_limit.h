/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_ALTP2M_LIMIT_H
#define ASM_X86_ALTP2M_LIMIT_H

/* How many views a domain may have: its creator says so only from 4.21 on. */
#define altp2m_limit(d)  ((void)(d), ALTP2M_MAX_VIEWS)

#endif
