/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the rules of a view. */
#ifndef X86_MM_ALTP2M_RULES_H
#define X86_MM_ALTP2M_RULES_H

#include "types.h"

#include <public/hvm/altp2m.h>

/*
 * A page of the pool, which is mapped as long as it exists.  All of it is
 * guarded by the lock.
 */
struct altp2m_rules {
    struct page_info *pg;
    unsigned int nr;
    uint32_t serial;              /* other lists of rules have another one */
    bool by_guest;                /* the domain has set them itself */
    DECLARE_BITMAP(named, ALTP2M_MAX_VIEWS); /* views that a rule names */
    struct xen_altp2m_rule rule[XEN_ALTP2M_MAX_RULES];
};

/* Returns the rules of view @idx, or NULL. */
static inline struct altp2m_rules *altp2m_rules(const struct altp2m_domain *a,
                                                unsigned int idx)
{
    return a->rules ? a->rules[array_index_nospec(idx, ALTP2M_MAX_VIEWS)]
                    : NULL;
}

/* The rule may have the vCPU stepped. */
static inline bool rule_steps(const struct xen_altp2m_rule *r)
{
    return r->action == XEN_ALTP2M_RULE_ONCE ||
           (r->flags & XEN_ALTP2M_RULE_ELSE_ONCE);
}

/* match.c */
bool altp2m_rule_breakpoint(struct vcpu *v, paddr_t gpa);

/* rules.c */
struct altp2m_rules *altp2m_make_rules(struct domain *d,
                                       const struct altp2m_view *view);

#endif /* X86_MM_ALTP2M_RULES_H */
