/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the current vCPU's view and faults. */
#ifndef X86_MM_ALTP2M_CPU_H
#define X86_MM_ALTP2M_CPU_H

#include "life.h"

static inline struct altp2m_view *altp2m_current_view(const struct vcpu *v)
{
    return altp2m_view(v->domain, _view_idx(altp2m_vcpu_idx(v)));
}

/* Returns the rights that an access needs, as in p2m_access_rwx. */
static inline unsigned int altp2m_wanted(struct npfec npfec)
{
    return (npfec.read_access ? p2m_access_r : 0) |
           (npfec.write_access ? p2m_access_w : 0) |
           (npfec.insn_fetch ? p2m_access_x : 0);
}

/* match.c */
unsigned long altp2m_linear_rip(struct vcpu *v);

/* breakpoint.c */
int altp2m_intercept_int3(struct domain *d);

/* violation.c */
bool altp2m_end_violation(struct vcpu *v, paddr_t gpa, unsigned long gla,
                          struct npfec npfec);

/* side.c */
p2m_access_t altp2m_access_here(const struct vcpu *v,
                                const struct altp2m_at *at);
bool altp2m_wrong_side(const struct vcpu *v, const struct altp2m_at *at);
void altp2m_change_side(struct vcpu *v, const struct altp2m_at *at);

/* seen.c */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn);
bool altp2m_view_read(struct domain *d, struct altp2m_view *view, paddr_t gpa,
                      void *data, unsigned int size);
bool altp2m_fetched(const struct vcpu *v, unsigned long linear, void *code,
                    unsigned int size);

#endif /* X86_MM_ALTP2M_CPU_H */
