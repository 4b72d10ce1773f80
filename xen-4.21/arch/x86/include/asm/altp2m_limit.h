/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_ALTP2M_LIMIT_H
#define ASM_X86_ALTP2M_LIMIT_H

/* How many views a domain may have. */
#define altp2m_limit(d)  min(ALTP2M_MAX_VIEWS + 0U, (d)->nr_altp2m)

#endif
