/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the pages with the rules of views. */

#include "life.h"
#include "rules.h"

/*
 * Returns the rules of @view, made if it has none: what they are is then for
 * the caller to fill in.  NULL without memory.  Lock held.
 */
struct altp2m_rules *altp2m_make_rules(struct domain *d,
                                       const struct altp2m_view *view)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_rules *rules = altp2m_rules(a, view->idx);
    mfn_t mfn;

    if ( rules )
        return rules;

    BUILD_BUG_ON(ALTP2M_MAX_VIEWS * sizeof(*a->rules) > PAGE_SIZE);
    BUILD_BUG_ON(sizeof(*rules) > PAGE_SIZE);
    a->rules = altp2m_heap_page(a->rules, 0);
    if ( !a->rules )
        return NULL;

    mfn = altp2m_alloc_table(d);
    if ( mfn_eq(mfn, INVALID_MFN) )
        return NULL;

    rules = map_domain_page_global(mfn);
    if ( rules )
    {
        rules->pg = mfn_to_page(mfn);
        a->rules[view->idx] = rules;
    }
    else
        altp2m_free_table(d, mfn);

    return rules;
}

/* Frees the rules of @view, if it has any.  Lock held. */
void altp2m_free_rules(struct domain *d, const struct altp2m_view *view)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_rules *rules = altp2m_rules(a, view->idx);
    struct page_info *pg;

    if ( !rules )
        return;

    a->rules[view->idx] = NULL;
    pg = rules->pg;
    unmap_domain_page_global(rules);
    altp2m_free_table(d, page_to_mfn(pg));
}

/* Does a rule of any view name view @idx?  Lock held. */
bool altp2m_named_by_rule(const struct altp2m_domain *a, unsigned int idx)
{
    unsigned int i;

    for ( i = 0; a->rules && i < a->limit; i++ )
        if ( a->rules[i] && test_bit(idx, a->rules[i]->named) )
            return true;

    return false;
}
