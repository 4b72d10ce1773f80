/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: locked sections. */
#ifndef X86_MM_ALTP2M_LOCK_H
#define X86_MM_ALTP2M_LOCK_H

#include "cache.h"

/*
 * Takes the host p2m lock to handle a fault.  altp2m_unlock() drops it.
 *
 * p2m_lock() ends in block_lock_speculation(), a barrier.  A CPU that guesses
 * where a call returns to can pass over a barrier inside that call (XSA-453).
 * So functions that take the lock are always inlined.
 */
static always_inline void altp2m_lock_fault(struct domain *d)
{
    p2m_lock(p2m_get_hostp2m(d));
}

/*
 * Takes the host p2m lock for anything but a fault.  Takes back the nodes that
 * were lent to faults, and own pages that Xen had references to.
 */
static always_inline void altp2m_lock(struct domain *d)
{
    const struct altp2m_domain *a;

    altp2m_lock_fault(d);
    a = d->arch.altp2m;
    if ( unlikely(a && a->nr_lent) )
        altp2m_recall(d);
    if ( unlikely(a && !list_empty(&a->held)) )
        altp2m_free_held(d);
}

/* altp2m_refill(), if the reserve is not full, or nodes are lent. */
static inline void altp2m_restock(struct domain *d)
{
    const struct altp2m_domain *a = d->arch.altp2m;

    if ( unlikely(a->nr_reserve < a->reserve_size || a->nr_lent) )
        altp2m_refill(d);
}

/*
 * A locked section.  altp2m_section() and altp2m_vcpu_section() pause vCPUs,
 * take the lock, check that the domain is alive and its views are on, call the
 * function, which is cf_check, settle, drop the lock and unpause.
 */
typedef int altp2m_section_t(struct domain *d, void *arg);

#define SECTION_PAUSED  1u        /* all vCPUs but the caller are paused */
#define SECTION_MAY_BE_OFF 2u     /* the domain's views may be off */

/*
 * A debug build counts a domain's locked sections, and how many overtake one
 * that a caller has asked for (trace.c).  altp2m_sections() returns the count.
 * altp2m_waited() is called where a section begins, with the count at the time
 * when the caller asked.
 */
#ifdef CONFIG_DEBUG
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return read_atomic(&d->arch.altp2m_sections);
}
void altp2m_waited(struct domain *d, bool paused, unsigned long since);
#else
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return 0;
}
static inline void altp2m_waited(struct domain *d, bool paused,
                                 unsigned long since) {}
#endif

/* lock.c */
int altp2m_section(struct domain *d, unsigned int flags, altp2m_section_t *fn,
                   void *arg);
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg);
void altp2m_unlock(struct domain *d);

#endif /* X86_MM_ALTP2M_LOCK_H */
