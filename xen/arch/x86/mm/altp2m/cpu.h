/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the current vCPU's view and faults. */
#ifndef X86_MM_ALTP2M_CPU_H
#define X86_MM_ALTP2M_CPU_H

#include "life.h"

static inline struct altp2m_view *altp2m_current_view(const struct vcpu *v)
{
    return altp2m_view(v->domain, _view_idx(altp2m_vcpu_idx(v)));
}

/* seen.c */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn);

#endif /* X86_MM_ALTP2M_CPU_H */
