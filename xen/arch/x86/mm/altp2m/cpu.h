/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the current vCPU's view and faults. */
#ifndef X86_MM_ALTP2M_CPU_H
#define X86_MM_ALTP2M_CPU_H

#include "life.h"

static inline struct altp2m_view *altp2m_current_view(const struct vcpu *v)
{
    return altp2m_view(v->domain, _view_idx(altp2m_vcpu_idx(v)));
}

/* side.c */
p2m_access_t altp2m_access_here(const struct vcpu *v,
                                const struct altp2m_at *at);
bool altp2m_wrong_side(const struct vcpu *v, const struct altp2m_at *at);
void altp2m_change_side(struct vcpu *v, const struct altp2m_at *at);

/* seen.c */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn);

#endif /* X86_MM_ALTP2M_CPU_H */
