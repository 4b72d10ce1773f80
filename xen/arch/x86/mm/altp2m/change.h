/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: changes of what a view overrides. */
#ifndef X86_MM_ALTP2M_CHANGE_H
#define X86_MM_ALTP2M_CHANGE_H

#include "cache.h"

/* Edits that concern more nodes than these leave tables to faults. */
#define FEW_NODES 4u

/* change.c */
struct altp2m_node *altp2m_reserve(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, unsigned int level,
                                   unsigned int flags);
int altp2m_make_own(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_own **own);
const struct altp2m_change *altp2m_change_own(
    struct altp2m_view *view, unsigned long gfn, altp2m_slot_t slot,
    const struct altp2m_change *change, struct altp2m_change *here);
int __must_check altp2m_begin(struct domain *d, struct altp2m_edit *e);
void altp2m_commit(struct domain *d, struct altp2m_edit *e);
void altp2m_end(struct domain *d, struct altp2m_edit *e);
int __must_check altp2m_override(struct domain *d, struct altp2m_view *view,
                                 unsigned long gfn, unsigned int level,
                                 const struct altp2m_change *change);

/* slots.c */
unsigned int altp2m_override_slots(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, unsigned int nr,
                                   const struct altp2m_change *change);
unsigned int altp2m_free_overrides(struct domain *d, struct altp2m_view *view,
                                   unsigned int max);
unsigned int altp2m_override_run(struct domain *d, struct altp2m_view *view,
                                 const uint64_t *gfn, unsigned int nr,
                                 const struct altp2m_change *change);

/* copy.c */
long altp2m_copy(struct domain *d, struct altp2m_view *view,
                 struct altp2m_view *from, unsigned long gfn);

/*
 * Returns what @change does at a gfn of @view that has @slot: @change itself,
 * or *@here.
 */
static inline const struct altp2m_change *altp2m_change_now(
    struct altp2m_view *view, unsigned long gfn, altp2m_slot_t slot,
    const struct altp2m_change *change, struct altp2m_change *here)
{
    return likely(!view->nr_own && change->set_own != ALTP2M_SET)
           ? change : altp2m_change_own(view, gfn, slot, change, here);
}

#endif /* X86_MM_ALTP2M_CHANGE_H */
